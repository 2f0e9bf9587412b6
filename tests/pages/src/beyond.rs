//! Events that need more than a listener: drags, clipboards, what comes into view, the window, and shortcuts.

use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use lanai::event::{
    Copied, Detail, Dropped, FileContents, Files, HashChange, PointerPath, Resize, Scroll, Shortcuts, Transfer, Wheel,
    WindowScroll, WindowSize,
};
use lanai::js;
use lanai::prelude::*;

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/drags", live(Drags::mount))
        .route("/surroundings", live(Surroundings::mount))
        .route("/feed", live(Feed::mount))
        .route("/keys", live(Keys::mount))
        .route("/other-keys", live(OtherKeys::mount))
        .route("/beyond.css", get(style))
}

async fn style() -> impl IntoResponse {
    const STYLE: &str = "
        body { margin: 0 } output { display: block; height: 60px; overflow: hidden }
        #canvas, #zoom, #pan, #sized, .target, li { width: 300px; height: 60px; border: 1px solid }
        #zoom div, #pan div { height: 2000px } #zoom, #pan, #feed { overflow: auto }
        #sized.wide { width: 400px } #feed { height: 300px } #feed p, .row { height: 50px; margin: 0 }
        .tall { height: 3000px } [data-lanai-drag-over] { outline: 3px solid } [data-lanai-dragging] { opacity: .5 }";
    ([("content-type", "text/css")], STYLE)
}

/// What was heard.
#[derive(Default)]
struct Log(Vec<String>);

impl Log {
    fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    fn html(&self) -> Html {
        html! {
            link rel="stylesheet" href="/beyond.css";
            output { (self.0.join(" | ")) }
        }
    }
}

#[derive(Clone, Copy)]
struct Card(u32);

#[derive(Default)]
struct Drags {
    log: Log,
    removed: Option<u32>,
}

impl Drags {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self::default()
    }

    fn dropped(&mut self, on: u32, dropped: &Dropped<Card>) {
        let copy = if dropped.is_copy { " copied" } else { "" };
        self.log.note(format!("{} {:?} {on}{copy}", dropped.data.0, dropped.place()));
    }

    /// Another person removes a card while it is dragged.
    fn taken(&mut self, id: u32, cx: &Cx<Self>) {
        self.log.note(format!("takes {id}"));
        if id == 3 {
            cx.after(Duration::from_millis(50), |this: &mut Self| this.removed = Some(3));
        }
    }
}

impl View for Drags {
    fn render(&self) -> Html<Self> {
        html! {
            (self.log.html())
            ul {
                @for id in (1..=3_u32).filter(|id| Some(*id) != self.removed) {
                    li #{ "card-" (id) } key=(id)
                        ondragstart=(drag(Card(id)).then(move |this: &mut Self, cx: &Cx<Self>| this.taken(id, cx)))
                        ondrop=(move |this: &mut Self, drop: Dropped<Card>| this.dropped(id, &drop)) {
                        "Card " (id)
                    }
                }
            }
            p #copied .target ondragstart=(drag(Card(9)).copy()) { "Copied" }
            p #words .target ondragstart=(drag("words")) { "Words" }
            p #cards-only .target ondrop=(|this: &mut Self, drop: Dropped<Card>| this.dropped(0, &drop)) { "Cards only" }
            p #files-only .target ondrop=(|this: &mut Self, Files(files): Files| {
                let names: Vec<String> = files.iter().map(|file| format!("{} {} {}", file.name, file.media_type, file.size)).collect();
                this.log.note(names.join(" and "));
            }) { "Files only" }
            p #contents .target ondrop=(|this: &mut Self, FileContents(files): FileContents| this.contents(files)) { "Contents" }
            p #any .target ondrop=(|this: &mut Self, all: Transfer| this.log.note(format!("{} {} {}", all.text, all.html, all.files.len()))) { "All" }
            div #board tabindex="0" onpaste=(|this: &mut Self, paste: Transfer| {
                this.log.note(format!("{} {} {}", paste.text, paste.html, paste.files.len()));
            }) { "Board" }
            div #pictures tabindex="0" onpaste=(|this: &mut Self, FileContents(files): FileContents| this.contents(files)) { "Pictures" }
            textarea #kept onpaste=(on(|this: &mut Self, paste: Transfer| this.log.note(format!("kept {}", paste.text))).prevent()) {}
            textarea #source oncopy=(|this: &mut Self, copied: Copied| this.log.note(format!("copied {}", copied.text)))
                oncut=(|this: &mut Self, copied: Copied| this.log.note(format!("cut {}", copied.text))) { "one two three" }
        }
    }
}

