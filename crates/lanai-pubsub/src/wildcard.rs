//! [`Wildcard`]: all topics below one, and [`Routed`]: a message together with its topic.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::message::{Codec, LocalMessage};
use crate::name::SEPARATOR;
use crate::topic::Topic;

/// The topics below one, both existing and future ones. [`Topic::any`] and [`Topic::below`] make wildcards; subscribe
/// to one as to a topic. Its messages are [`Routed<T>`].
///
/// - Each subscription receives each message once, and the messages of one topic in that topic's order. There is no
///   order between topics.
/// - It covers only new messages, not the [`history`](Topic::history) of its topics.
/// - Only the program can make one: text is always the name of a single topic, even if it looks like a wildcard.
pub struct Wildcard<T> {
    /// The name of the topic above.
    parent: Arc<str>,
    /// Whether it covers topics at every depth, or only those directly below.
    deep: bool,
    codec: Option<Codec<T>>,
    message: PhantomData<fn() -> T>,
}

impl<T: LocalMessage> Topic<T> {
    /// All topics made from this one by one call of [`at`](Self::at): all rooms, for example, but neither topics below
    /// a room nor this topic itself.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// const ROOM: Topic<String> = Topic::new("room");
    ///
    /// let broker = Broker::new();
    /// let mut all = broker.listen(ROOM.any())?;
    /// broker.publish(ROOM.at("the *"), "hello".into())?;
    /// let said = all.next().await.unwrap();
    /// assert_eq!((said.path(), &**said.message()), (&["the *".to_string()][..], &"hello".to_string()));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }).unwrap().unwrap();
    /// ```
    #[must_use]
    pub fn any(&self) -> Wildcard<T> {
        Wildcard::new(self.name().into(), false, self.codec())
    }

    /// All topics made from this one by one or more calls of [`at`](Self::at).
    #[must_use]
    pub fn below(&self) -> Wildcard<T> {
        Wildcard::new(self.name().into(), true, self.codec())
    }
}

impl<T> Wildcard<T> {
    fn new(parent: Arc<str>, deep: bool, codec: Option<Codec<T>>) -> Self {
        Self { parent, deep, codec, message: PhantomData }
    }

    /// Whether it covers the topic.
    ///
    /// ```
    /// # use lanai_pubsub::Topic;
    /// const ROOM: Topic<String> = Topic::new("room");
    /// assert!(ROOM.any().covers(&ROOM.at("1")) && ROOM.below().covers(&ROOM.at("1").at("secret")));
    /// assert!(!ROOM.any().covers(&ROOM.at("1").at("secret")) && !ROOM.below().covers(&ROOM));
    /// ```
    #[must_use]
    pub fn covers(&self, topic: &Topic<T>) -> bool {
        let name = topic.name();
        let path = name.strip_prefix(&*self.parent).and_then(|rest| rest.strip_prefix(SEPARATOR));
        path.is_some_and(|path| self.deep || !path.contains(SEPARATOR))
    }

    pub(crate) fn parent(&self) -> &Arc<str> {
        &self.parent
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
        Self { parent: Arc::clone(&self.parent), ..*self }
    }
}

/// The name of the topic above and a token that no text maps to: `room.*` or `room.>`.
impl<T> fmt::Display for Wildcard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&pattern(&self.parent, self.deep))
    }
}

/// The name of a wildcard.
pub(crate) fn pattern(parent: &str, deep: bool) -> String {
    format!("{parent}{SEPARATOR}{}", if deep { '>' } else { '*' })
}

impl<T> fmt::Debug for Wildcard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wildcard<{}>({self})", type_name::<T>())
    }
}

/// A message received through a [`Wildcard`], with the path of its topic. It dereferences to the message.
#[derive(Debug)]
pub struct Routed<T> {
    path: Arc<[String]>,
    message: Arc<T>,
}

impl<T> Routed<T> {
    pub(crate) fn new(path: Arc<[String]>, message: Arc<T>) -> Self {
        Self { path, message }
    }

    /// The texts passed to [`at`](Topic::at), relative to the topic that made the wildcard: one for
    /// [`any`](Topic::any), one or more for [`below`](Topic::below).
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The message, which all subscribers share.
    #[must_use]
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
