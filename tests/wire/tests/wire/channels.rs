//! Channels: what a view and the JavaScript of its page say to each other. Here the test is the page.

use std::time::Duration;

use lanai::axum::http::StatusCode;
use lanai::prelude::*;
use lanai::{App, Limits};
use serde_json::{Value, json};
use wire::{Received, Server, Visitor};

use crate::views::short_grace;

const ALERTS: Topic<String> = Topic::new("channel-alerts");

/// Talks on the channel `map`. Handlers: 0 emits, 1 requests and shows the outcome, 2 does the same in an `async` handler, 3 fills the channel.
struct Map {
    moves: Vec<u32>,
    outcome: String,
}

#[derive(Serialize, Deserialize)]
struct Point {
    x: u32,
}

impl Map {
    async fn mount(cx: Cx<Self>) -> Self {
        let map = cx.channel("map");
        map.on("moved", Self::moved);
        map.answer("double", |_: &mut Self, point: Point| Point { x: point.x * 2 });
        map.answer("refuse", Self::refuse);
        map.answer("fail", |_: &mut Self, (): ()| -> Result<u32> { Ok("x".parse()?) });
        map.answer("panic", |_: &mut Self, (): ()| -> u32 { panic!("on purpose: the channel") });
        map.answer("later", Self::later);
        map.relay(ALERTS, "alert");
        Self { moves: Vec::new(), outcome: "none".into() }
    }

    fn moved(&mut self, point: Point) {
        self.moves.push(point.x);
    }

    fn refuse(&mut self, _: Value) -> Result<u32> {
        Err(Error::new(StatusCode::CONFLICT, "not today"))
    }

    async fn later(&mut self, point: Point, cx: &Cx<Self>) -> Point {
        let other: Point = cx.channel("map").request("add", point, Duration::from_secs(5)).await.expect("an answer");
        Point { x: other.x + 1 }
    }

    fn emit(&mut self, cx: &Cx<Self>) {
        cx.channel("map").emit("fly_to", Point { x: 7 });
    }

    fn ask(&mut self, cx: &Cx<Self>) {
        let answer = cx.channel("map").request::<Point>("where", (), Duration::from_secs(5));
        cx.spawn(answer, |map: &mut Self, answer| map.answered(answer));
    }

    fn ask_briefly(&mut self, cx: &Cx<Self>) {
        let answer = cx.channel("map").request::<Point>("where", (), Duration::from_millis(30));
        cx.spawn(answer, |map: &mut Self, answer| map.answered(answer));
    }

    async fn ask_and_wait(&mut self, cx: &Cx<Self>) {
        let answer = cx.channel("map").request("where", (), Duration::from_secs(5)).await;
        self.answered(answer);
    }

    fn fill(&mut self, cx: &Cx<Self>) {
        let full = (0..1000).find_map(|x| cx.channel("map").try_emit("fill", Point { x }).err());
        self.outcome = full.map(|error| error.to_string()).unwrap_or_default();
    }

    fn answered(&mut self, answer: Result<Point, RequestError>) {
        self.outcome = match answer {
            Ok(point) => format!("at {}", point.x),
            Err(error) => format!("{error:?}"),
        };
    }
}

impl View for Map {
    fn render(&self) -> Html<Self> {
        html! {
            p { (format!("{:?}", self.moves)) }
            p { (self.outcome) }
            button onclick=(Self::emit) {}
            button onclick=(Self::ask) {}
            button onclick=(Self::ask_and_wait) {}
            button onclick=(Self::fill) {}
            button onclick=(Self::ask_briefly) {}
        }
    }
}

async fn serve(limits: Limits) -> Server {
    Server::start(App::new().limits(limits).route("/", live(Map::mount))).await
}

/// The next frame, as JSON.
async fn frame(visitor: &mut Visitor) -> Value {
    serde_json::from_str(&visitor.frame().await).expect("JSON")
}

/// The next frames until one has this operation: its argument.
async fn until(visitor: &mut Visitor, op: i64) -> Value {
    loop {
        let frame = frame(visitor).await;
        if let Some(at) = frame.as_array().expect("an array").iter().skip(1).step_by(2).position(|code| *code == op) {
            return frame[2 + 2 * at].clone();
        }
    }
}

/// The next frames until the outcome is shown.
async fn outcome(visitor: &mut Visitor) -> String {
    until(visitor, 4).await.as_str().expect("text").to_owned()
}

/// Sends a message of the page's JavaScript, or a request.
async fn say(visitor: &mut Visitor, event: &str, payload: Value, request: Option<u64>) {
    visitor.events += 1;
    let mut message = json!([visitor.events, visitor.frames, "map", event, payload]);
    if let Some(request) = request {
        message.as_array_mut().expect("an array").push(request.into());
    }
    visitor.send(&message.to_string()).await;
}

