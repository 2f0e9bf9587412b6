//! Mounts of views inside views: children, shared views and daemons, each of which is mounted at once, later, or not at
//! all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lanai::App;
use lanai::axum::http::StatusCode;
use lanai::prelude::*;
use lanai_test::css;
use tokio::sync::Semaphore;

use crate::views::{NUMBERS, short_grace};

/// Shows a number, which a button and messages raise. Its rendering panics at 13.
struct Sum(u32);

impl Sum {
    fn up(&mut self) {
        self.0 += 1;
    }
}

impl View for Sum {
    fn render(&self) -> Html<Self> {
        assert_ne!(self.0, 13, "on purpose: the first rendering");
        html! { b { "sum " (self.0) } button onclick=(Self::up) { "up" } }
    }
}

/// How the page asks for the view inside it.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Child,
    Shared,
    Daemon,
}

const KINDS: [Kind; 3] = [Kind::Child, Kind::Shared, Kind::Daemon];

enum Inside {
    Child(Child<Sum>),
    Shared(Shared<Sum>),
}

impl Inside {
    /// Adds 100 and 1000 by two closures, of which one is `async` and owns what it captures.
    fn raise(&self) {
        let captured = String::from("1000");
        let later = async move |sum: &mut Sum| {
            tokio::task::yield_now().await;
            sum.0 += captured.parse::<u32>()?;
            Ok::<_, Error>(())
        };
        match self {
            Self::Child(sum) => {
                sum.update(|sum| sum.0 += 100);
                sum.update_async(later);
            }
            Self::Shared(sum) => {
                sum.update(|sum| sum.0 += 100);
                sum.update_async(later);
            }
        }
    }
}

/// A page with a sum inside.
struct Page {
    inside: Inside,
    clicks: u32,
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            i { (self.clicks) }
            button onclick=(|page: &mut Self| page.clicks += 1) { "click" }
            button onclick=(|page: &mut Self| page.inside.raise()) { "raise" }
            @match &self.inside {
                Inside::Child(sum) => { (sum) }
                Inside::Shared(sum) => { (sum) }
            }
        }
    }
}

/// A page that asks for the sum in one of three ways, which accept the same mounts.
macro_rules! page {
    ($kind:expr, $mount:expr) => {
        live(move |cx: Cx<Page>| {
            let mount = $mount;
            let inside = match $kind {
                Kind::Child => Inside::Child(cx.child("sum", mount)),
                Kind::Shared => Inside::Shared(cx.shared("sum", mount)),
                Kind::Daemon => Inside::Shared(cx.daemon("sum", mount)),
            };
            Page { inside, clicks: 0 }
        })
    };
}

/// A gate that a mount waits for. Each [`open`](Self::open) lets one mount pass.
#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Gate {
    fn shut() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    fn open(&self) {
        self.0.add_permits(1);
    }

    async fn passed(&self) {
        self.0.acquire().await.expect("it is never closed").forget();
    }
}

/// Checks that no sum is shown now.
fn shows_no_sum(page: &lanai_test::Page) {
    assert!(!page.text().contains("sum"), "{}", page.text());
}

/// Waits until the page shows this sum.
async fn shows_sum(page: &lanai_test::Page, sum: u32) -> lanai_test::Result {
    let shown = format!("sum {sum}");
    page.until(&shown, |page| page.text_of(css("b")).is_ok_and(|text| text == shown)).await
}

/// The frames of the view inside that the page has received. They begin with its number as a string.
fn frames_of_the_sum(page: &lanai_test::Page) -> Vec<String> {
    page.wire().received().into_iter().filter(|text| text.starts_with("[\"")).collect()
}

