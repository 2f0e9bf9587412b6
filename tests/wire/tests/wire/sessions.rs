//! When a session or a person ends, their pages end at once, on all nodes, and no later event of theirs is executed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Extension;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::Redirect;
use axum::routing::get as route;
use lanai::prelude::*;
use lanai::{Broker, CloseReason, Handle, Limits, Shared};
use tokio::sync::Notify;
use wire::{Inner, Received, Server, Visitor, get};

/// The sessions that have ended, and what the views of the program have done.
#[derive(Default)]
struct Program {
    ended: Mutex<HashSet<String>>,
    clicks: Mutex<Vec<&'static str>>,
    reasons: Mutex<Vec<CloseReason>>,
    /// Notified when a mount of `/slow/…` or the handler [`Page::WAIT`] begins.
    begun: Notify,
    /// Releases them.
    go_on: Notify,
}

impl Program {
    fn clicks(&self) -> Vec<&'static str> {
        self.clicks.lock().unwrap().clone()
    }
}

/// A session, whose name is the end of the path. The extractor redirects to the login if it has ended.
struct Session(String);

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Redirect> {
        let Some(program) = parts.extensions.get::<Arc<Program>>() else { return Err(Redirect::to("/nowhere")) };
        let name = parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
        if program.ended.lock().unwrap().contains(&name) { Err(Redirect::to("/login")) } else { Ok(Self(name)) }
    }
}

struct Page {
    program: Arc<Program>,
    wall: Option<Shared<Wall>>,
}

impl Page {
    /// The handler that notes a click.
    const CLICK: u32 = 0;
    /// The handler that waits until the test releases it.
    const WAIT: u32 = 1;

    async fn mount(cx: Cx<Self>, Session(session): Session, Extension(program): Extension<Arc<Program>>) -> Self {
        cx.session(&session);
        cx.person(session.split('-').next().unwrap_or_default());
        let wall = cx.shared("wall", |_| Wall { program: program.clone() });
        Self { program, wall: Some(wall) }
    }

    async fn slow(cx: Cx<Self>, Session(session): Session, Extension(program): Extension<Arc<Program>>) -> Self {
        program.begun.notify_one();
        program.go_on.notified().await;
        cx.session(session);
        Self { program, wall: None }
    }

    async fn wait(&mut self) {
        self.program.begun.notify_one();
        self.program.go_on.notified().await;
    }

    fn click(&mut self) {
        self.program.clicks.lock().unwrap().push("page");
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::click) { "click" }
            button onclick=(Self::wait) { "wait" }
            @if let Some(wall) = &self.wall { (wall) }
        }
    }

    fn closed(&mut self, reason: CloseReason) {
        self.program.reasons.lock().unwrap().push(reason);
    }
}

/// A view that all pages share.
struct Wall {
    program: Arc<Program>,
}

impl Wall {
    /// The handler that notes a click.
    const CLICK: u32 = 0;
}

impl View for Wall {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|wall: &mut Self| wall.program.clicks.lock().unwrap().push("wall")) { "click" } }
    }
}

async fn log_out(
    Path(session): Path<String>,
    Extension(program): Extension<Arc<Program>>,
    handle: Handle,
) -> Result<&'static str> {
    program.ended.lock().unwrap().insert(session.clone());
    handle.end_session(session)?;
    Ok("goodbye")
}

fn app(program: &Arc<Program>) -> App {
    let pages = axum::Router::new()
        .route("/page/{session}", live(Page::mount))
        .route("/slow/{session}", live(Page::slow))
        .route("/log-out/{session}", route(log_out))
        .layer(Extension(program.clone()));
    App::new().merge(pages)
}

