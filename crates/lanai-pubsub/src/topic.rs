//! [`Topic`]: a name, and the type of the messages that travel under it.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::name::{BROADCAST, SEPARATOR, token};

/// What can be published: anything that threads may share.
///
/// It is implemented for every `Send + Sync + 'static` type; there is nothing to write. Subscribers in this process share one
/// value in an [`Arc`]: a message is neither cloned nor serialized. (An engine that connects processes has to write messages
/// down, and will ask for serde's `Serialize` and `DeserializeOwned` on top.)
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published",
    label = "not a message",
    note = "a message is shared by all its subscribers, on any thread: it must be `Send + Sync + 'static`",
    note = "in place of `Rc`, `RefCell` and borrowed fields, use `Arc`, `Mutex` and owned ones"
)]
pub trait Message: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> Message for T {}

/// The name of a stream of messages, together with their type.
///
/// ```
/// use lanai_pubsub::Topic;
///
/// struct Line { from: String, text: String }
///
/// const CHAT: Topic<Line> = Topic::new("chat");
///
/// let room = CHAT.at("room 1");
/// assert_eq!(room.name(), "chat.room%201");
/// assert_ne!(room, CHAT);
/// ```
///
/// Two topics are equal when their names are. A name is a row of *tokens* joined by dots; every text that one is made of
/// ([`new`](Self::new), [`named`](Self::named), [`at`](Self::at)) becomes exactly one token, in which everything but ASCII
/// letters, digits and `- _ / : @ + = ~ ,` is escaped. So `"a.b"` is another topic than `Topic::new("a").at("b")`.
///
/// **What a user typed belongs in [`at`](Self::at)**: whatever it is, it only tells the topics *below* this one apart, and never
/// reaches another.
pub struct Topic<T> {
    name: Name,
    // `fn() -> T`: a topic holds no message, and is `Send` and `Sync` whatever they are.
    message: PhantomData<fn() -> T>,
}

#[derive(Clone)]
enum Name {
    /// As the program has it, to be made a token when it is used: a `const fn` cannot.
    Given(&'static str),
    /// Tokens, joined.
    Made(Arc<str>),
}

impl<T: Message> Topic<T> {
    /// A topic with a name known at compile time.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Name::Given(name), message: PhantomData }
    }

    /// A topic with a name known at run time, by the *program*: for what users choose there is [`at`](Self::at).
    pub fn named(name: impl Into<String>) -> Self {
        Self::made(token(&name.into()).into())
    }

    /// The topic of everybody who listens for messages of type `T`, wherever they are in the program: there is one per type.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, SubscriberId, Topic};
    /// struct Maintenance { minutes: u32 }
    ///
    /// let broker = Broker::new();
    /// let mut listener = broker.listen::<Maintenance>(Topic::broadcast())?;
    /// broker.publish(Topic::broadcast(), Maintenance { minutes: 5 })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn broadcast() -> Self {
        Self::made(format!("{BROADCAST}{SEPARATOR}{}", token(type_name::<T>())).into())
    }

    /// The topic for one thing below this one: a room of a chat, a document, a customer.
    ///
    /// Any text is fine, an empty one too. Different texts are different topics, and none is a topic that was not made by `at`
    /// from this one:
    ///
    /// ```
    /// # use lanai_pubsub::Topic;
    /// const ROOM: Topic<String> = Topic::new("room");
    ///
    /// assert_ne!(ROOM.at("1").at("secret"), ROOM.at("1.secret"));
    /// assert_ne!(ROOM.at(""), ROOM);
    /// assert_eq!(ROOM.at("*").name(), "room.%2A");
    /// assert_eq!(ROOM.at(7), ROOM.at("7"));
    /// ```
    pub fn at(&self, segment: impl Display) -> Self {
        let segment = segment.to_string();
        Self::made(format!("{}{SEPARATOR}{}", self.name(), token(&segment)).into())
    }

    fn made(name: Arc<str>) -> Self {
        Self { name: Name::Made(name), message: PhantomData }
    }
}

