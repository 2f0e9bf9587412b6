//! Views whose DOM others change: a person who edits it, and names that shadow properties of the DOM.

use std::time::Duration;

use axum::Router;
use lanai::prelude::*;

/// Returns all routes of this module: `/foreign/<name>`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/foreign/document", live(OfDocument::mount))
        .route("/foreign/editable", live(Editable::mount))
        .route("/foreign/form", live(OfForm::mount))
}

/// Text that a person can edit freely, and that the view changes too.
struct Editable {
    ticks: u32,
    clicks: u32,
}

impl Editable {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_millis(20), |this: &mut Self| this.ticks += 1);
        Self { ticks: 0, clicks: 0 }
    }
}

impl View for Editable {
    fn render(&self) -> Html<Self> {
        html! {
            p #ticks { (self.ticks) }
            button #click onclick=(|this: &mut Self| this.clicks += 1) { (self.clicks) }
            div #edit contenteditable="true" {
                p title=(self.ticks) { "before " (self.ticks) " after" }
                @if self.ticks.is_multiple_of(3) { b { "a third " (self.ticks) } }
                ul { @for row in 0..self.ticks % 5 { li key=(row) { (row) " of " (self.ticks) } } }
                p { "the end" }
            }
        }
    }
}

/// The properties and methods of forms, from all their prototypes. Fields may have these names, too.
#[rustfmt::skip]
const OF_FORMS: [&str; 66] = [
    "acceptCharset", "action", "elements", "encoding", "length", "method", "name", "target", "reset", "submit", "requestSubmit", "checkValidity",
    "id", "className", "classList", "attributes", "tagName", "localName", "namespaceURI", "children", "innerHTML", "getAttribute", "setAttribute",
    "removeAttribute", "hasAttribute", "toggleAttribute", "matches", "closest", "querySelector", "querySelectorAll", "append", "before", "after",
    "prepend", "remove", "replaceWith", "replaceChildren", "moveBefore", "childNodes", "firstChild", "lastChild", "nextSibling", "previousSibling",
    "nextElementSibling", "parentNode", "parentElement", "nodeType", "nodeName", "isConnected", "ownerDocument", "textContent", "insertBefore",
    "appendChild", "removeChild", "contains", "cloneNode", "addEventListener", "dispatchEvent", "hidden", "title", "dataset", "focus", "form",
    "value", "checked", "open",
];

/// Forms as the rows of a list, whose fields have these names.
struct OfForm {
    rows: Vec<u32>,
    more: bool,
    sent: u32,
}

impl OfForm {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { rows: vec![0, 1, 2], more: false, sent: 0 }
    }

    fn submit(&mut self, Form(fields): Form<Vec<(String, String)>>, cx: &Cx<Self>) {
        self.sent += u32::try_from(fields.iter().filter(|(_, value)| value == "typed").count()).unwrap_or(u32::MAX);
        cx.reset_form();
    }
}

impl View for OfForm {
    fn render(&self) -> Html<Self> {
        html! {
            button #reverse onclick=(|this: &mut Self| this.rows.reverse()) { "reverse" }
            button #more onclick=(|this: &mut Self| this.more = !this.more) { "more" }
            button #drop onclick=(|this: &mut Self| { this.rows.pop(); }) { "drop" }
            button #add onclick=(|this: &mut Self| this.rows.insert(0, 10)) { "add" }
            p #sent { (self.sent) }
            p #rows { (self.rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")) }
            @for row in &self.rows {
                form key=(row) class=[self.more.then_some("more")] data-row=(row) onsubmit=(Self::submit) {
                    @if self.more { p { "more of " (row) } }
                    @for name in OF_FORMS { input key=(name) name=(name) aria-label=(name) autocomplete="off"; }
                    button { "send" }
                }
            }
        }
    }
}

/// Names for forms and images that are also properties of the document. The document returns the form or image instead
/// of its own property.
struct OfDocument {
    shown: bool,
    clicks: u32,
    text: String,
}

impl OfDocument {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Named");
        Self { shown: false, clicks: 0, text: String::new() }
    }

    fn click(&mut self, cx: &Cx<Self>) {
        self.clicks += 1;
        self.shown = !self.shown;
        cx.title(format!("Named {}", self.clicks));
        cx.focus("#text");
    }

    fn text(&mut self, Value(text): Value<String>) {
        self.text = text.to_uppercase();
    }
}

impl View for OfDocument {
    fn render(&self) -> Html<Self> {
        html! {
            form name="title" {}
            form name="body" {}
            form name="head" {}
            form name="activeElement" {}
            form name="documentElement" {}
            form name="forms" {}
            img name="cookie" alt="";
            button #click onclick=(Self::click) { (self.clicks) }
            input #text value=(self.text) oninput=(Self::text);
            @if self.shown { dialog #dialog open { "shown" } }
        }
    }
}
