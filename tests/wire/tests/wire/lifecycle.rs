//! Mount, attach, lose, come back, leave.

use std::sync::Arc;
use std::time::Duration;

use lanai::{App, CloseReason, Cx, Limits, live};
use wire::{Received, Server, Visitor, get};

use crate::views::{Clicks, Closing, Listener, NUMBERS, Reasons, short_grace};

async fn clicks() -> Server {
    Server::start(App::new().route("/", live(Clicks::mount))).await
}

#[tokio::test]
async fn the_instance_that_rendered_the_html_is_the_one_attached_to() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(0, None).await;
    assert_eq!(visitor.frame().await, r#"[1,0,"1"]"#);
    assert_eq!(server.stats().mounts, 1);
}

#[tokio::test]
async fn a_click_costs_twelve_bytes_up_and_sixteen_down() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for _ in 0..20 {
        visitor.event(0, None).await;
        assert!(visitor.frame().await.len() <= 16);
    }
    assert!(format!("[{},{},0]", visitor.events, visitor.frames).len() <= 12);
}

#[tokio::test]
async fn frames_that_were_missed_are_sent_again_and_what_changed_meanwhile_follows() {
    let server = Server::start(App::new().route("/", live(Listener::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    server.handle.broker().publish(NUMBERS, 1).unwrap();
    // A frame is sent, and the page loses its socket before it sees it.
    server.until("a frame was sent", |stats| stats.frames == 1).await;
    visitor.cut();
    server.until("the page is without a socket", |stats| stats.detached == 1).await;
    server.handle.broker().publish(NUMBERS, 2).unwrap();
    server.handle.broker().publish(NUMBERS, 3).unwrap();

    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    assert_eq!(visitor.frame().await, r#"[0,0,"00001",4,"00001"]"#);
    assert_eq!(visitor.frame().await, r#"[0,0,"00003",4,"00003"]"#);
    assert_eq!(server.stats().mounts, 1);
}

/// A page that does not show what it should is told all by the same instance: no event, no state and no message is lost or doubled by it.
#[tokio::test]
async fn a_blank_page_is_told_all_again_and_what_it_was_to_do_beside() {
    struct Page(u32);
    impl Page {
        fn click(&mut self, cx: &Cx<Self>) {
            self.0 += 1;
            cx.title(format!("{} clicks", self.0));
        }
    }
    impl lanai::View for Page {
        fn render(&self) -> lanai::Html<Self> {
            lanai::html! { button onclick=(Self::click) { (self.0) } }
        }
    }
    let server = Server::start(App::new().route("/", live(async |_: Cx<Page>| Page(0)))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(0, None).await;
    assert_eq!(visitor.frame().await, r#"[1,4,"1",-2,"1 clicks"]"#);
    visitor.event(0, None).await;
    // The second frame cannot be applied: it counts as not seen.
    visitor.frame().await;
    let blank = |visitor: &Visitor, applied: i64| visitor.boot.attach(&visitor.page, -1 - applied);
    let all = r#"[2,-14,2,-1,[0,[[["@click","*"]],"<button data-l></button>"]],-7,[0,"2"],-2,"2 clicks",-8,[1,2,1]]"#;
    for applied in [1, 0] {
        // The answer may be lost as well.
        visitor.cut();
        let mut socket = wire::Socket::open(server.address).await;
        socket.send(&blank(&visitor, applied)).await;
        assert_eq!(socket.receive().await, Received::Text(r#"{"attached":2}"#.into()));
        let Received::Text(frame) = socket.receive().await else { panic!("the socket ended") };
        assert_eq!(with_any_handler(&frame), with_any_handler(all));
    }
    // A click on what the page showed before it knows the new numbers is a click.
    visitor.cut();
    let mut socket = wire::Socket::open(server.address).await;
    socket.send(&blank(&visitor, 0)).await;
    assert_eq!(socket.receive().await, Received::Text(r#"{"attached":2}"#.into()));
    socket.send("[3,0,0]").await;
    let Received::Text(all) = socket.receive().await else { panic!("the socket ended") };
    assert!(all.starts_with("[2,"), "{all}");
    let Received::Text(clicked) = socket.receive().await else { panic!("the socket ended") };
    assert_eq!(clicked, r#"[3,4,"3",-2,"3 clicks"]"#);
    // Afterwards it is refused.
    socket.send("[4,2,0]").await;
    assert_eq!(socket.receive().await, Received::Text("[4]".into()));
    assert_eq!(server.stats().refused_events, 1);
    // So it is on a page that is told all twice in a row, and has applied the first of these: that has its numbers.
    let mut pages = Vec::new();
    for applied in [2, 1] {
        visitor.cut();
        drop(std::mem::replace(&mut socket, wire::Socket::open(server.address).await));
        socket.send(&blank(&visitor, applied)).await;
        assert_eq!(socket.receive().await, Received::Text(r#"{"attached":4}"#.into()));
        let Received::Text(all) = socket.receive().await else { panic!("the socket ended") };
        pages.push(all);
    }
    // A frame ends with the numbers of its handlers.
    let number = |all: &str| all.trim_end_matches(']').rsplit(',').next().unwrap().to_owned();
    assert_ne!(number(&pages[0]), number(&pages[1]));
    socket.send(&format!("[5,0,{}]", number(&pages[0]))).await;
    let Received::Text(clicked) = socket.receive().await else { panic!("the socket ended") };
    assert_eq!(clicked, r#"[5,4,"4",-2,"4 clicks"]"#);
    // Somebody with another name gets nothing, and ends nothing.
    let mut other = wire::Socket::open(server.address).await;
    other.send(&visitor.boot.attach("another", -1)).await;
    assert!(matches!(other.receive().await, Received::Text(text) if text.contains("gone")));
    assert_eq!(server.stats().mounts, 1);
}

/// Handler numbers go on with each rendering of all.
fn with_any_handler(frame: &str) -> &str {
    frame.rsplit_once("-8,").map_or(frame, |(before, _)| before)
}

#[tokio::test]
async fn a_reconnect_within_the_grace_costs_less_than_a_hundred_bytes() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(0, None).await;
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
    visitor.event(0, None).await;
    server.until("the event was executed", |stats| stats.events == 1).await;
    // The page did not see the acknowledgement.
    visitor.cut();
    server.until("the page is without a socket", |stats| stats.detached == 1).await;
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":1}"#.into()));
    assert_eq!(visitor.frame().await, r#"[1,0,"1"]"#);
    visitor.send("[1,1,0]").await;
    visitor.send("[2,1,0]").await;
    visitor.events = 2;
    assert_eq!(visitor.settled().await.last().unwrap(), r#"[2,0,"2"]"#);
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
    assert_eq!(visitor.frame().await, r#"[0,0,"00010",4,"00010"]"#);
    // One rendering for the first HTML, and one for all ten.
    assert_eq!((server.stats().frames, server.stats().renders), (1, 2));
}

#[tokio::test]
async fn a_newer_socket_of_the_same_page_takes_the_place_of_the_older() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let mut older = visitor.socket.take().unwrap();
    visitor.attach().await;
    assert!(matches!(older.receive().await, Received::Closed(1000, _)));
    visitor.event(0, None).await;
    assert_eq!(visitor.frame().await, r#"[1,0,"1"]"#);
}

#[tokio::test]
async fn a_copy_of_the_page_in_another_tab_is_told_to_mount_its_own() {
    let server = clicks().await;
    let mut first = Visitor::visit(server.address, "/").await;
    let mut copy = Visitor::fetch(server.address, "/").await;
    copy.boot = first.boot.clone();
    assert_eq!(copy.attach().await, Received::Text(r#"{"gone":"another page has this view"}"#.into()));
    first.event(0, None).await;
    assert_eq!(first.frame().await, r#"[1,0,"1"]"#);
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
    visitor.event(0, None).await;
    assert_eq!(visitor.frame().await, "[1]");
    assert_eq!(visitor.frame().await, "[1,-5,0]");
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
