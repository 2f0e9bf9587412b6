//! The life of an instance: it is mounted, attached, detached, attached again, and released.

use std::sync::Arc;
use std::time::Duration;

use lanai::{App, CloseReason, Cx, Html, Limits, View, html, live};
use serde_json::json;
use wire::{Frame, Received, Server, Socket, Visitor, get, op};

use crate::views::{Clicks, Closing, Listener, NUMBERS, Reasons, short_grace};

async fn clicks() -> Server {
    Server::start(App::new().route("/", live(Clicks::mount))).await
}

#[tokio::test]
async fn the_instance_that_rendered_the_html_is_the_one_attached_to() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Clicks::UP, None).await;
    assert_eq!(visitor.frame().await, Clicks::counted(1, 1));
    assert_eq!(server.stats().mounts, 1);
}

#[tokio::test]
async fn a_click_costs_twelve_bytes_up_and_sixteen_down() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for _ in 0..20 {
        visitor.event(Clicks::UP, None).await;
        assert!(visitor.frame().await.len() <= 16);
    }
    assert!(json!([visitor.events, visitor.frames, Clicks::UP]).to_string().len() <= 12);
}

#[tokio::test]
async fn frames_that_were_missed_are_sent_again_and_what_changed_meanwhile_follows() {
    let server = Server::start(App::new().route("/", live(Listener::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    server.handle.broker().publish(NUMBERS, 1).unwrap();
    // The page loses its socket before a frame arrives.
    server.until("a frame was sent", |stats| stats.frames == 1).await;
    visitor.cut();
    server.until("the page is without a socket", |stats| stats.detached == 1).await;
    server.handle.broker().publish(NUMBERS, 2).unwrap();
    server.handle.broker().publish(NUMBERS, 3).unwrap();

    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    assert_eq!(visitor.frame().await, Listener::heard_up_to(1));
    assert_eq!(visitor.frame().await, Listener::heard_up_to(3));
    assert_eq!(server.stats().mounts, 1);
}

/// A button that counts its clicks in its text and in the title of the page.
struct Titled(u32);

impl Titled {
    /// The handler of the button in the first HTML. A page that is sent everything again gets a new number for it.
    const CLICK: u32 = 0;
    /// The slot of the count. The handler of the button has slot 0.
    const COUNT: i64 = 1;

    fn click(&mut self, cx: &Cx<Self>) {
        self.0 += 1;
        cx.title(format!("{} clicks", self.0));
    }

    /// The frame that answers an event with a new count.
    fn clicked(event: u64, count: u32) -> String {
        let title = format!("{count} clicks");
        json!([event, op::set(Self::COUNT), count.to_string(), op::TITLE, title]).to_string()
    }
}

impl View for Titled {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(Self::click) { (self.0) } }
    }
}

/// The connection of a page that shows nothing of its view, although it has applied some frames. Such a page asks for
/// everything when it attaches.
struct Blank(Socket);

impl Blank {
    /// Attaches after `applied` frames. The server has executed events up to `executed`.
    async fn attach(visitor: &mut Visitor, applied: i64, executed: u64) -> Self {
        visitor.cut();
        let mut socket = Socket::open(visitor.address).await;
        socket.send(&visitor.boot.attach(&visitor.page, -1 - applied)).await;
        assert_eq!(socket.receive().await, Received::Text(json!({ "attached": executed }).to_string()));
        Self(socket)
    }

    async fn frame(&mut self) -> String {
        let Received::Text(text) = self.0.receive().await else { panic!("the socket ended") };
        text
    }

    /// Sends an event, which acknowledges `frames` frames.
    async fn event(&mut self, number: u64, frames: u64, handler: u32) {
        self.0.send(&json!([number, frames, handler]).to_string()).await;
    }
}

/// A frame with everything that a view shows.
struct Everything(Frame);

impl Everything {
    async fn receive(blank: &mut Blank) -> Self {
        Self(Frame::parse(&blank.frame().await))
    }

    /// The number of the only handler, which is in the sync at the end of the frame.
    fn handler(&self) -> u32 {
        let sync = self.0.argument(op::SYNC).and_then(|sync| sync.as_array()).expect("a sync");
        let [frames, next, handler] = &sync[..] else { panic!("one handler was expected, not {sync:?}") };
        assert_eq!((frames, next.as_u64()), (&json!(1), handler.as_u64().map(|handler| handler + 1)));
        handler.as_u64().and_then(|handler| handler.try_into().ok()).expect("a number")
    }
}

/// A page that does not show what it should is sent everything by the same instance. No event, state or message is lost
/// or doubled by that.
#[tokio::test]
async fn a_blank_page_is_told_all_again_and_what_it_was_to_do_beside() {
    let server = Server::start(App::new().route("/", live(async |_: Cx<Titled>| Titled(0)))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Titled::CLICK, None).await;
    assert_eq!(visitor.frame().await, Titled::clicked(1, 1));
    // The page cannot apply the second frame, so that frame does not count.
    visitor.event(Titled::CLICK, None).await;
    visitor.frame().await;
    let template = 0;
    let everything = [
        (op::NEED, json!(op::EXTRAS)),
        (op::DEFINE, json!([template, [[["@click", "*"]], "<button data-l></button>"]])),
        (op::ROOT, json!([template, "2"])),
        (op::TITLE, json!("2 clicks")),
    ];
    // The frame with everything may be lost as well.
    for applied in [1, 0] {
        let all = Everything::receive(&mut Blank::attach(&mut visitor, applied, 2).await).await;
        assert_eq!(all.0.acknowledged, 2);
        assert_eq!(all.0.operations.split_last().expect("a sync").1, everything);
        assert_ne!(all.handler(), Titled::CLICK, "each frame with everything has new numbers of handlers");
    }
    // A click on what the page showed before is executed if the page does not know the new number yet.
    let mut blank = Blank::attach(&mut visitor, 0, 2).await;
    blank.event(3, 0, Titled::CLICK).await;
    assert_eq!(Everything::receive(&mut blank).await.0.acknowledged, 2);
    assert_eq!(blank.frame().await, Titled::clicked(3, 3));
    // Once the page knows the new number, the old one is refused.
    blank.event(4, 2, Titled::CLICK).await;
    assert_eq!(blank.frame().await, "[4]");
    assert_eq!(server.stats().refused_events, 1);
    // If everything is sent twice, and the page has only applied the first frame, its click is executed too.
    let first = Everything::receive(&mut Blank::attach(&mut visitor, 2, 4).await).await.handler();
    let mut blank = Blank::attach(&mut visitor, 1, 4).await;
    assert_ne!(Everything::receive(&mut blank).await.handler(), first);
    blank.event(5, 0, first).await;
    assert_eq!(blank.frame().await, Titled::clicked(5, 4));
    // A page with another name gets nothing, and ends nothing.
    let mut other = Socket::open(server.address).await;
    other.send(&visitor.boot.attach("another", -1)).await;
    assert!(matches!(other.receive().await, Received::Text(text) if text.contains("gone")));
    assert_eq!(server.stats().mounts, 1);
}

#[tokio::test]
async fn a_reconnect_within_the_grace_costs_less_than_a_hundred_bytes() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Clicks::UP, None).await;
    visitor.settled().await;
    visitor.cut();
    server.until("the page is without a socket", |stats| stats.detached == 1).await;
    let Received::Text(answer) = visitor.attach().await else { panic!("no answer") };
    let attach = visitor.boot.attach(&visitor.page, visitor.frames);
    assert!(attach.len() + answer.len() < 100, "{attach} {answer}");
}

