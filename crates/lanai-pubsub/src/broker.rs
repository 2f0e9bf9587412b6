//! [`Broker`]: the handle to all topics.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::{Arc, Weak};

use crate::address::SubscriberId;
use crate::any_hub::TopicInfo;
use crate::buffer::buffer;
use crate::error::{Missed, PublishError, PublishMismatch, SubscribeError, SubscribeMismatch};
use crate::hub::{Closed, Hub};
use crate::listener::Listener;
use crate::message::LocalMessage;
use crate::name::token;
use crate::receipt::Receipt;
use crate::receiver::{Deliver, Receiver};
use crate::registry::Registry;
use crate::replicated::{Journal, OpenError, Replicate, Replicated, States};
use crate::source::{IntoSource, SourceKind};
use crate::subscription::Subscription;
use crate::sync::atomic::Ordering;
use crate::topic::{IntoTopic, Topic};
use crate::transport::{Transport, TransportEvents, TransportSink};
use crate::transport_link::TransportLink;
use crate::transport_state::TransportState;

/// How many topics without a subscriber are kept for their history, by default.
const IDLE_TOPICS: usize = 10_000;

/// The message broker, through which the program publishes and subscribes. Cloning a handle is cheap; all clones are
/// the same broker.
///
/// There is no global broker: pass a handle to the code that needs one. All methods can be called from any thread and
/// from async tasks.
///
/// # Guarantees
///
/// - Each topic has one order. Every subscriber receives its messages in that order, each exactly once.
/// - A subscription is active from the moment [`subscribe`](Self::subscribe) returns until it is cancelled. It receives
///   no message that was published before, and every message that is published after. A concurrent message comes
///   entirely before or entirely after.
/// - Messages are never cloned; all subscribers share one value.
///
/// # When messages are delivered
///
/// [`publish`](Self::publish) calls each subscriber's `deliver` in turn in the calling thread, and returns. There are
/// two exceptions:
///
/// - If another thread is delivering messages of the same topic at that time, that thread delivers this message too,
///   and `publish` returns as soon as the message is queued. If more than 256 messages of the topic are queued,
///   `publish` blocks until there are fewer, or takes over the delivery. So publishers cannot outrun delivery for long.
/// - If the caller is itself inside a `deliver`, `publish` never blocks, and the message is delivered after that
///   `deliver` returns.
#[derive(Clone)]
pub struct Broker {
    registry: Arc<Registry>,
}

impl Broker {
    /// Creates a broker without topics. Topics come and go with their subscriptions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a broker that keeps the [`history`](crate::Topic::history) of at most `limit` topics without a
    /// subscriber (the default is 10,000). Beyond that, it forgets the topic that was not used for longest, and its
    /// messages.
    pub fn with_idle_topics(limit: usize) -> Self {
        Self { registry: Arc::new(Registry::new(limit, None, States::default())) }
    }

    /// Creates a broker that shares its topics with other processes through a transport.
    ///
    /// The transport carries all topics except the [local](crate::Topic::local) ones. This changes the guarantees:
    ///
    /// - The message server determines the order, which is the same in all processes. A message reaches subscribers
    ///   when the server sends it back, after `publish` has returned. A new subscription may still receive a message
    ///   published shortly before it.
    /// - "Exactly once" covers the way from publisher to subscriber, over lost connections and restarts of the server.
    ///   [`Receipt::stored`] tells a publisher when its message is safe even if its own process ends.
    /// - Publishing can fail: see [`PublishError`].
    /// - A subscriber that was disconnected for longer than the server keeps messages is told of the gap: see
    ///   [`subscribe_with_gaps`](Self::subscribe_with_gaps).
    pub fn with_transport(transport: impl Transport) -> Self {
        let states = States::new(transport.journal());
        let registry = Arc::new(Registry::new(IDLE_TOPICS, Some(TransportLink::new(Box::new(transport))), states));
        if let Some(transport) = &registry.transport {
            let events: Weak<Registry> = Arc::downgrade(&registry);
            transport.transport().start(TransportSink::new(events as Weak<dyn TransportEvents>));
        }
        Self { registry }
    }

    /// Creates a broker whose topics stay in this process, and whose [replicated states](Self::replicated) are kept by
    /// a journal, such as a file.
    pub fn with_journal(journal: impl Journal) -> Self {
        Self { registry: Arc::new(Registry::new(IDLE_TOPICS, None, States::new(Some(Arc::new(journal))))) }
    }

