//! Mounts of views inside views: at once, later, or not at all; for children, shared views and daemons alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lanai::App;
use lanai::axum::http::StatusCode;
use lanai::prelude::*;
use tokio::sync::Semaphore;
use wire::{Inner, Server, Visitor};

use crate::views::{NUMBERS, short_grace};

/// Shows a number, which a button and messages raise.
struct Sum(u32);

impl Sum {
    fn up(&mut self) {
        self.0 += 1;
    }
}

impl View for Sum {
    fn render(&self) -> Html<Self> {
        assert_ne!(self.0, 13, "on purpose: the first rendering");
        html! { b { "sum " (self.0) } button onclick=(Self::up) {} }
    }
}

/// How the inner view is asked for.
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
    /// By two closures, of which one is `async` and owns what it has captured.
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
            button onclick=(|page: &mut Self| page.clicks += 1) { (self.clicks) }
            button onclick=(|page: &mut Self| page.inside.raise()) {}
            @match &self.inside {
                Inside::Child(sum) => { (sum) }
                Inside::Shared(sum) => { (sum) }
            }
        }
    }
}

/// Asks for the sum in one of three ways: each takes the mounts that the others take.
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

/// Opens for one mount after the other.
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

/// Attaches to the view inside, whose place is empty in the first HTML.
async fn attach_to_nothing(visitor: &mut Visitor) -> Inner {
    let inner = Inner::of(visitor);
    let place = visitor.html.split(&format!("<!--[@{}-->", inner.id)).nth(1).expect("it has a place");
    let place = place.split("<!--/lanai-->").next().unwrap_or_default().replace("</p>", "");
    let shown: String = place.split("<!--").filter_map(|after| Some(after.split_once("-->")?.1)).collect();
    assert_eq!(shown, "", "its place is empty: {}", visitor.html);
    inner.attached(visitor).await;
    inner
}

async fn the_page_goes_on(visitor: &mut Visitor) {
    visitor.event(0, None).await;
    assert!(visitor.frame().await.contains(&format!("\"{}\"", visitor.events)), "the view around goes on");
}

#[tokio::test]
async fn a_mount_that_waits_for_nothing_is_in_the_first_html() {
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
            let server = Server::start(app).await;
            let visitor = Visitor::visit(server.address, "/").await;
            assert!(visitor.html.contains(&format!("sum <!--[-->{number}<!--]-->")), "{kind:?}: {}", visitor.html);
            assert_eq!(server.stats().mounts, 2);
        }
    }
}

#[tokio::test]
async fn a_mount_that_takes_its_time_is_shown_by_a_patch_and_what_came_meanwhile_is_in_it() {
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
        let server = Server::start(App::new().route("/", page!(kind, mount.clone()))).await;
        let mut visitor = Visitor::visit(server.address, "/").await;
        let mut sum = attach_to_nothing(&mut visitor).await;
        the_page_goes_on(&mut visitor).await;
        server.handle.broker().publish(NUMBERS, 10).unwrap();
        visitor.event(1, None).await;
        visitor.settled().await;
        assert_eq!(server.stats().mounts, 1, "{kind:?}");
        gate.open();
        let frame = sum.next(&mut visitor).await;
        assert!(frame.to_string().contains("\"1111\""), "{kind:?}: {frame}");
        sum.event(&mut visitor, 0).await;
        let frame = sum.next(&mut visitor).await;
        assert!(frame.to_string().contains("\"1112\""), "its handlers are there: {frame}");
        assert_eq!(server.stats().mounts, 2);
    }
}

/// A mount that fails in some way, when the gate is open.
async fn fail(how: u32, gate: Option<Gate>, cx: Cx<Sum>) -> Result<Sum> {
    cx.subscribe(NUMBERS, |_: &mut Sum, _: &u32| ());
    if let Some(gate) = gate {
        gate.passed().await;
    }
    match how {
        0 => Err(Error::new(StatusCode::CONFLICT, "This room is full.")),
        1 => Err(std::io::Error::other("a secret"))?,
        2 => panic!("on purpose: the mount"),
        _ => Ok(Sum(13)),
    }
}

