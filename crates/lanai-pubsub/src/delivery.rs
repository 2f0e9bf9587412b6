//! Which thread delivers which topic.
//!
//! At any time, at most one thread delivers the messages of a topic: the thread that published while no other one was
//! delivering. When a callback publishes in turn, the message is only queued; the same thread delivers it after the
//! callback returns. Deliveries therefore never nest. Topics that publish to each other cannot overflow the stack or
//! recurse forever, and a callback that holds a lock cannot be interrupted by another callback that needs the same
//! lock.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::sync::thread_local;

/// A topic with queued messages.
pub(crate) trait DeliveryQueue: Send + Sync {
    /// Delivers one message. Returns false if the queue is empty or another thread takes over.
    fn deliver_next(&self) -> bool;
}

thread_local! {
    /// Whether this thread is delivering. It has no destructor, so it can be read even while the thread ends.
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
    /// The topics that this thread has to deliver after the current message.
    static PENDING: RefCell<VecDeque<Arc<dyn DeliveryQueue>>> = const { RefCell::new(VecDeque::new()) };
}

/// Whether the caller runs, at any depth, inside a delivery.
#[inline]
pub(crate) fn is_delivering() -> bool {
    DELIVERING.with(Cell::get)
}

/// Delivers the topic's messages and all those published meanwhile. Inside a delivery, leaves the topic to the
/// outermost one.
pub(crate) fn run(topic: Arc<dyn DeliveryQueue>) {
    if is_delivering() {
        let mut topic = Some(topic);
        // This fails only while the thread ends. The delivery then has to nest after all.
        let _ = PENDING.try_with(|pending| pending.borrow_mut().extend(topic.take()));
        if let Some(topic) = topic {
            while topic.deliver_next() {}
        }
        return;
    }
    DELIVERING.with(|delivering| delivering.set(true));
    deliver_all(Some(topic));
    DELIVERING.with(|delivering| delivering.set(false));
}

/// Runs user code as if it were a delivery: messages that it publishes are delivered after it returns.
pub(crate) fn run_as_delivery(code: impl FnOnce()) {
    if is_delivering() {
        return catch_panic("a subscriber", code);
    }
    DELIVERING.with(|delivering| delivering.set(true));
    catch_panic("a subscriber", code);
    deliver_all(PENDING.try_with(|pending| pending.borrow_mut().pop_front()).unwrap_or_default());
    DELIVERING.with(|delivering| delivering.set(false));
}

fn deliver_all(mut next: Option<Arc<dyn DeliveryQueue>>) {
    while let Some(topic) = next {
        // One message at a time, so that a busy topic does not hold up the others.
        let more = topic.deliver_next();
        next = PENDING
            .try_with(|pending| {
                let mut pending = pending.borrow_mut();
                if more && pending.is_empty() {
                    return Some(Arc::clone(&topic));
                }
                pending.extend(more.then(|| Arc::clone(&topic)));
                pending.pop_front()
            })
            .unwrap_or_else(|_| more.then(|| Arc::clone(&topic)));
        catch_panic("the destructor of a topic", || drop(topic));
    }
}

/// Runs user code. Logs a panic and returns as usual.
///
/// What the code leaves half-done is its own concern: as with a panicking thread, others see it only through locks and
/// atomics.
pub(crate) fn catch_panic(what: &str, code: impl FnOnce()) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(code)) else {
        return;
    };
    // The user's `tracing` subscriber can panic as well.
    let reported = catch_unwind(AssertUnwindSafe(|| {
        tracing::error!(panic = text(&*panic), "{what} panicked");
    }));
    for payload in [Some(panic), reported.err()].into_iter().flatten() {
        if !is_text(&*payload) {
            // The destructor of the user's own type could panic, outside any `catch_unwind`.
            #[expect(clippy::mem_forget)]
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
        "(the panic payload is not text)"
    }
}

fn is_text(payload: &(dyn Any + Send)) -> bool {
    payload.is::<&str>() || payload.is::<String>()
}
