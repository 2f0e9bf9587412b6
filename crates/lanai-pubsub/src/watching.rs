//! [`Watching`]: who is subscribed by wildcard.
//!
//! These are no members of topics: a topic need not exist to be watched. When a message gets its place in a topic, those who watch
//! it are looked up, under the topic's lock; so a subscription by wildcard begins and ends at one place in each topic's order.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use crate::error::Missed;
use crate::hub::AnyHub;
use crate::members::{Members, Seat};
use crate::message::{Codec, LocalMessage};
use crate::name::SEPARATOR;
use crate::registry::Registry;
use crate::subscription::{Deliver, Home, Member, SubscriberId, Subscription};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, RwLock};
use crate::wildcard::{Routed, Wildcard, pattern};

/// All who are subscribed by wildcard, by the name of the topic above.
#[derive(Default)]
pub(crate) struct Watching {
    /// How many groups there are, so that a program without wildcards pays one load per message.
    count: AtomicUsize,
    groups: RwLock<Groups>,
}

type Groups = HashMap<Arc<str>, Vec<Arc<dyn AnyGroup>>>;

/// Those who watch a topic, as they were when a message got its place there.
pub(crate) struct Watchers<T> {
    /// Where in the topic's name the path below the wildcard's topic begins.
    pub(crate) path: usize,
    pub(crate) seats: Arc<Vec<Seat<Routed<T>>>>,
}

impl Watching {
    /// Whether anyone watches the topic.
    #[inline]
    pub(crate) fn watches(&self, name: &str) -> bool {
        self.count.load(Ordering::Acquire) > 0 && self.first(name).is_some()
    }

    /// One of those who watch the topic.
    pub(crate) fn first(&self, name: &str) -> Option<Arc<dyn AnyGroup>> {
        let mut first = None;
        self.each(name, |group, _| {
            first.get_or_insert_with(|| Arc::clone(group));
        });
        first
    }

    /// All who watch the topic and take messages of type `T`, and how many groups there are that take another.
    #[inline]
    pub(crate) fn watchers<T: LocalMessage>(&self, name: &str) -> (Option<Box<[Watchers<T>]>>, usize) {
        if self.count.load(Ordering::Acquire) == 0 {
            return (None, 0);
        }
        self.find_watchers(name)
    }

    fn find_watchers<T: LocalMessage>(&self, name: &str) -> (Option<Box<[Watchers<T>]>>, usize) {
        let (mut watchers, mut others) = (Vec::new(), 0);
        self.each(name, |group, path| {
            let group: &dyn Any = &**group;
            match group.downcast_ref::<Group<T>>() {
                Some(group) => watchers.push(Watchers { path, seats: group.members().snapshot() }),
                None => others += 1,
            }
        });
        (if watchers.is_empty() { None } else { Some(watchers.into()) }, others)
    }

    fn each(&self, name: &str, mut found: impl FnMut(&Arc<dyn AnyGroup>, usize)) {
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        for (depth, (end, _)) in name.rmatch_indices(SEPARATOR).enumerate() {
            for group in groups.get(&name[..end]).into_iter().flatten() {
                if depth == 0 || group.is_deep() {
                    found(group, end + SEPARATOR.len_utf8());
                }
            }
        }
    }

    /// Every group there is.
    pub(crate) fn all(&self) -> Vec<Arc<dyn AnyGroup>> {
        self.groups.read().unwrap_or_else(PoisonError::into_inner).values().flatten().cloned().collect()
    }
}

/// The subscriptions to one wildcard with one type of messages.
pub(crate) struct Group<T> {
    above: Arc<str>,
    deep: bool,
    codec: Option<Codec<T>>,
    registry: Weak<Registry>,
    /// Changed only with the groups locked for writing, so that an empty group is gone.
    members: Mutex<Members<Routed<T>>>,
}

