//! What the broker refuses, and what to do about it.

use thiserror::Error;

/// Why a message was not published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The topic carries messages of another type.
    #[error(transparent)]
    TypeMismatch(#[from] PublishMismatch),
    /// The message cannot be written down, which it has to be to reach other processes.
    #[error(
        "a message on topic `{topic}` cannot be written as JSON: {reason}; see that its `Serialize` succeeds for every value"
    )]
    NotEncodable {
        /// The name of the topic.
        topic: String,
        /// What serde says.
        reason: String,
    },
    /// The message is larger than the engine takes.
    #[error(
        "a message on topic `{topic}` has {bytes} bytes, but the engine takes {limit} at most; publish where the data is rather than \
         the data, or raise the engine's limit"
    )]
    TooLarge {
        /// The name of the topic.
        topic: String,
        /// How large the message is, written down.
        bytes: usize,
        /// How large it may be.
        limit: usize,
    },
    /// As many messages wait to be stored as may: they were published faster than the engine stores them. This one was
    /// not published.
    #[error(
        "the buffer is full: {buffered} messages wait for the engine to store them, as many as may, and the one on topic `{topic}` was not \
         published; wait for `Receipt::stored` now and then, or enlarge the transport's buffer"
    )]
    BufferFull {
        /// The name of the topic.
        topic: String,
        /// How many messages wait.
        buffered: usize,
    },
    /// The engine is away, and as many messages wait for its return as may: this one was not published.
    #[error(
        "the engine is away and {buffered} messages wait for it, as many as may: the one on topic `{topic}` was not published; try \
         again when `Broker::transport_state` says that it is connected"
    )]
    Unavailable {
        /// The name of the topic.
        topic: String,
        /// How many messages wait.
        buffered: usize,
    },
    /// The engine would not store the message.
    #[error("the engine refused a message on topic `{topic}`: {reason}")]
    Refused {
        /// The name of the topic.
        topic: String,
        /// What the engine says.
        reason: String,
    },
    /// Nobody can know whether the message is stored: it was sent, the connection was lost before the engine had
    /// confirmed it, and when the engine was back, it no longer had what would have told. It is not sent again, so it
    /// does not come twice.
    #[error(
        "whether the message on topic `{topic}` is stored is unknown: the connection was lost before the engine had confirmed it, and the \
         engine no longer has what was stored then; it is not sent again, since it could come twice"
    )]
    FateUnknown {
        /// The name of the topic.
        topic: String,
    },
    /// The broker was dropped before the engine had confirmed the message: it may be stored, or not.
    #[error("the broker was dropped before the engine had confirmed the message")]
    Closed,
}

/// Messages were lost on the way to a subscriber: the engine that connects processes no longer had them when this process came back
/// to it, or a [`Listener`](crate::Listener) was not read for so long that it was full. What follows is complete and in order again.
///
/// How many an engine has lost on the subscriber's own topic nobody knows; [`most`](Self::most) is how many there were on all together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "messages were missed, {most} at most: the engine no longer had them when this process was connected again, or they were not \
     read in time; load the present state anew, let the engine keep messages for longer than connections are lost, and listen faster"
)]
#[non_exhaustive]
pub struct Missed {
    /// How many messages were missed, on all topics together if an engine has lost them. `u64::MAX` if nobody knows.
    pub most: u64,
}

impl Missed {
    pub(crate) fn new(most: u64) -> Self {
        Self { most }
    }
}

/// Why a subscription was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The topic carries messages of another type.
    #[error(transparent)]
    TypeMismatch(#[from] SubscribeMismatch),
}

/// A message was published on a topic that carries messages of another type.
///
/// A topic is of the type of its first subscription for as long as it has any.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "topic `{topic}` carries `{carries}`, but `{published}` was published; use one type per topic, or another name"
)]
#[non_exhaustive]
pub struct PublishMismatch {
    /// The name of the topic.
    pub topic: String,
    /// The type of the messages that its subscribers take.
    pub carries: &'static str,
    /// The type of the message that was refused.
    pub published: &'static str,
}

/// A subscription was asked for on a topic that carries messages of another type.
///
/// A topic is of the type of its first subscription for as long as it has any.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "topic `{topic}` carries `{carries}`, but a subscriber asked for `{expected}`; use one type per topic, or another name"
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
