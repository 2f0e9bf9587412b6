//! [`Watch`]: someone who is told of changes.

use std::fmt;
use std::sync::{Arc, Weak};

use super::person::{Change, Entry};
use super::shared::Shared;

/// What keeps a watcher of a topic, see [`Presence::watch`](super::Presence::watch).
///
/// When it has been dropped, no call begins any more; one that is under way in another thread ends in its own time.
#[must_use = "nobody watches any more when this is dropped"]
pub struct Watch {
    shared: Weak<Shared>,
    topic: Arc<str>,
    id: u64,
}

impl Watch {
    pub(super) fn new(
        shared: &Arc<Shared>,
        topic: String,
        on_change: impl Fn(&Change) + Send + Sync + 'static,
    ) -> (Vec<Entry>, Self) {
        let topic: Arc<str> = topic.into();
        let id = shared.next_id();
        let entries = shared.watch(&topic, id, Arc::new(on_change));
        (entries, Self { shared: Arc::downgrade(shared), topic, id })
    }

    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.unwatch(&self.topic, self.id);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("topic", &self.topic).finish_non_exhaustive()
    }
}
