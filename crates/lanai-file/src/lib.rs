//! Keeps the replicated state of a Lanai program in a file, so that a restart keeps it.
//!
//! ```
//! use lanai_pubsub::Broker;
//! use lanai_pubsub::replicated::Replicate;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Visits(u64);
//!
//! #[derive(Serialize, Deserialize)]
//! struct Visited;
//!
//! impl Replicate for Visits {
//!     type Event = Visited;
//!
//!     fn apply(&mut self, Visited: &Visited) {
//!         self.0 += 1;
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("state.redb");
//! let broker = Broker::with_journal(lanai_file::open(&path)?);
//! let visits = broker.replicated::<Visits>("visits").await?;
//! visits.command(|_| Ok::<_, String>(Visited)).await?;
//! drop((visits, broker));
//!
//! // After a restart, it is still there.
//! let broker = Broker::with_journal(lanai_file::open(&path)?);
//! assert_eq!(broker.replicated::<Visits>("visits").await?.read().0, 1);
//! # Ok(()) }
//! ```
//!
//! This is for programs of one process. Several processes share their state through `lanai-nats`.
//!
//! # What is safe
//!
//! An event is written and synchronized to the disk (`fsync`) before any view sees it and before its command returns.
//! Events that are published at the same time share one synchronization. So after a crash of the program, of the system
//! or of the power supply, each event whose command has returned is still there. Of the others, each is there as a
//! whole or not at all. This needs no repair, and nothing to be configured. The file is a [redb] database, which
//! protects its pages by checksums, and returns to the last complete transaction when it is opened.
//!
//! If the disk is full or fails, commands fail with
//! [`AppendError::Refused`](lanai_pubsub::replicated::AppendError::Refused), and the state stays as it was.
//!
//! [redb]: https://docs.rs/redb

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod file;
mod followers;
#[cfg(test)]
mod power_failures;
mod record;
mod writer;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use file::FileJournal;

/// Opens a file, or creates it if there is none.
///
/// # Errors
///
/// If the file cannot be opened or created, if it is damaged or something else, or if another process has it open.
pub fn open(path: impl AsRef<Path>) -> Result<FileJournal, FileError> {
    FileJournal::open(path.as_ref())
}

/// Why a file cannot be used.
#[derive(Debug, Error)]
#[error("the file `{}` cannot keep replicated states: {reason}", path.display())]
#[non_exhaustive]
pub struct FileError {
    /// The path of the file.
    pub path: PathBuf,
    /// What went wrong, and what to do.
    pub reason: String,
}
