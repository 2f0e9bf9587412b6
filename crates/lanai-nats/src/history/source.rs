//! [`Source`]: the stream that history is read from.

use std::sync::Arc;

use async_nats::Message;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Stream;
use lanai_pubsub::Envelope;
use tokio::sync::Semaphore;

use super::owned_envelope::OwnedEnvelope;

/// How many topics are searched at a time. Each search has a consumer on the server.
pub(super) const CONCURRENT_SEARCHES: usize = 8;
/// The most bytes of messages that a scan may hold, and that all searches together may hold. A search for more runs
/// alone.
pub(super) const MAX_BYTES: usize = 64 << 20;

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Maps topics to subjects and positions to sequences, for the time of one connection.
pub(crate) trait Mapping: Send + Sync + 'static {
    /// The subject of a topic.
    fn subject(&self, topic: &str) -> String;

    /// The sequence of a position; 0 if its message is gone.
    fn sequence(&self, position: u64) -> u64;

    /// Decodes a message of the stream, if a Lanai program published it.
    fn envelope<'m>(&self, message: &'m Message, sequence: u64) -> Option<Envelope<'m>>;

    /// The sequence of the stream's first message, as last known.
    fn first(&self) -> u64;
}

/// What all searches and scans on one connection share.
pub(super) struct Source {
    pub(super) context: Context,
    pub(super) stream: Stream,
    pub(super) mapping: Arc<dyn Mapping>,
    /// How many KiB of messages searches may still hold.
    pub(super) memory: Semaphore,
}

impl Source {
    pub(super) fn new(context: Context, stream: Stream, mapping: Arc<dyn Mapping>) -> Self {
        Self { context, stream, mapping, memory: Semaphore::new(MAX_BYTES >> 10) }
    }

    /// Copies a message, if a Lanai program published it.
    pub(super) fn copy(&self, sequence: u64, message: &Message) -> Option<OwnedEnvelope> {
        self.mapping.envelope(message, sequence).map(|envelope| OwnedEnvelope::new(&envelope))
    }
}
