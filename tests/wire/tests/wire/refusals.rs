//! What the server refuses. A refused event is counted and acknowledged, and has no effect. A violation of the protocol
//! ends the connection with a reason. In both cases the instance continues.

use std::time::Duration;

use lanai::{App, Limits, live};
use serde_json::json;
use wire::{Frame, Received, Server, Socket, Visitor};

use crate::views::{Clicks, Fragile};

async fn clicks() -> Server {
    Server::start(App::new().route("/", live(Clicks::mount))).await
}

/// Clicks, and expects this count: what was refused before has not changed it.
async fn counts_on(visitor: &mut Visitor, count: u32) {
    visitor.event(Clicks::UP, None).await;
    let frames = visitor.settled().await;
    assert_eq!(*frames.last().unwrap(), Clicks::counted(visitor.events, count));
}

#[tokio::test]
async fn an_unknown_handler_is_refused() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Clicks::UNKNOWN, None).await;
    visitor.only_acknowledged().await;
    assert_eq!(server.stats().refused_events, 1);
    counts_on(&mut visitor, 1).await;
}

#[tokio::test]
async fn a_handler_that_was_on_the_page_earlier_is_refused() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let one = Some(json!("1"));
    visitor.event(Clicks::HUNDRED, one.clone()).await;
    assert_eq!(visitor.frame().await, Clicks::counted(1, 100));
    visitor.event(Clicks::TOGGLE, None).await;
    assert_eq!(visitor.frame().await, Clicks::hidden(2));
    visitor.event(Clicks::HUNDRED, one.clone()).await;
    visitor.only_acknowledged().await;
    // When the field is shown again, its handler has a new number, and the old one is still refused.
    visitor.event(Clicks::TOGGLE, None).await;
    visitor.settled().await;
    visitor.event(Clicks::HUNDRED, one.clone()).await;
    visitor.only_acknowledged().await;
    visitor.event(Clicks::HUNDRED_AGAIN, one).await;
    assert_eq!(visitor.frame().await, Clicks::counted(6, 200));
    assert_eq!(server.stats().refused_events, 2);
}

#[tokio::test]
async fn a_payload_that_does_not_fit_is_refused() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for payload in [None, Some(json!("nonsense")), Some(json!(1)), Some(json!({"a": [1, 2, 3]})), Some(json!(null))] {
        visitor.event(Clicks::HUNDRED, payload).await;
        visitor.settled().await;
    }
    assert_eq!(server.stats().refused_events, 5);
    counts_on(&mut visitor, 1).await;
}

