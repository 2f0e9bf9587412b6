//! One socket serves one page after another.

use std::sync::Arc;
use std::time::Duration;

use lanai::prelude::*;
use lanai::{CloseReason, Limits};
use wire::{Received, Server, Visitor};

use crate::views::{Clicks, Closing, Reasons};

const NEWS: Topic<u32> = Topic::new("news");

/// Shows its name with each number.
struct Named {
    name: &'static str,
    number: u32,
    inner: Option<Child<Named>>,
}

impl Named {
    fn mount(name: &'static str) -> impl Fn(Cx<Self>) -> Self + Clone + Send + Sync + 'static {
        move |cx| {
            cx.subscribe(NEWS, Self::received);
            Self { name, number: 0, inner: None }
        }
    }

    fn around(cx: Cx<Self>) -> Self {
        let inner = cx.child("inner", Self::mount("inner"));
        Self { name: "outer", number: 0, inner: Some(inner) }
    }

    fn received(&mut self, number: &u32) {
        self.number = *number;
    }
}

impl View for Named {
    fn render(&self) -> Html<Self> {
        html! {
            p { (format!("{} {}", self.name, self.number)) }
            @if let Some(inner) = &self.inner { (inner) }
        }
    }
}

fn app() -> App {
    App::new()
        .route("/one", live(Named::mount("one")))
        .route("/two", live(Named::mount("two")))
        .route("/around", live(Named::around))
        .route("/clicks", live(Clicks::mount))
}

#[tokio::test]
async fn the_page_before_ends_and_the_next_one_works_on_the_same_socket() {
    let reasons = Arc::new(Reasons::default());
    let closing = reasons.clone();
    let app = app().route("/closing", live(move |_: Cx<Closing>| Closing(closing.clone())));
    let server = Server::start(app).await;
    let mut visitor = Visitor::visit(server.address, "/closing").await;
    assert_eq!(visitor.navigate("/clicks").await, Received::Text(r#"{"attached":0}"#.into()));
    server.until("the view before has ended", |stats| stats.instances == 1).await;
    assert_eq!(reasons.all(), [CloseReason::Left]);
    visitor.event(Clicks::UP, None).await;
    assert_eq!(visitor.frame().await, Clicks::counted(1, 1));
    // A page that comes back is another one.
    assert_eq!(visitor.navigate("/clicks").await, Received::Text(r#"{"attached":0}"#.into()));
    visitor.event(Clicks::UP, None).await;
    assert_eq!(visitor.frame().await, Clicks::counted(1, 1));
    assert_eq!(server.stats().mounts, 3);
    // The last one is attached to again when the socket is lost.
    visitor.cut();
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":1}"#.into()));
}

#[tokio::test]
async fn after_the_answer_nothing_comes_from_the_page_before_however_busy_it_is() {
    let server = Server::start(app()).await;
    let broker = server.handle.broker().clone();
    let publisher = tokio::spawn(async move {
        for number in 1.. {
            broker.publish(NEWS, number).unwrap();
            tokio::task::yield_now().await;
        }
    });
    let mut visitor = Visitor::visit(server.address, "/around").await;
    for round in 0..40 {
        let (path, name) = [("/one", "one"), ("/two", "two"), ("/around", "inner")][round % 3];
        assert_eq!(visitor.navigate(path).await, Received::Text(r#"{"attached":0}"#.into()));
        if name == "inner" {
            let number = visitor.boot.data["c"].as_object().unwrap().keys().next().unwrap().clone();
            visitor.send(&format!(r#"["{number}","attach",0,0]"#)).await;
        }
        for _ in 0..3 {
            let Received::Text(text) = visitor.receive().await else { panic!("the connection has ended") };
            // A text that grows is not sent whole, and a view before would send its name.
            let others = ["one", "two", "inner"].into_iter().filter(|other| *other != name);
            assert!(others.clone().all(|other| !text.contains(other)), "{name}: {text}");
            visitor.send(&visitor.frames.to_string()).await;
        }
    }
    publisher.abort();
    server.until("only the last page is left", |stats| stats.instances == 1 || stats.instances == 2).await;
}

#[tokio::test]
async fn who_navigates_to_a_page_that_is_not_here_is_told_so_and_has_left_the_one_before() {
    let server = Server::start(app()).await;
    for forge in [|attach: &str| attach.replace("\",\"", "x\",\""), |attach: &str| attach.replacen('"', "\"9", 1)] {
        let mut visitor = Visitor::visit(server.address, "/one").await;
        let next = Visitor::fetch(server.address, "/two").await;
        visitor.send(&forge(&next.boot.attach(&next.page, 0))).await;
        let Received::Text(answer) = visitor.receive().await else { panic!("no answer") };
        assert!(answer.starts_with(r#"{"gone""#) || answer.starts_with(r#"{"reload""#), "{answer}");
        assert!(matches!(visitor.receive_until_closed().await, Received::Closed(1000, _)));
        // The page that was fetched was not taken by anyone: its own page attaches.
        let mut next = next;
        assert_eq!(next.attach().await, Received::Text(r#"{"attached":0}"#.into()));
        next.send(r#""bye""#).await;
        server.until("both have ended", |stats| stats.instances == 0).await;
    }
}

#[tokio::test]
async fn a_root_is_attached_once_on_a_socket() {
    let server = Server::start(app()).await;
    let mut visitor = Visitor::visit(server.address, "/clicks").await;
    let attach = visitor.boot.attach(&visitor.page, 0);
    visitor.send(&attach).await;
    assert!(matches!(visitor.receive_until_closed().await, Received::Closed(1008, _)));
    // The view itself is not hurt.
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    assert_eq!(server.stats().malformed_messages, 1);
}

#[tokio::test]
async fn navigating_does_not_refill_what_a_connection_may_send() {
    let limits = Limits { events_per_second: 4, ..Limits::default() };
    let server = Server::start(app().limits(limits)).await;
    let mut visitor = Visitor::visit(server.address, "/clicks").await;
    let mut navigated = 0;
    while server.stats().throttled_sockets == 0 {
        assert_eq!(visitor.navigate("/clicks").await, Received::Text(r#"{"attached":0}"#.into()));
        navigated += 1;
        assert!(navigated < 100, "never held back");
    }
    assert!(navigated >= 4, "{navigated}");
}

#[tokio::test]
async fn an_event_for_the_page_before_reaches_no_view_of_the_next() {
    let server = Server::start(app()).await;
    let mut visitor = Visitor::visit(server.address, "/around").await;
    let inner = visitor.boot.data["c"].as_object().unwrap().keys().next().unwrap().clone();
    assert_eq!(visitor.navigate("/clicks").await, Received::Text(r#"{"attached":0}"#.into()));
    for forged in [format!(r#"["{inner}",1,0,0]"#), format!(r#"["{inner}","attach",0,0]"#), format!(r#"["{inner}",1]"#)]
    {
        visitor.send(&forged).await;
    }
    visitor.event(Clicks::UP, None).await;
    assert_eq!(visitor.frame().await, Clicks::counted(1, 1));
    server.until("the children have ended too", |stats| stats.instances == 1).await;
    tokio::time::timeout(Duration::from_secs(20), async {
        while server.stats().refused_attaches == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the attach was refused");
}
