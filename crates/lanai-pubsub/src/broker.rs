//! [`Broker`]: the handle to all topics, and the registry behind it.

use std::any::{Any, type_name};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock, PoisonError, Weak};

use crate::error::{PublishError, PublishMismatch, SubscribeError, SubscribeMismatch};
use crate::hub::{AnyHub, Hub};
use crate::listener::Listener;
use crate::subscription::{Deliver, SubscriberId, Subscription};
use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, SHARDS};
use crate::topic::{IntoTopic, Message};

/// The exchange of messages: whoever has a handle can publish and subscribe. Cloning it is cheap, and all clones are one broker.
///
/// There is no global one: hand it to whom it may concern. Everything here can be called from any thread, from async tasks too.
///
/// # What holds
///
/// - Each topic has one order, and every subscriber is handed its messages in that order, each exactly once.
/// - A subscription takes part from the moment [`subscribe`](Self::subscribe) returned until it is cancelled: what was published before
///   is not delivered, what is published after is. A message published at the same time is wholly before or wholly after.
/// - Messages are never cloned; all subscribers share one.
///
/// # When messages are delivered
///
/// [`publish`](Self::publish) puts the message in its place, calls `deliver` of every subscriber one after the other in the
/// calling thread, and returns. With two exceptions:
///
/// - If another thread is just then delivering messages of the same topic, that one delivers this message too, when it is its turn,
///   and `publish` returns as soon as the message has its place. (If more than 256 messages of the topic are waiting, it waits
///   until there are fewer, or takes the delivering over: publishers cannot be faster than delivery for long.)
/// - If the caller is itself within a `deliver`, `publish` never waits, and the message is delivered after that `deliver` has returned.
#[derive(Clone, Default)]
pub struct Broker {
    registry: Arc<Registry>,
}

impl Broker {
    /// A broker without topics: they come and go with their subscriptions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Publishes a message to all who are subscribed to the topic. Returns to how many.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// const NEWS: Topic<String> = Topic::new("news");
    ///
    /// let broker = Broker::new();
    /// assert_eq!(broker.publish(NEWS, "nobody hears this".into())?, 0);
    /// # Ok::<_, lanai_pubsub::PublishError>(())
    /// ```
    ///
    /// Do not call it with a lock held that a `deliver` of this topic takes.
    ///
    /// # Errors
    ///
    /// If the topic's subscribers take messages of another type, which only a topic given as text can bring about.
    pub fn publish<T: Message>(&self, topic: impl IntoTopic<T>, message: T) -> Result<usize, PublishError> {
        self.publish_except(None, topic, message)
    }

    /// Publishes a message to all who are subscribed to the topic, but for `sender`. Returns to how many.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    pub fn publish_to_others<T: Message>(
        &self,
        sender: SubscriberId,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> Result<usize, PublishError> {
        self.publish_except(Some(sender), topic, message)
    }