impl<T> Topic<T> {
    /// The whole name: tokens joined by dots.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.name {
            Name::Given(name) => token(name),
            Name::Made(name) => Cow::Borrowed(name),
        }
    }
}

// Derives would ask the same of `T`.

impl<T> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), message: PhantomData }
    }
}

impl<T> PartialEq for Topic<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl<T> Eq for Topic<T> {}

impl<T> Hash for Topic<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl<T> fmt::Debug for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic<{}>({:?})", type_name::<T>(), self.name())
    }
}

/// What names a topic whose messages are `T`: a [`Topic<T>`] or a reference to one, and text, whose type is then that of the message.
///
/// Text is a name as for [`Topic::named`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic",
    label = "not a topic",
    note = "a topic is given as a `Topic<T>` or a reference to one, where `T` is the type of its messages, or by name, as `&str` or `String`",
    note = "to make a name from a value, narrow a topic: `TOPIC.at(value)`"
)]
pub trait IntoTopic<T> {
    /// The topic.
    fn into_topic(self) -> Topic<T>;
}

impl<T: Message> IntoTopic<T> for Topic<T> {
    fn into_topic(self) -> Topic<T> {
        self
    }
}

impl<T: Message> IntoTopic<T> for &Topic<T> {
    fn into_topic(self) -> Topic<T> {
        self.clone()
    }
}

impl<T: Message> IntoTopic<T> for &str {
    fn into_topic(self) -> Topic<T> {
        Topic::named(self)
    }
}

impl<T: Message> IntoTopic<T> for &String {
    fn into_topic(self) -> Topic<T> {
        Topic::named(self)
    }
}

impl<T: Message> IntoTopic<T> for String {
    fn into_topic(self) -> Topic<T> {
        Topic::named(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const CHAT: Topic<u32> = Topic::new("chat");

    #[test]
    fn a_name_is_the_same_topic_however_it_was_given() {
        assert_eq!(CHAT, Topic::named("chat"));
        assert_eq!(CHAT, IntoTopic::<u32>::into_topic("chat"));
        assert_eq!(CHAT, IntoTopic::<u32>::into_topic(String::from("chat")));
        assert_eq!(CHAT, IntoTopic::<u32>::into_topic(&CHAT));
        assert_eq!(Topic::<u32>::new("a.b"), Topic::named("a.b"));
        assert_eq!(HashSet::from([Topic::<u32>::new("a b"), Topic::named("a b")]).len(), 1);
    }

    #[test]
    fn text_with_dots_is_not_a_topic_below_another() {
        assert_ne!(Topic::<u32>::new("chat.lobby"), CHAT.at("lobby"));
        assert_ne!(Topic::<u32>::named(CHAT.at("lobby").name()), CHAT.at("lobby"));
    }

    #[test]
    fn each_type_has_a_broadcast_topic_that_no_text_names() {
        assert_eq!(Topic::<u32>::broadcast(), Topic::<u32>::broadcast());
        assert_ne!(Topic::<u32>::broadcast().name(), Topic::<u64>::broadcast().name());
        let broadcast = Topic::<u32>::broadcast();
        assert_ne!(Topic::<u32>::named(broadcast.name()), broadcast);
        assert_ne!(Topic::<u32>::named(BROADCAST).at("u32"), broadcast);
    }

    #[test]
    fn a_topic_is_send_and_sync_and_says_what_it_carries() {
        fn shared<T: Send + Sync + 'static>(_: &T) {}
        shared(&CHAT);
        assert_eq!(format!("{CHAT:?}"), r#"Topic<u32>("chat")"#);
    }

    proptest! {
        #[test]
        fn a_topic_tells_its_whole_path(
            one in prop::collection::vec("[ab.%*>/ \u{e9}\u{0}]{0,4}", 1..4),
            other in prop::collection::vec("[ab.%*>/ \u{e9}\u{0}]{0,4}", 1..4),
        ) {
            let topic = |path: &[String]| {
                path[1..].iter().fold(Topic::<u32>::named(&path[0]), |topic, segment| topic.at(segment))
            };
            prop_assert_eq!(topic(&one) == topic(&other), one == other);
        }
    }
}
