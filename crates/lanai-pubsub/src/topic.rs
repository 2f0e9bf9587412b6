//! [`Topic`]: a name, and the type of the messages published under it.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::address::Address;
use crate::message::{Codec, LocalMessage, Message};
use crate::name::{BROADCAST, INSTANCE, LOCAL, PERSON, SEPARATOR, is_token, token};

/// The name of a stream of messages, together with their type.
///
/// ```
/// use lanai_pubsub::Topic;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Line { from: String, text: String }
///
/// const CHAT: Topic<Line> = Topic::new("chat");
///
/// let room = CHAT.at("room 1");
/// assert_eq!(room.name(), "chat.room%201");
/// assert_ne!(room, CHAT);
/// ```
///
/// Two topics are equal if their names are equal. A name is a sequence of *tokens* joined by dots. Each text passed to
/// [`new`](Self::new), [`named`](Self::named) or [`at`](Self::at) becomes exactly one token, in which all characters
/// except ASCII letters, digits and `- _ / : @ + = ~ ,` are escaped. So `"a.b"` is a different topic from
/// `Topic::new("a").at("b")`.
///
/// **Pass user input to [`at`](Self::at) only**: whatever the text is, it selects a topic *below* this one and cannot
/// reach any other.
///
/// A topic made by [`new`](Self::new) or [`named`](Self::named) is shared with other processes if the broker has a
/// [`Transport`](crate::Transport). A topic made by [`local`](Self::local) never leaves the process, and accepts
/// messages that cannot be serialized.
pub struct Topic<T> {
    name: Name,
    /// How many messages it keeps for later subscribers.
    history: usize,
    /// How its messages are serialized. `None` for a local topic, whose messages never are.
    codec: Option<Codec<T>>,
    // `fn() -> T`: a topic holds no message, and is `Send` and `Sync` for every type of message.
    message: PhantomData<fn() -> T>,
}

#[derive(Clone)]
enum Name {
    /// Already a token.
    Token(&'static str),
    /// Text that is escaped when the name is used, since a `const fn` cannot do it.
    Text(&'static str),
    /// Joined tokens.
    Joined(Arc<str>),
}

impl<T: Message> Topic<T> {
    /// Creates a topic with a name known at compile time.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        let name = if is_token(name) { Name::Token(name) } else { Name::Text(name) };
        Self { name, history: 0, codec: Some(Codec::JSON), message: PhantomData }
    }

    /// Creates a topic with a name that the *program* chooses at run time. For names that users choose, use
    /// [`at`](Self::at).
    pub fn named(name: impl Into<String>) -> Self {
        Self::joined(token(&name.into()).into())
    }

    /// The topic of everyone in the program who listens for messages of type `T`. There is one per type.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, SubscriberId, Topic};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize)]
    /// struct Maintenance { minutes: u32 }
    ///
    /// let broker = Broker::new();
    /// let mut listener = broker.listen::<Maintenance>(Topic::broadcast())?;
    /// broker.publish(Topic::broadcast(), Maintenance { minutes: 5 })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn broadcast() -> Self {
        Self::reserved(BROADCAST, None)
    }

    /// The topic of messages of type `T` for one subscriber in any process, such as a view instance. There is one per
    /// subscriber and type.
    ///
    /// The subscriber receives the messages only if it subscribes to this topic.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, SubscriberId, Topic};
    /// let broker = Broker::new();
    /// let me = SubscriberId::new();
    /// let notes = Topic::<String>::instance(&me.address());
    /// let _subscription = broker.subscribe(me, &notes, |note| println!("{note}"))?;
    /// assert_eq!(broker.publish(Topic::instance(&me.address()), "for you".to_string())?.local_receivers(), Some(1));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn instance(address: &Address) -> Self {
        Self::reserved(INSTANCE, Some(&address.to_string()))
    }

    /// The topic of messages of type `T` for a person, in all of their tabs and in all processes. There is one per key
    /// and type. `key` is how the program identifies people, such as the number of an account.
    ///
    /// Subscribe only on behalf of someone *authenticated* as that person.
    pub fn person(key: impl Display) -> Self {
        Self::reserved(PERSON, Some(&key.to_string()))
    }

    /// A topic that no text names, since no text maps to its first token.
    fn reserved(kind: &str, receiver: Option<&str>) -> Self {
        let type_name = token(type_name::<T>());
        Self::joined(match receiver {
            None => format!("{kind}{SEPARATOR}{type_name}").into(),
            Some(receiver) => format!("{kind}{SEPARATOR}{}{SEPARATOR}{type_name}", token(receiver)).into(),
        })
    }

    fn joined(name: Arc<str>) -> Self {
        Self { name: Name::Joined(name), history: 0, codec: Some(Codec::JSON), message: PhantomData }
    }
}

