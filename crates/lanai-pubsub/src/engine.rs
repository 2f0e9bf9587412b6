//! [`Engine`]: the broker's side of a [`Transport`].

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use crate::address::Node;
use crate::error::{Missed, PublishError};
use crate::message::{Codec, LocalMessage};
use crate::receipt::Receipt;
use crate::registry::Registry;
use crate::subscription::SubscriberId;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::topic::Topic;
use crate::transport::{Envelope, Publication, PublicationId, Transport};

/// Where messages are put in order, and whether it can be reached: see [`Broker::transport_state`](crate::Broker::transport_state).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportState {
    /// In this process: there is nothing that could be away.
    InProcess,
    /// In an engine, which is there.
    Connected,
    /// In an engine that cannot be reached. Messages that are published wait for its return, and so do those from elsewhere.
    Disconnected {
        /// Since when.
        since: Instant,
        /// How many messages wait here.
        buffered: usize,
    },
}

impl TransportState {
    /// The topic on which changes between [`Connected`](Self::Connected) and [`Disconnected`](Self::Disconnected) are told, so that a page can show them. It is
    /// local to the process.
    pub const CHANGES: Topic<Self> = Topic::engine();
}

/// How many of this process's own messages are kept as they are until they come back; others are read like everybody's.
const OWN: usize = 4_096;

/// A [`Transport`], and what the broker has to know about it.
pub(crate) struct Engine {
    transport: Box<dyn Transport>,
    /// How far each shard has come.
    shards: Box<[Position]>,
    /// Messages of this process on their way, by number: subscribers here are to share the very value.
    own: Mutex<BTreeMap<u64, Arc<dyn Any + Send + Sync>>>,
    away: Mutex<Option<Instant>>,
    pub(crate) missed: AtomicU64,
}

/// How far a shard has come.
struct Position {
    /// The greatest position of a message that has arrived.
    arrived: AtomicU64,
    /// Up to which position messages are the past for who subscribes from now on, whether they have arrived or not.
    passed: AtomicU64,
}

impl Position {
    fn at(position: u64) -> Self {
        Self { arrived: AtomicU64::new(position), passed: AtomicU64::new(position) }
    }
}

/// What subscribers need of a message that was written down.
pub(crate) type Recorded<'e> = Envelope<'e>;

/// A message that comes from the engine.
pub(crate) struct Arrival<'e> {
    pub(crate) position: u64,
    pub(crate) recorded: Recorded<'e>,
    /// The message itself, if it is one of this process.
    pub(crate) own: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) except: Option<SubscriberId>,
}

impl Engine {
    pub(crate) fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            shards: (0..transport.shards()).map(|shard| Position::at(transport.position(shard))).collect(),
            transport,
            own: Mutex::default(),
            away: Mutex::default(),
            missed: AtomicU64::new(0),
        }
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Asks for what is published on a topic from now on, and says behind which position that is.
    pub(crate) fn want(&self, topic: &str) -> u64 {
        // First the wish: what is stored at a position that is noted later is delivered.
        self.transport.want(topic);
        let shard = &self.shards[self.shard(topic)];
        shard.arrived.load(Ordering::SeqCst).max(shard.passed.load(Ordering::SeqCst))
    }

    /// The shard of a topic.
    pub(crate) fn shard(&self, topic: &str) -> usize {
        self.transport.shards_of(topic).start
    }

    pub(crate) fn state(&self) -> TransportState {
        match *self.away.lock().unwrap_or_else(PoisonError::into_inner) {
            None => TransportState::Connected,
            Some(since) => TransportState::Disconnected { since, buffered: self.transport.buffered() },
        }
    }

    /// Sends a message off, and keeps it as it is if someone here is there to hear it.
    pub(crate) fn publish<T: LocalMessage>(
        &self,
        name: &str,
        codec: Codec<T>,
        message: T,
        except: Option<SubscriberId>,
        is_heard: bool,
    ) -> Result<Receipt, PublishError> {
        let payload =
            (codec.encode)(&message).map_err(|reason| PublishError::NotEncodable { topic: name.to_owned(), reason })?;
        let id = PublicationId::next();
        let (receipt, confirmation) = Receipt::of_engine();
        if is_heard {
            let mut own = self.own();
            own.insert(id.number, Arc::new(message));
            let oldest = if own.len() > OWN { own.pop_first() } else { None };
            drop(own);
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
            let back = self.own().remove(&id.number);
            drop(back);
            return Err(error);
        }
        Ok(receipt)
    }

    fn own(&self) -> crate::sync::MutexGuard<'_, BTreeMap<u64, Arc<dyn Any + Send + Sync>>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Takes a message from the engine to those who are subscribed here.
    pub(crate) fn arrive(self: &Arc<Self>, shard: usize, envelope: &Envelope<'_>) {
        let Some(engine) = &self.engine else { return };
        let position = envelope.position;
        // First the position, then the search: a hub that is opened too late to be found knows that this message was before it.
        engine.shards[shard].arrived.fetch_max(position, Ordering::SeqCst);
        let own = if envelope.id.node == Node::this() { engine.own().remove(&envelope.id.number) } else { None };
        let except = envelope.except.and_then(|address| address.here());
        let mut arrival = Arrival { position, recorded: *envelope, own, except };
        loop {
            let hub = self.find(envelope.topic).or_else(|| {
                let group = self.watching.first(envelope.topic).filter(|group| !group.is_local())?;
                Some(group.open(self, envelope.topic, position))
            });
            // A hub that was closed meanwhile may be followed by another one.
            if hub.is_none_or(|hub| hub.arrive(self, &mut arrival)) {
                break;
            }
        }
        crate::delivering::quietly("dropping a message", || drop(arrival));
    }

    pub(crate) fn passed(&self, shard: usize, position: u64) {
        let Some(engine) = &self.engine else { return };
        engine.shards[shard].passed.fetch_max(position, Ordering::SeqCst);
    }

    pub(crate) fn missed(&self, shard: usize, most: u64) {
        let Some(engine) = &self.engine else { return };
        let missed = Missed::new(most);
        engine.missed.fetch_add(1, Ordering::Relaxed);
        crate::delivering::quietly("a log", || tracing::error!("{missed}"));
        for hub in self.all() {
            if engine.shard(hub.name()) == shard {
                hub.missed(missed);
            }
        }
        for group in self.watching.all() {
            if !group.is_local() && engine.transport().shards_of(&group.name()).contains(&shard) {
                group.missed(missed);
            }
        }
    }

    pub(crate) fn set_connected(self: &Arc<Self>, connected: bool) {
        let Some(engine) = &self.engine else { return };
        let mut away = engine.away.lock().unwrap_or_else(PoisonError::into_inner);
        if away.is_none() == connected {
            return;
        }
        *away = if connected { None } else { Some(Instant::now()) };
        drop(away);
        let state = engine.state();
        let Some(hub) = self.find(&TransportState::CHANGES.name()) else { return };
        if let Ok(hub) = crate::broker::typed::<TransportState>(hub) {
            let _ = hub.publish(self, Arc::new(state), None, 0);
        }
    }
}
