//! A subscription of a view.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A subscription, active while this value is kept. When it is dropped, nothing more is delivered, and messages that
/// wait in the mailbox are not handled.
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
