//! [`Registry`]: all topics that are alive.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError};

use foldhash::quality::RandomState;

use crate::delivering;
use crate::engine::Engine;
use crate::hub::{AnyHub, Forgetting, Hub};
use crate::message::{Codec, LocalMessage};
use crate::subscription::SubscriberId;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard, SHARDS};
use crate::topic::Topic;
use crate::watching::Watching;

/// All topics that are alive, by name. A hub is in here exactly as long as it is not closed.
pub(crate) struct Registry {
    shards: Box<[Shard]>,
    pub(crate) watching: Watching,
    /// Topics that nobody is subscribed to, and that are there for their history.
    idle: Mutex<Idle>,
    /// What connects this process with others, if anything does.
    pub(crate) engine: Option<Engine>,
    /// Messages that were not handed to a subscriber since they are of another type, or cannot be read.
    pub(crate) refused: AtomicU64,
    /// See [`Broker::extension`](crate::broker::Broker::extension).
    pub(crate) extension: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// A part of the registry under a lock of its own, and on a cache line of its own.
#[repr(align(64))]
#[derive(Default)]
struct Shard {
    hubs: RwLock<Hubs>,
}

/// Seeded at random, since names may be made from what users type.
type Hubs = HashMap<Arc<str>, Arc<dyn AnyHub>, RandomState>;

/// Topics by when they were last of use. A topic's stamp in here may be older than the true one: that is looked up when its turn
/// to be forgotten seems to have come, so that publishing to an idle topic need not touch this list.
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
    pub(crate) fn new(idle_topics: usize, engine: Option<Engine>) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            watching: Watching::default(),
            idle: Mutex::new(Idle { by_stamp: BTreeMap::new(), limit: idle_topics }),
            engine,
            refused: AtomicU64::new(0),
            extension: OnceLock::new(),
        }
    }

    #[inline]
    fn shard(&self, name: &str) -> &Shard {
        // Similar names differ at their end. All that depends on this is who waits for whom, so it need not be a good
        // hash.
        let end = name.bytes().rev().take(3);
        let end = end.fold(name.len() as u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        // The remainder is below `SHARDS`, so the cast loses nothing.
        &self.shards[(end % SHARDS as u64) as usize]
    }

    /// All hubs as they are now.
    pub(crate) fn all(&self) -> Vec<Arc<dyn AnyHub>> {
        self.shards.iter().flat_map(|shard| shard.read().values().cloned().collect::<Vec<_>>()).collect()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn AnyHub>> {
        self.shard(name).read().get(name).cloned()
    }

    /// Hands a message straight to the listeners of a topic: see [`Hub::hand_over`]. If that is not all there is to do,
    /// gives back the message, and the hub that is there.
    pub(crate) fn hand_over<T: LocalMessage>(
        &self,
        name: &str,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
    ) -> Result<usize, NotHandedOver<T>> {
        let hubs = self.shard(name).read();
        let Some(found) = hubs.get(name) else { return Err((None, message)) };
        let hub: &dyn Any = &**found;
        let handed = match hub.downcast_ref::<Hub<T>>() {
            Some(hub) if !delivering::is_inside() => hub.hand_over(self, message, except, keep),
            _ => Err(message),
        };
        let (count, left) = handed.map_err(|message| (Some(Arc::clone(found)), message))?;
        drop(hubs);
        left.finish();
        Ok(count)
    }

    /// The hub that a message is to be put in order by; `None` if that would be of no use to anyone.
    pub(crate) fn find_to_publish<T: LocalMessage>(
        self: &Arc<Self>,
        topic: &Topic<T>,
        name: &str,
    ) -> Option<Arc<dyn AnyHub>> {
        self.find(name).or_else(|| {
            let of_use = topic.kept() > 0 || self.watching.watches(name);
            of_use.then(|| self.find_or_open(name, topic.codec(), None))
        })
    }

    /// The hub of that name. If there is none, one is opened: for what comes from now on, or from the message on that has just
    /// arrived at a position.
    pub(crate) fn find_or_open<T: LocalMessage>(
        self: &Arc<Self>,
        name: &str,
        codec: Option<Codec<T>>,
        arriving: Option<u64>,
    ) -> Arc<dyn AnyHub> {
        if let Some(hub) = self.find(name) {
            return hub;
        }
        let name: Arc<str> = name.into();
        let mut hubs = self.shard(&name).write();
        let hub = hubs.entry(Arc::clone(&name)).or_insert_with(|| {
            // Read with the lock held: a message whose arrival does not find the hub, for it comes before, has left its position
            // by now; one at a later position will find it.
            let engine = self.engine.as_ref().filter(|_| codec.is_some());
            let past = engine.map(|engine| {
                let past = engine.want(&name);
                arriving.map_or(past, |position| position - 1)
            });
            Arc::new(Hub::<T>::new(name, Arc::downgrade(self), codec, past))
        });
        Arc::clone(hub)
    }

    /// Takes a hub out that is of no use any more, unless it is again.
    pub(crate) fn close<T: LocalMessage>(&self, hub: &Hub<T>) {
        let mut hubs = self.shard(&hub.name).write();
        if hub.close_if_useless() {
            let removed = self.take_out(&mut hubs, &hub.name);
            drop(hubs);
            drop(removed);
        }
    }

    fn take_out(&self, hubs: &mut Hubs, name: &str) -> Option<Arc<dyn AnyHub>> {
        let removed = hubs.remove(name);
        if let Some(engine) = &self.engine
            && removed.as_ref().is_some_and(|hub| !hub.is_local())
        {
            engine.transport().unwant(name);
        }
        if hubs.len() < hubs.capacity() / 4 {
            let len = hubs.len();
            hubs.shrink_to(len * 2);
        }
        removed
    }

    /// Puts a topic on the list of the idle ones, and says under which stamp.
    pub(crate) fn becomes_idle(&self, name: &Arc<str>) -> u64 {
        let stamp = stamp();
        self.idle().by_stamp.insert(stamp, Arc::clone(name));
        stamp
    }

    /// Takes a topic off the list.
    pub(crate) fn is_busy_again(&self, stamp: u64) {
        self.idle().by_stamp.remove(&stamp);
    }

    /// Forgets those idle for longest, if there are too many.
    pub(crate) fn forget_idle(&self) {
        let mut busy = 0;
        loop {
            let mut idle = self.idle();
            // One that is being delivered is spared: the next topic to become idle takes it along.
            if idle.by_stamp.len() <= idle.limit.max(busy) {
                return;
            }
            let Some((stamp, name)) = idle.by_stamp.pop_first() else { return };
            drop(idle);
            let mut hubs = self.shard(&name).write();
            let Some(hub) = hubs.get(&name) else { continue };
            match hub.forget(stamp) {
                Forgetting::Done => {
                    let removed = self.take_out(&mut hubs, &name);
                    drop(hubs);
                    drop(removed);
                }
                // It has been of use since.
                Forgetting::Later(stamp) => {
                    self.idle().by_stamp.insert(stamp, name);
                }
                Forgetting::Busy(stamp) => {
                    busy += 1;
                    self.idle().by_stamp.insert(stamp, name);
                }
                Forgetting::NotIdle => {}
            }
        }
    }

    fn idle(&self) -> crate::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message that a subscriber does not get, and says why: each of the first, and then now and then, for a
    /// deploy under load may refuse thousands.
    pub(crate) fn refuse(&self, topic: &str, reason: &dyn std::fmt::Display) {
        const FIRST: u64 = 20;
        const EVERY: u64 = 1_000;
        let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if refused <= FIRST || refused.is_multiple_of(EVERY) {
            crate::delivering::quietly("a log", || tracing::warn!(topic, refused, "a message was refused: {reason}"));
        }
    }
}

/// The hub that was found, and the message.
pub(crate) type NotHandedOver<T> = (Option<Arc<dyn AnyHub>>, Arc<T>);

/// A moment in the life of topics: each is later than all before it.
pub(crate) fn stamp() -> u64 {
    // std's on purpose, in the model tests too: its order is that of the locks around it.
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
