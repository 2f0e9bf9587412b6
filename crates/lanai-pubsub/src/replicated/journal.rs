//! [`Journal`]: what keeps events in order, and [`JournalSink`]: how it delivers them.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::error::{AppendError, JournalError};
use crate::address::{Address, AddressError, Node};

/// A future that a [`Journal`] returns.
pub type JournalFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Keeps the events of replicated states: one order for each state, and snapshots.
///
/// # Contract
///
/// - An entry names its predecessor: the *previous* sequence, 0 for the first entry. The journal stores an entry only
///   if that is the last sequence of its state. So the outcome of an append is decided by the successor of the expected
///   sequence, whatever was lost on the way: it is this entry, or another one. An append may be sent any number of
///   times.
/// - After [`follow`](Self::follow), it [restores](JournalSink::restore) the last snapshot if there is one, and
///   [delivers](JournalSink::deliver) the entries after it in order, one at a time, first the stored ones and then new
///   ones. Where an entry does not follow the last one, it begins again with the snapshot.
/// - It removes entries only if a stored snapshot contains them.
/// - No method blocks for long.
pub trait Journal: Send + Sync + 'static {
    /// Follows a state from now on, until the returned value is dropped.
    fn follow(&self, state: &str, sink: JournalSink) -> Box<dyn Any + Send + Sync>;

    /// Stores an entry. The future resolves when it is stored or certainly never will be. It is dropped as soon as the
    /// outcome is known from [`JournalSink::deliver`].
    fn append(&self, append: Append) -> JournalFuture<Result<Appended, AppendError>>;

    /// Stores a snapshot unless there is a later one, and then removes the entries that it contains. Reports nothing: a
    /// lost snapshot costs only time.
    fn store(&self, state: &str, snapshot: Snapshot);

    /// When to make a snapshot.
    fn snapshots(&self) -> SnapshotPolicy {
        SnapshotPolicy::default()
    }

    /// Resolves after the time that opening a state or a command may take. Never, by default.
    fn timeout(&self) -> JournalFuture<()> {
        Box::pin(std::future::pending())
    }
}

/// When to make a snapshot of a state: as soon as one of the limits is reached.
///
/// A snapshot bounds how much a process that starts has to read, and how much the journal has to keep. Each one costs
/// the serialization of the whole state; so until `age` has passed, it also waits for as many bytes of events as the
/// last snapshot has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotPolicy {
    /// After how many events (default: 1,000).
    pub events: u64,
    /// After how many bytes of events (default: 1 MiB).
    pub bytes: u64,
    /// After how long, if there are events (default: 10 minutes). It is checked when an event is applied.
    pub age: Duration,
}

impl Default for SnapshotPolicy {
    fn default() -> Self {
        Self { events: 1_000, bytes: 1 << 20, age: Duration::from_secs(600) }
    }
}

/// An event to be stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Append {
    /// The name of the state: a token of ASCII letters, digits and `- _ / : @ + = ~ , %`.
    pub state: Arc<str>,
    /// The sequence that the state must have; 0 if it has no entry.
    pub expected: u64,
    /// Identifies the entry.
    pub id: EntryId,
    /// The version of the event.
    pub version: u32,
    /// The serialized event.
    pub payload: Arc<[u8]>,
}

/// An entry was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its sequence.
    pub sequence: u64,
}

/// A stored event.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'e> {
    /// Its sequence: greater than the previous one.
    pub sequence: u64,
    /// The sequence of the entry before it; 0 if it is the first one.
    pub previous: u64,
    /// As in the [`Append`]; so are the other fields.
    pub id: EntryId,
    /// The version of the event.
    pub version: u32,
    /// The serialized event.
    pub payload: &'e [u8],
}

/// A stored state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The sequence of the last event in it.
    pub sequence: u64,
    /// The version of the state.
    pub version: u32,
    /// The serialized state.
    pub payload: Vec<u8>,
}

/// The unique identifier of an entry, across all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryId(Address);

impl EntryId {
    /// An identifier that was never given out before.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(Address { node: Node::this(), subscriber: NEXT.fetch_add(1, Ordering::Relaxed) })
    }

    /// Whether this process has made it.
    pub(crate) fn is_ours(self) -> bool {
        self.0.node == Node::this()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryId {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        text.parse().map(Self)
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an entry after a gap was not applied"]
pub enum Delivered {
    /// It was applied, or had been applied before.
    Applied,
    /// It does not follow the last one. [Restore](JournalSink::restore) the snapshot, and deliver what follows it.
    Gap,
    /// Nobody follows the state.
    Closed,
}

/// What a state does with what its journal reports.
pub(crate) trait Follow: Send + Sync {
    fn position(&self) -> u64;
    fn restore(&self, snapshot: Option<&Snapshot>);
    fn deliver(&self, entry: &Entry<'_>) -> Delivered;
    fn lost(&self, previous: u64);
    fn caught_up(&self);
    fn failed(&self, error: &JournalError);
}

/// A state's end of a [`Journal`]. It does not keep the state alive.
#[derive(Clone)]
pub struct JournalSink {
    state: Weak<dyn Follow>,
}

impl JournalSink {
    pub(crate) fn new(state: Weak<dyn Follow>) -> Self {
        Self { state }
    }

    /// The sequence of the last applied entry, or `None` if nobody follows the state.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        self.state.upgrade().map(|state| state.position())
    }

    /// Replaces the state by a snapshot, or by the beginning if there is none.
    pub fn restore(&self, snapshot: Option<&Snapshot>) {
        if let Some(state) = self.state.upgrade() {
            state.restore(snapshot);
        }
    }

    /// Applies an entry.
    pub fn deliver(&self, entry: Entry<'_>) -> Delivered {
        self.state.upgrade().map_or(Delivered::Closed, |state| state.deliver(&entry))
    }

    /// Reports that the journal has lost entries: the first one that it has follows `previous`, and no snapshot
    /// contains that.
    pub fn lost(&self, previous: u64) {
        if let Some(state) = self.state.upgrade() {
            state.lost(previous);
        }
    }

    /// Reports that everything was delivered that was stored when [`follow`](Journal::follow) was called.
    pub fn caught_up(&self) {
        if let Some(state) = self.state.upgrade() {
            state.caught_up();
        }
    }

    /// Reports that the state cannot be read, and never will be. Whoever is opening it is told.
    pub fn failed(&self, error: &JournalError) {
        if let Some(state) = self.state.upgrade() {
            state.failed(error);
        }
    }
}

impl fmt::Debug for JournalSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalSink").field("position", &self.position()).finish()
    }
}
