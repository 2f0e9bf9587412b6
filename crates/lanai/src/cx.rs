//! The context of a view.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lanai_pubsub::{Address, Broker, IntoSource, IntoTopic, LocalMessage, Message, PublishError, Receipt, Topic};
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

use crate::close_reason::CloseReason;
use crate::handler::{Callback, Called, Handler, Outcome};
use crate::instance::driver::Call;
use crate::instance::mailbox::Mail;
use crate::instance::subscription::Subscription;
use crate::instance::{Effect, Instance};
use crate::message::{Delivery, MessageHandler, Subscribed};
use crate::panic::CatchPanics;
use crate::stall::{Code, Watched};
use crate::task::{AsyncUpdate, Cancelled, Finished, ResultHandler, Task};

/// A way from a view to one of its parts, `None` when the part is gone.
pub(crate) type Lens<W, V> = Arc<dyn for<'a> Fn(&'a mut W) -> Option<&'a mut V> + Send + Sync>;

/// The same from a view of any type.
type RootLens<V> = Arc<dyn for<'a> Fn(&'a mut dyn Any) -> Option<&'a mut V> + Send + Sync>;

/// A view's handle to its own instance: what it can do beside changing its state.
///
/// It is cheap to clone, and works from any thread and task. After the view has ended, its methods have no effect.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Clock { seconds: u64 }
///
/// impl Clock {
///     async fn mount(cx: Cx<Self>) -> Self {
///         cx.title("Clock");
///         cx.every(std::time::Duration::from_secs(1), Self::tick);
///         Self { seconds: 0 }
///     }
///
///     fn tick(&mut self) {
///         self.seconds += 1;
///     }
/// }
///
/// impl View for Clock {
///     fn render(&self) -> Html<Self> {
///         html! { p { "You have been here for " (self.seconds) " s." } }
///     }
/// }
/// ```
pub struct Cx<V> {
    pub(crate) instance: Arc<Instance>,
    lens: RootLens<V>,
}

impl<V> Clone for Cx<V> {
    fn clone(&self) -> Self {
        Self { instance: self.instance.clone(), lens: self.lens.clone() }
    }
}

impl<V> std::fmt::Debug for Cx<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx").field("instance", &self.instance.id).finish()
    }
}

