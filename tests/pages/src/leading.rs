//! Pages whose views lead elsewhere, keep state in the query of their URL, show messages, and have unsaved changes.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Redirect;
use axum::routing::{get, post};
use lanai::prelude::*;
use lanai::{Document, External, Flash, Handle, layout};
use tokio::sync::Semaphore;

/// Returns all routes of this module: `/leading/…`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/leading/desk/{name}", live(Desk::mount))
        .route("/leading/list", live(List::mount))
        .route("/leading/to/{name}", live(redirected))
        .route("/leading/loop", live(|_: Cx<Desk>| Err::<Desk, _>(Error::redirect("/leading/loop"))))
        .route("/leading/out", live(out))
        .route("/leading/plain", post(|| async { (Flash::success("Posted."), Redirect::to("/leading/desk/posted")) }))
        .route("/leading/document", get(|| async { axum::response::Html("<h1 id=\"name\">A document</h1>") }))
        .route("/leading/member", live(member))
        .route("/leading/end", post(end))
        .route("/leading/release/{gate}", post(release))
        .layer(layout(around))
}

/// What a slow handler, and the mount of `/leading/desk/late`, wait for.
static HANDLER: Semaphore = Semaphore::const_new(0);
static MOUNT: Semaphore = Semaphore::const_new(0);

async fn release(Path(gate): Path<String>) {
    if gate == "handler" { &HANDLER } else { &MOUNT }.add_permits(1);
}

async fn pass(gate: &Semaphore) {
    gate.acquire().await.expect("the gates stay").forget();
}

/// Whether the session of the page for members has ended.
static HAS_ENDED: AtomicBool = AtomicBool::new(false);

/// A page for members, whose session ends.
fn member(cx: Cx<Desk>) -> Result<Desk> {
    if HAS_ENDED.load(Ordering::SeqCst) {
        return Err(Error::redirect("/leading/desk/login?next=/leading/member"));
    }
    cx.session("leading");
    Ok(Desk { name: "member".into(), note: String::new(), clicks: 0 })
}

async fn end(handle: Handle) -> Result<&'static str> {
    HAS_ENDED.store(true, Ordering::SeqCst);
    handle.end_session("leading")?;
    Ok("ended")
}

/// Leads to a desk, with a message and a fragment.
fn redirected(cx: Cx<Desk>, Path(name): Path<String>) -> Result<Desk> {
    cx.flash("You were led here.");
    Err(Error::redirect(format!("/leading/desk/{name}#end")))
}

/// Leads to the other name of this server, which is another origin.
fn out(_: Cx<Desk>, headers: HeaderMap) -> Result<Desk> {
    let port = headers.get("host").and_then(|host| host.to_str().ok()?.rsplit(':').next()).unwrap_or_default();
    Err(Error::redirect(External(format!("http://localhost:{port}/leading/document"))))
}

struct Desk {
    name: String,
    note: String,
    clicks: u32,
}

impl Desk {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.title(format!("Desk {name}"));
        if name == "late" {
            pass(&MOUNT).await;
        }
        Self { name, note: String::new(), clicks: 0 }
    }

    fn write(&mut self, Value(note): Value<String>) {
        self.note = note;
    }

    fn save(&mut self, cx: &Cx<Self>) {
        self.note.clear();
        cx.flash(Flash::success("Saved."));
        cx.navigate("/leading/desk/saved");
    }

    async fn slowly(&mut self, cx: &Cx<Self>) {
        pass(&HANDLER).await;
        self.clicks += 1;
        cx.navigate("/leading/desk/slow");
    }
}

impl View for Desk {
    fn render(&self) -> Html<Self> {
        html! {
            h1 #name { "Desk " (self.name) }
            button #click onclick=(|desk: &mut Self| desk.clicks += 1) { (self.clicks) }
            label { "Note " input #note value=(self.note) oninput=(Self::write) data-lanai-unsaved[!self.note.is_empty()]; }
            button #save onclick=(Self::save) { "Save" }
            button #flash onclick=(|_: &mut Self, cx: &Cx<Self>| cx.flash(Flash::error("Oh."))) { "Flash" }
            button #replace onclick=(|_: &mut Self, cx: &Cx<Self>| cx.replace("/leading/desk/replaced")) { "Replace" }
            button #back onclick=(|_: &mut Self, cx: &Cx<Self>| cx.back()) { "Back" }
            button #slowly onclick=(Self::slowly) { "Slowly" }
            button #document onclick=(|_: &mut Self, cx: &Cx<Self>| { cx.flash("Kept."); cx.navigate("/leading/document"); }) { "Document" }
            p {
                a #other href="/leading/desk/other" { "Other" } " "
                a #late href="/leading/desk/late" { "Late" } " "
                a #to href="/leading/to/there" { "Led" } " "
                a #loop href="/leading/loop" { "Round and round" } " "
                a #out href="/leading/out" { "Out" } " "
                a #list href="/leading/list?page=2" { "List" } " "
                a #as-document href="/leading/desk/document" data-lanai-reload { "As a document" }
            }
            form #get action="/leading/list" { input #text name="text"; button #search name="page" value="3" { "Search" } }
            form #post method="post" action="/leading/plain" { button #send { "Post" } }
            @for line in 0..100 { p { "Line " (line) } }
            p #end { "The end" }
        }
    }
}

#[derive(Serialize, Deserialize, Clone, Default)]
#[serde(default)]
struct Filter {
    text: String,
    page: u32,
}

struct List {
    filter: Filter,
    told: u32,
}

impl List {
    async fn mount(cx: Cx<Self>, Query(filter): Query<Filter>) -> Self {
        cx.title("List");
        cx.on_query(Self::show);
        Self { filter, told: 0 }
    }

    fn show(&mut self, filter: Filter) {
        self.told += 1;
        self.filter = filter;
    }

    fn next(&mut self, cx: &Cx<Self>) {
        self.filter.page += 1;
        cx.query(&self.filter);
    }

    fn typed(&mut self, Value(text): Value<String>, cx: &Cx<Self>) {
        self.filter.text = text;
        cx.replace_query(&self.filter);
    }
}

impl View for List {
    fn render(&self) -> Html<Self> {
        html! {
            h1 #name { "Page " (self.filter.page) " of " (self.filter.text) }
            p #told { (self.told) }
            input #text value=(self.filter.text) oninput=(Self::typed);
            button #next onclick=(Self::next) { "Next" }
            a #first href="?" { "First" } " "
            a #fifth href="?page=5&text=x" { "Fifth" } " "
            a #desk href="/leading/desk/one" { "Desk" }
            ol { @for row in 0..100 { li { "Row " (row) " of page " (self.filter.page) } } }
        }
    }
}

fn around(document: Document) -> maud::Markup {
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; meta name="view-transition" content="same-origin"; (document.head) }
            body { (document.flash()) main { (document.body) } }
        }
    }
}
