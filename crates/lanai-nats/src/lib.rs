//! NATS JetStream for Lanai: shares topics among processes, with one order, exactly-once delivery, and history.
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
//! An `App` takes the broker by `App::new().broker(broker)`. That is the only change needed to run a program as several
//! processes. [`from_env`] leaves the choice to the environment: it connects if `LANAI_NATS` is set.
//!
//! # How it works
//!
//! Each topic is in one JetStream *stream*, which determines its order. There is one shared stream or several
//! ([`Options::shards`]), and streams for particular topics ([`Options::own_stream`]). A process reads from each stream
//! only what it has subscribers for, through a consumer whose filter follows the subscriptions. After a lost connection
//! it continues after the last message that it has read. A publisher keeps a message until the server confirms it, and
//! sends it again after a lost connection. The server recognizes a message by its id and stores it once.
//!
//! `docs/GUARANTEES.md` in the repository says what each guarantee covers, and what is reported when one cannot be
//! kept.
//!
//! # Requirements
//!
//! A NATS server from 2.9 on with JetStream (`nats-server --jetstream`). Streams are created if they do not exist, with
//! the limits of [`Options`]. Existing streams keep their own limits, and are refused if they may drop messages before
//! all processes have read them.

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
mod states;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod worker;

pub use error::ConnectError;
pub use options::{Options, OwnStream};

use lanai_pubsub::Broker;

/// Connects to a NATS server, with the default [`Options`] for a program of that name. Several addresses, separated by
/// commas, are tried in turn.
///
/// An address is `nats://host:4222`, or `tls://host:4222` for TLS. It may contain credentials, as
/// `nats://user:password@host` or `nats://token@host`, with special characters percent-encoded (`%40`). Each address
/// has its own credentials: a password is never sent to a server that it was not given for. For keys and certificates,
/// see [`Options`].
///
/// Call it within a tokio runtime, where it spawns a task for the connection.
///
/// # Errors
///
/// If the server is unreachable, refuses the credentials or has no JetStream, or if an existing stream of that name
/// cannot be used.
pub async fn connect(servers: &str, program: &str) -> Result<Broker, ConnectError> {
    Options::new(program).connect(servers).await
}

/// Creates a broker according to the environment: one that [connects](connect) to the servers in `LANAI_NATS` or, if
/// that is unset or empty, one that stays within this process.
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