    /// Opens a state that all processes share, or finds it if it is open. See [`replicated`](crate::replicated).
    ///
    /// With a journal, the returned handle has at least the events that were stored before this call. The state remains
    /// in memory until its last handle is dropped. Without one, it remains for as long as the broker does, and is lost
    /// with it.
    ///
    /// The name may contain any text, also from a user. States with different names have nothing to do with each other
    /// and no common order; they are cheap, so give each room or document its own.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read in time, if it contains what this program cannot read, or if the state is open
    /// with another type.
    pub async fn replicated<S: Replicate>(&self, name: impl fmt::Display) -> Result<Replicated<S>, OpenError> {
        let name = name.to_string();
        let name = token(&name);
        let journal = self.registry.states.journal().cloned();
        if self.registry.transport.is_some() && journal.is_none() {
            return Err(OpenError::NoJournal { state: name.into_owned() });
        }
        let fold = self.registry.states.open::<S>(&name)?;
        let opened = Replicated::opened(Arc::clone(&fold), journal).await;
        if opened.is_err() {
            self.registry.states.forget(&fold);
        }
        opened
    }

    /// Whether messages are ordered in this process or by a transport, and whether the transport is connected.
    ///
    /// Changes are published on the topic [`TransportState::CHANGES`].
    #[must_use]
    pub fn transport_state(&self) -> TransportState {
        self.registry.transport.as_ref().map_or(TransportState::InProcess, |transport| transport.state())
    }

    /// Waits until the transport knows which messages are stored. A subscription that begins afterwards receives no
    /// message published before this call, except the history that it asks for.
    ///
    /// Without this call, the first subscription to a topic in this process may begin with messages of the second
    /// before. Lanai calls this before a view's `mount`. It returns immediately if there is no transport or the
    /// transport is disconnected.
    pub async fn refresh(&self) {
        if let Some(transport) = &self.registry.transport {
            transport.transport().refresh().await;
        }
    }

