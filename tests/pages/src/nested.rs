//! Views inside a view: children of its own, and one that all pages share.

use std::sync::Arc;
use std::time::Duration;

use lanai::prelude::*;
use tokio::sync::Semaphore;

pub(crate) struct Nested {
    cx: Cx<Self>,
    clicks: u32,
    counters: Vec<u32>,
    next: u32,
    wall: Shared<Wall>,
    shows_wall: bool,
}

impl Nested {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        let wall = cx.shared("wall", Wall::new);
        Self { cx, clicks: 0, counters: vec![0, 1], next: 2, wall, shows_wall: true }
    }

    fn click(&mut self) {
        self.clicks += 1;
    }

    fn add(&mut self) {
        self.counters.insert(0, self.next);
        self.next += 1;
    }
}

impl View for Nested {
    fn render(&self) -> Html<Self> {
        html! {
            button #root onclick=(Self::click) { (self.clicks) }
            button #add onclick=(Self::add) { "add" }
            button #remove onclick=(|page: &mut Self| { page.counters.pop(); }) { "remove" }
            button #reverse onclick=(|page: &mut Self| page.counters.reverse()) { "reverse" }
            button #wall onclick=(|page: &mut Self| page.shows_wall = !page.shows_wall) { "wall" }
            ul #counters {
                @for number in &self.counters {
                    li key=(number) data-number=(number) { (self.cx.child(number, Counter::new)) }
                }
            }
            section #shared { "Wall: " @if self.shows_wall { (self.wall) } }
        }
    }
}

/// Counts its clicks, shows typed text in capitals, and changes constantly.
struct Counter {
    clicks: u32,
    text: String,
    ticks: u32,
}

impl Counter {
    fn new(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_millis(30), |counter: &mut Self| counter.ticks += 1);
        Self { clicks: 0, text: String::new(), ticks: 0 }
    }

    fn up(&mut self) {
        self.clicks += 1;
    }

    fn text(&mut self, Value(text): Value<String>) {
        self.text = text.to_uppercase();
    }

    fn panics(&mut self) {
        panic!("on purpose");
    }
}

impl View for Counter {
    fn render(&self) -> Html<Self> {
        html! {
            button.up onclick=(Self::up) { (self.clicks) }
            input.text value=(self.text) oninput=(Self::text);
            button.panic onclick=(Self::panics) { "panic" }
            button.close onclick=(|_: &mut Self, cx: &Cx<Self>| cx.close()) { "close" }
            output.ticks { (self.ticks) }
        }
    }
}

/// A wall: everyone sees what anyone writes on it.
struct Wall {
    lines: Vec<String>,
}

#[derive(Deserialize)]
struct Draft {
    line: String,
}

impl Wall {
    fn new(_cx: Cx<Self>) -> Self {
        Self { lines: Vec::new() }
    }

    fn write(&mut self, Form(Draft { line }): Form<Draft>, cx: &Cx<Self>) {
        self.lines.push(line);
        cx.reset_form();
    }
}

impl View for Wall {
    fn render(&self) -> Html<Self> {
        html! {
            ol { @for line in &self.lines { li { (line) } } }
            form onsubmit=(Self::write) { input name="line"; button { "write" } }
        }
    }
}

/// Views whose mount functions wait for a button.
pub(crate) struct Slow {
    cx: Cx<Self>,
    clicks: u32,
    mounts: Arc<Semaphore>,
}

impl Slow {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        Self { cx, clicks: 0, mounts: Arc::new(Semaphore::new(0)) }
    }

    /// Waits for the button.
    fn waits(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let mounts = self.mounts.clone();
        async move {
            mounts.acquire_owned().await?.forget();
            Ok(())
        }
    }
}

impl View for Slow {
    fn render(&self) -> Html<Self> {
        let (child, failing, shared) = (self.waits(), self.waits(), self.waits());
        let child = self.cx.child("child", async move |cx| {
            child.await?;
            Ok::<_, Error>(Counter::new(cx))
        });
        let failing = self.cx.child("failing", async move |_: Cx<Counter>| {
            failing.await?;
            Err::<Counter, _>(Error::not_found())
        });
        let shared = self.cx.shared("slow", async move |cx| {
            shared.await?;
            Ok::<_, Error>(Wall::new(cx))
        });
        html! {
            button #root onclick=(|page: &mut Self| page.clicks += 1) { (self.clicks) }
            button #mount onclick=(|page: &mut Self| page.mounts.add_permits(3)) { "mount" }
            ul { li data-number="0" { (child) } }
            section #failing { (failing) }
            section #shared { (shared) }
        }
    }
}
