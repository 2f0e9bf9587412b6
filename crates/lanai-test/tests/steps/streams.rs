//! Streams that feed a view: in order, through lost connections, and cancelled.

use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt as _, stream};
use lanai::prelude::*;
use lanai::task::Task;
use lanai_test::{Page, Result, TestApp, app};
use serde_json::json;
use tokio::sync::mpsc;

/// The operation that appends to slot 0, which shows the text.
const APPEND: i64 = 2;

/// Each frame repeats the number of the last event, the click on "Ask".
const EVENT: u32 = 1;

/// A stream of tokens that a test controls.
#[derive(Clone, Default)]
struct Source(Arc<Mutex<Option<mpsc::Sender<String>>>>);

impl Source {
    /// Opens a stream. The test then has its other end.
    fn open(&self) -> impl Stream<Item = String> + Send + 'static {
        let (sender, receiver) = mpsc::channel(1);
        *self.0.lock().unwrap() = Some(sender);
        stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))
    }

    /// Takes the other end of the stream that the view has opened.
    fn take(&self) -> mpsc::Sender<String> {
        self.0.lock().unwrap().take().expect("the view has opened a stream")
    }
}

/// A text that arrives token by token.
struct Answer {
    source: Source,
    text: StreamedText,
    task: Option<Task>,
    has_ended: bool,
}

impl Answer {
    fn new(source: &Source) -> Self {
        Self { source: source.clone(), text: "Answer: ".into(), task: None, has_ended: false }
    }

    fn ask(&mut self, cx: &Cx<Self>) {
        self.task = Some(cx.stream(self.source.open(), Self::token, Self::ended));
    }

    fn token(&mut self, token: String) {
        self.text.push_str(&token);
    }

    fn ended(&mut self) {
        self.has_ended = true;
    }

    fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.cancel();
        }
    }
}

impl View for Answer {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.text) }
            @if self.has_ended { strong { "That is all." } }
            button onclick=(Self::ask) { "Ask" }
            button onclick=(Self::stop) { "Stop" }
        }
    }
}

fn program(source: &Source) -> TestApp {
    let source = source.clone();
    app(App::new().route(
        "/",
        live(move |_cx: Cx<Answer>| {
            let answer = Answer::new(&source);
            async move { answer }
        }),
    ))
}

/// A page whose stream is open, and the other end of the stream.
async fn asked(source: &Source) -> Result<(TestApp, Page, mpsc::Sender<String>)> {
    let app = program(source);
    let page = app.visit("/").await?;
    page.click("Ask").await?;
    Ok((app, page, source.take()))
}

async fn send(tokens: &mpsc::Sender<String>, token: &str) {
    tokens.send(token.into()).await.expect("the stream is open");
}

#[tokio::test(start_paused = true)]
async fn each_token_is_a_frame_with_the_token_and_eight_bytes() -> Result {
    let (_app, page, tokens) = asked(&Source::default()).await?;
    let before = page.wire().received().len();
    for (token, shown) in [("It", "Answer: It"), (" grows", "Answer: It grows"), (".", "Answer: It grows.")] {
        send(&tokens, token).await;
        page.sees(shown).await?;
    }
    let frames: Vec<String> = ["It", " grows", "."].map(|token| json!([EVENT, APPEND, token]).to_string()).into();
    assert_eq!(page.wire().received()[before..], frames);
    drop(tokens);
    page.sees("That is all.").await
}

