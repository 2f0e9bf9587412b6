//! [`Replicated`]: the handle to a state.

use std::fmt;
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use parking_lot::{RwLockReadGuard, RwLockUpgradableReadGuard};

use super::Replicate;
use super::error::{AppendError, CommandError, Halted, OpenError};
use super::fold::{Current, Fold};
use super::journal::{Append, EntryId, Journal, JournalFuture};
use super::progress::Pending;

/// How often a command is checked before it gives up.
const ATTEMPTS: u32 = 100;

/// A handle to a state that all processes share, from [`Broker::replicated`](crate::Broker::replicated). Cloning it is
/// cheap; all clones are the same state. See the [module](super).
pub struct Replicated<S: Replicate> {
    fold: Arc<Fold<S>>,
    /// What keeps its events. Without one, it lives in this process.
    journal: Option<Arc<dyn Journal>>,
}

impl<S: Replicate> Replicated<S> {
    /// Waits until the state is open.
    pub(crate) async fn opened(fold: Arc<Fold<S>>, journal: Option<Arc<dyn Journal>>) -> Result<Self, OpenError> {
        let mut timeout = timeout(journal.as_ref());
        let opened = before(&mut timeout, fold.progress.wait(|waiting| waiting.opened.clone())).await;
        let late = || OpenError::Unavailable {
            state: fold.name.to_string(),
            reason: "the journal does not answer; check that its server runs and can be reached".into(),
        };
        opened.unwrap_or_else(|| Err(late()))?;
        Ok(Self { fold, journal })
    }

    /// The name of the state, with other characters than letters, digits and `- _ / : @ + = ~ ,` percent-encoded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.fold.name
    }

    /// Returns the state as it is now in this process.
    ///
    /// No event is applied while the guard lives, so drop it soon; it cannot be held across an `.await` in a task. All
    /// that is read through one guard belongs together. The next call may return a later state.
    #[must_use]
    pub fn read(&self) -> Read<'_, S> {
        Read(self.fold.read())
    }

    /// Calls `changed` after each change of the state, until the returned value is dropped.
    ///
    /// It is called by whatever applies the events, so it should return soon; it may [read](Self::read), and sees the
    /// change or a later one. A panic is logged.
    pub fn observe(&self, changed: impl Fn() + Send + Sync + 'static) -> Observer {
        let (fold, number) = (Arc::clone(&self.fold), self.fold.observe(Arc::new(changed)));
        Observer { end: Some(Box::new(move || fold.end_observer(number))) }
    }

    /// Checks the current state, and publishes the event that `check` returns. Returns its sequence, once it is applied
    /// in this process: the caller reads what it wrote.
    ///
    /// If another event comes first, `check` is called again with the new state, up to 100 times. Its event is applied
    /// to exactly the state that it has seen, on all nodes, or not at all. So two customers never buy the last piece.
    ///
    /// Commands of one process on one state run one after another, in the order of their first poll. A command whose
    /// future is dropped may still be applied.
    ///
    /// # Errors
    ///
    /// - [`Refused`](CommandError::Refused) with what `check` returned.
    /// - [`Conflict`](CommandError::Conflict), if other events came first each time.
    /// - [`Append`](CommandError::Append), if the event could not be published. Of its reasons, only
    ///   [`OutcomeUnknown`](AppendError::OutcomeUnknown) leaves open whether the event is stored.
    ///
    /// # Panics
    ///
    /// If `check` panics. Then nothing was published.
    pub async fn command<R>(&self, mut check: impl FnMut(&S) -> Result<S::Event, R>) -> Result<u64, CommandError<R>> {
        let Some(journal) = &self.journal else {
            let current = self.fold.current.upgradable_read();
            if let Some(reason) = &current.halted {
                return Err(CommandError::Append(reason.clone().into()));
            }
            let event = check(&current.state).map_err(CommandError::Refused)?;
            return self.apply_here(current, &event).map_err(|reason| CommandError::Append(reason.into()));
        };
        let mut timeout = journal.timeout();
        let Some(_turn) = before(&mut timeout, self.fold.turn.lock()).await else {
            return Err(CommandError::Append(AppendError::Unavailable));
        };
        for _ in 0..ATTEMPTS {
            let (event, expected) = {
                let current = self.fold.read();
                if let Some(reason) = &current.halted {
                    return Err(CommandError::Append(reason.clone().into()));
                }
                (check(&current.state).map_err(CommandError::Refused)?, current.sequence)
            };
            match self.append(journal, &event, expected, &mut timeout).await {
                Ok(sequence) => return Ok(sequence),
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => return Err(CommandError::Append(error)),
            }
        }
        Err(CommandError::Conflict { attempts: ATTEMPTS })
    }

    /// Publishes an event if the state still has the [sequence](Read::sequence) `expected`. Returns the event's
    /// sequence, once it is applied in this process.
    ///
    /// This is what [`command`](Self::command) is made of, for those who have read the state earlier, such as a form
    /// that was filled in meanwhile. Nothing is tried again.
    ///
    /// # Errors
    ///
    /// [`Conflict`](AppendError::Conflict) if the state has moved on, and the other reasons of [`AppendError`].
    pub async fn publish(&self, event: S::Event, expected: u64) -> Result<u64, AppendError> {
        let Some(journal) = &self.journal else {
            let current = self.fold.current.upgradable_read();
            if let Some(reason) = &current.halted {
                return Err(reason.clone().into());
            }
            if current.sequence != expected {
                return Err(AppendError::Conflict { expected, current: current.sequence });
            }
            return Ok(self.apply_here(current, &event)?);
        };
        let mut timeout = journal.timeout();
        let Some(_turn) = before(&mut timeout, self.fold.turn.lock()).await else {
            return Err(AppendError::Unavailable);
        };
        if let Some(reason) = &self.fold.read().halted {
            return Err(reason.clone().into());
        }
        self.append(journal, &event, expected, &mut timeout).await
    }

    /// Applies an event to a state that lives in this process only.
    fn apply_here(&self, current: RwLockUpgradableReadGuard<'_, Current<S>>, event: &S::Event) -> Result<u64, Halted> {
        let mut current = RwLockUpgradableReadGuard::upgrade(current);
        let sequence = current.sequence + 1;
        let applied = self.fold.apply(&mut current, event, sequence);
        drop(current);
        self.fold.changed();
        applied.map(|()| sequence)
    }

    /// Publishes an event through a journal, whose turn it is.
    async fn append(
        &self,
        journal: &Arc<dyn Journal>,
        event: &S::Event,
        expected: u64,
        timeout: &mut JournalFuture<()>,
    ) -> Result<u64, AppendError> {
        let fold = &*self.fold;
        let payload =
            serde_json::to_vec(event).map_err(|error| AppendError::NotEncodable { reason: error.to_string() })?;
        let id = EntryId::new();
        fold.progress.change(|waiting| waiting.pending = Some(Pending::new(id, expected)));
        // Only now, so that no event between the two goes unnoticed.
        let current = fold.read().sequence;
        if current != expected {
            return Err(AppendError::Conflict { expected, current });
        }
        let append =
            Append { state: Arc::clone(&fold.name), expected, id, version: S::VERSION, payload: payload.into() };
        let mut appending = Some(journal.append(append));
        let mut stored = None;
        let decided = async {
            let mut decided =
                pin!(fold.progress.wait(|waiting| waiting.pending.as_mut().and_then(|pending| pending.outcome.take())));
            std::future::poll_fn(|cx| {
                match appending.as_mut().map(|appending| appending.as_mut().poll(cx)) {
                    Some(Poll::Ready(Ok(appended))) => (appending, stored) = (None, Some(appended.sequence)),
                    // Another event is the successor, and will arrive.
                    Some(Poll::Ready(Err(AppendError::Conflict { .. }))) => appending = None,
                    Some(Poll::Ready(Err(error))) => return Poll::Ready(Err(error)),
                    Some(Poll::Pending) | None => {}
                }
                // What is applied decides. What the journal answers is only news of it.
                decided.as_mut().poll(cx)
            })
            .await
        };
        let decided = before(timeout, decided).await;
        match (decided, stored) {
            (Some(outcome), _) => outcome,
            (None, Some(sequence)) => Err(AppendError::NotYetApplied { sequence }),
            (None, None) => Err(AppendError::OutcomeUnknown),
        }
    }
}

