//! [`Receiver`]: one subscription, as the topic or wildcard holds it.

use std::sync::{Arc, PoisonError, TryLockError, Weak};

use crate::buffer::{Deferred, Feed};
use crate::delivery::{catch_panic, is_delivering};
use crate::error::Missed;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a subscriber does with a message, or with the notice that it missed some.
pub(crate) enum Deliver<I> {
    Call(Callback<I>),
    /// Buffers it for a [`Listener`](crate::Listener). No user code runs, so this is safe under a topic's lock.
    Buffer(Feed<I>),
}

pub(crate) type Callback<I> = Box<dyn Fn(Result<Arc<I>, Missed>) + Send + Sync>;

/// A [`Deliver`] that can be cancelled.
enum Handler<I> {
    /// Locked during each call, which is how `cancel` waits for a call in progress. `cancel` empties it, so that what
    /// the callback captured is dropped.
    Call(Mutex<Option<Callback<I>>>),
    Buffer(Feed<I>),
}

/// What holds receivers: a topic or a wildcard.
pub(crate) trait Owner<I>: Send + Sync {
    /// Removes a receiver from the list, if it is still there.
    fn remove(&self, receiver: &Receiver<I>);
}

/// A [`Receiver`] of messages of any type.
pub(crate) trait Cancel: Send + Sync {
    fn cancel(&self);
    fn is_active(&self) -> bool;
}

/// The index of a receiver that has been removed from its list.
const REMOVED: usize = usize::MAX;

/// One subscription, as the topic or wildcard holds it.
pub(crate) struct Receiver<I> {
    /// Its index in the owner's list, or [`REMOVED`]. The owner's lock, under which it is accessed, provides the
    /// ordering.
    index: AtomicUsize,
    owner: Weak<dyn Owner<I>>,
    /// Read before each delivery. Only a `cancel` that must not wait relies on it; the others empty the handler.
    cancelled: AtomicBool,
    handler: Handler<I>,
}

impl<I> Receiver<I> {
    pub(crate) fn new(index: usize, owner: Weak<dyn Owner<I>>, deliver: Deliver<I>) -> Self {
        Self {
            index: AtomicUsize::new(index),
            owner,
            cancelled: AtomicBool::new(false),
            handler: match deliver {
                Deliver::Call(callback) => Handler::Call(Mutex::new(Some(callback))),
                Deliver::Buffer(feed) => Handler::Buffer(feed),
            },
        }
    }

    /// Its buffer, unless it is a callback.
    pub(crate) fn feed(&self) -> Option<&Feed<I>> {
        match &self.handler {
            Handler::Call(_) => None,
            Handler::Buffer(feed) => Some(feed),
        }
    }

    pub(crate) fn set_index(&self, index: usize) {
        self.index.store(index, Ordering::Relaxed);
    }

    /// Marks it as removed and returns the index that it had. `None` if it was removed before.
    pub(crate) fn take_index(&self) -> Option<usize> {
        let index = self.index.swap(REMOVED, Ordering::Relaxed);
        (index != REMOVED).then_some(index)
    }

    /// Whether it has not been cancelled.
    pub(crate) fn is_active(&self) -> bool {
        !self.cancelled.load(Ordering::Acquire)
    }

    /// Delivers a message. A panic of the callback is logged, and the next message is delivered as usual.
    pub(crate) fn deliver(&self, message: Result<&Arc<I>, Missed>) {
        match &self.handler {
            Handler::Call(callback) => {
                let callback = callback.lock().unwrap_or_else(PoisonError::into_inner);
                if self.cancelled.load(Ordering::Acquire) {
                    return;
                }
                if let Some(callback) = &*callback {
                    catch_panic("a subscriber", || callback(message.map(Arc::clone)));
                }
            }
            Handler::Buffer(feed) => {
                let mut deferred = Deferred::nothing();
                feed.push(message.map(Arc::clone), &mut deferred);
                deferred.run();
            }
        }
    }
}

impl<I: Send + Sync> Cancel for Receiver<I> {
    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        if let Some(owner) = self.owner.upgrade() {
            owner.remove(self);
        }
        let handler = match &self.handler {
            Handler::Call(handler) => handler,
            Handler::Buffer(feed) => return feed.end(),
        };
        let callback = if is_delivering() {
            match handler.try_lock() {
                Ok(mut callback) => callback.take(),
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
                // The callback is running, perhaps further up in this very thread. It is dropped with the receiver,
                // which nothing else keeps alive.
                Err(TryLockError::WouldBlock) => None,
            }
        } else {
            handler.lock().unwrap_or_else(PoisonError::into_inner).take()
        };
        // The destructors of what it captured are user code and may do anything, so no lock may be held here.
        drop(callback);
    }

    fn is_active(&self) -> bool {
        self.is_active()
    }
}
