//! Views inside views: children, which belong to one page, and shared views, which many pages show.

pub(crate) mod mount;

use std::any::{TypeId, type_name};
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::sync::Arc;

use lanai_core::{Baseline, Namespace, Nested, Part, Position, Slot, Tape, Template};
use parking_lot::Mutex;

use crate::close_reason::CloseReason;
use crate::cx::Cx;
use crate::handler::Outcome;
use crate::html::{Html, Inert};
use crate::instance::Instance;
use crate::instance::child_snapshot::ChildSnapshot;
use crate::instance::children::ChildKey;
use crate::instance::core::Core;
use crate::instance::inner_view::{InnerView, Snapshot};
use crate::instance::mailbox::Mail;
use crate::instance::many_pages::ManyPages;
use crate::instance::one_page::OnePage;
use crate::instance::pages::Pages;
use crate::instance::runtime::Runtime;
use crate::instance::shared_snapshot::SharedSnapshot;
use crate::instance::shared_views::Hosted;
use crate::instance::unmounted::Unmounted;
use crate::macro_support::{Fragment, Rendering};
use crate::panic::Panic;
use crate::task::AsyncUpdate;
use crate::view::View;
pub use mount::{LooksMountedInside, MountedInside, Mounting};

impl<V: Send + 'static> Cx<V> {
    /// Returns a view inside this one, with its own state, mailbox and frames. Its changes do not render this view, and
    /// if one of its handlers is slow or panics, no other view is affected.
    ///
    /// `key` identifies the child among this view's children of the same type. The first call mounts the child; later
    /// calls return the same one while it exists. So `render` can call this method:
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// struct Clock { seconds: u64 }
    ///
    /// impl Clock {
    ///     fn new(cx: Cx<Self>) -> Self {
    ///         cx.every(std::time::Duration::from_secs(1), |clock: &mut Self| clock.seconds += 1);
    ///         Self { seconds: 0 }
    ///     }
    /// }
    ///
    /// impl View for Clock {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { time { (self.seconds) " s" } }
    ///     }
    /// }
    ///
    /// struct Page { cx: Cx<Self> }
    ///
    /// impl View for Page {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { h1 { "Home" } (self.cx.child("clock", Clock::new)) }
    ///     }
    /// }
    /// ```
    ///
    /// `mount` takes the child's [`Cx`], may be `async`, and returns the child or a `Result` of it. A child whose mount
    /// does not wait is shown at once. If its mount waits, the child is empty at first, and a patch fills it:
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # async fn load() -> Result<Vec<String>> { Ok(Vec::new()) }
    /// struct Orders { orders: Vec<String> }
    ///
    /// impl Orders {
    ///     async fn mount(_: Cx<Self>) -> Result<Self> {
    ///         Ok(Self { orders: load().await? })
    ///     }
    /// }
    /// # impl View for Orders {
    /// #     fn render(&self) -> Html<Self> { html! { (self.orders.len()) } }
    /// # }
    ///
    /// struct Page { cx: Cx<Self> }
    ///
    /// impl View for Page {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { h1 { "Your orders" } (self.cx.child("orders", Orders::mount)) }
    ///     }
    /// }
    /// ```
    ///
    /// Messages to the child wait until it is mounted. If the mount returns an error or panics, or if the first
    /// rendering panics, that is logged as for a page, and the [error page](crate::App::error_page) is shown instead of
    /// the child. The view around it is not affected.
    ///
    /// The child ends with this view, when it calls [`Cx::close`], or when a rendering leaves it out and no [`Child`]
    /// handle to it is kept. A child that ends while it is shown (also by a panic) keeps its last content until a
    /// rendering leaves it out.
    #[must_use = "a child is shown only where its handle is spliced, and ends if no handle is kept"]
    pub fn child<W, R, M>(&self, key: impl Display, mount: impl FnOnce(Cx<W>) -> R) -> Child<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        let key = ChildKey { asked_by: TypeId::of::<V>(), view: TypeId::of::<W>(), key: key.to_string() };
        let parent = &self.instance;
        let found = parent.children.lock().find(&key);
        let inner = found.unwrap_or_else(|| {
            let inner = match parent.page {
                Some(_) => mount_child(parent, mount),
                // A view inside a shared one is on the same pages.
                None => mount_shared_child(parent, mount),
            };
            parent.children.lock().insert(key, inner.clone());
            inner
        });
        Child { inner, view: PhantomData }
    }

    /// Returns the view that is shared by all pages that ask for the same type and `key`. The first page mounts it, and
    /// it is rendered and encoded once for all. State that belongs to one person (a name, a text being typed) belongs in
    /// the private view around it.
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// struct Score { home: u32, away: u32 }
    ///
    /// impl Score {
    ///     fn new(cx: Cx<Self>) -> Self {
    ///         cx.subscribe("goals", |score: &mut Self, by_home: &bool| match by_home {
    ///             true => score.home += 1,
    ///             false => score.away += 1,
    ///         });
    ///         Self { home: 0, away: 0 }
    ///     }
    /// }
    ///
    /// impl View for Score {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { output { (self.home) " : " (self.away) } }
    ///     }
    /// }
    ///
    /// struct Page { name: String, score: Shared<Score> }
    ///
    /// impl Page {
    ///     async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
    ///         Self { name, score: cx.shared("final", Score::new) }
    ///     }
    /// }
    ///
    /// impl View for Page {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { p { "Hello, " (self.name) } (self.score) }
    ///     }
    /// }
    /// ```
    ///
    /// It is mounted like a [child](Self::child). If the mount waits, the view is empty at first on all pages. If it
    /// fails, they show the error page, and the next page that asks for the view mounts it again.
    ///
    /// The view ends when no page has shown it for the [grace period](crate::Limits::grace), or when it calls
    /// [`Cx::close`]. The next page that asks for it then mounts a new one. Each process has its own shared views: use
    /// [topics](Cx::subscribe) for state that several nodes show.
    pub fn shared<W, R, M>(&self, key: impl Display, mount: impl FnOnce(Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::find(&self.instance.runtime, Some(&self.instance), key.to_string(), true, mount)
    }

    /// Returns a shared view that keeps running when no page shows it, until it calls [`Cx::close`]. Use it for a job
    /// whose progress is there when its page is opened again.
    ///
    /// While it runs, each [`shared`](Self::shared) and `daemon` with its type and key returns this view. Use
    /// [`Handle::daemon`](crate::Handle::daemon) to start a daemon before any page asks for it.
    pub fn daemon<W, R, M>(&self, key: impl Display, mount: impl FnOnce(Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::find(&self.instance.runtime, Some(&self.instance), key.to_string(), false, mount)
    }
}

/// A template with one node slot, which contains a view.
static SLOT: Template =
    Template { parts: &[Part::Slot(Slot::Node(Position::Between))], namespace: Namespace::Html, single_root: false };

fn html_of(view: Arc<dyn Nested>) -> Html {
    let mut tape = Tape::new();
    tape.open(&SLOT);
    tape.view(view);
    tape.close();
    Html { tape }
}

/// A handle to a [child](Cx::child). Splice it into [`html!`](crate::html!), or use it to change the child's state.
///
/// While a handle is kept, the child exists even if a rendering leaves it out.
pub struct Child<W> {
    inner: Arc<InnerView>,
    view: PhantomData<fn(W)>,
}

impl<W: View> Child<W> {
    /// Ends the child. The page keeps showing its last rendering, until a rendering of this view leaves it out.
    pub fn close(&self) {
        self.inner.instance.send(Mail::Close(CloseReason::Closed));
    }
}

/// Implements what handles to inner views have in common.
macro_rules! handle_to_inner_view {
    ($handle:ident) => {
        impl<W: View> $handle<W> {
            /// Calls `f` with the view, which is rendered afterwards. Has no effect if the view has ended.
            pub fn update<R: Outcome>(&self, f: impl FnOnce(&mut W) -> R + Send + 'static) {
                Cx::<W>::new(self.inner.instance.clone()).update(f);
            }

            /// Like [`update`](Self::update), with an `async` closure, which names the type of the view; see
            /// [`Cx::update_async`].
            pub fn update_async(&self, f: impl for<'x> AsyncUpdate<'x, &'x mut W>) {
                Cx::<W>::new(self.inner.instance.clone()).update_async(f);
            }
        }

        impl<W> Clone for $handle<W> {
            fn clone(&self) -> Self {
                Self { inner: self.inner.clone(), view: PhantomData }
            }
        }

        impl<W> fmt::Debug for $handle<W> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($handle)).field(&self.inner.instance.id).finish()
            }
        }

        impl<W> Fragment<Inert> for $handle<W> {
            fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
                splice(tape, &html_of(self.inner.clone()));
            }
        }

        impl<W> Rendering for $handle<W> {}
    };
}

