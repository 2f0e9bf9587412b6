//! [`Wishes`]: the requests that wait for an answer. They outlive connections.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lanai_pubsub::{Envelope, HistoryRequest};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::owned_envelope::OwnedEnvelope;
use super::source::Failure;
use crate::retry::backoff;

/// How often a request is tried again. With the pauses between, that takes half a minute at least.
const MAX_FAILURES: usize = 20;

/// The requests for the past of topics that nobody has answered yet, in the order of their arrival.
#[derive(Default)]
pub(crate) struct PendingHistory {
    queue: Mutex<Queue>,
    /// Told when there may be something to take.
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    due: VecDeque<PendingRequest>,
    /// How many of those a scan may take.
    for_scan: usize,
    /// Those that have failed, and when they are to be tried again.
    retries: Vec<(Instant, PendingRequest)>,
}

struct PendingRequest {
    request: HistoryRequest,
    /// How often it has failed.
    failures: usize,
    /// Whether a scan has claimed it up already, and did not get to its end.
    was_scanned: bool,
}

impl PendingHistory {
    pub(crate) fn add(&self, request: HistoryRequest) {
        self.put(PendingRequest { request, failures: 0, was_scanned: false }, VecDeque::push_back);
    }

    /// How many wait that no scan has claimed up yet.
    pub(super) fn for_scan(&self) -> usize {
        let mut queue = self.queue();
        queue.move_due();
        queue.for_scan
    }

    /// Takes those that no scan has claimed up yet, so many at most. What nobody wants by now is dropped.
    pub(super) fn claim_for_scan(&self, max: usize) -> Vec<ClaimedRequest<'_>> {
        let mut queue = self.queue();
        let mut claimed = Vec::with_capacity(max.min(queue.for_scan));
        let mut cancelled = Vec::new();
        let mut others = VecDeque::new();
        while claimed.len() < max
            && let Some(request) = queue.due.pop_front()
        {
            if request.was_scanned {
                others.push_back(request);
            } else if request.request.is_wanted() {
                claimed.push(ClaimedRequest { pending: self, request: Some(request) });
            } else {
                cancelled.push(request);
            }
        }
        others.append(&mut queue.due);
        queue.due = others;
        queue.for_scan -= claimed.len() + cancelled.len();
        drop(queue);
        // Their topics go on, which may run subscribers' code.
        drop(cancelled);
        claimed
    }

    /// Takes the next.
    pub(super) fn claim_one(&self) -> Option<ClaimedRequest<'_>> {
        loop {
            let mut queue = self.queue();
            queue.move_due();
            let request = queue.due.pop_front()?;
            queue.for_scan -= usize::from(!request.was_scanned);
            drop(queue);
            if request.request.is_wanted() {
                return Some(ClaimedRequest { pending: self, request: Some(request) });
            }
        }
    }

    /// Waits until there may be something that was not there before.
    pub(super) async fn changed(&self) {
        let next = self.queue().retries.iter().map(|(time, _)| *time).min();
        match next {
            Some(time) => drop(tokio::time::timeout_at(time, self.changed.notified()).await),
            None => self.changed.notified().await,
        }
    }

    fn put(&self, request: PendingRequest, insert: impl FnOnce(&mut VecDeque<PendingRequest>, PendingRequest)) {
        let mut queue = self.queue();
        queue.for_scan += usize::from(!request.was_scanned);
        insert(&mut queue.due, request);
        drop(queue);
        self.changed.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Moves those whose time has come to the ones that are due.
    fn move_due(&mut self) {
        if self.retries.is_empty() {
            return;
        }
        let now = Instant::now();
        for (_, request) in self.retries.extract_if(.., |(time, _)| *time <= now) {
            self.for_scan += usize::from(!request.was_scanned);
            self.due.push_back(request);
        }
    }
}

/// A wish that somebody sees to. Dropped, it is back among the others.
pub(super) struct ClaimedRequest<'w> {
    pending: &'w PendingHistory,
    /// Taken out when it is settled.
    request: Option<PendingRequest>,
}

impl ClaimedRequest<'_> {
    pub(super) fn request(&self) -> &HistoryRequest {
        let request = self.request.as_ref();
        &request.expect("it is claimed out only by what consumes this").request
    }

    /// Answers it.
    pub(super) fn answer<'k>(mut self, messages: impl IntoIterator<Item = &'k OwnedEnvelope>) {
        if let Some(PendingRequest { request, .. }) = self.request.take() {
            let topic = request.topic().to_owned();
            let envelopes: Vec<Envelope<'_>> = messages.into_iter().map(|message| message.envelope(&topic)).collect();
            request.answer(&envelopes);
        }
    }

    /// Leaves it to a search.
    pub(super) fn leave_to_search(mut self) {
        if let Some(request) = self.request.take() {
            self.pending.put(PendingRequest { was_scanned: true, ..request }, VecDeque::push_back);
        }
    }

    /// Has it tried again after a while. When that was done often enough it is dropped, which tells the subscriber.
    pub(super) fn retry_later(mut self, error: &Failure) {
        let Some(mut request) = self.request.take() else { return };
        let topic = request.request.topic();
        if request.failures >= MAX_FAILURES {
            tracing::error!(%error, topic, "the history of a topic cannot be read; its subscriber is told that it misses it");
            return;
        }
        tracing::debug!(%error, topic, "the history of a topic is asked for again");
        let time = Instant::now() + backoff(request.failures).max(Duration::from_millis(10));
        request.failures += 1;
        self.pending.queue().retries.push((time, request));
        self.pending.changed.notify_one();
    }
}

impl Drop for ClaimedRequest<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            self.pending.put(request, VecDeque::push_front);
        }
    }
}
