//! All instances of this process.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

use super::mailbox::Mail;
use super::{Instance, InstanceId};
use crate::view::CloseReason;

const SHARDS: usize = 16;

/// The instances by their number, and those without a page by the time since when.
#[derive(Default)]
pub(crate) struct Registry {
    shards: [Mutex<HashMap<InstanceId, Arc<Instance>, RandomState>>; SHARDS],
    len: AtomicUsize,
    detached: Mutex<Detached>,
}

#[derive(Default)]
struct Detached {
    next: Ticket,
    /// Oldest first.
    instances: BTreeMap<Ticket, Arc<Instance>>,
}

/// The place of an instance among those without a page.
pub(crate) type Ticket = u64;

impl Registry {
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    pub(crate) fn insert(&self, instance: Arc<Instance>) {
        self.len.fetch_add(1, Ordering::Relaxed);
        self.shard(instance.id).lock().insert(instance.id, instance);
    }

    pub(crate) fn get(&self, id: InstanceId) -> Option<Arc<Instance>> {
        self.shard(id).lock().get(&id).cloned()
    }

    pub(crate) fn remove(&self, id: InstanceId) {
        if self.shard(id).lock().remove(&id).is_some() {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Every instance, for a shutdown.
    pub(crate) fn all(&self) -> Vec<Arc<Instance>> {
        self.shards.iter().flat_map(|shard| shard.lock().values().cloned().collect::<Vec<_>>()).collect()
    }

    /// An instance has no page now. If there are more than `limit`, the oldest ends.
    pub(crate) fn detached(&self, instance: Arc<Instance>, limit: usize) -> Ticket {
        let (ticket, evicted) = {
            let mut detached = self.detached.lock();
            let ticket = detached.next;
            detached.next += 1;
            detached.instances.insert(ticket, instance);
            let over = detached.instances.len() > limit;
            (ticket, if over { detached.instances.pop_first() } else { None })
        };
        if let Some((_, instance)) = evicted {
            instance.send(Mail::Close(CloseReason::Evicted));
        }
        ticket
    }

    /// An instance has its page back, or has ended.
    pub(crate) fn not_detached(&self, ticket: Ticket) {
        self.detached.lock().instances.remove(&ticket);
    }

    pub(crate) fn detached_len(&self) -> usize {
        self.detached.lock().instances.len()
    }

    fn shard(&self, id: InstanceId) -> &Mutex<HashMap<InstanceId, Arc<Instance>, RandomState>> {
        &self.shards[id as usize % SHARDS]
    }
}
