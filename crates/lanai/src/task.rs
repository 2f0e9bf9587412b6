//! Futures and timers of a view.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::AbortHandle;

use crate::cx::Cx;
use crate::handler::{Called, LooksReturned, Outcome, pending};
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

impl<V, T, M, F> ResultHandler<V, T, M> for F
where
    F: ResultShape<V, T, M>,
    F::Returned: Outcome,
    F: ResultCalls<V, T, M>,
{
    fn call<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a> {
        self.start(view, value, cx)
    }
}

/// Something with the arguments of a handler of results.
pub trait ResultShape<V, T, M>: Send + 'static {
    /// What it returns, at once or when its future ends.
    type Returned;
}

/// A handler of results that can be called: if it is `async`, its future is `Send`.
pub trait ResultCalls<V, T, M>: ResultShape<V, T, M> {
    /// See [`ResultHandler::call`].
    fn start<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a>;
}

/// The marker types of [`ResultHandler`]: one a shape, with what it returns.
pub mod shape {
    use std::marker::PhantomData;

    /// `fn(&mut self, T)`
    pub struct Plain<R>(PhantomData<R>);
    /// `fn(&mut self, T, &Cx<Self>)`
    pub struct WithCx<R>(PhantomData<R>);
    /// `async fn(&mut self, T)`
    pub struct AsyncPlain<R>(PhantomData<R>);
    /// `async fn(&mut self, T, &Cx<Self>)`
    pub struct AsyncWithCx<R>(PhantomData<R>);
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> ResultShape<V, T, shape::Plain<R>> for F
where
    F: FnOnce(&mut V, T) -> R + Send + 'static,
    R: LooksReturned,
{
    type Returned = R;
}

impl<V, T, F, R> ResultCalls<V, T, shape::Plain<R>> for F
where
    F: FnOnce(&mut V, T) -> R + Send + 'static,
    R: LooksReturned + Outcome,
{
    fn start<'a>(self, view: &'a mut V, value: T, _cx: Cx<V>) -> Called<'a> {
        Called::Ready(self(view, value).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> ResultShape<V, T, shape::WithCx<R>> for F
where
    F: FnOnce(&mut V, T, &Cx<V>) -> R + Send + 'static,
    R: LooksReturned,
{
    type Returned = R;
}

impl<V, T, F, R> ResultCalls<V, T, shape::WithCx<R>> for F
where
    F: FnOnce(&mut V, T, &Cx<V>) -> R + Send + 'static,
    R: LooksReturned + Outcome,
{
    fn start<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a> {
        Called::Ready(self(view, value, &cx).outcome())
    }
}

/// `async fn(&mut self)`, called once: the lifetime ties the future to what it borrows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `async` update of a view",
    label = "not an `async` closure that takes the view",
    note = "an `async` closure names the type of the view: `async move |this: &mut Self| this.refresh().await`",
    note = "its future must be `Send`: nothing like an `Rc` or a lock's guard is held across an `.await`"
)]
pub trait AsyncUpdate<'a, A>: Send + 'static {
    /// Calls it.
    fn start(self, a: A) -> Called<'a>;
}

impl<'a, A, F, Fut> AsyncUpdate<'a, A> for F
where
    F: FnOnce(A) -> Fut + Send + 'static,
    Fut: Future<Output: Outcome> + Send + 'a,
{
    fn start(self, a: A) -> Called<'a> {
        pending(self(a))
    }
}

/// `async fn(&mut self, T)`, called once.
pub trait AsyncResultFn<'a, A, T>: Send + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(self, a: A, value: T) -> Self::Future;
}

impl<'a, A, T, F, Fut> AsyncResultFn<'a, A, T> for F
where
    F: FnOnce(A, T) -> Fut + Send + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(self, a: A, value: T) -> Fut {
        self(a, value)
    }
}

/// `async fn(&mut self, T, &Cx<Self>)`, called once.
pub trait AsyncResultFnCx<'a, A, T, C>: Send + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(self, a: A, value: T, cx: C) -> Self::Future;
}

impl<'a, A, T, C, F, Fut> AsyncResultFnCx<'a, A, T, C> for F
where
    F: FnOnce(A, T, C) -> Fut + Send + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(self, a: A, value: T, cx: C) -> Fut {
        self(a, value, cx)
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, T, F, R> ResultShape<V, T, shape::AsyncPlain<R>> for F
where
    F: for<'x> AsyncResultFn<'x, &'x mut V, T, Output = R>,
{
    type Returned = R;
}

impl<V: 'static, T, F, R: Outcome> ResultCalls<V, T, shape::AsyncPlain<R>> for F
where
    F: for<'x> AsyncResultFn<'x, &'x mut V, T, Output = R>,
    for<'x> <F as AsyncResultFn<'x, &'x mut V, T>>::Future: Send,
{
    fn start<'a>(self, view: &'a mut V, value: T, _cx: Cx<V>) -> Called<'a> {
        pending(AsyncResultFn::start(self, view, value))
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, T, F, R> ResultShape<V, T, shape::AsyncWithCx<R>> for F
where
    F: for<'x> AsyncResultFnCx<'x, &'x mut V, T, &'x Cx<V>, Output = R>,
{
    type Returned = R;
}

impl<V: Send + 'static, T: Send + 'static, F, R: Outcome> ResultCalls<V, T, shape::AsyncWithCx<R>> for F
where
    F: for<'x> AsyncResultFnCx<'x, &'x mut V, T, &'x Cx<V>, Output = R>,
    for<'x> <F as AsyncResultFnCx<'x, &'x mut V, T, &'x Cx<V>>>::Future: Send,
{
    fn start<'a>(self, view: &'a mut V, value: T, cx: Cx<V>) -> Called<'a> {
        // The context is made for this call alone, so it moves into the future with it. (Its type is forgotten inside, or the
        // compiler would have to know the future to be `Send` for any two lifetimes.)
        fn begin<'x, V, T, F, R: Outcome>(handler: F, view: &'x mut V, value: T, cx: &'x Cx<V>) -> Called<'x>
        where
            V: 'static,
            F: AsyncResultFnCx<'x, &'x mut V, T, &'x Cx<V>, Output = R, Future: Send>,
        {
            pending(handler.start(view, value, cx))
        }
        Called::Pending(Box::pin(async move { begin(self, view, value, &cx).settle().await }))
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