handle_to_inner_view!(Child);
handle_to_inner_view!(Shared);

/// Mounts a child of a view with one page.
fn mount_child<W: View, R: MountedInside<W, M>, M>(
    parent: &Arc<Instance>,
    mount: impl FnOnce(Cx<W>) -> R,
) -> Arc<InnerView> {
    let instance = Instance::child(parent);
    let snapshot = mount_inside(&instance, mount, |core| {
        let (baseline, tape, page) = OnePage::first(core, Baseline::first_nested)?;
        let snapshot = Arc::new(Mutex::new(ChildSnapshot::new(page, tape)));
        Ok((OnePage::new(&core.instance, baseline, Some(snapshot.clone())), snapshot))
    });
    Arc::new(InnerView { instance, snapshot: Snapshot::Child(snapshot) })
}

/// Mounts a child of a shared view.
fn mount_shared_child<W: View, R: MountedInside<W, M>, M>(
    parent: &Arc<Instance>,
    mount: impl FnOnce(Cx<W>) -> R,
) -> Arc<InnerView> {
    let Hosted { instance, snapshot } = mount_shared(&parent.runtime, Some(parent), false, mount);
    Arc::new(InnerView { instance, snapshot: Snapshot::Shared(snapshot) })
}

/// Mounts a view inside another one, and starts its task. `first` makes from the first rendering what its pages and the
/// view around it need.
///
/// If the mount waits for something, that rendering is empty, and the view's task continues the mount.
fn mount_inside<W, R, M, P, T>(
    instance: &Arc<Instance>,
    mount: impl FnOnce(Cx<W>) -> R,
    first: impl Fn(&mut Core) -> Result<(P, T), Panic>,
) -> T
where
    W: View,
    R: MountedInside<W, M>,
    P: Pages,
{
    let unmounted = Unmounted::new(instance);
    let (driver, mounting) = mount::begin(instance, mount);
    let mut core = Core::new(instance.clone(), driver);
    // A view that fails here ends as soon as it has started.
    if mounting.is_none() && core.handle_early().is_err() {
        instance.send(Mail::Panicked);
    }
    let (pages, first) = core.first_inside(first);
    instance.runtime.registry.insert(instance.clone());
    unmounted.start(core, pages, mounting);
    first
}

