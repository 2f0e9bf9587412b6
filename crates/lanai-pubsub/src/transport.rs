//! [`Transport`]: how messages reach other processes, and [`TransportSink`]: how it delivers what it receives.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Weak};

use crate::address::{Address, AddressError, Node};
use crate::error::PublishError;
use crate::receipt::Confirmation;
use crate::replicated::Journal;

/// A connection to a message server that puts the messages of several processes into one order, stores them, and sends
/// all of them to each process.
///
/// Given to [`Broker::with_transport`](crate::Broker::with_transport), it carries every topic except the
/// [local](crate::Topic::local) ones. A published message goes to the server first. It reaches subscribers, including
/// those in the same process, when the server sends it back; so all processes see the server's order.
///
/// # Shards
///
/// The topics may be divided among *shards*, each with its own order. A topic is ordered within its shard; there is no
/// order between shards. Positions count the messages of one shard.
///
/// # Contract
///
/// - A message that [`publish`](Self::publish) accepts is stored exactly once, even if the connection is lost
///   meanwhile. The messages that one process publishes on one shard are stored in the order of the calls. When a
///   message is stored, or when it is certain that it never will be, the transport settles its [`Confirmation`]. If
///   nobody can know whether it is stored, the transport settles it with [`PublishError::OutcomeUnknown`] and never
///   sends it again.
/// - Every message stored on a topic with a [subscription](Self::subscribe) is passed to [`TransportSink::deliver`]
///   once, with positions that increase, by one thread or task at a time for each shard. Where messages can no longer
///   be obtained, the transport calls [`TransportSink::missed`] in their place. It may deliver messages of other topics
///   too.
/// - No method blocks the caller. The transport may keep the [`TransportSink`] forever, since that does not keep the
///   broker alive. The transport is dropped with the last handle of the broker.
pub trait Transport: Send + Sync + 'static {
    /// The number of shards; 1 by default.
    fn shards(&self) -> usize {
        1
    }

    /// The shards of the topics that a name covers. A name is that of a single topic, or that of a parent topic
    /// followed by `*` (all topics one token below it) or `>` (all topics below it). The name of a single topic has
    /// exactly one shard.
    fn shards_of(&self, name: &str) -> Range<usize> {
        let _ = name;
        0..1
    }

    /// The position after which it will deliver the messages of a shard. Called once for each shard, before
    /// [`start`](Self::start).
    fn position(&self, shard: usize) -> u64;

    /// Starts delivering. Called once.
    fn start(&self, sink: TransportSink);

    /// Subscribes to the topics that a name covers, as in [`shards_of`](Self::shards_of).
    ///
    /// When this returns, and until [`unsubscribe`](Self::unsubscribe) has been called as often for that name, the
    /// transport delivers every message of these topics whose position is greater than the last one passed to
    /// [`TransportSink::stored_up_to`] or [`TransportSink::deliver`].
    fn subscribe(&self, name: &str) {
        let _ = name;
    }

    /// Reverts one call of [`subscribe`](Self::subscribe).
    fn unsubscribe(&self, name: &str) {
        let _ = name;
    }

    /// Resolves when [`TransportSink::stored_up_to`] has reported all messages stored before this call, or soon if the
    /// server does not answer.
    ///
    /// A transport that receives everything immediately has nothing to do.
    fn refresh(&self) -> RefreshFuture<'_> {
        Box::pin(std::future::ready(()))
    }

    /// Accepts a message to be stored. While the connection is lost, it buffers messages up to a limit.
    ///
    /// # Errors
    ///
    /// If it refuses the message: because it is too large, or because the buffer is full.
    fn publish(&self, publication: Publication) -> Result<(), PublishError>;

    /// Finds the last messages of a topic and answers the request, either during this call or later from any thread.
    fn history(&self, request: HistoryRequest);

    /// How many accepted messages are not stored yet.
    fn buffered(&self) -> usize;

    /// What keeps the events of [replicated states](crate::replicated). Without one, which is the default, a broker
    /// with this transport opens none.
    fn journal(&self) -> Option<Arc<dyn Journal>> {
        None
    }
}

/// The future that [`Transport::refresh`] returns.
pub type RefreshFuture<'t> = Pin<Box<dyn Future<Output = ()> + Send + 't>>;

