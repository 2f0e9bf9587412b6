//! A view at a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::Page;
use super::outbox::Outbox;

/// A view at a connection of a page.
///
/// What a page says about the connection (it attaches, it has applied frames) is a state, not a queue: the latest word counts. So there is at most
/// one mail of each kind in the view's mailbox, however often the page says it.
pub(crate) struct Attachment {
    /// The page that speaks.
    pub(crate) page: Arc<Page>,
    pub(crate) outbox: Arc<Outbox>,
    /// What the page has said when it attached, until the view looks at it.
    attach: Mutex<Option<Box<Attach>>>,
    /// Frames that the page has applied.
    applied: AtomicU64,
    /// Whether there is mail that says so.
    applied_waits: AtomicBool,
}

/// What a page says when it attaches to a view.
pub(crate) struct Attach {
    /// The name of the page, if the view is its root.
    pub(crate) name: Option<Box<str>>,
    /// Frames applied so far.
    pub(crate) frames: u64,
    /// The page shows nothing of the view, whatever it has applied.
    pub(crate) blank: bool,
    /// The last event that the page knows to be handled.
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

    /// The page attaches. Returns whether the view is to be told.
    pub(crate) fn attach(&self, attach: Attach) -> bool {
        self.attach.lock().replace(Box::new(attach)).is_none()
    }

    /// Takes what the page has said when it attached.
    pub(crate) fn take_attach(&self) -> Option<Attach> {
        self.attach.lock().take().map(|attach| *attach)
    }

    /// The page has applied frames. Returns whether the view is to be told.
    pub(crate) fn acknowledge(&self, frames: u64) -> bool {
        self.applied.fetch_max(frames, Ordering::Relaxed);
        !self.applied_waits.swap(true, Ordering::AcqRel)
    }

    /// How many frames the page has applied, as it said last.
    pub(crate) fn take_applied(&self) -> u64 {
        self.applied_waits.store(false, Ordering::Release);
        // Not kept: the page counts from the start when it attaches again.
        self.applied.swap(0, Ordering::AcqRel)
    }
}