/// A handle to a [shared](Cx::shared) view or a [daemon](Cx::daemon). Splice it into [`html!`](crate::html!), or use it
/// to change the view's state.
pub struct Shared<W> {
    inner: Arc<InnerView>,
    view: PhantomData<fn(W)>,
}

impl<W: View> Shared<W> {
    fn find<R: MountedInside<W, M>, M>(
        runtime: &Arc<Runtime>,
        asked_by: Option<&Instance>,
        key: String,
        expires: bool,
        mount: impl FnOnce(Cx<W>) -> R,
    ) -> Self {
        let mount = || mount_shared(runtime, asked_by, expires, mount);
        let Hosted { instance, snapshot } = runtime.shared.find((TypeId::of::<W>(), key), type_name::<W>(), mount);
        snapshot.lock().asked = tokio::time::Instant::now();
        let inner = InnerView { instance, snapshot: Snapshot::Shared(snapshot) };
        Self { inner: Arc::new(inner), view: PhantomData }
    }

    pub(crate) fn daemon<R: MountedInside<W, M>, M>(
        runtime: &Arc<Runtime>,
        key: String,
        mount: impl FnOnce(Cx<W>) -> R,
    ) -> Self {
        Self::find(runtime, None, key, false, mount)
    }

    /// Ends the view. The pages keep showing its last rendering. The next page that asks for its key mounts a new one.
    pub fn close(&self) {
        self.inner.instance.send(Mail::Close(CloseReason::Closed));
    }
}

/// Mounts a view with many pages.
fn mount_shared<W: View, R: MountedInside<W, M>, M>(
    runtime: &Arc<Runtime>,
    asked_by: Option<&Instance>,
    expires: bool,
    mount: impl FnOnce(Cx<W>) -> R,
) -> Hosted {
    let instance = Instance::shared(runtime, asked_by);
    let snapshot = mount_inside(&instance, mount, |core| {
        let snapshot = Arc::new(Mutex::new(SharedSnapshot::first(core)?));
        Ok((ManyPages::new(snapshot.clone(), expires), snapshot))
    });
    Hosted { instance, snapshot }
}
