//! [`Shard`]: what is known of a stream and is to be done on it, between connections too.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Notify;

use crate::cursor::Cursor;
use crate::end_check::EndCheck;
use crate::history::PendingHistory;
use crate::interest::Interest;
use crate::outbox::Outbox;

/// A stream, and what is to be done on it. It outlives connections.
pub(crate) struct Shard {
    pub(crate) outbox: Outbox,
    /// Told when something was put into the outbox.
    pub(crate) outbox_filled: Notify,
    pub(crate) interest: Interest,
    pub(crate) end_check: EndCheck,
    /// What is wanted of the past.
    pub(crate) pending_history: Arc<PendingHistory>,
    /// Held by the worker of the present session.
    pub(crate) cursor: Arc<tokio::sync::Mutex<Cursor>>,
    /// The place of the stream's first message, as it was last known.
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
