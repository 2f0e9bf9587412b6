//! [`Subscription`]: the guard that keeps a subscriber on a topic.

use std::fmt;
use std::sync::Weak;

use crate::receiver::Cancel;

/// An active subscription. It lasts for as long as this value lives.
///
/// Dropping it is the same as [`cancel`](Self::cancel).
#[must_use = "a subscription ends when it is dropped"]
pub struct Subscription {
    // Weak: the topic owns its receivers, so that what a callback captured is dropped with its broker.
    receiver: Weak<dyn Cancel>,
}

impl Subscription {
    pub(crate) fn new(receiver: Weak<dyn Cancel>) -> Self {
        Self { receiver }
    }

    /// Ends the subscription.
    ///
    /// When this returns, `deliver` is not running, will not be called again, and has been dropped. To guarantee this,
    /// it waits for a call of `deliver` in progress in another thread. So do not call it while holding a lock that
    /// `deliver` takes.
    ///
    /// There is one exception, since two deliveries that waited for each other would deadlock. If it is called *from
    /// within* a `deliver` (its own or any other), it does not wait: no further call begins, but a call in progress may
    /// still finish.
    ///
    /// Further calls have no effect.
    pub fn cancel(&self) {
        if let Some(receiver) = self.receiver.upgrade() {
            receiver.cancel();
        }
    }

    /// Whether messages may still arrive: until [`cancel`](Self::cancel), or until the last handle of the broker is
    /// dropped.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.receiver.upgrade().is_some_and(|receiver| receiver.is_active())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("active", &self.is_active()).finish()
    }
}
