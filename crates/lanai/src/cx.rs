//! The context of a view.

// All methods are in one file: the compiler names the module of a method in its messages, unless it is that of the type.
mod calls;

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::Stream;
use lanai_pubsub::{Address, Broker, IntoSource, IntoTopic, LocalMessage, Message, PublishError, Receipt, Topic};
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

use crate::close_reason::CloseReason;
use crate::error::Error;
use crate::handler::{Callback, Handler, Outcome};
use crate::instance::mailbox::Mail;
use crate::instance::resources::Subscription;
use crate::instance::{Effect, Instance};
use crate::js::{Js, Plain};
use crate::message::{Delivery, MessageHandler, Subscribed, SubscriptionHandle};
use crate::panic::CatchPanics;
use crate::stall::{Code, Watched};
use crate::task::{AsyncUpdate, Cancelled, Finished, ResultHandler, Task};
use calls::{Feed, Tick, Update, UpdateAsync};

/// Finds a part inside its view, or returns `None` when the part is gone.
pub(crate) type Lens<W, V> = Arc<dyn for<'a> Fn(&'a mut W) -> Option<&'a mut V> + Send + Sync>;

/// The same for a view of any type.
type RootLens<V> = Arc<dyn for<'a> Fn(&'a mut dyn Any) -> Option<&'a mut V> + Send + Sync>;