/// Checks that the view around the sum still handles events.
async fn the_page_goes_on(page: &lanai_test::Page) -> lanai_test::Result {
    page.click("click").await?;
    assert_eq!(page.text_of(css("i"))?, "1");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_mount_that_waits_for_nothing_is_in_the_first_html() -> lanai_test::Result {
    fn plain(_: Cx<Sum>) -> Sum {
        Sum(1)
    }
    fn fallible(_: Cx<Sum>) -> Result<Sum> {
        Ok(Sum(2))
    }
    async fn waits_for_nothing(_: Cx<Sum>) -> Sum {
        std::future::ready(Sum(3)).await
    }
    async fn fallible_too(_: Cx<Sum>) -> Result<Sum, std::io::Error> {
        Ok(Sum(4))
    }
    for kind in KINDS {
        let app = || App::new().limits(short_grace());
        for (number, app) in (1..).zip([
            app().route("/", page!(kind, plain)),
            app().route("/", page!(kind, fallible)),
            app().route("/", page!(kind, waits_for_nothing)),
            app().route("/", page!(kind, fallible_too)),
            app().route("/", page!(kind, |_| Sum(5))),
            app().route("/", page!(kind, async move |_| Ok::<_, Error>(Sum(6)))),
        ]) {
            let app = lanai_test::app(app);
            let html = app.person().get("/").await?.body;
            assert!(html.contains(&format!("sum <!--[-->{number}<!--]-->")), "{kind:?}: {html}");
            assert_eq!(app.stats().mounts, 2, "the page and the sum");
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_mount_that_takes_its_time_is_shown_by_a_patch_and_what_came_meanwhile_is_in_it() -> lanai_test::Result {
    for kind in KINDS {
        let gate = Gate::shut();
        let mount = {
            let gate = gate.clone();
            async move |cx: Cx<Sum>| {
                cx.subscribe(NUMBERS, |sum: &mut Sum, number: &u32| sum.0 += number);
                gate.passed().await;
                Sum(1)
            }
        };
        let app = lanai_test::app(App::new().route("/", page!(kind, mount.clone())));
        let page = app.visit("/").await?;
        shows_no_sum(&page);
        the_page_goes_on(&page).await?;
        app.broker().publish(NUMBERS, 10).unwrap();
        page.click("raise").await?;
        assert_eq!(app.stats().mounts, 1, "{kind:?}");
        gate.open();
        shows_sum(&page, 1111).await?;
        assert_eq!(frames_of_the_sum(&page).len(), 1, "{kind:?}: it shows nothing less before");
        page.click("up").await?;
        shows_sum(&page, 1112).await?;
        assert_eq!(app.stats().mounts, 2);
    }
    Ok(())
}

/// How a mount fails.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Failure {
    /// With an error for the visitor.
    Refusal,
    /// With an error whose message is not for the visitor.
    Error,
    Panic,
    /// It succeeds, but the first rendering panics.
    Rendering,
}

const FAILURES: [Failure; 4] = [Failure::Refusal, Failure::Error, Failure::Panic, Failure::Rendering];

impl Failure {
    /// A mount that fails like this when the gate is open, or at once if there is none.
    async fn mount(self, gate: Option<Gate>, cx: Cx<Sum>) -> Result<Sum> {
        cx.subscribe(NUMBERS, |_: &mut Sum, _: &u32| ());
        if let Some(gate) = gate {
            gate.passed().await;
        }
        match self {
            Self::Refusal => Err(Error::new(StatusCode::CONFLICT, "This room is full.")),
            Self::Error => Err(std::io::Error::other("a secret"))?,
            Self::Panic => panic!("on purpose: the mount"),
            Self::Rendering => Ok(Sum(13)),
        }
    }

    /// What the error page in the place of the view says.
    fn says(self) -> &'static str {
        match self {
            Self::Refusal => "409 Conflict",
            Self::Error | Self::Panic | Self::Rendering => "500 Internal",
        }
    }

    /// Checks that the program has counted the failure, and has released what the mount has opened.
    fn is_counted(self, app: &lanai_test::TestApp, kind: Kind) {
        let stats = app.stats();
        let expected = match self {
            Self::Refusal => (0, 0),
            Self::Error => (1, 0),
            Self::Panic | Self::Rendering => (0, 1),
        };
        assert_eq!((stats.errors, stats.panics), expected, "{kind:?} {self:?}");
        assert_eq!(stats.subscriptions, 0, "{kind:?} {self:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_page_is_in_the_place_of_a_view_that_cannot_be_mounted_and_the_page_goes_on() -> lanai_test::Result {
    for kind in KINDS {
        for failure in FAILURES {
            let mount = page!(kind, move |cx| failure.mount(None, cx));
            let app = lanai_test::app(App::new().route("/", mount));
            let page = app.visit("/").await?;
            assert!(page.text().contains(failure.says()), "{kind:?}: {}", page.text());
            assert_eq!(page.text().contains("This room is full."), failure == Failure::Refusal);
            page.until("the view inside is attached", |page| {
                page.wire().received().iter().any(|text| text.starts_with(r#"{"attached":0,"of":"#))
            })
            .await?;
            assert_eq!(frames_of_the_sum(&page), Vec::<String>::new(), "the error page is in the first HTML");
            the_page_goes_on(&page).await?;
            failure.is_counted(&app, kind);
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_error_page_takes_the_place_of_a_view_whose_mount_fails_later() -> lanai_test::Result {
    for kind in KINDS {
        for failure in FAILURES {
            let gate = Gate::shut();
            let later = gate.clone();
            let mount = page!(kind, {
                let gate = later.clone();
                move |cx| failure.mount(Some(gate), cx)
            });
            let app = lanai_test::app(App::new().route("/", mount));
            let page = app.visit("/").await?;
            assert!(!page.text().contains(failure.says()), "{kind:?}: {}", page.text());
            gate.open();
            page.sees(failure.says()).await?;
            the_page_goes_on(&page).await?;
            // Updates of a view that was not mounted have no effect.
            page.click("raise").await?;
            failure.is_counted(&app, kind);
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_slow_shared_view_is_mounted_once_for_all_who_ask() -> lanai_test::Result {
    let (gate, mounts) = (Gate::shut(), Arc::new(AtomicU32::new(0)));
    for kind in [Kind::Shared, Kind::Daemon] {
        let (inner_gate, inner_mounts) = (gate.clone(), mounts.clone());
        mounts.store(0, Ordering::Relaxed);
        let mount = page!(kind, {
            let (gate, mounts) = (inner_gate.clone(), inner_mounts.clone());
            async move |_| {
                mounts.fetch_add(1, Ordering::Relaxed);
                gate.passed().await;
                Sum(7)
            }
        });
        let app = lanai_test::app(App::new().route("/", mount));
        let pages = [app.visit("/").await?, app.visit("/").await?, app.visit("/").await?];
        pages.iter().for_each(shows_no_sum);
        gate.open();
        for page in &pages {
            shows_sum(page, 7).await?;
        }
        let frames = pages.each_ref().map(frames_of_the_sum);
        assert!(frames.iter().all(|frames| frames.len() == 1 && *frames == frames_of_the_sum(&pages[0])), "{frames:?}");
        let late = app.person().get("/").await?.body;
        assert!(late.contains("sum <!--[-->7"), "a later page has it in the first HTML: {late}");
        assert_eq!(mounts.load(Ordering::Relaxed), 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shared_view_that_could_not_be_mounted_is_mounted_anew_by_the_next_who_asks() -> lanai_test::Result {
    for kind in [Kind::Shared, Kind::Daemon] {
        let asked = Arc::new(AtomicU32::new(0));
        let mount = page!(kind, {
            let asked = asked.clone();
            async move |_| match asked.fetch_add(1, Ordering::Relaxed) {
                0 => Err(Error::not_found()),
                _ => Ok(Sum(1)),
            }
        });
        let app = lanai_test::app(App::new().limits(short_grace()).route("/", mount));
        let first = app.visit("/").await?;
        assert!(first.text().contains("404 Not Found"), "{}", first.text());
        let second = app.visit("/").await?;
        shows_sum(&second, 1).await?;
        assert_eq!(frames_of_the_sum(&second), Vec::<String>::new(), "it is in the first HTML");
        first.close().await;
        drop(second);
        // Only the daemon that was mounted lives on.
        let remaining = usize::from(kind == Kind::Daemon);
        app.until("the views that failed are gone", |stats| stats.instances == remaining).await?;
    }
    Ok(())
}

/// Counts how many of it exist.
struct Alive(Arc<AtomicU32>);

impl Alive {
    fn new(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mount_that_never_ends_ends_with_those_who_wait_for_it() -> lanai_test::Result {
    for kind in [Kind::Child, Kind::Shared] {
        let mounting = Arc::new(AtomicU32::new(0));
        let inner = mounting.clone();
        let mount = page!(kind, {
            let alive = inner.clone();
            async move |cx: Cx<Sum>| {
                cx.subscribe(NUMBERS, |_: &mut Sum, _: &u32| ());
                let _alive = Alive::new(&alive);
                std::future::pending::<Sum>().await
            }
        });
        let app = lanai_test::app(App::new().limits(short_grace()).route("/", mount));
        // One page is closed, one never attaches, and one loses its connection.
        let closed = app.visit("/").await?;
        shows_no_sum(&closed);
        app.person().get("/").await?;
        let lost = app.visit("/").await?;
        lost.disconnect();
        assert_ne!(mounting.load(Ordering::Relaxed), 0);
        closed.close().await;
        app.until("all is released", |stats| stats.instances == 0 && stats.subscriptions == 0).await?;
        while mounting.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stopping_program_does_not_wait_for_mounts() -> lanai_test::Result {
    for kind in KINDS {
        let app = lanai_test::app(App::new().route("/", page!(kind, |_| std::future::pending::<Sum>())));
        let page = app.visit("/").await?;
        shows_no_sum(&page);
        app.handle().shut_down();
        app.until("all has ended", |stats| stats.instances == 0).await?;
    }
    Ok(())
}

/// A page that hides its child and shows it again.
struct Hides {
    cx: Cx<Self>,
    gate: Gate,
    shows: bool,
}

impl View for Hides {
    fn render(&self) -> Html<Self> {
        let gate = self.gate.clone();
        html! {
            button onclick=(|page: &mut Self| page.shows = !page.shows) { "toggle" }
            @if self.shows {
                p { (self.cx.child("sum", async move |_| { gate.passed().await; Sum(1) })) }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_left_out_while_it_is_mounted_ends_and_is_mounted_anew() -> lanai_test::Result {
    let gate = Gate::shut();
    let inner = gate.clone();
    let mount = live(move |cx: Cx<Hides>| Hides { cx, gate: inner.clone(), shows: true });
    let app = lanai_test::app(App::new().route("/", mount));
    let page = app.visit("/").await?;
    shows_no_sum(&page);
    page.click("toggle").await?;
    app.until("the child has ended", |stats| stats.instances == 1).await?;
    gate.open();
    page.click("toggle").await?;
    assert_eq!(page.text_of(css("b"))?, "sum 1", "the answer contains the child, since its mount does not wait now");
    Ok(())
}

/// A shared view with a slow child inside.
struct Around(Cx<Self>, Gate);

impl View for Around {
    fn render(&self) -> Html<Self> {
        let gate = self.1.clone();
        html! { (self.0.child("sum", async move |_| { gate.passed().await; Sum(1) })) }
    }
}

struct AroundPage(Shared<Around>);

impl View for AroundPage {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_child_of_a_shared_view_comes_to_all_its_pages() -> lanai_test::Result {
    let gate = Gate::shut();
    let inner = gate.clone();
    let mount = live(move |cx: Cx<AroundPage>| {
        let gate = inner.clone();
        AroundPage(cx.shared("around", move |cx| Around(cx, gate)))
    });
    let app = lanai_test::app(App::new().limits(short_grace()).route("/", mount));
    let pages = [app.visit("/").await?, app.visit("/").await?];
    pages.iter().for_each(shows_no_sum);
    gate.open();
    for page in pages {
        shows_sum(&page, 1).await?;
        page.close().await;
    }
    app.until("all is released", |stats| stats.instances == 0).await
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_no_page_has_asked_for_may_take_its_time_too() -> lanai_test::Result {
    let gate = Gate::shut();
    let inner = gate.clone();
    let mount = page!(Kind::Daemon, |_| Sum(0));
    let app = lanai_test::app(App::new().limits(short_grace()).route("/", mount));
    app.handle().daemon("sum", async move |_| {
        inner.passed().await;
        Ok::<_, Error>(Sum(5))
    });
    let page = app.visit("/").await?;
    shows_no_sum(&page);
    gate.open();
    shows_sum(&page, 5).await
}
