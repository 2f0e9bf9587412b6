//! [`Broker`]: the handle to all topics.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::{Arc, Weak};

use crate::engine::{Engine, TransportState};
use crate::error::{Missed, PublishError, PublishMismatch, SubscribeError, SubscribeMismatch};
use crate::hub::{AnyHub, Closed, Hub};
use crate::listener::Listener;
use crate::message::LocalMessage;
use crate::receipt::Receipt;
use crate::registry::Registry;
use crate::subscription::{Deliver, SubscriberId, Subscription};
use crate::sync::atomic::Ordering;
use crate::topic::{IntoTopic, Topic};
use crate::transport::{Transport, TransportSink};
use crate::wildcard::{IntoSource, Kind};

/// How many topics are kept for their history without a subscriber.
const IDLE_TOPICS: usize = 10_000;

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
#[derive(Clone)]
pub struct Broker {
    registry: Arc<Registry>,
}

impl Broker {
    /// A broker without topics: they come and go with their subscriptions.
    pub fn new() -> Self {
        Self::default()
    }

    /// A broker without topics, with the number of topics set that are kept for their [`history`](crate::Topic::history) while nobody is subscribed to
    /// them (10,000 by default). If there are more, the one that was not of use for longest is forgotten, with its messages.
    pub fn with_idle_topics(most: usize) -> Self {
        Self { registry: Arc::new(Registry::new(most, None)) }
    }

    /// A broker that shares its topics with other processes, by an engine.
    ///
    /// All topics but the [local](crate::Topic::local) ones are then carried by it, and this changes in what holds:
    ///
    /// - The order is the engine's, and the same in all processes. A message reaches subscribers when it comes back from there, after
    ///   `publish` has returned; one that was published shortly before a subscription may still be handed to it.
    /// - "Exactly once" holds from publisher to subscriber over lost connections and restarts of the engine. A publisher learns from
    ///   [`Receipt::stored`] that its message is safe from its own end too.
    /// - Publishing can fail: see [`PublishError`].
    /// - A subscriber that was cut off for longer than the engine keeps messages is told so: see
    ///   [`subscribe_with_gaps`](Self::subscribe_with_gaps).
    pub fn with_transport(transport: impl Transport) -> Self {
        let registry = Arc::new(Registry::new(IDLE_TOPICS, Some(Engine::new(Box::new(transport)))));
        if let Some(engine) = &registry.engine {
            engine.transport().start(TransportSink::new(&registry));
        }
        Self { registry }
    }

    /// Whether messages are put in order here or by an engine, and if so, whether it can be reached.
    ///
    /// [`TransportState::CHANGES`] is the topic on which changes are told.
    pub fn transport_state(&self) -> TransportState {
        self.registry.engine.as_ref().map_or(TransportState::InProcess, Engine::state)
    }

    /// Waits until it is known how far the engine is, so that who subscribes next is handed nothing that was published
    /// before this call (but for the history that is asked for).
    ///
    /// Otherwise a topic that nobody here was subscribed to may begin with what was published in the second before. A
    /// view's `mount` is called after this. Without an engine there is nothing to wait for, and while the engine is
    /// away, nothing is waited for.
    pub async fn refresh(&self) {
        if let Some(engine) = &self.registry.engine {
            engine.transport().refresh().await;
        }
    }

