//! Models of the broker's races, which shuttle runs under many interleavings of their threads.
//!
//! This compiles the sources of the crate again, with shuttle's locks in place of std's. So an ordinary `cargo test`
//! runs the models, and nothing else is rebuilt. Schedules come from fixed seeds, so that each run is the same. A
//! failing run prints its schedule, which `shuttle::replay` repeats. `LANAI_MODEL_RUNS=100000` sets the number of
//! schedules per model and scheduler, for a longer search.
//!
//! Shuttle does not model weak memory orderings: it explores interleavings of sequentially consistent steps.

// Some lints look only at what a crate exports, so expecting them fails here, where nothing is exported.
#![allow(dead_code, unreachable_pub, missing_docs, unfulfilled_lint_expectations)]

#[path = "../../src/address.rs"]
mod address;
#[path = "../../src/any_hub.rs"]
mod any_hub;
#[path = "../../src/broker.rs"]
mod broker;
#[path = "../../src/buffer.rs"]
mod buffer;
#[path = "../../src/delivery.rs"]
mod delivery;
#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/hub/mod.rs"]
mod hub;
#[path = "../../src/incoming.rs"]
mod incoming;
#[path = "../../src/listener.rs"]
mod listener;
#[path = "../../src/message.rs"]
mod message;
#[path = "../../src/name.rs"]
mod name;
#[path = "../../src/receipt.rs"]
mod receipt;
#[path = "../../src/receiver.rs"]
mod receiver;
#[path = "../../src/receivers.rs"]
mod receivers;
#[path = "../../src/registry.rs"]
mod registry;
#[allow(unused_imports)]
#[path = "../../src/replicated/mod.rs"]
mod replicated;
#[path = "../../src/source.rs"]
mod source;
#[path = "../../src/subscription.rs"]
mod subscription;
mod sync;
#[path = "../../src/topic.rs"]
mod topic;
#[path = "../../src/transport.rs"]
mod transport;
#[path = "../../src/transport_link.rs"]
mod transport_link;
#[path = "../../src/transport_state.rs"]
mod transport_state;
#[path = "../../src/wildcard.rs"]
mod wildcard;
#[path = "../../src/wildcard_groups.rs"]
mod wildcard_groups;

mod model;
