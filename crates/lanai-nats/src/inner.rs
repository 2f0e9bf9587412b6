//! [`Inner`]: what publishers, subscribers and the session share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cursor::{Cursor, StreamState};
use crate::layout::Layout;
use crate::options::Options;
use crate::outbox::{Budget, Outcome};
use crate::shard::Shard;

/// What publishers, subscribers and the session share. It outlives connections.
pub(crate) struct Inner {
    pub(crate) options: Arc<Options>,
    pub(crate) layout: Arc<Layout>,
    pub(crate) shards: Vec<Shard>,
    pub(crate) budget: Budget,
    /// The largest message that the server accepts, in bytes.
    pub(crate) max_payload: AtomicUsize,
    pub(crate) is_connected: AtomicBool,
    /// Whether the server has confirmed a message in this session.
    pub(crate) confirmed: AtomicBool,
    /// The requests to JetStream that the server has denied in this session, by subject.
    denied: Mutex<HashSet<String>>,
    /// The shards with subscriptions that the server does not let this user read.
    unreadable: Mutex<HashSet<usize>>,
}

impl Inner {
    pub(crate) fn new(
        options: Arc<Options>,
        layout: Arc<Layout>,
        max_payload: usize,
        states: impl Iterator<Item = StreamState>,
    ) -> Self {
        Self {
            budget: Budget::new(options.buffer_messages, options.buffer_bytes),
            options,
            layout,
            shards: states.map(|state| Shard::new(Cursor::at_end_of(state))).collect(),
            max_payload: AtomicUsize::new(max_payload),
            is_connected: AtomicBool::new(true),
            confirmed: AtomicBool::new(false),
            denied: Mutex::default(),
            unreadable: Mutex::default(),
        }
    }

    /// Tells the publisher the outcome of a message.
    pub(crate) fn settle(&self, shard: usize, tag: u64, outcome: Outcome) {
        let spec = self.layout.spec(shard);
        let topic = |subject: &str| spec.topic(subject).unwrap_or(subject).to_owned();
        self.shards[shard].outbox.settle(&self.budget, tag, outcome, topic);
    }

    /// Refuses the messages sent on a subject on which this user may not publish.
    pub(crate) fn refuse_all_on(&self, subject: &str) {
        for (index, shard) in self.shards.iter().enumerate() {
            for tag in shard.outbox.sent_on(subject) {
                let reason =
                    format!("the server does not let this user publish on `{subject}`; check the user's permissions");
                self.settle(index, tag, Outcome::Refused(reason));
                // The next message may be sent.
                shard.outbox_filled.notify_one();
            }
        }
    }

    /// Notes that a session begins.
    pub(crate) fn begin_session(&self) {
        self.confirmed.store(false, Ordering::Relaxed);
        lock(&self.denied).clear();
        lock(&self.unreadable).clear();
    }

    /// Notes that the server has denied a request. Returns true if it is the first denial.
    pub(crate) fn deny(&self, subject: &str) -> bool {
        lock(&self.denied).insert(subject.to_owned())
    }

    /// Forgets the denials of requests on a subject or below it, since they are made again.
    pub(crate) fn forget_denials(&self, subject: &str) {
        lock(&self.denied).retain(|denied| !is_at_or_below(denied, subject));
    }

    /// Whether a request on a subject or below it was denied.
    pub(crate) fn is_denied(&self, subject: &str) -> bool {
        lock(&self.denied).iter().any(|denied| is_at_or_below(denied, subject))
    }

    /// Notes whether the server refuses to let this user read a shard. Returns true if that is a change.
    pub(crate) fn set_unreadable(&self, shard: usize, is_unreadable: bool) -> bool {
        let mut unreadable = lock(&self.unreadable);
        if is_unreadable { unreadable.insert(shard) } else { unreadable.remove(&shard) }
    }

    /// Whether no shard is unreadable.
    pub(crate) fn reads_everything(&self) -> bool {
        lock(&self.unreadable).is_empty()
    }

    /// Handles a connection that the server has closed because of a message. If the same message was in flight alone
    /// several times when this happened, that message is refused.
    pub(crate) fn blame(&self, server_error: &str) {
        for (index, shard) in self.shards.iter().enumerate() {
            if let Some(tag) = shard.outbox.blame() {
                self.settle(
                    index,
                    tag,
                    Outcome::Refused(format!("the server closes the connection because of it: {server_error}")),
                );
            }
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_at_or_below(subject: &str, above: &str) -> bool {
    subject.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
