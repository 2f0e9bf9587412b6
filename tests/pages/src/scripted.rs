//! Views that exchange messages with the scripts of their page.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use lanai::prelude::*;

/// The script of the page: `tests/pages/src/scripted.js`.
pub(crate) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript")], include_str!("scripted.js"))
}

/// The layout of a page that loads its script from the start.
pub(crate) fn layout(document: lanai::Document) -> maud::Markup {
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; script type="module" src="/scripted.js" {} (document.head) }
            body { (document.body) }
        }
    }
}

pub(crate) struct Scripted {
    cx: Cx<Self>,
    heard: Vec<String>,
    clicks: u32,
    outcome: String,
    value: u32,
    shows: bool,
    ticks: u32,
}

impl Scripted {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        let channel = cx.channel("test");
        channel.on("say", |page: &mut Self, text: String| page.heard.push(text));
        channel.answer("double", |_: &mut Self, number: u32| number * 2);
        channel.answer("refuse", |_: &mut Self, (): ()| -> Result<u32> {
            Err(Error::new(StatusCode::CONFLICT, "not today"))
        });
        channel.answer("panic", |_: &mut Self, (): ()| -> u32 { panic!("on purpose") });
        channel.answer("slow", Self::slow);
        Self { cx, heard: Vec::new(), clicks: 0, outcome: "none".into(), value: 0, shows: true, ticks: 0 }
    }

    async fn slow(&mut self, milliseconds: u64) -> &'static str {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        "at last"
    }

    fn click(&mut self) {
        self.clicks += 1;
        self.heard.push(format!("click {}", self.clicks));
    }

    fn typed(&mut self, Value(text): Value<String>) {
        self.heard.push(format!("typed {text}"));
    }

    /// Sends a burst of messages within one rendering.
    fn tick(&mut self) {
        for _ in 0..50 {
            self.ticks += 1;
            self.cx.channel("test").emit("tick", self.ticks);
        }
    }

    fn ask(&mut self, event: &'static str, timeout: u64) {
        let answer = self.cx.channel("test").request::<String>(event, (), Duration::from_millis(timeout));
        self.outcome = "asking".into();
        self.cx.spawn(answer, |page: &mut Self, answer| {
            page.outcome = match answer {
                Ok(answer) => answer,
                Err(error) => format!("{error:?}"),
            };
        });
    }
}

impl View for Scripted {
    fn render(&self) -> Html<Self> {
        html! {
            button #click onclick=(Self::click) { "click" }
            input #draft oninput=(on(Self::typed).debounce(Duration::from_secs(60)));
            button #tick onclick=(Self::tick) { "tick" }
            button #value onclick=(|page: &mut Self| page.value += 1) { "value" }
            button #toggle onclick=(|page: &mut Self| page.shows = !page.shows) { "toggle" }
            button #where onclick=(|page: &mut Self| page.ask("where", 5_000)) { "where" }
            button #never onclick=(|page: &mut Self| page.ask("never", 300)) { "never" }
            button #forever onclick=(|page: &mut Self| page.ask("never", 60_000)) { "forever" }
            button #unknown onclick=(|page: &mut Self| page.ask("unknown", 5_000)) { "unknown" }
            button #broken onclick=(|page: &mut Self| page.ask("broken", 5_000)) { "broken" }
            output #outcome { (self.outcome) }
            ol #heard { @for text in &self.heard { li { (text) } } }
            @if self.shows {
                div #hooked data-lanai-hook="probe" data-value=(self.value) { p { "value " (self.value) } div .own {} }
            }
            section { (self.cx.child("inner", Inner::new)) }
        }
    }
}

/// A child that exchanges messages with its own hooks.
struct Inner {
    heard: Vec<String>,
}

impl Inner {
    fn new(cx: Cx<Self>) -> Self {
        cx.channel("test").on("say", |inner: &mut Self, text: String| inner.heard.push(text));
        Self { heard: Vec::new() }
    }
}

impl View for Inner {
    fn render(&self) -> Html<Self> {
        html! { div #inner data-lanai-hook="probe" { @for text in &self.heard { i { (text) } } } }
    }
}
