//! [`Progress`]: what tasks wait for.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use parking_lot::Mutex;

use super::error::{AppendError, Halted, OpenError};
use super::journal::EntryId;

/// What tasks wait for: that the state is open, and what becomes of an event.
#[derive(Default)]
pub(crate) struct Progress(Mutex<Waiting>);

#[derive(Default)]
pub(crate) struct Waiting {
    /// Whether the state is open, once that is known.
    pub(crate) opened: Option<Result<(), OpenError>>,
    /// The event that this process is publishing. There is never more than one.
    pub(crate) pending: Option<Pending>,
    wakers: Vec<Waker>,
}

/// An event whose outcome its publisher waits for.
pub(crate) struct Pending {
    id: EntryId,
    expected: u64,
    pub(crate) outcome: Option<Result<u64, AppendError>>,
}

impl Pending {
    pub(crate) fn new(id: EntryId, expected: u64) -> Self {
        Self { id, expected, outcome: None }
    }
}

impl Progress {
    /// Resolves as soon as `look` returns something. It is asked after each [change](Self::change).
    pub(crate) async fn wait<T>(&self, mut look: impl FnMut(&mut Waiting) -> Option<T>) -> T {
        poll_fn(|cx| {
            let mut waiting = self.0.lock();
            if let Some(found) = look(&mut waiting) {
                return Poll::Ready(found);
            }
            if !waiting.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.wakers.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    /// Changes something, and wakes all who wait.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        let (changed, wakers) = {
            let mut waiting = self.0.lock();
            (change(&mut waiting), std::mem::take(&mut waiting.wakers))
        };
        wakers.into_iter().for_each(Waker::wake);
        changed
    }

    /// Notes that the state has reached the successor of `previous`.
    ///
    /// This decides what becomes of an event that was to be that successor.
    pub(crate) fn advance(&self, previous: u64, id: EntryId, sequence: u64) {
        self.change(|waiting| {
            if let Some(pending) = &mut waiting.pending
                && (pending.expected == previous || pending.id == id)
                && pending.outcome.is_none()
            {
                pending.outcome = Some(match pending.id == id {
                    true => Ok(sequence),
                    false => Err(AppendError::Conflict { expected: pending.expected, current: sequence }),
                });
            }
        });
    }

    /// Notes that nothing more will be applied.
    pub(crate) fn halt(&self, state: &str, reason: &Halted) {
        self.change(|waiting| {
            let open_error = || OpenError::Halted { state: state.to_owned(), reason: reason.clone() };
            waiting.opened.get_or_insert_with(|| Err(open_error()));
            if let Some(pending) = &mut waiting.pending {
                pending.outcome.get_or_insert_with(|| Err(reason.clone().into()));
            }
        });
    }
}