impl<T: LocalMessage> Topic<T> {
    /// Creates a topic that never leaves this process, even if the broker has a transport: for messages that cannot be
    /// serialized, and for messages that concern no other process. It is unrelated to a non-local topic of the same
    /// name.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// struct Job { run: Box<dyn Fn() + Send + Sync> }
    ///
    /// const JOBS: Topic<Job> = Topic::local("jobs");
    /// Broker::new().publish(JOBS.at("urgent"), Job { run: Box::new(|| println!("done")) })?;
    /// # Ok::<_, lanai_pubsub::PublishError>(())
    /// ```
    #[must_use]
    pub const fn local(name: &'static str) -> Self {
        Self { name: Name::Text(name), history: 0, codec: None, message: PhantomData }
    }

    /// The same topic, keeping its last `n` messages. A new subscriber receives them first and then the new ones,
    /// without gaps or duplicates.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// const CHAT: Topic<String> = Topic::new("chat").history(50);
    ///
    /// let broker = Broker::new();
    /// broker.publish(CHAT.at("lobby"), "early".into())?;
    /// let mut late = broker.listen(CHAT.at("lobby"))?;
    /// broker.publish(CHAT.at("lobby"), "later".into())?;
    /// assert_eq!(*late.next().await.unwrap(), "early");
    /// assert_eq!(*late.next().await.unwrap(), "later");
    ///
    /// // A subscriber that wants no history:
    /// let live = broker.listen(CHAT.at("lobby").history(0))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }).unwrap().unwrap();
    /// ```
    ///
    /// [`at`](Self::at) preserves the setting. A subscriber receives as many messages as *its own* `Topic` value says;
    /// the topic keeps as many as the largest `n` of any publisher or subscriber. The number of topics that are kept
    /// without a subscriber is bounded: see [`Broker::with_idle_topics`](crate::Broker::with_idle_topics). With a
    /// transport, the message server keeps the messages within its own limits, and subscribers in every process receive
    /// them.
    #[must_use]
    pub const fn history(mut self, n: usize) -> Self {
        self.history = n;
        self
    }

    /// The topic for one thing below this one: a chat room, a document, a customer.
    ///
    /// Any text is allowed, even an empty one. Different texts give different topics, and never a topic outside this
    /// one:
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
    #[must_use]
    pub fn at(&self, segment: impl Display) -> Self {
        let segment = segment.to_string();
        let name = format!("{}{SEPARATOR}{}", self.name(), token(&segment));
        Self { name: Name::Joined(name.into()), ..*self }
    }
}

impl<T> Topic<T> {
    /// The full name: tokens joined by dots.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match &self.name {
            Name::Token(name) => Cow::Borrowed(name),
            Name::Text(name) if self.codec.is_none() => Cow::Owned(format!("{LOCAL}{SEPARATOR}{}", token(name))),
            Name::Text(name) => token(name),
            Name::Joined(name) => Cow::Borrowed(name),
        }
    }

    /// How many earlier messages a subscriber receives: the `n` of [`history`](Self::history).
    #[must_use]
    pub fn history_limit(&self) -> usize {
        self.history
    }

    /// Whether its messages never leave this process.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.codec.is_none()
    }

    pub(crate) fn codec(&self) -> Option<Codec<T>> {
        self.codec
    }

    /// A local topic whose name is a token that no text maps to.
    pub(crate) const fn reserved_local(name: &'static str) -> Self {
        Self { name: Name::Token(name), history: 0, codec: None, message: PhantomData }
    }
}

