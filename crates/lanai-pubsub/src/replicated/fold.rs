//! [`Fold`]: a state, and the events that it is folded from.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use super::Replicate;
use super::error::{Halted, JournalError, MigrateError, OpenError};
use super::journal::{Delivered, Entry, EntryId, Follow, Journal, JournalSink, Snapshot};
use super::progress::Progress;

/// A state of this process, and what follows its events. All handles to the state share it.
pub(crate) struct Fold<S: Replicate> {
    /// Its name, as a token.
    pub(crate) name: Arc<str>,
    /// What keeps its events, if anything does. Only the handles keep it alive, so that it ends with the last of them,
    /// and not a moment later in the journal's own thread.
    journal: Option<Weak<dyn Journal>>,
    pub(crate) current: RwLock<Current<S>>,
    pub(crate) progress: Progress,
    observers: Mutex<Observers>,
    /// What came after the last snapshot.
    tail: Mutex<Tail>,
    /// Commands of this process take turns, so that they do not conflict with each other.
    pub(crate) turn: async_lock::Mutex<()>,
    /// Ends the delivery of events when it is dropped.
    following: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The state as it is now.
#[derive(Default)]
pub(crate) struct Current<S> {
    pub(crate) state: S,
    pub(crate) sequence: u64,
    pub(crate) halted: Option<Halted>,
}

#[derive(Default)]
struct Observers {
    next: u64,
    calls: Vec<(u64, Arc<dyn Fn() + Send + Sync>)>,
}

struct Tail {
    events: u64,
    bytes: u64,
    since: Instant,
    /// The size of the last snapshot, as far as this process knows.
    snapshot_bytes: u64,
}

impl Default for Tail {
    fn default() -> Self {
        Self { events: 0, bytes: 0, since: Instant::now(), snapshot_bytes: 0 }
    }
}

impl<S: Replicate> Fold<S> {
    /// Creates a state, and begins to follow its journal.
    pub(crate) fn new(name: &str, journal: Option<&Arc<dyn Journal>>) -> Arc<Self> {
        let fold = Arc::new(Self {
            name: name.into(),
            journal: journal.map(Arc::downgrade),
            current: RwLock::default(),
            progress: Progress::default(),
            observers: Mutex::default(),
            tail: Mutex::default(),
            turn: async_lock::Mutex::new(()),
            following: OnceLock::new(),
        });
        match journal {
            None => fold.caught_up(),
            Some(journal) => {
                let weak = Arc::downgrade(&fold);
                let following = journal.follow(name, JournalSink::new(weak));
                let _ = fold.following.set(following);
            }
        }
        fold
    }

    /// The state as it is now. A thread may call this several times before it drops the guards.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Current<S>> {
        self.current.read_recursive()
    }

    /// Applies an event, and logs a panic.
    pub(crate) fn apply(&self, current: &mut Current<S>, event: &S::Event, sequence: u64) -> Result<(), Halted> {
        match catch_unwind(AssertUnwindSafe(|| current.state.apply(event))) {
            Ok(()) => {
                current.sequence = sequence;
                Ok(())
            }
            Err(_) => Err(self.halt(current, Halted::Panicked { sequence })),
        }
    }

    fn halt(&self, current: &mut Current<S>, reason: Halted) -> Halted {
        tracing::error!(state = &*self.name, "this process follows a replicated state no longer: {reason}");
        current.halted = Some(reason.clone());
        reason
    }

    /// Tells everyone that the state has changed, after the lock was released.
    pub(crate) fn changed(&self) {
        let calls: Vec<_> = self.observers.lock().calls.iter().map(|(_, call)| Arc::clone(call)).collect();
        for call in calls {
            if catch_unwind(AssertUnwindSafe(|| call())).is_err() {
                tracing::error!(state = &*self.name, "an observer of a replicated state panicked");
            }
        }
    }

    pub(crate) fn observe(&self, call: Arc<dyn Fn() + Send + Sync>) -> u64 {
        let mut observers = self.observers.lock();
        observers.next += 1;
        let number = observers.next;
        observers.calls.push((number, call));
        number
    }

    pub(crate) fn end_observer(&self, number: u64) {
        // Dropped after the lock was released, since it may own anything.
        let _ended: Vec<_> = self.observers.lock().calls.extract_if(.., |(other, _)| *other == number).collect();
    }

