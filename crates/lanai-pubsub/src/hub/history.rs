//! [`History`]: the last messages of a topic, for later subscribers.

use std::collections::VecDeque;
use std::sync::Arc;

/// The last messages of a topic. A message is added when it is delivered, not when it is published, so the history and
/// the topic's queue together hold each message once.
pub(super) struct History<T> {
    /// How many messages to keep.
    limit: usize,
    /// The oldest first.
    messages: VecDeque<Arc<T>>,
    /// It is known to hold the last `known` messages, or all there are. The message server may have older ones.
    known: usize,
}

impl<T> History<T> {
    /// The history of a topic without a transport: there are no earlier messages.
    pub(super) fn complete() -> Self {
        Self { limit: 0, messages: VecDeque::new(), known: usize::MAX }
    }

    /// The history of a topic whose earlier messages the message server has.
    pub(super) fn unknown() -> Self {
        Self { known: 0, ..Self::complete() }
    }

    /// How many messages it holds.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn is_kept(&self) -> bool {
        self.limit > 0
    }

    pub(super) fn keep_at_least(&mut self, n: usize) {
        self.limit = self.limit.max(n);
    }

    /// Adds a message. The caller drops the one that had to make room after releasing all locks.
    #[must_use]
    pub(super) fn add(&mut self, message: &Arc<T>) -> Option<Arc<T>> {
        if self.limit == 0 {
            return None;
        }
        let removed = if self.messages.len() == self.limit { self.messages.pop_front() } else { None };
        self.messages.push_back(Arc::clone(message));
        removed
    }

    /// The last `n` messages, or all if there are fewer. `None` if only the message server knows.
    pub(super) fn last(&self, n: usize) -> Option<Vec<Arc<T>>> {
        (n <= self.known.max(self.messages.len())).then(|| self.available(n))
    }

    /// Those of the last `n` messages that it holds.
    pub(super) fn available(&self, n: usize) -> Vec<Arc<T>> {
        self.messages.iter().skip(self.messages.len().saturating_sub(n)).cloned().collect()
    }

    /// Replaces its messages by the last `known` messages of the message server. The caller drops the previous ones
    /// after releasing all locks.
    #[must_use]
    pub(super) fn replace(&mut self, messages: VecDeque<Arc<T>>, known: usize) -> VecDeque<Arc<T>> {
        self.keep_at_least(known);
        self.known = known;
        std::mem::replace(&mut self.messages, messages)
    }
}