/// A message to be stored.
#[derive(Debug)]
#[non_exhaustive]
pub struct Publication {
    /// The name of its topic: tokens joined by dots, of ASCII letters, digits and `- _ / : @ + = ~ , %`.
    pub topic: Arc<str>,
    /// The type of the message, which the receiving process checks.
    pub type_name: &'static str,
    /// Identifies the message, here and when the server sends it back.
    pub id: PublicationId,
    /// The serialized message.
    pub payload: Vec<u8>,
    /// The subscriber to leave out.
    pub except: Option<Address>,
    /// Tells the publisher whether the message was stored.
    pub confirmation: Confirmation,
}

/// The unique identifier of a message, across all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicationId {
    pub(crate) node: Node,
    pub(crate) number: u64,
}

impl PublicationId {
    /// An identifier that was never given out before. Within a process, later ones are greater.
    pub(crate) fn new() -> Self {
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

/// A message as the server delivers it.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'e> {
    /// Its position in the order of its shard; at least 1.
    pub position: u64,
    /// The name of its topic, as in the [`Publication`]; so are the other fields.
    pub topic: &'e str,
    /// The type of the message.
    pub type_name: &'e str,
    /// Identifies the message.
    pub id: PublicationId,
    /// The serialized message.
    pub payload: &'e [u8],
    /// The subscriber to leave out.
    pub except: Option<Address>,
}

/// What a broker does with what its transport reports.
pub(crate) trait TransportEvents: Send + Sync {
    fn deliver(self: Arc<Self>, shard: usize, envelope: &Envelope<'_>);
    fn stored_up_to(&self, shard: usize, position: u64);
    fn missed(&self, shard: usize, at_most: u64);
    fn set_connected(&self, connected: bool);
}

/// The broker's end of a [`Transport`].
///
/// It does not keep the broker alive: see [`is_open`](Self::is_open).
#[derive(Clone)]
pub struct TransportSink {
    broker: Weak<dyn TransportEvents>,
}

impl TransportSink {
    pub(crate) fn new(broker: Weak<dyn TransportEvents>) -> Self {
        Self { broker }
    }

    /// Delivers the next message of a shard. This calls subscribers, as publishing without a transport does.
    ///
    /// # Panics
    ///
    /// If `shard` is not less than [`Transport::shards`].
    pub fn deliver(&self, shard: usize, envelope: Envelope<'_>) {
        if let Some(broker) = self.broker.upgrade() {
            broker.deliver(shard, &envelope);
        }
    }

    /// Reports that the server has stored messages up to a position of a shard. Those who subscribe from now on receive
    /// what comes after it; what comes before it is history for them. Existing subscribers still receive everything.
    ///
    /// # Panics
    ///
    /// If `shard` is not less than [`Transport::shards`].
    pub fn stored_up_to(&self, shard: usize, position: u64) {
        if let Some(broker) = self.broker.upgrade() {
            broker.stored_up_to(shard, position);
        }
    }

    /// Reports that messages of a shard are lost: `at_most` of them, or `u64::MAX` if their number is unknown. All
    /// subscribers of the shard's topics are told.
    pub fn missed(&self, shard: usize, at_most: u64) {
        if let Some(broker) = self.broker.upgrade() {
            broker.missed(shard, at_most);
        }
    }

    /// Reports that the transport is connected.
    pub fn connected(&self) {
        if let Some(broker) = self.broker.upgrade() {
            broker.set_connected(true);
        }
    }

    /// Reports that the connection is lost.
    pub fn disconnected(&self) {
        if let Some(broker) = self.broker.upgrade() {
            broker.set_connected(false);
        }
    }

    /// Whether the broker is still alive.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.broker.strong_count() > 0
    }
}

impl fmt::Debug for TransportSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportSink").field("open", &self.is_open()).finish()
    }
}

/// A new subscriber's request for the history of a topic.
///
/// The topic delivers nothing until the request is answered. Dropping the request without an answer makes it fail: the
/// subscriber is told that it missed messages.
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
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// How many messages the subscriber wants.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The last position to consider.
    #[must_use]
    pub fn up_to(&self) -> u64 {
        self.up_to
    }

    /// Whether the subscription is still active. If not, drop the request, so that its topic continues.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        (self.is_wanted)()
    }

    /// Answers with the last messages of the topic at or before [`up_to`](Self::up_to), the oldest first:
    /// [`count`](Self::count) messages, or all there are.
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
