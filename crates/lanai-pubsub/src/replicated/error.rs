//! What can go wrong with a replicated state, and what to do about it.

use std::convert::Infallible;

use thiserror::Error;

/// Why a replicated state could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// What the journal has stored cannot be folded.
    #[error("the state `{state}` cannot be opened: {reason}")]
    Halted {
        /// The name of the state.
        state: String,
        /// Why not.
        reason: Halted,
    },
    /// The journal cannot be read.
    #[error("the state `{state}` cannot be opened: {reason}")]
    Unavailable {
        /// The name of the state.
        state: String,
        /// Why not.
        reason: String,
    },
    /// The state is already open with another type.
    #[error("the state `{state}` is open as `{open}`, but was asked for as `{asked}`; give each type its own name")]
    TypeMismatch {
        /// The name of the state.
        state: String,
        /// The type that it is open with.
        open: &'static str,
        /// The type that was asked for.
        asked: &'static str,
    },
    /// The broker's transport shares topics, but has no journal, so that states would differ from process to process.
    #[error(
        "the state `{state}` cannot be opened, since the transport of this broker shares only topics; use one with a journal, such as \
         that of `lanai-nats`"
    )]
    NoJournal {
        /// The name of the state.
        state: String,
    },
}

/// Why a process follows a state no longer. It keeps the last state that it had, and refuses commands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Halted {
    /// [`apply`](super::Replicate::apply) has panicked. The other processes have panicked at the same event.
    #[error(
        "`apply` panicked at event {sequence}; correct it, and restart the program: the event is applied again then"
    )]
    Panicked {
        /// The sequence of the event.
        sequence: u64,
    },
    /// An event cannot be deserialized.
    #[error(
        "event {sequence}, which version {version} has written, cannot be read: {reason}; let `Replicate::migrate_event` read it"
    )]
    Event {
        /// The sequence of the event.
        sequence: u64,
        /// The [version](super::Replicate::VERSION) that has written it.
        version: u32,
        /// What serde says.
        reason: String,
    },
    /// The snapshot cannot be deserialized.
    #[error("the snapshot of version {version} cannot be read: {reason}; let `Replicate::migrate` read it")]
    Snapshot {
        /// The [version](super::Replicate::VERSION) that has written it.
        version: u32,
        /// What serde or `migrate` says.
        reason: String,
    },
    /// A newer version of the program has written what follows.
    #[error(
        "version {version} has written what follows event {after}, and this program has version {ours}; replace it by the newer program"
    )]
    Newer {
        /// The last event that was applied.
        after: u64,
        /// The newer [version](super::Replicate::VERSION).
        version: u32,
        /// The version of this program.
        ours: u32,
    },
    /// Events are missing, and no snapshot contains them.
    #[error(
        "events after {after} are missing: the next one follows {found}; the journal has lost them, restore it from a backup"
    )]
    Lost {
        /// The last event that was applied.
        after: u64,
        /// The one that the next event follows.
        found: u64,
    },
}

/// Why [`Replicate::migrate`](super::Replicate::migrate) cannot read what an older version has written.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct MigrateError(String);

impl MigrateError {
    /// Creates an error with a reason, for people.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// Creates the error for a version that this program does not know.
    #[must_use]
    pub fn unsupported() -> Self {
        Self::new("this program cannot read that version")
    }
}

impl From<serde_json::Error> for MigrateError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// Why an event was not published to a replicated state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Another event came first. This event was not stored, and never will be.
    #[error(
        "another event came first: the state is at {current}, not at the expected {expected}; look at the state again"
    )]
    Conflict {
        /// The sequence that the state was expected to have.
        expected: u64,
        /// The sequence that it had.
        current: u64,
    },
    /// The event cannot be serialized.
    #[error(
        "cannot serialize an event as JSON: {reason}; make sure that its `Serialize` implementation succeeds for every value"
    )]
    NotEncodable {
        /// The error from serde.
        reason: String,
    },
    /// The journal refuses the event. It was not stored, and never will be.
    #[error("the journal refuses the event: {reason}")]
    Refused {
        /// What it reports.
        reason: String,
    },
    /// The journal could not be reached in time. The event was not sent, and is not stored.
    #[error("the journal cannot be reached, so the event is not stored; try again later")]
    Unavailable,
    /// The journal did not answer in time. The event may be stored, and may be applied later, but at most once.
    ///
    /// The next command decides the same question again: it checks the state that came of it.
    #[error(
        "the journal does not answer, so it is unknown whether the event is stored; look at the state before you try again"
    )]
    OutcomeUnknown,
    /// The event is stored, but this process could not apply it in time.
    #[error("the event is stored as {sequence}, but this process could not read it in time; do not send it again")]
    NotYetApplied {
        /// Its sequence.
        sequence: u64,
    },
    /// This process follows the state no longer.
    #[error("this process follows the state no longer: {0}")]
    Halted(#[from] Halted),
}

/// Why a [command](super::Replicated::command) had no effect. `R` is its own refusal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError<R = Infallible> {
    /// The command's check refused.
    #[error("{0}")]
    Refused(R),
    /// Other events came first each time.
    #[error("other events came first {attempts} times; try again, or let fewer processes write this state at once")]
    Conflict {
        /// How often the command was checked.
        attempts: u32,
    },
    /// The event could not be published.
    #[error(transparent)]
    Append(AppendError),
}

/// Why a journal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct JournalError(pub String);
