//! Handlers of published messages.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lanai_pubsub::LocalMessage;

use crate::cx::Cx;
use crate::handler::shapes::{Calls, Published, Shape};
use crate::handler::{Called, Outcome};
use crate::instance::driver::Call;

/// A handler of messages of type `T` for the view `V`: a method `fn(&mut self, &T)` or `fn(&mut self, &T, &Cx<Self>)`,
/// `async` or not, that returns `()` or a `Result`. The parameter `M` only distinguishes the shapes.
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

impl<V, T: 'static, M, F> MessageHandler<V, T, M> for F
where
    F: Shape<V, Published<T>, M> + Sync,
    F::Returned: Outcome,
    F: Calls<V, Published<T>, M>,
{
    const ASYNC: bool = <F as Shape<V, Published<T>, M>>::ASYNC;

    fn call<'a>(&'a self, view: &'a mut V, message: &'a T, cx: &'a Cx<V>) -> Called<'a> {
        F::start(self, view, message, cx, Outcome::outcome)
    }
}

/// A subscription of a view, shared by its deliveries.
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

/// A message in the mailbox of a view.
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
            // The future owns the delivery, because it borrows the message from it.
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
