//! [`Transport`]: what an engine that connects processes has to do, and [`TransportSink`], by which it hands over what comes.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Weak};

use crate::address::{Address, AddressError, Node};
use crate::error::PublishError;
use crate::receipt::Confirmation;
use crate::registry::Registry;

/// A connection to an engine that puts the messages of several processes into one order, keeps them, and hands all of them to each.
///
/// Given to [`Broker::with_transport`](crate::Broker::with_transport), it carries every topic but the [local](crate::Topic::local) ones. A message
/// that is published goes to the engine, and reaches subscribers, those of its own process too, when it comes back from there:
/// the engine's order is the order of all.
///
/// # Shards
///
/// The topics may be divided among *shards*, each with an order of its own: that of a topic is the one of its shard,
/// and between shards there is none. Positions are those in a shard.
///
/// # What it promises
///
/// - A message that [`publish`](Self::publish) has accepted is stored once, even if the connection is lost on the way;
///   those of one process on one shard in the order of its calls. Then, or when it is certain that it never will be,
///   its [`Confirmation`] is settled. If nobody can know whether it is stored, it is settled with
///   [`PublishError::FateUnknown`], and never sent again.
/// - Everything stored on topics that are [wanted](Self::want) is given to [`TransportSink::deliver`] once, by one thread or
///   task at a time for each shard, in the order of its topic: with positions that grow. What it can no longer get is
///   owned up to by [`TransportSink::missed`], in its place. Messages that are not wanted may be delivered too.
/// - It never blocks the caller. It may keep the [`TransportSink`] for good: that does not keep the broker. It is dropped with the last
///   handle of the broker.
pub trait Transport: Send + Sync + 'static {
    /// How many shards there are: one, unless it says otherwise.
    fn shards(&self) -> usize {
        1
    }

    /// The shards of the topics that a name stands for, which is that of a topic, or that of one above and a last token
    /// `*` (all topics one token below it) or `>` (all topics below it). Those of one topic are one.
    fn shards_of(&self, name: &str) -> Range<usize> {
        let _ = name;
        0..1
    }

    /// The position after which it will deliver on a shard. Asked once for each, before [`start`](Self::start).
    fn position(&self, shard: usize) -> u64;

    /// Begins to deliver. Called once.
    fn start(&self, sink: TransportSink);

    /// Notes that a topic has subscribers here from now on, or the topics that a name stands for as in
    /// [`shards_of`](Self::shards_of).
    ///
    /// When this returns, and until as many calls of [`unwant`](Self::unwant) have ended it, every message that is
    /// stored at a position greater than the last of [`TransportSink::passed`] and [`TransportSink::deliver`] is delivered.
    fn want(&self, name: &str) {
        let _ = name;
    }

    /// Resolves when [`TransportSink::passed`] was told of what was stored before this call; or soon, if the engine cannot be
    /// asked.
    ///
    /// A transport that hears everything at once has nothing to do.
    fn refresh(&self) -> Refreshed<'_> {
        Box::pin(std::future::ready(()))
    }

    /// Takes back a call of [`want`](Self::want).
    fn unwant(&self, name: &str) {
        let _ = name;
    }

    /// Takes a message to be stored. While the engine is away it is kept, up to a bound.
    ///
    /// # Errors
    ///
    /// If the message is refused: it is too large, or too many wait already.
    fn publish(&self, publication: Publication) -> Result<(), PublishError>;

    /// Finds the last messages of a topic, and answers the request with them, now or later, here or elsewhere.
    fn history(&self, request: HistoryRequest);

    /// How many messages were accepted and are not stored yet.
    fn buffered(&self) -> usize;
}

/// What [`Transport::refresh`] returns.
pub type Refreshed<'t> = Pin<Box<dyn Future<Output = ()> + Send + 't>>;

/// A message on its way to the engine.
#[derive(Debug)]
#[non_exhaustive]
pub struct Publication {
    /// The name of its topic: tokens joined by dots, of ASCII letters, digits and `- _ / : @ + = ~ , %`.
    pub topic: Arc<str>,
    /// The type of the message, which is checked where it arrives.
    pub type_name: &'static str,
    /// What it is known by, here and when it comes back.
    pub id: PublicationId,
    /// The message, written down.
    pub payload: Vec<u8>,
    /// Which subscriber is not to have it.
    pub except: Option<Address>,
    /// Where its fate is to be told.
    pub confirmation: Confirmation,
}

/// The name of a message: no two have the same, in no process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicationId {
    pub(crate) node: Node,
    pub(crate) number: u64,
}

