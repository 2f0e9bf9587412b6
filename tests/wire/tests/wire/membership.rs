//! Only a page whose root shows a view now can attach to it and send it events.
//!
//! The messages about hidden views here are those of an attacker: a page forgets a view that it no longer shows.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use axum::Extension;
use lanai::prelude::*;
use lanai::{App, Limits};
use serde_json::json;
use wire::raw::{Raw, text};
use wire::{Inner, Received, Server, Visitor};

use crate::views::short_grace;

/// Counts the clicks of all pages.
struct Score {
    clicks: Arc<AtomicU32>,
}

/// The handler of a [`Score`].
const COUNT: u32 = 0;

impl Score {
    fn count(&mut self) {
        self.clicks.fetch_add(1, Ordering::Relaxed);
    }
}

impl View for Score {
    fn render(&self) -> Html<Self> {
        let clicks = self.clicks.load(Ordering::Relaxed);
        html! { b { (clicks) } button onclick=(Self::count) {} }
    }
}

type Scores = Arc<AtomicU32>;

fn score(clicks: &Scores) -> impl FnOnce(Cx<Score>) -> Score + use<> {
    let clicks = clicks.clone();
    |_| Score { clicks }
}

/// How a page shows a score.
enum Shows {
    Shared(Shared<Score>),
    /// As a child that lives on while it is hidden.
    Kept(Child<Score>),
    /// As a child that ends when it is hidden.
    Child(Cx<Page>, Scores),
    /// In a shared view inside a shared view.
    Inside(Shared<Stand>),
    /// In a child, which did not create the score itself.
    Lent(Cx<Page>, Shared<Score>),
    Nothing,
}

/// The handler of a [`Page`] and of a [`Stand`], which hides the score and shows it again.
const TOGGLE: u32 = 0;

struct Page {
    shows: Shows,
    visible: bool,
}

/// A shared view around a shared score.
struct Stand {
    score: Shared<Score>,
    visible: bool,
}

impl View for Stand {
    fn render(&self) -> Html<Self> {
        html! {
            @if self.visible { (self.score) }
            button onclick=(|stand: &mut Self| stand.visible = !stand.visible) {}
        }
    }
}

/// Shows a score that another view has created.
struct Frame(Shared<Score>);

impl View for Frame {
    fn render(&self) -> Html<Self> {
        html! { figure { (self.0) } }
    }
}

impl Page {
    async fn mount(cx: Cx<Self>, Path(kind): Path<String>, Extension(scores): Extension<Scores>) -> Self {
        let shows =
            match kind.as_str() {
                "shared" => Shows::Shared(cx.shared("score", score(&scores))),
                "kept" => Shows::Kept(cx.child("score", score(&scores))),
                "child" => Shows::Child(cx, scores),
                "inside" => Shows::Inside(cx.shared("stand", |cx: Cx<Stand>| Stand {
                    score: cx.shared("score", score(&scores)),
                    visible: true,
                })),
                "lent" => {
                    let shared = cx.shared("score", score(&scores));
                    Shows::Lent(cx, shared)
                }
                _ => Shows::Nothing,
            };
        Self { shows, visible: true }
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(|page: &mut Self| page.visible = !page.visible) {}
            @if self.visible {
                @match &self.shows {
                    Shows::Shared(score) => { (score) }
                    Shows::Kept(score) => { (score) }
                    Shows::Child(cx, scores) => { (cx.child("score", score(scores))) }
                    Shows::Inside(stand) => { (stand) }
                    Shows::Lent(cx, score) => { (cx.child("frame", |_| Frame(score.clone()))) }
                    Shows::Nothing => {}
                }
            }
        }
    }
}

async fn serve(limits: Limits) -> (Server, Scores) {
    let scores = Scores::default();
    let pages = axum::Router::new().route("/{kind}", live(Page::mount)).layer(Extension(scores.clone()));
    (Server::start(App::new().limits(limits).merge(pages)).await, scores)
}

/// Waits until the server has executed this many events of all pages, and has answered this one.
async fn executed(server: &Server, visitor: &mut Visitor, events: u64) {
    server.until("the events are executed", |stats| stats.events >= events).await;
    visitor.heartbeat().await;
}

async fn attach_all(visitor: &mut Visitor, views: &[Inner]) {
    for view in views {
        view.attached(visitor).await;
    }
}

/// A message that attaches to a view for the first time.
fn attach(view: &Inner) -> Vec<u8> {
    text(&json!([view.id, "attach", 0, 0]).to_string())
}

#[tokio::test]
async fn a_page_speaks_to_what_it_shows_and_no_longer_to_what_it_has_hidden() {
    for kind in ["shared", "kept", "child", "inside", "lent"] {
        let (server, scores) = serve(Limits::default()).await;
        let mut visitor = Visitor::visit(server.address, &format!("/{kind}")).await;
        let mut views = Inner::all(&visitor);
        attach_all(&mut visitor, &views).await;
        let score = views.last_mut().unwrap();
        score.event(&mut visitor, COUNT).await;
        executed(&server, &mut visitor, 1).await;
        assert_eq!(scores.load(Ordering::Relaxed), 1, "{kind}");

        // Once the root has hidden the score, events and attaches are ignored.
        visitor.event(TOGGLE, None).await;
        executed(&server, &mut visitor, 2).await;
        let refused = server.stats().refused_attaches;
        score.event(&mut visitor, COUNT).await;
        for view in &views {
            view.attach(&mut visitor).await;
        }
        views.last_mut().unwrap().event(&mut visitor, COUNT).await;
        let answers = visitor.heartbeat().await;
        assert!(!answers.iter().any(|text| text.contains("attached") || text.contains("gone")), "{kind}: {answers:?}");
        assert_eq!(server.stats().refused_attaches, refused + views.len() as u64, "{kind}");

        // They have no effect later either, when the root shows the score again.
        visitor.event(TOGGLE, None).await;
        executed(&server, &mut visitor, 3).await;
        assert_eq!(scores.load(Ordering::Relaxed), 1, "{kind}");
        assert_eq!(server.stats().malformed_messages, 0, "{kind}: a page may send them before it knows what is hidden");
    }
}

