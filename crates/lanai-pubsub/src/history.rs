//! [`History`]: the last messages of a topic, for those who come later.

use std::collections::VecDeque;
use std::sync::Arc;

/// The last messages of a topic. It changes when a message is delivered, not when it is published: then what it holds and what is
/// still in the topic's queue are all messages, each once.
pub(crate) struct History<T> {
    /// How many are kept.
    keep: usize,
    /// The newest last.
    messages: VecDeque<Arc<T>>,
    /// How many of the last messages it holds for certain, or all there are. More may be with the engine.
    reach: usize,
}

impl<T> History<T> {
    /// That of a topic whose messages are all from this process: nothing was before.
    pub(crate) fn whole() -> Self {
        Self { keep: 0, messages: VecDeque::new(), reach: usize::MAX }
    }

    /// That of a topic whose earlier messages an engine has.
    pub(crate) fn of_engine() -> Self {
        Self { reach: 0, ..Self::whole() }
    }

    /// How many messages it holds.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.keep > 0
    }

    pub(crate) fn keep_at_least(&mut self, n: usize) {
        self.keep = self.keep.max(n);
    }

    /// Adds a message. The one that had to make room is to be dropped when no lock is held.
    #[must_use]
    pub(crate) fn add(&mut self, message: &Arc<T>) -> Option<Arc<T>> {
        if self.keep == 0 {
            return None;
        }
        let forgotten = if self.messages.len() == self.keep { self.messages.pop_front() } else { None };
        self.messages.push_back(Arc::clone(message));
        forgotten
    }

    /// The last `n`, or fewer if there were fewer; `None` if the engine has to be asked.
    pub(crate) fn last(&self, n: usize) -> Option<Vec<Arc<T>>> {
        (n <= self.reach.max(self.messages.len())).then(|| self.at_hand(n))
    }

    /// Of the last `n` what is here.
    pub(crate) fn at_hand(&self, n: usize) -> Vec<Arc<T>> {
        self.messages.iter().skip(self.messages.len().saturating_sub(n)).cloned().collect()
    }

    /// Takes the last `reach` messages as the engine has them. What was here is to be dropped when no lock is held.
    #[must_use]
    pub(crate) fn replace(&mut self, messages: VecDeque<Arc<T>>, reach: usize) -> VecDeque<Arc<T>> {
        self.keep_at_least(reach);
        self.reach = reach;
        std::mem::replace(&mut self.messages, messages)
    }
}