#[tokio::test(start_paused = true)]
async fn tokens_that_come_faster_than_frames_arrive_in_order_and_the_end_comes_last() -> Result {
    let (_app, page, tokens) = asked(&Source::default()).await?;
    let mut expected = "Answer: ".to_owned();
    for number in 0..1000 {
        let token = format!("{number} ");
        expected.push_str(&token);
        send(&tokens, &token).await;
    }
    drop(tokens);
    page.sees("That is all.").await?;
    assert_eq!(page.texts(lanai_test::css("p")), [expected.trim()]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_button_cancels_it() -> Result {
    let (_app, page, tokens) = asked(&Source::default()).await?;
    send(&tokens, "half").await;
    page.sees("half").await?;
    page.click("Stop").await?;
    tokens.closed().await;
    page.sees_not("That is all.").await?;
    // Another answer may follow.
    page.click("Ask").await
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_view() -> Result {
    let (_app, page, tokens) = asked(&Source::default()).await?;
    page.close().await;
    tokens.closed().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_came_while_the_connection_was_lost_is_one_append() -> Result {
    let (_app, page, tokens) = asked(&Source::default()).await?;
    send(&tokens, "before").await;
    page.sees("before").await?;
    page.disconnect();
    page.sees("Connection lost").await?;
    for token in [", and", " mean", "while"] {
        send(&tokens, token).await;
    }
    let before = page.wire().received().len();
    page.reconnect().await?;
    page.sees("before, and meanwhile").await?;
    let received = page.wire().received().split_off(before);
    let frame = json!([EVENT, APPEND, ", and meanwhile"]).to_string();
    assert!(received.contains(&frame), "{received:?}");
    send(&tokens, "!").await;
    page.sees("before, and meanwhile!").await
}

/// A view whose stream never waits and never ends.
struct Flood {
    task: Option<Task>,
    count: u64,
    text: StreamedText,
}

impl Flood {
    async fn mount(cx: Cx<Self>) -> Self {
        let task = cx.stream(stream::repeat("x"), Self::token, |_: &mut Self| {});
        Self { task: Some(task), count: 0, text: StreamedText::new() }
    }

    fn token(&mut self, token: &'static str) {
        self.count += 1;
        if self.count.is_multiple_of(100) {
            self.text.clear();
        }
        self.text.push_str(token);
    }

    fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.cancel();
        }
    }
}

impl View for Flood {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.text) }
            button onclick=(Self::stop) { "Stop" }
            @if self.task.is_none() { strong { "Stopped after " (self.count) } }
        }
    }
}

#[tokio::test]
async fn a_stream_without_an_end_leaves_the_view_and_others_usable() -> Result {
    let source = Source::default();
    let answers = source.clone();
    let app = app(App::new().route("/flood", live(Flood::mount)).route(
        "/",
        live(move |_cx: Cx<Answer>| {
            let answer = Answer::new(&answers);
            async move { answer }
        }),
    ));
    let flooded = app.visit("/flood").await?;
    let other = app.visit("/").await?;
    other.click("Ask").await?;
    send(&source.take(), "still here").await;
    other.sees("still here").await?;
    flooded.click("Stop").await?;
    flooded.sees("Stopped after").await?;
    let stopped = flooded.text();
    other.click("Stop").await?;
    assert_eq!(flooded.text(), stopped, "nothing is handled after the stop");
    Ok(())
}

/// A view whose stream panics after one item.
struct Broken(StreamedText);

impl Broken {
    fn start(&mut self, cx: &Cx<Self>) {
        let items = stream::iter([true, false]).map(|is_good| if is_good { "good" } else { panic!("on purpose") });
        cx.stream(items, |this: &mut Self, item: &'static str| this.0.push_str(item), |_: &mut Self| {});
    }
}

impl View for Broken {
    fn render(&self) -> Html<Self> {
        html! { p { (self.0) } button onclick=(Self::start) { "Start" } }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_ends_its_view_alone() -> Result {
    let mount = |_cx: Cx<Broken>| async { Broken(StreamedText::new()) };
    let app = app(App::new().route("/", live(mount)));
    let other = app.visit("/").await?;
    let page = app.visit("/").await?;
    page.click("Start").await?;
    app.until("the view has panicked", |stats| stats.panics == 1).await?;
    other.has(lanai_test::role("button").named("Start")).await
}

/// Shows an answer that all pages share.
struct Audience(Shared<Answer>);

impl View for Audience {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_daemon_it_goes_on_without_a_page_and_all_pages_see_it() -> Result {
    let source = Source::default();
    let answers = source.clone();
    let mount = move |cx: Cx<Audience>| {
        let source = answers.clone();
        async move { Audience(cx.daemon("answer", move |_: Cx<Answer>| Answer::new(&source))) }
    };
    let app = app(App::new().route("/", live(mount)));
    let page = app.visit("/").await?;
    page.click("Ask").await?;
    let tokens = source.take();
    let other = app.visit("/").await?;
    send(&tokens, "for all").await;
    page.sees("for all").await?;
    other.sees("for all").await?;
    page.close().await;
    other.close().await;
    app.until("only the daemon is left", |stats| stats.instances == 1).await?;
    send(&tokens, ", and later").await;
    drop(tokens);
    let late = app.visit("/").await?;
    late.sees("for all, and later").await?;
    late.sees("That is all.").await
}
