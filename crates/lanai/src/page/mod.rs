//! A page in a browser, as far as its views know it: who it is, how messages leave for it, and how much of it may wait here.
//!
//! ```text
//! instances ──▶ Outbox ──▶ connection ──▶ a transport ──▶ browser
//! mailboxes ◀── BacklogEntry, Attachment ◀── connection ◀── a transport ◀── browser
//! ```
//!
//! A page has one root, and the children inside it are on the same page. A [shared](crate::Cx::shared) view is on many pages. Nothing here knows
//! what a view is, or what a socket is: what carries messages implements the two traits in [`transport`].

pub(crate) mod attachment;
pub(crate) mod backlog;
pub(crate) mod outbox;
pub(crate) mod secret;
pub(crate) mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lanai_pubsub::SubscriberId;
use tokio::sync::Semaphore;

use backlog::Backlog;
use secret::Secret;

/// The number of an instance in this process.
pub(crate) type InstanceId = u64;

/// A page: what its root and the children inside it have in common.
pub(crate) struct Page {
    /// The instance that the page was made for.
    pub(crate) root: InstanceId,
    /// The page among those who publish and subscribe: it is its root.
    pub(crate) subscriber: SubscriberId,
    /// Proves that a connection is that of the page.
    pub(crate) secret: Secret,
    pub(crate) backlog: Backlog,
    /// The memory of the process for large messages, of which the page's are a part.
    message_memory: Arc<Semaphore>,
    /// Its session has ended.
    is_revoked: AtomicBool,
}

impl Page {
    pub(crate) fn new(root: InstanceId, subscriber: SubscriberId, message_memory: Arc<Semaphore>) -> Self {
        Self {
            root,
            subscriber,
            secret: Secret::random(),
            backlog: Backlog::default(),
            message_memory,
            is_revoked: AtomicBool::new(false),
        }
    }

    /// The session of the page has ended: nothing that it sends from now on reaches a view, and it cannot attach.
    pub(crate) fn revoke(&self) {
        self.is_revoked.store(true, Ordering::Release);
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.is_revoked.load(Ordering::Acquire)
    }
}
