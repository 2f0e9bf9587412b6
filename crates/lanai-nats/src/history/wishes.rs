//! [`Wishes`]: the requests that wait for an answer. They outlive connections.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lanai_pubsub::{Envelope, HistoryRequest};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Failure;
use super::kept::Kept;
use crate::transport::pause;

/// How often a request is tried again. With the pauses between, that takes half a minute at least.
const FAILURES: usize = 20;

/// The requests for the past of topics that nobody has answered yet, in the order of their arrival.
#[derive(Default)]
pub(crate) struct Wishes {
    queue: Mutex<Queue>,
    /// Told when there may be something to take.
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    due: VecDeque<Wish>,
    /// How many of those a scan may take.
    for_scan: usize,
    /// Those that have failed, and when they are to be tried again.
    later: Vec<(Instant, Wish)>,
}

struct Wish {
    request: HistoryRequest,
    /// How often it has failed.
    failures: usize,
    /// Whether a scan has taken it up already, and did not get to its end.
    was_scanned: bool,
}

impl Wishes {
    pub(crate) fn add(&self, request: HistoryRequest) {
        self.put(Wish { request, failures: 0, was_scanned: false }, VecDeque::push_back);
    }

    /// How many wait that no scan has taken up yet.
    pub(super) fn for_scan(&self) -> usize {
        let mut queue = self.queue();
        queue.wake();
        queue.for_scan
    }

    /// Takes those that no scan has taken up yet, so many at most. What nobody wants by now is dropped.
    pub(super) fn take(&self, most: usize) -> Vec<Taken<'_>> {
        let mut queue = self.queue();
        let mut taken = Vec::with_capacity(most.min(queue.for_scan));
        let mut unwanted = Vec::new();
        let mut others = VecDeque::new();
        while taken.len() < most
            && let Some(wish) = queue.due.pop_front()
        {
            if wish.was_scanned {
                others.push_back(wish);
            } else if wish.request.is_wanted() {
                taken.push(Taken { wishes: self, wish: Some(wish) });
            } else {
                unwanted.push(wish);
            }
        }
        others.append(&mut queue.due);
        queue.due = others;
        queue.for_scan -= taken.len() + unwanted.len();
        drop(queue);
        // Their topics go on, which may run subscribers' code.
        drop(unwanted);
        taken
    }

    /// Takes the next.
    pub(super) fn take_one(&self) -> Option<Taken<'_>> {
        loop {
            let mut queue = self.queue();
            queue.wake();
            let wish = queue.due.pop_front()?;
            queue.for_scan -= usize::from(!wish.was_scanned);
            drop(queue);
            if wish.request.is_wanted() {
                return Some(Taken { wishes: self, wish: Some(wish) });
            }
        }
    }

    /// Waits until there may be something that was not there before.
    pub(super) async fn changed(&self) {
        let next = self.queue().later.iter().map(|(when, _)| *when).min();
        match next {
            Some(when) => drop(tokio::time::timeout_at(when, self.changed.notified()).await),
            None => self.changed.notified().await,
        }
    }

    fn put(&self, wish: Wish, how: impl FnOnce(&mut VecDeque<Wish>, Wish)) {
        let mut queue = self.queue();
        queue.for_scan += usize::from(!wish.was_scanned);
        how(&mut queue.due, wish);
        drop(queue);
        self.changed.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Moves those whose time has come to the ones that are due.
    fn wake(&mut self) {
        if self.later.is_empty() {
            return;
        }
        let now = Instant::now();
        for (_, wish) in self.later.extract_if(.., |(when, _)| *when <= now) {
            self.for_scan += usize::from(!wish.was_scanned);
            self.due.push_back(wish);
        }
    }
}

/// A wish that somebody sees to. Dropped, it is back among the others.
pub(super) struct Taken<'w> {
    wishes: &'w Wishes,
    /// Taken out when it is settled.
    wish: Option<Wish>,
}

impl Taken<'_> {
    pub(super) fn request(&self) -> &HistoryRequest {
        let wish = self.wish.as_ref();
        &wish.expect("it is taken out only by what consumes this").request
    }

    /// Answers it.
    pub(super) fn answer<'k>(mut self, messages: impl IntoIterator<Item = &'k Kept>) {
        if let Some(Wish { request, .. }) = self.wish.take() {
            let topic = request.topic().to_owned();
            let envelopes: Vec<Envelope<'_>> = messages.into_iter().map(|kept| kept.envelope(&topic)).collect();
            request.answer(&envelopes);
        }
    }

    /// Leaves it to a search.
    pub(super) fn leave_to_search(mut self) {
        if let Some(wish) = self.wish.take() {
            self.wishes.put(Wish { was_scanned: true, ..wish }, VecDeque::push_back);
        }
    }

    /// Has it tried again after a while. When that was done often enough it is dropped, which tells the subscriber.
    pub(super) fn try_again(mut self, error: &Failure) {
        let Some(mut wish) = self.wish.take() else { return };
        let topic = wish.request.topic();
        if wish.failures >= FAILURES {
            tracing::error!(%error, topic, "the history of a topic cannot be read; its subscriber is told that it misses it");
            return;
        }
        tracing::debug!(%error, topic, "the history of a topic is asked for again");
        let when = Instant::now() + pause(wish.failures).max(Duration::from_millis(10));
        wish.failures += 1;
        self.wishes.queue().later.push((when, wish));
        self.wishes.changed.notify_one();
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(wish) = self.wish.take() {
            self.wishes.put(wish, VecDeque::push_front);
        }
    }
}
