//! Sockets that send more than any page does: their cost is bounded, and other pages are served as before.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use lanai::prelude::*;
use lanai::{App, Limits};
use serde_json::json;
use tokio::sync::Semaphore;
use wire::raw::{Flood, Raw, fragment, ping, text};
use wire::{Frame, Inner, Received, Server, Visitor, op};

use crate::views::{Clicks, NUMBERS};

/// More bytes than the buffers at both ends of a connection hold.
const FLOOD: usize = 64 * 1024 * 1024;

/// Shows the length of each text that it receives, after the test has opened the gate for it.
struct Slow {
    lengths: Vec<usize>,
    gate: Arc<Semaphore>,
}

impl Slow {
    /// The handler that receives a text, and waits for the gate.
    const WRITE: u32 = 0;
    /// The handler that does not wait.
    const CLICK: u32 = 1;
    /// The slot of the number of texts and clicks.
    const COUNT: i64 = 0;

    async fn mount(_cx: Cx<Self>, Extension(gate): Extension<Arc<Semaphore>>) -> Self {
        Self { lengths: Vec::new(), gate }
    }

    async fn write(&mut self, Value(text): Value<String>) {
        self.gate.acquire().await.expect("the gate is never closed").forget();
        self.lengths.push(text.len());
    }

    fn click(&mut self) {
        self.lengths.push(0);
    }
}

impl View for Slow {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.lengths.len()) }
            p { (self.lengths.last().copied().unwrap_or(0)) }
            textarea oninput=(Self::write) {}
            button onclick=(Self::click) {}
        }
    }
}

/// A page with a child.
struct Parent(Cx<Self>);

impl View for Parent {
    fn render(&self) -> Html<Self> {
        html! { (self.0.child("clicks", |_| Clicks::default())) }
    }
}

/// Limits without rates, so that the other limits take effect.
fn unmetered() -> Limits {
    Limits { events_per_second: u32::MAX, bytes_per_second: usize::MAX, ..Limits::default() }
}

async fn serve(limits: Limits) -> (Server, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let slow = axum::Router::new().route("/slow", live(Slow::mount)).layer(Extension(gate.clone()));
    let app = App::new()
        .limits(limits)
        .route("/", live(|cx| async { Parent(cx) }))
        .route("/clicks", live(Clicks::mount))
        .merge(slow);
    (Server::start(app).await, gate)
}

/// Checks that another page is served as before.
async fn counts_on(server: &Server) {
    let mut neighbor = Visitor::visit(server.address, "/clicks").await;
    neighbor.event(Clicks::UP, None).await;
    assert_eq!(neighbor.frame().await, Clicks::counted(1, 1));
}

#[tokio::test]
async fn a_socket_that_does_not_read_its_answers_is_not_read_on() {
    let (server, _) = serve(unmetered()).await;
    let mut stranger = Raw::open(server.address).await;
    assert_eq!(stranger.flood(&ping(), FLOOD).await, Flood::Blocked, "pings before the attach");
    let visitor = Visitor::fetch(server.address, "/").await;
    for (what, message) in [("pings", ping()), ("heartbeats", text("[]"))] {
        let mut page = Raw::attach(&visitor).await;
        assert_eq!(page.flood(&message, FLOOD).await, Flood::Blocked, "{what}");
    }
    counts_on(&server).await;
}

