//! What the broker refuses, and what to do about it.

use thiserror::Error;

/// Why a message was not published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The topic carries messages of another type.
    #[error(transparent)]
    TypeMismatch(#[from] PublishMismatch),
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
