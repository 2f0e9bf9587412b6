//! A subscription of a view.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A subscription, as long as this is kept. After that nothing more is delivered, and what waits in the mailbox is not handled.
pub(crate) struct Subscription {
    pub(crate) subscription: lanai_pubsub::Subscription,
    pub(crate) active: Arc<AtomicBool>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.active.store(false, Ordering::Relaxed);
        self.subscription.cancel();
    }
}