#[tokio::test]
async fn an_event_that_is_sent_again_is_executed_once() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Clicks::UP, None).await;
    server.until("the event was executed", |stats| stats.events == 1).await;
    // The acknowledgement is lost with the socket.
    visitor.cut();
    server.until("the page is without a socket", |stats| stats.detached == 1).await;
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":1}"#.into()));
    assert_eq!(visitor.frame().await, Clicks::counted(1, 1));
    // The page sends the event again, and then the next one.
    visitor.events = 0;
    visitor.event(Clicks::UP, None).await;
    visitor.event(Clicks::UP, None).await;
    assert_eq!(*visitor.settled().await.last().unwrap(), Clicks::counted(2, 2));
    assert_eq!((server.stats().events, server.stats().repeated_events), (2, 1));
}

#[tokio::test]
async fn messages_that_came_before_the_socket_are_in_its_first_frame() {
    let server = Server::start(App::new().route("/", live(Listener::mount))).await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    for number in 1..=10 {
        server.handle.broker().publish(NUMBERS, number).unwrap();
    }
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    assert_eq!(visitor.frame().await, Listener::heard_up_to(10));
    // One rendering for the first HTML, and one for all ten messages.
    assert_eq!((server.stats().frames, server.stats().renders), (1, 2));
}

#[tokio::test]
async fn a_newer_socket_of_the_same_page_takes_the_place_of_the_older() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let mut older = visitor.socket.take().unwrap();
    visitor.attach().await;
    assert!(matches!(older.receive().await, Received::Closed(1000, _)));
    visitor.event(Clicks::UP, None).await;
    assert_eq!(visitor.frame().await, Clicks::counted(1, 1));
}

