//! Sticky views on the wire: who may attach to them, how long they live, and what a stranger can do with them.

use std::sync::{Arc, Mutex};

use lanai::prelude::*;
use lanai::{App, CloseReason, Document, Limits, Shared};
use serde_json::{Value, json};
use wire::{Inner, Received, Server, Visitor, get, get_with};

/// What the sticky views have done.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn write(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push(entry.into());
    }

    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A sticky view.
struct Bell {
    log: Log,
    clicks: u32,
    wall: Option<Shared<Wall>>,
}

impl Bell {
    async fn mount(cx: Cx<Self>, log: Log, is_shared: bool) -> Self {
        tokio::task::yield_now().await;
        cx.session("session");
        log.write("mount");
        let wall = is_shared.then(|| cx.shared("wall", |_| Wall(0)));
        Self { log, clicks: 0, wall }
    }

    fn click(&mut self) {
        self.clicks += 1;
        self.log.write(format!("click {}", self.clicks));
    }
}

impl View for Bell {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::click) { (self.clicks) }
            @if let Some(wall) = &self.wall { (wall) }
        }
    }

    fn closed(&mut self, reason: CloseReason) {
        self.log.write(format!("{reason:?}"));
    }
}

struct Wall(u32);

impl View for Wall {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|wall: &mut Self| wall.0 += 1) { (self.0) } }
    }
}

struct Page(u32);

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|page: &mut Self| page.0 += 1) { (self.0) } }
    }
}

/// A page that shows the view that a sticky one shows as well, after a click.
struct Both {
    wall: Shared<Wall>,
    is_shown: bool,
}

impl Both {
    fn mount(cx: Cx<Self>) -> Self {
        Self { wall: cx.shared("wall", |_| Wall(0)), is_shown: false }
    }
}

impl View for Both {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(|page: &mut Self| page.is_shown = !page.is_shown) { "show" }
            @if self.is_shown { (self.wall) }
        }
    }
}

async fn start(limits: Limits) -> (Server, Log) {
    let log = Log::default();
    let own = log.clone();
    let layout = move |document: Document| {
        let query = document.uri().query().unwrap_or_default().to_owned();
        let bell = |key: &str| {
            let (log, is_shared) = (own.clone(), query == "shared");
            document.sticky(key, move |cx| Bell::mount(cx, log, is_shared))
        };
        maud::html! {
            @if query != "without" { (bell("bell, \"the\" <first>")) }
            @if query == "twice" { (bell("bell, \"the\" <first>")) }
            @if query == "many" { @for number in 0..40 { (bell(&number.to_string())) } }
            (document.body)
        }
    };
    let app = App::new()
        .limits(limits)
        .layout(layout)
        .route("/", live(async |_: Cx<Page>| Page(0)))
        .route("/both", live(Both::mount));
    (Server::start(app).await, log)
}

/// The sticky views in a document.
fn sticky(html: &str) -> Vec<Sticky> {
    let elements = html.split("<lanai-sticky ").skip(1);
    let data = elements.filter_map(|element| {
        let data = element.split_once("data-lanai=\"")?.1.split_once('"')?.0;
        let data = data.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        Some(serde_json::from_str::<Value>(&data).expect("JSON"))
    });
    let text = |data: &Value, key: &str| data[key].as_str().expect("a text").to_owned();
    data.map(|data| Sticky { id: text(&data, "i"), secret: text(&data, "s"), data }).collect()
}

struct Sticky {
    id: String,
    secret: String,
    data: Value,
}

impl Sticky {
    fn attach(&self, frames: i64, page: &str) -> String {
        json!([self.id, "attach", frames, self.secret, page]).to_string()
    }

    async fn attached(&self, visitor: &mut Visitor, frames: i64) -> Received {
        let page = visitor.page.clone();
        self.attached_as(visitor, frames, &page).await
    }

    async fn attached_as(&self, visitor: &mut Visitor, frames: i64, page: &str) -> Received {
        visitor.send(&self.attach(frames, page)).await;
        visitor.receive().await
    }

    fn gone(&self) -> Received {
        Received::Text(json!({ "gone": "the view is not here", "of": self.id }).to_string())
    }

    fn is_attached(&self, event: u64) -> Received {
        Received::Text(json!({ "attached": event, "of": self.id }).to_string())
    }
}