/// A view's handle to its own instance: everything that the view can do besides changing its state.
///
/// It is cheap to clone and works from any thread or task. After the view has ended, its methods have no effect.
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

    /// Reports an error that has no caller to return to, as if a handler had returned it: it is logged and counted, and
    /// `View::failed` is called.
    #[track_caller]
    pub(crate) fn fail(&self, error: impl Into<Error>) {
        let error = error.into();
        self.update(move |_| Err::<(), _>(error));
    }

    /// Returns the context of a part.
    ///
    /// The handlers of a part receive this context. A part that subscribes or starts timers when it is created needs it
    /// too:
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

    /// Calls `handler` for each message published to `topic` from now on, in order and exactly once. The view is
    /// rendered afterwards.
    ///
    /// The subscription ends with the view, when the returned handle [cancels](SubscriptionHandle::cancel) it, or when
    /// [`unsubscribe`](Self::unsubscribe) is called. A handler takes `&T`, and optionally `&Cx<Self>`; it may be
    /// `async`, and may return a `Result`.
    ///
    /// If the topic has a [`history`](Topic::history), the handler first receives the messages in it. With a wildcard
    /// ([`Topic::any`], [`Topic::below`]) instead of a topic, the handler takes [`&Routed<T>`](crate::Routed). If a
    /// transport connects several processes and has lost messages for this subscription,
    /// [`View::failed`](crate::View::failed) is called with a [`Missed`](lanai_pubsub::Missed) where they are missing.
    ///
    /// # Panics
    ///
    /// Panics if the topic carries messages of another type. This can happen only to topics that are named by strings.
    #[track_caller]
    pub fn subscribe<T: LocalMessage, M: 'static>(
        &self,
        source: impl IntoSource<T>,
        handler: impl MessageHandler<V, T, M>,
    ) -> SubscriptionHandle {
        let source = source.into_source();
        let subscribed = Arc::new(Subscribed::new(self.clone(), handler));
        let deliver = {
            let subscribed = subscribed.clone();
            move |message: std::result::Result<Arc<T>, _>| match message {
                Ok(message) => subscribed.cx.instance.call(Delivery { subscribed: subscribed.clone(), message }),
                Err(missed) => subscribed.cx.fail(missed),
            }
        };
        let name = source.name();
        match self.broker().subscribe_with_gaps(self.instance.subscriber, source, deliver) {
            Ok(subscription) => {
                let guard = Box::new(subscription);
                self.add_subscription(Subscription { source: name.into(), active: subscribed.active(), guard })
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Ends the view's subscriptions to a topic or a wildcard, and its handlers of [joins](Self::on_join) and
    /// [leaves](Self::on_leave) there. Messages for them that are still in the mailbox are not handled.
    pub fn unsubscribe<T: LocalMessage>(&self, source: impl IntoSource<T>) {
        let ended = source.into_source().name();
        self.instance.resources.end_subscriptions(|subscription| *subscription.source == *ended);
    }

    /// Ends all subscriptions of the view and its parts.
    pub fn unsubscribe_all(&self) {
        self.instance.resources.end_subscriptions(|_| true);
    }

    pub(crate) fn add_subscription(&self, subscription: Subscription) -> SubscriptionHandle {
        let handle = SubscriptionHandle::new(self.instance.clone(), subscription.active.clone());
        self.instance.resources.add_subscription(subscription);
        handle
    }

    /// Publishes a message to all subscribers of `topic`, including this view if it is one.
    ///
    /// Publishing cannot fail unless a transport connects several processes. If it fails,
    /// [`View::failed`](crate::View::failed) is called with the [`PublishError`]: at once, or when the transport
    /// refuses the message. To handle the error at the call, use [`try_publish`](Self::try_publish).
    ///
    /// # Panics
    ///
    /// Panics if the topic carries messages of another type. This can happen only to topics that are named by strings.
    #[track_caller]
    pub fn publish<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) {
        self.published(self.try_publish(topic, message));
    }

    /// Publishes a message to all subscribers of `topic`, including this view if it is one, and returns a receipt.
    ///
    /// If a transport connects several processes, the receipt tells when it has stored the message: see
    /// [`Receipt::stored`].
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

    /// Publishes a message to all subscribers of `topic` except this view.
    ///
    /// Errors are handled as in [`publish`](Self::publish).
    ///
    /// # Panics
    ///
    /// Panics in the same cases as [`publish`](Self::publish).
    #[track_caller]
    pub fn publish_to_others<T: LocalMessage>(&self, topic: impl IntoTopic<T>, message: T) {
        self.published(self.try_publish_to_others(topic, message));
    }

    /// Publishes a message to all subscribers of `topic` except this view, and returns a receipt.
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

    /// Returns the view's address, which is unique across all processes. [`Topic::instance`] publishes to it.
    #[must_use]
    pub fn address(&self) -> Address {
        self.instance.subscriber.address()
    }

    /// Returns the page that sent the event or the [channel](Self::channel) message being handled, as the
    /// [`address`](Self::address) of the page's root view. Outside such a handler, returns `None`.
    ///
    /// A [shared](Self::shared) view uses it to tell its viewers apart. The private view around it tells the shared
    /// view which person has that address; no page can claim the address of another.
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
    #[must_use]
    pub fn event_source(&self) -> Option<Address> {
        self.instance.event_source.lock().map(|page| page.address())
    }

    /// A type mismatch is a mistake in the program, so it panics. All other errors can happen in a correct program.
    #[track_caller]
    fn published(&self, result: std::result::Result<Receipt, PublishError>) {
        match result {
            Ok(receipt) if receipt.local_receivers().is_some() => {}
            Ok(receipt) => {
                // The transport may still refuse the message. The error is lost if the view has ended by then, or if
                // the broker closes.
                let cx = self.clone();
                receipt.on_failure(move |error| {
                    if error != PublishError::Closed {
                        cx.fail(error);
                    }
                });
            }
            Err(error @ PublishError::TypeMismatch(_)) => panic!("{error}"),
            Err(error) => self.fail(error),
        }
    }

    /// Publishes a message to every view that has [subscribed to all messages of its type](Topic::broadcast), without
    /// naming a topic.
    pub fn broadcast<T: Message>(&self, message: T) {
        self.publish(Topic::broadcast(), message);
    }

    /// Returns the program's broker.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.instance.runtime.broker
    }

    // ---- the mailbox ----

    /// Calls `f` with the view. The view is rendered afterwards. This works from any thread or task.
    pub fn update<R: Outcome>(&self, f: impl FnOnce(&mut V) -> R + Send + 'static) {
        self.instance.call(Update { f, cx: self.clone() });
    }

    /// Calls an `async` closure with the view. As with an `async` handler, the view handles nothing else until it
    /// finishes.
    ///
    /// The closure owns what it captures, whether or not that is `Copy`. Its argument names the type of the view:
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

    /// Runs a future concurrently with the view, and calls `handler` with its result.
    ///
    /// The view handles other events and messages meanwhile. The future ends with the view, or when [`Task::cancel`] is
    /// called. If the future panics, the view ends as if a handler had panicked.
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
                Err(panic) => cx.instance.task_panicked(&panic),
            }
        });
        self.own(task.abort_handle(), flag)
    }

    /// Calls `each` with each item of a stream, in order, and then `end`, once the stream has ended and all items were
    /// handled. The view is rendered afterwards.
    ///
    /// The view handles other events and messages meanwhile. The stream is read only as fast as the view handles the
    /// items. It ends with the view, or when [`Task::cancel`] is called; `end` is not called then. In a
    /// [daemon](Self::daemon), it goes on without a page. If the stream panics, the view ends as if a handler had
    /// panicked.
    ///
    /// ```
    /// use futures_util::{Stream, stream};
    /// use lanai::prelude::*;
    /// use lanai::task::Task;
    ///
    /// struct Assistant { answer: StreamedText, answering: Option<Task> }
    ///
    /// impl Assistant {
    ///     fn ask(&mut self, cx: &Cx<Self>) {
    ///         self.answer.clear();
    ///         self.answering = Some(cx.stream(tokens(), Self::token, Self::finished));
    ///     }
    ///
    ///     fn token(&mut self, token: &'static str) {
    ///         self.answer.push_str(token);
    ///     }
    ///
    ///     fn finished(&mut self) {
    ///         self.answering = None;
    ///     }
    ///
    ///     fn stop(&mut self) {
    ///         if let Some(task) = self.answering.take() {
    ///             task.cancel();
    ///         }
    ///     }
    /// }
    ///
    /// impl View for Assistant {
    ///     fn render(&self) -> Html<Self> {
    ///         html! {
    ///             p { (self.answer) }
    ///             @if self.answering.is_some() { button onclick=(Self::stop) { "Stop" } }
    ///             @else { button onclick=(Self::ask) { "Ask" } }
    ///         }
    ///     }
    /// }
    ///
    /// fn tokens() -> impl Stream<Item = &'static str> + Send + 'static {
    ///     stream::iter(["Good ", "morning"])
    /// }
    /// ```
    pub fn stream<T, M: 'static, N: 'static>(
        &self,
        stream: impl Stream<Item = T> + Send + 'static,
        each: impl ResultHandler<V, T, M> + Clone,
        end: impl Handler<V, N>,
    ) -> Task
    where
        T: Send + 'static,
    {
        let end = Tick::new(Callback::new(end), self.clone());
        let cancelled = end.cancelled.clone();
        let feed = Feed { cx: self.clone(), each, cancelled: cancelled.clone(), shape: PhantomData };
        let cx = self.clone();
        let task = tokio::spawn(async move {
            let code = Code { view: std::any::type_name::<V>(), function: "Cx::stream" };
            match Watched(code, CatchPanics(Box::pin(feed.run(stream)))).await {
                Ok(()) => end.send(),
                Err(panic) => cx.instance.task_panicked(&panic),
            }
        });
        self.own(task.abort_handle(), cancelled)
    }

    /// Calls `handler` once, after `delay`.
    pub fn after<M: 'static>(&self, delay: Duration, handler: impl Handler<V, M>) -> Task {
        let tick = Tick::new(Callback::new(handler), self.clone());
        let cancelled = tick.cancelled.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            tick.send();
        });
        self.own(task.abort_handle(), cancelled)
    }

    /// Calls `handler` each time `period` has passed. A tick is skipped while the previous one still waits in the
    /// mailbox.
    ///
    /// # Panics
    ///
    /// Panics if `period` is zero.
    #[track_caller]
    pub fn every<M: 'static>(&self, period: Duration, handler: impl Handler<V, M>) -> Task {
        assert!(!period.is_zero(), "the period of `Cx::every` must be longer than zero");
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
        self.instance.resources.add_task(task.clone());
        Task::new(task, cancelled)
    }

    // ---- the page ----

    /// Sets the page's title. When called in `mount`, the title is part of the first HTML.
    pub fn title(&self, title: impl Into<String>) {
        let title = title.into();
        *self.instance.title.lock() = Some(title.clone());
        self.instance.effect(Effect::Title(title));
    }

    /// Adds a `<meta>` element to the first HTML, for search engines and link previews. After `mount`, it has no
    /// effect.
    pub fn meta(&self, name: impl Into<String>, content: impl Into<String>) {
        self.instance.meta.lock().push((name.into(), content.into()));
    }

    /// Resets the form of the event being handled to the values that the view renders. The event must come from inside
    /// the form, or from a control that belongs to it. What was typed after the event was sent stays.
    ///
    /// Outside an event handler there is no such form, and a warning goes to the log.
    pub fn reset_form(&self) {
        match self.instance.current_event.load(Ordering::Relaxed) {
            0 => tracing::warn!(
                instance = self.instance.id,
                "`Cx::reset_form` has no effect: no event is being handled; call it in the handler of the form's event"
            ),
            event => self.instance.effect(Effect::ResetForm(event)),
        }
    }

    /// Sets the value of the first control on the page that matches a CSS selector such as `"#title"`, and overwrites
    /// what was typed into it.
    ///
    /// Use it where a rendering cannot set the value: for a control without a `value` attribute, or one whose `value`
    /// has not changed.
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

    /// Checks or unchecks the first checkbox or radio button on the page that matches a CSS selector, and overrides
    /// what the person did to it.
    pub fn set_checked(&self, selector: impl Into<String>, checked: bool) {
        self.instance.effect(Effect::SetChecked(selector.into(), checked));
    }

    /// Focuses the first element that matches a CSS selector, such as `"#name"`.
    pub fn focus(&self, selector: impl Into<String>) {
        self.instance.effect(Effect::Focus(selector.into()));
    }

    /// Scrolls until the first element that matches a CSS selector, such as `"#name"`, is in view.
    ///
    /// The start of the element moves to the start of what scrolls, as when a person follows a link to it; a style sheet
    /// can leave room there with `scroll-margin`. The movement is smooth, unless the person prefers reduced motion.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Report { has_details: bool }
    /// # impl Report {
    /// fn show_details(&mut self, cx: &Cx<Self>) {
    ///     self.has_details = true;
    ///     // The page scrolls after it has inserted them.
    ///     cx.scroll_to("#details");
    /// }
    /// # }
    /// ```
    pub fn scroll_to(&self, selector: impl Into<String>) {
        self.instance.effect(Effect::ScrollTo(selector.into()));
    }

    /// Runs [commands](crate::js) in the page, after the patch with what the handler has changed.
    ///
    /// Here, no element has the handler, so targets such as [`js::this`](crate::js::this) mean none.
    ///
    /// ```
    /// # use lanai::js;
    /// # use lanai::prelude::*;
    /// # struct Editor;
    /// # impl Editor {
    /// fn saved(&mut self, cx: &Cx<Self>) {
    ///     cx.run(js::close("#editor").then(js::focus("#list")));
    /// }
    /// # }
    /// ```
    pub fn run<K: Plain>(&self, commands: Js<K>) {
        self.instance.effect(Effect::Run(commands.into_list()));
    }

    /// Ends the view. The page keeps showing the last rendering, but is no longer live.
    pub fn close(&self) {
        self.instance.send(Mail::Close(CloseReason::Closed));
    }
}