/// What the place of a view says whose mount has failed so.
const SAYS: [&str; 4] = ["409 Conflict", "500 Internal", "500 Internal", "500 Internal"];

#[tokio::test]
async fn the_error_page_is_in_the_place_of_a_view_that_cannot_be_mounted_and_the_page_goes_on() {
    for kind in KINDS {
        for (how, says) in (0..).zip(SAYS) {
            let server = Server::start(App::new().route("/", page!(kind, move |cx| fail(how, None, cx)))).await;
            let mut visitor = Visitor::visit(server.address, "/").await;
            assert!(visitor.html.contains(says), "{kind:?}: {}", visitor.html);
            assert_eq!(visitor.html.contains("This room is full."), how == 0);
            let sum = Inner::of(&visitor);
            sum.attached(&mut visitor).await;
            the_page_goes_on(&mut visitor).await;
            let stats = server.stats();
            assert_eq!((stats.errors, stats.panics), [(0, 0), (1, 0), (0, 1), (0, 1)][how as usize], "{kind:?}");
            assert_eq!(stats.subscriptions, 0, "what the mount has opened is released");
        }
    }
}

#[tokio::test]
async fn the_error_page_takes_the_place_of_a_view_whose_mount_fails_later() {
    for kind in KINDS {
        for (how, says) in (0..).zip(SAYS) {
            let gate = Gate::shut();
            let later = gate.clone();
            let mount = page!(kind, {
                let gate = later.clone();
                move |cx| fail(how, Some(gate), cx)
            });
            let server = Server::start(App::new().route("/", mount)).await;
            let mut visitor = Visitor::visit(server.address, "/").await;
            let mut sum = attach_to_nothing(&mut visitor).await;
            gate.open();
            let frame = sum.next(&mut visitor).await;
            assert!(frame.to_string().contains(says), "{kind:?}: {frame}");
            the_page_goes_on(&mut visitor).await;
            visitor.event(1, None).await;
            visitor.settled().await;
            let stats = server.stats();
            assert_eq!((stats.errors, stats.panics), [(0, 0), (1, 0), (0, 1), (0, 1)][how as usize], "{kind:?}");
            assert_eq!(stats.subscriptions, 0, "what the mount has opened is released");
        }
    }
}