#[tokio::test]
async fn a_copy_of_the_page_in_another_tab_is_told_to_mount_its_own() {
    let server = clicks().await;
    let mut first = Visitor::visit(server.address, "/").await;
    let mut copy = Visitor::fetch(server.address, "/").await;
    copy.boot = first.boot.clone();
    assert_eq!(copy.attach().await, Received::Text(r#"{"gone":"another page has this view"}"#.into()));
    first.event(Clicks::UP, None).await;
    assert_eq!(first.frame().await, Clicks::counted(1, 1));
}

fn closing(reasons: &Arc<Reasons>, limits: Limits) -> App {
    let reasons = reasons.clone();
    let mount = move |_: Cx<Closing>| {
        let view = Closing(reasons.clone());
        async { view }
    };
    App::new().limits(limits).route("/", live(mount))
}

#[tokio::test]
async fn a_page_that_never_comes_expires() {
    let reasons = Arc::new(Reasons::default());
    let server = Server::start(closing(&reasons, short_grace())).await;
    get(server.address, "/").await;
    server.until("the view is gone", |stats| stats.instances == 0 && stats.mounts == 1).await;
    assert_eq!(reasons.all(), [CloseReason::Expired]);
}

#[tokio::test]
async fn a_page_that_says_goodbye_is_released_at_once() {
    let reasons = Arc::new(Reasons::default());
    let server = Server::start(closing(&reasons, Limits::default())).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.send(r#""bye""#).await;
    server.until("the view is gone", |stats| stats.instances == 0).await;
    assert_eq!(reasons.all(), [CloseReason::Left]);
}

#[tokio::test]
async fn a_view_that_closes_itself_tells_its_page() {
    let reasons = Arc::new(Reasons::default());
    let server = Server::start(closing(&reasons, Limits::default())).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Closing::CLOSE, None).await;
    visitor.only_acknowledged().await;
    assert_eq!(visitor.frame().await, json!([1, op::CLOSE, 0]).to_string());
    assert!(matches!(visitor.receive().await, Received::Closed(1000, _)));
    assert_eq!(reasons.all(), [CloseReason::Closed]);
    assert!(matches!(visitor.attach().await, Received::Text(text) if text.starts_with(r#"{"gone""#)));
}

#[tokio::test]
async fn of_too_many_views_without_a_page_the_oldest_go_first() {
    let reasons = Arc::new(Reasons::default());
    let server = Server::start(closing(&reasons, Limits { detached: 2, ..Limits::default() })).await;
    let mut visitors = Vec::new();
    for _ in 0..4 {
        visitors.push(Visitor::fetch(server.address, "/").await);
    }
    server.until("two are left", |stats| stats.instances == 2).await;
    assert_eq!(reasons.all(), [CloseReason::Evicted; 2]);
    assert!(matches!(visitors[0].attach().await, Received::Text(text) if text.starts_with(r#"{"gone""#)));
    assert_eq!(visitors[3].attach().await, Received::Text(r#"{"attached":0}"#.into()));
}

#[tokio::test]
async fn visitors_beyond_the_limit_get_a_503() {
    let server =
        Server::start(App::new().limits(Limits { instances: 1, ..Limits::default() }).route("/", live(Clicks::mount)))
            .await;
    let _first = Visitor::visit(server.address, "/").await;
    assert_eq!(get(server.address, "/").await.status(), 503);
}

#[tokio::test]
async fn ten_thousand_views_leave_nothing_behind() {
    let limits = Limits { grace: Duration::ZERO, ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(Listener::mount))).await;
    for _ in 0..100 {
        let pages = (0..100).map(|_| get(server.address, "/"));
        futures_util::future::join_all(pages).await;
    }
    server.until("all are gone", |stats| stats.mounts == 10_000 && stats.instances == 0 && stats.detached == 0).await;
    assert_eq!(server.stats().subscriptions, 0);
    assert!(server.handle.broker().topics().is_empty());
}

#[tokio::test]
async fn a_shutdown_tells_the_pages_and_the_views() {
    let reasons = Arc::new(Reasons::default());
    let server = Server::start(closing(&reasons, Limits::default())).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    server.handle.shut_down();
    assert!(matches!(visitor.receive().await, Received::Closed(1012, _)));
    assert_eq!(reasons.all(), [CloseReason::Shutdown]);
}
