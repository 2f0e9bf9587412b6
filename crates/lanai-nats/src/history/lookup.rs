//! Single messages, requested from the stream's leader.
//!
//! Any replica could answer a "direct" get, and one that lags behind would report that a topic has no messages.

use async_nats::Message;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{RawMessageError, RawMessageErrorKind};

use super::source::{Failure, Source};

impl Source {
    /// The first message of a subject at or after a sequence.
    pub(super) async fn first_from(&self, subject: &str, from: u64) -> Result<Option<StreamMessage>, Failure> {
        found(self.stream.raw_message_builder().sequence(from).next_by_subject(subject).send().await)
    }

    /// The last message of a subject before a sequence, if the server knows it. `None` does not mean that there is
    /// none: after a last message was deleted, servers before 2.12 report none, or an older one.
    pub(super) async fn last_before(&self, subject: &str, before: u64) -> Result<Option<StreamMessage>, Failure> {
        let Some(last) = found(self.stream.raw_message_builder().last_by_subject(subject).send().await)? else {
            return Ok(None);
        };
        if last.sequence >= before {
            return Ok(None);
        }
        let next = self.first_from(subject, last.sequence + 1).await?;
        Ok(if next.is_some_and(|next| next.sequence < before) { None } else { Some(last) })
    }

    /// Fails if the consumer's server has not delivered all messages of a subject up to a sequence.
    ///
    /// The consumer may be on a replica that lags behind, or may have ended early.
    pub(super) async fn check_complete(&self, subject: &str, seen: u64, up_to: u64) -> Result<(), Failure> {
        if seen < up_to
            && let Some(next) = self.first_from(subject, seen + 1).await?
            && next.sequence <= up_to
        {
            return Err(format!("the message at {} was not read", next.sequence).into());
        }
        Ok(())
    }
}

fn found(answer: Result<StreamMessage, RawMessageError>) -> Result<Option<StreamMessage>, Failure> {
    match answer {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The message in the form in which a consumer delivers it.
pub(super) fn as_read(message: StreamMessage) -> Message {
    Message {
        length: message.payload.len(),
        subject: message.subject,
        reply: None,
        payload: message.payload,
        headers: Some(message.headers),
        status: None,
        description: None,
    }
}
