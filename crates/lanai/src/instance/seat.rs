//! The place that a view has at a socket, and what one page may have waiting.
//!
//! What a page says about the connection (it attaches, it has applied frames) is a state, not a queue: the latest word counts. So a seat
//! has at most one of each in the mailbox, however often the page says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use lanai_pubsub::SubscriberId;
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;

use super::Instance;
use super::mailbox::{Mail, SocketId};
use super::notify::Notify;
use super::outbox::Outbox;

/// A view at a socket.
pub(crate) struct Seat {
    pub(crate) socket: Arc<Outbox>,
    /// The view.
    pub(crate) instance: Arc<Instance>,
    /// The root view of the page: who it is that speaks here.
    pub(crate) root: Arc<Instance>,
    /// What the page has said when it attached, until the view looks at it.
    attach: Mutex<Option<Box<Attach>>>,
    /// Frames that the page has applied.
    applied: AtomicU64,
    /// Whether there is mail that says so.
    applied_waits: AtomicBool,
}

/// What a page says when it attaches.
pub(crate) struct Attach {
    /// The name of the page, of a root.
    pub(crate) page: Option<Box<str>>,
    /// Frames applied so far.
    pub(crate) frames: u64,
    /// The page shows nothing of the view, whatever it has applied.
    pub(crate) blank: bool,
    /// The last event that the page knows to be executed.
    pub(crate) acknowledged: u64,
}

impl Seat {
    pub(crate) fn new(socket: Arc<Outbox>, instance: Arc<Instance>, root: Arc<Instance>) -> Arc<Self> {
        Arc::new(Self {
            socket,
            instance,
            root,
            attach: Mutex::default(),
            applied: AtomicU64::new(0),
            applied_waits: AtomicBool::new(false),
        })
    }

    /// The page attaches to the view.
    pub(crate) fn attach(self: &Arc<Self>, attach: Attach) {
        if self.attach.lock().replace(Box::new(attach)).is_none() {
            self.instance.send(Mail::Attach(self.clone()));
        }
    }

    /// Takes what the page has said when it attached.
    pub(crate) fn take_attach(&self) -> Option<Attach> {
        self.attach.lock().take().map(|attach| *attach)
    }

    /// The page has applied frames.
    pub(crate) fn acknowledge(self: &Arc<Self>, frames: u64) {
        self.applied.fetch_max(frames, Ordering::Relaxed);
        if !self.applied_waits.swap(true, Ordering::AcqRel) {
            self.instance.send(Mail::Ack(self.clone()));
        }
    }

    /// How many frames the page has applied, as it said last.
    pub(crate) fn take_applied(&self) -> u64 {
        self.applied_waits.store(false, Ordering::Release);
        // Not kept: the page counts from the start when it attaches again.
        self.applied.swap(0, Ordering::AcqRel)
    }

    /// The socket is gone.
    pub(crate) fn detach(&self) {
        self.instance.send(Mail::Detach(self.socket.id));
    }
}

/// What one page has waiting in the mailboxes of its views.
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

    /// Waits until an event of so many bytes may be put into a mailbox.
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

/// The sender of an event. While it is kept, the event counts among those that its page has waiting.
pub(crate) struct Sender {
    seat: Arc<Seat>,
    bytes: u32,
    /// How many units the message has taken from the memory for large ones.
    memory: u32,
}

impl Sender {
    pub(crate) fn new(seat: Arc<Seat>, bytes: u32, memory: Option<OwnedSemaphorePermit>) -> Self {
        seat.root.backlog.add(bytes);
        let units = memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        // It is given back when the event is handled.
        if let Some(memory) = memory {
            memory.forget();
        }
        Self { seat, bytes, memory: u32::try_from(units).unwrap_or(u32::MAX) }
    }

    pub(crate) fn socket(&self) -> SocketId {
        self.seat.socket.id
    }

    /// The page that it is, by its root.
    pub(crate) fn page(&self) -> SubscriberId {
        self.seat.root.subscriber
    }

    /// The event is handled, and its message is gone; what it has left behind for the page still waits.
    pub(crate) fn handled(mut self) -> Self {
        self.give_back();
        self
    }

    fn give_back(&mut self) {
        let units = std::mem::take(&mut self.memory) as usize;
        if units > 0 {
            self.seat.root.runtime.message_memory.add_permits(units);
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.give_back();
        self.seat.root.backlog.remove(self.bytes);
    }
}
