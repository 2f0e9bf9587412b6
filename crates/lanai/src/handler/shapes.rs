//! The shapes that a handler may have, each an implementation for all functions of that signature.

use std::future::Future;

use lanai_core::protocol::EventSpec;

use super::{Called, Calls, HandlerError, LooksReturned, Outcome, Shape, shape};
use crate::cx::Cx;
use crate::event::FromEvent;

#[diagnostic::do_not_recommend]
impl<V, F, R> Shape<V, shape::Plain<R>> for F
where
    F: Fn(&mut V) -> R + Send + Sync + 'static,
    R: LooksReturned,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send("")
    }
}

impl<V, F, R> Calls<V, shape::Plain<R>> for F
where
    F: Fn(&mut V) -> R + Send + Sync + 'static,
    R: LooksReturned + Outcome,
{
    fn start<'a>(&'a self, view: &'a mut V, _payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self(view).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, F, R> Shape<V, shape::WithCx<R>> for F
where
    F: Fn(&mut V, &Cx<V>) -> R + Send + Sync + 'static,
    R: LooksReturned,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send("")
    }
}

impl<V, F, R> Calls<V, shape::WithCx<R>> for F
where
    F: Fn(&mut V, &Cx<V>) -> R + Send + Sync + 'static,
    R: LooksReturned + Outcome,
{
    fn start<'a>(&'a self, view: &'a mut V, _payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self(view, cx).outcome())
    }
}

#[diagnostic::do_not_recommend]
impl<V, E, F, R> Shape<V, shape::WithEvent<E, R>> for F
where
    E: FromEvent,
    F: Fn(&mut V, E) -> R + Send + Sync + 'static,
    R: LooksReturned,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send(E::PAYLOAD)
    }
}

impl<V, E, F, R> Calls<V, shape::WithEvent<E, R>> for F
where
    E: FromEvent,
    F: Fn(&mut V, E) -> R + Send + Sync + 'static,
    R: LooksReturned + Outcome,
{
    fn start<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(event(payload, cx).and_then(|event| self(view, event).outcome()))
    }
}

#[diagnostic::do_not_recommend]
impl<V, E, F, R> Shape<V, shape::WithBoth<E, R>> for F
where
    E: FromEvent,
    F: Fn(&mut V, E, &Cx<V>) -> R + Send + Sync + 'static,
    R: LooksReturned,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send(E::PAYLOAD)
    }
}

impl<V, E, F, R> Calls<V, shape::WithBoth<E, R>> for F
where
    E: FromEvent,
    F: Fn(&mut V, E, &Cx<V>) -> R + Send + Sync + 'static,
    R: LooksReturned + Outcome,
{
    fn start<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(event(payload, cx).and_then(|event| self(view, event, cx).outcome()))
    }
}

/// Reads the payload of an event.
fn event<V, E: FromEvent>(payload: &str, cx: &Cx<V>) -> Result<E, HandlerError> {
    let event = E::from_event(payload).map_err(HandlerError::Payload)?;
    if event.is_refused() {
        cx.instance.refuse_value();
    }
    Ok(event)
}

/// The outcome of an `async` handler.
pub(crate) fn pending<'a>(future: impl Future<Output: Outcome> + Send + 'a) -> Called<'a> {
    Called::Pending(Box::pin(async move { future.await.outcome() }))
}

/// `async fn` with one to three arguments. The lifetime ties the future to what it borrows, which `Fn(&mut V) -> R` cannot say.
///
/// A handler is called as often as there are events, and its future may outlive the call. So it is a clone that is called, by value: the future owns
/// what the closure has captured, whether that is `Copy` or not. (A method is cloned for nothing.)
///
/// (The event's bound stands in the helper: as a separate bound it would make `&Cx` ambiguous with an event.)
pub trait AsyncFn1<'a, A>: Send + Sync + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(&self, a: A) -> Self::Future;
}

impl<'a, A, F, Fut> AsyncFn1<'a, A> for F
where
    F: FnOnce(A) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(&self, a: A) -> Fut {
        self.clone()(a)
    }
}

/// See [`AsyncFn1`].
pub trait AsyncFnCx<'a, A, C>: Send + Sync + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(&self, a: A, cx: C) -> Self::Future;
}

