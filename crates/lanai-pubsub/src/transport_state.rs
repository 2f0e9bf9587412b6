//! [`TransportState`]: whether the broker's transport is connected.

use std::time::Instant;

use crate::name::TRANSPORT;
use crate::topic::Topic;

/// Where the broker orders its messages, and whether the transport is connected: see
/// [`Broker::transport_state`](crate::Broker::transport_state).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportState {
    /// The broker has no transport: messages are ordered in this process, and there is no connection to lose.
    InProcess,
    /// The transport is connected.
    Connected,
    /// The transport is disconnected. Published messages wait here until it reconnects, and none arrive from other
    /// processes.
    #[non_exhaustive]
    Disconnected {
        /// When the connection was lost.
        since: Instant,
        /// How many messages wait to be stored.
        buffered: usize,
    },
}

impl TransportState {
    /// The topic that announces each change between [`Connected`](Self::Connected) and
    /// [`Disconnected`](Self::Disconnected), so that a page can show it. It is local to the process.
    pub const CHANGES: Topic<Self> = Topic::reserved_local(TRANSPORT);
}
