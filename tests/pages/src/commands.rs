//! Commands, what a view asks of the browser, and optimistic updates.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::stream;
use lanai::browser::Rect;
use lanai::prelude::*;
use lanai::{Document, js};

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/commands", live(Commands::mount))
        .route("/browser", live(Asking::mount).layer(lanai::layout(with_script)))
        .route("/browser.js", get(script))
        .route("/optimistic", live(Optimistic::mount))
        .route("/optimistic/{name}", live(Optimistic::mount))
        .route("/plain", live(Plain::mount))
        .route("/commands.css", get(style))
}

async fn style() -> impl IntoResponse {
    ([("content-type", "text/css")], "#menu { display: flex } .fading { opacity: 0; transition: opacity .1s }")
}

/// A page without commands.
struct Plain;

impl Plain {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self
    }

    fn ask(&mut self, cx: &Cx<Self>) {
        cx.run(js::set_attribute("#asked", "title", "told"));
    }
}

impl View for Plain {
    fn render(&self) -> Html<Self> {
        html! { button #asked onclick=(Self::ask) { "Ask" } }
    }
}

#[derive(Default)]
struct Commands {
    count: u32,
    is_wide: bool,
    is_closed: bool,
    heard: Vec<String>,
}

impl Commands {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self::default()
    }

    fn count(&mut self) {
        self.count += 1;
    }

    fn widen(&mut self) {
        self.is_wide ^= true;
    }

    fn close(&mut self) {
        self.is_closed = true;
    }

    fn reopen(&mut self) {
        self.is_closed = false;
    }

    fn rated(&mut self, rating: Rating) {
        self.heard.push(format!("rated {}", rating.0));
    }

    fn closed(&mut self) {
        self.heard.push("closed".into());
    }
}

struct Rating(u8);

impl FromEvent for Rating {
    const PAYLOAD: &'static str = "detail.stars";

    fn from_event(payload: &str) -> Result<Self, lanai::event::EventError> {
        let (stars,) = serde_json::from_str(payload).map_err(lanai::event::EventError::new)?;
        Ok(Self(stars))
    }
}

impl View for Commands {
    fn render(&self) -> Html<Self> {
        let stars = std::collections::HashMap::from([("stars", 4)]);
        html! {
            link rel="stylesheet" href="/commands.css";
            button #toggle onclick=(js::toggle("#menu")) { "Toggle" }
            nav #menu class=[self.is_wide.then_some("wide")] hidden[self.is_closed] { "The menu" }
            output { (self.count) }
            button #save onclick=(js::hide("#menu").then(Self::count)) { "Save" }
            button #busy onclick=(js::add_class("busy", "#menu")) { "Busy" }
            button #idle onclick=(js::remove_class("busy", "#menu")) { "Idle" }
            button #widen onclick=(Self::widen) { "Widen" }
            button #close onclick=(js::hide("#menu").then(Self::close)) { "Close" }
            button #reopen onclick=(Self::reopen) { "Reopen" }
            button #fade onclick=(js::hide_with("#menu", "fading", Duration::from_millis(100))) { "Fade" }
            button #rate onclick=(js::dispatch("#stars", "rated", &stars)) { "Rate" }
            div #stars "onrated"=(Self::rated) { (self.heard.join(", ")) }
            code #token { "4f7a-21c9" }
            button #copy onclick=(js::copy("#token").then(js::select("#token"))) { "Copy" }
            button #open onclick=(js::open_modal("#dialog")) { "Open" }
            dialog #dialog onclose=(Self::closed) {
                p { "A dialog" }
                button #shut onclick=(js::close("#dialog")) { "Shut" }
            }
            div #popover popover { "A popover" }
            button #pop onclick=(js::open("#popover")) { "Pop" }
            button #unpop onclick=(js::close("#popover")) { "Unpop" }
            div #trap {
                button #inside onclick=(js::trap_focus("#trap")) { "Trap" }
                button #release onclick=(js::release_focus()) { "Release" }
            }
            section {
                button #answer onclick=(js::toggle(js::closest("section").inside("p"))) { "Answer" }
                p hidden { "Because." }
            }
        }
    }
}

struct Asking {
    log: Vec<String>,
}

