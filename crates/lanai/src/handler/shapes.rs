//! The shapes that a handler may have, each an implementation for all functions of that signature.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use super::{Called, Handler, HandlerError, Outcome, shape};
use crate::cx::Cx;
use crate::event::FromEvent;

#[diagnostic::do_not_recommend]
impl<V, F, R> Handler<V, shape::Plain> for F
where
    F: Fn(&mut V) -> R + Send + Sync + 'static,
    R: Outcome,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    fn call<'a>(&'a self, view: &'a mut V, _payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self(view).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, F, R> Handler<V, shape::WithCx> for F
where
    F: Fn(&mut V, &Cx<V>) -> R + Send + Sync + 'static,
    R: Outcome,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    fn call<'a>(&'a self, view: &'a mut V, _payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self(view, cx).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, E, F, R> Handler<V, shape::WithEvent<E>> for F
where
    E: FromEvent,
    F: Fn(&mut V, E) -> R + Send + Sync + 'static,
    R: Outcome,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed(E::PAYLOAD)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(event(payload).and_then(|event| self(view, event).outcome()))
    }
}

#[diagnostic::do_not_recommend]
impl<V, E, F, R> Handler<V, shape::WithBoth<E>> for F
where
    E: FromEvent,
    F: Fn(&mut V, E, &Cx<V>) -> R + Send + Sync + 'static,
    R: Outcome,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed(E::PAYLOAD)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(event(payload).and_then(|event| self(view, event, cx).outcome()))
    }
}

/// Reads the payload of an event.
fn event<E: FromEvent>(payload: &str) -> Result<E, HandlerError> {
    E::from_event(payload).map_err(HandlerError::Payload)
}

type BoxFuture<'a> = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>;

/// `async fn` with one to three arguments. The lifetime ties the future to what it borrows, which `Fn(&mut V) -> R` cannot say.
/// A handler is called as often as there are events, and its future may outlive the call. So it is a clone that is called, by value: the future owns
/// what the closure has captured, whether that is `Copy` or not. (A method is cloned for nothing.)
///
/// (The event's bound stands in the helper: as a separate bound it would make `&Cx` ambiguous with an event.)
pub trait AsyncFn1<'a, A>: Send + Sync + 'static {
    /// Calls it.
    fn start(&self, a: A) -> BoxFuture<'a>;
}
/// See [`AsyncFn1`].
pub trait AsyncFnCx<'a, A, C>: Send + Sync + 'static {
    /// Calls it.
    fn start(&self, a: A, cx: C) -> BoxFuture<'a>;
}
/// See [`AsyncFn1`].
pub trait AsyncFnEvent<'a, A, E: FromEvent>: Send + Sync + 'static {
    /// Calls it.
    fn start(&self, a: A, event: E) -> BoxFuture<'a>;
}
/// See [`AsyncFn1`].
pub trait AsyncFnBoth<'a, A, E: FromEvent, C>: Send + Sync + 'static {
    /// Calls it.
    fn start(&self, a: A, event: E, cx: C) -> BoxFuture<'a>;
}

impl<'a, A, F, Fut> AsyncFn1<'a, A> for F
where
    F: FnOnce(A) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A) -> BoxFuture<'a> {
        let future = self.clone()(a);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, C, F, Fut> AsyncFnCx<'a, A, C> for F
where
    F: FnOnce(A, C) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A, cx: C) -> BoxFuture<'a> {
        let future = self.clone()(a, cx);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, E, F, Fut> AsyncFnEvent<'a, A, E> for F
where
    E: FromEvent,
    F: FnOnce(A, E) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A, event: E) -> BoxFuture<'a> {
        let future = self.clone()(a, event);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, E, C, F, Fut> AsyncFnBoth<'a, A, E, C> for F
where
    E: FromEvent,
    F: FnOnce(A, E, C) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A, event: E, cx: C) -> BoxFuture<'a> {
        let future = self.clone()(a, event, cx);
        Box::pin(async move { future.await.outcome() })
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, F> Handler<V, shape::AsyncPlain> for F
where
    F: for<'x> AsyncFn1<'x, &'x mut V>,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    fn call<'a>(&'a self, view: &'a mut V, _payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        Called::Pending(self.start(view))
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, F> Handler<V, shape::AsyncWithCx> for F
where
    F: for<'x> AsyncFnCx<'x, &'x mut V, &'x Cx<V>>,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    fn call<'a>(&'a self, view: &'a mut V, _payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Pending(self.start(view, cx))
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, E: FromEvent, F> Handler<V, shape::AsyncWithEvent<E>> for F
where
    F: for<'x> AsyncFnEvent<'x, &'x mut V, E>,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed(E::PAYLOAD)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        match event(payload) {
            Ok(event) => Called::Pending(self.start(view, event)),
            Err(error) => Called::Ready(Err(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, E: FromEvent, F> Handler<V, shape::AsyncWithBoth<E>> for F
where
    F: for<'x> AsyncFnBoth<'x, &'x mut V, E, &'x Cx<V>>,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed(E::PAYLOAD)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        match event(payload) {
            Ok(event) => Called::Pending(self.start(view, event, cx)),
            Err(error) => Called::Ready(Err(error)),
        }
    }
}
