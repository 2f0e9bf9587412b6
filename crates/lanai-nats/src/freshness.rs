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
const ENOUGH: Duration = Duration::from_millis(50);

/// How lately it was heard how far a stream is.
#[derive(Debug)]
pub(crate) struct Freshness {
    /// When the last question was asked that was answered.
    known: Mutex<Option<Instant>>,
    /// How many questions were asked, in all sessions.
    asked: AtomicU64,
    /// The number of the last one that was answered.
    answered: watch::Sender<u64>,
    /// Told when somebody waits for an answer.
    pub(crate) wanted: Notify,
}

/// A question that was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    number: u64,
    asked: Instant,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            asked: AtomicU64::new(0),
            answered: watch::Sender::new(0),
            wanted: Notify::new(),
        }
    }
}

impl Freshness {
    /// Waits for the answer to a question that is asked from now on, unless there was one just now.
    pub(crate) async fn refresh(&self) {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| known.elapsed() < ENOUGH) {
            return;
        }
        let asked = self.asked.load(Ordering::SeqCst);
        let mut answered = self.answered.subscribe();
        self.wanted.notify_one();
        // The sender is here, so it does not fail.
        let _ = answered.wait_for(|answered| *answered > asked).await;
    }

    /// Notes that a question is about to be asked.
    pub(crate) fn ask(&self) -> Question {
        Question { number: self.asked.fetch_add(1, Ordering::SeqCst) + 1, asked: Instant::now() }
    }

    /// Notes that a question was answered, and the broker told.
    pub(crate) fn answered(&self, question: Question) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(question.asked);
        self.answered.send_replace(question.number);
    }
}
