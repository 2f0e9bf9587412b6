//! Single messages of the stream, asked of the one server that is certain to have all of it.
//!
//! "Direct" gets would be answered by any replica, and one that lags behind would tell of a topic that it has no
//! messages.

use async_nats::Message;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{RawMessageError, RawMessageErrorKind};

use super::source::{Failure, Source};

impl Source {
    /// The first message of a subject at a place or behind it.
    pub(super) async fn first_from(&self, subject: &str, from: u64) -> Result<Option<StreamMessage>, Failure> {
        found(self.stream.raw_message_builder().sequence(from).next_by_subject(subject).send().await)
    }

    /// The last message of a subject before a place, if the server knows it: there may be one all the same. After a
    /// last message was deleted, servers before 2.12 know none, or an older one.
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

    /// Fails if the server that was read from has fewer messages of a subject, up to a place, than the stream.
    ///
    /// A consumer may be on a replica that lags behind, or may have ended early.
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

/// The message as a consumer would have handed it over.
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
