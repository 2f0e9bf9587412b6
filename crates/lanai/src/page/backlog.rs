//! The events of one page that wait in mailboxes, and their bounds.

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

    /// How many bytes of events may wait. (A single event may be larger.)
    const BYTES: u32 = 256 * 1024;

    fn has_room(&self, bytes: u32) -> bool {
        let (events, waiting) = (self.events.load(Ordering::Acquire), self.bytes.load(Ordering::Acquire));
        events == 0 || events < Self::EVENTS && waiting.saturating_add(bytes) <= Self::BYTES
    }

    /// Waits until an event of this many bytes may be put into a mailbox.
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

/// An event in the backlog of its page, while this value is kept.
pub(crate) struct BacklogEntry {
    from: Arc<Attachment>,
    bytes: u32,
    /// How many units of the memory for large messages it uses.
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

    /// The connection that brought the event.
    pub(crate) fn connection(&self) -> ConnectionId {
        self.from.outbox.id
    }

    /// The page that sent the event.
    pub(crate) fn page(&self) -> SubscriberId {
        self.from.page.subscriber
    }

    /// Gives back the memory of an event that was handled. It stays in the backlog while effects of it wait.
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
