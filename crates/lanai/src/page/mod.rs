//! A page in a browser, as its instances know it: its identity, the messages to it, and how much of it may wait here.
//!
//! ```text
//! instances ──▶ Outbox ──▶ connection ──▶ a transport ──▶ browser
//! mailboxes ◀── BacklogEntry, Attachment ◀── connection ◀── a transport ◀── browser
//! ```
//!
//! A page has one root, which shares the page with the children inside it. A [shared](crate::Cx::shared) view has many
//! pages. Nothing here knows views or sockets: anything that carries messages implements the two traits in
//! [`transport`].

pub(crate) mod attachment;
pub(crate) mod backlog;
pub(crate) mod downloads;
pub(crate) mod outbox;
pub(crate) mod secret;
pub(crate) mod transport;
pub(crate) mod uploads;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lanai_pubsub::SubscriberId;
use tokio::sync::Semaphore;

use backlog::Backlog;
use secret::Secret;

/// The number of an instance in this process.
pub(crate) type InstanceId = u64;

/// A page: the state that its root and the children inside it share.
pub(crate) struct Page {
    /// The instance that the page was made for.
    pub(crate) root: InstanceId,
    /// The page's identity as a publisher and subscriber, which is that of its root.
    pub(crate) subscriber: SubscriberId,
    /// Proves that a connection belongs to the page.
    pub(crate) secret: Secret,
    /// Whether its root is a sticky view, which stands beside the root of the document, on its connections.
    pub(crate) is_sticky: bool,
    /// Whether a browser has fetched the page before anybody went there.
    pub(crate) is_prefetched: bool,
    pub(crate) backlog: Backlog,
    /// The memory of the process for large messages.
    message_memory: Arc<Semaphore>,
    /// Whether its session has ended.
    is_revoked: AtomicBool,
}

impl Page {
    pub(crate) fn new(
        root: InstanceId,
        subscriber: SubscriberId,
        is_sticky: bool,
        is_prefetched: bool,
        message_memory: Arc<Semaphore>,
    ) -> Self {
        Self {
            root,
            subscriber,
            secret: Secret::random(),
            is_sticky,
            is_prefetched,
            backlog: Backlog::default(),
            message_memory,
            is_revoked: AtomicBool::new(false),
        }
    }

    /// Revokes the page, because its session has ended: nothing that it sends reaches a view, and it cannot attach.
    pub(crate) fn revoke(&self) {
        self.is_revoked.store(true, Ordering::Release);
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.is_revoked.load(Ordering::Acquire)
    }
}
