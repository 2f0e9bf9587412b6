//! [`NatsTransport`]: what the broker holds. The work is done by a task that goes from one connection to the next.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use lanai_pubsub::{HistoryRequest, Publication, PublishError, RefreshFuture, Transport, TransportSink};
use tokio::task::AbortHandle;

use crate::layout::Layout;
use crate::options::Options;
use crate::outbox::{Buffer, Fate, Full};
use crate::progress::Progress;
use crate::session::Session;
use crate::shard::Shard;
use crate::stream::{LONGEST_SUBJECT, letter};

/// How long somebody waits to learn how far the streams are.
const FRESH: Duration = Duration::from_millis(200);

pub(crate) struct NatsTransport {
    shared: Arc<Shared>,
    positions: Vec<u64>,
    /// What [`start`](Transport::start) takes.
    waiting: Mutex<Option<Session>>,
    task: Mutex<Option<AbortHandle>>,
}

/// What publishers, subscribers and the tasks share. It outlives connections.
pub(crate) struct Shared {
    pub(crate) options: Arc<Options>,
    pub(crate) layout: Arc<Layout>,
    pub(crate) shards: Vec<Shard>,
    pub(crate) buffer: Buffer,
    /// How many bytes the server takes in a message.
    pub(crate) max_payload: AtomicUsize,
    pub(crate) is_connected: AtomicBool,
    /// Whether the server has confirmed anything in this session.
    pub(crate) confirmed: AtomicBool,
    /// The requests to JetStream that the server has denied in this session, by subject.
    denied: Mutex<HashSet<String>>,
    /// The shards of which something is wanted and the server lets us read nothing.
    unread: Mutex<HashSet<usize>>,
}

impl NatsTransport {
    pub(crate) fn new(options: Arc<Options>, layout: Arc<Layout>, session: Session) -> Self {
        let shared = Shared {
            buffer: Buffer::new(options.buffer_messages, options.buffer_bytes),
            options,
            layout,
            shards: session.found().map(|found| Shard::new(Progress::behind(found))).collect(),
            max_payload: AtomicUsize::new(session.max_payload()),
            is_connected: AtomicBool::new(true),
            confirmed: AtomicBool::new(false),
            denied: Mutex::default(),
            unread: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            positions: session.found().map(|found| found.last).collect(),
            waiting: Mutex::new(Some(session)),
            task: Mutex::default(),
        }
    }
}

impl Transport for NatsTransport {
    fn shards(&self) -> usize {
        self.shared.layout.len()
    }

    fn shards_of(&self, name: &str) -> Range<usize> {
        self.shared.layout.shards_of(name)
    }

    fn position(&self, shard: usize) -> u64 {
        self.positions[shard]
    }

    fn start(&self, sink: TransportSink) {
        let waiting = lock(&self.waiting).take();
        if let Some(session) = waiting {
            let task = tokio::spawn(run(Arc::clone(&self.shared), sink, session));
            *lock(&self.task) = Some(task.abort_handle());
        }
    }

    fn publish(&self, mut publication: Publication) -> Result<(), PublishError> {
        let Shared { layout, shards, buffer, .. } = &*self.shared;
        let shard = layout.shards_of(&publication.topic).start;
        let letter = letter(layout.plan(shard), &mut publication);
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
        let shard = &shards[shard];
        match shard.outbox.add(buffer, publication.id, letter, size, publication.confirmation) {
            Ok(()) => {
                shard.filled.notify_one();
                Ok(())
            }
            Err(Full) => {
                let (topic, buffered) = (topic.to_owned(), buffer.len());
                Err(if self.shared.is_connected.load(Ordering::Relaxed) {
                    PublishError::BufferFull { topic, buffered }
                } else {
                    PublishError::Unavailable { topic, buffered }
                })
            }
        }
    }

    fn history(&self, request: HistoryRequest) {
        let shard = self.shared.layout.shards_of(request.topic()).start;
        self.shared.shards[shard].wishes.add(request);
    }

    fn buffered(&self) -> usize {
        self.shared.buffer.len()
    }

    fn subscribe(&self, name: &str) {
        for shard in self.shared.layout.shards_of(name) {
            self.shared.shards[shard].interest.want(name);
        }
    }

