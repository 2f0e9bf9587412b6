//! Controls, forms and dialogs as people use them: `/controls/<name>`.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::post;
use lanai::event::EventError;
use lanai::prelude::*;
use maud::PreEscaped;
use tokio::sync::Notify;

/// Returns all routes of this module.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/controls/agree", live(Agree::mount))
        .route("/controls/dialogs", live(Dialogs::mount))
        .route("/controls/large", live(Large::mount))
        .route("/controls/late", live(Late::mount))
        .route("/controls/minified", live(Late::mount))
        .route("/controls/numbers", live(Numbers::mount))
        .route("/controls/raw", live(Raw::mount))
        .route("/controls/recover", live(Recover::mount))
        .route("/controls/saving", live(Saving::mount))
        .route("/controls/template", live(Template::mount))
        .route("/controls/release", post(async || LATE.release()))
}

/// Delays the client of `/controls/late` until it is released, and removes the comments from `/controls/minified`.
pub(crate) fn on_the_way(router: Router) -> Router {
    router.layer(middleware::from_fn(async |request: Request, next: Next| {
        let path = request.uri().path().to_owned();
        let referer = request.headers().get("referer").and_then(|from| from.to_str().ok()).unwrap_or_default();
        if path.starts_with("/_lanai/client") && referer.ends_with("/controls/late") {
            LATE.wait().await;
        }
        let response = next.run(request).await;
        if path == "/controls/minified" { without_comments(response).await } else { response }
    }))
}

async fn without_comments(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a page has an end");
    let mut html = String::from_utf8(body.into()).expect("pages are UTF-8");
    while let Some((start, end)) = html.find("<!--").and_then(|start| Some((start, start + html[start..].find("-->")?)))
    {
        html.replace_range(start..end + 3, "");
    }
    Response::from_parts(parts, html.into())
}

/// Whether the delayed client has been released.
#[derive(Default)]
struct Gate {
    open: AtomicBool,
    opened: Notify,
}

static LATE: LazyLock<Gate> = LazyLock::new(Gate::default);

impl Gate {
    async fn wait(&self) {
        let opened = self.opened.notified();
        if !self.open.load(Ordering::Acquire) {
            opened.await;
        }
    }

    fn release(&self) {
        self.open.store(true, Ordering::Release);
        self.opened.notify_waiters();
    }
}

/// Checkboxes, radio buttons and a list that several pages show, with handlers that take no payload, and changes that
/// the view refuses.
struct Agree {
    state: State,
    refused: u32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct State {
    changed: bool,
    clicked: bool,
    color: usize,
}

const STATE: Topic<State> = Topic::new("controls/agree").history(1);

impl Agree {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(STATE, |this: &mut Self, state: &State| this.state = state.clone());
        Self { state: State::default(), refused: 0 }
    }

    fn change(&mut self, cx: &Cx<Self>, change: impl FnOnce(&mut State)) {
        let mut state = self.state.clone();
        change(&mut state);
        cx.publish(STATE, state);
    }

    fn refuse(&mut self) {
        self.refused += 1;
    }
}

impl View for Agree {
    fn render(&self) -> Html<Self> {
        html! {
            input #changed type="checkbox" checked[self.state.changed]
                onchange=(|this: &mut Self, cx: &Cx<Self>| this.change(cx, |state| state.changed = !state.changed));
            input #clicked type="checkbox" checked[self.state.clicked]
                onclick=(|this: &mut Self, cx: &Cx<Self>| this.change(cx, |state| state.clicked = !state.clicked));
            @for (index, color) in ["red", "green", "blue"].into_iter().enumerate() {
                input key=(index) id=(color) type="radio" name="color" checked[self.state.color == index]
                    onchange=(move |this: &mut Self, cx: &Cx<Self>| this.change(cx, |state| state.color = index));
            }
            p #echo { (self.state.changed) "|" (self.state.clicked) "|" (self.state.color) }
            input #never type="checkbox" checked[false] onchange=(Self::refuse);
            input #always type="radio" name="always" checked[true] onchange=(Self::refuse);
            input #other type="radio" name="always" checked[false] onchange=(Self::refuse);
            input #fixed value="fixed" oninput=(|this: &mut Self, _: Value| this.refuse());
            input #bound value=("fixed") oninput=(|this: &mut Self, _: Value| this.refuse());
            select #only onchange=(|this: &mut Self, _: Value| this.refuse()) {
                option value="a" selected[true] { "a" }
                option value="b" selected[false] { "b" }
            }
            p #refused { (self.refused) }
        }
    }
}