    /// Deserializes an entry.
    fn decode(entry: &Entry<'_>) -> Result<S::Event, Halted> {
        if entry.version > S::VERSION {
            return Err(Halted::Newer { after: entry.previous, version: entry.version, ours: S::VERSION });
        }
        let event = if entry.version == S::VERSION {
            serde_json::from_slice(entry.payload).map_err(MigrateError::from)
        } else {
            S::migrate_event(entry.version, entry.payload)
        };
        let Entry { sequence, version, .. } = *entry;
        event.map_err(|error| Halted::Event { sequence, version, reason: error.to_string() })
    }

    fn decode_snapshot(snapshot: &Snapshot) -> Result<S, Halted> {
        let Snapshot { sequence, version, ref payload } = *snapshot;
        if version > S::VERSION {
            return Err(Halted::Newer { after: sequence, version, ours: S::VERSION });
        }
        let state = if version == S::VERSION {
            serde_json::from_slice(payload).map_err(MigrateError::from)
        } else {
            S::migrate(version, payload)
        };
        state.map_err(|error| Halted::Snapshot { version, reason: error.to_string() })
    }

    /// Makes a snapshot if it is time. Only the process that has published the last event does, so that the others need
    /// not.
    fn snapshot_after(&self, id: EntryId, bytes: usize) {
        let Some(journal) = self.journal.as_ref().and_then(Weak::upgrade) else { return };
        let policy = journal.snapshots();
        {
            let mut tail = self.tail.lock();
            tail.events += 1;
            tail.bytes += bytes as u64;
            let is_long = tail.events >= policy.events || tail.bytes >= policy.bytes;
            let is_due = (is_long && tail.bytes >= tail.snapshot_bytes) || tail.since.elapsed() >= policy.age;
            if !id.is_ours() || !is_due {
                return;
            }
        }
        let (sequence, payload) = {
            let current = self.read();
            (current.sequence, serde_json::to_vec(&current.state))
        };
        match payload {
            Ok(payload) => {
                *self.tail.lock() = Tail { snapshot_bytes: payload.len() as u64, ..Tail::default() };
                journal.store(&self.name, Snapshot { sequence, version: S::VERSION, payload });
            }
            Err(error) => {
                *self.tail.lock() = Tail::default();
                tracing::error!(state = &*self.name, "a replicated state cannot be serialized as JSON: {error}");
            }
        }
    }
}

impl<S: Replicate> Follow for Fold<S> {
    fn position(&self) -> u64 {
        self.read().sequence
    }

    fn restore(&self, snapshot: Option<&Snapshot>) {
        let restored = snapshot.map_or_else(|| Ok(S::default()), Self::decode_snapshot);
        let sequence = snapshot.map_or(0, |snapshot| snapshot.sequence);
        let halted = {
            let mut current = self.current.write();
            match restored {
                Ok(state) => {
                    *current = Current { state, sequence, halted: None };
                    None
                }
                Err(reason) => Some(self.halt(&mut current, reason)),
            }
        };
        let snapshot_bytes = snapshot.map_or(0, |snapshot| snapshot.payload.len() as u64);
        *self.tail.lock() = Tail { snapshot_bytes, ..Tail::default() };
        if let Some(reason) = halted {
            self.progress.halt(&self.name, &reason);
        }
        self.changed();
    }

    fn deliver(&self, entry: &Entry<'_>) -> Delivered {
        let halted = {
            let mut current = self.current.write();
            if current.halted.is_some() || entry.sequence <= current.sequence {
                return Delivered::Applied;
            }
            if entry.previous != current.sequence {
                return Delivered::Gap;
            }
            match Self::decode(entry) {
                Ok(event) => self.apply(&mut current, &event, entry.sequence).err(),
                Err(reason) => Some(self.halt(&mut current, reason)),
            }
        };
        match halted {
            Some(reason) => self.progress.halt(&self.name, &reason),
            None => {
                self.snapshot_after(entry.id, entry.payload.len());
                self.progress.advance(entry.previous, entry.id, entry.sequence);
            }
        }
        self.changed();
        Delivered::Applied
    }

    fn lost(&self, previous: u64) {
        let reason = {
            let mut current = self.current.write();
            let after = current.sequence;
            self.halt(&mut current, Halted::Lost { after, found: previous })
        };
        self.progress.halt(&self.name, &reason);
        self.changed();
    }

    fn caught_up(&self) {
        self.progress.change(|waiting| {
            waiting.opened.get_or_insert(Ok(()));
        });
    }

    fn failed(&self, error: &JournalError) {
        let state = self.name.to_string();
        self.progress.change(|waiting| {
            waiting.opened.get_or_insert_with(|| Err(OpenError::Unavailable { state, reason: error.to_string() }));
        });
    }
}