impl<'a, A, C, F, Fut> AsyncFnCx<'a, A, C> for F
where
    F: FnOnce(A, C) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(&self, a: A, cx: C) -> Fut {
        self.clone()(a, cx)
    }
}

/// See [`AsyncFn1`].
pub trait AsyncFnEvent<'a, A, E: FromEvent>: Send + Sync + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(&self, a: A, event: E) -> Self::Future;
}

impl<'a, A, E, F, Fut> AsyncFnEvent<'a, A, E> for F
where
    E: FromEvent,
    F: FnOnce(A, E) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(&self, a: A, event: E) -> Fut {
        self.clone()(a, event)
    }
}

/// See [`AsyncFn1`].
pub trait AsyncFnBoth<'a, A, E: FromEvent, C>: Send + Sync + 'static {
    /// What its future brings.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls it.
    fn start(&self, a: A, event: E, cx: C) -> Self::Future;
}

impl<'a, A, E, C, F, Fut> AsyncFnBoth<'a, A, E, C> for F
where
    E: FromEvent,
    F: FnOnce(A, E, C) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn start(&self, a: A, event: E, cx: C) -> Fut {
        self.clone()(a, event, cx)
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, F, R> Shape<V, shape::AsyncPlain<R>> for F
where
    F: for<'x> AsyncFn1<'x, &'x mut V, Output = R>,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send("")
    }
}

impl<V: 'static, F, R: Outcome> Calls<V, shape::AsyncPlain<R>> for F
where
    F: for<'x> AsyncFn1<'x, &'x mut V, Output = R>,
    for<'x> <F as AsyncFn1<'x, &'x mut V>>::Future: Send,
{
    fn start<'a>(&'a self, view: &'a mut V, _payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        pending(AsyncFn1::start(self, view))
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, F, R> Shape<V, shape::AsyncWithCx<R>> for F
where
    F: for<'x> AsyncFnCx<'x, &'x mut V, &'x Cx<V>, Output = R>,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send("")
    }
}

impl<V: 'static, F, R: Outcome> Calls<V, shape::AsyncWithCx<R>> for F
where
    F: for<'x> AsyncFnCx<'x, &'x mut V, &'x Cx<V>, Output = R>,
    for<'x> <F as AsyncFnCx<'x, &'x mut V, &'x Cx<V>>>::Future: Send,
{
    fn start<'a>(&'a self, view: &'a mut V, _payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        pending(AsyncFnCx::start(self, view, cx))
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, E: FromEvent, F, R> Shape<V, shape::AsyncWithEvent<E, R>> for F
where
    F: for<'x> AsyncFnEvent<'x, &'x mut V, E, Output = R>,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send(E::PAYLOAD)
    }
}

impl<V: 'static, E: FromEvent, F, R: Outcome> Calls<V, shape::AsyncWithEvent<E, R>> for F
where
    F: for<'x> AsyncFnEvent<'x, &'x mut V, E, Output = R>,
    for<'x> <F as AsyncFnEvent<'x, &'x mut V, E>>::Future: Send,
{
    fn start<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        match event(payload, cx) {
            Ok(event) => pending(AsyncFnEvent::start(self, view, event)),
            Err(error) => Called::Ready(Err(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static, E: FromEvent, F, R> Shape<V, shape::AsyncWithBoth<E, R>> for F
where
    F: for<'x> AsyncFnBoth<'x, &'x mut V, E, &'x Cx<V>, Output = R>,
{
    type Returned = R;

    fn spec(&self) -> EventSpec {
        EventSpec::send(E::PAYLOAD)
    }
}

impl<V: 'static, E: FromEvent, F, R: Outcome> Calls<V, shape::AsyncWithBoth<E, R>> for F
where
    F: for<'x> AsyncFnBoth<'x, &'x mut V, E, &'x Cx<V>, Output = R>,
    for<'x> <F as AsyncFnBoth<'x, &'x mut V, E, &'x Cx<V>>>::Future: Send,
{
    fn start<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        match event(payload, cx) {
            Ok(event) => pending(AsyncFnBoth::start(self, view, event, cx)),
            Err(error) => Called::Ready(Err(error)),
        }
    }
}
