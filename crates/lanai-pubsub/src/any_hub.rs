//! [`AnyHub`]: a topic's hub, whatever the type of its messages.

use std::any::Any;
use std::sync::Arc;

use crate::address::SubscriberId;
use crate::error::Missed;
use crate::transport::Envelope;

/// A [`Hub`](crate::hub::Hub) of messages of any type.
pub(crate) trait AnyHub: Any + Send + Sync {
    fn name(&self) -> &str;
    /// Whether its messages never leave the process, even if there is a transport.
    fn is_local(&self) -> bool;
    fn type_name(&self) -> &'static str;
    fn info(&self) -> TopicInfo;
    /// Closes the hub if nothing uses it. The caller holds the lock of the hub's shard of the registry, and removes the
    /// hub from there if this returns true.
    fn close_if_unused(&self) -> bool;
    /// Closes the hub if it has been idle since `stamp`. The caller holds the lock of the hub's shard of the registry,
    /// and removes the hub from there if this returns [`ForgetOutcome::Closed`].
    fn forget(&self, stamp: u64) -> ForgetOutcome;
    /// Queues a message from the transport. Returns false if the hub is closed.
    fn receive(self: Arc<Self>, incoming: &mut Incoming<'_>) -> bool;
    /// Queues the notice that the transport has lost messages.
    fn missed(self: Arc<Self>, missed: Missed);
}

/// A message from the transport.
pub(crate) struct Incoming<'e> {
    pub(crate) envelope: Envelope<'e>,
    /// The original value, if this process published the message and has kept it.
    pub(crate) original: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) except: Option<SubscriberId>,
}

/// What happened to an idle topic that was about to be forgotten.
pub(crate) enum ForgetOutcome {
    /// The hub is closed.
    Closed,
    /// It was used after the stamp. It stays idle since this later stamp.
    UsedSince(u64),
    /// It is in use right now. It stays idle since this later stamp.
    Busy(u64),
    /// It has subscribers again.
    NotIdle,
}

/// Information about a topic, for dashboards.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Its full name, as [`Topic::name`](crate::Topic::name) returns it.
    pub name: String,
    /// The type of its messages.
    pub type_name: &'static str,
    /// How many subscriptions it has.
    pub subscribers: usize,
    /// How many messages were published since the broker holds it.
    pub published: u64,
    /// How many messages it keeps for later subscribers.
    pub kept: usize,
}
