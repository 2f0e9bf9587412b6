//! [`Topic`]: a name, and the type of the messages that travel under it.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::address::Address;
use crate::engine::TransportState;
use crate::message::{Codec, LocalMessage, Message};
use crate::name::{BROADCAST, ENGINE, INSTANCE, LOCAL, PERSON, SEPARATOR, is_token, token};
use crate::wildcard::Wildcard;

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
/// Two topics are equal when their names are. A name is a row of *tokens* joined by dots; every text that one is made of
/// ([`new`](Self::new), [`named`](Self::named), [`at`](Self::at)) becomes exactly one token, in which everything but ASCII
/// letters, digits and `- _ / : @ + = ~ ,` is escaped. So `"a.b"` is another topic than `Topic::new("a").at("b")`.
///
/// **What a user typed belongs in [`at`](Self::at)**: whatever it is, it only tells the topics *below* this one apart, and never
/// reaches another.
///
/// A topic made by [`new`](Self::new) or [`named`](Self::named) is shared with other processes if the broker has an engine that
/// connects them. One made by [`local`](Self::local) never leaves the process, and takes messages that cannot be written down.
pub struct Topic<T> {
    name: Name,
    /// How many messages it keeps for those who come later.
    history: usize,
    /// How its messages are written down. None: they never are, the topic is local.
    codec: Option<Codec<T>>,
    // `fn() -> T`: a topic holds no message, and is `Send` and `Sync` whatever they are.
    message: PhantomData<fn() -> T>,
}

#[derive(Clone)]
enum Name {
    /// A token already.
    Token(&'static str),
    /// As the program has it, to be made a token when it is used: a `const fn` cannot.
    Given(&'static str),
    /// Tokens, joined.
    Made(Arc<str>),
}

impl<T: Message> Topic<T> {
    /// A topic with a name known at compile time.
    pub const fn new(name: &'static str) -> Self {
        let name = if is_token(name) { Name::Token(name) } else { Name::Given(name) };
        Self { name, history: 0, codec: Some(Codec::JSON), message: PhantomData }
    }

    /// A topic with a name known at run time, by the *program*: for what users choose there is [`at`](Self::at).
    pub fn named(name: impl Into<String>) -> Self {
        Self::made(token(&name.into()).into())
    }

    /// The topic of everybody who listens for messages of type `T`, wherever they are in the program: there is one per type.
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
    pub fn broadcast() -> Self {
        Self::reserved(BROADCAST, None)
    }

    /// The topic of messages of type `T` for one subscriber, wherever it is: for one view instance, say.
    ///
    /// It hears them if it has subscribed to this topic; there is one per subscriber and type.
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
    pub fn instance(address: &Address) -> Self {
        Self::reserved(INSTANCE, Some(&address.to_string()))
    }

    /// The topic of messages of type `T` for a person, in however many tabs and processes: `key` is what the program knows
    /// people by, such as the number of an account.
    ///
    /// Subscribe to it on behalf of whom you have *authenticated* as that person. There is one per key and type.
    pub fn person(key: impl Display) -> Self {
        Self::reserved(PERSON, Some(&key.to_string()))
    }

    /// A topic that no text names: its first token is none that a text becomes.
    fn reserved(kind: &str, whose: Option<&str>) -> Self {
        let of = token(type_name::<T>());
        Self::made(match whose {
            None => format!("{kind}{SEPARATOR}{of}").into(),
            Some(whose) => format!("{kind}{SEPARATOR}{}{SEPARATOR}{of}", token(whose)).into(),
        })
    }

    fn made(name: Arc<str>) -> Self {
        Self { name: Name::Made(name), history: 0, codec: Some(Codec::JSON), message: PhantomData }
    }
}

impl<T: LocalMessage> Topic<T> {
    /// A topic that never leaves this process, whatever engine the broker has: for messages that cannot be written down, and
    /// for what concerns nobody else. It has nothing in common with a topic of the same name that is not local.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// struct Job { run: Box<dyn Fn() + Send + Sync> }
    ///
    /// const JOBS: Topic<Job> = Topic::local("jobs");
    /// Broker::new().publish(JOBS.at("urgent"), Job { run: Box::new(|| println!("done")) })?;
    /// # Ok::<_, lanai_pubsub::PublishError>(())
    /// ```
    pub const fn local(name: &'static str) -> Self {
        Self { name: Name::Given(name), history: 0, codec: None, message: PhantomData }
    }

    /// The same topic, with its last `n` messages kept: a new subscriber is handed them first, and then those that come, with
    /// none left out and none twice.
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
    /// // One that wants no past:
    /// let live = broker.listen(CHAT.at("lobby").history(0))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }).unwrap().unwrap();
    /// ```
    ///
    /// [`at`](Self::at) hands it on. Each subscriber is given as many as *its* topic says; kept are as many as the largest `n` that
    /// publishers and subscribers have come with. Messages kept without anybody subscribed are bounded: see
    /// [`Broker::with_idle_topics`](crate::Broker::with_idle_topics). With an engine that connects processes it is the engine that keeps
    /// them, by its own limits, and a subscriber in any process is given them.
    pub const fn history(mut self, n: usize) -> Self {
        self.history = n;
        self
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
        let name = format!("{}{SEPARATOR}{}", self.name(), token(&segment));
        Self { name: Name::Made(name.into()), ..*self }
    }

    /// All topics made from this one by one [`at`](Self::at): all rooms, but nothing below a room, and not this topic itself.
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
    pub fn any(&self) -> Wildcard<T> {
        Wildcard::new(self.name().into(), false, self.codec)
    }

    /// All topics made from this one by one or more [`at`](Self::at).
    pub fn below(&self) -> Wildcard<T> {
        Wildcard::new(self.name().into(), true, self.codec)
    }
}

impl<T> Topic<T> {
    /// The whole name: tokens joined by dots.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.name {
            Name::Token(name) => Cow::Borrowed(name),
            Name::Given(name) if self.codec.is_none() => Cow::Owned(format!("{LOCAL}{SEPARATOR}{}", token(name))),
            Name::Given(name) => token(name),
            Name::Made(name) => Cow::Borrowed(name),
        }
    }

    /// How many messages a subscriber by this topic is handed of those that came before it: see [`history`](Self::history).
    pub fn kept(&self) -> usize {
        self.history
    }

    /// Whether its messages never leave the process.
    pub fn is_local(&self) -> bool {
        self.codec.is_none()
    }

    pub(crate) fn codec(&self) -> Option<Codec<T>> {
        self.codec
    }
}

impl Topic<TransportState> {
    /// See [`TransportState::CHANGES`].
    pub(crate) const fn engine() -> Self {
        Self { name: Name::Token(ENGINE), history: 0, codec: None, message: PhantomData }
    }
}

// Derives would ask the same of `T`.

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
    use crate::subscription::SubscriberId;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const CHAT: Topic<u32> = Topic::new("chat");

    #[test]
    fn a_name_is_the_same_topic_however_it_was_given() {
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
    fn reserved_topics_are_apart_by_type_and_key_and_no_text_names_one() {
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
    fn a_topic_below_is_local_and_keeps_as_the_one_above() {
        const JOBS: Topic<fn()> = Topic::local("jobs").history(3);
        let below = JOBS.at("a").at("b");
        assert!(below.is_local() && !CHAT.at("a").is_local());
        assert_eq!((below.kept(), CHAT.at("a").kept()), (3, 0));
        assert_eq!(below.name(), "%local.jobs.a.b");
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
