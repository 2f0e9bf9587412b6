//! [`Freshness`]: how lately it was heard how far a stream is.
//!
//! Who subscribes is to be handed what is published from then on. A process learns how far a stream is by what it reads
//! of it, and asks where it reads little; those who want to know it better wait for the answer to a question that is
//! asked after they came.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

/// What was heard so long ago will do.
const RECENT: Duration = Duration::from_millis(50);

/// How lately it was heard how far a stream is.
#[derive(Debug)]
pub(crate) struct EndCheck {
    /// When the last question was asked that was answered.
    last_query: Mutex<Option<Instant>>,
    /// How many questions were asked, in all sessions.
    started: AtomicU64,
    /// The number of the last one that was answered.
    answered: watch::Sender<u64>,
    /// Told when somebody waits for an answer.
    pub(crate) requested: Notify,
}

/// A question that was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query {
    number: u64,
    started: Instant,
}

impl Default for EndCheck {
    fn default() -> Self {
        Self {
            last_query: Mutex::default(),
            started: AtomicU64::new(0),
            answered: watch::Sender::new(0),
            requested: Notify::new(),
        }
    }
}

impl EndCheck {
    /// Waits for the answer to a question that is asked from now on, unless there was one just now.
    pub(crate) async fn refresh(&self) {
        let last_query = *self.last_query.lock().unwrap_or_else(PoisonError::into_inner);
        if last_query.is_some_and(|last_query| last_query.elapsed() < RECENT) {
            return;
        }
        let started = self.started.load(Ordering::SeqCst);
        let mut answered = self.answered.subscribe();
        self.requested.notify_one();
        // The sender is here, so it does not fail.
        let _ = answered.wait_for(|answered| *answered > started).await;
    }

    /// Notes that a question is about to be asked.
    pub(crate) fn begin(&self) -> Query {
        Query { number: self.started.fetch_add(1, Ordering::SeqCst) + 1, started: Instant::now() }
    }

    /// Notes that a question was answered, and the broker told.
    pub(crate) fn finish(&self, query: Query) {
        *self.last_query.lock().unwrap_or_else(PoisonError::into_inner) = Some(query.started);
        self.answered.send_replace(query.number);
    }
}