#[tokio::test]
async fn a_page_with_a_channel_is_told_to_load_what_it_needs() {
    let server = serve(Limits::default()).await;
    let visitor = Visitor::fetch(server.address, "/").await;
    assert_eq!(visitor.boot.data["m"], 1);
    assert!(visitor.html.contains("rel=\"modulepreload\""), "{}", visitor.html);
}

#[tokio::test]
async fn messages_go_both_ways_in_order_with_the_events() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(0, None).await;
    assert_eq!(frame(&mut visitor).await, json!([1, -14, 2, -9, ["map", "fly_to", { "x": 7 }]]));
    for x in 0..100 {
        say(&mut visitor, "moved", json!({ "x": x }), None).await;
    }
    let frames = visitor.settled().await;
    let all: Vec<u32> = (0..100).collect();
    let shown = frames.join("");
    assert!(
        shown.contains(&format!("{}]", all[98..].iter().map(u32::to_string).collect::<Vec<_>>().join(", "))),
        "{shown}"
    );
    assert_eq!(server.stats().refused_events, 0);
}

#[tokio::test]
async fn a_message_sent_again_is_executed_once() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for _ in 0..3 {
        visitor.events = 0;
        say(&mut visitor, "moved", json!({ "x": 5 }), None).await;
    }
    visitor.settled().await;
    say(&mut visitor, "moved", json!({ "x": 6 }), None).await;
    let frame = visitor.settled().await.join("");
    assert!(frame.contains("[5, 6]"), "{frame}");
    assert_eq!(server.stats().repeated_events, 2);
}

#[tokio::test]
async fn requests_of_the_page_are_answered_or_told_why_not() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    say(&mut visitor, "double", json!({ "x": 4 }), Some(1)).await;
    assert_eq!(until(&mut visitor, -10).await, json!([1, { "x": 8 }]));
    say(&mut visitor, "nothing", json!(null), Some(2)).await;
    assert_eq!(until(&mut visitor, -10).await, json!([2, 0, "none"]));
    say(&mut visitor, "refuse", json!(null), Some(3)).await;
    assert_eq!(until(&mut visitor, -10).await, json!([3, 0, "failed", "not today"]));
    // What an error of the program says is for the log.
    say(&mut visitor, "fail", json!(null), Some(4)).await;
    assert_eq!(until(&mut visitor, -10).await, json!([4, 0, "failed"]));
    say(&mut visitor, "double", json!("four"), Some(5)).await;
    let refused = until(&mut visitor, -10).await;
    assert_eq!((&refused[2], refused[3].as_str().is_some()), (&json!("failed"), true), "{refused}");
    say(&mut visitor, "panic", json!(null), Some(6)).await;
    let last = frame(&mut visitor).await;
    assert_eq!(last.as_array().expect("an array")[3..6], [json!(-10), json!([6, 0, "panicked"]), json!(-6)], "{last}");
}

#[tokio::test]
async fn an_async_handler_may_ask_the_page_before_it_answers() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    say(&mut visitor, "later", json!({ "x": 1 }), Some(9)).await;
    let asked = until(&mut visitor, -9).await;
    assert_eq!(asked, json!(["map", "add", { "x": 1 }, 1]));
    visitor.send(r#"{"answer":[1,{"x":10}]}"#).await;
    assert_eq!(until(&mut visitor, -10).await, json!([9, { "x": 11 }]));
}

/// Has the view ask the page (by handler 1 or 2), which answers so.
async fn asked(handler: u32, answer: Option<&str>) -> String {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(handler, None).await;
    assert_eq!(until(&mut visitor, -9).await, json!(["map", "where", null, 1]));
    if let Some(answer) = answer {
        visitor.send(answer).await;
    }
    outcome(&mut visitor).await
}

