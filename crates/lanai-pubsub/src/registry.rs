//! [`Registry`]: all topics in use.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError};

use foldhash::quality::RandomState;

use crate::any_hub::{AnyHub, ForgetOutcome};
use crate::delivery::catch_panic;
use crate::replicated::States;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard, SHARDS};
use crate::transport_link::TransportLink;
use crate::wildcard_groups::WildcardGroups;

/// All topics in use, by name. It contains exactly the hubs that are not closed.
pub(crate) struct Registry {
    shards: Box<[Shard]>,
    pub(crate) wildcards: Arc<WildcardGroups>,
    /// Topics without subscribers, which are kept for their history.
    idle: Mutex<Idle>,
    /// The connection to other processes, if there is one.
    pub(crate) transport: Option<Arc<TransportLink>>,
    /// The replicated states in use.
    pub(crate) states: States,
    /// How many messages were not delivered to a subscriber because their type was wrong or they could not be
    /// deserialized.
    pub(crate) refused: AtomicU64,
    /// See [`Broker::extension`](crate::broker::Broker::extension).
    pub(crate) extension: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// A part of the registry with its own lock, on its own cache line.
#[repr(align(64))]
#[derive(Default)]
struct Shard {
    hubs: RwLock<Hubs>,
}

/// The hash is seeded at random, since names may be derived from user input.
type Hubs = HashMap<Arc<str>, Arc<dyn AnyHub>, RandomState>;

/// Idle topics, by when they were last used. An entry may be older than the last use, so that publishing on an idle
/// topic need not touch this list; the true stamp is read before the topic is forgotten.
struct Idle {
    by_stamp: BTreeMap<u64, Arc<str>>,
    limit: usize,
}

impl Shard {
    #[inline]
    fn read(&self) -> RwLockReadGuard<'_, Hubs> {
        self.hubs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Hubs> {
        self.hubs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    pub(crate) fn new(idle_topics: usize, transport: Option<TransportLink>, states: States) -> Self {
        let transport = transport.map(Arc::new);
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            wildcards: Arc::new(WildcardGroups::new(transport.clone())),
            idle: Mutex::new(Idle { by_stamp: BTreeMap::new(), limit: idle_topics }),
            transport,
            states,
            refused: AtomicU64::new(0),
            extension: OnceLock::new(),
        }
    }

    #[inline]
    fn shard(&self, name: &str) -> &Shard {
        // Similar names differ at the end. The hash only decides which topics share a lock, so a weak one is good
        // enough.
        let end = name.bytes().rev().take(3);
        let end = end.fold(name.len() as u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        // The remainder is less than `SHARDS`, so the cast cannot truncate it.
        &self.shards[(end % SHARDS as u64) as usize]
    }

    /// All hubs, as they are now.
    pub(crate) fn all(&self) -> Vec<Arc<dyn AnyHub>> {
        self.shards.iter().flat_map(|shard| shard.read().values().cloned().collect::<Vec<_>>()).collect()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn AnyHub>> {
        self.shard(name).read().get(name).cloned()
    }

    /// Calls `f` with the hub of that name, if there is one, while holding the lock of its shard.
    #[inline]
    pub(crate) fn with_hub<R>(&self, name: &str, f: impl FnOnce(Option<&Arc<dyn AnyHub>>) -> R) -> R {
        f(self.shard(name).read().get(name))
    }

    /// Returns the hub of that name. If there is none, inserts the one that `open` makes.
    ///
    /// With a transport, `open` is given the position after which messages are for the hub. This is where the
    /// subscription begins or, if a message has just arrived for it, the position before `arriving`.
    pub(crate) fn find_or_insert(
        &self,
        name: &str,
        is_local: bool,
        arriving: Option<u64>,
        open: impl FnOnce(Arc<str>, Option<u64>) -> Arc<dyn AnyHub>,
    ) -> Arc<dyn AnyHub> {
        if let Some(hub) = self.find(name) {
            return hub;
        }
        let name: Arc<str> = name.into();
        let mut hubs = self.shard(&name).write();
        let hub = hubs.entry(Arc::clone(&name)).or_insert_with(|| {
            // Read while holding the lock: a message that arrived too early to find the hub has recorded its position
            // by now, and a message at a later position will find the hub.
            let transport = self.transport.as_ref().filter(|_| !is_local);
            let opened_at = transport.map(|transport| {
                let position = transport.subscribe(&name);
                arriving.map_or(position, |arriving| arriving - 1)
            });
            open(name, opened_at)
        });
        Arc::clone(hub)
    }

    /// Removes a hub that nothing uses, unless it has been used again meanwhile.
    pub(crate) fn close(&self, hub: &dyn AnyHub) {
        let mut hubs = self.shard(hub.name()).write();
        if hub.close_if_unused() {
            let removed = self.remove(&mut hubs, hub.name());
            drop(hubs);
            drop(removed);
        }
    }

    fn remove(&self, hubs: &mut Hubs, name: &str) -> Option<Arc<dyn AnyHub>> {
        let removed = hubs.remove(name);
        if let Some(transport) = &self.transport
            && removed.as_ref().is_some_and(|hub| !hub.is_local())
        {
            transport.transport().unsubscribe(name);
        }
        if hubs.len() < hubs.capacity() / 4 {
            let len = hubs.len();
            hubs.shrink_to(len * 2);
        }
        removed
    }

    /// Adds a topic to the idle ones, and returns the stamp since when it is idle.
    pub(crate) fn add_idle(&self, name: &Arc<str>) -> u64 {
        let stamp = stamp();
        self.idle().by_stamp.insert(stamp, Arc::clone(name));
        stamp
    }

    /// Removes a topic from the idle ones.
    pub(crate) fn remove_idle(&self, stamp: u64) {
        self.idle().by_stamp.remove(&stamp);
    }

    /// Forgets the topics that have been idle for longest, if there are too many.
    pub(crate) fn forget_idle(&self) {
        let mut busy = 0;
        loop {
            let mut idle = self.idle();
            // A topic that is being delivered stays. The next topic to become idle triggers another attempt.
            if idle.by_stamp.len() <= idle.limit.max(busy) {
                return;
            }
            let Some((stamp, name)) = idle.by_stamp.pop_first() else { return };
            drop(idle);
            let mut hubs = self.shard(&name).write();
            let Some(hub) = hubs.get(&name) else { continue };
            match hub.forget(stamp) {
                ForgetOutcome::Closed => {
                    let removed = self.remove(&mut hubs, &name);
                    drop(hubs);
                    drop(removed);
                }
                ForgetOutcome::UsedSince(stamp) => {
                    self.idle().by_stamp.insert(stamp, name);
                }
                ForgetOutcome::Busy(stamp) => {
                    busy += 1;
                    self.idle().by_stamp.insert(stamp, name);
                }
                ForgetOutcome::NotIdle => {}
            }
        }
    }

    fn idle(&self) -> crate::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message that a subscriber does not receive, and logs why. Logs only the first ones and then one in a
    /// thousand, since a deployment under load may refuse thousands.
    pub(crate) fn refuse(&self, topic: &str, reason: &dyn std::fmt::Display) {
        const FIRST: u64 = 20;
        const EVERY: u64 = 1_000;
        let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if refused <= FIRST || refused.is_multiple_of(EVERY) {
            catch_panic("logging", || tracing::warn!(topic, refused, "a message was refused: {reason}"));
        }
    }
}

/// A logical timestamp: greater than all before it.
pub(crate) fn stamp() -> u64 {
    // std's atomic even in the model tests: the surrounding locks provide the ordering.
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