fn timeout(journal: Option<&Arc<dyn Journal>>) -> JournalFuture<()> {
    journal.map_or_else(|| Box::pin(std::future::pending()) as _, |journal| journal.timeout())
}

/// Waits for a future until the time is up; then returns `None`.
async fn before<T>(timeout: &mut JournalFuture<()>, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        Pin::new(&mut *timeout).poll(cx).map(|()| None)
    })
    .await
}

impl<S: Replicate> Clone for Replicated<S> {
    fn clone(&self) -> Self {
        Self { fold: Arc::clone(&self.fold), journal: self.journal.clone() }
    }
}

impl<S: Replicate> fmt::Debug for Replicated<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = self.fold.read().sequence;
        f.debug_struct("Replicated").field("name", &self.name()).field("sequence", &sequence).finish()
    }
}

/// A state as it is now, from [`Replicated::read`]. It dereferences to the state.
pub struct Read<'r, S>(RwLockReadGuard<'r, Current<S>>);

impl<S> Read<'_, S> {
    /// The sequence of the last event in it; 0 if there is none. Later ones are greater, though not by one each.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.0.sequence
    }

    /// Why this process follows the state no longer, if so.
    #[must_use]
    pub fn halted(&self) -> Option<&Halted> {
        self.0.halted.as_ref()
    }
}

impl<S> Deref for Read<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0.state
    }
}

impl<S: fmt::Debug> fmt::Debug for Read<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Observes a state until it is dropped: see [`Replicated::observe`].
#[must_use = "the state is observed until this is dropped"]
pub struct Observer {
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Drop for Observer {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}
