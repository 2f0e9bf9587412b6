//! Pages that lead to one another, in a layout with state of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;
use lanai::prelude::*;
use lanai::{Document, layout};

/// Returns all routes of this module: `/stops/…`.
pub(crate) fn routes() -> Router {
    let stops = Router::new()
        .route("/stops/{name}", live(Stop::mount))
        .route("/stops/slow/{ms}", live(Stop::slow))
        .route("/stops/away/plain", get(|| async { axum::response::Html("<h1>Not live</h1>") }))
        .route("/stops/away/file", get(|| async { ([(header::CONTENT_DISPOSITION, "attachment")], "a file") }))
        .route("/stops/away/clicks", get(|| async { CLICKS.load(Ordering::SeqCst).to_string() }))
        .route("/stops/away/upload", get(upload))
        .route("/stops/away/redirect", get(|| async { Redirect::to("/stops/two?from=redirect") }))
        .route(
            "/stops/style.css",
            get(|| async { ([(header::CONTENT_TYPE, "text/css")], "h1 { color: rgb(1, 2, 3) }") }),
        )
        .layer(layout(around));
    stops.route("/stops-elsewhere", live(Stop::elsewhere))
}

/// A file that looks like a live page, as a stranger would upload it.
async fn upload() -> impl axum::response::IntoResponse {
    let script = r#"<script type="module" src="/_lanai/client-0.js"></script>"#;
    let live = r#"<!--lanai--><h1 id="name">Stop forged</h1><!--/lanai--><script type="application/json" id="lanai">{"v":4,"i":"1","s":"s","t":[[]],"g":1}</script>"#;
    ([(header::CONTENT_DISPOSITION, "attachment")], axum::response::Html(format!("<body>{live}{script}")))
}

/// How many clicks all stops together have handled.
static CLICKS: AtomicU32 = AtomicU32::new(0);

struct Stop {
    name: String,
    clicks: u32,
    typed: String,
    /// Patches arrive all the time, also while another page is on its way.
    ticks: u32,
}

impl Stop {
    fn new(cx: &Cx<Self>, name: String) -> Self {
        cx.title(format!("Stop {name}"));
        cx.every(Duration::from_millis(5), |stop: &mut Self| stop.ticks += 1);
        Self { name, clicks: 0, typed: String::new(), ticks: 0 }
    }

    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        Self::new(&cx, name)
    }

    async fn slow(cx: Cx<Self>, Path(ms): Path<u64>) -> Self {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Self::new(&cx, format!("slow {ms}"))
    }

    async fn elsewhere(cx: Cx<Self>) -> Self {
        Self::new(&cx, "elsewhere".into())
    }

    fn clicked(&mut self) {
        self.clicks += 1;
        CLICKS.fetch_add(1, Ordering::SeqCst);
    }

    fn typed(&mut self, Value(typed): Value<String>) {
        self.typed = typed;
    }
}

impl View for Stop {
    fn render(&self) -> Html<Self> {
        html! {
            h1 #name { "Stop " (self.name) }
            button #click onclick=(Self::clicked) { (self.clicks) }
            input #typed value=(self.typed) oninput=(Self::typed);
            p #echo { (self.typed) }
            p #ticks data-ticks=(self.ticks) { "Patched " (self.ticks) " times" }
            p {
                a #two href="/stops/two" { "Two" } " "
                a #fragment href="#row-30" { "Row 30" } " "
                a #other-fragment href="/stops/two#row-20" { "Row 20 of two" } " "
                a #same href="" { "Again" } " "
                a #slow href="/stops/slow/600" { "Slow" } " "
                a #very-slow href="/stops/slow/20000" { "Very slow" } " "
                a #plain href="/stops/away/plain" { "Not live" } " "
                a #file href="/stops/away/file" { "A file" } " "
                a #upload href="/stops/away/upload" { "An upload" } " "
                a #redirect href="/stops/away/redirect" { "Redirected" } " "
                a #missing href="/stops/away/missing" { "Not there" } " "
                a #elsewhere href="/stops-elsewhere" { "Another layout" } " "
                a #reload href="/stops/two" data-lanai-reload { "As a document" } " "
                a #blank href="/stops/two" target="_blank" { "In a tab" } " "
                a #download href="/stops/two" download { "Downloaded" } " "
                a #foreign href="http://localhost:9/" { "Another site" } " "
                a #prevented href="/stops/two" onclick=(on(|stop: &mut Self| stop.clicks += 10).prevent()) { "Prevented" } " "
                a #image href="/stops/two" { b { "Bold" } }
            }
            ol { @for row in 0..200 { li id={ "row-" (row) } { "Row " (row) } } }
        }
    }
}

fn around(document: Document) -> maud::Markup {
    let path = document.path().to_owned();
    let link = |to: &str| maud::html! { a href=(to) aria-current=[(to == path).then_some("page")] { (to) } " " };
    maud::html! {
        (maud::DOCTYPE)
        html lang=(if path.ends_with("two") { "de" } else { "en" }) {
            head {
                meta charset="utf-8";
                meta name="description" content=(path);
                @if path.ends_with("two") { link rel="stylesheet" href="/stops/style.css"; }
                (document.head)
            }
            body {
                noscript { img src="/stops/away/noscript.png" alt=""; }
                template { (path) }
                nav #nav { (link("/stops/one")) (link("/stops/two")) (link("/stops/three")) }
                input #search placeholder="Search";
                details #menu { summary { "Menu" } "Its content" }
                main { (document.body) }
                div { "A block of " (path) }
                footer #footer { "Footer of " (path) }
            }
        }
    }
}