    fn publish_except<T: Message>(
        &self,
        sender: Option<SubscriberId>,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> Result<usize, PublishError> {
        let topic = topic.into_topic();
        let name = topic.name();
        let Some(hub) = self.registry.find(&name) else {
            return Ok(0);
        };
        let hub: Arc<Hub<T>> = typed(hub).map_err(|carries| PublishMismatch {
            topic: name.to_string(),
            carries,
            published: type_name::<T>(),
        })?;
        Ok(hub.publish(Arc::new(message), sender))
    }

    /// Has `deliver` called with every message of the topic, for as long as the subscription is kept.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use lanai_pubsub::{Broker, SubscriberId, Topic};
    /// const NEWS: Topic<String> = Topic::new("news");
    ///
    /// let broker = Broker::new();
    /// let heard = Arc::new(Mutex::new(Vec::new()));
    /// let subscription = broker.subscribe(SubscriberId::next(), NEWS, {
    ///     let heard = heard.clone();
    ///     move |news| heard.lock().unwrap().push(news)
    /// })?;
    /// broker.publish(NEWS, "it rains".into())?;
    /// drop(subscription);
    /// broker.publish(NEWS, "the sun is out".into())?;
    /// assert_eq!(heard.lock().unwrap()[..], ["it rains".to_string().into()]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// `deliver` is called by threads that publish, one call at a time, and the other subscribers wait for it: it should put the
    /// message somewhere and return. It must not wait for another delivery. It may use the broker in any way, publish and
    /// (un)subscribe; but messages that always bring about another one keep the thread for good. If it panics, this is reported through `tracing`, and goes no further.
    ///
    /// A subscriber may subscribe to one topic several times; each subscription is handed each message.
    ///
    /// # Errors
    ///
    /// If the topic's subscribers take messages of another type, which only a topic given as text can bring about.
    pub fn subscribe<T: Message>(
        &self,
        subscriber: SubscriberId,
        topic: impl IntoTopic<T>,
        deliver: impl Fn(Arc<T>) + Send + Sync + 'static,
    ) -> Result<Subscription, SubscribeError> {
        let topic = topic.into_topic();
        let name = topic.name();
        let mut deliver: Deliver<T> = Box::new(deliver);
        loop {
            let hub = self.registry.find_or_open::<T>(&name);
            let hub: Arc<Hub<T>> = typed(hub).map_err(|carries| SubscribeMismatch {
                topic: name.to_string(),
                carries,
                expected: type_name::<T>(),
            })?;
            match hub.subscribe(subscriber, deliver) {
                Ok(member) => return Ok(Subscription::new(&member)),
                Err(refused) => deliver = refused,
            }
        }
    }

    /// A stream of the topic's messages, for code that is not called but asks: an async task, an axum handler.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Self::subscribe).
    pub fn listen<T: Message>(&self, topic: impl IntoTopic<T>) -> Result<Listener<T>, SubscribeError> {
        Listener::new(self, topic)
    }

    /// Something that belongs to this broker, made when it is first asked for. There is one of them.
    pub(crate) fn extension<E: Any + Send + Sync>(&self, make: impl FnOnce() -> E) -> Arc<E> {
        let extension = self.registry.extension.get_or_init(|| Arc::new(make()));
        Arc::clone(extension).downcast().unwrap_or_else(|_| unreachable!("there is one type of extension"))
    }

    /// A handle that does not keep the broker.
    pub(crate) fn downgrade(&self) -> WeakBroker {
        WeakBroker(Arc::downgrade(&self.registry))
    }

    /// How many subscriptions there are, to all topics together.
    pub fn subscriber_count(&self) -> usize {
        self.topics().iter().map(|topic| topic.subscribers).sum()
    }

    /// All topics that are held, by name: those that have subscribers, and for moments those whose first one is just coming
    /// or whose last one is just going.
    pub fn topics(&self) -> Vec<TopicInfo> {
        let mut topics: Vec<TopicInfo> = Vec::new();
        for shard in &self.registry.shards {
            topics.extend(shard.read().values().map(|hub| hub.info()));
        }
        topics.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        topics
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("topics", &self.topics()).finish()
    }
}

/// A [`Broker`] that may be gone.
pub(crate) struct WeakBroker(Weak<Registry>);

impl WeakBroker {
    pub(crate) fn upgrade(&self) -> Option<Broker> {
        self.0.upgrade().map(|registry| Broker { registry })
    }
}

/// A topic as a dashboard sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Its whole name: that of [`Topic::name`](crate::Topic::name).
    pub name: String,
    /// The type of its messages.
    pub type_name: &'static str,
    /// How many subscriptions it has.
    pub subscribers: usize,
    /// How many messages were published since it has had any.
    pub published: u64,
}

/// The hub as one of messages of type `T`, or the type that its messages are of.
fn typed<T: Message>(hub: Arc<dyn AnyHub>) -> Result<Arc<Hub<T>>, &'static str> {
    let carries = hub.type_name();
    let hub: Arc<dyn Any + Send + Sync> = hub;
    hub.downcast().map_err(|_| carries)
}

/// All topics that are alive, by name. A hub is in here exactly as long as it is not closed.
pub(crate) struct Registry {
    shards: Box<[Shard]>,
    /// Seeded at random, since names may be made from what users type.
    hasher: RandomState,
    /// See [`Broker::extension`].
    extension: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// A part of the registry under a lock of its own, and on a cache line of its own.
#[repr(align(64))]
#[derive(Default)]
struct Shard {
    hubs: RwLock<HashMap<Arc<str>, Arc<dyn AnyHub>>>,
}

type Hubs = HashMap<Arc<str>, Arc<dyn AnyHub>>;

impl Default for Registry {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            hasher: RandomState::new(),
            extension: OnceLock::new(),
        }
    }
}

impl Shard {
    fn read(&self) -> RwLockReadGuard<'_, Hubs> {
        self.hubs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Hubs> {
        self.hubs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn shard(&self, name: &str) -> &Shard {
        // The remainder is below `SHARDS`, so the cast loses nothing.
        &self.shards[(self.hasher.hash_one(name) % SHARDS as u64) as usize]
    }

    fn find(&self, name: &str) -> Option<Arc<dyn AnyHub>> {
        self.shard(name).read().get(name).cloned()
    }

    fn find_or_open<T: Message>(self: &Arc<Self>, name: &str) -> Arc<dyn AnyHub> {
        if let Some(hub) = self.find(name) {
            return hub;
        }
        let name: Arc<str> = name.into();
        let mut hubs = self.shard(&name).write();
        let hub = hubs.entry(Arc::clone(&name)).or_insert_with(|| Arc::new(Hub::<T>::new(name, Arc::downgrade(self))));
        Arc::clone(hub)
    }

    /// Takes a hub out that has lost its last member, unless another came meanwhile.
    pub(crate) fn close<T: Message>(&self, hub: &Hub<T>) {
        let mut hubs = self.shard(&hub.name).write();
        if hub.close_if_empty() {
            let removed = hubs.remove(&hub.name);
            if hubs.len() < hubs.capacity() / 4 {
                let len = hubs.len();
                hubs.shrink_to(len * 2);
            }
            drop(hubs);
            drop(removed);
        }
    }
}
