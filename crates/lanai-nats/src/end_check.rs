//! [`EndCheck`]: how recently the end of a stream was queried.
//!
//! A new subscriber should receive only what is published from then on. A process learns the end of a stream from the
//! messages that it reads, and queries it when it reads few. A caller that needs the current end waits for the answer
//! to a query that starts after the call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

/// An answer to a query that was started this recently is good enough.
const RECENT: Duration = Duration::from_millis(50);

/// How recently the end of a stream was queried.
#[derive(Debug)]
pub(crate) struct EndCheck {
    /// When the last answered query was started.
    last_query: Mutex<Option<Instant>>,
    /// How many queries were started, in all sessions.
    started: AtomicU64,
    /// The number of the last answered query.
    answered: watch::Sender<u64>,
    /// Notified when someone waits for an answer.
    pub(crate) requested: Notify,
}

/// A query that was started.
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
    /// Waits for the answer to a query that starts after this call, unless there was a recent one.
    pub(crate) async fn refresh(&self) {
        let last_query = *self.last_query.lock().unwrap_or_else(PoisonError::into_inner);
        if last_query.is_some_and(|last_query| last_query.elapsed() < RECENT) {
            return;
        }
        let started = self.started.load(Ordering::SeqCst);
        let mut answered = self.answered.subscribe();
        self.requested.notify_one();
        // This cannot fail, since `self` holds the sender.
        let _ = answered.wait_for(|answered| *answered > started).await;
    }

    /// Notes that a query starts.
    pub(crate) fn begin(&self) -> Query {
        Query { number: self.started.fetch_add(1, Ordering::SeqCst) + 1, started: Instant::now() }
    }

    /// Notes that a query was answered and the answer was passed to the broker.
    pub(crate) fn finish(&self, query: Query) {
        *self.last_query.lock().unwrap_or_else(PoisonError::into_inner) = Some(query.started);
        self.answered.send_replace(query.number);
    }
}