#[tokio::test]
async fn handlers_of_another_instance_cannot_be_reached() {
    let server = clicks().await;
    let mut mine = Visitor::visit(server.address, "/").await;
    let mut other = Visitor::visit(server.address, "/").await;
    // The handlers of both pages have the same numbers. An event reaches the instance of the page that sends it.
    mine.event(Clicks::UP, None).await;
    mine.settled().await;
    other.event(Clicks::UP, None).await;
    assert_eq!(other.frame().await, Clicks::counted(1, 1));
    // To attach to the other instance, a page would need its secret.
    mine.boot.instance = other.boot.instance.clone();
    assert!(matches!(mine.attach().await, Received::Text(text) if text.starts_with(r#"{"gone""#)));
    assert!(matches!(mine.receive().await, Received::Closed(1000, _)));
    assert_eq!(server.stats().refused_attaches, 1);
    counts_on(&mut other, 2).await;
}

#[tokio::test]
async fn a_wrong_secret_reaches_nothing_and_the_page_is_told_to_mount_again() {
    let server = clicks().await;
    for secret in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let mut visitor = Visitor::fetch(server.address, "/").await;
        visitor.boot.secret = secret.into();
        // The same happens to a page after a restart, when its instance's number may belong to another page.
        assert!(matches!(visitor.attach().await, Received::Text(text) if text.starts_with(r#"{"gone""#)));
    }
    assert_eq!(server.stats().refused_attaches, 3);
}

#[tokio::test]
async fn a_replayed_number_has_no_effect() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Clicks::UP, None).await;
    visitor.settled().await;
    for _ in 0..10 {
        visitor.events -= 1;
        visitor.event(Clicks::UP, None).await;
    }
    counts_on(&mut visitor, 2).await;
    assert_eq!(server.stats().repeated_events, 10);
}

/// Sends a text after one click, and expects the server to close the socket, and the instance to continue.
async fn ends_the_connection(text: &str, reason: &str) {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Clicks::UP, None).await;
    visitor.settled().await;
    visitor.send(text).await;
    match visitor.receive().await {
        Received::Closed(1008, why) => assert!(why.contains(reason), "{why}"),
        other => panic!("{text}: {other:?}"),
    }
    assert_eq!(server.stats().malformed_messages, 1, "{text}");
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":1}"#.into()));
    counts_on(&mut visitor, 2).await;
}

#[tokio::test]
async fn garbage_ends_the_connection() {
    for text in ["", "hello", "{}", "[1", "[1,2,3,4,5]", "[-1,0,0]", "null", "\"bye", "\u{0}", "[[[[[[[["] {
        ends_the_connection(text, "not part of the protocol").await;
    }
}

#[tokio::test]
async fn deeply_nested_json_ends_the_connection() {
    // The second event, which acknowledges one frame, with a payload.
    ends_the_connection(&format!("[2,1,0,{}", "[".repeat(30_000)), "not part of the protocol").await;
}

#[tokio::test]
async fn a_gap_in_the_numbers_ends_the_connection() {
    // The third event without the second.
    ends_the_connection("[3,1,0]", "an event is missing").await;
}

#[tokio::test]
async fn an_acknowledgement_of_frames_never_sent_ends_the_connection() {
    // Seven frames, alone and with an event.
    ends_the_connection("7", "more frames").await;
    ends_the_connection("[2,7,0]", "more frames").await;
}

#[tokio::test]
async fn a_second_attach_ends_the_connection() {
    let server = clicks().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let again = visitor.boot.attach(&visitor.page, 0);
    visitor.send(&again).await;
    match visitor.receive().await {
        Received::Closed(1008, why) => assert!(why.contains("attaches a root once"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.stats().malformed_messages, 1);
}

#[tokio::test]
async fn a_giant_message_ends_the_connection() {
    ends_the_connection(&format!("[2,1,0,\"{}\"]", "x".repeat(70_000)), "too large").await;
}

#[tokio::test]
async fn a_first_message_that_is_no_attach_ends_the_connection() {
    let server = clicks().await;
    for text in ["[1,0,0]", "[]", "5", "hello", r#"["1"]"#] {
        let mut socket = Socket::open(server.address).await;
        socket.send(text).await;
        assert!(matches!(socket.receive().await, Received::Closed(1008, _)), "{text}");
    }
    assert_eq!(server.stats().malformed_messages, 5);
}

#[tokio::test]
async fn an_id_that_nobody_has_and_a_wrong_secret_are_told_the_same() {
    let server = clicks().await;
    let mut answers = Vec::new();
    for instance in [None, Some("999999999"), Some("nonsense")] {
        let mut visitor = Visitor::fetch(server.address, "/").await;
        visitor.boot.secret = "AAAAAAAAAAAAAAAAAAAAAA".into();
        visitor.boot.instance = instance.map_or(visitor.boot.instance.clone(), Into::into);
        answers.push((visitor.attach().await, visitor.receive().await));
    }
    // An instance that has ended, with the right secret.
    let mut left = Visitor::visit(server.address, "/").await;
    left.send("\"bye\"").await;
    left.receive_until_closed().await;
    server.until("the view has ended", |stats| stats.instances == 3).await;
    answers.push((left.attach().await, left.receive().await));
    assert_eq!(answers, vec![answers[0].clone(); 4]);
    assert_eq!(server.stats().refused_attaches, 4);
}

#[tokio::test]
async fn a_flood_waits_and_loses_nothing() {
    let limits = Limits { events_per_second: 500, ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(Clicks::mount))).await;
    let mut flooder = Visitor::visit(server.address, "/").await;
    let mut neighbor = Visitor::visit(server.address, "/").await;
    for _ in 0..1_200 {
        flooder.event(Clicks::UP, None).await;
    }
    // A neighbor is served while the flood waits.
    counts_on(&mut neighbor, 1).await;
    let last = flooder.settled().await.pop().unwrap();
    assert!(last.contains(r#""1200""#), "{last}");
    assert_eq!((server.stats().throttled_sockets, server.stats().refused_events), (1, 0));
}

#[tokio::test]
async fn a_panic_hurts_one_view() {
    let server = Server::start(App::new().route("/", live(Fragile::mount))).await;
    let mut neighbor = Visitor::visit(server.address, "/").await;
    for (panics, handler) in [(1, Fragile::PANICS), (2, Fragile::PANICS_LATER), (3, Fragile::BREAKS_RENDER)] {
        let mut visitor = Visitor::visit(server.address, "/").await;
        visitor.event(handler, None).await;
        let frame = Frame::parse(&visitor.frame().await);
        assert!(frame.failure().is_some_and(|html| html.contains("Something went wrong")), "{frame:?}");
        assert_eq!(frame.acknowledged, 1);
        assert!(matches!(visitor.receive().await, Received::Closed(1000, _)));
        assert_eq!(server.stats().panics, panics);
        assert!(matches!(visitor.attach().await, Received::Text(text) if text.starts_with(r#"{"gone""#)));
    }
    neighbor.event(Fragile::FAILS, None).await;
    let frame = neighbor.frame().await;
    assert!(frame.contains("invalid digit found in string"), "{frame}");
    assert_eq!((server.stats().errors, server.stats().instances), (1, 1));
}

#[tokio::test]
async fn a_page_that_answers_pings_is_alive_and_one_that_does_not_is_given_up() {
    let limits = Limits { silence: Duration::from_millis(600), ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(Clicks::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    assert!(visitor.heartbeat().await.is_empty());
    // While the client of the test waits for a frame, it answers the server's pings, for three times the limit.
    let waiting = tokio::time::timeout(Duration::from_millis(1_800), visitor.receive()).await;
    assert!(waiting.is_err(), "{waiting:?}");
    assert_eq!(server.stats().detached, 0);
    // Then it does nothing, and answers no pings.
    server.until("the socket is given up", |stats| stats.detached == 1).await;
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
}
