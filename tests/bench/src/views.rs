//! The benchmark's own views, for what the examples do not cover.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lanai::CloseReason;
use lanai::axum::Router;
use lanai::prelude::*;
use lanai_markdown::Markdown;

/// A byte that occurs exactly once in each line of a broadcast. The load counts it.
pub(crate) const MARK: u8 = b'~';

const LINES: Topic<String> = Topic::new("lines");

/// When a [`Listener`] shows the first number of lines, it drops all but the second number. That is more than are ever
/// in flight, since each line must reach the page to be counted.
const HISTORY: (usize, usize) = (40, 20);

/// The chat of the examples with a limited number of lines, so that the cost of a line does not grow.
struct Listener {
    name: String,
    lines: Vec<(u32, String)>,
    heard: u32,
}

impl Listener {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(LINES, Self::received);
        Self { name: "Alice".into(), lines: Vec::new(), heard: 0 }
    }

    fn received(&mut self, line: &String) {
        if self.lines.len() == HISTORY.0 {
            self.lines.drain(..HISTORY.0 - HISTORY.1);
        }
        self.heard += 1;
        self.lines.push((self.heard, format!("{}: {line}", self.name)));
    }

    fn send(&mut self) {}
}

impl View for Listener {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Chatting as " (self.name) }
            div.messages #messages role="log" aria-label="Messages" tabindex="0" {
                div { @for (number, line) in &self.lines { p key=(number) { (line) } } }
            }
            form.chat-form onsubmit=(Self::send) {
                input name="text" placeholder="Say something nice" aria-label="Message" autocomplete="off" autofocus;
                button { "Send" }
            }
        }
    }
}

/// Shows the same lines in one view that all pages share.
struct Lines(Listener);

impl Lines {
    fn new(cx: Cx<Self>) -> Self {
        cx.subscribe(LINES, |lines: &mut Self, line: &String| lines.0.received(line));
        Self(Listener { name: "Alice".into(), lines: Vec::new(), heard: 0 })
    }
}

impl View for Lines {
    fn render(&self) -> Html<Self> {
        html! { div.messages { @for (number, line) in &self.0.lines { p key=(number) { (line) } } } }
    }
}

/// A private view around the shared one.
struct Watcher {
    name: String,
    lines: Shared<Lines>,
}

impl Watcher {
    async fn mount(cx: Cx<Self>) -> Self {
        Self { name: "Alice".into(), lines: cx.shared("lines", Lines::new) }
    }
}

impl View for Watcher {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Chatting as " (self.name) } (self.lines) }
    }
}

/// A chat that keeps all lines, in a `Vec` or a `LiveList`, and starts with `count` lines.
struct Long<L> {
    lines: L,
}

impl Long<Vec<String>> {
    async fn mount(cx: Cx<Self>, Path(count): Path<usize>) -> Self {
        cx.subscribe(LINES, |long: &mut Self, line: &String| long.lines.push(line.clone()));
        Self { lines: old_lines(count).collect() }
    }
}

impl Long<LiveList<String>> {
    async fn mount(cx: Cx<Self>, Path(count): Path<usize>) -> Self {
        cx.subscribe(LINES, |long: &mut Self, line: &String| long.lines.push(line.clone()));
        Self { lines: old_lines(count).collect() }
    }
}

fn old_lines(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|line| format!("Say something nice, {line}"))
}

impl View for Long<Vec<String>> {
    fn render(&self) -> Html<Self> {
        html! { div.messages { @for line in &self.lines { p { (line) } } } }
    }
}

impl View for Long<LiveList<String>> {
    fn render(&self) -> Html<Self> {
        html! { div.messages { @for line in &self.lines { p { (line) } } } }
    }
}

/// An answer that arrives token by token, each as an event.
struct Answer<T> {
    text: T,
}

impl<T: for<'t> Extend<&'t str> + Default> Answer<T> {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { text: T::default() }
    }

    fn token(&mut self, Value(token): Value<String>) {
        self.text.extend([token.as_str()]);
    }
}

/// Implements the view of an answer, whose markup is the same for each kind of text.
macro_rules! answers {
    ($($text:ty),*) => {
        $(
            impl View for Answer<$text> {
                fn render(&self) -> Html<Self> {
                    html! { article { (self.text) } input aria-label="Token" oninput=(Self::token); }
                }
            }
        )*
    };
}

answers!(StreamedText, Markdown, String);

/// An answer that all pages share, of [`LONG_ANSWER`] tokens at the start. Each line of a [`Speaker`] is a token.
struct SharedAnswer(StreamedText);