impl Asking {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { log: Vec::new() }
    }

    fn note(&mut self, what: impl std::fmt::Debug) {
        self.log.push(format!("{what:?}"));
    }

    fn save(&mut self, cx: &Cx<Self>) -> Result<()> {
        cx.browser().download("bericht ä.csv", "a,b\n1,2\n")?;
        Ok(())
    }

    fn save_stream(&mut self, cx: &Cx<Self>) -> Result<()> {
        let parts = (0..100).map(|number| Ok::<_, std::io::Error>(Bytes::from(format!("{number}\n"))));
        cx.browser().download("numbers.txt", Body::from_stream(stream::iter(parts)))?;
        Ok(())
    }

    async fn store(&mut self, cx: &Cx<Self>) -> Result<()> {
        let storage = cx.browser().local_storage();
        storage.set("seen", vec![1, 2]);
        storage.set("gone", "x");
        storage.remove("gone");
        let seen = storage.get::<Vec<u8>>("seen").await?;
        self.note(seen);
        let gone = storage.get::<String>("gone").await?;
        self.note(gone);
        Ok(())
    }

    async fn measure(&mut self, cx: &Cx<Self>) -> Result<()> {
        let Rect { width, .. } = cx.browser().measure("#box").await?;
        self.note(width);
        Ok(())
    }

    async fn measure_nothing(&mut self, cx: &Cx<Self>) {
        let measured = cx.browser().measure("#absent").await;
        self.log.push(measured.unwrap_err().to_string());
    }

    async fn call(&mut self, cx: &Cx<Self>) -> Result<()> {
        let sum: u32 = cx.browser().call("add", (1, 2), Duration::from_secs(5)).await?;
        self.note(sum);
        let other = cx.browser().call::<u32>("other", (), Duration::from_secs(5)).await;
        self.log.push(other.unwrap_err().to_string());
        Ok(())
    }

    fn darken(&mut self, cx: &Cx<Self>) {
        cx.browser().set_theme(Some("dark"));
    }

    async fn copy(&mut self, cx: &Cx<Self>) {
        let copied = cx.browser().copy("copied").await;
        self.note(copied.is_ok());
    }
}

impl View for Asking {
    fn render(&self) -> Html<Self> {
        html! {
            div #box {}
            output { (self.log.join(" | ")) }
            button #save onclick=(Self::save) { "Save" }
            button #stream onclick=(Self::save_stream) { "Stream" }
            button #store onclick=(Self::store) { "Store" }
            button #measure onclick=(Self::measure) { "Measure" }
            button #nothing onclick=(Self::measure_nothing) { "Measure nothing" }
            button #call onclick=(Self::call) { "Call" }
            button #dark onclick=(Self::darken) { "Dark" }
            button #copy onclick=(Self::copy) { "Copy" }
        }
    }
}

fn with_script(document: Document) -> maud::Markup {
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; (document.head) script type="module" src="/browser.js" {} }
            body { (document.body) }
        }
    }
}

async fn script() -> impl IntoResponse {
    let script = "import { lanai } from '/_lanai/lanai.js';\nlanai.channel('page').on('add', ([a, b]) => a + b);\n";
    ([("content-type", "text/javascript")], script)
}

/// A list whose handlers refuse whatever happens to the row `refused`. A list with a name is there for the next visit.
struct Optimistic {
    rows: Rows,
    next: u64,
    name: Option<String>,
}

type Rows = Vec<(u64, String, bool)>;

static LISTS: Mutex<BTreeMap<String, Rows>> = Mutex::new(BTreeMap::new());

#[derive(Deserialize)]
struct Draft {
    text: String,
}

impl Optimistic {
    async fn mount(_cx: Cx<Self>, name: Option<Path<String>>) -> Self {
        let name = name.map(|Path(name)| name);
        let rows = ["a", "b", "refused", "d"];
        let rows = rows.iter().zip(0..).map(|(text, id)| (id, (*text).to_owned(), false));
        let kept = name.as_ref().and_then(|name| LISTS.lock().ok()?.get(name).cloned());
        let rows: Rows = kept.unwrap_or_else(|| rows.collect());
        Self { next: rows.iter().map(|(id, ..)| id + 1).max().unwrap_or(0), rows, name }
    }

    fn save(&self) {
        if let (Some(name), Ok(mut lists)) = (&self.name, LISTS.lock()) {
            lists.insert(name.clone(), self.rows.clone());
        }
    }

    fn accepts(&self, id: u64) -> Option<usize> {
        self.rows.iter().position(|(row, text, _)| *row == id && text != "refused")
    }

    fn remove(&mut self, id: u64) {
        if let Some(at) = self.accepts(id) {
            self.rows.remove(at);
        }
        self.save();
    }

    fn up(&mut self, id: u64) {
        if let Some(at) = self.accepts(id).filter(|at| *at > 0) {
            self.rows.swap(at, at - 1);
        }
        self.save();
    }

    fn check(&mut self, id: u64) {
        if let Some(at) = self.accepts(id) {
            self.rows[at].2 ^= true;
        }
        self.save();
    }

    fn add(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        self.rows.push((self.next, draft.text, false));
        self.next += 1;
        self.save();
        cx.reset_form();
    }
}

impl View for Optimistic {
    fn render(&self) -> Html<Self> {
        let row = || js::closest("li");
        html! {
            ul #rows {
                @for (id, text, is_done) in &self.rows {
                    @let id = *id;
                    li key=(id) id=(format!("row{id}")) class=[is_done.then_some("done")] {
                        span { (text) }
                        input type="checkbox" aria-label="Done" checked[*is_done]
                            onchange=(on(move |this: &mut Self| this.check(id)).optimistic(js::toggle_class("done", row())));
                        button.remove onclick=(on(move |this: &mut Self| this.remove(id)).optimistic(js::remove(row()))) {
                            "Remove"
                        }
                        button.up onclick=(on(move |this: &mut Self| this.up(id)).optimistic(js::move_up(row()))) { "Up" }
                    }
                }
            }
            output { (self.rows.len()) }
            template #new-row { li { span data-lanai-value="text" {} } }
            form onsubmit=(on(Self::add).optimistic(js::append("#new-row", "#rows"))) {
                input #text name="text" aria-label="Text";
                button #add { "Add" }
            }
        }
    }
}
