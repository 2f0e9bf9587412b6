//! Topics, and the broker that carries messages between them: the publish and subscribe of Lanai.
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
//! let line = lobby.next().await.expect("the broker is there");
//! assert_eq!(format!("{}: {}", line.from, line.text), "Alice: Hello");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap().unwrap();
//! ```
//!
//! Every subscriber of a topic is handed the same messages in the same order, each exactly once, from the moment it subscribed:
//! [`Broker`] says precisely what holds, and when messages are delivered. A [`Topic`] has a type, so a message of another
//! one does not compile:
//!
//! ```compile_fail,E0308
//! # use lanai_pubsub::{Broker, Topic};
//! const TEMPERATURE: Topic<f32> = Topic::new("temperature");
//! Broker::new().publish(TEMPERATURE, "warm")?;
//! # Ok::<_, lanai_pubsub::PublishError>(())
//! ```
//!
//! Topics can keep their last messages for those who come later ([`Topic::history`]), be subscribed to all at once
//! ([`Topic::any`]), belong to one subscriber or one person ([`Topic::instance`], [`Topic::person`]), and be shared by several
//! processes, through an engine that a [`Transport`] connects to ([`Broker::with_transport`]).
//!
//! This crate knows nothing of views, and needs no async runtime.

mod address;
mod broker;
mod delivering;
mod engine;
mod error;
mod history;
mod hub;
mod listener;
mod members;
mod message;
mod name;
pub mod presence;
mod receipt;
mod registry;
mod subscription;
mod sync;
mod topic;
mod transport;
mod watching;
mod wildcard;

pub use address::{Address, AddressError, Node};
pub use broker::{Broker, TopicInfo};
pub use engine::TransportState;
pub use error::{Missed, PublishError, PublishMismatch, SubscribeError, SubscribeMismatch};
pub use listener::Listener;
pub use message::{LocalMessage, Message};
pub use presence::is_presence;
pub use receipt::{Confirmation, Receipt};
pub use subscription::{SubscriberId, Subscription};
pub use topic::{IntoTopic, Topic};
pub use transport::{Envelope, HistoryRequest, Publication, PublicationId, Refreshed, Transport, TransportSink};
pub use wildcard::{IntoSource, Routed, Source, Wildcard};