impl<V: Send + 'static> Cx<V> {
    pub(crate) fn new(instance: Arc<Instance>) -> Self {
        Self { instance, lens: Arc::new(|view| view.downcast_mut()) }
    }

    /// Tells the view of an error that came up where nobody could be told, as if a handler had returned it.
    pub(crate) fn fail(&self, error: impl Into<crate::error::Error>) {
        let error = error.into();
        self.update(move |_| Err::<(), _>(error));
    }

    /// The context of a part.
    ///
    /// A part's handlers are given theirs; a part that subscribes when it is made needs this one.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Page { sidebar: Sidebar }
    /// # struct Sidebar;
    /// # impl Sidebar { fn new(cx: Cx<Self>) -> Self { Self } }
    /// # impl Page {
    /// async fn mount(cx: Cx<Self>) -> Self {
    ///     Self { sidebar: Sidebar::new(cx.part(|page| &mut page.sidebar)) }
    /// }
    /// # }
    /// ```
    pub fn part<P: Send + 'static>(
        &self,
        part: impl for<'a> Fn(&'a mut V) -> &'a mut P + Send + Sync + 'static,
    ) -> Cx<P> {
        self.map_lens(Arc::new(move |view| Some(part(view))))
    }

    pub(crate) fn map_lens<P: Send + 'static>(&self, inner: Lens<V, P>) -> Cx<P> {
        let outer = self.lens.clone();
        Cx { instance: self.instance.clone(), lens: Arc::new(move |view| outer(view).and_then(|view| inner(view))) }
    }

    /// Finds the view in its box. Only a part can be gone.
    pub(crate) fn focus_on<'a>(&self, view: &'a mut dyn Any) -> Option<&'a mut V> {
        (self.lens)(view)
    }

    // ---- publish and subscribe ----

    /// Has `handler` called with each message published to `topic` from now on, in order, exactly once. The view is rendered
    /// again afterwards.
    ///
    /// The subscription ends with the view, or with [`unsubscribe`](Self::unsubscribe). A handler takes `&T`, and a `&Cx<Self>` if it likes; it may
    /// be `async`, and may return a `Result`.
    ///
    /// The messages of a topic with a [`history`](Topic::history) that were before come first. With a wildcard ([`Topic::any`],
    /// [`Topic::below`]) in a topic's place the handler takes an [`&Routed<T>`](crate::Routed). If an engine connects several processes and has
    /// lost messages that were due here, [`View::failed`](crate::View::failed) is called with a [`Missed`](lanai_pubsub::Missed) in their place.
    ///
    /// # Panics
    ///
    /// If the topic carries messages of another type, which can only happen when topics are named by strings.
    #[track_caller]
    pub fn subscribe<T: LocalMessage, M: 'static>(
        &self,
        source: impl IntoSource<T>,
        handler: impl MessageHandler<V, T, M>,
    ) {
        let source = source.into_source();
        let subscribed = Arc::new(Subscribed::new(self.clone(), handler));
        let deliver = {
            let subscribed = subscribed.clone();
            move |message: std::result::Result<Arc<T>, _>| match message {
                Ok(message) => subscribed.cx.instance.call(Delivery { subscribed: subscribed.clone(), message }),
                Err(missed) => subscribed.cx.failed(missed),
            }
        };
        let name = source.name();
        match self.broker().subscribe_with_gaps(self.instance.subscriber, source, deliver) {
            Ok(subscription) => {
                let guard = Subscription { subscription, active: subscribed.active() };
                self.instance.subscriptions.lock().push((name.into(), guard));
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Ends the view's subscriptions to a topic or a wildcard, and its [handlers of joins](Self::on_join) and leaves there. What waits in its
    /// mailbox for them is not handled any more.
    pub fn unsubscribe<T: LocalMessage>(&self, source: impl IntoSource<T>) {
        let ended = source.into_source().name();
        self.end_subscriptions(|name| *name == *ended);
    }

    /// Ends all subscriptions of the view and its parts.
    pub fn unsubscribe_all(&self) {
        self.end_subscriptions(|_| true);
    }

    fn end_subscriptions(&self, which: impl Fn(&str) -> bool) {
        self.instance.presence.end_handlers(&which);
        let mut subscriptions = self.instance.subscriptions.lock();
        let (ended, kept) = std::mem::take(&mut *subscriptions).into_iter().partition(|(name, _)| which(name));
        *subscriptions = kept;
        drop(subscriptions);
        // Outside the lock: ending one waits for a delivery under way.
        let ended: Vec<_> = ended;
        drop(ended);
    }

    /// Publishes a message to all subscribers of `topic`, this view included if it is one.
    ///
    /// If that fails, which without an engine that connects several processes it never does,
    /// [`View::failed`](crate::View::failed) is called with the [`PublishError`]: at once, or when the engine has
    /// refused the message. To have it here, use [`try_publish`](Self::try_publish).
    ///
    /// # Panics
    ///
    /// If the topic carries messages of another type, which can only happen when topics are named by strings.
    #[track_caller]
    pub fn publish<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) {
        self.published(self.try_publish(topic, message));
    }

    /// Publishes a message to all subscribers of `topic`, this view included if it is one.
    ///
    /// The receipt tells when an engine that connects several processes has the message: see [`Receipt::stored`].
    ///
    /// # Errors
    ///
    /// See [`Broker::publish`].
    pub fn try_publish<T: LocalMessage>(
        &self,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> std::result::Result<Receipt, PublishError> {
        self.broker().publish(topic, message)
    }

    /// Publishes a message to all subscribers of `topic` but this view.
    ///
    /// If that fails it goes as with [`publish`](Self::publish).
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    #[track_caller]
    pub fn publish_to_others<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) {
        self.published(self.try_publish_to_others(topic, message));
    }

    /// Publishes a message to all subscribers of `topic` but this view.
    ///
    /// # Errors
    ///
    /// See [`Broker::publish`].
    pub fn try_publish_to_others<T: LocalMessage>(
        &self,
        topic: impl IntoTopic<T>,
        message: T,
    ) -> std::result::Result<Receipt, PublishError> {
        self.broker().publish_to_others(self.instance.subscriber, topic, message)
    }

    /// The view's name in all processes: what messages for it alone are published to, by [`Topic::instance`].
    pub fn address(&self) -> Address {
        self.instance.subscriber.address()
    }

    /// The page whose event, or whose message on a [channel](Self::channel), is being handled: the [`address`](Self::address) of the view that is
    /// its root. Outside such a handler there is none.
    ///
    /// A [shared](Self::shared) view tells its viewers apart by it: the private view around it says who it is, and no page can say that it is
    /// another one.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # use lanai::Address;
    /// # use std::collections::HashMap;
    /// struct Poll { names: HashMap<Address, String>, last: String }
    ///
    /// impl Poll {
    ///     fn vote(&mut self, cx: &Cx<Self>) {
    ///         let name = cx.event_source().and_then(|page| self.names.get(&page));
    ///         self.last = format!("{} has voted", name.map_or("Somebody", String::as_str));
    ///     }
    /// }
    ///
    /// struct Page { poll: Shared<Poll> }
    ///
    /// impl Page {
    ///     async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
    ///         let (poll, page) = (cx.shared("poll", |_| Poll { names: HashMap::new(), last: String::new() }), cx.address());
    ///         poll.update(move |poll| { poll.names.insert(page, name); });
    ///         Self { poll }
    ///     }
    /// }
    /// # impl View for Poll { fn render(&self) -> Html<Self> { html! { button onclick=(Self::vote) { (self.last) } } } }
    /// # impl View for Page { fn render(&self) -> Html<Self> { html! { (self.poll) } } }
    /// ```
    pub fn event_source(&self) -> Option<Address> {
        self.instance.event_source.lock().map(|page| page.address())
    }

    /// A type mismatch is a mistake in the program; everything else happens to the best.
    #[track_caller]
    fn published(&self, result: std::result::Result<Receipt, PublishError>) {
        match result {
            Ok(receipt) if receipt.local_receivers().is_some() => {}
            Ok(receipt) => {
                // The engine may refuse it later. A view that has ended by then is not told, and a broker that ends
                // tells nobody.
                let cx = self.clone();
                receipt.on_failure(move |error| {
                    if error != PublishError::Closed {
                        cx.failed(error);
                    }
                });
            }
            Err(error @ PublishError::TypeMismatch(_)) => panic!("{error}"),
            Err(error) => self.failed(error),
        }
    }

    /// Has an error handled as one of a handler: it is logged and counted, and the view is told.
    fn failed(&self, error: impl std::error::Error + Send + Sync + 'static) {
        self.update(move |_| Err::<(), _>(error));
    }

    /// Publishes a message to every view that has [subscribed to all messages of its type](Topic::broadcast), without naming a topic.
    pub fn broadcast<T: Message>(&self, message: T) {
        self.publish(Topic::broadcast(), message);
    }

    /// The program's broker.
    pub fn broker(&self) -> &Broker {
        &self.instance.runtime.broker
    }

    // ---- the mailbox ----

    /// Has `f` called with the view, from any thread or task. The view is rendered again afterwards.
    pub fn update<R: Outcome>(&self, f: impl FnOnce(&mut V) -> R + Send + 'static) {
        self.instance.call(Update { f, cx: self.clone() });
    }

    /// Has an `async` closure called with the view, as an `async` handler is: the view handles nothing else until it ends.
    ///
    /// What the closure captures is its own, whether it is `Copy` or not. It names the type of the view:
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Page { notes: Vec<String> }
    /// # async fn store(note: &str) -> Result<()> { Ok(()) }
    /// # impl Page {
    /// fn keep(&mut self, cx: &Cx<Self>, note: String) {
    ///     cx.update_async(async move |page: &mut Self| {
    ///         store(&note).await?;
    ///         page.notes.push(note);
    ///         Ok::<_, Error>(())
    ///     });
    /// }
    /// # }
    /// ```
    pub fn update_async(&self, f: impl for<'x> AsyncUpdate<'x, &'x mut V>) {
        self.instance.call(UpdateAsync { f, cx: self.clone() });
    }

    /// Runs a future beside the view, and has `handler` called with its result.
    ///
    /// The view goes on meanwhile. The future ends when the view ends, or by [`Task::cancel`]. A panic of the future ends the view as one of a handler does.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Page { price: Option<u32> }
    /// # impl Page {
    /// fn refresh(&mut self, cx: &Cx<Self>) {
    ///     self.price = None;
    ///     cx.spawn(async { 42 }, Self::loaded);
    /// }
    ///
    /// fn loaded(&mut self, price: u32) {
    ///     self.price = Some(price);
    /// }
    /// # }
    /// ```
    pub fn spawn<T, M: 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
        handler: impl ResultHandler<V, T, M>,
    ) -> Task
    where
        T: Send + 'static,
    {
        let cx = self.clone();
        let cancelled = Cancelled::default();
        let flag = cancelled.clone();
        let task = tokio::spawn(async move {
            let code = Code { view: std::any::type_name::<V>(), function: "Cx::spawn" };
            match Watched(code, CatchPanics(Box::pin(future))).await {
                Ok(value) => {
                    let instance = cx.instance.clone();
                    instance.call(Finished { value, handler, cx, cancelled, shape: PhantomData });
                }
                Err(panic) => cx.instance.task_panicked(panic),
            }
        });
        self.own(task.abort_handle(), flag)
    }

    /// Has `handler` called once, after `delay`.
    pub fn after<M: 'static>(&self, delay: Duration, handler: impl Handler<V, M>) -> Task {
        let tick = Tick::new(Callback::new(handler), self.clone());
        let cancelled = tick.cancelled.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            tick.send();
        });
        self.own(task.abort_handle(), cancelled)
    }

    /// Has `handler` called again and again, each time `period` has passed. A tick that the view has no time for is left out.
    ///
    /// # Panics
    ///
    /// If `period` is zero.
    #[track_caller]
    pub fn every<M: 'static>(&self, period: Duration, handler: impl Handler<V, M>) -> Task {
        assert!(!period.is_zero(), "the period of `Cx::every` is longer than zero");
        let tick = Tick::new(Callback::new(handler), self.clone());
        let cancelled = tick.cancelled.clone();
        let task = tokio::spawn(async move {
            let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                interval.tick().await;
                tick.send();
            }
        });
        self.own(task.abort_handle(), cancelled)
    }

    fn own(&self, task: AbortHandle, cancelled: Cancelled) -> Task {
        self.instance.own(task.clone());
        Task::new(task, cancelled)
    }

    // ---- the page ----

    /// Sets the page's title: in the first HTML when called in `mount`, live later.
    pub fn title(&self, title: impl Into<String>) {
        let title = title.into();
        *self.instance.title.lock() = Some(title.clone());
        self.instance.effect(Effect::Title(title));
    }

    /// Adds a `<meta>` to the first HTML: for search engines and previews. Later than in `mount` it has no effect.
    pub fn meta(&self, name: impl Into<String>, content: impl Into<String>) {
        self.instance.meta.lock().push((name.into(), content.into()));
    }

    /// Sets the form that the event being handled came from back to what the view says: from inside the form, or from a control
    /// that belongs to it. What was typed since the event was sent stays.
    ///
    /// Outside a handler of an event there is no such form, and a warning goes to the log.
    pub fn reset_form(&self) {
        match self.instance.current_event.load(Ordering::Relaxed) {
            0 => tracing::warn!(
                instance = self.instance.id,
                "`Cx::reset_form` has no effect: no event is being handled; call it in the handler of the form's event"
            ),
            event => self.instance.effect(Effect::ResetForm(event)),
        }
    }

    /// Writes the value of the first control of the page that matches a CSS selector, such as `"#title"`, whatever was typed into it.
    ///
    /// For what a rendering does not say: a control without a `value` of the view's, or one whose `value` is the same as before.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Editor;
    /// # impl Editor {
    /// fn insert_template(&mut self, cx: &Cx<Self>) {
    ///     cx.set_value("#letter", "Dear Sir or Madam,");
    /// }
    /// # }
    /// ```
    pub fn set_value(&self, selector: impl Into<String>, value: impl Into<String>) {
        self.instance.effect(Effect::SetValue(selector.into(), value.into()));
    }

    /// Checks the first box or radio button of the page that matches a CSS selector, or unchecks it, whatever a person has done to it.
    pub fn set_checked(&self, selector: impl Into<String>, checked: bool) {
        self.instance.effect(Effect::SetChecked(selector.into(), checked));
    }

    /// Focuses the first element that matches a CSS selector, such as `"#name"`.
    pub fn focus(&self, selector: impl Into<String>) {
        self.instance.effect(Effect::Focus(selector.into()));
    }

    /// Ends the view. The page shows the last rendering and is not live any more.
    pub fn close(&self) {
        self.instance.send(Mail::Close(CloseReason::Closed));
    }
}

