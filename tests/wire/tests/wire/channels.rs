//! Channels: messages and requests between a view and the JavaScript of its page, which is the test here.

use std::time::Duration;

use lanai::axum::http::StatusCode;
use lanai::prelude::*;
use lanai::{App, Limits};
use lanai_test::{NoAnswer, TestApp, css};
use serde_json::{Value, json};
use wire::{Frame, Server, Visitor, op};

use crate::views::short_grace;

const ALERTS: Topic<String> = Topic::new("channel-alerts");

/// Uses the channel `map`, and shows the moves that it has received and the outcome of its last request.
struct Map {
    moves: Vec<u32>,
    outcome: String,
}

#[derive(Serialize, Deserialize)]
struct Point {
    x: u32,
}

impl Map {
    /// The handler that emits a message.
    const EMIT: u32 = 0;
    /// The handler that sends a request, and handles the answer later.
    const ASK: u32 = 1;
    /// The handler that sends a request, and waits for the answer.
    const ASK_AND_WAIT: u32 = 2;
    /// The handler that emits messages until the channel takes no more.
    const FILL: u32 = 3;
    /// The handler that waits only 30 ms for the answer to its request.
    const ASK_BRIEFLY: u32 = 4;
    /// The slot of the outcome.
    const OUTCOME: i64 = 1;

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
            button onclick=(Self::emit) { "Emit" }
            button onclick=(Self::ask) { "Ask" }
            button onclick=(Self::ask_and_wait) { "Ask and wait" }
            button onclick=(Self::fill) { "Fill" }
            button onclick=(Self::ask_briefly) { "Ask briefly" }
        }
    }
}

fn program() -> TestApp {
    lanai_test::app(App::new().route("/", live(Map::mount)))
}

async fn serve(limits: Limits) -> Server {
    Server::start(App::new().limits(limits).route("/", live(Map::mount))).await
}

/// Receives frames until one has this operation, and returns its argument.
async fn until(visitor: &mut Visitor, operation: i64) -> Value {
    loop {
        if let Some(argument) = Frame::parse(&visitor.frame().await).argument(operation) {
            return argument.clone();
        }
    }
}

/// Receives frames until one shows the outcome.
async fn outcome(visitor: &mut Visitor) -> String {
    until(visitor, op::set(Map::OUTCOME)).await.as_str().expect("text").to_owned()
}

/// Sends a message of the page's JavaScript.
async fn say(visitor: &mut Visitor, event: &str, payload: Value) {
    visitor.events += 1;
    visitor.send(&json!([visitor.events, visitor.frames, "map", event, payload]).to_string()).await;
}

/// The first request of the view to its page, as the argument of a message.
fn first_request() -> Value {
    json!(["map", "where", null, 1])
}

#[tokio::test]
async fn a_page_with_a_channel_is_told_to_load_what_it_needs() {
    let server = serve(Limits::default()).await;
    let visitor = Visitor::fetch(server.address, "/").await;
    assert_eq!(visitor.boot.data["m"], 1);
    assert!(visitor.html.contains("rel=\"modulepreload\""), "{}", visitor.html);
}

#[tokio::test(start_paused = true)]
async fn messages_go_both_ways_in_order_with_the_events() -> lanai_test::Result {
    let app = program();
    let page = app.visit("/").await?;
    let map = page.channel("map");
    page.click("Emit").await?;
    assert_eq!(map.hears("fly_to").await?, json!({ "x": 7 }));
    page.wait_for_answers(false);
    for x in 0..100 {
        map.emit("moved", json!({ "x": x })).await?;
    }
    page.sees(format!("{:?}", (0..100).collect::<Vec<u32>>())).await?;
    assert_eq!(app.stats().refused_events, 0);
    Ok(())
}

#[tokio::test]
async fn a_message_sent_again_is_executed_once() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for _ in 0..3 {
        visitor.events = 0;
        say(&mut visitor, "moved", json!({ "x": 5 })).await;
    }
    visitor.settled().await;
    say(&mut visitor, "moved", json!({ "x": 6 })).await;
    let frame = visitor.settled().await.join("");
    assert!(frame.contains("[5, 6]"), "{frame}");
    assert_eq!(server.stats().repeated_events, 2);
}

#[tokio::test(start_paused = true)]
async fn requests_of_the_page_are_answered_or_told_why_not() -> lanai_test::Result {
    let no_answer =
        |kind: &str, message: Option<&str>| Err(NoAnswer { kind: kind.into(), message: message.map(Into::into) });
    let page = program().visit("/").await?;
    let map = page.channel("map");
    assert_eq!(map.request("double", json!({ "x": 4 })).await?, Ok(json!({ "x": 8 })));
    assert_eq!(map.request("nothing", json!(null)).await?, no_answer("none", None));
    assert_eq!(map.request("refuse", json!(null)).await?, no_answer("failed", Some("not today")));
    // The message of an internal error is only in the log.
    assert_eq!(map.request("fail", json!(null)).await?, no_answer("failed", None));
    let refused = map.request("double", "four").await?.expect_err("it is no point");
    assert_eq!((refused.kind.as_str(), refused.message.is_some()), ("failed", true));
    assert_eq!(map.request("panic", json!(null)).await?, no_answer("panicked", None));
    page.sees("Something went wrong").await
}