/// The tokens of an answer that is long.
pub(crate) const LONG_ANSWER: usize = 10_000;

impl SharedAnswer {
    fn new(cx: Cx<Self>) -> Self {
        cx.subscribe(LINES, |answer: &mut Self, token: &String| answer.0.push_str(token));
        Self(" word".repeat(LONG_ANSWER).into())
    }
}

impl View for SharedAnswer {
    fn render(&self) -> Html<Self> {
        html! { article { (self.0) } }
    }
}

/// A private view around the shared answer.
struct Reader(Shared<SharedAnswer>);

impl Reader {
    async fn mount(cx: Cx<Self>) -> Self {
        Self(cx.shared("answer", SharedAnswer::new))
    }
}

impl View for Reader {
    fn render(&self) -> Html<Self> {
        html! { h1 { "The answer" } (self.0) }
    }
}

/// Sends a line to all [`Listener`]s.
struct Speaker;

impl Speaker {
    async fn mount(_: Cx<Self>) -> Self {
        Self
    }

    fn say(&mut self, Value(line): Value<String>, cx: &Cx<Self>) {
        cx.publish(LINES, line);
    }
}

impl View for Speaker {
    fn render(&self) -> Html<Self> {
        html! { input onchange=(Self::say); }
    }
}

/// Keyed rows that grow at the beginning.
pub(crate) struct Prepended {
    rows: Vec<(usize, String)>,
}

impl Prepended {
    pub(crate) fn new(count: usize) -> Self {
        Self { rows: (0..count).rev().map(Self::row).collect() }
    }

    async fn mount(_: Cx<Self>) -> Self {
        Self::new(1_000)
    }

    fn row(id: usize) -> (usize, String) {
        (id, "pretty pink pony".into())
    }

    pub(crate) fn prepend(&mut self) {
        self.rows.insert(0, Self::row(self.rows.len()));
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

impl View for Prepended {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::prepend) { "Prepend" }
            table { tbody {
                @for (id, label) in &self.rows {
                    tr key=(id) { td.col-md-1 { (id) } td.col-md-4 { a { (label) } } }
                }
            } }
        }
    }
}

/// The counter of the examples, which can be clicked without a page.
#[derive(Default)]
pub(crate) struct Count {
    count: i64,
}

impl Count {
    fn down(&mut self) {
        self.count -= 1;
    }

    pub(crate) fn up(&mut self) {
        self.count += 1;
    }
}

impl View for Count {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Counter" }
            div.counter {
                button.outline onclick=(Self::down) { "-1" }
                output #count aria-live="polite" { (self.count) }
                button onclick=(Self::up) { "+1" }
            }
        }
    }
}

/// Returns the routes of these views.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/listen", live(Listener::mount))
        .route("/shared", live(Watcher::mount))
        .route("/vec/{count}", live(Long::<Vec<String>>::mount))
        .route("/live-list/{count}", live(Long::<LiveList<String>>::mount))
        .route("/answer/text", live(Answer::<StreamedText>::mount))
        .route("/answer/markdown", live(Answer::<Markdown>::mount))
        .route("/answer/string", live(Answer::<String>::mount))
        .route("/answer", live(Reader::mount))
        .route("/say", live(Speaker::mount))
        .route("/prepend", live(Prepended::mount))
}

/// The number of times that a [`Slow`] was mounted or has ended. It is 1 while the first one is running.
pub(crate) static SLOW_MOUNTS: AtomicU64 = AtomicU64::new(0);

/// A shared view with a slow handler.
struct Slow(usize);

impl Slow {
    fn new(_cx: Cx<Self>) -> Self {
        SLOW_MOUNTS.fetch_add(1, Ordering::Relaxed);
        Self(0)
    }

    async fn wait(&mut self, Value(text): Value<String>) {
        tokio::time::sleep(Duration::from_millis(250)).await;
        self.0 += text.len();
    }
}

impl View for Slow {
    fn render(&self) -> Html<Self> {
        html! { (self.0) input oninput=(Self::wait); }
    }

    fn closed(&mut self, _reason: CloseReason) {
        SLOW_MOUNTS.fetch_add(1, Ordering::Relaxed);
    }
}

struct SlowPage(Shared<Slow>);

impl View for SlowPage {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

/// Returns the route of the page that is attacked.
pub(crate) fn slow() -> Router {
    Router::new().route("/slow", live(|cx: Cx<SlowPage>| async move { SlowPage(cx.shared("slow", Slow::new)) }))
}