#[tokio::test]
async fn a_sticky_view_outlives_the_root_beside_it() {
    let (server, log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let page = visitor.page.clone();
    assert_eq!(visitor.boot.data["m"], 1, "the page is not told to load the part for children");
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view in {}", visitor.html) };
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    visitor.send(&json!([bell.id, 1, 0, 0]).to_string()).await;
    assert_eq!(visitor.receive().await, Received::Text(format!(r#"["{}",1,4,"1"]"#, bell.id)));
    // A frame on the way is not lost.
    visitor.send(&json!([bell.id, 2, 1, 0]).to_string()).await;
    assert_eq!(visitor.navigate("/?without").await, Received::Text(r#"{"attached":0}"#.into()));
    assert_eq!(bell.attached_as(&mut visitor, 1, &page).await, bell.is_attached(2));
    assert_eq!(visitor.receive().await, Received::Text(format!(r#"["{}",2,4,"2"]"#, bell.id)));
    // The page of another root has nothing to do with it: an old event is not executed again.
    visitor.send(&json!([bell.id, 2, 2, 0]).to_string()).await;
    visitor.send(&json!([bell.id, 3, 2, 0]).to_string()).await;
    assert_eq!(visitor.receive().await, Received::Text(format!(r#"["{}",3,4,"3"]"#, bell.id)));
    visitor.send(&json!([bell.id, "bye"]).to_string()).await;
    server.until("the view ends", |stats| stats.instances == 1).await;
    assert_eq!(log.read(), ["mount", "click 1", "click 2", "click 3", "Left"]);
    visitor.event(0, None).await;
    assert_eq!(visitor.frame().await, r#"[1,4,"1"]"#);
}

#[tokio::test]
async fn a_request_that_names_it_gets_an_empty_element() {
    let (server, log) = start(Limits::default()).await;
    let keys = "%5B%22bell%2C%20%5C%22the%5C%22%20%3Cfirst%3E%22%5D";
    let html = get_with(server.address, "/", &[("lanai-sticky", keys)]).await.into_body();
    assert_eq!(sticky(&html).len(), 0);
    let element =
        "<lanai-sticky class=\"lanai-sticky\" id=\"lanai-sticky-bell, &quot;the&quot; &lt;first&gt;\"></lanai-sticky>";
    assert!(html.contains(element), "{html}");
    assert_eq!(log.read().len(), 0);
    for odd in ["", "%", "[]", "%5B%5D", "{\"a\":1}", "%5B1%5D", "%FF%FE", "[\"other\"]"] {
        assert_eq!(
            sticky(&get_with(server.address, "/", &[("lanai-sticky", odd)]).await.into_body()).len(),
            1,
            "{odd}"
        );
    }
    // One key is one view, and a document has a bounded number.
    assert_eq!(sticky(&get(server.address, "/?twice").await.into_body()).len(), 1);
    assert_eq!(sticky(&get(server.address, "/?many").await.into_body()).len(), 16);
}

#[tokio::test]
async fn only_the_page_with_its_secret_attaches() {
    let (server, log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let page = visitor.page.clone();
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    // Without an attach, there is nothing to talk to.
    visitor.send(&json!([bell.id, 1, 0, 0]).to_string()).await;
    let forged = Sticky { id: bell.id.clone(), secret: "AAAAAAAAAAAAAAAAAAAAAA".into(), data: Value::Null };
    assert_eq!(forged.attached(&mut visitor, 0).await, forged.gone());
    let root = Sticky { id: visitor.boot.instance.clone(), secret: visitor.boot.secret.clone(), data: Value::Null };
    assert_eq!(root.attached(&mut visitor, 0).await, root.gone());
    // As a child of the root, it is not shown.
    visitor.send(&json!([bell.id, "attach", 0, 0]).to_string()).await;
    assert_eq!(visitor.heartbeat().await, Vec::<String>::new());
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    // Another page with a copy of the HTML.
    let mut other = Visitor::visit(server.address, "/?without").await;
    other.send(&bell.attach(0, "another-page")).await;
    let Received::Text(text) = other.receive().await else { panic!("an answer") };
    assert!(text.contains("another page has this view") && text.contains("\"of\""), "{text}");
    other.event(0, None).await;
    assert_eq!(other.frame().await, r#"[1,4,"1"]"#, "its own root is not affected");
    assert!(log.read().iter().all(|entry| entry == "mount"), "{:?}", log.read());
    // Its secret is none for a root.
    let mut stranger = Visitor::fetch(server.address, "/?without").await;
    (stranger.boot.instance, stranger.boot.secret) = (bell.id.clone(), bell.secret.clone());
    assert!(matches!(stranger.attach().await, Received::Closed(1008, _)));
    // The page that lost its connection comes back, and the older connection knows nothing of it.
    visitor.cut();
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    assert_eq!(bell.attached_as(&mut visitor, 0, &page).await, bell.is_attached(0));
    // It shows nothing any more, so everything is sent.
    assert_eq!(bell.attached_as(&mut visitor, -1, &page).await, bell.is_attached(0));
    let Received::Text(frame) = visitor.receive().await else { panic!("a frame") };
    assert!(frame.starts_with(&format!("[\"{}\",0,", bell.id)) && frame.contains("-7,"), "{frame}");
}

#[tokio::test]
async fn it_ends_with_the_page_or_after_a_while_without_one() {
    let (server, log) = start(Limits { grace: std::time::Duration::from_millis(100), ..Limits::default() }).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    visitor.send("\"bye\"").await;
    server.until("the page and the view end", |stats| stats.instances == 0).await;
    assert_eq!(log.read(), ["mount", "Left"]);
    // A navigation to a page without it, whose browser says nothing.
    let mut visitor = Visitor::visit(server.address, "/").await;
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    visitor.navigate("/?without").await;
    server.until("the view ends", |stats| stats.instances == 1).await;
    assert_eq!(log.read()[2..], ["mount", "Expired"]);
    // Pages that never attach leave nothing behind.
    for _ in 0..20 {
        get(server.address, "/").await;
    }
    server.until("nothing is left", |stats| stats.instances == 1).await;
}

#[tokio::test]
async fn a_page_may_leave_its_root_alone() {
    let (server, log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let page = visitor.page.clone();
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    visitor.send(&json!([visitor.boot.instance, "bye"]).to_string()).await;
    assert!(matches!(visitor.receive_until_closed().await, Received::Closed(1000, _)));
    server.until("the root ends", |stats| stats.instances == 1).await;
    let mut next = Visitor::visit(server.address, "/?without").await;
    assert_eq!(bell.attached_as(&mut next, 0, &page).await, bell.is_attached(0));
    assert_eq!(log.read(), ["mount"]);
}

#[tokio::test]
async fn the_end_of_its_session_ends_it() {
    let (server, log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    server.handle.end_session("session").unwrap();
    let Received::Text(text) = visitor.receive().await else { panic!("an answer") };
    assert!(text.contains("the session has ended") && text.contains("\"of\""), "{text}");
    visitor.send(&json!([bell.id, 1, 0, 0]).to_string()).await;
    visitor.event(0, None).await;
    assert_eq!(visitor.frame().await, r#"[1,4,"1"]"#, "the root has no session, and lives");
    assert_eq!(log.read(), ["mount", "SessionEnded"]);
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.gone());
}

#[tokio::test]
async fn views_inside_it_are_reached_through_it() {
    let (server, _log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/?shared").await;
    let page = visitor.page.clone();
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    let wall = bell.data["c"].as_object().and_then(|inside| inside.keys().next()).expect("a view inside").clone();
    let mut wall = Inner { id: wall, frames: 0, events: 0 };
    // Not before the view around it.
    wall.attach(&mut visitor).await;
    assert_eq!(visitor.heartbeat().await, Vec::<String>::new());
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    wall.attached(&mut visitor).await;
    wall.event(&mut visitor, 0).await;
    wall.next(&mut visitor).await;
    visitor.heartbeat().await;
    visitor.navigate("/?without").await;
    assert_eq!(bell.attached_as(&mut visitor, 0, &page).await, bell.is_attached(0));
    wall.attach(&mut visitor).await;
    assert_eq!(wall.next(&mut visitor).await["attached"], 1, "it is the same page to the view inside");
}

#[tokio::test]
async fn a_view_in_two_places_is_live_in_the_one_that_attached_last() {
    let (server, _log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/both?shared").await;
    let [bell] = &sticky(&visitor.html)[..] else { panic!("one sticky view") };
    let wall = bell.data["c"].as_object().and_then(|inside| inside.keys().next()).expect("a view inside").clone();
    let mut wall = Inner { id: wall, frames: 0, events: 0 };
    assert_eq!(bell.attached(&mut visitor, 0).await, bell.is_attached(0));
    wall.attached(&mut visitor).await;
    wall.event(&mut visitor, 0).await;
    wall.next(&mut visitor).await;
    visitor.heartbeat().await;
    // The page's own view shows it as well, and the page attaches it there.
    visitor.event(0, None).await;
    visitor.frame().await;
    let mut again = Inner { events: 0, ..wall.clone() };
    again.attach(&mut visitor).await;
    visitor.heartbeat().await;
    // Each click changes the text once: "2", "3".
    let mut frames = Vec::new();
    for count in 2..4 {
        again.event(&mut visitor, 0).await;
        while frames.last().is_none_or(|last: &String| !last.contains(&format!("\"{count}\""))) {
            match visitor.receive().await {
                Received::Text(text) if text.starts_with(&format!("[\"{}\"", wall.id)) => frames.push(text),
                Received::Text(_) => {}
                end => panic!("{end:?}"),
            }
        }
    }
    assert_eq!(frames.len(), 2, "each frame comes once: {frames:?}");
}

#[tokio::test]
async fn a_connection_has_a_bounded_number_of_them() {
    let (server, _log) = start(Limits::default()).await;
    let mut visitor = Visitor::visit(server.address, "/?without").await;
    let mut count = 0;
    let end = loop {
        let html = get(server.address, "/").await.into_body();
        let [bell] = &sticky(&html)[..] else { panic!("one sticky view") };
        match bell.attached(&mut visitor, 0).await {
            Received::Text(_) => count += 1,
            end => break end,
        }
    };
    assert_eq!(count, 64);
    assert!(matches!(end, Received::Closed(1008, _)), "{end:?}");
}
