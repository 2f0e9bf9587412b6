//! [`FileJournal`]: replicated states in a file.

use std::any::Any;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use futures_channel::oneshot;
use lanai_pubsub::replicated::{
    Append, AppendError, Appended, Delivered, Journal, JournalError, JournalFuture, JournalSink, Snapshot,
    SnapshotPolicy,
};
use redb::{Database, DatabaseError, ReadableDatabase};

use crate::FileError;
use crate::followers::Followers;
use crate::record::{EVENTS, LAST, SNAPSHOTS, decode, snapshot};
use crate::writer::{Work, Writer};

/// A file that keeps replicated states: a journal for [`Broker::with_journal`](lanai_pubsub::Broker::with_journal).
///
/// When it is dropped, with the last handle of its broker, it waits until what it has accepted is written.
pub struct FileJournal {
    path: PathBuf,
    database: Arc<Database>,
    followers: Arc<Followers>,
    work: Option<mpsc::Sender<Work>>,
    writer: Option<JoinHandle<()>>,
    policy: SnapshotPolicy,
    next_follower: AtomicU64,
}

impl FileJournal {
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        let failed = |reason: String| FileError { path: path.to_owned(), reason };
        let database = Database::create(path).map_err(|error| failed(explain(&error)))?;
        Self::on(database, path)
    }

    /// Uses a database. The path is for messages.
    pub(crate) fn on(database: Database, path: &Path) -> Result<Self, FileError> {
        let failed = |reason: String| FileError { path: path.to_owned(), reason };
        let prepare = || -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            transaction.open_table(EVENTS)?;
            transaction.open_table(LAST)?;
            transaction.open_table(SNAPSHOTS)?;
            Ok(transaction.commit()?)
        };
        prepare().map_err(|error| failed(error.to_string()))?;
        let (database, followers) = (Arc::new(database), Arc::<Followers>::default());
        let (work, received) = mpsc::channel();
        let writer = Writer { database: Arc::clone(&database), followers: Arc::clone(&followers), work: received };
        let writer = std::thread::Builder::new().name("lanai-file".into()).spawn(move || writer.run());
        let writer = writer.map_err(|error| failed(format!("a thread cannot be started: {error}")))?;
        Ok(Self {
            path: path.to_owned(),
            database,
            followers,
            work: Some(work),
            writer: Some(writer),
            policy: SnapshotPolicy::default(),
            next_follower: AtomicU64::new(0),
        })
    }

    /// Sets when to make snapshots.
    #[must_use]
    pub fn snapshots(mut self, policy: SnapshotPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Restores a state from the file, and delivers the events after its snapshot.
    fn load(&self, state: &str, sink: &JournalSink) -> Result<(), redb::Error> {
        let transaction = self.database.begin_read()?;
        let mut position = 0;
        if let Some(stored) = transaction.open_table(SNAPSHOTS)?.get(state)? {
            let snapshot = snapshot(stored.value());
            position = snapshot.sequence;
            sink.restore(Some(&snapshot));
        }
        for event in transaction.open_table(EVENTS)?.range((state, position + 1)..=(state, u64::MAX))? {
            let (key, value) = event?;
            let (_, sequence) = key.value();
            let delivered = decode(sequence, value.value()).map(|entry| sink.deliver(entry));
            if !matches!(delivered, Some(Delivered::Applied)) {
                sink.lost(sequence - 1);
                break;
            }
        }
        Ok(())
    }

    fn send(&self, work: Work) {
        if let Some(sender) = &self.work {
            // If the writer has panicked, the answer is dropped with the work, which its sender notices.
            let _ = sender.send(work);
        }
    }
}

fn explain(error: &DatabaseError) -> String {
    match error {
        DatabaseError::DatabaseAlreadyOpen => {
            "another process has it open; stop that one first, or share the state through `lanai-nats`".into()
        }
        error => error.to_string(),
    }
}

impl Journal for FileJournal {
    fn follow(&self, state: &str, sink: JournalSink) -> Box<dyn Any + Send + Sync> {
        let number = self.next_follower.fetch_add(1, Ordering::Relaxed);
        let state: Arc<str> = state.into();
        // While this is locked, nothing is delivered, so no event is missed between the two steps. An event that is
        // already in the file is delivered again afterwards, and then ignored.
        let mut followers = self.followers.lock();
        match self.load(&state, &sink) {
            Ok(()) => sink.caught_up(),
            Err(error) => sink.failed(&JournalError(format!("{error} in the file `{}`", self.path.display()))),
        }
        followers.entry(Arc::clone(&state)).or_default().push((number, sink));
        drop(followers);
        Box::new(Following { followers: Arc::clone(&self.followers), state, number })
    }

    fn append(&self, append: Append) -> JournalFuture<Result<Appended, AppendError>> {
        let (told, outcome) = oneshot::channel();
        self.send(Work::Append(append, told));
        Box::pin(async move { outcome.await.unwrap_or(Err(AppendError::OutcomeUnknown)) })
    }

    fn store(&self, state: &str, snapshot: Snapshot) {
        self.send(Work::Snapshot(state.into(), snapshot));
    }

    fn snapshots(&self) -> SnapshotPolicy {
        self.policy
    }
}

/// Ends the delivery to a state when it is dropped.
struct Following {
    followers: Arc<Followers>,
    state: Arc<str>,
    number: u64,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.followers.remove(&self.state, self.number);
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(writer) = self.writer.take() {
            // The writer itself may drop the last handle of the broker.
            if writer.thread().id() != std::thread::current().id() {
                let _ = writer.join();
            }
        }
    }
}

impl fmt::Debug for FileJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileJournal").field("path", &self.path).finish_non_exhaustive()
    }
}