    /// Publishes a message to all who are subscribed to the topic.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// const NEWS: Topic<String> = Topic::new("news");
    ///
    /// let broker = Broker::new();
    /// assert_eq!(broker.publish(NEWS, "nobody hears this".into())?.local_receivers(), Some(0));
    /// # Ok::<_, lanai_pubsub::PublishError>(())
    /// ```
    ///
    /// Do not call it with a lock held that a `deliver` of this topic takes.
    ///
    /// # Errors
    ///
    /// If the topic's subscribers take messages of another type, which only a topic given as text can bring about. With an
    /// engine also if the message cannot be written down or is too large, or if the engine is away and too many wait for it. After an
    /// error nobody gets the message.
    pub fn publish<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) -> Result<Receipt, PublishError> {
        self.publish_except(None, topic.into_topic(), message)
    }

    /// Publishes a message to all who are subscribed to the topic, but for `sender`.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    pub fn publish_to_others<T: LocalMessage>(
        &self,
        sender: SubscriberId,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> Result<Receipt, PublishError> {
        self.publish_except(Some(sender), topic.into_topic(), message)
    }

    fn publish_except<T: LocalMessage>(
        &self,
        sender: Option<SubscriberId>,
        topic: Topic<T>,
        message: T,
    ) -> Result<Receipt, PublishError> {
        let name = topic.name();
        let checked = |hub| {
            typed::<T>(hub).map_err(|carries| PublishMismatch {
                topic: name.to_string(),
                carries,
                published: type_name::<T>(),
            })
        };
        if let (Some(engine), Some(codec)) = (&self.registry.engine, topic.codec()) {
            let hub = self.registry.find(&name).map(checked).transpose()?;
            let is_heard = hub.is_some() || self.registry.watching.watches(&name);
            return engine.publish(&name, codec, message, sender, is_heard);
        }
        let message = Arc::new(message);
        let (found, mut message) = match self.registry.hand_over(&name, message, sender, topic.kept()) {
            Ok(count) => return Ok(Receipt::heard_by_here(count)),
            Err(back) => back,
        };
        let Some(mut hub) = found.or_else(|| self.registry.find_to_publish(&topic, &name)) else {
            return Ok(Receipt::heard_by_here(0));
        };
        loop {
            match checked(hub)?.publish(&self.registry, message, sender, topic.kept()) {
                Ok(count) => return Ok(Receipt::heard_by_here(count)),
                Err(Closed(back)) => message = back,
            }
            match self.registry.find_to_publish(&topic, &name) {
                Some(next) => hub = next,
                None => return Ok(Receipt::heard_by_here(0)),
            }
        }
    }

    /// Has `deliver` called with every message of the topic, for as long as the subscription is kept; or with those of all topics that
    /// a [wildcard](crate::Wildcard) covers.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use lanai_pubsub::{Broker, SubscriberId, Topic};
    /// const NEWS: Topic<String> = Topic::new("news");
    ///
    /// let broker = Broker::new();
    /// let heard = Arc::new(Mutex::new(Vec::new()));
    /// let subscription = broker.subscribe(SubscriberId::new(), NEWS, {
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
    /// If the topic keeps a [`history`](crate::Topic::history), its last messages come first, before this returns if nothing stands in the way.
    ///
    /// A subscriber may subscribe to one topic several times; each subscription is handed each message.
    ///
    /// # Errors
    ///
    /// If the topic's subscribers take messages of another type, which only a topic given as text can bring about.
    pub fn subscribe<I: Send + Sync + 'static>(
        &self,
        subscriber: SubscriberId,
        source: impl IntoSource<I>,
        deliver: impl Fn(Arc<I>) + Send + Sync + 'static,
    ) -> Result<Subscription, SubscribeError> {
        self.subscribe_with_gaps(subscriber, source, move |message| {
            if let Ok(message) = message {
                deliver(message);
            }
        })
    }

    /// As [`subscribe`](Self::subscribe), with word of messages that were lost: the engine that connects processes no longer has what
    /// this one missed while it was cut off. The `Err` comes in the place of what is missing; without an engine there is never one.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Self::subscribe).
    pub fn subscribe_with_gaps<I: Send + Sync + 'static>(
        &self,
        subscriber: SubscriberId,
        source: impl IntoSource<I>,
        deliver: impl Fn(Result<Arc<I>, Missed>) + Send + Sync + 'static,
    ) -> Result<Subscription, SubscribeError> {
        self.take_up(subscriber, source, Deliver::Call(Box::new(deliver)))
    }

    pub(crate) fn take_up<I: Send + Sync + 'static>(
        &self,
        subscriber: SubscriberId,
        source: impl IntoSource<I>,
        mut deliver: Deliver<I>,
    ) -> Result<Subscription, SubscribeError> {
        let topic = match source.into_source().0 {
            Kind::Topic(topic) => topic,
            Kind::Wildcard(wildcard) => return Ok(wildcard.subscribe(&self.registry, subscriber, deliver)),
        };
        let name = topic.name();
        loop {
            let hub = self.registry.find_or_open::<I>(&name, topic.codec(), None);
            let hub: Arc<Hub<I>> = typed(hub).map_err(|carries| SubscribeMismatch {
                topic: name.to_string(),
                carries,
                expected: type_name::<I>(),
            })?;
            match hub.subscribe(&self.registry, subscriber, deliver, topic.kept()) {
                Ok(member) => return Ok(Subscription::new(&member)),
                Err(Closed(refused)) => deliver = refused,
            }
        }
    }

    /// A stream of the topic's messages, for code that is not called but asks: an async task, an axum handler.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Self::subscribe).
    pub fn listen<I: Send + Sync + 'static>(&self, source: impl IntoSource<I>) -> Result<Listener<I>, SubscribeError> {
        Listener::new(self, source)
    }

    /// How many messages were refused at their subscribers so far, each time with a warning in the log: they were of another type,
    /// or from a version of the program whose messages cannot be read here.
    pub fn refused(&self) -> u64 {
        self.registry.refused.load(Ordering::Relaxed)
    }

    /// How many times the engine that connects processes no longer had what was missed while it was away: see [`Missed`].
    pub fn gaps(&self) -> u64 {
        self.registry.engine.as_ref().map_or(0, |engine| engine.missed.load(Ordering::Relaxed))
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
        let watching: usize = self.registry.watching.all().iter().map(|group| group.count()).sum();
        self.topics().iter().map(|topic| topic.subscribers).sum::<usize>() + watching
    }

    /// All topics that are held, by name: those that have subscribers or a history, and for moments those that are just coming
    /// or going.
    pub fn topics(&self) -> Vec<TopicInfo> {
        let mut topics: Vec<TopicInfo> = self.registry.all().iter().map(|hub| hub.info()).collect();
        topics.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        topics
    }
}

impl Default for Broker {
    fn default() -> Self {
        Self::with_idle_topics(IDLE_TOPICS)
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
    /// How many messages were published since it is held.
    pub published: u64,
    /// How many messages are kept for those who come later.
    pub kept: usize,
}

/// The hub as one of messages of type `T`, or the type that its messages are of.
pub(crate) fn typed<T: LocalMessage>(hub: Arc<dyn AnyHub>) -> Result<Arc<Hub<T>>, &'static str> {
    let any: &dyn Any = &*hub;
    if !any.is::<Hub<T>>() {
        return Err(hub.type_name());
    }
    let hub: Arc<dyn Any + Send + Sync> = hub;
    Ok(hub.downcast().unwrap_or_else(|_| unreachable!("its type was asked for just now")))
}