impl Drags {
    fn contents(&mut self, files: Vec<lanai::event::FileContent>) {
        for file in files {
            let bytes = file.bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            self.log.note(format!("{} {} {:?}", file.info.name, file.info.size, bytes));
        }
    }
}

#[derive(Default)]
struct Surroundings {
    log: Log,
    points: usize,
    moves: usize,
    last: (f64, f64),
    distance: f64,
    wheels: usize,
    open: bool,
    inner: bool,
    wide: bool,
    listens: bool,
    scrolled: f64,
}

impl Surroundings {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { open: true, inner: true, listens: true, ..Self::default() }
    }

    async fn moved(&mut self, path: PointerPath) {
        // As slow as a view may be.
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.moves += 1;
        self.points += path.points.len();
        self.last = path.points.last().map_or((0.0, 0.0), |point| (point.x, point.y));
    }

    async fn zoomed(&mut self, wheel: Wheel) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.wheels += 1;
        self.distance += wheel.delta_y;
    }

    async fn panned(&mut self, scroll: Scroll) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.scrolled = scroll.top;
    }
}

impl View for Surroundings {
    fn render(&self) -> Html<Self> {
        html! {
            (self.log.html())
            p #moves { (self.moves) " moves, " (self.points) " points, last " (self.last.0) " " (self.last.1) }
            p #wheels { (self.wheels) " wheels, " (self.distance) ", scrolled " (self.scrolled) }
            div #canvas onpointermove=(Self::moved) onpointerdown=(|this: &mut Self| {
                let at = format!("down after {} {}", this.last.0, this.last.1);
                this.log.note(at);
            }) { "Canvas" }
            div #zoom onwheel=(on(Self::zoomed).prevent()) { div { "Zoom" } }
            div #pan onscroll=(Self::panned) onwheel=(|this: &mut Self| this.log.note("wheel")) { div { "Pan" } }
            div #sized .wide[self.wide] onresize=(|this: &mut Self, size: Resize| this.log.note(format!("{} wide", size.width))) {
                button #widen onclick=(|this: &mut Self| this.wide ^= true) { "Widen" }
            }
            button #toggle onclick=(|this: &mut Self| this.listens ^= true) { "Listen" }
            @if self.listens {
                div onwindowresize=(|this: &mut Self, size: WindowSize| this.log.note(format!("window {}", size.width)))
                    onwindowonline=(|this: &mut Self| this.log.note("online"))
                    onwindowoffline=(js::show("#offline"))
                    onwindowhashchange=(|this: &mut Self, change: HashChange| {
                        this.log.note(change.new_url.split('#').nth(1).unwrap_or("none"));
                    })
                    onwindowkeydown=(on(|this: &mut Self| this.log.note("escape")).key("Escape"))
                    onwindowfocus=(|this: &mut Self| this.log.note("window focus"))
                    onwindowbeforeprint=(|this: &mut Self| this.log.note("prints"))
                    onwindowscroll=(on(|this: &mut Self, scroll: WindowScroll| this.log.note(format!("at {}", scroll.top))).debounce(Duration::from_millis(100))) {}
            }
            p #offline hidden { "Offline" }
            div #menu onclickoutside=(|this: &mut Self| this.log.note("outside")) {
                @if self.inner { button #inner onclick=(|this: &mut Self| this.inner = false) { "Inner" } }
                "Menu"
                button #popped popovertarget="popover" { "Pop" }
                div #popover popover { button #in-popover { "In the popover" } }
            }
            @if self.open { div #closing onclickoutside=(|this: &mut Self| this.open = false) { "Closes" } }
            div "onrated"=(|this: &mut Self, Detail(stars): Detail<u8>| this.log.note(format!("{stars} stars"))) {
                button #rate onclick=(js::dispatch(js::this(), "rated", 4)) { "Rate" }
            }
            input #field aria-label="Field";
            div .tall {}
        }
    }
}

/// A list that grows when its end comes into view.
struct Feed {
    waits: bool,
    rows: usize,
    calls: usize,
    most: usize,
    hidden: bool,
    log: Log,
}

impl Feed {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { waits: false, rows: 2, calls: 0, most: 30, hidden: false, log: Log::default() }
    }

    fn more(&mut self) {
        self.calls += 1;
        self.rows = (self.rows + 2).min(self.most);
    }
}

