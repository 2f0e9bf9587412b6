//! Views inside views: nested ones, which are a page's own, and shared ones, which many pages show.

pub(crate) mod mount;

use std::any::{TypeId, type_name};
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::sync::Arc;

use lanai_core::{Baseline, Namespace, Nested, Part, Place, Slot, Tape, Template};
use parking_lot::Mutex;

use crate::close_reason::CloseReason;
use crate::cx::Cx;
use crate::handler::Outcome;
use crate::html::{Html, Inert};
use crate::instance::Instance;
use crate::instance::child_page::{ChildPage, SharedPage, Snapshot};
use crate::instance::child_snapshot::ChildSnapshot;
use crate::instance::children::ChildKey;
use crate::instance::core::Core;
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
    /// A view inside this one, with a state, a mailbox and frames of its own: what happens in it does not render this one, and a slow
    /// handler or a panic of it holds up or ends nobody else.
    ///
    /// `key` names it among the children of this type that this view has. The first call mounts it; as long as it lives, further calls
    /// give the same one, so it can stand in `render`:
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
    /// `mount` is a function of the child's [`Cx`], `async` or not, and gives the child or a `Result` of it. A child that is mounted without
    /// waiting for anything is there at once. For one whose mount waits, its place is empty at first and filled by a patch:
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
    /// What is sent to the child meanwhile waits for it. If the mount returns an error or panics, or the first rendering panics, that is logged
    /// as for a page, and the [error page](crate::App::error_page) takes the child's place; the view around it goes on.
    ///
    /// It ends with this view, by its own [`Cx::close`], or when a rendering leaves it out and no [`Child`] of it is kept. One that has
    /// ended while it is shown (a panic ends it too) stays as it is, until a rendering leaves it out.
    pub fn child<W, R, M>(&self, key: impl Display, mount: impl FnOnce(Cx<W>) -> R) -> Child<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        let key = ChildKey { asked_by: TypeId::of::<V>(), view: TypeId::of::<W>(), key: key.to_string() };
        let parent = &self.instance;
        let found = parent.children.lock().find(&key);
        let page = found.unwrap_or_else(|| {
            let page = match parent.page {
                Some(_) => mount_child(parent, mount),
                // A view inside a shared one is on the same pages.
                None => mount_shared_child(parent, mount),
            };
            parent.children.lock().insert(key, page.clone());
            page
        });
        Child { page, view: PhantomData }
    }

    /// A view that all pages share which ask for one of this type and `key`: mounted by the first of them, rendered once and encoded once
    /// for all. What belongs to one person alone (a name, an input being typed in) stays in the private view around it.
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
    /// It is mounted as a [child](Self::child) is: if that takes its time, all pages show an empty place until it is there; if it fails, they
    /// show the error page, and the next who asks mounts it anew.
    ///
    /// It ends when nobody has watched it for the [grace](crate::Limits::grace), or by its own [`Cx::close`]; then the next who asks mounts it
    /// anew. Each process has its own: what several nodes are to show alike goes through [topics](Cx::subscribe).
    pub fn shared<W, R, M>(&self, key: impl Display, mount: impl FnOnce(Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::find(&self.instance.runtime, Some(&self.instance), key.to_string(), true, mount)
    }

    /// A shared view that lives on when nobody watches it, until it calls [`Cx::close`] itself: a job whose progress is there when its
    /// page is opened again.
    ///
    /// Until then every [`shared`](Self::shared) and `daemon` with its type and key gives this one. One that nobody has a page for yet is
    /// started by [`Handle::daemon`](crate::Handle::daemon).
    pub fn daemon<W, R, M>(&self, key: impl Display, mount: impl FnOnce(Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::find(&self.instance.runtime, Some(&self.instance), key.to_string(), false, mount)
    }
}

/// A template with one node slot: what a view stands in.
static SLOT: Template =
    Template { parts: &[Part::Slot(Slot::Node(Place::Between))], namespace: Namespace::Html, single_root: false };

fn html_of(view: Arc<dyn Nested>) -> Html {
    let mut tape = Tape::new();
    tape.open(&SLOT);
    tape.view(view);
    tape.close();
    Html { tape }
}

/// A handle to a [child](Cx::child): markup to place in [`html!`](crate::html!), and a way to its state.
///
/// While a handle is kept, the child lives on even if a rendering leaves it out.
pub struct Child<W> {
    page: Arc<ChildPage>,
    view: PhantomData<fn(W)>,
}

impl<W: View> Child<W> {
    /// Calls `f` with the child, which is rendered again afterwards. It has no effect when the child has ended.
    pub fn update<R: Outcome>(&self, f: impl FnOnce(&mut W) -> R + Send + 'static) {
        Cx::<W>::new(self.page.instance.clone()).update(f);
    }

    /// The same with an `async` closure, which names the type of the view, see [`Cx::update_async`].
    pub fn update_async(&self, f: impl for<'x> AsyncUpdate<'x, &'x mut W>) {
        Cx::<W>::new(self.page.instance.clone()).update_async(f);
    }

    /// Ends the child. Its place shows the last rendering of it, until a rendering of this view leaves it out.
    pub fn close(&self) {
        self.page.instance.send(Mail::Close(CloseReason::Closed));
    }
}

impl<W> Clone for Child<W> {
    fn clone(&self) -> Self {
        Self { page: self.page.clone(), view: PhantomData }
    }
}

impl<W> fmt::Debug for Child<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Child").field(&self.page.instance.id).finish()
    }
}

