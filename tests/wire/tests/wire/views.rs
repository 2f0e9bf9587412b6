//! The views under test.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanai::prelude::*;
use lanai::{CloseReason, Limits};

/// A counter with two buttons; handler 0 counts up, handler 1 shows and hides a third button, handler 2 counts by hundreds.
#[derive(Default)]
pub(crate) struct Clicks {
    count: u32,
    hundreds: bool,
}

impl Clicks {
    pub(crate) async fn mount(_cx: Cx<Self>) -> Self {
        Self { count: 0, hundreds: true }
    }

    fn up(&mut self) {
        self.count += 1;
    }

    fn toggle(&mut self) {
        self.hundreds = !self.hundreds;
    }

    fn hundred(&mut self, Value(by): Value<u32>) {
        self.count += by * 100;
    }
}

impl View for Clicks {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.count) }
            button onclick=(Self::up) { "up" }
            button onclick=(Self::toggle) { "toggle" }
            @if self.hundreds { input oninput=(Self::hundred); }
        }
    }
}

pub(crate) const NUMBERS: Topic<u32> = Topic::new("numbers");

/// Shows what it has heard on [`NUMBERS`], and checks the order.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) last: u32,
    pub(crate) count: u32,
    disorder: u32,
}

impl Listener {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(NUMBERS, Self::heard);
        Self::default()
    }

    fn heard(&mut self, number: &u32) {
        if *number != self.last + 1 {
            self.disorder += 1;
        }
        self.last = *number;
        self.count += 1;
    }

    fn publish(&mut self, cx: &Cx<Self>) {
        cx.publish(NUMBERS, self.last + 1);
    }
}

impl View for Listener {
    fn render(&self) -> Html<Self> {
        html! {
            // Of one width: a frame has the whole number, not what is appended to it.
            p { (format!("{:05}", self.count)) "/" (format!("{:05}", self.last)) "/" (self.disorder) }
            button onclick=(Self::publish) { "publish" }
        }
    }
}

/// Panics and errors on demand, by handlers 0, 1, 2 and 3.
pub(crate) struct Fragile {
    error: Option<String>,
    broken: bool,
}

impl Fragile {
    pub(crate) async fn mount(_cx: Cx<Self>) -> Self {
        Self { error: None, broken: false }
    }

    fn panics(&mut self) {
        panic!("on purpose: the handler");
    }

    async fn panics_later(&mut self) {
        tokio::task::yield_now().await;
        panic!("on purpose: the async handler");
    }

    fn breaks_render(&mut self) {
        self.broken = true;
    }

    fn fails(&mut self) -> Result<()> {
        "nonsense".parse::<u32>()?;
        Ok(())
    }
}

impl View for Fragile {
    fn render(&self) -> Html<Self> {
        assert!(!self.broken, "on purpose: the rendering");
        html! {
            button onclick=(Self::panics) { "panic" }
            button onclick=(Self::panics_later) { "panic later" }
            button onclick=(Self::breaks_render) { "break" }
            button onclick=(Self::fails) { "fail" }
            @if let Some(error) = &self.error { p { (error) } }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        self.error = Some(error.to_string());
    }
}

/// Tells the test how it was closed.
pub(crate) struct Closing(pub(crate) Arc<Reasons>);

/// The reasons, in order.
#[derive(Default)]
pub(crate) struct Reasons(Mutex<Vec<CloseReason>>);

impl Reasons {
    pub(crate) fn all(&self) -> Vec<CloseReason> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

impl View for Closing {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|_: &mut Self, cx: &Cx<Self>| cx.close()) { "close" } }
    }

    fn closed(&mut self, reason: CloseReason) {
        self.0.0.lock().expect("nobody panics with it").push(reason);
    }
}

/// A grace that tests do not wait long for, and in which a busy machine still attaches to what it has fetched.
pub(crate) fn short_grace() -> Limits {
    Limits { grace: Duration::from_millis(400), ..Limits::default() }
}
