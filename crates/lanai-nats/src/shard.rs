//! [`Shard`]: the state of a stream that outlives connections.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Notify;

use crate::cursor::Cursor;
use crate::end_check::EndCheck;
use crate::history::PendingHistory;
use crate::interest::Interest;
use crate::outbox::Outbox;

/// The state of a stream that outlives connections.
pub(crate) struct Shard {
    pub(crate) outbox: Outbox,
    /// Notified when a message was added to the outbox.
    pub(crate) outbox_filled: Notify,
    pub(crate) interest: Interest,
    pub(crate) end_check: EndCheck,
    /// The unanswered history requests.
    pub(crate) pending_history: Arc<PendingHistory>,
    /// The worker of the current session holds the lock.
    pub(crate) cursor: Arc<tokio::sync::Mutex<Cursor>>,
    /// The sequence of the stream's first message, as last known.
    pub(crate) first: AtomicU64,
}

impl Shard {
    pub(crate) fn new(cursor: Cursor) -> Self {
        Self {
            outbox: Outbox::default(),
            outbox_filled: Notify::new(),
            interest: Interest::at(cursor.end() - 1),
            end_check: EndCheck::default(),
            pending_history: Arc::default(),
            cursor: Arc::new(tokio::sync::Mutex::new(cursor)),
            first: AtomicU64::new(1),
        }
    }
}