    fn refresh(&self) -> RefreshFuture<'_> {
        Box::pin(async {
            if self.shared.is_connected.load(Ordering::Relaxed) {
                let fresh = join_all(self.shared.shards.iter().map(|shard| shard.freshness.refresh()));
                // What does not answer soon is waited for by nobody.
                let _ = tokio::time::timeout(FRESH, fresh).await;
            }
        })
    }

    fn unsubscribe(&self, name: &str) {
        for shard in self.shared.layout.shards_of(name) {
            self.shared.shards[shard].interest.unwant(name);
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

impl Shared {
    /// Tells the publisher what became of a message.
    pub(crate) fn settle(&self, shard: usize, tag: u64, fate: Fate) {
        let plan = self.layout.plan(shard);
        let topic = |subject: &str| plan.topic(subject).unwrap_or(subject).to_owned();
        self.shards[shard].outbox.settle(&self.buffer, tag, fate, topic);
    }

    /// Settles what was sent on a subject on which the server lets nobody like us publish.
    pub(crate) fn refuse_all_on(&self, subject: &str) {
        for (index, shard) in self.shards.iter().enumerate() {
            for tag in shard.outbox.under_way_on(subject) {
                let reason =
                    format!("the server does not let this user publish on `{subject}`; see to its permissions there");
                self.settle(index, tag, Fate::Refused(reason));
                // There is room for the next one.
                shard.filled.notify_one();
            }
        }
    }

    /// Notes that a session begins.
    pub(crate) fn begin_session(&self) {
        self.confirmed.store(false, Ordering::Relaxed);
        lock(&self.denied).clear();
        lock(&self.unread).clear();
    }

    /// Notes that the server has denied a request. True if it has not been noted before.
    pub(crate) fn deny(&self, subject: &str) -> bool {
        lock(&self.denied).insert(subject.to_owned())
    }

    /// Forgets that requests on a subject, or one below it, were denied: they are made again.
    pub(crate) fn forget_denials(&self, subject: &str) {
        lock(&self.denied).retain(|denied| !is_at_or_below(denied, subject));
    }

    /// Whether a request on a subject, or one below it, was denied.
    pub(crate) fn is_denied(&self, subject: &str) -> bool {
        lock(&self.denied).iter().any(|denied| is_at_or_below(denied, subject))
    }

    /// Notes whether the server refuses to let a shard be read. True if that is news.
    pub(crate) fn set_unread(&self, shard: usize, is_unread: bool) -> bool {
        let mut unread = lock(&self.unread);
        if is_unread { unread.insert(shard) } else { unread.remove(&shard) }
    }

    /// Whether all that is wanted is read, as far as the server lets us.
    pub(crate) fn reads_all(&self) -> bool {
        lock(&self.unread).is_empty()
    }

    /// Notes that the server has ended the connection over a message. If a message was under way alone each time that
    /// this happened, it is the one.
    pub(crate) fn blame(&self, complaint: &str) {
        for (index, shard) in self.shards.iter().enumerate() {
            if let Some(tag) = shard.outbox.blame() {
                self.settle(index, tag, Fate::Refused(format!("the server ends the connection over it: {complaint}")));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_at_or_below(subject: &str, above: &str) -> bool {
    subject.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Goes from one connection to the next, for as long as there is a broker.
async fn run(shared: Arc<Shared>, sink: TransportSink, first: Session) {
    let mut session = Some(first);
    // Which server of several; and how often in a row nothing came of it, which is how long the next attempt is waited
    // for.
    let (mut server, mut failures) = (0, 0);
    while sink.is_open() {
        let opened = match session.take() {
            Some(session) => Ok(session),
            None => Session::open(&shared.options, &shared.layout, server).await,
        };
        match opened {
            Ok(session) => {
                shared.max_payload.store(session.max_payload(), Ordering::Relaxed);
                let lost = session.run(&shared, &sink, &mut failures).await;
                shared.is_connected.store(false, Ordering::Relaxed);
                sink.disconnected();
                tracing::warn!(buffered = shared.buffer.len(), "the connection to NATS is lost: {lost}");
            }
            Err(error) => tracing::warn!(attempt = failures, buffered = shared.buffer.len(), "NATS is away: {error}"),
        }
        tokio::time::sleep(pause(failures)).await;
        failures += 1;
        server += 1;
    }
}

/// How long to wait before the next attempt: longer each time, up to two seconds, and never the same for all processes.
pub(crate) fn pause(attempt: usize) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let most = 50_u64.saturating_mul(1 << attempt.min(6)).min(2_000);
    Duration::from_millis(most / 2 + RandomState::new().hash_one(attempt) % (most / 2 + 1))
}