#[tokio::test]
async fn a_slow_shared_view_is_mounted_once_for_all_who_ask() {
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
        let server = Server::start(App::new().route("/", mount)).await;
        let mut pages = Vec::new();
        for _ in 0..3 {
            let mut visitor = Visitor::visit(server.address, "/").await;
            let sum = attach_to_nothing(&mut visitor).await;
            pages.push((visitor, sum));
        }
        gate.open();
        let mut frames = Vec::new();
        for (visitor, sum) in &mut pages {
            frames.push(sum.next(visitor).await);
        }
        assert!(frames[0].to_string().contains("\"7\""), "{}", frames[0]);
        assert!(frames.iter().all(|frame| *frame == frames[0]), "all get the same");
        let late = Visitor::visit(server.address, "/").await;
        assert!(late.html.contains("sum <!--[-->7"), "who comes later has it in the first HTML: {}", late.html);
        assert_eq!(mounts.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_shared_view_that_could_not_be_mounted_is_mounted_anew_by_the_next_who_asks() {
    for kind in [Kind::Shared, Kind::Daemon] {
        let asked = Arc::new(AtomicU32::new(0));
        let mount = page!(kind, {
            let asked = asked.clone();
            async move |_| match asked.fetch_add(1, Ordering::Relaxed) {
                0 => Err(Error::not_found()),
                _ => Ok(Sum(1)),
            }
        });
        let server = Server::start(App::new().limits(short_grace()).route("/", mount)).await;
        let mut first = Visitor::visit(server.address, "/").await;
        assert!(first.html.contains("404 Not Found"), "{}", first.html);
        let second = Visitor::visit(server.address, "/").await;
        assert!(second.html.contains("sum <!--[-->1"), "{}", second.html);
        first.send("\"bye\"").await;
        drop((first, second));
        // Of the daemons the one that was mounted lives on.
        let stay = usize::from(kind == Kind::Daemon);
        server.until("what failed is gone", |stats| stats.instances == stay).await;
    }
}

/// Counts how many are alive.
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

#[tokio::test]
async fn a_mount_that_never_ends_ends_with_those_who_wait_for_it() {
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
        let server = Server::start(App::new().limits(short_grace()).route("/", mount)).await;
        let mut leaves = Visitor::visit(server.address, "/").await;
        attach_to_nothing(&mut leaves).await;
        // One that never attaches, and one whose socket breaks.
        Visitor::fetch(server.address, "/").await;
        let mut breaks = Visitor::visit(server.address, "/").await;
        breaks.cut();
        assert_ne!(mounting.load(Ordering::Relaxed), 0);
        leaves.send("\"bye\"").await;
        server.until("all is released", |stats| stats.instances == 0 && stats.subscriptions == 0).await;
        while mounting.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_stopping_program_does_not_wait_for_mounts() {
    for kind in KINDS {
        let server = Server::start(App::new().route("/", page!(kind, |_| std::future::pending::<Sum>()))).await;
        let mut visitor = Visitor::visit(server.address, "/").await;
        attach_to_nothing(&mut visitor).await;
        server.handle.shut_down();
        server.until("all has ended", |stats| stats.instances == 0).await;
    }
}

/// A page that shows its child, and hides it.
struct Hides {
    cx: Cx<Self>,
    gate: Gate,
    shows: bool,
}

impl View for Hides {
    fn render(&self) -> Html<Self> {
        let gate = self.gate.clone();
        html! {
            button onclick=(|page: &mut Self| page.shows = !page.shows) {}
            @if self.shows {
                p { (self.cx.child("sum", async move |_| { gate.passed().await; Sum(1) })) }
            }
        }
    }
}

#[tokio::test]
async fn a_child_that_is_left_out_while_it_is_mounted_ends_and_is_mounted_anew() {
    let gate = Gate::shut();
    let inner = gate.clone();
    let mount = live(move |cx: Cx<Hides>| Hides { cx, gate: inner.clone(), shows: true });
    let server = Server::start(App::new().route("/", mount)).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    attach_to_nothing(&mut visitor).await;
    visitor.event(0, None).await;
    visitor.settled().await;
    server.until("the child has ended", |stats| stats.instances == 1).await;
    gate.open();
    visitor.event(0, None).await;
    let frame = visitor.frame().await;
    assert!(frame.contains("sum"), "it was ready at once: {frame}");
}

/// What all share, with a slow child inside.
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

#[tokio::test]
async fn a_slow_child_of_a_shared_view_comes_to_all_its_pages() {
    let gate = Gate::shut();
    let inner = gate.clone();
    let mount = live(move |cx: Cx<AroundPage>| {
        let gate = inner.clone();
        AroundPage(cx.shared("around", move |cx| Around(cx, gate)))
    });
    let server = Server::start(App::new().limits(short_grace()).route("/", mount)).await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        let mut visitor = Visitor::visit(server.address, "/").await;
        let [around, sum] = &Inner::all(&visitor)[..] else { panic!("a view in a view") };
        let sum = sum.clone();
        around.attached(&mut visitor).await;
        sum.attached(&mut visitor).await;
        pages.push((visitor, sum));
    }
    gate.open();
    for (visitor, sum) in &mut pages {
        let frame = sum.next(visitor).await;
        assert!(frame.to_string().contains("\"1\""), "{frame}");
        visitor.send("\"bye\"").await;
    }
    server.until("all is released", |stats| stats.instances == 0).await;
}

#[tokio::test]
async fn a_daemon_that_no_page_has_asked_for_may_take_its_time_too() {
    let gate = Gate::shut();
    let inner = gate.clone();
    let server = Server::start(App::new().limits(short_grace()).route("/", page!(Kind::Daemon, |_| Sum(0)))).await;
    server.handle.daemon("sum", async move |_| {
        inner.passed().await;
        Ok::<_, Error>(Sum(5))
    });
    let mut visitor = Visitor::visit(server.address, "/").await;
    let mut sum = attach_to_nothing(&mut visitor).await;
    gate.open();
    let frame = sum.next(&mut visitor).await;
    assert!(frame.to_string().contains("\"5\""), "{frame}");
}
