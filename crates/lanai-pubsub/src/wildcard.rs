//! [`Wildcard`]: all topics below one, and [`Routed`]: a message with the topic that it was published on.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::message::{Codec, LocalMessage, Message};
use crate::name::SEPARATOR;
use crate::topic::{IntoTopic, Topic};

/// Topics below one, those that exist and those that come later: made by [`Topic::any`] and [`Topic::below`], and subscribed to
/// like a topic. Its messages are [`Routed<T>`].
///
/// - Each message is handed to each subscription once, those of one topic in that topic's order. Between topics there is no order.
/// - It is live only: a topic's [`history`](Topic::history) is not part of it.
/// - Only the program makes one. A name that a user chose is a name, whatever it looks like.
pub struct Wildcard<T> {
    /// The name of the topic above.
    above: Arc<str>,
    /// Whether topics further below are meant too.
    deep: bool,
    codec: Option<Codec<T>>,
    message: PhantomData<fn() -> T>,
}

impl<T> Wildcard<T> {
    pub(crate) fn new(above: Arc<str>, deep: bool, codec: Option<Codec<T>>) -> Self {
        Self { above, deep, codec, message: PhantomData }
    }

    /// Whether the topic is one of those.
    ///
    /// ```
    /// # use lanai_pubsub::Topic;
    /// const ROOM: Topic<String> = Topic::new("room");
    /// assert!(ROOM.any().covers(&ROOM.at("1")) && ROOM.below().covers(&ROOM.at("1").at("secret")));
    /// assert!(!ROOM.any().covers(&ROOM.at("1").at("secret")) && !ROOM.below().covers(&ROOM));
    /// ```
    pub fn covers(&self, topic: &Topic<T>) -> bool {
        let name = topic.name();
        let path = name.strip_prefix(&*self.above).and_then(|rest| rest.strip_prefix(SEPARATOR));
        path.is_some_and(|path| self.deep || !path.contains(SEPARATOR))
    }

    pub(crate) fn above(&self) -> &Arc<str> {
        &self.above
    }

    pub(crate) fn is_deep(&self) -> bool {
        self.deep
    }

    pub(crate) fn codec(&self) -> Option<Codec<T>> {
        self.codec
    }
}

impl<T> Clone for Wildcard<T> {
    fn clone(&self) -> Self {
        Self { above: Arc::clone(&self.above), ..*self }
    }
}

/// The name of the topic above, and a token that no text becomes: `room.*` or `room.>`.
impl<T> fmt::Display for Wildcard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&pattern(&self.above, self.deep))
    }
}

/// The name of a wildcard.
pub(crate) fn pattern(above: &str, deep: bool) -> String {
    format!("{above}{SEPARATOR}{}", if deep { '>' } else { '*' })
}

impl<T> fmt::Debug for Wildcard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wildcard<{}>({self})", type_name::<T>())
    }
}

/// A message that came by a [`Wildcard`], with the way to its topic. It is as good as a reference to the message.
#[derive(Debug)]
pub struct Routed<T> {
    path: Arc<[String]>,
    message: Arc<T>,
}

impl<T> Routed<T> {
    pub(crate) fn new(path: Arc<[String]>, message: Arc<T>) -> Self {
        Self { path, message }
    }

    /// What was given to [`at`](Topic::at) below the topic that the wildcard was made from: one text for [`any`](Topic::any), one or
    /// more for [`below`](Topic::below).
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The message, as all its subscribers share it.
    pub fn message(&self) -> &Arc<T> {
        &self.message
    }
}

impl<T> Deref for Routed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.message
    }
}

/// What can be subscribed to, with what a subscriber is then handed: a [`Topic<T>`] hands over `T`, a [`Wildcard<T>`] an
/// [`Routed<T>`], and text is a topic of the type that the subscriber takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that hands over `{T}`",
    label = "cannot be subscribed to with messages `{T}`",
    note = "one subscribes to a `Topic<T>` or a reference to one, to a topic by name, as `&str` or `String`, or to a `Wildcard<T>`, \
            which hands over `Routed<T>`",
    note = "to make a name from a value, narrow a topic: `TOPIC.at(value)`"
)]
pub trait IntoSource<T> {
    /// The topic or wildcard.
    fn into_source(self) -> Source<T>;
}

/// A topic or a wildcard, as something to subscribe to: what [`IntoSource`] makes.
pub struct Source<T>(pub(crate) Kind<T>);

pub(crate) enum Kind<T> {
    Topic(Topic<T>),
    /// Of messages of another type: `T` is a `Routed` of that.
    Wildcard(Box<dyn Watch<T>>),
}

/// A [`Wildcard`] whose messages are handed over as `I`.
pub(crate) trait Watch<I>: crate::watching::Subscribe<I> + fmt::Display + Send {}

impl<T: LocalMessage> Watch<Routed<T>> for Wildcard<T> {}

impl<T> Source<T> {
    /// Its name: that of the topic, or that of the topic above and a `*` or `>`, which are in no topic's name.
    pub fn name(&self) -> String {
        match &self.0 {
            Kind::Topic(topic) => topic.name().into_owned(),
            Kind::Wildcard(wildcard) => wildcard.to_string(),
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
        Source(Kind::Wildcard(Box::new(self)))
    }
}

impl<T: LocalMessage> IntoSource<Routed<T>> for &Wildcard<T> {
    fn into_source(self) -> Source<Routed<T>> {
        self.clone().into_source()
    }
}

impl<T: LocalMessage> IntoSource<T> for Topic<T> {
    fn into_source(self) -> Source<T> {
        Source(Kind::Topic(self))
    }
}

impl<T: LocalMessage> IntoSource<T> for &Topic<T> {
    fn into_source(self) -> Source<T> {
        Source(Kind::Topic(self.clone()))
    }
}

impl<T: Message> IntoSource<T> for &str {
    fn into_source(self) -> Source<T> {
        Source(Kind::Topic(self.into_topic()))
    }
}

impl<T: Message> IntoSource<T> for &String {
    fn into_source(self) -> Source<T> {
        Source(Kind::Topic(self.into_topic()))
    }
}

impl<T: Message> IntoSource<T> for String {
    fn into_source(self) -> Source<T> {
        Source(Kind::Topic(self.into_topic()))
    }
}
