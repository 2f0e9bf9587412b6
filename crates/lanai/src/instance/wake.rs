//! Waking one task.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

/// A bell that one task waits for. Rung before the task waits, it is heard all the same; rung twice, it is heard once.
///
/// (What `tokio::sync::Notify` does for one waiter, without its list of waiters: it is rung for every message.)
#[derive(Default)]
pub(crate) struct Bell {
    rung: AtomicBool,
    waiting: AtomicWaker,
}

impl Bell {
    pub(crate) fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.waiting.wake();
    }

    /// Waits until the bell has rung since the last time.
    pub(crate) async fn heard(&self) {
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
    async fn a_bell_is_heard_whenever_it_rang() {
        let bell = Bell::default();
        bell.ring();
        bell.ring();
        bell.heard().await;
        let mut again = std::pin::pin!(bell.heard());
        assert!(futures_util::poll!(&mut again).is_pending(), "two rings before are heard once");
        bell.ring();
        again.await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_ring_is_missed_between_threads() {
        const RINGS: u32 = 100_000;
        let shared = Arc::new((Bell::default(), AtomicU32::new(0)));
        let rings = shared.clone();
        let ringing = tokio::task::spawn_blocking(move || {
            for _ in 0..RINGS {
                rings.1.fetch_add(1, Ordering::Relaxed);
                rings.0.ring();
            }
        });
        // Whoever waits until the number is there waits for ever if the last ring is missed.
        let all = async {
            while shared.1.load(Ordering::Relaxed) < RINGS {
                shared.0.heard().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("the last ring was missed");
        ringing.await.unwrap();
    }
}