#[tokio::test]
async fn what_a_shared_view_hides_is_hidden_from_all_its_pages() {
    let (server, scores) = serve(Limits::default()).await;
    let mut alice = Visitor::visit(server.address, "/inside").await;
    let mut bob = Visitor::visit(server.address, "/inside").await;
    // Carol's page shows the same score without the stand around it.
    let mut carol = Visitor::visit(server.address, "/shared").await;
    for visitor in [&mut alice, &mut bob, &mut carol] {
        let views = Inner::all(visitor);
        attach_all(visitor, &views).await;
    }
    let [mut stand, score] = Inner::all(&alice).try_into().unwrap();
    stand.event(&mut alice, TOGGLE).await;
    executed(&server, &mut alice, 1).await;
    for visitor in [&mut alice, &mut bob] {
        score.clone().event(visitor, COUNT).await;
        visitor.heartbeat().await;
    }
    score.clone().event(&mut carol, COUNT).await;
    executed(&server, &mut carol, 2).await;
    assert_eq!((scores.load(Ordering::Relaxed), server.stats().events), (1, 2), "only Carol's click counts");
}

#[tokio::test]
async fn a_page_that_never_showed_a_view_cannot_attach_to_it() {
    let (server, scores) = serve(Limits::default()).await;
    let victim = Visitor::visit(server.address, "/shared").await;
    let mut score = Inner::of(&victim);
    let mut other = Visitor::visit(server.address, "/nothing").await;
    for _ in 0..3 {
        score.attach(&mut other).await;
    }
    // The root of another page cannot be attached like a child: it needs a socket of its own and its secret.
    let root = Inner { id: victim.boot.instance.clone(), frames: 0, events: 0 };
    root.attach(&mut other).await;
    score.event(&mut other, COUNT).await;
    assert_eq!(other.heartbeat().await, Vec::<String>::new());
    assert_eq!((scores.load(Ordering::Relaxed), server.stats().refused_attaches), (0, 4));
    // The score cannot be attached like a root, as the first message on a socket.
    other.boot.instance = score.id;
    assert!(!matches!(other.attach().await, Received::Text(text) if text.contains("attached")));
}

#[tokio::test]
async fn a_page_is_one_viewer_however_often_it_attaches() {
    let (server, _) = serve(Limits { events_per_second: u32::MAX, ..short_grace() }).await;
    let visitor = Visitor::fetch(server.address, "/shared").await;
    let score = Inner::of(&visitor);
    let mut page = Raw::attach(&visitor).await;
    for _ in 0..500 {
        page.send(&attach(&score)).await;
    }
    page.send(&text("[]")).await;
    while page.message().await != "[]" {}
    // The same page on a second socket replaces the first.
    let mut again = Raw::attach(&visitor).await;
    again.send(&attach(&score)).await;
    while !again.message().await.contains(&score.id) {}
    drop((page, again));
    server.until("the page and the score expire", |stats| stats.instances == 0).await;
}

/// A view whose task the test can block, so that it does not even handle mail about connections.
struct Stuck {
    go_on: Mutex<mpsc::Receiver<()>>,
    handled: u32,
}

/// The handler of a [`Stuck`] that blocks until the test releases it.
const BLOCK: u32 = 0;

/// The handler of a [`Stuck`] that counts.
const COUNT_UP: u32 = 1;

impl View for Stuck {
    fn render(&self) -> Html<Self> {
        html! {
            b { (self.handled) }
            button onclick=(Self::block) {}
            button onclick=(|stuck: &mut Self| stuck.handled += 1) {}
        }
    }
}

impl Stuck {
    fn block(&mut self) {
        // The other tasks of this thread continue on another one.
        tokio::task::block_in_place(|| _ = self.go_on.lock().unwrap().recv());
    }
}

struct StuckPage(Shared<Stuck>);

impl View for StuckPage {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_pages_say_about_the_connection_ends_no_view() {
    const PAGES: usize = 8;
    let (tell, go_on) = mpsc::channel();
    let go_on = Arc::new(Mutex::new(Some(go_on)));
    let mount = move |cx: Cx<StuckPage>| {
        let go_on = go_on.clone();
        let take = move || Mutex::new(go_on.lock().unwrap().take().expect("it is mounted once"));
        async move { StuckPage(cx.shared("stuck", |_| Stuck { go_on: take(), handled: 0 })) }
    };
    // This limit is for messages of the program. Messages of pages must not count towards it.
    let limits = Limits { mailbox: 2, events_per_second: u32::MAX, ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(mount))).await;
    let mut pages = Vec::new();
    for _ in 0..PAGES {
        let mut visitor = Visitor::visit(server.address, "/").await;
        let stuck = Inner::of(&visitor);
        stuck.attached(&mut visitor).await;
        pages.push((visitor, stuck));
    }
    let (first, stuck) = &mut pages[0];
    stuck.event(first, BLOCK).await;
    for (visitor, stuck) in &mut pages[1..] {
        for _ in 0..200 {
            stuck.acknowledge(visitor).await;
            stuck.attach(visitor).await;
        }
        stuck.event(visitor, COUNT_UP).await;
        visitor.heartbeat().await;
    }
    tell.send(()).unwrap();
    server.until("all clicks are executed", |stats| stats.events == PAGES as u64).await;
    assert_eq!(server.stats().instances, PAGES + 1);
}
