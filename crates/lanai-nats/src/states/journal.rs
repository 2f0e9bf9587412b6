//! [`NatsJournal`]: implements the journal of replicated states.

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanai_pubsub::replicated::{
    Append, AppendError, Appended, Journal, JournalFuture, JournalSink, Snapshot, SnapshotPolicy,
};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::append::append;
use super::follow::Follower;
use super::online::{Current, keep, subject};
use super::snapshots;
use crate::inner::lock;
use crate::options::Options;

/// How long opening a state or a command may take.
const COMMAND: Duration = Duration::from_secs(10);

pub(crate) struct NatsJournal {
    options: Arc<Options>,
    /// The connection, which is opened when the first state is.
    current: Mutex<Option<Current>>,
}

impl NatsJournal {
    pub(crate) fn new(options: Arc<Options>) -> Self {
        Self { options, current: Mutex::default() }
    }

    fn current(&self) -> Current {
        let mut current = lock(&self.current);
        let current = current.get_or_insert_with(|| {
            let (sender, receiver) = watch::channel(None);
            // It ends when the last receiver is dropped.
            tokio::spawn(keep(Arc::clone(&self.options), sender));
            receiver
        });
        current.clone()
    }
}

impl Journal for NatsJournal {
    fn follow(&self, state: &str, sink: JournalSink) -> Box<dyn Any + Send + Sync> {
        let subject = subject(&self.options, state);
        let follower = Follower { state: state.into(), subject, sink, current: self.current() };
        Box::new(Following(tokio::spawn(follower.run()).abort_handle()))
    }

    fn append(&self, event: Append) -> JournalFuture<Result<Appended, AppendError>> {
        Box::pin(append(Arc::clone(&self.options), self.current(), event))
    }

    fn store(&self, state: &str, snapshot: Snapshot) {
        let (state, subject, current) = (state.to_owned(), subject(&self.options, state), self.current());
        tokio::spawn(async move {
            // Without a connection, the next snapshot is as good.
            let Some(online) = current.borrow().clone() else { return };
            if let Err(error) = snapshots::store(&online, &state, &subject, &snapshot).await {
                tracing::debug!(state, "a snapshot was not stored: {error}");
            }
        });
    }

    fn snapshots(&self) -> SnapshotPolicy {
        self.options.snapshots
    }

    fn timeout(&self) -> JournalFuture<()> {
        Box::pin(tokio::time::sleep(COMMAND))
    }
}

/// Ends the delivery to a state when it is dropped.
struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}
