//! [`Source`]: the stream that history is read from.

use std::sync::Arc;

use async_nats::Message;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Stream;
use lanai_pubsub::Envelope;
use tokio::sync::Semaphore;

use super::owned_envelope::OwnedEnvelope;

/// How many topics are searched for at once. Each search has a consumer on the server.
pub(super) const CONCURRENT_SEARCHES: usize = 8;
/// How many bytes of messages a scan may hold, and all searches together. A search for what is larger runs alone.
pub(super) const MAX_BYTES: usize = 64 << 20;

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How topics and positions are found in a stream. It holds for one connection.
pub(crate) trait Mapping: Send + Sync + 'static {
    /// The subject that stands for a topic.
    fn subject(&self, topic: &str) -> String;

    /// Where in the stream a position is: 0 if what was there is gone.
    fn sequence(&self, position: u64) -> u64;

    /// Reads a message that stands at a place in the stream, if it is one of ours.
    fn envelope<'m>(&self, message: &'m Message, sequence: u64) -> Option<Envelope<'m>>;

    /// The place of the first message when the connection was made.
    fn first(&self) -> u64;
}

/// What is the same for all that is looked for over one connection.
pub(super) struct Source {
    pub(super) context: Context,
    pub(super) stream: Stream,
    pub(super) mapping: Arc<dyn Mapping>,
    /// KiB of messages that searches may still hold.
    pub(super) memory: Semaphore,
}

impl Source {
    pub(super) fn new(context: Context, stream: Stream, mapping: Arc<dyn Mapping>) -> Self {
        Self { context, stream, mapping, memory: Semaphore::new(MAX_BYTES >> 10) }
    }

    /// A copy of a message, if it is one of ours.
    pub(super) fn to_owned_envelope(&self, sequence: u64, message: &Message) -> Option<OwnedEnvelope> {
        self.mapping.envelope(message, sequence).map(|envelope| OwnedEnvelope::new(&envelope))
    }
}
