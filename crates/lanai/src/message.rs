//! Handlers of published messages.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lanai_pubsub::LocalMessage;

use crate::cx::Cx;
use crate::handler::{Called, LooksReturned, Outcome, pending};
use crate::instance::driver::Call;

/// Something that handles messages of type `T` for the view `V`: a method `fn(&mut self, &T)` or `fn(&mut self, &T, &Cx<Self>)`, `async`
/// or not, returning `()` or a `Result`. The third parameter only tells the shapes apart.
///
/// As with [event handlers](crate::handler::Handler), it takes a [shape](MessageShape), [what it returns](Outcome), and that it can be
/// [called](MessageCalls) from any thread.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle messages of type `{T}` for `{V}`",
    label = "not a message handler for this topic and view",
    note = "a message handler is a method of the view in one of these shapes, `async` or not:\n\
            `fn(&mut self, &{T})`\n`fn(&mut self, &{T}, &Cx<Self>)`",
    note = "a closure names the types: `|this: &mut Self, message: &{T}| this.received(message)`"
)]
pub trait MessageHandler<V, T, M>: Send + Sync + 'static {
    /// Handles one message.
    fn call<'a>(&'a self, view: &'a mut V, message: &'a T, cx: &'a Cx<V>) -> Called<'a>;

    /// Whether [`call`](Self::call) may return a future, which borrows the message.
    const ASYNC: bool;
}

impl<V, T, M, F> MessageHandler<V, T, M> for F
where
    F: MessageShape<V, T, M>,
    F::Returned: Outcome,
    F: MessageCalls<V, T, M>,
{
    const ASYNC: bool = <F as MessageCalls<V, T, M>>::ASYNC;

    fn call<'a>(&'a self, view: &'a mut V, message: &'a T, cx: &'a Cx<V>) -> Called<'a> {
        self.start(view, message, cx)
    }
}

/// Something with the arguments of a message handler.
pub trait MessageShape<V, T, M>: Send + Sync + 'static {
    /// What it returns, at once or when its future ends.
    type Returned;
}

/// A message handler that can be called: if it is `async`, its future is `Send`.
pub trait MessageCalls<V, T, M>: MessageShape<V, T, M> {
    /// See [`MessageHandler::ASYNC`].
    const ASYNC: bool;

    /// See [`MessageHandler::call`].
    fn start<'a>(&'a self, view: &'a mut V, message: &'a T, cx: &'a Cx<V>) -> Called<'a>;
}

/// The marker types of [`MessageHandler`]: one a shape, with what it returns.
pub mod shape {
    use std::marker::PhantomData;

    /// `fn(&mut self, &T)`
    pub struct Plain<R>(PhantomData<R>);
    /// `fn(&mut self, &T, &Cx<Self>)`
    pub struct WithCx<R>(PhantomData<R>);
    /// `async fn(&mut self, &T)`
    pub struct AsyncPlain<R>(PhantomData<R>);
    /// `async fn(&mut self, &T, &Cx<Self>)`
    pub struct AsyncWithCx<R>(PhantomData<R>);
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> MessageShape<V, T, shape::Plain<R>> for F
where
    F: Fn(&mut V, &T) -> R + Send + Sync + 'static,
    R: LooksReturned,
{
    type Returned = R;
}

impl<V, T, F, R> MessageCalls<V, T, shape::Plain<R>> for F
where
    F: Fn(&mut V, &T) -> R + Send + Sync + 'static,
    R: LooksReturned + Outcome,
{
    const ASYNC: bool = false;

    fn start<'a>(&'a self, view: &'a mut V, message: &'a T, _cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self(view, message).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, T, F, R> MessageShape<V, T, shape::WithCx<R>> for F
where
    F: Fn(&mut V, &T, &Cx<V>) -> R + Send + Sync + 'static,
    R: LooksReturned,
{
    type Returned = R;
}

impl<V, T, F, R> MessageCalls<V, T, shape::WithCx<R>> for F
where
    F: Fn(&mut V, &T, &Cx<V>) -> R + Send + Sync + 'static,
    R: LooksReturned + Outcome,
{
    const ASYNC: bool = false;

    fn start<'a>(&'a self, view: &'a mut V, message: &'a T, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self(view, message, cx).outcome())
    }
}