/// A form that the view writes to while a person fills it in.
struct Template {
    title: String,
    other: u32,
    sent: Option<String>,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

impl Template {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { title: "start".into(), other: 0, sent: None }
    }

    fn submit(&mut self, Form(form): Form<Titled>) {
        self.sent = Some(form.title);
    }
}

impl View for Template {
    fn render(&self) -> Html<Self> {
        html! {
            form #form onsubmit=(Self::submit) {
                input #title name="title" value=(self.title);
                input #free name="free";
                input #day name="day" type="date";
                input #amount name="amount" type="number";
                button #template type="button" onclick=(|this: &mut Self| this.title = "template".into()) { "template" }
                button #clear type="button" onclick=(|this: &mut Self| this.title.clear()) { "clear" }
                button #unrelated type="button" onclick=(|this: &mut Self| this.other += 1) { "unrelated" }
                button #reset type="button" onclick=(|_: &mut Self, cx: &Cx<Self>| cx.reset_form()) { "reset" }
                button #set type="button" onclick=(|_: &mut Self, cx: &Cx<Self>| { cx.set_value("#title", "set"); cx.set_checked("#box", true); }) { "set" }
                button #send { "send" }
            }
            button #outside form="form" type="button" onclick=(|_: &mut Self, cx: &Cx<Self>| cx.reset_form()) { "reset from outside" }
            input #box type="checkbox";
            p #other { (self.other) }
            p #sent { (self.sent.as_deref().unwrap_or("nothing")) }
        }
    }
}

/// Texts that are too long to be typed.
struct Large {
    typed: usize,
    sent: usize,
    clicks: u32,
}

#[derive(Deserialize)]
struct Sent {
    text: String,
}

impl Large {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { typed: 0, sent: 0, clicks: 0 }
    }

    fn typed(&mut self, Value(text): Value) {
        self.typed = text.len();
    }

    fn submit(&mut self, Form(form): Form<Sent>) {
        self.sent = form.text.len();
    }
}

impl View for Large {
    fn render(&self) -> Html<Self> {
        html! {
            textarea #typed oninput=(Self::typed) {}
            form onsubmit=(Self::submit) { textarea #text name="text" {} button #send { "send" } }
            button #click onclick=(|this: &mut Self| this.clicks += 1) { "click" }
            p #sizes { (self.typed) "|" (self.sent) "|" (self.clicks) }
        }
    }
}

/// A page whose client arrives late.
struct Late {
    log: Vec<String>,
    password: String,
    closed: bool,
}

#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

impl Late {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { log: Vec::new(), password: String::new(), closed: false }
    }

    fn login(&mut self, Form(login): Form<Login>) {
        self.log.push(format!("login {} {}", login.user, login.password));
    }

    fn close(&mut self, cx: &Cx<Self>) {
        self.closed = true;
        cx.close();
    }
}

impl View for Late {
    fn render(&self) -> Html<Self> {
        html! {
            button #click onclick=(|this: &mut Self| this.log.push("click".into())) { "click" }
            input #text oninput=(|this: &mut Self, Value(text): Value| this.log.push(format!("text {text}")));
            input #box type="checkbox" onchange=(|this: &mut Self, Checked(on): Checked| this.log.push(format!("box {on}")));
            form onsubmit=(Self::login) {
                input #user name="user";
                input #password name="password" type="password" value=(self.password);
                button #send { "log in" }
            }
            button #close onclick=(Self::close) { "close" }
            p #log { (self.log.join("|")) }
        }
    }
}

/// Typed numbers, and lists with several choices.
struct Numbers {
    float: f64,
    count: u32,
    option: Option<u32>,
    error: Option<String>,
    result: u32,
    chosen: Vec<String>,
    time: String,
}

impl Numbers {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self {
            float: 0.0,
            count: 5,
            option: Some(3),
            error: None,
            result: 1,
            chosen: vec!["b".into()],
            time: "10:00:00".into(),
        }
    }

    fn result(&mut self, number: Result<Value<u32>, EventError>) {
        match number {
            Ok(Value(number)) => (self.result, self.error) = (number, None),
            Err(_) => self.error = Some("a whole number, please".into()),
        }
    }
}

