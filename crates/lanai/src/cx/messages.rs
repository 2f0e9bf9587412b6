//! What a view does with topics: it subscribes and publishes.

use std::sync::Arc;

use lanai_pubsub::{Address, Broker, IntoSource, IntoTopic, LocalMessage, Message, PublishError, Receipt, Topic};

use super::Cx;
use crate::instance::resources::Subscription;
use crate::message::{Delivery, MessageHandler, Subscribed, SubscriptionHandle};

impl<V: Send + 'static> Cx<V> {
    /// Calls `handler` for each message published to `topic` from now on, in order and exactly once. The view is
    /// rendered afterwards.
    ///
    /// The subscription ends with the view, when the returned handle [cancels](SubscriptionHandle::cancel) it, or when
    /// [`unsubscribe`](Self::unsubscribe) is called. A handler takes `&T`, and optionally `&Cx<Self>`; it may be
    /// `async`, and may return a `Result`.
    ///
    /// If the topic has a [`history`](Topic::history), the handler first receives the messages in it. With a wildcard
    /// ([`Topic::any`], [`Topic::below`]) instead of a topic, the handler takes [`&Routed<T>`](crate::Routed). If a
    /// transport connects several processes and has lost messages for this subscription,
    /// [`View::failed`](crate::View::failed) is called with a [`Missed`](lanai_pubsub::Missed) where they are missing.
    ///
    /// # Panics
    ///
    /// Panics if the topic carries messages of another type. This can happen only to topics that are named by strings.
    #[track_caller]
    pub fn subscribe<T: LocalMessage, M: 'static>(
        &self,
        source: impl IntoSource<T>,
        handler: impl MessageHandler<V, T, M>,
    ) -> SubscriptionHandle {
        let source = source.into_source();
        let subscribed = Arc::new(Subscribed::new(self.clone(), handler));
        let deliver = {
            let subscribed = subscribed.clone();
            move |message: std::result::Result<Arc<T>, _>| match message {
                Ok(message) => subscribed.cx.instance.call(Delivery { subscribed: subscribed.clone(), message }),
                Err(missed) => subscribed.cx.fail(missed),
            }
        };
        let name = source.name();
        match self.broker().subscribe_with_gaps(self.instance.subscriber, source, deliver) {
            Ok(subscription) => {
                let guard = Box::new(subscription);
                self.add_subscription(Subscription { source: name.into(), active: subscribed.active(), guard })
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Ends the view's subscriptions to a topic or a wildcard, and its handlers of [joins](Self::on_join) and
    /// [leaves](Self::on_leave) there. Messages for them that are still in the mailbox are not handled.
    pub fn unsubscribe<T: LocalMessage>(&self, source: impl IntoSource<T>) {
        let ended = source.into_source().name();
        self.instance.resources.end_subscriptions(|subscription| *subscription.source == *ended);
    }

    /// Ends all subscriptions of the view and its parts.
    pub fn unsubscribe_all(&self) {
        self.instance.resources.end_subscriptions(|_| true);
    }

    pub(crate) fn add_subscription(&self, subscription: Subscription) -> SubscriptionHandle {
        let handle = SubscriptionHandle::new(self.instance.clone(), subscription.active.clone());
        self.instance.resources.add_subscription(subscription);
        handle
    }

    /// Publishes a message to all subscribers of `topic`, including this view if it is one.
    ///
    /// Publishing cannot fail unless a transport connects several processes. If it fails,
    /// [`View::failed`](crate::View::failed) is called with the [`PublishError`]: at once, or when the transport
    /// refuses the message. To handle the error at the call, use [`try_publish`](Self::try_publish).
    ///
    /// # Panics
    ///
    /// Panics if the topic carries messages of another type. This can happen only to topics that are named by strings.
    #[track_caller]
    pub fn publish<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) {
        self.published(self.try_publish(topic, message));
    }

    /// Publishes a message to all subscribers of `topic`, including this view if it is one, and returns a receipt.
    ///
    /// If a transport connects several processes, the receipt tells when it has stored the message: see
    /// [`Receipt::stored`].
    ///
    /// # Errors
    ///
    /// See [`Broker::publish`].
    pub fn try_publish<T: LocalMessage>(
        &self,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> std::result::Result<Receipt, PublishError> {
        self.broker().publish(topic, message)
    }

    /// Publishes a message to all subscribers of `topic` except this view.
    ///
    /// Errors are handled as in [`publish`](Self::publish).
    ///
    /// # Panics
    ///
    /// Panics in the same cases as [`publish`](Self::publish).
    #[track_caller]
    pub fn publish_to_others<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) {
        self.published(self.try_publish_to_others(topic, message));
    }

    /// Publishes a message to all subscribers of `topic` except this view, and returns a receipt.
    ///
    /// # Errors
    ///
    /// See [`Broker::publish`].
    pub fn try_publish_to_others<T: LocalMessage>(
        &self,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> std::result::Result<Receipt, PublishError> {
        self.broker().publish_to_others(self.instance.subscriber, topic, message)
    }

    /// Returns the view's address, which is unique across all processes. [`Topic::instance`] publishes to it.
    #[must_use]
    pub fn address(&self) -> Address {
        self.instance.subscriber.address()
    }

    /// Returns the page that sent the event or the [channel](Self::channel) message being handled, as the
    /// [`address`](Self::address) of the page's root view. Outside such a handler, returns `None`.
    ///
    /// A [shared](Self::shared) view uses it to tell its viewers apart. The private view around it tells the shared
    /// view which person has that address; no page can claim the address of another.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # use lanai::Address;
    /// # use std::collections::HashMap;
    /// struct Poll { names: HashMap<Address, String>, last: String }
    ///
    /// impl Poll {
    ///     fn vote(&mut self, cx: &Cx<Self>) {
    ///         let name = cx.event_source().and_then(|page| self.names.get(&page));
    ///         self.last = format!("{} has voted", name.map_or("Somebody", String::as_str));
    ///     }
    /// }
    ///
    /// struct Page { poll: Shared<Poll> }
    ///
    /// impl Page {
    ///     async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
    ///         let (poll, page) = (cx.shared("poll", |_| Poll { names: HashMap::new(), last: String::new() }), cx.address());
    ///         poll.update(move |poll| { poll.names.insert(page, name); });
    ///         Self { poll }
    ///     }
    /// }
    /// # impl View for Poll { fn render(&self) -> Html<Self> { html! { button onclick=(Self::vote) { (self.last) } } } }
    /// # impl View for Page { fn render(&self) -> Html<Self> { html! { (self.poll) } } }
    /// ```
    #[must_use]
    pub fn event_source(&self) -> Option<Address> {
        self.instance.event_source.lock().map(|page| page.address())
    }

    /// A type mismatch is a mistake in the program, so it panics. All other errors can happen in a correct program.
    #[track_caller]
    fn published(&self, result: std::result::Result<Receipt, PublishError>) {
        match result {
            Ok(receipt) if receipt.local_receivers().is_some() => {}
            Ok(receipt) => {
                // The transport may still refuse the message. The error is lost if the view has ended by then, or if
                // the broker closes.
                let cx = self.clone();
                receipt.on_failure(move |error| {
                    if error != PublishError::Closed {
                        cx.fail(error);
                    }
                });
            }
            Err(error @ PublishError::TypeMismatch(_)) => panic!("{error}"),
            Err(error) => self.fail(error),
        }
    }

    /// Publishes a message to every view that has [subscribed to all messages of its type](Topic::broadcast), without
    /// naming a topic.
    pub fn broadcast<T: Message>(&self, message: T) {
        self.publish(Topic::broadcast(), message);
    }

    /// Returns the program's broker.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.instance.runtime.broker
    }
}