/// `async fn(&mut self, &T)`: the lifetime ties the future to what it borrows. A clone of the closure is called, so that the future owns what that
/// has captured.
pub trait AsyncMessageFn<'a, A, B>: Send + Sync + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(&self, a: A, b: B) -> Self::Future;
}

impl<'a, A, B, F, Fut> AsyncMessageFn<'a, A, B> for F
where
    F: FnOnce(A, B) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(&self, a: A, b: B) -> Fut {
        self.clone()(a, b)
    }
}

/// See [`AsyncMessageFn`].
pub trait AsyncMessageFnCx<'a, A, B, C>: Send + Sync + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(&self, a: A, b: B, c: C) -> Self::Future;
}

impl<'a, A, B, C, F, Fut> AsyncMessageFnCx<'a, A, B, C> for F
where
    F: FnOnce(A, B, C) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(&self, a: A, b: B, c: C) -> Fut {
        self.clone()(a, b, c)
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, T: 'static, F, R> MessageShape<V, T, shape::AsyncPlain<R>> for F
where
    F: for<'x> AsyncMessageFn<'x, &'x mut V, &'x T, Output = R>,
{
    type Returned = R;
}

impl<V: 'static, T: 'static, F, R: Outcome> MessageCalls<V, T, shape::AsyncPlain<R>> for F
where
    F: for<'x> AsyncMessageFn<'x, &'x mut V, &'x T, Output = R>,
    for<'x> <F as AsyncMessageFn<'x, &'x mut V, &'x T>>::Future: Send,
{
    const ASYNC: bool = true;

    fn start<'a>(&'a self, view: &'a mut V, message: &'a T, _cx: &'a Cx<V>) -> Called<'a> {
        pending(AsyncMessageFn::start(self, view, message))
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, T: 'static, F, R> MessageShape<V, T, shape::AsyncWithCx<R>> for F
where
    F: for<'x> AsyncMessageFnCx<'x, &'x mut V, &'x T, &'x Cx<V>, Output = R>,
{
    type Returned = R;
}

impl<V: 'static, T: 'static, F, R: Outcome> MessageCalls<V, T, shape::AsyncWithCx<R>> for F
where
    F: for<'x> AsyncMessageFnCx<'x, &'x mut V, &'x T, &'x Cx<V>, Output = R>,
    for<'x> <F as AsyncMessageFnCx<'x, &'x mut V, &'x T, &'x Cx<V>>>::Future: Send,
{
    const ASYNC: bool = true;

    fn start<'a>(&'a self, view: &'a mut V, message: &'a T, cx: &'a Cx<V>) -> Called<'a> {
        pending(AsyncMessageFnCx::start(self, view, message, cx))
    }
}

/// A subscription of a view, as its deliveries see it.
pub(crate) struct Subscribed<V, T, H, M> {
    pub(crate) cx: Cx<V>,
    handler: H,
    active: Arc<AtomicBool>,
    types: PhantomData<fn(T) -> M>,
}

impl<V, T, H, M> Subscribed<V, T, H, M> {
    pub(crate) fn new(cx: Cx<V>, handler: H) -> Self {
        Self { cx, handler, active: Arc::new(AtomicBool::new(true)), types: PhantomData }
    }

    pub(crate) fn active(&self) -> Arc<AtomicBool> {
        self.active.clone()
    }
}

/// A message on its way to a view.
pub(crate) struct Delivery<V, T, H, M> {
    pub(crate) subscribed: Arc<Subscribed<V, T, H, M>>,
    pub(crate) message: Arc<T>,
}

impl<V, T, H, M> Call for Delivery<V, T, H, M>
where
    V: Send + 'static,
    T: LocalMessage,
    H: MessageHandler<V, T, M>,
    M: 'static,
{
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let subscribed = &self.subscribed;
        if !subscribed.active.load(Ordering::Relaxed) {
            return Called::Ready(Ok(()));
        }
        let Some(view) = subscribed.cx.focus_on(view) else { return Called::Ready(Ok(())) };
        if H::ASYNC {
            // The future keeps what it borrows.
            return Called::Pending(Box::pin(async move {
                self.subscribed.handler.call(view, &self.message, &self.subscribed.cx).settle().await
            }));
        }
        match subscribed.handler.call(view, &self.message, &subscribed.cx) {
            Called::Ready(result) => Called::Ready(result),
            Called::Pending(_) => unreachable!("a handler that is not async returns at once"),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }

    fn is_immediate(&self) -> bool {
        !H::ASYNC
    }
}
