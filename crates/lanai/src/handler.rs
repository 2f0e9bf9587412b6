//! Event handlers: methods of the view, or closures, in place of an attribute's value.
//!
//! A handler has one of four shapes, each `async` or not, returning `()` or `Result<(), E>`:
//!
//! | shape | receives |
//! |---|---|
//! | `fn(&mut self)` | the view |
//! | `fn(&mut self, E)` | and the event, `E:` [`FromEvent`] |
//! | `fn(&mut self, &Cx<Self>)` | and the [context](Cx) |
//! | `fn(&mut self, E, &Cx<Self>)` | all three |
//!
//! An `async` handler borrows the view until it ends: meanwhile the view handles nothing else, and what arrives waits in its
//! mailbox. For anything longer than a short await, use [`Cx::spawn`].

use std::borrow::Cow;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{EventError, FromEvent};

/// Something that handles an event of the view `V`. The second parameter only tells the shapes apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event handler for `{V}`",
    label = "not an event handler for this view",
    note = "a handler is a method of the view in one of these shapes, `async` or not:\n\
            `fn(&mut self)`\n`fn(&mut self, E)`\n`fn(&mut self, &Cx<Self>)`\n`fn(&mut self, E, &Cx<Self>)`\n\
            where `E: FromEvent` (`Click`, `Value<T>`, `Checked`, `Form<T>`, `Key` …), returning `()` or `Result<(), E>`",
    note = "a closure names the type of the view: `move |this: &mut Self| this.remove(id)`"
)]
pub trait Handler<V, M>: Send + Sync + 'static {
    /// What the browser sends along, and when: `payload|modifier…` of the protocol.
    fn spec(&self) -> Cow<'static, str>;

    /// Handles one event. `payload` is its JSON, empty if there is none.
    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a>;
}

/// The outcome of a handler, now or later.
#[must_use]
pub enum Called<'a> {
    /// The handler has returned.
    Ready(Result<(), HandlerError>),
    /// The handler is `async`.
    Pending(Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>),
}

impl Called<'_> {
    /// The outcome, when there is one.
    pub(crate) async fn settle(self) -> Result<(), HandlerError> {
        match self {
            Called::Ready(result) => result,
            Called::Pending(future) => future.await,
        }
    }
}

/// Why an event had no, or not the whole, effect.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The payload does not fit; the handler was not called.
    #[error("the event was refused: {0}")]
    Payload(#[from] EventError),
    /// The handler returned an error.
    #[error("{0}")]
    Failed(Error),
}

/// What a handler may return: `()` or a `Result<(), E>` whose error converts into [`Error`].
#[diagnostic::on_unimplemented(
    message = "an event handler returns `()` or `Result<(), E>`, not `{Self}`",
    label = "not something that a handler may return"
)]
pub trait Outcome {
    /// As a result.
    fn outcome(self) -> Result<(), HandlerError>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl<E: Into<Error>> Outcome for Result<(), E> {
    fn outcome(self) -> Result<(), HandlerError> {
        self.map_err(|error| HandlerError::Failed(error.into()))
    }
}

/// The marker types of [`Handler`]: one a shape.
pub mod shape {
    use std::marker::PhantomData;

    /// `fn(&mut self)`
    pub struct Plain;
    /// `fn(&mut self, &Cx<Self>)`
    pub struct WithCx;
    /// `fn(&mut self, E)`
    pub struct WithEvent<E>(PhantomData<E>);
    /// `fn(&mut self, E, &Cx<Self>)`
    pub struct WithBoth<E>(PhantomData<E>);
    /// `async fn(&mut self)`
    pub struct AsyncPlain;
    /// `async fn(&mut self, &Cx<Self>)`
    pub struct AsyncWithCx;
    /// `async fn(&mut self, E)`
    pub struct AsyncWithEvent<E>(PhantomData<E>);
    /// `async fn(&mut self, E, &Cx<Self>)`
    pub struct AsyncWithBoth<E>(PhantomData<E>);
    /// A handler with [modifiers](super::On).
    pub struct Modified<M>(PhantomData<M>);
    /// A [`Callback`](super::Callback).
    pub struct Erased;
}

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
    F: Fn(A) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A) -> BoxFuture<'a> {
        let future = self(a);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, C, F, Fut> AsyncFnCx<'a, A, C> for F
