//! The encoding of events in the stream.

use async_nats::HeaderMap;
use async_nats::header::HeaderName;
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use lanai_pubsub::replicated::{Append, Entry};

use crate::message::ID;

/// The sequence of the event before it. A gap shows that events are missing.
static PREVIOUS: HeaderName = HeaderName::from_static("Lanai-Previous");
static VERSION: HeaderName = HeaderName::from_static("Lanai-Version");

/// What the headers add to the size of a message, at most.
pub(super) const OVERHEAD: usize = 512;

/// A message that the server stores only if the last one of its subject is the expected one, however often it is sent.
pub(super) fn encode(append: &Append) -> PublishMessage {
    PublishMessage::build()
        .payload(Bytes::copy_from_slice(&append.payload))
        .message_id(append.id.to_string())
        .expected_last_subject_sequence(append.expected)
        .header(PREVIOUS.clone(), append.expected.to_string().as_str())
        .header(VERSION.clone(), append.version.to_string().as_str())
}

/// Reads an event, if a Lanai program has published it.
pub(super) fn decode<'m>(headers: Option<&HeaderMap>, payload: &'m [u8], sequence: u64) -> Option<Entry<'m>> {
    let headers = headers?;
    let text = |name: &HeaderName| headers.get(name.clone()).map(|value| value.as_str());
    Some(Entry {
        sequence,
        previous: text(&PREVIOUS)?.parse().ok()?,
        id: text(&ID)?.parse().ok()?,
        version: text(&VERSION)?.parse().ok()?,
        payload,
    })
}
