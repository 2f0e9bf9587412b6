//! Messages that come in parts because they are large (`docs/PROTOCOL.md`, section 5).
//!
//! Their memory is taken from one budget of the process. A page that has to wait for it is not read meanwhile.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long the next part may take.
const NEXT: Duration = Duration::from_secs(10);

/// How long all parts may take together: 4 MiB at 256 kbit/s.
const ALL: Duration = Duration::from_secs(130);

/// The budget is counted in KiB.
const UNIT: usize = 1024;

/// The least that is taken from it.
const STEP: usize = 64 * UNIT;

/// Memory for messages that come in parts. What is taken is given back when the permit is dropped.
pub(super) fn budget(bytes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS)))
}

/// A message of which a part has come.
pub(super) struct Parts {
    text: String,
    memory: Option<OwnedSemaphorePermit>,
    began: Instant,
    latest: Instant,
}

impl Parts {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { text: String::new(), memory: None, began: now, latest: now }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Until when the next part must have come, from a page that may be silent for so long.
    pub(super) fn deadline(&self, silence: Duration) -> Instant {
        (self.latest + NEXT.min(silence)).min(self.began + ALL)
    }

    /// Appends a part, when there is memory for it. The whole is not to be larger than `limit`.
    pub(super) async fn push(&mut self, part: &str, limit: usize, budget: &Arc<Semaphore>) {
        let length = self.text.len() + part.len();
        if length > self.text.capacity() {
            // Twice as much as before, so that not every part copies all others.
            let capacity = length.max(self.text.capacity() * 2).max(STEP).min(limit.max(length));
            let units = (capacity - self.text.capacity()).div_ceil(UNIT);
            if let Ok(more) = budget.clone().acquire_many_owned(u32::try_from(units).unwrap_or(u32::MAX)).await {
                match &mut self.memory {
                    Some(memory) => memory.merge(more),
                    None => self.memory = Some(more),
                }
            }
            self.text.reserve_exact(capacity - self.text.len());
        }
        self.text.push_str(part);
        self.latest = Instant::now();
    }

    /// The whole message, and the memory that was taken for it.
    pub(super) fn whole(self) -> (String, Option<OwnedSemaphorePermit>) {
        (self.text, self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_take_from_the_budget_and_give_back() {
        let budget = budget(1024 * 1024);
        let mut parts = Parts::new();
        for _ in 0..20 {
            parts.push(&"x".repeat(16_000), 512 * 1024, &budget).await;
        }
        assert_eq!(parts.len(), 320_000);
        assert_eq!(budget.available_permits(), 512, "512 KiB are taken");
        let (text, memory) = parts.whole();
        assert!(text.capacity() <= 512 * 1024);
        drop(memory);
        assert_eq!(budget.available_permits(), 1024);
    }

    #[tokio::test]
    async fn a_message_waits_for_memory() {
        let budget = budget(64 * 1024);
        let mut first = Parts::new();
        first.push("x", 1000, &budget).await;
        let mut second = Parts::new();
        let long = "x".repeat(64 * 1024);
        let mut waiting = std::pin::pin!(second.push(&long, 64 * 1024, &budget));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(first);
        waiting.await;
    }
}