impl PublicationId {
    /// One that was never given before. Of two given by one process, the later is the greater.
    pub(crate) fn next() -> Self {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        Self { node: Node::this(), number: NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed) }
    }
}

impl fmt::Display for PublicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.node, self.number)
    }
}

impl FromStr for PublicationId {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Address { node, subscriber: number } = text.parse()?;
        Ok(Self { node, number })
    }
}

/// A message as the engine hands it over.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'e> {
    /// Where it is in the order of its shard; 1 at least.
    pub position: u64,
    /// As in its [`Publication`], like all below.
    pub topic: &'e str,
    /// The type of the message.
    pub type_name: &'e str,
    /// Its name.
    pub id: PublicationId,
    /// The message, written down.
    pub payload: &'e [u8],
    /// Which subscriber is not to have it.
    pub except: Option<Address>,
}

/// The broker's end of a [`Transport`].
///
/// It does not keep the broker: see [`is_open`](Self::is_open).
#[derive(Clone)]
pub struct TransportSink {
    registry: Weak<Registry>,
}

impl TransportSink {
    pub(crate) fn new(registry: &Arc<Registry>) -> Self {
        Self { registry: Arc::downgrade(registry) }
    }

    /// Hands over the next message of a shard. It calls subscribers, as a publisher does.
    ///
    /// # Panics
    ///
    /// If the transport has said that there are fewer shards.
    pub fn deliver(&self, shard: usize, envelope: Envelope<'_>) {
        if let Some(registry) = self.registry.upgrade() {
            registry.arrive(shard, &envelope);
        }
    }

    /// Notes that the engine has stored messages up to a position of a shard: who subscribes from now on is handed what
    /// comes behind it, and finds what is before in the past. Subscribers that are there already are still handed all.
    ///
    /// # Panics
    ///
    /// If the transport has said that there are fewer shards.
    pub fn passed(&self, shard: usize, position: u64) {
        if let Some(registry) = self.registry.upgrade() {
            registry.passed(shard, position);
        }
    }

    /// Owns up to messages of a shard that were due and are gone: so many, or `u64::MAX` if that is not known. All
    /// subscribers of its topics are told.
    pub fn missed(&self, shard: usize, most: u64) {
        if let Some(registry) = self.registry.upgrade() {
            registry.missed(shard, most);
        }
    }

    /// Notes that the engine is there.
    pub fn connected(&self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.set_connected(true);
        }
    }

    /// Notes that the engine cannot be reached.
    pub fn disconnected(&self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.set_connected(false);
        }
    }

    /// Whether anyone still has the broker.
    pub fn is_open(&self) -> bool {
        self.registry.strong_count() > 0
    }
}

impl fmt::Debug for TransportSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportSink").field("open", &self.is_open()).finish()
    }
}

/// A new subscriber's wish for the past of a topic.
///
/// Its topic stands still until it is answered. Dropped without an answer, it counts as failed: the subscriber is told that it misses
/// messages.
pub struct HistoryRequest {
    topic: Arc<str>,
    count: usize,
    up_to: u64,
    is_wanted: Box<dyn Fn() -> bool + Send + Sync>,
    reply: Option<Reply>,
}

type Reply = Box<dyn FnOnce(Option<&[Envelope<'_>]>) + Send + Sync>;

impl HistoryRequest {
    pub(crate) fn new(
        topic: Arc<str>,
        count: usize,
        up_to: u64,
        is_wanted: impl Fn() -> bool + Send + Sync + 'static,
        reply: impl FnOnce(Option<&[Envelope<'_>]>) + Send + Sync + 'static,
    ) -> Self {
        Self { topic, count, up_to, is_wanted: Box::new(is_wanted), reply: Some(Box::new(reply)) }
    }

    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// How many messages are wanted.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The last position that is of interest.
    pub fn up_to(&self) -> u64 {
        self.up_to
    }

    /// Whether the subscriber is still there. If not, the request can be dropped, which lets its topic go on.
    pub fn is_wanted(&self) -> bool {
        (self.is_wanted)()
    }

    /// Answers with the last messages of the topic at [`up_to`](Self::up_to) or before, the oldest first: as many as are wanted, or
    /// all there are.
    pub fn answer(mut self, messages: &[Envelope<'_>]) {
        if let Some(reply) = self.reply.take() {
            reply(Some(messages));
        }
    }
}

impl Drop for HistoryRequest {
    fn drop(&mut self) {
        if let Some(reply) = self.reply.take() {
            reply(None);
        }
    }
}

impl fmt::Debug for HistoryRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryRequest")
            .field("topic", &self.topic)
            .field("count", &self.count)
            .field("up_to", &self.up_to)
            .finish_non_exhaustive()
    }
}
