//! The attachment of a view to a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::Page;
use super::outbox::Outbox;

/// The attachment of a view to a connection of a page.
///
/// What a page says about a connection (that it attaches, or has applied frames) is a state, not a queue: only the
/// latest counts. So the view's mailbox has at most one mail of each kind, however often the page says it.
pub(crate) struct Attachment {
    /// The page whose connection it is.
    pub(crate) page: Arc<Page>,
    pub(crate) outbox: Arc<Outbox>,
    /// What the page said when it attached, until the view takes it.
    attach: Mutex<Option<Box<Attach>>>,
    /// How many frames the page has applied.
    applied: AtomicU64,
    /// Whether mail that says so is in the mailbox.
    applied_waits: AtomicBool,
}

/// What a page says when it attaches to a view.
pub(crate) struct Attach {
    /// The name of the page, if the view is its root.
    pub(crate) name: Option<Box<str>>,
    /// Frames applied so far.
    pub(crate) frames: u64,
    /// Whether the page shows nothing of the view, whatever it has applied.
    pub(crate) blank: bool,
    /// The last event whose acknowledgement the page has.
    pub(crate) acknowledged: u64,
}

impl Attachment {
    pub(crate) fn new(page: Arc<Page>, outbox: Arc<Outbox>) -> Arc<Self> {
        Arc::new(Self {
            page,
            outbox,
            attach: Mutex::default(),
            applied: AtomicU64::new(0),
            applied_waits: AtomicBool::new(false),
        })
    }

    /// Notes that the page attaches. Returns whether the view needs mail about it.
    pub(crate) fn attach(&self, attach: Attach) -> bool {
        self.attach.lock().replace(Box::new(attach)).is_none()
    }

    /// Takes what the page said when it attached.
    pub(crate) fn take_attach(&self) -> Option<Attach> {
        self.attach.lock().take().map(|attach| *attach)
    }

    /// Notes that the page has applied frames. Returns whether the view needs mail about it.
    pub(crate) fn acknowledge(&self, frames: u64) -> bool {
        self.applied.fetch_max(frames, Ordering::Relaxed);
        !self.applied_waits.swap(true, Ordering::AcqRel)
    }

    /// Takes the number of frames that the page has applied, as it said last.
    pub(crate) fn take_applied(&self) -> u64 {
        self.applied_waits.store(false, Ordering::Release);
        // Reset it, since the page counts from the start when it attaches again.
        self.applied.swap(0, Ordering::AcqRel)
    }
}