where
    F: Fn(A, C) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A, cx: C) -> BoxFuture<'a> {
        let future = self(a, cx);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, E, F, Fut> AsyncFnEvent<'a, A, E> for F
where
    E: FromEvent,
    F: Fn(A, E) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A, event: E) -> BoxFuture<'a> {
        let future = self(a, event);
        Box::pin(async move { future.await.outcome() })
    }
}

impl<'a, A, E, C, F, Fut> AsyncFnBoth<'a, A, E, C> for F
where
    E: FromEvent,
    F: Fn(A, E, C) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'a,
    Fut::Output: Outcome,
{
    fn start(&self, a: A, event: E, cx: C) -> BoxFuture<'a> {
        let future = self(a, event, cx);
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

/// A handler with modifiers: when the browser sends the event, and what else it does with it.
///
/// ```
/// use std::time::Duration;
/// use lanai::prelude::*;
///
/// struct Search { query: String }
///
/// impl Search {
///     fn typed(&mut self, Value(query): Value<String>) {
///         self.query = query;
///     }
/// }
///
/// impl View for Search {
///     fn render(&self) -> Html<Self> {
///         html! { input oninput=(on(Self::typed).debounce(Duration::from_millis(300))); }
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct On<F> {
    handler: F,
    modifiers: String,
}

/// Gives a handler modifiers, see [`On`].
pub fn on<F>(handler: F) -> On<F> {
    On { handler, modifiers: String::new() }
}

impl<F> On<F> {
    /// Waits until no such event came for `quiet`; then sends the last one. Any later event of the page sends it at once.
    pub fn debounce(self, quiet: Duration) -> Self {
        self.with(format_args!("d{}", quiet.as_millis()))
    }

    /// Sends at most one event in each `interval`: the first at once, the last one at its end.
    pub fn throttle(self, interval: Duration) -> Self {
        self.with(format_args!("t{}", interval.as_millis()))
    }

    /// Sends only the first event of each element.
    pub fn once(self) -> Self {
        self.with(format_args!("o"))
    }

    /// Prevents what the browser does by default: following a link, toggling a checkbox … (A form's submit is always prevented.)
    pub fn prevent(self) -> Self {
        self.with(format_args!("p"))
    }

    /// Stops the event here: handlers on elements around this one do not get it.
    pub fn stop(self) -> Self {
        self.with(format_args!("s"))
    }

    /// Only for this key: a [value of `KeyboardEvent.key`](https://developer.mozilla.org/docs/Web/API/UI_Events/Keyboard_event_key_values)
    /// such as `"Enter"`, `"Escape"` or `"a"`. Several calls add up.
    ///
    /// # Panics
    ///
    /// If `key` is `"|"`, which the protocol uses as separator; compare with [`Key::key`](crate::event::Key) instead.
    #[track_caller]
    pub fn key(self, key: &str) -> Self {
        assert!(!key.contains('|'), "the key `|` cannot be a filter: handle every key and look at `Key::key`");
        self.with(format_args!("k{key}"))
    }

    fn with(mut self, modifier: std::fmt::Arguments<'_>) -> Self {
        use std::fmt::Write as _;
        write!(self.modifiers, "|{modifier}").expect("writing to a string does not fail");
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V, M: 'static, F: Handler<V, M>> Handler<V, shape::Modified<M>> for On<F> {
    fn spec(&self) -> Cow<'static, str> {
        let payload = self.handler.spec();
        if self.modifiers.is_empty() { payload } else { Cow::Owned(format!("{payload}{}", self.modifiers)) }
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.handler.call(view, payload, cx)
    }
}

/// Any handler of the view `V`, of whatever shape: for functions and parts that are given one.
///
/// ```
/// use lanai::prelude::*;
///
/// fn delete_button<V: 'static>(delete: Callback<V>) -> Html<V> {
///     html! { button.danger onclick=(delete) { "Delete" } }
/// }
/// ```
///
/// A handler that captures nothing, such as a method, takes no memory.
pub struct Callback<V: 'static>(Repr<V>);

enum Repr<V: 'static> {
    /// A handler of size zero: leaking its box allocates nothing.
    Static(&'static dyn ErasedHandler<V>),
    Shared(Arc<dyn ErasedHandler<V>>),
}

trait ErasedHandler<V>: Send + Sync {
    fn spec(&self) -> Cow<'static, str>;
    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a>;
    fn name(&self) -> &'static str;
}

/// Forgets the shape of a handler.
struct Shaped<F, M>(F, PhantomData<fn() -> M>);

impl<V, M, F: Handler<V, M>> ErasedHandler<V> for Shaped<F, M> {
    fn spec(&self) -> Cow<'static, str> {
        self.0.spec()
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.0.call(view, payload, cx)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}

impl<V: 'static> Callback<V> {
    /// Erases the shape of a handler.
    pub fn new<M: 'static>(handler: impl Handler<V, M>) -> Self {
        fn erase<V: 'static, T: ErasedHandler<V> + 'static>(handler: T) -> Callback<V> {
            if size_of::<T>() == 0 {
                Callback(Repr::Static(Box::leak(Box::new(handler))))
            } else {
                Callback(Repr::Shared(Arc::new(handler)))
            }
        }
        erase(Shaped(handler, PhantomData))
    }

    /// This handler for a view that `V` is a part of.
    pub(crate) fn map<W: Send + 'static>(self, lens: crate::cx::Lens<W, V>) -> Callback<W>
    where
        V: Send,
    {
        Callback(Repr::Shared(Arc::new(Mapped { inner: self, lens })))
    }

    fn erased(&self) -> &dyn ErasedHandler<V> {
        match &self.0 {
            Repr::Static(handler) => *handler,
            Repr::Shared(handler) => &**handler,
        }
    }

    /// What the browser sends along, and when.
    pub(crate) fn spec(&self) -> Cow<'static, str> {
        self.erased().spec()
    }

    /// The path of the method or closure, for the log.
    pub(crate) fn name(&self) -> &'static str {
        self.erased().name()
    }

    pub(crate) fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.erased().call(view, payload, cx)
    }

    /// Calls it without a payload, with a context that it keeps as long as it needs.
    pub(crate) fn call_owned<'a>(self, view: &'a mut V, cx: Cx<V>) -> Called<'a>
    where
        V: Send,
    {
        Called::Pending(Box::pin(async move { self.call(view, "", &cx).settle().await }))
    }
}

