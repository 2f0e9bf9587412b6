//! State that all processes share: a fold of ordered events.
//!
//! ```
//! use lanai_pubsub::Broker;
//! use lanai_pubsub::replicated::Replicate;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Stock { pieces: u32 }
//!
//! #[derive(Serialize, Deserialize)]
//! enum Event { Added(u32), Sold(u32) }
//!
//! impl Replicate for Stock {
//!     type Event = Event;
//!
//!     fn apply(&mut self, event: &Event) {
//!         match event {
//!             Event::Added(pieces) => self.pieces += pieces,
//!             Event::Sold(pieces) => self.pieces -= pieces,
//!         }
//!     }
//! }
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let broker = Broker::new();
//! let stock = broker.replicated::<Stock>("stock").await?;
//! stock.command(|_| Ok::<_, String>(Event::Added(5))).await?;
//!
//! // A command checks the current state before it publishes an event.
//! let sell = |pieces| {
//!     stock.command(move |stock| match stock.pieces >= pieces {
//!         true => Ok(Event::Sold(pieces)),
//!         false => Err(format!("only {} left", stock.pieces)),
//!     })
//! };
//! sell(3).await?;
//! assert_eq!(sell(3).await.unwrap_err().to_string(), "only 2 left");
//! assert_eq!(stock.read().pieces, 2);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap().unwrap();
//! ```
//!
//! Every process applies the same events in the same order to the same beginning, so all have the same state. A
//! [`Journal`] puts the events into one order and keeps them, together with snapshots of the state. Without a journal,
//! a state lives in the memory of its broker.

mod error;
mod fold;
mod handle;
mod journal;
mod progress;
mod states;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Message;

pub use error::{AppendError, CommandError, Halted, JournalError, MigrateError, OpenError};
pub use handle::{Observer, Read, Replicated};
pub use journal::{
    Append, Appended, Delivered, Entry, EntryId, Journal, JournalFuture, JournalSink, Snapshot, SnapshotPolicy,
};
pub(crate) use states::States;

/// A state that is folded from events. See the [module](self).
///
/// The state begins as [`Default::default`].
pub trait Replicate: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What happens to the state. It says what was decided, not what was asked: `Sold(3)`, not `Sell(3)`.
    type Event: Message;

    /// The version of the state and its events. Raise it when snapshots or events that older versions of the program
    /// have stored can no longer be deserialized, or when [`apply`](Self::apply) treats an event differently.
    ///
    /// A process stops to follow a state when it meets an event or a snapshot of a newer version: it cannot know what
    /// that means. See [`Halted::Newer`].
    const VERSION: u32 = 1;

    /// Applies an event.
    ///
    /// It must have the same result in all processes: it may depend on the state and the event, and on nothing else. A
    /// time, a random number, or an id that it needs belongs into the event. The iteration order of a `HashMap` differs
    /// from process to process; use a `BTreeMap` where the order matters.
    ///
    /// # Panics
    ///
    /// If it panics, this process stops to follow the state: see [`Halted::Panicked`]. Refuse in the command what
    /// cannot be applied.
    fn apply(&mut self, event: &Self::Event);

    /// Reads a snapshot of an older version, as JSON.
    ///
    /// ```
    /// # use lanai_pubsub::replicated::{MigrateError, Replicate};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Default, Serialize, Deserialize)]
    /// struct Stock { pieces: u32 }
    ///
    /// impl Replicate for Stock {
    ///     # type Event = u32;
    ///     # fn apply(&mut self, _: &u32) {}
    ///     const VERSION: u32 = 2;
    ///
    ///     fn migrate(version: u32, snapshot: &[u8]) -> Result<Self, MigrateError> {
    ///         #[derive(Deserialize)]
    ///         struct Version1 { count: u32 }
    ///
    ///         match version {
    ///             1 => Ok(Self { pieces: serde_json::from_slice::<Version1>(snapshot)?.count }),
    ///             _ => Err(MigrateError::unsupported()),
    ///         }
    ///     }
    /// }
    /// # assert_eq!(Stock::migrate(1, br#"{"count":3}"#).unwrap().pieces, 3);
    /// # assert!(Stock::migrate(0, b"3").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// If it cannot be read; then the state cannot be opened. By default, no older version can.
    fn migrate(version: u32, snapshot: &[u8]) -> Result<Self, MigrateError> {
        let _ = (version, snapshot);
        Err(MigrateError::unsupported())
    }

    /// Reads an event of an older version, as JSON. By default, it is deserialized as the current version.
    ///
    /// # Errors
    ///
    /// If it cannot be read; then this process stops to follow the state.
    fn migrate_event(version: u32, event: &[u8]) -> Result<Self::Event, MigrateError> {
        let _ = version;
        Ok(serde_json::from_slice(event)?)
    }
}