impl<T: LocalMessage> Group<T> {
    fn members(&self) -> crate::sync::MutexGuard<'_, Members<Routed<T>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A [`Group`] of messages of any type.
pub(crate) trait AnyGroup: Any + Send + Sync {
    /// The wildcard's name.
    fn name(&self) -> String;
    fn is_deep(&self) -> bool;
    fn is_local(&self) -> bool;
    fn count(&self) -> usize;
    /// Opens a topic in which a message has just arrived at this position.
    fn open(&self, registry: &Arc<Registry>, name: &str, position: u64) -> Arc<dyn AnyHub>;
    /// Tells all of the group that messages were missed.
    fn missed(&self, missed: Missed);
}

impl<T: LocalMessage> AnyGroup for Group<T> {
    fn name(&self) -> String {
        pattern(&self.above, self.deep)
    }

    fn is_deep(&self) -> bool {
        self.deep
    }

    fn is_local(&self) -> bool {
        self.codec.is_none()
    }

    fn count(&self) -> usize {
        self.members().len()
    }

    fn open(&self, registry: &Arc<Registry>, name: &str, position: u64) -> Arc<dyn AnyHub> {
        registry.find_or_open::<T>(name, self.codec, Some(position))
    }

    fn missed(&self, missed: Missed) {
        let seats = self.members().snapshot();
        for member in crate::members::receivers(&seats, None) {
            member.deliver(Err(missed));
        }
    }
}

impl<T: LocalMessage> Home<Routed<T>> for Group<T> {
    fn remove(&self, member: &Member<Routed<T>>) {
        let Some(registry) = self.registry.upgrade() else { return };
        let watching = &registry.watching;
        let mut groups = watching.groups.write().unwrap_or_else(PoisonError::into_inner);
        let mut members = self.members();
        let left = members.remove(member);
        let empty = left.is_some() && members.is_empty();
        drop(members);
        let mut gone = None;
        if empty && let Some(same) = groups.get_mut(&self.above) {
            let this: *const Self = self;
            let at = same.iter().position(|group| std::ptr::addr_eq(Arc::as_ptr(group), this));
            gone = at.map(|at| same.swap_remove(at));
            if same.is_empty() {
                groups.remove(&self.above);
            }
            watching.count.fetch_sub(1, Ordering::AcqRel);
            if let Some(engine) = registry.engine.as_ref().filter(|_| !self.is_local()) {
                engine.transport().unwant(&self.name());
            }
        }
        drop(groups);
        drop((left, gone));
    }
}

/// A wildcard that hands over `I`, as something to subscribe to.
pub(crate) trait Subscribe<I> {
    fn subscribe(&self, registry: &Arc<Registry>, subscriber: SubscriberId, deliver: Deliver<I>) -> Subscription;
}

impl<T: LocalMessage> Subscribe<Routed<T>> for Wildcard<T> {
    fn subscribe(
        &self,
        registry: &Arc<Registry>,
        subscriber: SubscriberId,
        deliver: Deliver<Routed<T>>,
    ) -> Subscription {
        let watching = &registry.watching;
        let mut groups = watching.groups.write().unwrap_or_else(PoisonError::into_inner);
        let same = groups.entry(Arc::clone(self.above())).or_default();
        let group = same.iter().filter(|group| group.is_deep() == self.is_deep()).find_map(|group| {
            let group: Arc<dyn Any + Send + Sync> = Arc::clone(group) as _;
            group.downcast::<Group<T>>().ok()
        });
        let group = group.unwrap_or_else(|| {
            let group = Arc::new(Group {
                above: Arc::clone(self.above()),
                deep: self.is_deep(),
                codec: self.codec(),
                registry: Arc::downgrade(registry),
                members: Mutex::default(),
            });
            same.push(Arc::clone(&group) as _);
            watching.count.fetch_add(1, Ordering::AcqRel);
            if let Some(engine) = registry.engine.as_ref().filter(|_| !group.is_local()) {
                engine.transport().want(&group.name());
            }
            group
        });
        let home: Weak<Group<T>> = Arc::downgrade(&group);
        let member = group.members().add(subscriber, home, deliver);
        drop(groups);
        Subscription::new(&member)
    }
}
