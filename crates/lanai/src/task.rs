//! Futures and timers of a view.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::AbortHandle;

use crate::cx::Cx;
use crate::handler::{Called, Outcome};
use crate::instance::driver::Call;

/// A future or a timer that a view has started.
///
/// It ends with the view. Dropping this handle leaves it running; [`cancel`](Self::cancel) ends it, and
/// [`cancel_on_drop`](Self::cancel_on_drop) ties it to a value of your own.
#[derive(Debug, Clone)]
pub struct Task {
    handle: AbortHandle,
    cancelled: Cancelled,
}

/// Whether a task was cancelled: then what it has put into the mailbox already is not handled.
pub(crate) type Cancelled = Arc<AtomicBool>;

impl Task {
    pub(crate) fn new(handle: AbortHandle, cancelled: Cancelled) -> Self {
        Self { handle, cancelled }
    }

    /// Ends it. No tick and no result is handled after this, not even one that waits in the view's mailbox.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.handle.abort();
    }

    /// Whether it has ended. (Its result may still wait in the view's mailbox.)
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Ends it when the guard is dropped.
    #[must_use = "dropping the guard cancels the task"]
    pub fn cancel_on_drop(self) -> TaskGuard {
        TaskGuard(self)
    }
}

/// Ends a [`Task`] when it is dropped.
#[derive(Debug)]
pub struct TaskGuard(Task);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Something that takes the result of a future that the view has started: a method `fn(&mut self, T)` or `fn(&mut self, T, &Cx<Self>)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take a result of type `{T}` for `{V}`",
    label = "not a handler for the future's result",
    note = "a result handler is a method of the view: `fn(&mut self, {T})` or `fn(&mut self, {T}, &Cx<Self>)`"
)]
pub trait ResultHandler<V, T, M>: Send + 'static {
    /// Takes the result.
    fn call(self, view: &mut V, value: T, cx: &Cx<V>) -> Called<'static>;
}

/// The marker types of [`ResultHandler`]: one a shape.
pub mod shape {
    /// `fn(&mut self, T)`
    pub struct Plain;
    /// `fn(&mut self, T, &Cx<Self>)`
    pub struct WithCx;
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> ResultHandler<V, T, shape::Plain> for F
where
    F: FnOnce(&mut V, T) -> R + Send + 'static,
    R: Outcome,
{
    fn call(self, view: &mut V, value: T, _cx: &Cx<V>) -> Called<'static> {
        Called::Ready(self(view, value).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> ResultHandler<V, T, shape::WithCx> for F
where
    F: FnOnce(&mut V, T, &Cx<V>) -> R + Send + 'static,
    R: Outcome,
{
    fn call(self, view: &mut V, value: T, cx: &Cx<V>) -> Called<'static> {
        Called::Ready(self(view, value, cx).outcome())
    }
}

/// The result of a future on its way to the view.
pub(crate) struct Finished<V, T, H, M> {
    pub(crate) value: T,
    pub(crate) handler: H,
    pub(crate) cx: Cx<V>,
    pub(crate) cancelled: Cancelled,
    pub(crate) shape: PhantomData<fn() -> M>,
}

impl<V: Send + 'static, T: Send, M, H: ResultHandler<V, T, M>> Call for Finished<V, T, H, M> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let Self { value, handler, cx, cancelled, .. } = *self;
        match cx.focus_on(view).filter(|_| !cancelled.load(Ordering::Relaxed)) {
            Some(view) => handler.call(view, value, &cx),
            None => Called::Ready(Ok(())),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }
}
