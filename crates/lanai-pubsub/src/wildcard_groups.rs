//! [`WildcardGroups`]: the subscriptions by wildcard.
//!
//! These are not receivers of a topic, since a topic need not exist to be covered by a wildcard. When a message is
//! queued in a topic, the wildcards that cover it are looked up under the topic's lock. So a subscription by wildcard
//! begins and ends at one point in each topic's order.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use crate::address::SubscriberId;
use crate::any_hub::AnyHub;
use crate::error::Missed;
use crate::message::LocalMessage;
use crate::name::SEPARATOR;
use crate::receiver::{Deliver, Owner, Receiver};
use crate::receivers::{Entry, Receivers, receivers};
use crate::subscription::Subscription;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, RwLock};
use crate::transport_link::TransportLink;
use crate::wildcard::{Routed, Wildcard, pattern};

/// All subscriptions by wildcard, by the name of the topic above.
pub(crate) struct WildcardGroups {
    /// The number of groups. A program without wildcards pays only this load per message.
    count: AtomicUsize,
    groups: RwLock<Groups>,
    transport: Option<Arc<TransportLink>>,
}

type Groups = HashMap<Arc<str>, Vec<Arc<dyn AnyGroup>>>;

/// The receivers of a wildcard that covers a topic, at the time when a message was queued there.
pub(crate) struct WildcardReceivers<T> {
    /// Where the path below the wildcard's topic begins in the topic's name.
    pub(crate) path: usize,
    pub(crate) receivers: Arc<Vec<Entry<Routed<T>>>>,
}

/// Finds the hub of a topic in which a message has arrived at a position, or opens it. `None` if the broker is gone.
pub(crate) type OpenHub = Box<dyn Fn(&str, u64) -> Option<Arc<dyn AnyHub>> + Send + Sync>;

impl WildcardGroups {
    pub(crate) fn new(transport: Option<Arc<TransportLink>>) -> Self {
        Self { count: AtomicUsize::new(0), groups: RwLock::default(), transport }
    }

    /// Whether a subscribed wildcard covers the topic.
    #[inline]
    pub(crate) fn cover(&self, name: &str) -> bool {
        self.count.load(Ordering::Acquire) > 0 && self.first(name).is_some()
    }

    /// One of the groups that cover the topic.
    pub(crate) fn first(&self, name: &str) -> Option<Arc<dyn AnyGroup>> {
        let mut first = None;
        self.each(name, |group, _| {
            first.get_or_insert_with(|| Arc::clone(group));
        });
        first
    }

    /// The receivers of all groups that cover the topic and take messages of type `T`, and the number of groups that
    /// take another type.
    #[inline]
    pub(crate) fn receivers<T: LocalMessage>(&self, name: &str) -> (Option<Box<[WildcardReceivers<T>]>>, usize) {
        if self.count.load(Ordering::Acquire) == 0 {
            return (None, 0);
        }
        self.find_receivers(name)
    }

    fn find_receivers<T: LocalMessage>(&self, name: &str) -> (Option<Box<[WildcardReceivers<T>]>>, usize) {
        let (mut found, mut others) = (Vec::new(), 0);
        self.each(name, |group, path| {
            let group: &dyn Any = &**group;
            match group.downcast_ref::<WildcardGroup<T>>() {
                Some(group) => found.push(WildcardReceivers { path, receivers: group.receivers().snapshot() }),
                None => others += 1,
            }
        });
        (if found.is_empty() { None } else { Some(found.into()) }, others)
    }

    /// Calls `found` with each group that covers the topic, and with where the path begins in the topic's name.
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

    /// All groups.
    pub(crate) fn all(&self) -> Vec<Arc<dyn AnyGroup>> {
        self.groups.read().unwrap_or_else(PoisonError::into_inner).values().flatten().cloned().collect()
    }