impl<W> Fragment<Inert> for Child<W> {
    fn fill<H>(&self, tape: &mut lanai_core::Tape<H>, splice: &mut impl FnMut(&mut lanai_core::Tape<H>, &Html<Inert>)) {
        splice(tape, &html_of(self.page.clone()));
    }
}

impl<W> Rendering for Child<W> {}

/// Mounts a child of a view with one page.
fn mount_child<W: View, R: MountedInside<W, M>, M>(
    parent: &Arc<Instance>,
    mount: impl FnOnce(Cx<W>) -> R,
) -> Arc<ChildPage> {
    let instance = Instance::child(parent);
    let snapshot = mount_inside(&instance, mount, |core| {
        let (baseline, tape, page) = OnePage::first(core, Baseline::first_nested)?;
        let snapshot = Arc::new(Mutex::new(ChildSnapshot::new(page, tape)));
        Ok((OnePage::new(&core.instance, baseline, Some(snapshot.clone())), snapshot))
    });
    Arc::new(ChildPage { instance, snapshot: Snapshot::Child(snapshot) })
}

/// Mounts a child of a shared view.
fn mount_shared_child<W: View, R: MountedInside<W, M>, M>(
    parent: &Arc<Instance>,
    mount: impl FnOnce(Cx<W>) -> R,
) -> Arc<ChildPage> {
    let Hosted { instance, snapshot } = mount_shared(&parent.runtime, Some(parent), false, mount);
    Arc::new(ChildPage { instance, snapshot: Snapshot::Shared(snapshot) })
}

/// Mounts a view inside another one, and lets it live. What `first` makes of its first rendering is for its pages, and for the view around it.
///
/// If the mount waits for something, that rendering is blank, and the view's task goes on with the mount.
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
    // A view that fails here ends as soon as it has begun.
    if mounting.is_none() && core.handle_early().is_err() {
        instance.send(Mail::Panicked);
    }
    let (pages, first) = core.first_inside(first);
    instance.runtime.registry.insert(instance.clone());
    unmounted.start(core, pages, mounting);
    first
}

/// A handle to a [shared](Cx::shared) view or a [daemon](Cx::daemon): markup to place in [`html!`](crate::html!), and a way to its state.
pub struct Shared<W> {
    page: Arc<SharedPage>,
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
        let page = SharedPage { instance, snapshot };
        Self { page: Arc::new(page), view: PhantomData }
    }

    pub(crate) fn daemon<R: MountedInside<W, M>, M>(
        runtime: &Arc<Runtime>,
        key: String,
        mount: impl FnOnce(Cx<W>) -> R,
    ) -> Self {
        Self::find(runtime, None, key, false, mount)
    }

    /// Calls `f` with the view, which is rendered again afterwards, for all who watch. It has no effect when the view has ended.
    pub fn update<R: Outcome>(&self, f: impl FnOnce(&mut W) -> R + Send + 'static) {
        Cx::<W>::new(self.page.instance.clone()).update(f);
    }

    /// The same with an `async` closure, which names the type of the view, see [`Cx::update_async`].
    pub fn update_async(&self, f: impl for<'x> AsyncUpdate<'x, &'x mut W>) {
        Cx::<W>::new(self.page.instance.clone()).update_async(f);
    }

    /// Ends the view: the pages show its last rendering. The next who asks for its key mounts a new one.
    pub fn close(&self) {
        self.page.instance.send(Mail::Close(CloseReason::Closed));
    }
}

impl<W> Clone for Shared<W> {
    fn clone(&self) -> Self {
        Self { page: self.page.clone(), view: PhantomData }
    }
}

impl<W> fmt::Debug for Shared<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.page.instance.id).finish()
    }
}

impl<W> Fragment<Inert> for Shared<W> {
    fn fill<H>(&self, tape: &mut lanai_core::Tape<H>, splice: &mut impl FnMut(&mut lanai_core::Tape<H>, &Html<Inert>)) {
        splice(tape, &html_of(self.page.clone()));
    }
}

impl<W> Rendering for Shared<W> {}

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
