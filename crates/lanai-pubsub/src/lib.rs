//! Publish and subscribe for Lanai: typed topics, and the broker that delivers their messages.
//!
//! ```
//! use lanai_pubsub::{Broker, Topic};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Line { from: String, text: String }
//!
//! const CHAT: Topic<Line> = Topic::new("chat");
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let broker = Broker::new();
//! let mut lobby = broker.listen(CHAT.at("lobby"))?;
//!
//! let line = Line { from: "Alice".into(), text: "Hello".into() };
//! let receipt = broker.publish(CHAT.at("lobby"), line)?;
//! assert_eq!(receipt.local_receivers(), Some(1));
//!
//! let line = lobby.next().await.expect("the broker is alive");
//! assert_eq!(format!("{}: {}", line.from, line.text), "Alice: Hello");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap().unwrap();
//! ```
//!
//! Every subscriber of a topic receives the same messages in the same order, each exactly once, from the moment it
//! subscribes; [`Broker`] documents the guarantees, and when messages are delivered. A [`Topic`] has a type, so
//! publishing a message of another type does not compile:
//!
//! ```compile_fail,E0308
//! # use lanai_pubsub::{Broker, Topic};
//! const TEMPERATURE: Topic<f32> = Topic::new("temperature");
//! Broker::new().publish(TEMPERATURE, "warm")?;
//! # Ok::<_, lanai_pubsub::PublishError>(())
//! ```
//!
//! Topics can keep their last messages for later subscribers ([`Topic::history`]). A wildcard subscribes to many topics
//! at once ([`Topic::any`]). A topic can belong to one subscriber or one person ([`Topic::instance`],
//! [`Topic::person`]). Several processes can share topics through a [`Transport`] ([`Broker::with_transport`]).
//!
//! This crate does not depend on views or on an async runtime.

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod address;
mod any_hub;
mod broker;
mod buffer;
mod delivery;
mod error;
mod hub;
mod incoming;
mod listener;
mod message;
mod name;
pub mod presence;
mod receipt;
mod receiver;
mod receivers;
mod registry;
pub mod replicated;
mod source;
mod subscription;
mod sync;
mod topic;
mod transport;
mod transport_link;
mod transport_state;
mod wildcard;
mod wildcard_groups;

pub use address::{Address, AddressError, Node, SubscriberId};
pub use any_hub::TopicInfo;
pub use broker::Broker;
pub use error::{Missed, PublishError, PublishMismatch, SubscribeError, SubscribeMismatch};
pub use listener::Listener;
pub use message::{LocalMessage, Message};
pub use presence::is_presence;
pub use receipt::{Confirmation, Receipt};
pub use source::{IntoSource, Source};
pub use subscription::Subscription;
pub use topic::{IntoTopic, Topic};
pub use transport::{Envelope, HistoryRequest, Publication, PublicationId, RefreshFuture, Transport, TransportSink};
pub use transport_state::TransportState;
pub use wildcard::{Routed, Wildcard};
