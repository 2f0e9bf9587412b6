//! Waking one task.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

/// A notify that one task waits for. Rung before the task waits, it is heard all the same; rung twice, it is heard once.
///
/// (What `tokio::sync::Notify` does for one waiter, without its list of waiters: it is rung for every message.)
#[derive(Default)]
pub(crate) struct Notify {
    rung: AtomicBool,
    waiting: AtomicWaker,
}

impl Notify {
    pub(crate) fn notify(&self) {
        self.rung.store(true, Ordering::Release);
        self.waiting.wake();
    }

    /// Waits until the notify has rung since the last time.
    pub(crate) async fn notified(&self) {
        poll_fn(|cx| {
            if self.rung.swap(false, Ordering::Acquire) {
                return Poll::Ready(());
            }
            self.waiting.register(cx.waker());
            // It may have rung before the task was known.
            if self.rung.swap(false, Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
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
        assert!(futures_util::poll!(&mut again).is_pending(), "two rings before are heard once");
        notify.notify();
        again.await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_notification_is_missed_between_threads() {
        const RINGS: u32 = 100_000;
        let shared = Arc::new((Notify::default(), AtomicU32::new(0)));
        let rings = shared.clone();
        let ringing = tokio::task::spawn_blocking(move || {
            for _ in 0..RINGS {
                rings.1.fetch_add(1, Ordering::Relaxed);
                rings.0.notify();
            }
        });
        // Whoever waits until the number is there waits for ever if the last ring is missed.
        let all = async {
            while shared.1.load(Ordering::Relaxed) < RINGS {
                shared.0.notified().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("the last ring was missed");
        ringing.await.unwrap();
    }
}
