//! What a view has opened: its subscriptions, and its futures and timers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::task::AbortHandle;

/// What a view has opened. All of it ends with the view, and what is opened after that ends at once.
#[derive(Default)]
pub(crate) struct Resources {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    has_ended: bool,
    subscriptions: Vec<Subscription>,
    tasks: Vec<AbortHandle>,
}

/// A handler of messages, or of joins and leaves, active while this value is kept. When it is dropped, nothing more is
/// delivered, and what waits in the mailbox is not handled.
pub(crate) struct Subscription {
    /// The name of the topic or wildcard.
    pub(crate) source: Box<str>,
    pub(crate) active: Arc<AtomicBool>,
    /// Ends it when it is dropped.
    #[expect(dead_code, reason = "kept to be dropped")]
    pub(crate) guard: Box<dyn Send>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Before the guard is dropped.
        self.active.store(false, Ordering::Relaxed);
    }
}

impl Resources {
    pub(crate) fn add_subscription(&self, subscription: Subscription) {
        let mut state = self.state.lock();
        if !state.has_ended {
            return state.subscriptions.push(subscription);
        }
        // Outside the lock, because ending a subscription waits for a delivery in progress.
        drop(state);
        drop(subscription);
    }

    /// Ends the subscriptions that `which` selects.
    pub(crate) fn end_subscriptions(&self, which: impl Fn(&Subscription) -> bool) {
        let ended: Vec<_> =
            self.state.lock().subscriptions.extract_if(.., |subscription| which(subscription)).collect();
        // Outside the lock, as above.
        drop(ended);
    }

    pub(crate) fn add_task(&self, task: AbortHandle) {
        let mut state = self.state.lock();
        if state.has_ended {
            return task.abort();
        }
        if state.tasks.len() == state.tasks.capacity() {
            state.tasks.retain(|task| !task.is_finished());
        }
        state.tasks.push(task);
    }

    /// The view has ended.
    pub(crate) fn end(&self) {
        let (subscriptions, tasks) = {
            let mut state = self.state.lock();
            state.has_ended = true;
            (std::mem::take(&mut state.subscriptions), std::mem::take(&mut state.tasks))
        };
        tasks.iter().for_each(AbortHandle::abort);
        drop(subscriptions);
    }
}
