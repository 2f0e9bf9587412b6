//! [`NatsTransport`]: implements the broker's transport. A task goes from one session to the next.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use lanai_pubsub::replicated::Journal;
use lanai_pubsub::{HistoryRequest, Publication, PublishError, RefreshFuture, Transport, TransportSink};
use tokio::task::AbortHandle;

use crate::inner::{Inner, lock};
use crate::layout::Layout;
use crate::message::{LONGEST_SUBJECT, outgoing};
use crate::options::Options;
use crate::outbox::Full;
use crate::retry::backoff;
use crate::session::Session;
use crate::states::NatsJournal;

/// How long `refresh` waits for the ends of the streams.
const REFRESH_TIMEOUT: Duration = Duration::from_millis(200);

pub(crate) struct NatsTransport {
    inner: Arc<Inner>,
    start_positions: Vec<u64>,
    /// The first session, until [`start`](Transport::start) takes it.
    session: Mutex<Option<Session>>,
    task: Mutex<Option<AbortHandle>>,
    journal: Arc<NatsJournal>,
}

impl NatsTransport {
    pub(crate) fn new(options: Arc<Options>, layout: Arc<Layout>, session: Session) -> Self {
        let start_positions = session.states().map(|state| state.last).collect();
        let journal = Arc::new(NatsJournal::new(Arc::clone(&options)));
        Self {
            inner: Arc::new(Inner::new(options, layout, session.max_payload(), session.states())),
            start_positions,
            session: Mutex::new(Some(session)),
            task: Mutex::default(),
            journal,
        }
    }
}

impl Transport for NatsTransport {
    fn shards(&self) -> usize {
        self.inner.layout.len()
    }

    fn shards_of(&self, name: &str) -> Range<usize> {
        self.inner.layout.shards_of(name)
    }

    fn position(&self, shard: usize) -> u64 {
        self.start_positions[shard]
    }

    fn start(&self, sink: TransportSink) {
        let session = lock(&self.session).take();
        if let Some(session) = session {
            let task = tokio::spawn(run(Arc::clone(&self.inner), sink, session));
            *lock(&self.task) = Some(task.abort_handle());
        }
    }

    fn publish(&self, mut publication: Publication) -> Result<(), PublishError> {
        let Inner { layout, shards, budget, .. } = &*self.inner;
        let shard = layout.shards_of(&publication.topic).start;
        let message = outgoing(layout.spec(shard), &mut publication);
        let (topic, size) = (&*publication.topic, message.size());
        let limit = self.inner.max_payload.load(Ordering::Relaxed);
        if size > limit {
            return Err(PublishError::TooLarge { topic: topic.to_owned(), bytes: size, limit });
        }
        if message.subject.len() > LONGEST_SUBJECT {
            let reason =
                format!("its topic has a name of {} bytes, but NATS accepts at most {LONGEST_SUBJECT}", topic.len());
            let topic = topic.chars().take(40).chain(['…']).collect();
            return Err(PublishError::Refused { topic, reason });
        }
        let shard = &shards[shard];
        match shard.outbox.add(budget, publication.id, message, size, publication.confirmation) {
            Ok(()) => {
                shard.outbox_filled.notify_one();
                Ok(())
            }
            Err(Full) => {
                let (topic, buffered) = (topic.to_owned(), budget.len());
                Err(if self.inner.is_connected.load(Ordering::Relaxed) {
                    PublishError::BufferFull { topic, buffered }
                } else {
                    PublishError::Unavailable { topic, buffered }
                })
            }
        }
    }

    fn history(&self, request: HistoryRequest) {
        let shard = self.inner.layout.shards_of(request.topic()).start;
        self.inner.shards[shard].pending_history.add(request);
    }

    fn buffered(&self) -> usize {
        self.inner.budget.len()
    }

    fn subscribe(&self, name: &str) {
        for shard in self.inner.layout.shards_of(name) {
            self.inner.shards[shard].interest.add(name);
        }
    }

    fn refresh(&self) -> RefreshFuture<'_> {
        Box::pin(async {
            if self.inner.is_connected.load(Ordering::Relaxed) {
                let fresh = join_all(self.inner.shards.iter().map(|shard| shard.end_check.refresh()));
                // Do not wait for a stream that does not answer in time.
                let _ = tokio::time::timeout(REFRESH_TIMEOUT, fresh).await;
            }
        })
    }

    fn journal(&self) -> Option<Arc<dyn Journal>> {
        Some(Arc::clone(&self.journal) as _)
    }

    fn unsubscribe(&self, name: &str) {
        for shard in self.inner.layout.shards_of(name) {
            self.inner.shards[shard].interest.remove(name);
        }
    }
}

impl Drop for NatsTransport {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

/// Goes from one session to the next, until the broker is dropped.
async fn run(inner: Arc<Inner>, sink: TransportSink, first: Session) {
    let mut session = Some(first);
    // The index of the server to try, and the number of failures in a row, which determines the delay before the next
    // attempt.
    let (mut server, mut failures) = (0, 0);
    while sink.is_open() {
        let opened = match session.take() {
            Some(session) => Ok(session),
            None => Session::open(&inner.options, &inner.layout, server).await,
        };
        match opened {
            Ok(session) => {
                inner.max_payload.store(session.max_payload(), Ordering::Relaxed);
                let lost = session.run(&inner, &sink, &mut failures).await;
                inner.is_connected.store(false, Ordering::Relaxed);
                sink.disconnected();
                tracing::warn!(buffered = inner.budget.len(), "the connection to NATS is lost: {lost}");
            }
            Err(error) => {
                tracing::warn!(attempt = failures, buffered = inner.budget.len(), "cannot reconnect to NATS: {error}")
            }
        }
        tokio::time::sleep(backoff(failures)).await;
        failures += 1;
        server += 1;
    }
}