    /// Subscribes to a wildcard.
    pub(crate) fn subscribe<T: LocalMessage>(
        self: &Arc<Self>,
        wildcard: &Wildcard<T>,
        subscriber: SubscriberId,
        deliver: Deliver<Routed<T>>,
        open_hub: OpenHub,
    ) -> Subscription {
        let mut groups = self.groups.write().unwrap_or_else(PoisonError::into_inner);
        let same_parent = groups.entry(Arc::clone(wildcard.parent())).or_default();
        let group = same_parent.iter().filter(|group| group.is_deep() == wildcard.is_deep()).find_map(|group| {
            let group: Arc<dyn Any + Send + Sync> = Arc::clone(group) as _;
            group.downcast::<WildcardGroup<T>>().ok()
        });
        let group = group.unwrap_or_else(|| {
            let group = Arc::new(WildcardGroup {
                parent: Arc::clone(wildcard.parent()),
                deep: wildcard.is_deep(),
                is_local: wildcard.codec().is_none(),
                open_hub,
                groups: Arc::downgrade(self),
                receivers: Mutex::default(),
            });
            same_parent.push(Arc::clone(&group) as _);
            self.count.fetch_add(1, Ordering::AcqRel);
            if let Some(transport) = self.transport.as_ref().filter(|_| !group.is_local) {
                transport.transport().subscribe(&group.name());
            }
            group
        });
        let owner: Weak<WildcardGroup<T>> = Arc::downgrade(&group);
        let receiver = group.receivers().add(subscriber, owner, deliver);
        drop(groups);
        let receiver: Weak<Receiver<Routed<T>>> = Arc::downgrade(&receiver);
        Subscription::new(receiver)
    }
}

/// The subscriptions to one wildcard, for one type of messages.
struct WildcardGroup<T> {
    parent: Arc<str>,
    deep: bool,
    is_local: bool,
    open_hub: OpenHub,
    groups: Weak<WildcardGroups>,
    /// Modified only while `groups` is locked for writing, so that an empty group is removed at once.
    receivers: Mutex<Receivers<Routed<T>>>,
}

impl<T: LocalMessage> WildcardGroup<T> {
    fn receivers(&self) -> crate::sync::MutexGuard<'_, Receivers<Routed<T>>> {
        self.receivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The subscriptions to one wildcard, for messages of any type.
pub(crate) trait AnyGroup: Any + Send + Sync {
    /// The wildcard's name.
    fn name(&self) -> String;
    fn is_deep(&self) -> bool;
    fn is_local(&self) -> bool;
    fn count(&self) -> usize;
    /// Calls [`OpenHub`].
    fn open_hub(&self, name: &str, position: u64) -> Option<Arc<dyn AnyHub>>;
    /// Tells all receivers that messages were missed.
    fn missed(&self, missed: Missed);
}

impl<T: LocalMessage> AnyGroup for WildcardGroup<T> {
    fn name(&self) -> String {
        pattern(&self.parent, self.deep)
    }

    fn is_deep(&self) -> bool {
        self.deep
    }

    fn is_local(&self) -> bool {
        self.is_local
    }

    fn count(&self) -> usize {
        self.receivers().len()
    }

    fn open_hub(&self, name: &str, position: u64) -> Option<Arc<dyn AnyHub>> {
        (self.open_hub)(name, position)
    }

    fn missed(&self, missed: Missed) {
        let snapshot = self.receivers().snapshot();
        for receiver in receivers(&snapshot, None) {
            receiver.deliver(Err(missed));
        }
    }
}

impl<T: LocalMessage> Owner<Routed<T>> for WildcardGroup<T> {
    fn remove(&self, receiver: &Receiver<Routed<T>>) {
        let Some(wildcards) = self.groups.upgrade() else { return };
        let mut groups = wildcards.groups.write().unwrap_or_else(PoisonError::into_inner);
        let mut receivers = self.receivers();
        let removed = receivers.remove(receiver);
        let is_empty = removed.is_some() && receivers.is_empty();
        drop(receivers);
        let mut removed_group = None;
        if is_empty && let Some(same_parent) = groups.get_mut(&self.parent) {
            let this: *const Self = self;
            let index = same_parent.iter().position(|group| std::ptr::addr_eq(Arc::as_ptr(group), this));
            removed_group = index.map(|index| same_parent.swap_remove(index));
            if same_parent.is_empty() {
                groups.remove(&self.parent);
            }
            wildcards.count.fetch_sub(1, Ordering::AcqRel);
            if let Some(transport) = wildcards.transport.as_ref().filter(|_| !self.is_local) {
                transport.transport().unsubscribe(&self.name());
            }
        }
        drop(groups);
        drop((removed, removed_group));
    }
}