/// See [`Cx::update`].
struct Update<V, F> {
    f: F,
    cx: Cx<V>,
}

impl<V: Send + 'static, R: Outcome, F: FnOnce(&mut V) -> R + Send> Call for Update<V, F> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let Self { f, cx } = *self;
        Called::Ready(match cx.focus_on(view) {
            Some(view) => f(view).outcome(),
            None => Ok(()),
        })
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}

/// See [`Cx::update_async`].
struct UpdateAsync<V, F> {
    f: F,
    cx: Cx<V>,
}

impl<V: Send + 'static, F: for<'x> AsyncUpdate<'x, &'x mut V>> Call for UpdateAsync<V, F> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let Self { f, cx } = *self;
        match cx.focus_on(view) {
            Some(view) => f.start(view),
            None => Called::Ready(Ok(())),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}

/// See [`Cx::every`].
struct Tick<V: 'static> {
    handler: Callback<V>,
    cx: Cx<V>,
    /// Whether a tick is in the mailbox: there is no more than one.
    waiting: Arc<AtomicBool>,
    cancelled: Cancelled,
}

impl<V: Send + 'static> Tick<V> {
    fn new(handler: Callback<V>, cx: Cx<V>) -> Self {
        Self { handler, cx, waiting: Arc::default(), cancelled: Arc::default() }
    }

    fn send(&self) {
        if !self.waiting.swap(true, Ordering::Relaxed) {
            let Self { handler, cx, waiting, cancelled } = self;
            let tick = Self {
                handler: handler.clone(),
                cx: cx.clone(),
                waiting: waiting.clone(),
                cancelled: cancelled.clone(),
            };
            self.cx.instance.call(tick);
        }
    }
}

impl<V: Send + 'static> Call for Tick<V> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        self.waiting.store(false, Ordering::Relaxed);
        match self.cx.focus_on(view).filter(|_| !self.cancelled.load(Ordering::Relaxed)) {
            Some(view) => self.handler.call_owned(view, self.cx),
            None => Called::Ready(Ok(())),
        }
    }

    fn name(&self) -> &'static str {
        self.handler.name()
    }
}