#[tokio::test(start_paused = true)]
async fn an_async_handler_may_ask_the_page_before_it_answers() -> lanai_test::Result {
    let page = program().visit("/").await?;
    let map = page.channel("map");
    map.answers("add", |point| Ok(json!({ "x": point["x"].as_u64().unwrap_or(0) + 9 })))?;
    assert_eq!(map.request("later", json!({ "x": 1 })).await?, Ok(json!({ "x": 11 })));
    Ok(())
}

/// Sends an event to a handler that asks the page, sends the answer, and returns the outcome.
async fn asked(handler: u32, answer: Option<&str>) -> String {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(handler, None).await;
    assert_eq!(until(&mut visitor, op::MESSAGE).await, first_request());
    if let Some(answer) = answer {
        visitor.send(answer).await;
    }
    outcome(&mut visitor).await
}

#[tokio::test]
async fn each_way_to_miss_an_answer_has_its_own_error() {
    for handler in [Map::ASK, Map::ASK_AND_WAIT] {
        assert_eq!(asked(handler, Some(r#"{"answer":[1,{"x":3}]}"#)).await, "at 3");
        assert_eq!(asked(handler, Some(r#"{"answer":[1,0,"gone"]}"#)).await, "Gone");
        assert_eq!(asked(handler, Some(r#"{"answer":[1,0,"none"]}"#)).await, "NoHandler");
        assert_eq!(asked(handler, Some(r#"{"answer":[1,0,"failed","boom"]}"#)).await, "Failed(\"boom\")");
        assert!(asked(handler, Some(r#"{"answer":[1,"here"]}"#)).await.starts_with("Answer("));
    }
    assert_eq!(asked(Map::ASK_BRIEFLY, None).await, "Timeout(30ms)");
}

#[tokio::test]
async fn the_page_is_told_to_forget_what_was_answered_or_given_up() {
    let server = serve(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(Map::ASK, None).await;
    until(&mut visitor, op::MESSAGE).await;
    visitor.send(r#"{"answer":[1,{"x":3}]}"#).await;
    assert_eq!(until(&mut visitor, op::FORGET).await, json!(1));
    visitor.event(Map::ASK_BRIEFLY, None).await;
    until(&mut visitor, op::MESSAGE).await;
    assert_eq!(until(&mut visitor, op::FORGET).await, json!(2));
    // An answer that is too late, or to a request that was never sent, has no effect.
    visitor.send(r#"{"answer":[2,{"x":3}]}"#).await;
    visitor.send(r#"{"answer":[99,{"x":3}]}"#).await;
    visitor.event(Map::EMIT, None).await;
    until(&mut visitor, op::MESSAGE).await;
    assert_eq!(server.stats().malformed_messages, 0);
}

#[tokio::test]
async fn a_request_survives_the_connection_and_is_answered_once() {
    for handler in [Map::ASK, Map::ASK_AND_WAIT] {
        let server = serve(Limits::default()).await;
        let mut visitor = Visitor::visit(server.address, "/").await;
        visitor.event(handler, None).await;
        server.until("it is sent", |stats| stats.frames >= 1).await;
        // The request is lost with the socket.
        visitor.cut();
        visitor.attach().await;
        assert_eq!(until(&mut visitor, op::MESSAGE).await, first_request(), "handler {handler}");
        // The page sends its answer after each attach. Only the first one counts.
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

/// A view whose mount sends a request.
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
    visitor.event(Map::FILL, None).await;
    let frame = Frame::parse(&visitor.frame().await);
    let emitted = frame.operations.iter().filter(|(operation, _)| *operation == op::MESSAGE).count();
    assert_eq!(emitted, 10);
    let outcome = frame.argument(op::set(Map::OUTCOME)).and_then(Value::as_str).expect("an outcome");
    assert!(outcome.contains("10 messages already wait for the page"), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_relayed_to_the_javascript_of_all_pages() -> lanai_test::Result {
    let app = program();
    let pages = [app.visit("/").await?, app.visit("/").await?, app.visit("/").await?];
    app.broker().publish(ALERTS, "rain".to_owned()).unwrap();
    for page in &pages {
        assert_eq!(page.channel("map").hears("alert").await?, json!("rain"));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shared_view_emits_to_all_and_cannot_ask() -> lanai_test::Result {
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
    let app = lanai_test::app(App::new().route("/", live(mount)));
    let pages = [app.visit("/").await?, app.visit("/").await?];
    let boards = pages.each_ref().map(|page| page.within(css("p")).channel("board"));
    assert_eq!(boards[0].request("ask", json!(null)).await?, Ok(json!("Err(ManyPages)")));
    for board in &boards {
        assert_eq!(board.hears("news").await?, json!(1));
    }
    Ok(())
}
