//! Who may speak to the views inside a page: the page whose root shows them now, as itself, and nobody else.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use axum::Extension;
use lanai::prelude::*;
use lanai::{App, Limits};
use serde_json::{Value, json};
use wire::raw::{Raw, text};
use wire::{Received, Server, Visitor};

use crate::views::short_grace;

/// Counts clicks, of all pages.
struct Score {
    clicks: Arc<AtomicU32>,
}

impl View for Score {
    fn render(&self) -> Html<Self> {
        let clicks = self.clicks.load(Ordering::Relaxed);
        html! { b { (clicks) } button onclick=(|score: &mut Self| { score.clicks.fetch_add(1, Ordering::Relaxed); }) {} }
    }
}

type Scores = Arc<AtomicU32>;

fn score(clicks: &Scores) -> impl FnOnce(Cx<Score>) -> Score + use<> {
    let clicks = clicks.clone();
    |_| Score { clicks }
}

/// What each kind of page shows of the score, until its first handler takes it away.
enum Shows {
    Shared(Shared<Score>),
    /// A child that lives on out of sight.
    Kept(Child<Score>),
    /// A child that ends out of sight.
    Child(Cx<Page>, Scores),
    /// A shared view inside a shared one.
    Inside(Shared<Stand>),
    /// What another view has made.
    Lent(Cx<Page>, Shared<Score>),
    Nothing,
}

struct Page {
    shows: Shows,
    visible: bool,
}

/// A shared view around a shared one, which its handler takes away.
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

/// Shows what it was given.
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

/// The numbers of the views inside a page, the outer ones first.
fn inside(data: &Value) -> Vec<String> {
    let Some(views) = data["c"].as_object() else { return Vec::new() };
    views.iter().flat_map(|(id, data)| [vec![id.clone()], inside(data)].concat()).collect()
}

async fn say(visitor: &mut Visitor, message: Value) {
    visitor.send(&message.to_string()).await;
}

/// Everything that was said before is handled when this is answered.
async fn heartbeat(visitor: &mut Visitor) -> Vec<String> {
    visitor.send("[]").await;
    let mut before = Vec::new();
    loop {
        match visitor.receive().await {
            Received::Text(text) if text == "[]" => return before,
            Received::Text(text) => before.push(text),
            other => panic!("{other:?} after {before:?}"),
        }
    }
}

/// Waits until the view has handled what it was sent.
async fn settled(server: &Server, visitor: &mut Visitor, events: u64) {
    server.until("the events are handled", |stats| stats.events >= events).await;
    heartbeat(visitor).await;
}

async fn attach_all(visitor: &mut Visitor, ids: &[String]) {
    for id in ids {
        say(visitor, json!([id, "attach", 0, 0])).await;
        let answer = visitor.receive().await;
        assert_eq!(answer, Received::Text(json!({ "attached": 0, "of": id }).to_string()));
    }
}

#[tokio::test]
async fn a_page_speaks_to_what_it_shows_and_no_longer_to_what_it_has_hidden() {
    for kind in ["shared", "kept", "child", "inside", "lent"] {
        let (server, scores) = serve(Limits::default()).await;
        let mut visitor = Visitor::visit(server.address, &format!("/{kind}")).await;
        let ids = inside(&visitor.boot.data);
        attach_all(&mut visitor, &ids).await;
        let score = ids.last().unwrap().clone();
        say(&mut visitor, json!([score, 1, 0, 0])).await;
        settled(&server, &mut visitor, 1).await;
        assert_eq!(scores.load(Ordering::Relaxed), 1, "{kind}");
        // The root hides it.
        visitor.event(0, None).await;
        settled(&server, &mut visitor, 2).await;
        let known = server.stats().refused_attaches;
        say(&mut visitor, json!([score, 2, 1, 0])).await;
        for id in &ids {
            say(&mut visitor, json!([id, "attach", 1, 1])).await;
        }
        say(&mut visitor, json!([score, 2, 1, 0])).await;
        let answers = heartbeat(&mut visitor).await;
        assert!(!answers.iter().any(|text| text.contains("attached") || text.contains("gone")), "{kind}: {answers:?}");
        assert_eq!(server.stats().refused_attaches, known + ids.len() as u64, "{kind}");
        // And shows it again: what was said meanwhile has had no effect.
        visitor.event(0, None).await;
        settled(&server, &mut visitor, 3).await;
        assert_eq!(scores.load(Ordering::Relaxed), 1, "{kind}");
        assert_eq!(server.stats().malformed_messages, 0, "{kind}: to say it was no violation");
    }
}

