//! Timeouts and retries.

use std::time::{Duration, Instant};

/// How long to wait for a connection, and for an answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// The delay before the next attempt: it doubles up to two seconds, and is randomized so that processes do not retry at
/// the same time.
pub(crate) fn backoff(attempt: usize) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let most = 50_u64.saturating_mul(1 << attempt.min(6)).min(2_000);
    Duration::from_millis(most / 2 + RandomState::new().hash_one(attempt) % (most / 2 + 1))
}

/// Repeats a request for as long as an answer may still come.
pub(crate) async fn retry_while<T, E, F: Future<Output = Result<T, E>>>(
    mut ask: impl FnMut() -> F,
    is_silence: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let begun = Instant::now();
    loop {
        match ask().await {
            Err(error) if is_silence(&error) && begun.elapsed() < 2 * TIMEOUT => {}
            answer => return answer,
        }
    }
}

/// Sleeps until a point in time, or forever if there is none.
pub(crate) async fn sleep_until(time: Option<tokio::time::Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}