// Derived implementations would require the same of `T`.

impl<T> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), ..*self }
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

/// A value that names a topic with messages of type `T`: a [`Topic<T>`], a reference to one, or text.
///
/// Text is a name as for [`Topic::named`], and takes the type of the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic",
    label = "not a topic",
    note = "pass a `Topic<T>` or a reference to one, where `T` is the type of its messages, or the topic's name as `&str` or `String`",
    note = "to make the name depend on a value, use `TOPIC.at(value)`"
)]
pub trait IntoTopic<T> {
    /// The topic.
    fn into_topic(self) -> Topic<T>;
}

impl<T: LocalMessage> IntoTopic<T> for Topic<T> {
    fn into_topic(self) -> Topic<T> {
        self
    }
}

impl<T: LocalMessage> IntoTopic<T> for &Topic<T> {
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
    use crate::address::SubscriberId;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const CHAT: Topic<u32> = Topic::new("chat");

    #[test]
    fn every_way_to_give_a_name_makes_the_same_topic() {
        assert_eq!(CHAT, Topic::named("chat"));
        assert_eq!(CHAT, IntoTopic::<u32>::into_topic("chat"));
        assert_eq!(CHAT, IntoTopic::<u32>::into_topic(String::from("chat")));
        assert_eq!(CHAT, IntoTopic::<u32>::into_topic(&CHAT));
        assert_eq!(CHAT, CHAT.history(10));
        assert_eq!(Topic::<u32>::new("a.b"), Topic::named("a.b"));
        assert_eq!(HashSet::from([Topic::<u32>::new("a b"), Topic::named("a b")]).len(), 1);
    }

    #[test]
    fn text_with_dots_is_not_a_topic_below_another() {
        assert_ne!(Topic::<u32>::new("chat.lobby"), CHAT.at("lobby"));
        assert_ne!(Topic::<u32>::named(CHAT.at("lobby").name()), CHAT.at("lobby"));
    }

    #[test]
    fn reserved_topics_differ_by_type_and_key_and_no_text_names_them() {
        let (me, you) = (SubscriberId::new().address(), SubscriberId::new().address());
        let topics = [
            Topic::<u32>::broadcast(),
            Topic::instance(&me),
            Topic::instance(&you),
            Topic::person("me"),
            Topic::person("me.u32"),
            Topic::person(me),
            Topic::local("chat"),
            Topic::local("%broadcast"),
            Topic::local("chat").at("u32"),
            CHAT,
        ];
        assert_eq!(HashSet::<_>::from_iter(&topics).len(), topics.len(), "{topics:?}");
        assert_ne!(Topic::<u64>::broadcast().name(), topics[0].name());
        assert_ne!(Topic::<u64>::person("me").name(), topics[3].name());
        for topic in &topics[..9] {
            let name = topic.name();
            assert_ne!(Topic::<u32>::named(&*name), *topic);
            let tokens = name.split('.');
            let by_text = tokens
                .clone()
                .skip(1)
                .fold(Topic::named(tokens.clone().next().unwrap()), |topic, token| topic.at(token));
            assert_ne!(by_text, *topic);
        }
    }

    #[test]
    fn a_topic_made_by_at_stays_local_and_keeps_the_history_limit() {
        const JOBS: Topic<fn()> = Topic::local("jobs").history(3);
        let below = JOBS.at("a").at("b");
        assert!(below.is_local() && !CHAT.at("a").is_local());
        assert_eq!((below.history_limit(), CHAT.at("a").history_limit()), (3, 0));
        assert_eq!(below.name(), "%local.jobs.a.b");
    }

    #[test]
    fn a_topic_is_send_and_sync_and_debug_shows_its_type() {
        fn shared<T: Send + Sync + 'static>(_: &T) {}
        shared(&CHAT);
        assert_eq!(format!("{CHAT:?}"), r#"Topic<u32>("chat")"#);
    }

    proptest! {
        #[test]
        fn topics_are_equal_exactly_if_their_paths_are(
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