#[tokio::test]
async fn what_a_shared_view_hides_is_hidden_from_all_its_pages() {
    let (server, scores) = serve(Limits::default()).await;
    let mut alice = Visitor::visit(server.address, "/inside").await;
    let mut bob = Visitor::visit(server.address, "/inside").await;
    // Carol has the score from elsewhere too.
    let mut carol = Visitor::visit(server.address, "/shared").await;
    let ids = inside(&alice.boot.data);
    let (stand, score) = (&ids[0], &ids[1]);
    for visitor in [&mut alice, &mut bob] {
        attach_all(visitor, &ids).await;
    }
    attach_all(&mut carol, &ids[1..]).await;
    // The handler of the stand has the number of its slot: the score's are its own.
    say(&mut alice, json!([stand, 1, 0, 0])).await;
    settled(&server, &mut alice, 1).await;
    for visitor in [&mut alice, &mut bob] {
        say(visitor, json!([score, 1, 0, 0])).await;
        heartbeat(visitor).await;
    }
    say(&mut carol, json!([score, 1, 0, 0])).await;
    settled(&server, &mut carol, 2).await;
    assert_eq!((scores.load(Ordering::Relaxed), server.stats().events), (1, 2), "hers alone");
}

#[tokio::test]
async fn a_page_that_never_showed_a_view_cannot_attach_to_it() {
    let (server, scores) = serve(Limits::default()).await;
    let victim = Visitor::visit(server.address, "/shared").await;
    let score = inside(&victim.boot.data).pop().unwrap();
    let mut other = Visitor::visit(server.address, "/nothing").await;
    for _ in 0..3 {
        say(&mut other, json!([score, "attach", 0, 0])).await;
    }
    // Nor a root: that takes a socket of its own, and its secret.
    say(&mut other, json!([victim.boot.instance, "attach", 0, 0])).await;
    say(&mut other, json!([score, 1, 0, 0])).await;
    assert_eq!(heartbeat(&mut other).await, Vec::<String>::new());
    assert_eq!((scores.load(Ordering::Relaxed), server.stats().refused_attaches), (0, 4));
    // As the first of a socket, it does not work either.
    other.boot.instance = score;
    assert!(!matches!(other.attach().await, Received::Text(text) if text.contains("attached")));
}

#[tokio::test]
async fn a_page_is_one_viewer_however_often_it_attaches() {
    let (server, _) = serve(Limits { events_per_second: u32::MAX, ..short_grace() }).await;
    let visitor = Visitor::fetch(server.address, "/shared").await;
    let score = inside(&visitor.boot.data).pop().unwrap();
    let mut page = Raw::attach(&visitor).await;
    for _ in 0..500 {
        page.send(&text(&json!([score, "attach", 0, 0]).to_string())).await;
    }
    page.send(&text("[]")).await;
    while page.message().await != "[]" {}
    // Also on several sockets: the last one counts.
    let mut again = Raw::attach(&visitor).await;
    again.send(&text(&json!([score, "attach", 0, 0]).to_string())).await;
    while !again.message().await.contains(&score) {}
    drop((page, again));
    server.until("the page and what it showed expire", |stats| stats.instances == 0).await;
}

/// Holds its task up until the test says so: not even mail about the connection is looked at.
struct Stuck {
    go_on: Mutex<mpsc::Receiver<()>>,
    handled: u32,
}

impl View for Stuck {
    fn render(&self) -> Html<Self> {
        html! {
            b { (self.handled) }
            button onclick=(Self::wait) {}
            button onclick=(|stuck: &mut Self| stuck.handled += 1) {}
        }
    }
}

impl Stuck {
    fn wait(&mut self) {
        // The thread's other tasks go on elsewhere.
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
    // Hardly anything may wait that the program sends.
    let limits = Limits { mailbox: 2, events_per_second: u32::MAX, ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(mount))).await;
    let mut pages = Vec::new();
    for _ in 0..PAGES {
        let mut visitor = Visitor::visit(server.address, "/").await;
        let ids = inside(&visitor.boot.data);
        attach_all(&mut visitor, &ids).await;
        pages.push((visitor, ids[0].clone()));
    }
    let (first, stuck) = &mut pages[0];
    say(first, json!([stuck, 1, 0, 0])).await;
    for (visitor, stuck) in &mut pages[1..] {
        for _ in 0..200 {
            say(visitor, json!([stuck, 0])).await;
            say(visitor, json!([stuck, "attach", 0, 0])).await;
        }
        say(visitor, json!([stuck, 1, 0, 1])).await;
        heartbeat(visitor).await;
    }
    tell.send(()).unwrap();
    // All that they clicked is executed.
    server.until("all is handled", |stats| stats.events == PAGES as u64).await;
    assert_eq!(server.stats().instances, PAGES + 1);
}