#[tokio::test]
async fn each_way_to_miss_an_answer_has_its_own_error() {
    for handler in [1, 2] {
        assert_eq!(asked(handler, Some(r#"{"answer":[1,{"x":3}]}"#)).await, "at 3");
        assert_eq!(asked(handler, Some(r#"{"answer":[1,0,"gone"]}"#)).await, "Gone");
        assert_eq!(asked(handler, Some(r#"{"answer":[1,0,"none"]}"#)).await, "NoHandler");
        assert_eq!(asked(handler, Some(r#"{"answer":[1,0,"failed","boom"]}"#)).await, "Failed(\"boom\")");
        assert!(asked(handler, Some(r#"{"answer":[1,"here"]}"#)).await.starts_with("Answer("));
    }
    assert_eq!(asked(4, None).await, "Timeout(30ms)");
}

#[tokio::test]
async fn the_page_is_told_to_forget_what_was_answered_or_given_up() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(1, None).await;
    until(&mut visitor, -9).await;
    visitor.send(r#"{"answer":[1,{"x":3}]}"#).await;
    assert_eq!(until(&mut visitor, -11).await, json!(1));
    visitor.event(4, None).await;
    until(&mut visitor, -9).await;
    assert_eq!(until(&mut visitor, -11).await, json!(2));
    // An answer that comes too late, or that nobody asked for, has no effect.
    visitor.send(r#"{"answer":[2,{"x":3}]}"#).await;
    visitor.send(r#"{"answer":[99,{"x":3}]}"#).await;
    visitor.event(0, None).await;
    until(&mut visitor, -9).await;
    assert_eq!(server.stats().malformed_messages, 0);
}

#[tokio::test]
async fn a_request_survives_the_connection_and_is_answered_once() {
    for handler in [1, 2] {
        let server = serve(Limits::default()).await;
        let mut visitor = Visitor::visit(server.address, "/").await;
        visitor.event(handler, None).await;
        server.until("it is sent", |stats| stats.frames >= 1).await;
        // Neither the request nor anything else arrives.
        visitor.cut();
        visitor.attach().await;
        assert_eq!(until(&mut visitor, -9).await, json!(["map", "where", null, 1]), "handler {handler}");
        // The answer is lost as well, and sent again.
        visitor.cut();
        visitor.attach().await;
        visitor.send(r#"{"answer":[1,{"x":5}]}"#).await;
        visitor.send(r#"{"answer":[1,{"x":6}]}"#).await;
        assert_eq!(outcome(&mut visitor).await, "at 5", "handler {handler}");
    }
}

#[tokio::test]
async fn a_request_ends_with_the_view() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Arc::new(std::sync::Mutex::new(Some(tell)));
    let app = App::new().limits(short_grace()).route(
        "/",
        live(move |cx: Cx<Asks>| {
            let tell = tell.lock().expect("nobody panics").take();
            async move {
                let request = cx.channel("map").request::<u32>("where", (), Duration::from_secs(60));
                tokio::spawn(async move {
                    let outcome = request.await;
                    tell.map(|tell| tell.send(outcome))
                });
                Asks
            }
        }),
    );
    let server = Server::start(app).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.send("\"bye\"").await;
    assert!(matches!(told.await, Ok(Err(RequestError::Closed))));
}

/// Has asked something.
struct Asks;

impl View for Asks {
    fn render(&self) -> Html<Self> {
        html! { p {} }
    }
}

#[tokio::test]
async fn messages_that_the_page_does_not_take_are_bounded_and_the_caller_is_told() {
    let server = serve(Limits { channel_messages: 10, ..Limits::default() }).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(3, None).await;
    let frame = frame(&mut visitor).await;
    let emitted = frame.as_array().expect("an array").iter().filter(|op| **op == -9).count();
    assert_eq!(emitted, 10);
    assert!(frame.to_string().contains("10 messages wait for the page"), "{frame}");
}

#[tokio::test]
async fn a_topic_is_relayed_to_the_javascript_of_all_pages() {
    let server = serve(Limits::default()).await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        pages.push(Visitor::visit(server.address, "/").await);
    }
    server.handle.broker().publish(ALERTS, "rain".to_owned()).unwrap();
    for visitor in &mut pages {
        assert_eq!(until(visitor, -9).await, json!(["map", "alert", "rain"]));
    }
}

#[tokio::test]
async fn a_shared_view_emits_to_all_and_cannot_ask() {
    struct Board;
    impl View for Board {
        fn render(&self) -> Html<Self> {
            html! { p {} }
        }
    }
    struct Page(Shared<Board>);
    impl View for Page {
        fn render(&self) -> Html<Self> {
            html! { (self.0) }
        }
    }
    async fn mount(cx: Cx<Page>) -> Page {
        Page(cx.shared("board", |cx: Cx<Board>| {
            let board = cx.channel("board");
            let asking = board.clone();
            board.answer("ask", move |_: &mut Board, (): ()| {
                asking.emit("news", 1);
                let asking = asking.clone();
                async move { format!("{:?}", asking.request::<u32>("where", (), Duration::from_secs(5)).await) }
            });
            Board
        }))
    }
    let server = Server::start(App::new().route("/", live(mount))).await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        let mut visitor = Visitor::visit(server.address, "/").await;
        let id = visitor.boot.data["c"].as_object().expect("a view inside").keys().next().expect("one").clone();
        visitor.send(&json!([id, "attach", 0, 0]).to_string()).await;
        assert!(matches!(visitor.receive().await, Received::Text(text) if text.contains("attached")));
        pages.push((id, visitor));
    }
    let (id, visitor) = &mut pages[0];
    visitor.send(&json!([id, 1, 0, "board", "ask", null, 4]).to_string()).await;
    for (id, visitor) in &mut pages {
        let Received::Text(text) = visitor.receive().await else { panic!("the socket ended") };
        assert_eq!(text, json!([id, 0, -9, ["board", "news", 1]]).to_string());
    }
    let (id, visitor) = &mut pages[0];
    let Received::Text(text) = visitor.receive().await else { panic!("the socket ended") };
    assert_eq!(text, json!({ "note": [1, -10, [4, "Err(ManyPages)"]], "of": id }).to_string());
}
