//! [`Watch`]: keeps a watcher of a topic registered.

use std::fmt;
use std::sync::{Arc, Weak};

use super::person::{Change, Entry};
use super::replica::Replica;

/// Keeps a watcher registered: see [`Presence::watch`](super::Presence::watch).
///
/// After it is dropped, no further call begins; one in progress in another thread may still finish.
#[must_use = "the watcher is removed when this is dropped"]
pub struct Watch {
    replica: Weak<Replica>,
    topic: Arc<str>,
    id: u64,
}

impl Watch {
    pub(super) fn new(
        replica: &Arc<Replica>,
        topic: String,
        on_change: impl Fn(&Change) + Send + Sync + 'static,
    ) -> (Vec<Entry>, Self) {
        let topic: Arc<str> = topic.into();
        let id = replica.next_id();
        let entries = replica.watch(&topic, id, Arc::new(on_change));
        (entries, Self { replica: Arc::downgrade(replica), topic, id })
    }

    /// The name of the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(replica) = self.replica.upgrade() {
            replica.unwatch(&self.topic, self.id);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("topic", &self.topic).finish_non_exhaustive()
    }
}
