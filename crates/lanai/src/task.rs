//! Futures and timers of a view.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::AbortHandle;

use crate::cx::Cx;
use crate::handler::shapes::{self, AsyncCall, Calls, Shape, pending};
use crate::handler::{Called, Outcome};
use crate::instance::driver::Call;

/// A handle to a future or timer that a view has started.
///
/// The task ends with the view. Dropping this handle does not end it; [`cancel`](Self::cancel) does.
/// [`cancel_on_drop`](Self::cancel_on_drop) turns the handle into a guard that cancels the task when it is dropped.
#[derive(Debug, Clone)]
pub struct Task {
    handle: AbortHandle,
    cancelled: Cancelled,
}

/// Whether a task was cancelled. If so, a result or tick that is already in the mailbox is not handled.
pub(crate) type Cancelled = Arc<AtomicBool>;

impl Task {
    pub(crate) fn new(handle: AbortHandle, cancelled: Cancelled) -> Self {
        Self { handle, cancelled }
    }

    /// Cancels the task. No tick and no result is handled after this, not even one that already waits in the view's
    /// mailbox.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.handle.abort();
    }

    /// Whether the task has finished. (Its result may still wait in the view's mailbox.)
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Returns a guard that cancels the task when it is dropped.
    pub fn cancel_on_drop(self) -> TaskGuard {
        TaskGuard(self)
    }
}

/// Cancels a [`Task`] when it is dropped.
#[derive(Debug)]
#[must_use = "dropping the guard cancels the task"]
pub struct TaskGuard(Task);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A handler of the result of a future that the view has started: a method `fn(&mut self, T)` or `fn(&mut self, T,
/// &Cx<Self>)`, `async` or not, that returns `()` or a `Result`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take a result of type `{T}` for `{V}`",
    label = "not a handler for the future's result",
    note = "a result handler is a method of the view, `async` or not: \
            `fn(&mut self, {T})` or `fn(&mut self, {T}, &Cx<Self>)`"
)]
pub trait ResultHandler<V, T, M>: Send + 'static {
    /// Handles the result.
    fn call<'a>(self, view: &'a mut V, value: T, cx: &'a Cx<V>) -> Called<'a>;

    /// Whether [`call`](Self::call) may return a future, which borrows the context.
    const ASYNC: bool;
}

impl<V, T, M, F> ResultHandler<V, T, M> for F
where
    F: Shape<V, shapes::Finished<T>, M>,
    F::Returned: Outcome,
    F: Calls<V, shapes::Finished<T>, M>,
{
    const ASYNC: bool = <F as Shape<V, shapes::Finished<T>, M>>::ASYNC;

    fn call<'a>(self, view: &'a mut V, value: T, cx: &'a Cx<V>) -> Called<'a> {
        F::start(self, view, value, cx, Outcome::outcome)
    }
}

/// An `async` update of a view, called once: a closure `async move |this: &mut Self| …`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `async` update of a view",
    label = "not an `async` closure that takes the view",
    note = "an `async` closure names the type of the view: `async move |this: &mut Self| this.refresh().await`",
    note = "its future must be `Send`: it cannot hold an `Rc` or the guard of a lock across an `.await`"
)]
pub trait AsyncUpdate<'a, A>: Send + 'static {
    /// Calls the closure.
    fn start(self, view: A) -> Called<'a>;
}

#[diagnostic::do_not_recommend]
impl<'a, A: 'a, F> AsyncUpdate<'a, A> for F
where
    F: AsyncCall<'a, (A,), Output: Outcome, Future: Send>,
{
    fn start(self, view: A) -> Called<'a> {
        pending(AsyncCall::start(self, (view,)), Outcome::outcome)
    }
}

/// The result of a future in the mailbox of a view.
pub(crate) struct Finished<V, T, H, M> {
    pub(crate) value: T,
    pub(crate) handler: H,
    pub(crate) cx: Cx<V>,
    pub(crate) cancelled: Cancelled,
    pub(crate) shape: PhantomData<fn() -> M>,
}

impl<V: Send + 'static, T: Send + 'static, M: 'static, H: ResultHandler<V, T, M>> Call for Finished<V, T, H, M> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let Self { value, handler, cx, cancelled, .. } = *self;
        let Some(view) = cx.focus_on(view).filter(|_| !cancelled.load(Ordering::Relaxed)) else {
            return Called::Ready(Ok(()));
        };
        if H::ASYNC {
            // The future owns the context, because the handler borrows it.
            return Called::Pending(Box::pin(async move { handler.call(view, value, &cx).settle().await }));
        }
        match handler.call(view, value, &cx) {
            Called::Ready(result) => Called::Ready(result),
            Called::Pending(_) => unreachable!("a handler that is not async returns at once"),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }
}
