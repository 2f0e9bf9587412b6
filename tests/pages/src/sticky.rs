//! Pages whose layouts have sticky views. The query of a page's URL says which, and where.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use lanai::prelude::*;
use lanai::{CloseReason, Document, Topic, layout};

use crate::log::Log;

/// What rings the bells.
const RING: Topic<String> = Topic::new("sticky-ring");

/// What the bells have done, for the tests.
static LOG: Log = Log::new();

/// Returns all routes of this module: `/sticky/…`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/sticky/{name}", live(Stop::mount))
        .layer(layout(around))
        .route("/sticky-frame", get(|| async { axum::response::Html("a frame") }))
        .route("/sticky-log", get(|| async { LOG.read() }))
        .route("/sticky-ring", post(ring))
}

async fn ring(broker: lanai::axum::Extension<lanai::Broker>) -> Result<&'static str> {
    broker.publish(RING, "ring".into())?;
    Ok("rung")
}

fn around(document: Document) -> maud::Markup {
    let query = document.uri().query().unwrap_or_default().to_owned();
    let person = query.split('&').find_map(|pair| pair.strip_prefix("person=")).unwrap_or("ada").to_owned();
    let bell = |document: &Document| {
        let name = person.clone();
        document.sticky(format!("bell {person}"), move |cx| Bell::mount(cx, name))
    };
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                (document.head)
            }
            body {
                @if query.contains("bare") {
                    p { "bare" }
                } @else if query.contains("below") {
                    main { (document.body) }
                    footer { p { "Footer" } div { (bell(&document)) } }
                } @else {
                    header {
                        b { "Header" }
                        @if !query.contains("without") { (bell(&document)) }
                        @if query.contains("broken") { (document.sticky("broken", Broken::mount)) }
                        @if query.contains("two") { (document.sticky("two", |_| Plain)) }
                    }
                }
                @if !query.contains("below") { main { (document.body) } }
            }
        }
    }
}

/// A page to navigate to and from.
struct Stop {
    name: String,
    clicks: u32,
}

impl Stop {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.title(format!("Stop {name}"));
        if name == "slow" {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Self { name, clicks: 0 }
    }
}

impl View for Stop {
    fn render(&self) -> Html<Self> {
        html! {
            h1 #name { "Stop " (self.name) }
            button #click onclick=(|stop: &mut Self| stop.clicks += 1) { (self.clicks) }
            nav {
                @for to in ["one", "two", "slow", "two?without", "two?below", "two?bare", "two?person=ben", "two?two"] {
                    a href={ "/sticky/" (to) } data-to=(to) { (to) } " "
                }
            }
        }
    }
}

/// Counts what rings and what is clicked, with a view inside.
struct Bell {
    cx: Cx<Self>,
    name: String,
    rings: u32,
    clicks: u32,
    text: String,
    has_inside: bool,
    list: Vec<usize>,
}

impl Bell {
    async fn mount(cx: Cx<Self>, name: String) -> Self {
        // As a database would.
        tokio::time::sleep(Duration::from_millis(10)).await;
        cx.subscribe(RING, |bell: &mut Self, _: &String| bell.rings += 1);
        LOG.write(format!("mount {name}"));
        Self { cx, name, rings: 0, clicks: 0, text: String::new(), has_inside: true, list: Vec::new() }
    }

    fn click(&mut self) {
        self.clicks += 1;
    }

    fn write(&mut self, Value(text): Value<String>) {
        self.text = text;
    }

    fn leave(&mut self, cx: &Cx<Self>) {
        cx.flash("The bell leads.");
        cx.navigate("/sticky/led");
    }

    fn panics(&mut self) {
        panic!("on purpose: a sticky view");
    }
}

impl View for Bell {
    fn render(&self) -> Html<Self> {
        let bell_list = &self.list;
        html! {
            b #bell { (self.name) ": " (self.rings) " rings, " (self.clicks) " clicks" }
            button #bell-click onclick=(Self::click) { "click" }
            button #bell-leave onclick=(Self::leave) { "leave" }
            button #bell-reset onclick=(|bell: &mut Self| bell.clicks -= 2) { "reset" }
            button #bell-add onclick=(|bell: &mut Self| bell.list.push(bell.list.len())) { "add" }
            ul #bell-list { @for number in bell_list { li key=(number) { (number) } } }
            iframe #bell-frame src="/sticky-frame" title="A frame" {}
            button #bell-panic onclick=(Self::panics) { "panic" }
            button #bell-inside onclick=(|bell: &mut Self| bell.has_inside = !bell.has_inside) { "inside" }
            input #bell-text name="bell-text" aria-label="Text" value=(self.text) oninput=(Self::write);
            output #bell-echo { (self.text) }
            details #bell-details { summary { "More" } "of it" }
            @if self.has_inside { (self.cx.child("inside", Inside::new)) }
            span data-lanai-hook="sticky" {}
        }
    }

    fn closed(&mut self, reason: CloseReason) {
        LOG.write(format!("closed {} {reason:?}", self.name));
    }
}

struct Inside(u32);

impl Inside {
    fn new(_: Cx<Self>) -> Self {
        Self(0)
    }
}

impl View for Inside {
    fn render(&self) -> Html<Self> {
        html! { button #inside onclick=(|inside: &mut Self| inside.0 += 1) { "inside " (self.0) } }
    }
}

/// A view whose mount fails.
struct Broken;

impl Broken {
    async fn mount(_: Cx<Self>) -> Result<Self> {
        Err(std::io::Error::other("on purpose: a sticky view is not mounted").into())
    }
}

impl View for Broken {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

/// A view without handlers.
struct Plain;

impl View for Plain {
    fn render(&self) -> Html<Self> {
        html! { i #plain { "plain" } }
    }
}
