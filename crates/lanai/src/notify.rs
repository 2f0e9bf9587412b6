//! Waking one task.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

/// Wakes the one task that waits for it. A notification that comes before the task waits is kept; several are kept as
/// one.
///
/// (What `tokio::sync::Notify` does for one waiter, without its list of waiters: each message notifies.)
#[derive(Default)]
pub(crate) struct Notify {
    notified: AtomicBool,
    waiting: AtomicWaker,
}

impl Notify {
    pub(crate) fn notify(&self) {
        self.notified.store(true, Ordering::Release);
        self.waiting.wake();
    }

    /// Waits for a notification since the last one that was waited for.
    pub(crate) async fn notified(&self) {
        poll_fn(|cx| {
            if self.notified.swap(false, Ordering::Acquire) {
                return Poll::Ready(());
            }
            self.waiting.register(cx.waker());
            // It may have come before the task was known.
            if self.notified.swap(false, Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[tokio::test]
    async fn a_notification_is_seen_whenever_it_came() {
        let notify = Notify::default();
        notify.notify();
        notify.notify();
        notify.notified().await;
        let mut again = std::pin::pin!(notify.notified());
        assert!(futures_util::poll!(&mut again).is_pending(), "two notifications are kept as one");
        notify.notify();
        again.await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_notification_is_missed_between_threads() {
        const NOTIFICATIONS: u32 = 100_000;
        let shared = Arc::new((Notify::default(), AtomicU32::new(0)));
        let notifier = shared.clone();
        let notifying = tokio::task::spawn_blocking(move || {
            for _ in 0..NOTIFICATIONS {
                notifier.1.fetch_add(1, Ordering::Relaxed);
                notifier.0.notify();
            }
        });
        // Whoever waits until the number is there waits for ever if the last notification is missed.
        let all = async {
            while shared.1.load(Ordering::Relaxed) < NOTIFICATIONS {
                shared.0.notified().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("the last notification was missed");
        notifying.await.unwrap();
    }
}