impl View for Feed {
    fn render(&self) -> Html<Self> {
        html! {
            (self.log.html())
            p #calls { (self.calls) }
            button #reset onclick=(|this: &mut Self| (this.rows, this.calls) = (2, 0)) { "Reset" }
            button #wait onclick=(|this: &mut Self| this.waits ^= true) { "Wait" }
            p #waiting onenterview=[(!self.waits).then_some(|this: &mut Self| this.log.note("asked"))] { "Waiting" }
            button #hide onclick=(|this: &mut Self| this.hidden ^= true) { "Hide" }
            div #feed tabindex="0" {
                @for row in 0..self.rows { p key=(row) { "Row " (row) } }
                // The handler is there as long as there is more.
                div #sentinel onenterview=[(self.rows < self.most).then_some(on(Self::more).margin(20))] {}
            }
            @if !self.hidden {
                p #watched onenterview=(|this: &mut Self| this.log.note("in")) onleaveview=(|this: &mut Self| this.log.note("out")) { "Watched" }
            }
            p #never onenterview=(on(|this: &mut Self| this.log.note("once")).once()) { "Once" }
            div .tall {}
            p #below onenterview=(js::add_class("seen", js::this())) { "Below" }
        }
    }
}

#[derive(Default)]
struct Keys {
    log: Log,
    help: Option<Shortcuts>,
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

impl Keys {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self::default()
    }

    fn note(what: &'static str) -> impl Fn(&mut Self) + Clone {
        move |this| this.log.note(what)
    }
}

impl View for Keys {
    fn render(&self) -> Html<Self> {
        html! {
            (self.log.html())
            main
                onshortcut=(shortcut("j", "Next").repeat().then(Self::note("next")))
                onshortcut=(shortcut("k", "Previous").then(Self::note("previous")))
                onshortcut=(shortcut("g i", "Inbox").then(Self::note("inbox")))
                onshortcut=(shortcut("n", "New").then(Self::note("new")))
                onshortcut=(shortcut("n l", "New label").then(Self::note("new label")))
                onshortcut=(shortcut("i", "Information").then(Self::note("information")))
                onshortcut=(shortcut("Ctrl+K Ctrl+S", "Keys").then(Self::note("keys")))
                onshortcut=(shortcut("Mod+S", "Save").in_controls().then(Self::note("saved")))
                onshortcut=(shortcut("Shift+G", "End").then(Self::note("end")))
                onshortcut=(shortcut("w", "Forward").physical().then(Self::note("forward")))
                onshortcut=(shortcut("?", "Show the shortcuts").then(|this: &mut Self, keys: Shortcuts| this.help = Some(keys)))
                onshortcut=(shortcut("h", "Hide").then(js::toggle("#hideable"))) {
                input #search aria-label="Search" onshortcut=(shortcut("/", "Search"));
                button #archive onclick=(Self::note("archived")) onshortcut=(shortcut("e", "Archive")) { "Archive" }
                button disabled onclick=(Self::note("never")) onshortcut=(shortcut("#", "Delete")) { "Delete" }
                a #link href="/other-keys" onshortcut=(shortcut("g o", "Other keys")) { "Other" }
                ul #list tabindex="0"
                    onshortcut=(shortcut("j", "Next in the list").inside().then(Self::note("next in the list")))
                    onshortcut=(shortcut("Enter", "Open").then(Self::note("opened"))) {}
                p #hideable onshortcut=(shortcut("p", "Paragraph").then(Self::note("paragraph"))) { "Paragraph" }
                div #editor contenteditable="true" {}
                form onsubmit=(|this: &mut Self, Form(said): Form<Said>| this.log.note(said.text.lines().collect::<Vec<_>>().join("/"))) {
                    textarea #said name="text" aria-label="Say" onshortcut=(shortcut("Enter", "Say it").in_controls().inside()) {}
                    button { "Say it" }
                }
                form onsubmit=(Self::note("saved as a form")) onshortcut=(shortcut("Mod+Enter", "Save the form").in_controls().inside()) {
                    input #field aria-label="Field";
                    input type="checkbox" checked aria-label="Checked";
                }
                input #stops aria-label="Stops" type="checkbox" onkeydown=(on(Self::note("stopped")).key("k").prevent());
            }
            @if let Some(help) = &self.help {
                dialog #help open aria-modal="true" aria-label="Shortcuts" onclose=(|this: &mut Self| this.help = None) {
                    (help)
                    button onshortcut=(shortcut("x", "Close")) onclick=(js::close("#help")) { "Close" }
                }
            }
        }
    }
}

#[derive(Default)]
struct OtherKeys(Log);

impl OtherKeys {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self::default()
    }
}

impl View for OtherKeys {
    fn render(&self) -> Html<Self> {
        html! {
            (self.0.html())
            h1 { "Other keys" }
            main onshortcut=(shortcut("k", "Kept").then(|this: &mut Self| this.0.note("other"))) {}
        }
    }
}
