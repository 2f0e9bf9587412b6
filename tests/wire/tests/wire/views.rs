//! Views that several tests use. An associated constant of a view is the number of one of its handlers or slots, in the
//! order of its markup.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanai::prelude::*;
use lanai::{CloseReason, Limits};
use serde_json::json;
use wire::op;

/// A counter.
#[derive(Default)]
pub(crate) struct Clicks {
    count: u32,
    hundreds: bool,
}

impl Clicks {
    /// The handler that counts up by one.
    pub(crate) const UP: u32 = 0;
    /// The handler that hides the field with the handler [`HUNDRED`](Self::HUNDRED), and shows it again.
    pub(crate) const TOGGLE: u32 = 1;
    /// The handler that counts up by hundreds. It gets another number when the field is shown again.
    pub(crate) const HUNDRED: u32 = 2;
    /// Its number when the field is shown for the second time.
    pub(crate) const HUNDRED_AGAIN: u32 = 3;
    /// A number that no handler has.
    pub(crate) const UNKNOWN: u32 = 99;
    /// The slot of the count.
    const COUNT: i64 = 0;
    /// The slot that contains the field or nothing.
    const FIELD: i64 = 3;

    pub(crate) async fn mount(_cx: Cx<Self>) -> Self {
        Self { count: 0, hundreds: true }
    }

    /// The frame that answers an event by showing a new count.
    pub(crate) fn counted(event: u64, count: u32) -> String {
        json!([event, op::set(Self::COUNT), count.to_string()]).to_string()
    }

    /// The frame that answers an event by removing the field.
    pub(crate) fn hidden(event: u64) -> String {
        json!([event, op::set(Self::FIELD), 0]).to_string()
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

/// Counts the messages on [`NUMBERS`], and checks their order.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) last: u32,
    pub(crate) count: u32,
    disorder: u32,
}

impl Listener {
    /// The slot of the number of messages.
    const COUNT: i64 = 0;
    /// The slot of the last message.
    const LAST: i64 = 1;

    /// The frame that shows that all numbers up to this one have arrived, and acknowledges no event.
    pub(crate) fn heard_up_to(number: u32) -> String {
        let number = format!("{number:05}");
        json!([0, op::set(Self::COUNT), number, op::set(Self::LAST), number]).to_string()
    }

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
            // All numbers have the same width, so a frame sets the whole number instead of appending digits.
            p { (format!("{:05}", self.count)) "/" (format!("{:05}", self.last)) "/" (self.disorder) }
            button onclick=(Self::publish) { "publish" }
        }
    }
}

/// Fails in the way that its handlers say.
pub(crate) struct Fragile {
    error: Option<String>,
    broken: bool,
}

impl Fragile {
    /// The handler that panics.
    pub(crate) const PANICS: u32 = 0;
    /// The handler that panics after an `await`.
    pub(crate) const PANICS_LATER: u32 = 1;
    /// The handler after which `render` panics.
    pub(crate) const BREAKS_RENDER: u32 = 2;
    /// The handler that returns an error.
    pub(crate) const FAILS: u32 = 3;

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

/// Closes itself on a click, and records why it was closed.
pub(crate) struct Closing(pub(crate) Arc<Reasons>);

impl Closing {
    /// The handler that closes the view.
    pub(crate) const CLOSE: u32 = 0;
}

/// The reasons for which views were closed, in order.
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

/// A grace period that is short for a test, but long enough for a busy machine to attach to a page that it has fetched.
pub(crate) fn short_grace() -> Limits {
    Limits { grace: Duration::from_millis(400), ..Limits::default() }
}
