//! [`Followers`]: the open states, and the way of new events to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lanai_pubsub::replicated::{Delivered, Entry, JournalSink};

/// The open states, by name.
#[derive(Default)]
pub(crate) struct Followers(Mutex<Sinks>);

/// The sinks of each state, with a number by which one is found again.
type Sinks = HashMap<Arc<str>, Vec<(u64, JournalSink)>>;

impl Followers {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Sinks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn remove(&self, state: &str, number: u64) {
        let mut followers = self.lock();
        if let Some(sinks) = followers.get_mut(state) {
            sinks.retain(|(other, _)| *other != number);
            if sinks.is_empty() {
                followers.remove(state);
            }
        }
    }

    /// Delivers a new event.
    pub(crate) fn deliver(&self, state: &str, entry: Entry<'_>) {
        // A clone, since a state may be closed by whoever is told of the event.
        let sinks = self.lock().get(state).cloned().unwrap_or_default();
        for (_, sink) in sinks {
            if sink.deliver(entry) == Delivered::Gap {
                sink.lost(entry.previous);
            }
        }
    }
}
