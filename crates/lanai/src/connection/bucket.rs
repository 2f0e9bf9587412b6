//! A token bucket: so much a second, after a burst.

use std::time::Duration;

use tokio::time::Instant;

/// What a socket may still send now.
pub(crate) struct Bucket {
    /// How long one token takes to come back, in nanoseconds.
    interval: u64,
    /// How long an empty bucket takes to fill.
    burst: Duration,
    /// When the bucket is full again.
    full: Instant,
}

impl Bucket {
    /// A full bucket of `burst` tokens, into which `per_second` come.
    pub(crate) fn new(per_second: u64, burst: u64) -> Self {
        let interval = 1_000_000_000 / per_second.max(1);
        Self { interval, burst: Duration::from_nanos(interval.saturating_mul(burst)), full: Instant::now() }
    }

    /// Takes tokens. If there are too few, returns when to continue. The caller pays afterwards, so any number can be
    /// taken at once.
    pub(crate) fn take(&mut self, tokens: u64) -> Option<Instant> {
        let now = Instant::now();
        self.full = self.full.max(now) + Duration::from_nanos(self.interval.saturating_mul(tokens));
        (self.full > now + self.burst).then(|| self.full - self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_is_free_and_then_it_is_so_much_a_second() {
        let start = Instant::now();
        let mut bucket = Bucket::new(1, 5);
        for _ in 0..5 {
            assert_eq!(bucket.take(1), None);
        }
        let first = bucket.take(1).expect("the burst is used up");
        let second = bucket.take(10).expect("and there is a debt");
        assert!(first >= start + Duration::from_millis(1));
        assert_eq!(second - first, Duration::from_secs(10));
    }

    #[tokio::test]
    async fn any_limit_is_a_rate() {
        for (per_second, burst) in [(0, 0), (1, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX, 0)] {
            let _ = Bucket::new(per_second, burst).take(u64::from(u32::MAX));
        }
    }
}
