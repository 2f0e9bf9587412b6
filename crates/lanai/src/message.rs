//! Handlers of published messages.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lanai_pubsub::LocalMessage;

use crate::cx::Cx;
use crate::handler::shapes::{Calls, Published, Shape};
use crate::handler::{Called, Outcome};
use crate::instance::Instance;
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

/// A handle to one subscription of a view, or to one of its handlers of joins or leaves.
///
/// The subscription ends with the view. Dropping this handle does not end it; [`cancel`](Self::cancel) does.
///
/// ```
/// use lanai::message::SubscriptionHandle;
/// use lanai::prelude::*;
///
/// struct Board { room: String, subscription: SubscriptionHandle, news: Vec<String> }
///
/// impl Board {
///     async fn mount(cx: Cx<Self>) -> Self {
///         Self { room: "lobby".into(), subscription: cx.subscribe("news/lobby", Self::received), news: Vec::new() }
///     }
///
///     fn enter(&mut self, room: String, cx: &Cx<Self>) {
///         self.subscription.cancel();
///         self.subscription = cx.subscribe(format!("news/{room}"), Self::received);
///         self.room = room;
///     }
///
///     fn received(&mut self, news: &String) {
///         self.news.push(news.clone());
///     }
/// }
/// # impl View for Board { fn render(&self) -> Html<Self> { html! { (self.room) (self.news.len()) } } }
/// ```
#[derive(Clone)]
pub struct SubscriptionHandle {
    instance: Arc<Instance>,
    active: Arc<AtomicBool>,
}

impl SubscriptionHandle {
    pub(crate) fn new(instance: Arc<Instance>, active: Arc<AtomicBool>) -> Self {
        Self { instance, active }
    }

    /// Ends the subscription. No message is handled after this, not even one that already waits in the view's mailbox.
    ///
    /// Further calls have no effect.
    pub fn cancel(&self) {
        self.instance.resources.end_subscriptions(|subscription| Arc::ptr_eq(&subscription.active, &self.active));
    }

    /// Whether messages may still arrive: until the subscription or the view ends.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for SubscriptionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionHandle").field("active", &self.is_active()).finish_non_exhaustive()
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
