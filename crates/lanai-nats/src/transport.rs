//! [`NatsTransport`]: what the broker holds. The work is done by a task that goes from one connection to the next.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lanai_pubsub::{HistoryRequest, Inlet, Publication, PublishError, Transport};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::history::Wishes;
use crate::options::Options;
use crate::outbox::Outbox;
use crate::session::{Progress, Session};
use crate::stream::{LONGEST_SUBJECT, letter};

pub(crate) struct NatsTransport {
    shared: Arc<Shared>,
    position: u64,
    /// What [`start`](Transport::start) takes.
    waiting: Mutex<Option<Session>>,
    task: Mutex<Option<AbortHandle>>,
}

/// What publishers and the task share.
pub(crate) struct Shared {
    pub(crate) options: Arc<Options>,
    pub(crate) outbox: Outbox,
    /// Told when something was put into the outbox.
    pub(crate) filled: Notify,
    /// How many bytes the server takes in a message.
    pub(crate) max_payload: AtomicUsize,
    /// What is wanted of the past.
    pub(crate) wishes: Arc<Wishes>,
}

impl NatsTransport {
    pub(crate) fn new(options: Arc<Options>, session: Session) -> Self {
        let shared = Shared {
            outbox: Outbox::new(options.buffer_messages, options.buffer_bytes),
            options,
            filled: Notify::new(),
            max_payload: AtomicUsize::new(session.max_payload()),
            wishes: Arc::default(),
        };
        Self {
            shared: Arc::new(shared),
            position: session.last(),
            waiting: Mutex::new(Some(session)),
            task: Mutex::default(),
        }
    }
}

impl Transport for NatsTransport {
    fn position(&self) -> u64 {
        self.position
    }

    fn start(&self, inlet: Inlet) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(session) = waiting {
            let task = tokio::spawn(run(Arc::clone(&self.shared), inlet, session));
            *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
        }
    }

    fn publish(&self, mut publication: Publication) -> Result<(), PublishError> {
        let options = &self.shared.options;
        let letter = letter(options, &mut publication);
        let (topic, size) = (&*publication.topic, letter.size());
        let limit = self.shared.max_payload.load(Ordering::Relaxed);
        if size > limit {
            return Err(PublishError::TooLarge { topic: topic.to_owned(), bytes: size, limit });
        }
        if letter.subject.len() > LONGEST_SUBJECT {
            let reason = format!("its name has {} bytes, and NATS takes {LONGEST_SUBJECT} at most", topic.len());
            let topic = topic.chars().take(40).chain(['…']).collect();
            return Err(PublishError::Refused { topic, reason });
        }
        self.shared.outbox.add(publication.id, letter, publication.confirmation, topic)?;
        self.shared.filled.notify_one();
        Ok(())
    }

    fn history(&self, request: HistoryRequest) {
        self.shared.wishes.add(request);
    }

    fn buffered(&self) -> usize {
        self.shared.outbox.len()
    }
}

impl Drop for NatsTransport {
    fn drop(&mut self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

/// Goes from one connection to the next, for as long as there is a broker.
async fn run(shared: Arc<Shared>, inlet: Inlet, first: Session) {
    let mut progress = Progress::behind(&first);
    let mut session = Some(first);
    let mut attempt = 0;
    while inlet.is_open() {
        let opened = match session.take() {
            Some(session) => Ok(session),
            None => Session::open(&shared.options, attempt).await,
        };
        match opened {
            Ok(session) => {
                shared.max_payload.store(session.max_payload(), Ordering::Relaxed);
                let lost = session.run(&shared, &inlet, &mut progress, &mut attempt).await;
                inlet.away();
                tracing::warn!(buffered = shared.outbox.len(), "the connection to NATS is lost: {lost}");
            }
            Err(error) => tracing::warn!(attempt, buffered = shared.outbox.len(), "NATS is away: {error}"),
        }
        tokio::time::sleep(pause(attempt)).await;
        attempt += 1;
    }
}

/// How long to wait before the next attempt: longer each time, up to two seconds, and never the same for all processes.
pub(crate) fn pause(attempt: usize) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let most = 50_u64.saturating_mul(1 << attempt.min(6)).min(2_000);
    Duration::from_millis(most / 2 + RandomState::new().hash_one(attempt) % (most / 2 + 1))
}
