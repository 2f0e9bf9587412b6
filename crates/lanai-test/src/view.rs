//! A view without a program around it.

use std::ops::Deref;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use lanai::{App, Broker, Cx, LocalMessage, Topic, View, live};

use crate::app::{TestApp, app};
use crate::error::{Error, Result};
use crate::page::Page;

/// Mounts an existing view value, and opens its page.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Counter { count: i32 }
///
/// impl Counter {
///     fn up(&mut self) { self.count += 1; }
/// }
///
/// impl View for Counter {
///     fn render(&self) -> Html<Self> {
///         html! { output { (self.count) } button onclick=(Self::up) { "+1" } }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> lanai_test::Result {
/// let counter = lanai_test::view(Counter { count: 1 }).await?;
/// counter.click("+1").await?;
/// counter.sees("2").await?;
/// counter.update(|counter, _cx| counter.up()).await?;
/// assert_eq!(counter.read(|counter| counter.count).await?, 3);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an error if the page does not become live.
#[track_caller]
pub fn view<V: View>(view: V) -> impl Future<Output = Result<ViewPage<V>>> {
    mount_at(Location::caller(), App::new(), move |_| view)
}

/// Mounts a view with a function that takes its [`Cx`], and opens its page.
///
/// To test a mount function that is `async` or takes extractors, use a program: `app(App::new().route("/",
/// live(Counter::mount)))`.
///
/// # Errors
///
/// Returns an error if the page does not become live.
#[track_caller]
pub fn mount<V: View>(mount: impl FnOnce(Cx<V>) -> V + Send + 'static) -> impl Future<Output = Result<ViewPage<V>>> {
    mount_at(Location::caller(), App::new(), mount)
}

async fn mount_at<V: View>(
    at: &'static Location<'static>,
    program: App,
    mount: impl FnOnce(Cx<V>) -> V + Send + 'static,
) -> Result<ViewPage<V>> {
    let cx = Arc::new(Mutex::new(None));
    let (kept, mount) = (cx.clone(), Arc::new(Mutex::new(Some(mount))));
    let route = live(move |cx: Cx<V>| {
        let (kept, mount) = (kept.clone(), mount.clone());
        async move {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.clone());
            let mount = mount.lock().unwrap_or_else(PoisonError::into_inner).take();
            mount.map(|mount| mount(cx)).ok_or_else(lanai::Error::not_found)
        }
    });
    let app = app(program.route("/", route));
    let page = app.person().visit_at("/".into(), at).await?;
    let cx = cx.lock().unwrap_or_else(PoisonError::into_inner).take();
    match cx {
        Some(cx) => Ok(ViewPage { page, app, cx }),
        None => Err(Error::new(at, "the view was not mounted")),
    }
}

/// The page of a [`view`] without a program: a [`Page`], with access to the view.
///
/// The view runs as in a program: it renders after each change, and its effects on the page (title, focus, channel
/// messages) are visible there. It cannot be mounted a second time, so do not reload its page.
pub struct ViewPage<V> {
    page: Page,
    app: TestApp,
    cx: Cx<V>,
}

impl<V: View> ViewPage<V> {
    /// Calls a function with the view, like a handler, and waits until the page shows the result.
    ///
    /// # Errors
    ///
    /// Returns an error if the view has ended, or is busy for too long.
    #[track_caller]
    pub fn update<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut V, &Cx<V>) -> R + Send + 'static,
    ) -> impl Future<Output = Result<R>> {
        let at = Location::caller();
        async move {
            let (done, result) = tokio::sync::oneshot::channel();
            let cx = self.cx.clone();
            self.cx.update(move |view| drop(done.send(change(view, &cx))));
            let result = tokio::time::timeout(self.page.patience(), result).await;
            let Ok(Ok(result)) = result else {
                return Err(self
                    .page
                    .error(at, "the view has not run this: it has ended, or another handler does not end"));
            };
            self.page.settled().await;
            Ok(result)
        }
    }

    /// Reads something from the view.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`update`](Self::update).
    #[track_caller]
    pub fn read<R: Send + 'static>(
        &self,
        read: impl FnOnce(&V) -> R + Send + 'static,
    ) -> impl Future<Output = Result<R>> {
        self.update(move |view, _| read(view))
    }

    /// Returns the view's context.
    #[must_use]
    pub fn cx(&self) -> &Cx<V> {
        &self.cx
    }

    /// Returns the broker of the view, to publish messages to it.
    #[must_use]
    pub fn broker(&self) -> Broker {
        self.app.broker()
    }

    /// Collects the messages that are published to a topic from now on.
    ///
    /// # Panics
    ///
    /// Panics if the topic carries messages of another type.
    #[track_caller]
    #[must_use]
    pub fn published<T: LocalMessage>(&self, topic: Topic<T>) -> Published<T> {
        Published::new(&self.app.broker(), topic)
    }
}

impl<V> Deref for ViewPage<V> {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl<V> std::fmt::Debug for ViewPage<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.page.fmt(f)
    }
}

/// The messages that were published to a topic since a test asked for them.
pub struct Published<T> {
    messages: Arc<Mutex<Vec<Arc<T>>>>,
    _subscription: lanai::Subscription,
}

impl<T: LocalMessage> Published<T> {
    /// # Panics
    ///
    /// Panics if the topic carries messages of another type.
    #[track_caller]
    pub(crate) fn new(broker: &Broker, topic: Topic<T>) -> Self {
        let messages: Arc<Mutex<Vec<Arc<T>>>> = Arc::default();
        let kept = messages.clone();
        let subscription = broker
            .subscribe(lanai::SubscriberId::new(), topic, move |message: Arc<T>| {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(message)
            })
            .unwrap_or_else(|error| panic!("{error}"));
        Self { messages, _subscription: subscription }
    }

    /// Returns the messages so far, in order, and removes them.
    pub fn take(&self) -> Vec<Arc<T>> {
        std::mem::take(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> std::fmt::Debug for Published<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Published").finish_non_exhaustive()
    }
}
