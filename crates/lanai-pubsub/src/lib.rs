//! Topics, and the broker that carries messages between them: the publish and subscribe of Lanai.
//!
//! ```
//! use lanai_pubsub::{Broker, Topic};
//!
//! struct Line { from: String, text: String }
//!
//! const CHAT: Topic<Line> = Topic::new("chat");
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let broker = Broker::new();
//! let mut lobby = broker.listen(CHAT.at("lobby"))?;
//!
//! let line = Line { from: "Alice".into(), text: "Hello".into() };
//! let heard_by = broker.publish(CHAT.at("lobby"), line)?;
//! assert_eq!(heard_by, 1);
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
//! This crate knows nothing of views, and needs no async runtime.

mod broker;
mod delivering;
mod error;
mod hub;
mod listener;
mod name;
pub mod presence;
mod subscription;
mod sync;
mod topic;

pub use broker::{Broker, TopicInfo};
pub use error::{PublishError, PublishMismatch, SubscribeError, SubscribeMismatch};
pub use listener::Listener;
pub use subscription::{SubscriberId, Subscription};
pub use topic::{IntoTopic, Message, Topic};
