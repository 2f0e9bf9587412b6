//! What one page has waiting in the mailboxes of its views.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lanai_pubsub::SubscriberId;
use tokio::sync::OwnedSemaphorePermit;

use super::attachment::Attachment;
use super::outbox::ConnectionId;
use crate::notify::Notify;

/// The events of one page that wait for their handlers.
#[derive(Default)]
pub(crate) struct Backlog {
    events: AtomicU32,
    bytes: AtomicU32,
    less: Notify,
}

impl Backlog {
    /// How many events of a page may wait.
    const EVENTS: u32 = 1024;

    /// How many bytes of events may wait, unless it is a single one.
    const BYTES: u32 = 256 * 1024;

    fn has_room(&self, bytes: u32) -> bool {
        let (events, waiting) = (self.events.load(Ordering::Acquire), self.bytes.load(Ordering::Acquire));
        events == 0 || events < Self::EVENTS && waiting.saturating_add(bytes) <= Self::BYTES
    }

    /// Waits until one more event, of this many bytes, may be put into a mailbox.
    pub(crate) async fn room(&self, bytes: u32) {
        while !self.has_room(bytes) {
            self.less.notified().await;
        }
    }

    fn add(&self, bytes: u32) {
        self.events.fetch_add(1, Ordering::AcqRel);
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    fn remove(&self, bytes: u32) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.events.fetch_sub(1, Ordering::AcqRel);
        self.less.notify();
    }
}

/// An event in the backlog of its page, as long as this is kept.
pub(crate) struct BacklogEntry {
    from: Arc<Attachment>,
    bytes: u32,
    /// How many units the message has taken from the memory for large ones.
    memory: u32,
}

impl BacklogEntry {
    pub(crate) fn new(from: Arc<Attachment>, bytes: u32, memory: Option<OwnedSemaphorePermit>) -> Self {
        from.page.backlog.add(bytes);
        let units = memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        // It is given back when the event is handled.
        if let Some(memory) = memory {
            memory.forget();
        }
        Self { from, bytes, memory: u32::try_from(units).unwrap_or(u32::MAX) }
    }

    /// The connection that the event came by.
    pub(crate) fn connection(&self) -> ConnectionId {
        self.from.outbox.id
    }

    /// The page that the event came from.
    pub(crate) fn page(&self) -> SubscriberId {
        self.from.page.subscriber
    }

    /// The event was handled, and its message is gone. What it has left for the page still waits.
    pub(crate) fn handled(mut self) -> Self {
        self.give_back();
        self
    }

    fn give_back(&mut self) {
        let units = std::mem::take(&mut self.memory) as usize;
        if units > 0 {
            self.from.page.message_memory.add_permits(units);
        }
    }
}

impl Drop for BacklogEntry {
    fn drop(&mut self) {
        self.give_back();
        self.from.page.backlog.remove(self.bytes);
    }
}
