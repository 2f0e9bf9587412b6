//! [`TransportLink`]: a [`Transport`], and what the broker knows about it.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use crate::address::{Node, SubscriberId};
use crate::error::PublishError;
use crate::message::{Codec, LocalMessage};
use crate::receipt::Receipt;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::transport::{Publication, PublicationId, Transport};
use crate::transport_state::TransportState;

/// How many of this process's own messages are kept until they come back. Those beyond are deserialized like the
/// messages of other processes.
const MAX_IN_FLIGHT: usize = 4_096;

/// A [`Transport`], and what the broker knows about it.
pub(crate) struct TransportLink {
    transport: Box<dyn Transport>,
    shards: Box<[ShardPositions]>,
    /// Messages that this process has published and not yet received back, by number. Its subscribers share the
    /// original value instead of a copy.
    in_flight: Mutex<BTreeMap<u64, Arc<dyn Any + Send + Sync>>>,
    disconnected_since: Mutex<Option<Instant>>,
    /// How many times the transport reported lost messages.
    pub(crate) gaps: AtomicU64,
}

/// How far a shard has been received.
struct ShardPositions {
    /// The greatest position of a message that has arrived.
    arrived: AtomicU64,
    /// The greatest position that is known to be stored. Up to there, messages are history for new subscribers, whether
    /// they have arrived or not.
    stored: AtomicU64,
}

impl ShardPositions {
    fn at(position: u64) -> Self {
        Self { arrived: AtomicU64::new(position), stored: AtomicU64::new(position) }
    }
}

impl TransportLink {
    pub(crate) fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            shards: (0..transport.shards()).map(|shard| ShardPositions::at(transport.position(shard))).collect(),
            transport,
            in_flight: Mutex::default(),
            disconnected_since: Mutex::default(),
            gaps: AtomicU64::new(0),
        }
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Subscribes to a topic, and returns the position after which its messages are delivered.
    pub(crate) fn subscribe(&self, topic: &str) -> u64 {
        // Subscribe first: the transport delivers everything after the positions that are read below.
        self.transport.subscribe(topic);
        let shard = &self.shards[self.shard(topic)];
        shard.arrived.load(Ordering::SeqCst).max(shard.stored.load(Ordering::SeqCst))
    }

    /// The shard of a topic.
    pub(crate) fn shard(&self, topic: &str) -> usize {
        self.transport.shards_of(topic).start
    }

    /// Notes that a message has arrived.
    pub(crate) fn set_arrived(&self, shard: usize, position: u64) {
        self.shards[shard].arrived.fetch_max(position, Ordering::SeqCst);
    }

    /// Notes that messages up to a position are stored.
    pub(crate) fn set_stored(&self, shard: usize, position: u64) {
        self.shards[shard].stored.fetch_max(position, Ordering::SeqCst);
    }

    pub(crate) fn state(&self) -> TransportState {
        match *self.disconnected_since.lock().unwrap_or_else(PoisonError::into_inner) {
            None => TransportState::Connected,
            Some(since) => TransportState::Disconnected { since, buffered: self.transport.buffered() },
        }
    }

    /// Notes whether the transport is connected. Returns true if that is a change.
    pub(crate) fn set_connected(&self, connected: bool) -> bool {
        let mut since = self.disconnected_since.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_none() == connected {
            return false;
        }
        *since = if connected { None } else { Some(Instant::now()) };
        true
    }

    /// Sends a message, and keeps the value if a subscriber here will receive it.
    pub(crate) fn publish<T: LocalMessage>(
        &self,
        name: &str,
        codec: Codec<T>,
        message: T,
        except: Option<SubscriberId>,
        has_local_receivers: bool,
    ) -> Result<Receipt, PublishError> {
        let payload =
            (codec.encode)(&message).map_err(|reason| PublishError::NotEncodable { topic: name.to_owned(), reason })?;
        let id = PublicationId::new();
        let (receipt, confirmation) = Receipt::pending();
        if has_local_receivers {
            let mut in_flight = self.in_flight();
            in_flight.insert(id.number, Arc::new(message));
            let oldest = if in_flight.len() > MAX_IN_FLIGHT { in_flight.pop_first() } else { None };
            drop(in_flight);
            drop(oldest);
        }
        let publication = Publication {
            topic: name.into(),
            type_name: std::any::type_name::<T>(),
            id,
            payload,
            except: except.map(SubscriberId::address),
            confirmation,
        };
        if let Err(error) = self.transport.publish(publication) {
            let message = self.in_flight().remove(&id.number);
            drop(message);
            return Err(error);
        }
        Ok(receipt)
    }

    /// The original value of a message that comes back, if this process published it and has kept it.
    pub(crate) fn take_in_flight(&self, id: PublicationId) -> Option<Arc<dyn Any + Send + Sync>> {
        if id.node == Node::this() { self.in_flight().remove(&id.number) } else { None }
    }

    fn in_flight(&self) -> crate::sync::MutexGuard<'_, BTreeMap<u64, Arc<dyn Any + Send + Sync>>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
