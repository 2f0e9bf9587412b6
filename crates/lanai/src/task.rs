//! Futures and timers of a view.

use std::any::Any;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::AbortHandle;

use crate::cx::Cx;
use crate::handler::{Called, HandlerError, Outcome};
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

/// Something that takes the result of a future that the view has started: a method `fn(&mut self, T)` or `fn(&mut self, T, &Cx<Self>)`, `async` or
/// not, returning `()` or a `Result`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take a result of type `{T}` for `{V}`",
    label = "not a handler for the future's result",
    note = "a result handler is a method of the view, `async` or not: `fn(&mut self, {T})` or `fn(&mut self, {T}, &Cx<Self>)`"
)]
pub trait ResultHandler<V, T, M>: Send + 'static {
    /// Takes the result.
    fn call<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a>;
}

/// The marker types of [`ResultHandler`]: one a shape.
pub mod shape {
    /// `fn(&mut self, T)`
    pub struct Plain;
    /// `fn(&mut self, T, &Cx<Self>)`
    pub struct WithCx;
    /// `async fn(&mut self, T)`
    pub struct AsyncPlain;
    /// `async fn(&mut self, T, &Cx<Self>)`
    pub struct AsyncWithCx;
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> ResultHandler<V, T, shape::Plain> for F
where
    F: FnOnce(&mut V, T) -> R + Send + 'static,
    R: Outcome,
{
    fn call<'a>(self, view: &'a mut V, value: T, _cx: Cx<V>) -> Called<'a> {
        Called::Ready(self(view, value).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> ResultHandler<V, T, shape::WithCx> for F
where
    F: FnOnce(&mut V, T, &Cx<V>) -> R + Send + 'static,
    R: Outcome,
{
    fn call<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a> {
        Called::Ready(self(view, value, &cx).outcome())
    }
}

type BoxFuture<'a> = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>;

/// `async fn(&mut self)`, called once: the lifetime ties the future to what it borrows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `async` update of a view",
    label = "not an `async` closure that takes the view",
    note = "an `async` closure names the type of the view: `async move |this: &mut Self| this.refresh().await`",
    note = "its future must be `Send`: nothing like an `Rc` or a lock's guard is held across an `.await`"
)]
pub trait AsyncUpdate<'a, A>: Send + 'static {
    /// Calls it.
    fn start(self, a: A) -> BoxFuture<'a>;
}

/// `async fn(&mut self, T)`, called once.
pub trait AsyncResultFn<'a, A, T>: Send + 'static {
    /// Calls it.
    fn start(self, a: A, value: T) -> BoxFuture<'a>;
}

/// `async fn(&mut self, T, &Cx<Self>)`, called once.
pub trait AsyncResultFnCx<'a, A, T, C>: Send + 'static {
    /// Calls it.
    fn start(self, a: A, value: T, cx: C) -> BoxFuture<'a>;
}

impl<'a, A, F, Fut> AsyncUpdate<'a, A> for F
where
    F: FnOnce(A) -> Fut + Send + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(self, a: A) -> BoxFuture<'a> {
        let future = self(a);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, T, F, Fut> AsyncResultFn<'a, A, T> for F
where
    F: FnOnce(A, T) -> Fut + Send + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(self, a: A, value: T) -> BoxFuture<'a> {
        let future = self(a, value);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, T, C, F, Fut> AsyncResultFnCx<'a, A, T, C> for F
where
    F: FnOnce(A, T, C) -> Fut + Send + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(self, a: A, value: T, cx: C) -> BoxFuture<'a> {
        let future = self(a, value, cx);
        Box::pin(async move { future.await.outcome() })
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, T, F> ResultHandler<V, T, shape::AsyncPlain> for F
where
    F: for<'x> AsyncResultFn<'x, &'x mut V, T>,
{
    fn call<'a>(self, view: &'a mut V, value: T, _cx: Cx<V>) -> Called<'a> {
        Called::Pending(self.start(view, value))
    }
}

#[diagnostic::do_not_recommend]
impl<V: Send + 'static, T: Send + 'static, F> ResultHandler<V, T, shape::AsyncWithCx> for F
where
    F: for<'x> AsyncResultFnCx<'x, &'x mut V, T, &'x Cx<V>>,
{
    fn call<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a> {
        Called::Pending(Box::pin(async move { self.start(view, value, &cx).await }))
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
            Some(view) => handler.call(view, value, cx.clone()),
            None => Called::Ready(Ok(())),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }
}