impl View for Numbers {
    fn render(&self) -> Html<Self> {
        html! {
            input #float type="number" step="any" value=(self.float) oninput=(|this: &mut Self, Value(float): Value<f64>| this.float = float);
            input #text inputmode="decimal" value=(self.float) oninput=(|this: &mut Self, Value(float): Value<f64>| this.float = float);
            input #count type="number" value=(self.count) oninput=(|this: &mut Self, Value(count): Value<u32>| this.count = count);
            input #option type="number" value=[self.option] oninput=(|this: &mut Self, Value(option): Value<Option<u32>>| this.option = option);
            input #result value=(self.result) oninput=(Self::result);
            input #time type="time" value=(self.time) oninput=(|this: &mut Self, Value(time): Value| this.time = format!("{time}:00"));
            select #many multiple onchange=(|this: &mut Self, Value(chosen): Value<Vec<String>>| this.chosen = chosen) {
                @for option in ["a", "b", "c"] {
                    option key=(option) value=(option) selected[self.chosen.iter().any(|chosen| chosen == option)] { (option) }
                }
            }
            p #echo { (self.float) "|" (self.count) "|" (format!("{:?}", self.option)) "|" (self.result) "|" (self.chosen.join(",")) }
            p #error { (self.error.as_deref().unwrap_or_default()) }
        }
    }
}

/// Fields that a person has filled in before the server restarts, or before the person returns to the page.
struct Recover {
    story: String,
    kinds: Vec<String>,
    open: bool,
    color: String,
    toggles: u32,
    cleared: u32,
}

impl Recover {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { story: String::new(), kinds: Vec::new(), open: false, color: "all".into(), toggles: 0, cleared: 0 }
    }

    fn toggle(&mut self) {
        self.open = !self.open;
        self.toggles += 1;
    }

    fn clear(&mut self) {
        self.story.clear();
        self.kinds.clear();
        self.open = false;
        self.color = "all".into();
        self.cleared += 1;
    }
}

impl View for Recover {
    fn render(&self) -> Html<Self> {
        html! {
            textarea #story oninput=(|this: &mut Self, Value(story): Value| this.story = story) { (self.story) }
            select #kinds multiple onchange=(|this: &mut Self, Value(kinds): Value<Vec<String>>| this.kinds = kinds) {
                @for kind in ["a", "b", "c"] {
                    option key=(kind) value=(kind) selected[self.kinds.iter().any(|chosen| chosen == kind)] { (kind) }
                }
            }
            input #open type="checkbox" checked[self.open] onchange=(Self::toggle);
            select #color onchange=(|this: &mut Self, Value(color): Value| this.color = color) {
                @for color in ["all", "red", "blue"] {
                    option key=(color) value=(color) selected[self.color == color] { (color) }
                }
            }
            input #free placeholder="the visitor's own";
            button #clear onclick=(Self::clear) { "clear" }
            p #echo { (self.story) "|" (self.kinds.join(",")) "|" (self.open) "|" (self.color) "|" (self.cleared) }
            p #toggles { (self.toggles) }
            a #away href="/controls/template" { "away" }
        }
    }
}

/// Text that changes and grows while other programs translate it.
struct Saving {
    dots: usize,
    rows: Vec<u32>,
    open: bool,
}

impl Saving {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { dots: 0, rows: vec![1, 2, 3], open: false }
    }
}

impl View for Saving {
    fn render(&self) -> Html<Self> {
        html! {
            button #dot onclick=(|this: &mut Self| this.dots += 1) { "dot" }
            button #row onclick=(|this: &mut Self| { this.rows.insert(0, this.rows.len() as u32 + 1); }) { "row" }
            button #turn onclick=(|this: &mut Self| this.rows.reverse()) { "turn" }
            button #less onclick=(|this: &mut Self| { this.rows.pop(); }) { "less" }
            p #alone { (format!("Saving{}", ".".repeat(self.dots))) }
            p #among { "It is " (format!("saving{}", ".".repeat(self.dots))) ", " b { (self.dots) } " times" }
            ul { @for row in &self.rows { li key=(row) { "row " (row) } } }
            p #bare { @for row in &self.rows { (row) ", " } }
            @if self.dots > 1 { p #more { "more " (self.dots) } }
            p #opened { (self.open) }
        }
    }
}

/// Dialogs, `details`, and elements with `autofocus`.
struct Dialogs {
    plain: bool,
    modal: bool,
    inserted: bool,
    details: bool,
    toggled: u32,
    closed: u32,
    answers: Vec<String>,
    fields: u32,
}

#[derive(Deserialize)]
struct Answer {
    name: String,
}

impl Dialogs {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self {
            plain: false,
            modal: false,
            inserted: false,
            details: false,
            toggled: 0,
            closed: 0,
            answers: Vec::new(),
            fields: 0,
        }
    }

