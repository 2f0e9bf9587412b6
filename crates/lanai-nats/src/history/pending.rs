//! [`PendingHistory`]: the unanswered history requests. They outlive connections.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lanai_pubsub::{Envelope, HistoryRequest};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::owned_envelope::OwnedEnvelope;
use super::source::Failure;
use crate::retry::backoff;

/// How often a request is retried. With the delays, this takes at least half a minute.
const MAX_FAILURES: usize = 20;

/// The unanswered history requests, in the order of arrival.
#[derive(Default)]
pub(crate) struct PendingHistory {
    queue: Mutex<Queue>,
    /// Notified when there may be a request to claim.
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    due: VecDeque<PendingRequest>,
    /// How many of the due requests a scan may claim.
    for_scan: usize,
    /// Failed requests, and when to retry them.
    retries: Vec<(Instant, PendingRequest)>,
}

struct PendingRequest {
    request: HistoryRequest,
    /// How often it has failed.
    failures: usize,
    /// Whether a scan has claimed it before without answering it.
    was_scanned: bool,
}

impl PendingHistory {
    pub(crate) fn add(&self, request: HistoryRequest) {
        self.put(PendingRequest { request, failures: 0, was_scanned: false }, VecDeque::push_back);
    }

    /// How many due requests no scan has claimed before.
    pub(super) fn for_scan(&self) -> usize {
        let mut queue = self.queue();
        queue.move_due();
        queue.for_scan
    }

    /// Claims up to `max` requests that no scan has claimed before. Drops those whose subscribers are gone.
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
        // Their topics continue, which may call subscribers.
        drop(cancelled);
        claimed
    }

    /// Claims the next request.
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

    /// Waits until there may be another request to claim.
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
    /// Moves the failed requests whose time has come to the due ones.
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

/// A request that is being answered. Dropping it returns it to the pending ones.
pub(super) struct ClaimedRequest<'w> {
    pending: &'w PendingHistory,
    /// `None` once it is answered or returned.
    request: Option<PendingRequest>,
}

impl ClaimedRequest<'_> {
    pub(super) fn request(&self) -> &HistoryRequest {
        let request = self.request.as_ref();
        &request.expect("it is claimed out only by what consumes this").request
    }

    /// Answers the request.
    pub(super) fn answer<'k>(mut self, messages: impl IntoIterator<Item = &'k OwnedEnvelope>) {
        if let Some(PendingRequest { request, .. }) = self.request.take() {
            let topic = request.topic().to_owned();
            let envelopes: Vec<Envelope<'_>> = messages.into_iter().map(|message| message.envelope(&topic)).collect();
            request.answer(&envelopes);
        }
    }

    /// Leaves the request to a search.
    pub(super) fn leave_to_search(mut self) {
        if let Some(request) = self.request.take() {
            self.pending.put(PendingRequest { was_scanned: true, ..request }, VecDeque::push_back);
        }
    }

    /// Schedules a retry. After too many failures, drops the request, which tells the subscriber.
    pub(super) fn retry_later(mut self, error: &Failure) {
        let Some(mut request) = self.request.take() else { return };
        let topic = request.request.topic();
        if request.failures >= MAX_FAILURES {
            tracing::error!(%error, topic, "the history of a topic cannot be read; its subscriber is told that it missed messages");
            return;
        }
        tracing::debug!(%error, topic, "the history of a topic could not be read; trying again");
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