/// Expects the page to be told that its session has ended, and its socket to be closed.
async fn is_told(visitor: &mut Visitor) {
    assert_eq!(visitor.receive().await, Received::Text(r#"{"gone":"the session has ended"}"#.into()));
    assert_eq!(visitor.receive().await, Received::Closed(1000, "the session has ended".into()));
}

/// Clicks, and waits for the answer.
async fn click(visitor: &mut Visitor) {
    visitor.event(Page::CLICK, None).await;
    visitor.settled().await;
}

/// Attaches again, and expects to be told that the view is gone.
async fn is_gone(visitor: &mut Visitor) {
    assert!(matches!(visitor.attach().await, Received::Text(text) if text.starts_with(r#"{"gone""#)));
}

#[tokio::test]
async fn every_page_of_a_session_ends_at_once_and_asks_again() {
    let program = Arc::new(Program::default());
    let server = Server::start(app(&program)).await;
    let mut pages = Vec::new();
    for session in ["ann-1", "ann-1", "ann-2"] {
        pages.push(Visitor::visit(server.address, &format!("/page/{session}")).await);
    }
    // One page is offline when the session ends.
    let mut offline = Visitor::visit(server.address, "/page/ann-1").await;
    offline.cut();
    server.until("it is offline", |stats| stats.detached == 1).await;

    assert_eq!(get(server.address, "/log-out/ann-1").await.body(), "goodbye");
    for page in &mut pages[..2] {
        is_told(page).await;
    }
    server.until("they have ended", |stats| stats.instances == 2).await;
    assert_eq!(*program.reasons.lock().unwrap(), [CloseReason::SessionEnded; 3]);
    is_gone(&mut offline).await;
    let again = get(server.address, "/page/ann-1").await;
    assert_eq!((again.status().as_u16(), &again.headers()["location"]), (303, &"/login".parse().unwrap()));

    // Another session of the same person continues until the person ends. The names of sessions and persons are
    // separate: `ann` is a person here, not a session.
    click(&mut pages[2]).await;
    server.handle.end_person("bob").unwrap();
    server.handle.end_session("ann").unwrap();
    click(&mut pages[2]).await;
    server.handle.end_person("ann").unwrap();
    is_told(&mut pages[2]).await;
}

#[tokio::test]
async fn no_event_that_comes_after_the_end_is_executed() {
    let program = Arc::new(Program::default());
    let server = Server::start(app(&program)).await;
    let mut page = Visitor::visit(server.address, "/page/ann-1").await;
    let mut wall = Inner::of(&page);
    wall.attached(&mut page).await;
    click(&mut page).await;
    wall.event(&mut page, Wall::CLICK).await;
    wall.next(&mut page).await;
    assert_eq!(program.clicks(), ["page", "wall"]);

    server.handle.end_session("ann-1").unwrap();
    wall.event(&mut page, Wall::CLICK).await;
    page.event(Page::CLICK, None).await;
    // The message that the session has ended may be lost: a socket that is closed with unread data is reset.
    page.receive_until_closed().await;
    // The wall still runs for others, and has handled all that it was sent.
    let mut other = Visitor::visit(server.address, "/page/bob-1").await;
    click(&mut other).await;
    assert_eq!(program.clicks(), ["page", "wall", "page"]);
}

#[tokio::test]
async fn a_page_is_told_at_once_also_while_a_handler_takes_its_time() {
    let program = Arc::new(Program::default());
    let server = Server::start(app(&program)).await;
    let mut page = Visitor::visit(server.address, "/page/ann-1").await;
    page.event(Page::WAIT, None).await;
    program.begun.notified().await;
    server.handle.end_session("ann-1").unwrap();
    is_told(&mut page).await;
    // It cannot attach again, although its handler is still running.
    is_gone(&mut page).await;
    assert_eq!(server.stats().instances, 2);
    program.go_on.notify_one();
    server.until("only the wall is left", |stats| stats.instances == 1).await;
    assert_eq!(*program.reasons.lock().unwrap(), [CloseReason::SessionEnded]);
}

#[tokio::test]
async fn a_page_that_is_being_mounted_when_its_session_ends_is_not_shown() {
    let program = Arc::new(Program::default());
    let server = Server::start(app(&program)).await;
    let address = server.address;
    let mounting = tokio::spawn(async move { get(address, "/slow/ann-1?tab=2").await });
    program.begun.notified().await;
    // The extractor has found the session, but the mount has not called `cx.session` yet.
    get(server.address, "/log-out/ann-1").await;
    program.go_on.notify_one();
    let answer = mounting.await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"./ann-1?tab=2".parse().unwrap()));
    assert_eq!(server.stats().instances, 0);
    // A new request is checked again, and after another login the page is mounted.
    assert_eq!(get(server.address, "/slow/ann-1?tab=2").await.headers()["location"], "/login");
    program.ended.lock().unwrap().clear();
    program.go_on.notify_one();
    assert_eq!(get(server.address, "/slow/ann-1").await.status(), 200);
}

#[tokio::test]
async fn an_end_reaches_the_pages_of_all_nodes() {
    let (program, broker) = (Arc::new(Program::default()), Broker::new());
    let here = Server::start(app(&program).broker(broker.clone())).await;
    let there = Server::start(app(&program).broker(broker)).await;
    let mut pages =
        [Visitor::visit(here.address, "/page/ann-1").await, Visitor::visit(there.address, "/page/ann-1").await];
    let mut other = Visitor::visit(there.address, "/page/bob-1").await;
    here.handle.end_session("ann-1").unwrap();
    for page in &mut pages {
        is_told(page).await;
    }
    click(&mut other).await;
    assert_eq!(
        (here.stats().subscriptions, there.stats().subscriptions),
        (1, 1),
        "each node subscribes to the ends of sessions"
    );
}

#[tokio::test]
async fn a_session_and_a_person_have_only_so_many_pages() {
    let program = Arc::new(Program::default());
    let limits = Limits { instances_per_session: 2, instances_per_person: 3, ..Limits::default() };
    let server = Server::start(app(&program).limits(limits)).await;
    let mut pages = Vec::new();
    for (session, status) in
        [("ann-1", 200), ("ann-1", 200), ("ann-1", 429), ("ann-2", 200), ("ann-3", 429), ("bob-1", 200)]
    {
        let page = get(server.address, &format!("/page/{session}")).await;
        assert_eq!(page.status(), status, "{session}");
        assert_eq!(status == 429, page.body().contains("You have too many pages open"), "{}", page.body());
        pages.push(page);
    }
    assert_eq!(server.stats().turned_away, 2);
    server.handle.end_session("ann-1").unwrap();
    server.until("they have ended", |stats| stats.instances == 3).await;
    assert_eq!(get(server.address, "/page/ann-1").await.status(), 200);
}
