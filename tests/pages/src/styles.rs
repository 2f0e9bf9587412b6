//! Styles of elements, under a Content-Security-Policy that forbids the attribute `style`.

use axum::Router;
use lanai::prelude::*;
use lanai::{Document, layout};

/// Returns all routes of this module: `/styles/…`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/styles/{name}", live(Styles::mount))
        .route("/styles/in/layout", live(Styles::plain).layer(layout(around)))
}

fn around(document: Document) -> maud::Markup {
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; (document.head) }
            body { (document.sticky("styled", |_| Sticky(7))) main { (document.body) } }
        }
    }
}

struct Styles {
    cx: Cx<Self>,
    is_styled: bool,
    width: u32,
    rows: u32,
    has_color: bool,
    has_child: bool,
}

impl Styles {
    fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.title(&name);
        Self { cx, is_styled: name == "styled", width: 10, rows: 2, has_color: true, has_child: false }
    }

    fn plain(cx: Cx<Self>) -> Self {
        Self { cx, is_styled: false, width: 10, rows: 2, has_color: true, has_child: false }
    }
}

impl View for Styles {
    fn render(&self) -> Html<Self> {
        let color = self.has_color.then_some("color: rgb(1, 2, 3)");
        html! {
            h1 #name { (if self.is_styled { "styled" } else { "plain" }) }
            nav { a href="/styles/styled" { "styled" } " " a href="/styles/plain" { "plain" } }
            button #style onclick=(|page: &mut Self| page.is_styled = !page.is_styled) { "style" }
            button #wider onclick=(|page: &mut Self| page.width += 10) { "wider" }
            button #row onclick=(|page: &mut Self| page.rows += 1) { "row" }
            button #color onclick=(|page: &mut Self| page.has_color = !page.has_color) { "color" }
            button #child onclick=(|page: &mut Self| page.has_child = !page.has_child) { "child" }
            @if self.is_styled {
                p #bar style={ "width: " (self.width) "px; --width: " (self.width) "; height: 5px !important" } {}
                p #fixed style="margin-left: 7px" { "fixed" }
                p #optional style=[color] { "optional" }
                ul { @for row in 0..self.rows { li key=(row) style={ "text-indent: " (row) "px" } { (row) } } }
                svg width="20" height="20" { rect #rect width="9" height="9" style={ "fill: rgb(0, 0, " (self.width) ")" } {} }
            }
            @if self.has_child { (self.cx.child("inside", |_| Inside)) }
        }
    }
}

struct Inside;

impl View for Inside {
    fn render(&self) -> Html<Self> {
        html! { p #inside style="padding-left: 11px" { "inside" } }
    }
}

struct Sticky(u32);

impl View for Sticky {
    fn render(&self) -> Html<Self> {
        html! { b #sticky style={ "letter-spacing: " (self.0) "px" } { "sticky" } }
    }
}