impl<V: 'static> Clone for Callback<V> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Repr::Static(handler) => Repr::Static(*handler),
            Repr::Shared(handler) => Repr::Shared(handler.clone()),
        })
    }
}

impl<V: 'static> std::fmt::Debug for Callback<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callback")
    }
}

#[diagnostic::do_not_recommend]
impl<V: 'static> Handler<V, shape::Erased> for Callback<V> {
    fn spec(&self) -> Cow<'static, str> {
        Callback::spec(self)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Callback::call(self, view, payload, cx)
    }
}

/// A part's handler inside the view around it.
struct Mapped<W, V: 'static> {
    inner: Callback<V>,
    lens: crate::cx::Lens<W, V>,
}

impl<W: Send + 'static, V: Send + 'static> ErasedHandler<W> for Mapped<W, V> {
    fn spec(&self) -> Cow<'static, str> {
        self.inner.spec()
    }

    fn call<'a>(&'a self, view: &'a mut W, payload: &'a str, cx: &'a Cx<W>) -> Called<'a> {
        // The part may have gone since it was rendered, with an event under way.
        let Some(part) = (self.lens)(view) else {
            return Called::Ready(Err(HandlerError::Payload(EventError::new(
                "the part that this handler belongs to is gone",
            ))));
        };
        let inner = &self.inner;
        let cx = cx.map_lens(self.lens.clone());
        // The part's context is made for this call alone, so it moves into the future with it.
        Called::Pending(Box::pin(async move { inner.call(part, payload, &cx).settle().await }))
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }
}