    fn answer(&mut self, Form(answer): Form<Answer>) {
        self.answers.push(answer.name);
    }

    fn keep(&mut self, Form(answer): Form<Answer>) {
        self.answers.push(format!("kept {}", answer.name));
    }

    fn closed(&mut self) {
        self.modal = false;
        self.closed += 1;
    }
}

impl View for Dialogs {
    fn render(&self) -> Html<Self> {
        html! {
            button #open-plain onclick=(|this: &mut Self| this.plain = true) { "plain" }
            button #close-plain onclick=(|this: &mut Self| this.plain = false) { "close plain" }
            button #open-modal onclick=(|this: &mut Self| this.modal = true) { "modal" }
            button #insert onclick=(|this: &mut Self| this.inserted = true) { "insert" }
            button #flip onclick=(|this: &mut Self| this.details = !this.details) { "flip" }
            button #field onclick=(|this: &mut Self| this.fields += 1) { "field" }
            dialog #plain open[self.plain] { p { "plain" } button #inner-close onclick=(|this: &mut Self| this.plain = false) { "done" } }
            dialog #modal aria-modal="true" aria-label="A name" open[self.modal] onclose=(Self::closed) {
                form method="dialog" onsubmit=(Self::answer) { input #name name="name"; button #answer { "answer" } }
                form onsubmit=(Self::keep) { input name="name" value="other"; button #keep { "keep" } }
                button #close-modal type="button" onclick=(|this: &mut Self| this.modal = false) { "close" }
            }
            @if self.inserted {
                dialog #inserted open aria-modal="true" aria-label="Inserted" {
                    button #remove onclick=(|this: &mut Self| this.inserted = false) { "remove" }
                }
            }
            details #details open[self.details] ontoggle=(|this: &mut Self| { this.details = !this.details; this.toggled += 1; }) {
                summary { "more" }
                p { "details" }
            }
            @for field in 0..self.fields { p key=(field) { input id=(format!("field{field}")) autofocus; } }
            @if self.fields > 0 { details open ontoggle=(|this: &mut Self| this.toggled += 100) { summary { "opened by the server" } } }
            p #echo { (self.plain) "|" (self.modal) "|" (self.toggled) "|" (self.closed) "|" (self.answers.join(",")) }
        }
    }
}

/// Raw HTML that would affect what is around it.
struct Raw {
    round: usize,
    clicks: u32,
}

pub(crate) const NASTY: &[&str] = &[
    "<b>bold",
    "</div></p></section></body></html>text",
    "<p><b>bold</p>text",
    "a<!--]-->b<!--[3--><!--|--><!--lanai--><!--/lanai-->c",
    "a<!-- never ends",
    "<a href='x",
    "<textarea>never ends",
    "<script>never ends",
    "<style>p { color: red }",
    "<title>never ends",
    "<table><div>inside</div><tr><td>cell",
    "<svg><circle r='1'>",
    "<select><option>one",
    "<plaintext>all the rest",
    "<li>one<li>two",
    "<div><div><div>",
    "<![CDATA[x]]><?php ?></",
    "<form><input name=matches><button>in a form",
];

impl Raw {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { round: 0, clicks: 0 }
    }
}

impl View for Raw {
    fn render(&self) -> Html<Self> {
        html! {
            @for (index, html) in NASTY.iter().enumerate() {
                section key=(index) { p.before { "before" } div { (PreEscaped(html)) } p.after { "after " (self.round) } }
            }
            // A browser's parser closes the paragraph before the block, whatever the server sends.
            p #paragraph { "in " (PreEscaped("<div id=block>block</div>")) " after " (self.round) }
            section #patched { p.before { "before" } div { (PreEscaped(NASTY[self.round % NASTY.len()])) } p.after { "after " (self.round) } }
            button #next onclick=(|this: &mut Self| this.round += 1) { "next" }
            button #click onclick=(|this: &mut Self| this.clicks += 1) { "click" }
            p #clicks { (self.clicks) }
        }
    }
}
