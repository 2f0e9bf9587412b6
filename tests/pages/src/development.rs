//! Views with the mistakes that a page of a debug build warns about, and similar views without mistakes:
//! `/development/<name>`.

use axum::Router;
use lanai::prelude::*;
use maud::PreEscaped;

/// Returns all routes of this module.
pub(crate) fn routes() -> Router {
    Router::new().route("/development/mistakes", live(Mistakes::mount)).route("/development/right", live(Right::mount))
}

/// Each mistake. The first is there from the start, and the others appear on demand.
#[derive(Default)]
struct Mistakes {
    name: String,
    rows: u32,
    scripts: bool,
    open: bool,
}

impl Mistakes {
    async fn mount(_: Cx<Self>) -> Self {
        Self { name: "Ada".to_owned(), ..Self::default() }
    }
}

impl View for Mistakes {
    fn render(&self) -> Html<Self> {
        html! {
            input #unheard aria-label="name" value=(self.name);
            button #more onclick=(|this: &mut Self| this.rows += 1) { "more" }
            ul #rows {
                @for row in 0..self.rows { li key=(row) { input #same name={ "row-" (row) } aria-label="row" value=(row); } }
            }
            button #script onclick=(|this: &mut Self| this.scripts = true) { "script" }
            div #scripts {
                @if self.scripts {
                    script #inserted src="/scripted.js" {}
                    (PreEscaped("<script id=raw type=module src=/scripted.js></script>"))
                }
            }
            button #show onclick=(|this: &mut Self| this.open = !this.open) { "show" }
            dialog #dialog aria-modal="true" aria-label="unheard" open[self.open] { form method="dialog" { button #shut { "shut" } } }
        }
    }
}

/// Similar markup without the mistakes.
#[derive(Default)]
struct Right {
    name: String,
    kind: u32,
    open: bool,
    closed: u32,
    rows: u32,
}

impl Right {
    async fn mount(_: Cx<Self>) -> Self {
        Self { name: "Ada".to_owned(), ..Self::default() }
    }

    fn named(&mut self, Value(name): Value<String>) {
        self.name = name;
    }

    fn chosen(&mut self, Value(kind): Value<u32>) {
        self.kind = kind;
    }

    fn closed(&mut self) {
        self.open = false;
        self.closed += 1;
    }
}

impl View for Right {
    fn render(&self) -> Html<Self> {
        html! {
            input aria-label="name" value=(self.name) onchange=(Self::named);
            input aria-label="shown" value=(self.name) readonly;
            select aria-label="kind" onchange=(Self::chosen) {
                @for kind in 0..3_u32 { option key=(kind) value=(kind) selected[self.kind == kind] { (kind) } }
            }
            form action="/search" { input name="q" aria-label="search" value=(self.name); }
            button #more onclick=(|this: &mut Self| this.rows += 1) { "more" }
            @for row in 0..self.rows {
                p key=(row) { input #{ "row-" (row) } aria-label="row" value=(row) oninput=(Self::named); }
            }
            button #show onclick=(|this: &mut Self| this.open = true) { "show" }
            dialog #dialog aria-modal="true" aria-label="heard" open[self.open] onclose=(Self::closed) {
                form method="dialog" { button #shut { "shut" } }
            }
            p #closed { (self.closed) }
        }
    }
}
