//! NATS JetStream for Lanai: the topics of several processes in one order, exactly once, with their history.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use lanai_pubsub::Topic;
//!
//! const NEWS: Topic<String> = Topic::new("news").history(10);
//!
//! let broker = lanai_nats::connect("nats://127.0.0.1:4222", "weather").await?;
//! let mut news = broker.listen(NEWS)?;
//! broker.publish(NEWS, "it rains".into())?.stored().await?;
//! println!("{:?}", news.next().await);
//! # Ok(()) }
//! ```
//!
//! Given to an `App` (`App::new().broker(broker)`) it is all that a program has to change to run as several processes. [`from_env`] leaves
//! the choice to the environment: `LANAI_NATS=nats://…`, or no engine if that is not set.
//!
//! # How it works
//!
//! Each topic is in one JetStream *stream*, whose order is the topic's. There is one for all topics, or several
//! ([`Options::shards`]), and those that some topics have for themselves ([`Options::own_stream`]). A process reads of
//! each what has subscribers there, by a consumer whose filter follows that, and one that has lost the connection goes
//! on behind the last message that it has seen. A publisher keeps a message until the server has confirmed it, and
//! sends it again after a loss; the server knows each message by its id and stores it once.
//!
//! What each promise means in the end, and what is told when it cannot be kept, is in `docs/GUARANTEES.md` of the
//! repository.
//!
//! # What it asks for
//!
//! A NATS server from 2.9 on with JetStream (`nats-server --jetstream`). Streams are made when they are not there, with
//! the limits of [`Options`]; those that are there keep their own, and are refused if they let go of what was not read.

mod address;
mod connect;
mod connection;
mod cursor;
mod end_check;
mod epochs;
mod error;
mod history;
mod inner;
mod interest;
mod layout;
mod message;
mod options;
mod outbox;
mod retry;
mod session;
mod shard;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod worker;

pub use error::ConnectError;
pub use options::{Options, OwnStream};

use lanai_pubsub::Broker;

/// Connects to a NATS server, with the defaults of [`Options`] for a program of that name. Several addresses, separated
/// by commas, are tried in turn.
///
/// An address is `nats://host:4222`, or `tls://host:4222` for a server that is reached by TLS. It may say who connects,
/// as `nats://user:password@host` or `nats://token@host`; special characters are written as in `%40`. Each of several
/// addresses has its own: a password is not sent to a server that it was not given for. For keys and certificates see
/// [`Options`].
///
/// Call it within a tokio runtime: the connection is a task there.
///
/// # Errors
///
/// If the server cannot be reached, does not let us in, has no JetStream, or has a stream of that name that takes other
/// subjects.
pub async fn connect(servers: &str, program: &str) -> Result<Broker, ConnectError> {
    Options::new(program).connect(servers).await
}

/// A broker as the environment says: one that is [connected](connect) to the servers in `LANAI_NATS`, or one that stays in this process if
/// that is unset or empty.
///
/// # Errors
///
/// As [`connect`].
pub async fn from_env(program: &str) -> Result<Broker, ConnectError> {
    match std::env::var("LANAI_NATS") {
        Ok(servers) if !servers.trim().is_empty() => connect(&servers, program).await,
        _ => Ok(Broker::new()),
    }
}