#[tokio::test]
async fn every_kind_of_message_is_charged() {
    let heartbeat = text("[]");
    let acknowledgement = text("0");
    let event = text(&json!([1, 0, Clicks::UNKNOWN]).to_string());
    let attach_of_a_child = text(r#"["1","attach",0,0]"#);
    let acknowledgement_of_a_child = text(r#"["1",5]"#);
    let answer = text(r#"{"answer":[1,0]}"#);
    let part_of_a_message = text("~");
    for message in [
        ping(),
        heartbeat,
        acknowledgement,
        event,
        attach_of_a_child,
        acknowledgement_of_a_child,
        answer,
        part_of_a_message,
    ] {
        let (server, _) = serve(Limits { events_per_second: 20, ..Limits::default() }).await;
        let visitor = Visitor::fetch(server.address, "/").await;
        let mut page = Raw::attach(&visitor).await;
        page.send(&message.repeat(40)).await;
        let what = format!("{:?} has to wait", String::from_utf8_lossy(&message));
        server.until(&what, |stats| stats.throttled_sockets == 1).await;
        // Messages before the attach are charged too.
        if message == ping() {
            let mut stranger = Raw::open(server.address).await;
            stranger.send(&message.repeat(40)).await;
            server.until("it has to wait", |stats| stats.throttled_sockets == 2).await;
        }
        counts_on(&server).await;
    }
}

#[tokio::test]
async fn bytes_are_charged_also_those_that_never_become_a_message() {
    let limits = Limits { bytes_per_second: 64 * 1024, message_size: 256 * 1024, ..unmetered() };
    let (server, _) = serve(limits).await;
    let visitor = Visitor::fetch(server.address, "/").await;
    let mut page = Raw::attach(&visitor).await;
    page.send(&fragment(true, b"")).await;
    assert_eq!(page.flood(&fragment(false, b""), FLOOD).await, Flood::Blocked);
    counts_on(&server).await;
}

#[tokio::test]
async fn events_that_wait_for_a_handler_are_bounded_and_none_is_lost() {
    let (server, gate) = serve(unmetered()).await;
    let mut visitor = Visitor::visit(server.address, "/slow").await;
    let mut neighbor = Visitor::visit(server.address, "/slow").await;
    // The server reads texts until the limit for waiting events is reached. The rest stays in the connection.
    let letter = "x".repeat(60_000);
    const LETTERS: u64 = 400;
    let sending = async {
        for _ in 0..LETTERS {
            visitor.event(Slow::WRITE, Some(json!(letter))).await;
        }
        visitor
    };
    let mut sending = std::pin::pin!(sending);
    let waited = tokio::time::timeout(Duration::from_secs(1), &mut sending).await;
    assert!(waited.is_err(), "24 MB wait for a handler");
    // The views of other pages are not affected.
    neighbor.event(Slow::CLICK, None).await;
    assert_eq!(neighbor.frame().await, json!([1, op::set(Slow::COUNT), "1"]).to_string());
    gate.add_permits(LETTERS as usize);
    let mut visitor = sending.await;
    let last = Frame::parse(&visitor.settled().await.pop().unwrap());
    assert_eq!(last.argument(op::set(Slow::COUNT)), Some(&json!(LETTERS.to_string())), "{last:?}");
}

#[tokio::test]
async fn a_text_of_a_megabyte_comes_in_parts() {
    let (server, gate) = serve(Limits::default()).await;
    gate.add_permits(10);
    let mut visitor = Visitor::visit(server.address, "/slow").await;
    for round in 1..=2 {
        visitor.events += 1;
        let message = json!([visitor.events, visitor.frames, Slow::WRITE, "ü".repeat(500_000)]).to_string();
        let characters: Vec<char> = message.chars().collect();
        let mut parts = characters.chunks(16_000).map(|part| part.iter().collect::<String>()).peekable();
        while let Some(part) = parts.next() {
            let sign = if parts.peek().is_some() { '~' } else { '!' };
            visitor.send(&format!("{sign}{part}")).await;
            if sign == '~' {
                assert!(visitor.heartbeat().await.is_empty(), "heartbeats are answered between the parts");
            }
        }
        let frame = Frame::parse(&visitor.frame().await);
        assert_eq!(frame.acknowledged, round);
        assert_eq!(frame.argument(op::set(Slow::COUNT)), Some(&json!(round.to_string())), "{frame:?}");
    }
}

#[tokio::test]
async fn a_message_above_the_limit_ends_the_connection_and_the_page_knows_the_limit() {
    let (server, _) = serve(Limits { message_size: 100_000, ..Limits::default() }).await;
    let mut visitor = Visitor::visit(server.address, "/slow").await;
    assert_eq!(visitor.boot.data["l"], 100_000);
    let part = format!("~{}", "x".repeat(40_000));
    for _ in 0..3 {
        visitor.send(&part).await;
    }
    assert_eq!(visitor.receive().await, Received::Closed(1008, "a message is too large".into()));
    let (server, _) = serve(Limits::default()).await;
    assert_eq!(Visitor::fetch(server.address, "/slow").await.boot.data.get("l"), None);
}

#[tokio::test]
async fn large_messages_share_a_memory_and_whoever_stops_in_the_middle_gives_it_back() {
    const SIZE: usize = 1024 * 1024;
    let limits =
        Limits { message_size: SIZE, message_memory: SIZE, silence: Duration::from_millis(1500), ..Limits::default() };
    let (server, gate) = serve(limits).await;
    gate.add_permits(10);
    let mut stops = Visitor::visit(server.address, "/slow").await;
    let mut waits = Visitor::visit(server.address, "/slow").await;
    // The parts of an event with a long text: the first, any number of further ones, and the last.
    let first_part = format!("~[1,0,{},\"{}", Slow::WRITE, "x".repeat(60_000));
    let further_part = format!("~{}", "x".repeat(60_000));
    let last_part = "!\"]";
    stops.send(&first_part).await;
    for _ in 0..14 {
        stops.send(&further_part).await;
    }
    assert!(stops.heartbeat().await.is_empty(), "the server has read all of these parts");
    waits.events += 1;
    waits.send(&first_part).await;
    for _ in 0..8 {
        waits.send(&further_part).await;
    }
    waits.send(last_part).await;
    // The code 1013 tells the page to connect again: it has not violated the protocol.
    assert!(matches!(stops.receive().await, Received::Closed(1013, _)));
    loop {
        match waits.receive().await {
            // The event of the other page is executed.
            Received::Text(text) if Frame::parse(&text).acknowledged == waits.events => break,
            Received::Text(_) => {}
            Received::Closed(code, reason) => panic!("{code} {reason}"),
            Received::Broken => panic!("broken"),
        }
    }
    assert_eq!(server.stats().malformed_messages, 0);
}

#[tokio::test]
async fn sockets_that_attach_to_nothing_are_few() {
    let (server, _) = serve(Limits { unattached_sockets: 3, ..Limits::default() }).await;
    let mut strangers = Vec::new();
    for _ in 0..3 {
        strangers.push(Raw::open(server.address).await);
    }
    assert!(Raw::try_open(server.address).await.is_none());
    // Sockets that have attached do not count.
    drop(strangers.pop());
    let visitor = Visitor::fetch(server.address, "/").await;
    let mut pages = Vec::new();
    for _ in 0..5 {
        let page = loop {
            match Raw::try_open(server.address).await {
                Some(page) => break page,
                None => tokio::task::yield_now().await,
            }
        };
        drop(page);
        pages.push(Raw::attach(&visitor).await);
    }
    counts_on(&server).await;
}

#[tokio::test]
async fn a_page_that_takes_no_frames_has_no_more_and_more_answers_made() {
    /// Answers each request with its own payload.
    struct Echo;
    impl View for Echo {
        fn render(&self) -> Html<Self> {
            html! {}
        }
    }
    let mount = |cx: Cx<Echo>| async move {
        cx.channel("echo").answer("say", |_: &mut Echo, text: String| text);
        Echo
    };
    let server = Server::start(App::new().limits(unmetered()).route("/", live(mount))).await;
    let visitor = Visitor::fetch(server.address, "/").await;
    let mut page = Raw::attach(&visitor).await;
    // The page reads nothing and acknowledges nothing. So the server stops sending frames, and then stops reading.
    let text_of_60_kb = "x".repeat(60_000);
    let mut blocked = Flood::Taken;
    for number in 1..=1_000 {
        let request = text(&json!([number, 0, "echo", "say", text_of_60_kb, number]).to_string());
        blocked = page.flood(&request, 1).await;
        if blocked != Flood::Taken {
            break;
        }
    }
    assert_eq!(blocked, Flood::Blocked);
}

/// A page with many children, which all subscribe to the same topic.
struct Many(Cx<Self>);

impl View for Many {
    fn render(&self) -> Html<Self> {
        html! {
            @for number in 0..300 {
                p key=(number) { (self.0.child(number, Hears::mount)) }
            }
        }
    }
}

struct Hears(u32);

impl Hears {
    fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(NUMBERS, Self::heard);
        Self(0)
    }

    fn heard(&mut self, number: &u32) {
        self.0 = *number;
    }
}

impl View for Hears {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

#[tokio::test]
async fn a_page_with_many_views_is_not_slowed_down_by_attaching_and_acknowledging_them() {
    let limits = Limits { events_per_second: 50, ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(|cx| async { Many(cx) }))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let mut children = Inner::all(&visitor);
    for child in &children {
        child.attach(&mut visitor).await;
    }
    for _ in &children {
        assert!(matches!(visitor.receive().await, Received::Text(text) if text.contains("attached")));
    }
    for frame in 1..=3 {
        server.handle.broker().publish(NUMBERS, frame).unwrap();
        for _ in &children {
            visitor.receive().await;
        }
        for child in &mut children {
            child.frames += 1;
            child.acknowledge(&mut visitor).await;
        }
    }
    assert!(visitor.heartbeat().await.is_empty());
    assert_eq!(server.stats().throttled_sockets, 0);
    // An acknowledgement is free only if it acknowledges a frame.
    for _ in 0..1_000 {
        visitor.send(&json!([children[0].id, 0]).to_string()).await;
    }
    server.until("it has to wait", |stats| stats.throttled_sockets == 1).await;
}
