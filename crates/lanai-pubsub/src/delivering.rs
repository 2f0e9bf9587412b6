//! Which thread delivers what.
//!
//! A topic is delivered by one thread at a time: the one that published while nobody else was at it. A `deliver` that publishes
//! in turn only puts its message in order; it is delivered by the same thread, after the `deliver` has returned. So deliveries
//! are never nested: a chain of topics that publish to each other needs no stack, a circle of them no end, and a lock
//! held in one `deliver` cannot be asked for by another one further down.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::sync::thread_local;

/// A topic that has messages to deliver.
pub(crate) trait Turn: Send + Sync {
    /// Delivers one message. False if there was none, or another thread goes on with them.
    fn deliver_next(&self) -> bool;
}

thread_local! {
    /// Whether this thread is delivering. It has no destructor, so it can be asked even while a thread ends.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The topics that this thread has to deliver beside the current one.
    static TURNS: RefCell<VecDeque<Arc<dyn Turn>>> = const { RefCell::new(VecDeque::new()) };
}

/// Whether the caller is called, at some depth, by a `deliver`.
#[inline]
pub(crate) fn is_inside() -> bool {
    INSIDE.with(Cell::get)
}

/// Delivers what the topic has, and what comes up on the way; from within a delivery, leaves it to the one at the outside.
pub(crate) fn run(topic: Arc<dyn Turn>) {
    if is_inside() {
        let mut topic = Some(topic);
        // Refused only while the thread is ending; then it must be nested after all.
        let _ = TURNS.try_with(|turns| turns.borrow_mut().extend(topic.take()));
        if let Some(topic) = topic {
            while topic.deliver_next() {}
        }
        return;
    }
    INSIDE.with(|inside| inside.set(true));
    deliver_all(Some(topic));
    INSIDE.with(|inside| inside.set(false));
}

/// Runs code of the user's as a delivery: what it publishes comes after it.
pub(crate) fn aside(code: impl FnOnce()) {
    if is_inside() {
        return quietly("a subscriber", code);
    }
    INSIDE.with(|inside| inside.set(true));
    quietly("a subscriber", code);
    deliver_all(TURNS.try_with(|turns| turns.borrow_mut().pop_front()).unwrap_or_default());
    INSIDE.with(|inside| inside.set(false));
}

fn deliver_all(mut next: Option<Arc<dyn Turn>>) {
    while let Some(topic) = next {
        // One message a turn, so that a busy topic does not hold up the others.
        let more = topic.deliver_next();
        next = TURNS
            .try_with(|turns| {
                let mut turns = turns.borrow_mut();
                if more && turns.is_empty() {
                    return Some(Arc::clone(&topic));
                }
                turns.extend(more.then(|| Arc::clone(&topic)));
                turns.pop_front()
            })
            .unwrap_or_else(|_| more.then(|| Arc::clone(&topic)));
        quietly("a topic's end", || drop(topic));
    }
}

/// Runs code of the user's. If it panics, this is reported, and nothing else happens.
///
/// What the code has left half-done is its own matter: as with a panicking thread, others see it only through locks and atomics.
pub(crate) fn quietly(what: &str, code: impl FnOnce()) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(code)) else {
        return;
    };
    // The report goes through the user's `tracing` subscriber, which can panic as well as anything.
    let reported = catch_unwind(AssertUnwindSafe(|| {
        tracing::error!(panic = text(&*panic), "{what} panicked");
    }));
    for payload in [Some(panic), reported.err()].into_iter().flatten() {
        if !is_text(&*payload) {
            // A payload of the user's own type could panic when dropped, outside of any `catch_unwind`.
            std::mem::forget(payload);
        }
    }
}

fn text(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "(with a value that is no text)"
    }
}

fn is_text(payload: &(dyn Any + Send)) -> bool {
    payload.is::<&str>() || payload.is::<String>()
}
