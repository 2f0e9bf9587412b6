//! Models of the broker's races, run by shuttle under many interleavings of their threads.
//!
//! The sources of the crate are compiled here once more, with shuttle's locks in place of std's: an ordinary `cargo test` runs
//! them, and nothing else is rebuilt. Schedules come from fixed seeds, so a run is the same each time; a failing one prints the
//! schedule, which `shuttle::replay` repeats. `LANAI_MODEL_RUNS=100000` (schedules per model and scheduler) searches longer.
//!
//! What shuttle does not model is weaker memory orderings: it explores interleavings of sequentially consistent steps.

#![allow(dead_code, unreachable_pub, missing_docs)]

#[path = "../../src/address.rs"]
mod address;
#[path = "../../src/broker.rs"]
mod broker;
#[path = "../../src/delivering.rs"]
mod delivering;
#[path = "../../src/engine.rs"]
mod engine;
#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/history.rs"]
mod history;
#[path = "../../src/hub.rs"]
mod hub;
#[path = "../../src/listener.rs"]
mod listener;
#[path = "../../src/members.rs"]
mod members;
#[path = "../../src/message.rs"]
mod message;
#[path = "../../src/name.rs"]
mod name;
#[path = "../../src/receipt.rs"]
mod receipt;
#[path = "../../src/registry.rs"]
mod registry;
#[path = "../../src/subscription.rs"]
mod subscription;
mod sync;
#[path = "../../src/topic.rs"]
mod topic;
#[path = "../../src/transport.rs"]
mod transport;
#[path = "../../src/watching.rs"]
mod watching;
#[path = "../../src/wildcard.rs"]
mod wildcard;

mod model;
