//! Handlers whose shape is erased.

use std::marker::PhantomData;
use std::sync::Arc;

use lanai_core::protocol::EventSpec;

use super::{Called, Handler, HandlerError};
use crate::cx::{Cx, Lens};
use crate::event::{Dragged, EventError};

/// A handler of the view `V` with any shape. Functions and parts use it to take a handler as an argument.
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
    /// A handler of size zero. Leaking its box leaks nothing.
    Static(&'static dyn ErasedHandler<V>),
    Shared(Arc<dyn ErasedHandler<V>>),
}

trait ErasedHandler<V>: Send + Sync {
    fn spec(&self) -> EventSpec;
    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a>;
    fn name(&self) -> &'static str;
    fn dragged(&self) -> Option<Dragged>;
}

/// A handler together with its shape, which is erased behind [`ErasedHandler`].
struct Shaped<F, M>(F, PhantomData<fn() -> M>);

impl<V, M, F: Handler<V, M>> ErasedHandler<V> for Shaped<F, M> {
    fn spec(&self) -> EventSpec {
        self.0.spec()
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.0.call(view, payload, cx)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }

    fn dragged(&self) -> Option<Dragged> {
        self.0.dragged()
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

    /// Turns this handler into a handler of a view that contains `V` as a part.
    pub(crate) fn map<W: Send + 'static>(self, lens: Lens<W, V>) -> Callback<W>
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

    /// Returns what the browser sends with the event, and when.
    pub(crate) fn spec(&self) -> EventSpec {
        self.erased().spec()
    }

    /// Returns what can be dragged from the element.
    pub(crate) fn dragged(&self) -> Option<Dragged> {
        self.erased().dragged()
    }

    /// Returns the path of the method or closure, for the log.
    pub(crate) fn name(&self) -> &'static str {
        self.erased().name()
    }

    pub(crate) fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.erased().call(view, payload, cx)
    }

    /// Calls the handler without a payload. The future owns the context.
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
impl<V: 'static> Handler<V, Erased> for Callback<V> {
    fn spec(&self) -> EventSpec {
        self.erased().spec()
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.erased().call(view, payload, cx)
    }

    fn dragged(&self) -> Option<Dragged> {
        self.erased().dragged()
    }
}

/// Marks a [`Callback`] among all handlers.
#[derive(Debug)]
pub struct Erased;

/// The handler of a part, as a handler of the view around it.
struct Mapped<W, V: 'static> {
    inner: Callback<V>,
    lens: Lens<W, V>,
}

impl<W: Send + 'static, V: Send + 'static> ErasedHandler<W> for Mapped<W, V> {
    fn spec(&self) -> EventSpec {
        self.inner.spec()
    }

    fn call<'a>(&'a self, view: &'a mut W, payload: &'a str, cx: &'a Cx<W>) -> Called<'a> {
        // The part may have been removed after it was rendered and before the event arrived.
        let Some(part) = (self.lens)(view) else {
            return Called::Ready(Err(HandlerError::Payload(EventError::new(
                "the part that this handler belongs to is gone",
            ))));
        };
        let inner = &self.inner;
        let cx = cx.map_lens(self.lens.clone());
        // The part's context exists only for this call, so the future owns it.
        Called::Pending(Box::pin(async move { inner.call(part, payload, &cx).settle().await }))
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn dragged(&self) -> Option<Dragged> {
        self.inner.dragged()
    }
}
