//! [`ShardMapping`]: maps topics to subjects and positions to sequences.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_nats::Message;
use lanai_pubsub::Envelope;

use crate::epochs::Epochs;
use crate::history::Mapping;
use crate::inner::Inner;
use crate::message;
/// The mapping of a shard, for the time of one connection.
pub(super) struct ShardMapping {
    pub(super) inner: Arc<Inner>,
    pub(super) index: usize,
    pub(super) epochs: Epochs,
}

impl Mapping for ShardMapping {
    fn subject(&self, topic: &str) -> String {
        self.inner.layout.spec(self.index).subject(topic)
    }

    fn sequence(&self, position: u64) -> u64 {
        self.epochs.sequence(position)
    }

    fn envelope<'m>(&self, message: &'m Message, sequence: u64) -> Option<Envelope<'m>> {
        message::envelope(self.inner.layout.spec(self.index), message, self.epochs.position(sequence))
    }

    fn first(&self) -> u64 {
        self.inner.shards[self.index].first.load(Ordering::Relaxed)
    }
}
