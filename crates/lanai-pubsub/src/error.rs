//! What the broker refuses, and what to do about it.

use thiserror::Error;

/// Why a message was not published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The topic carries messages of another type.
    #[error(transparent)]
    TypeMismatch(#[from] PublishMismatch),
    /// The message could not be serialized, which a transport requires.
    #[error(
        "cannot serialize a message on topic `{topic}` as JSON: {reason}; make sure that its `Serialize` implementation succeeds for \
         every value"
    )]
    NotEncodable {
        /// The name of the topic.
        topic: String,
        /// The error from serde.
        reason: String,
    },
    /// The message is larger than the transport accepts.
    #[error(
        "a message on topic `{topic}` has {bytes} bytes, but the transport accepts at most {limit}; publish a reference to the data \
         instead of the data itself, or raise the limit of the message server"
    )]
    TooLarge {
        /// The name of the topic.
        topic: String,
        /// The size of the serialized message.
        bytes: usize,
        /// The largest size that the transport accepts.
        limit: usize,
    },
    /// The transport's buffer is full: messages were published faster than they were stored. This message was not
    /// published.
    #[error(
        "the transport's buffer is full: {buffered} messages wait to be stored, and the one on topic `{topic}` was not published; \
         publish more slowly, for example by awaiting `Receipt::stored` now and then, or enlarge the buffer"
    )]
    BufferFull {
        /// The name of the topic.
        topic: String,
        /// How many messages wait.
        buffered: usize,
    },
    /// The transport is disconnected and its buffer is full: this message was not published.
    #[error(
        "the transport is disconnected and its buffer is full: {buffered} messages wait, and the one on topic `{topic}` was not \
         published; try again when `Broker::transport_state` is `Connected`"
    )]
    Unavailable {
        /// The name of the topic.
        topic: String,
        /// How many messages wait.
        buffered: usize,
    },
    /// The message server refused to store the message.
    #[error("a message on topic `{topic}` was refused: {reason}")]
    Refused {
        /// The name of the topic.
        topic: String,
        /// What the message server reports.
        reason: String,
    },
    /// The message may or may not be stored. It was sent, the connection was lost before the server confirmed it, and
    /// after reconnecting, the server no longer had the data that would tell. The message is not sent again, since it
    /// could then be stored twice.
    #[error(
        "it is unknown whether the message on topic `{topic}` was stored: the connection was lost before the server confirmed it, and \
         the server no longer has the messages of that time; it is not sent again, since it could then be stored twice"
    )]
    OutcomeUnknown {
        /// The name of the topic.
        topic: String,
    },
    /// The broker was dropped before the message was confirmed, so it may or may not be stored.
    #[error("the broker was dropped before the message was confirmed; it may or may not be stored")]
    Closed,
}

/// A subscriber missed messages: the message server no longer had them when this process reconnected, or a
/// [`Listener`](crate::Listener) was full because it was not read in time. The messages that follow are complete and in
/// order again.
///
/// How many messages the server dropped on the subscriber's own topic is unknown; [`at_most`](Self::at_most) counts
/// those on all topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "messages were missed, {at_most} at most: the server no longer had them when this process reconnected, or they were not read in \
     time; reload the current state, and let the server keep messages for longer than a connection may be lost, or read faster"
)]
#[non_exhaustive]
pub struct Missed {
    /// An upper bound for the number of missed messages; `u64::MAX` if it is unknown. If the server dropped them, this
    /// counts the messages of all topics.
    pub at_most: u64,
}

impl Missed {
    pub(crate) fn new(at_most: u64) -> Self {
        Self { at_most }
    }
}

/// Why a subscription was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The topic carries messages of another type.
    #[error(transparent)]
    TypeMismatch(#[from] SubscribeMismatch),
}

/// A message was published on a topic that carries messages of another type.
///
/// The first subscription determines the type of a topic, for as long as the topic has subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "topic `{topic}` carries `{carries}`, but `{published}` was published; use one type per topic, or a different topic name"
)]
#[non_exhaustive]
pub struct PublishMismatch {
    /// The name of the topic.
    pub topic: String,
    /// The type of the messages that its subscribers take.
    pub carries: &'static str,
    /// The type of the refused message.
    pub published: &'static str,
}

/// A subscriber asked for messages of another type than the topic carries.
///
/// The first subscription determines the type of a topic, for as long as the topic has subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "topic `{topic}` carries `{carries}`, but a subscriber asked for `{expected}`; use one type per topic, or a different topic name"
)]
#[non_exhaustive]
pub struct SubscribeMismatch {
    /// The name of the topic.
    pub topic: String,
    /// The type of the messages that its subscribers take.
    pub carries: &'static str,
    /// The type that the refused subscriber takes.
    pub expected: &'static str,
}
