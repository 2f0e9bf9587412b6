//! [`Source`]: what can be subscribed to, a topic or a wildcard.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use crate::address::SubscriberId;
use crate::hub::Hub;
use crate::message::{LocalMessage, Message};
use crate::receiver::Deliver;
use crate::registry::Registry;
use crate::subscription::Subscription;
use crate::topic::{IntoTopic, Topic};
use crate::wildcard::{Routed, Wildcard};

/// A value that can be subscribed to, with subscribers receiving `T`.
///
/// A [`Topic<T>`] delivers `T`, a [`Wildcard<T>`] delivers [`Routed<T>`], and text names a topic of the type that the
/// subscriber takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be subscribed to for messages of type `{T}`",
    label = "does not deliver `{T}`",
    note = "subscribe to a `Topic<T>` or a reference to one, to a topic by name, as `&str` or `String`, or to a `Wildcard<T>`, \
            which delivers `Routed<T>`",
    note = "to make the name depend on a value, use `TOPIC.at(value)`"
)]
pub trait IntoSource<T> {
    /// The topic or wildcard.
    fn into_source(self) -> Source<T>;
}

/// A topic or a wildcard to subscribe to: what [`IntoSource`] makes.
pub struct Source<T>(pub(crate) SourceKind<T>);

pub(crate) enum SourceKind<T> {
    Topic(Topic<T>),
    /// A wildcard of messages of another type: `T` is the `Routed` of that type.
    Wildcard(Box<dyn AnyWildcard<T>>),
}

/// A [`Wildcard`] whose subscribers receive `I`.
pub(crate) trait AnyWildcard<I>: fmt::Display + Send {
    fn subscribe(&self, registry: &Arc<Registry>, subscriber: SubscriberId, deliver: Deliver<I>) -> Subscription;
}

impl<T: LocalMessage> AnyWildcard<Routed<T>> for Wildcard<T> {
    fn subscribe(
        &self,
        registry: &Arc<Registry>,
        subscriber: SubscriberId,
        deliver: Deliver<Routed<T>>,
    ) -> Subscription {
        let (codec, weak) = (self.codec(), Arc::downgrade(registry));
        let open_hub =
            move |name: &str, position| Some(Hub::<T>::find_or_open(&weak.upgrade()?, name, codec, Some(position)));
        registry.wildcards.subscribe(self, subscriber, deliver, Box::new(open_hub))
    }
}

impl<T> Source<T> {
    /// The name of the topic or wildcard. A wildcard's name is that of the topic above and a `*` or `>`, which no
    /// topic's name contains.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.0 {
            SourceKind::Topic(topic) => topic.name().into_owned(),
            SourceKind::Wildcard(wildcard) => wildcard.to_string(),
        }
    }
}

impl<T> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source<{}>({:?})", type_name::<T>(), self.name())
    }
}

impl<T> IntoSource<T> for Source<T> {
    fn into_source(self) -> Source<T> {
        self
    }
}

impl<T: LocalMessage> IntoSource<Routed<T>> for Wildcard<T> {
    fn into_source(self) -> Source<Routed<T>> {
        Source(SourceKind::Wildcard(Box::new(self)))
    }
}

impl<T: LocalMessage> IntoSource<Routed<T>> for &Wildcard<T> {
    fn into_source(self) -> Source<Routed<T>> {
        self.clone().into_source()
    }
}

impl<T: LocalMessage> IntoSource<T> for Topic<T> {
    fn into_source(self) -> Source<T> {
        Source(SourceKind::Topic(self))
    }
}

impl<T: LocalMessage> IntoSource<T> for &Topic<T> {
    fn into_source(self) -> Source<T> {
        Source(SourceKind::Topic(self.clone()))
    }
}

impl<T: Message> IntoSource<T> for &str {
    fn into_source(self) -> Source<T> {
        Source(SourceKind::Topic(self.into_topic()))
    }
}

impl<T: Message> IntoSource<T> for &String {
    fn into_source(self) -> Source<T> {
        Source(SourceKind::Topic(self.into_topic()))
    }
}

impl<T: Message> IntoSource<T> for String {
    fn into_source(self) -> Source<T> {
        Source(SourceKind::Topic(self.into_topic()))
    }
}
