//! Pages whose links are followed in advance, and a route that is always loaded as a document.

use axum::Router;
use axum::response::Html as Document;
use axum::routing::get;
use lanai::prelude::*;
use lanai::{CloseReason, layout, live_navigation};

use crate::log::Log;

/// What the views have done, for the tests.
static LOG: Log = Log::new();

/// Returns all routes of this module: `/prefetch/…`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/prefetch/{name}", live(Stop::mount))
        .route("/prefetch/to/{name}", live(redirected))
        .layer(layout(around))
        .route("/prefetch/document", get(|| async { Document("<h1 id=name>A document</h1>") }))
        .route("/prefetch/alone", live(Stop::alone).layer(live_navigation(false)))
        .route("/prefetch-log", get(|| async { LOG.read() }))
}

fn around(document: lanai::Document) -> maud::Markup {
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                (document.head)
            }
            body data-lanai-prefetch {
                (document.flash())
                (document.sticky("sticky", |_| Sticky(0)))
                main { (document.body) }
            }
        }
    }
}

fn redirected(cx: Cx<Stop>, Path(name): Path<String>) -> Result<Stop> {
    cx.flash("Redirected.");
    Err(Error::redirect(format!("/prefetch/{name}")))
}

/// A view that stays.
struct Sticky(u32);

impl View for Sticky {
    fn render(&self) -> Html<Self> {
        html! { button #sticky onclick=(|sticky: &mut Self| sticky.0 += 1) { (self.0) } }
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
        LOG.write(format!("mount {name}"));
        Self { name, clicks: 0 }
    }

    fn alone(_: Cx<Self>) -> Self {
        LOG.write("mount alone".into());
        Self { name: "alone".into(), clicks: 0 }
    }

    fn flash(&mut self, cx: &Cx<Self>) {
        cx.flash("Hello.");
        cx.navigate("/prefetch/two");
    }
}

impl View for Stop {
    fn render(&self) -> Html<Self> {
        html! {
            h1 #name { "Stop " (self.name) }
            button #click onclick=(|stop: &mut Self| stop.clicks += 1) { (self.clicks) }
            button #flash onclick=(Self::flash) { "flash" }
            nav {
                @for to in ["one", "two", "three", "four", "five", "six", "to/seven", "document", "alone"] {
                    p { a href={ "/prefetch/" (to) } data-to=(to) { (to) } }
                }
                p { a href="?page=2" data-to="query" { "query" } }
                p data-lanai-prefetch="never" { a href="/prefetch/never" data-to="never" { "never" } }
                p { a href="/prefetch/reload" data-to="reload" data-lanai-reload { "reload" } }
            }
            @if self.name == "views" {
                @for line in 0..100 { p { "Line " (line) } }
                p data-lanai-prefetch="view" {
                    @for number in 0..12 { a href={ "/prefetch/seen" (number) } data-to={ "seen" (number) } { (number) " " } }
                }
            }
        }
    }

    fn closed(&mut self, reason: CloseReason) {
        LOG.write(format!("closed {} {reason:?}", self.name));
    }
}