    /// Publishes a message to all subscribers of the topic.
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
    /// Do not call it while holding a lock that a `deliver` of this topic takes.
    ///
    /// # Errors
    ///
    /// If the topic's subscribers take messages of another type, which is possible only if the topic is given as text.
    /// With a transport also if the message cannot be serialized or is too large, or if the buffer is full. After an
    /// error, nobody receives the message.
    pub fn publish<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) -> Result<Receipt, PublishError> {
        self.publish_except(None, &topic.into_topic(), message)
    }

    /// Publishes a message to all subscribers of the topic except `sender`.
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
        self.publish_except(Some(sender), &topic.into_topic(), message)
    }

    fn publish_except<T: LocalMessage>(
        &self,
        sender: Option<SubscriberId>,
        topic: &Topic<T>,
        message: T,
    ) -> Result<Receipt, PublishError> {
        let name = topic.name();
        let checked = |hub| {
            Hub::<T>::downcast(hub).map_err(|carries| PublishMismatch {
                topic: name.to_string(),
                carries,
                published: type_name::<T>(),
            })
        };
        if let (Some(transport), Some(codec)) = (&self.registry.transport, topic.codec()) {
            let hub = self.registry.find(&name).map(checked).transpose()?;
            let has_local_receivers = hub.is_some() || self.registry.wildcards.cover(&name);
            return transport.publish(&name, codec, message, sender, has_local_receivers);
        }
        let (message, keep) = (Arc::new(message), topic.history_limit());
        let (found, mut message) = match Hub::push_directly(&self.registry, &name, message, sender, keep) {
            Ok(count) => return Ok(Receipt::local(count)),
            Err(not_pushed) => not_pushed,
        };
        let Some(mut hub) = found.or_else(|| Hub::find_to_publish(&self.registry, topic, &name)) else {
            return Ok(Receipt::local(0));
        };
        loop {
            match checked(hub)?.publish(&self.registry, message, sender, keep) {
                Ok(count) => return Ok(Receipt::local(count)),
                Err(Closed(returned)) => message = returned,
            }
            match Hub::find_to_publish(&self.registry, topic, &name) {
                Some(next) => hub = next,
                None => return Ok(Receipt::local(0)),
            }
        }
    }

    /// Calls `deliver` for each message of the topic, or of all topics that a [wildcard](crate::Wildcard) covers, for
    /// as long as the subscription lives.
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
    /// Publishing threads call `deliver`, one call at a time, and the other subscribers wait for it. It should put the
    /// message somewhere and return. It must not wait for another delivery. It may use the broker in any way, including
    /// publishing, subscribing and cancelling; but if each message publishes another one, the thread never becomes
    /// free. A panic is logged through `tracing` and does not propagate.
    ///
    /// If the topic keeps a [`history`](crate::Topic::history), its last messages are delivered first: before this
    /// returns, unless another thread is delivering or a transport has to be asked.
    ///
    /// A subscriber may subscribe to the same topic several times; each subscription receives each message.
    ///
    /// # Errors
    ///
    /// If the topic's subscribers take messages of another type, which is possible only if the topic is given as text.
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

    /// As [`subscribe`](Self::subscribe), and also reports lost messages: while this process was disconnected, the
    /// message server dropped messages that it had not received. An `Err` takes their place. Without a transport there
    /// is none.
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
        self.subscribe_with(subscriber, source, Deliver::Call(Box::new(deliver)))
    }

    fn subscribe_with<I: Send + Sync + 'static>(
        &self,
        subscriber: SubscriberId,
        source: impl IntoSource<I>,
        mut deliver: Deliver<I>,
    ) -> Result<Subscription, SubscribeError> {
        let topic = match source.into_source().0 {
            SourceKind::Topic(topic) => topic,
            SourceKind::Wildcard(wildcard) => return Ok(wildcard.subscribe(&self.registry, subscriber, deliver)),
        };
        let name = topic.name();
        loop {
            let hub = Hub::<I>::find_or_open(&self.registry, &name, topic.codec(), None);
            let hub = Hub::<I>::downcast(hub).map_err(|carries| SubscribeMismatch {
                topic: name.to_string(),
                carries,
                expected: type_name::<I>(),
            })?;
            match hub.subscribe(&self.registry, subscriber, deliver, topic.history_limit()) {
                Ok(receiver) => {
                    let receiver: Weak<Receiver<I>> = Arc::downgrade(&receiver);
                    return Ok(Subscription::new(receiver));
                }
                Err(Closed(returned)) => deliver = returned,
            }
        }
    }

    /// Subscribes with a stream instead of a callback, for async tasks and axum handlers.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Self::subscribe).
    pub fn listen<I: Send + Sync + 'static>(&self, source: impl IntoSource<I>) -> Result<Listener<I>, SubscribeError> {
        let (feed, reader) = buffer(Listener::<I>::DEFAULT_CAPACITY);
        let subscriber = SubscriberId::new();
        let subscription = self.subscribe_with(subscriber, source, Deliver::Buffer(feed))?;
        Ok(Listener::new(subscriber, subscription, reader))
    }

    /// How many messages subscribers did not receive because they were of another type, or were published by a version
    /// of the program whose messages cannot be deserialized here. Each is logged as a warning.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.registry.refused.load(Ordering::Relaxed)
    }

    /// How many times the transport lost messages that this process had not received: see [`Missed`].
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.registry.transport.as_ref().map_or(0, |transport| transport.gaps.load(Ordering::Relaxed))
    }

    /// The broker's extension, created on first use. There is only one.
    pub(crate) fn extension<E: Any + Send + Sync>(&self, make: impl FnOnce() -> E) -> Arc<E> {
        let extension = self.registry.extension.get_or_init(|| Arc::new(make()));
        Arc::clone(extension).downcast().unwrap_or_else(|_| unreachable!("only one type of extension is used"))
    }

    /// A handle that does not keep the broker alive.
    pub(crate) fn downgrade(&self) -> WeakBroker {
        WeakBroker(Arc::downgrade(&self.registry))
    }

    /// The number of subscriptions, to all topics and wildcards together.
    #[must_use]
    pub fn subscriber_count(&self) -> usize {
        let by_wildcard: usize = self.registry.wildcards.all().iter().map(|group| group.count()).sum();
        self.topics().iter().map(|topic| topic.subscribers).sum::<usize>() + by_wildcard
    }

    /// All topics that the broker holds, sorted by name: those with subscribers or a history, and briefly those that
    /// are being opened or closed.
    #[must_use]
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

/// A handle that does not keep the [`Broker`] alive.
pub(crate) struct WeakBroker(Weak<Registry>);

impl WeakBroker {
    pub(crate) fn upgrade(&self) -> Option<Broker> {
        self.0.upgrade().map(|registry| Broker { registry })
    }
}
