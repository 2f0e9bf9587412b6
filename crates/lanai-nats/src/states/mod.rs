//! Replicated states over JetStream.
//!
//! All states of a program are in one stream, each with its own subject. The server stores an event only if the last
//! message of its subject has the expected sequence. Snapshots are in a key-value bucket. The states have their own
//! connection, so that a large snapshot does not hold up the topics.

mod append;
mod entry;
mod follow;
mod journal;
mod online;
mod snapshots;

pub(crate) use journal::NatsJournal;
pub(crate) use online::STREAM;
