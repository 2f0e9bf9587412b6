//! Presence: pages that connect, are lost, come back, and leave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanai::Limits;
use lanai::prelude::*;
use lanai::presence::{Join, Leave, Person};
use wire::{Server, Visitor, get};

const ROOM: Topic<String> = Topic::new("room");

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Mood {
    mood: String,
}

fn mood(mood: &str) -> Mood {
    Mood { mood: mood.into() }
}

/// The joins and leaves that a watcher in another view was told of, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn get(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until exactly this was told.
    async fn until(&self, expected: &[&str]) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while self.get() != expected {
            assert!(tokio::time::Instant::now() < deadline, "told was {:?}, not {expected:?}", self.get());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// A page whose visitor, named by the path, is present in a room.
struct Member {
    here: Present<Mood>,
    name: String,
}

impl Member {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.track(ROOM, &name, mood("fine"));
        Self { here: cx.presence(ROOM), name }
    }

    fn worse(&mut self, cx: &Cx<Self>) {
        cx.track(ROOM, &self.name, mood("bad"));
    }

    fn hide(&mut self, cx: &Cx<Self>) {
        cx.untrack(ROOM);
    }

    fn close(&mut self, cx: &Cx<Self>) {
        cx.close();
    }

    fn rename(&mut self, cx: &Cx<Self>) {
        cx.track(ROOM, "Somebody", mood("new"));
    }

    fn panic(&mut self) {
        panic!("on purpose: a member");
    }
}

// The handlers of a member, in the order of its buttons.
const WORSE: u32 = 0;
const HIDE: u32 = 1;
const CLOSE: u32 = 2;
const RENAME: u32 = 3;
const PANIC: u32 = 4;

impl View for Member {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::worse) {}
            button onclick=(Self::hide) {}
            button onclick=(Self::close) {}
            button onclick=(Self::rename) {}
            button onclick=(Self::panic) {}
            p { "here:" @for person in &self.here { (person.key) "=" (person.meta.mood) "x" (person.tabs) ";" } }
        }
    }
}

/// A view that subscribes to joins and leaves.
struct Watcher;

impl View for Watcher {
    fn render(&self) -> Html<Self> {
        html! { p { "watching" } }
    }
}

/// A server with members at `/member/{name}`, an attached watcher, and what the watcher is told.
async fn serve(limits: Limits) -> (Server, Visitor, Told) {
    let told = Told::default();
    let watched = told.clone();
    let watcher = move |cx: Cx<Watcher>| {
        let (joins, leaves) = (watched.clone(), watched.clone());
        cx.on_join(ROOM, move |_: &mut Watcher, join: &Join<Mood>| {
            joins.0.lock().unwrap().push(format!("+{}", join.key))
        });
        cx.on_leave(ROOM, move |_: &mut Watcher, leave: &Leave<Mood>| {
            leaves.0.lock().unwrap().push(format!("-{} {:?}", leave.key, leave.why));
        });
        async { Watcher }
    };
    let app = App::new().limits(limits).route("/member/{name}", live(Member::mount)).route("/", live(watcher));
    let server = Server::start(app).await;
    let watcher = Visitor::visit(server.address, "/").await;
    (server, watcher, told)
}

/// Limits with which nobody who is away leaves during the test.
fn patient() -> Limits {
    let hour = Duration::from_secs(3600);
    Limits { presence_left: hour, presence_lost: hour, grace: hour, ..Limits::default() }
}

/// Limits with which people who are away leave soon.
fn hasty() -> Limits {
    let moment = Duration::from_millis(30);
    Limits { presence_left: moment, presence_lost: moment, ..patient() }
}

fn here(server: &Server) -> Vec<(String, String, usize)> {
    let people: Vec<Person<Mood>> = server.handle.broker().presence().list(ROOM);
    people.iter().map(|person| (person.key.to_string(), person.meta.mood.clone(), person.tabs)).collect()
}

async fn until_here(server: &Server, expected: &[(&str, &str, usize)]) {
    let expected: Vec<_> =
        expected.iter().map(|(key, mood, tabs)| (key.to_string(), mood.to_string(), *tabs)).collect();
    server.until(&format!("{expected:?} are here"), |_| here(server) == expected).await;
}

/// Receives frames until one has `text`.
async fn until(visitor: &mut Visitor, text: &str) -> String {
    loop {
        let frame = visitor.frame().await;
        if frame.contains(text) {
            return frame;
        }
    }
}

async fn member(server: &Server, name: &str) -> Visitor {
    Visitor::visit(server.address, &format!("/member/{name}")).await
}

/// Leaves the page, as the client does when a tab is closed.
async fn leave(visitor: &mut Visitor) {
    visitor.send(r#""bye""#).await;
    visitor.cut();
}

#[tokio::test]
async fn who_connects_has_joined_and_everyone_sees_it() {
    let (server, _watcher, told) = serve(patient()).await;
    let mut ann = member(&server, "Ann").await;
    until(&mut ann, "Ann").await;
    let mut bob = member(&server, "Bob").await;
    assert!(bob.html.contains("Ann"), "who was here is in the first HTML: {}", bob.html);
    until(&mut ann, "Bob").await;
    until(&mut bob, "Bob").await;
    told.until(&["+Ann", "+Bob"]).await;
    until_here(&server, &[("Ann", "fine", 1), ("Bob", "fine", 1)]).await;
}

#[tokio::test]
async fn a_page_that_never_connects_is_nobody() {
    let (server, _watcher, told) = serve(patient()).await;
    let response = get(server.address, "/member/Crawler").await;
    assert!(response.body().contains("here:"), "{}", response.body());
    let _ann = member(&server, "Ann").await;
    told.until(&["+Ann"]).await;
    assert_eq!(server.handle.broker().presence().track_count(), 1);
}

#[tokio::test]
async fn two_tabs_are_one_person() {
    let (server, _watcher, told) = serve(hasty()).await;
    let mut one = member(&server, "Ann").await;
    let mut other = member(&server, "Ann").await;
    until_here(&server, &[("Ann", "fine", 2)]).await;
    leave(&mut one).await;
    until_here(&server, &[("Ann", "fine", 1)]).await;
    assert_eq!(told.get(), ["+Ann"]);
    leave(&mut other).await;
    told.until(&["+Ann", "-Ann Left"]).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_and_found_is_no_leave() {
    let (server, _watcher, told) = serve(patient()).await;
    let mut ann = member(&server, "Ann").await;
    for _ in 0..5 {
        ann.cut();
        server.until("the page is away", |stats| stats.detached == 1).await;
        ann.attach().await;
        server.until("the page is back", |stats| stats.detached == 0).await;
    }
    let _bob = member(&server, "Bob").await;
    told.until(&["+Ann", "+Bob"]).await;
    until_here(&server, &[("Ann", "fine", 1), ("Bob", "fine", 1)]).await;
}

#[tokio::test]
async fn who_is_away_for_too_long_leaves_and_joins_again() {
    let (server, _watcher, told) = serve(hasty()).await;
    let mut ann = member(&server, "Ann").await;
    ann.cut();
    told.until(&["+Ann", "-Ann Lost"]).await;
    assert_eq!(server.stats().instances, 2, "the view itself lives on");
    ann.attach().await;
    told.until(&["+Ann", "-Ann Lost", "+Ann"]).await;
}

#[tokio::test]
async fn a_page_that_is_left_leaves_soon_though_a_lost_one_would_stay() {
    let (server, _watcher, told) = serve(Limits { presence_left: Duration::from_millis(30), ..patient() }).await;
    let mut ann = member(&server, "Ann").await;
    told.until(&["+Ann"]).await;
    leave(&mut ann).await;
    told.until(&["+Ann", "-Ann Left"]).await;
}

#[tokio::test]
async fn reloading_a_page_is_no_leave() {
    let (server, _watcher, told) = serve(Limits { presence_lost: Duration::from_millis(30), ..patient() }).await;
    let mut ann = member(&server, "Ann").await;
    until_here(&server, &[("Ann", "fine", 1)]).await;
    leave(&mut ann).await;
    server.until("the first page is gone", |stats| stats.instances == 1).await;
    let _again = member(&server, "Ann").await;
    let _bob = member(&server, "Bob").await;
    told.until(&["+Ann", "+Bob"]).await;
}

#[tokio::test]
async fn untrack_a_closed_view_and_a_panic_are_leaves_at_once() {
    let (server, _watcher, told) = serve(patient()).await;
    let mut ann = member(&server, "Ann").await;
    ann.event(HIDE, None).await;
    told.until(&["+Ann", "-Ann Untracked"]).await;
    let mut bob = member(&server, "Bob").await;
    bob.event(CLOSE, None).await;
    told.until(&["+Ann", "-Ann Untracked", "+Bob", "-Bob Ended"]).await;
    let mut cat = member(&server, "Cat").await;
    cat.event(PANIC, None).await;
    told.until(&["+Ann", "-Ann Untracked", "+Bob", "-Bob Ended", "+Cat", "-Cat Ended"]).await;
}

#[tokio::test]
async fn tracking_again_says_something_else_or_is_someone_else() {
    let (server, _watcher, told) = serve(patient()).await;
    let mut ann = member(&server, "Ann").await;
    ann.event(WORSE, None).await;
    until(&mut ann, "bad").await;
    until_here(&server, &[("Ann", "bad", 1)]).await;
    assert_eq!(told.get(), ["+Ann"]);
    ann.event(RENAME, None).await;
    until_here(&server, &[("Somebody", "new", 1)]).await;
    told.until(&["+Ann", "-Ann Untracked", "+Somebody"]).await;
}

#[tokio::test]
async fn a_handler_hears_nothing_after_unsubscribe() {
    let heard = Told::default();
    let count = heard.clone();
    let mount = move |cx: Cx<Watcher>| {
        let count = count.clone();
        cx.on_join(ROOM, move |_: &mut Watcher, join: &Join<Mood>, cx: &Cx<Watcher>| {
            count.0.lock().unwrap().push(join.key.to_string());
            cx.unsubscribe(ROOM);
        });
        async { Watcher }
    };
    let server = Server::start(App::new().route("/", live(mount)).route("/member/{name}", live(Member::mount))).await;
    let _watcher = Visitor::visit(server.address, "/").await;
    let _ann = member(&server, "Ann").await;
    let _bob = member(&server, "Bob").await;
    until_here(&server, &[("Ann", "fine", 1), ("Bob", "fine", 1)]).await;
    heard.until(&["Ann"]).await;
}

#[tokio::test]
async fn what_cannot_be_said_goes_to_failed_and_nobody_joins() {
    struct Failing(String);
    impl View for Failing {
        fn render(&self) -> Html<Self> {
            html! { p { (self.0) } }
        }
        fn failed(&mut self, error: &lanai::Error, _cx: &Cx<Self>) {
            self.0 = error.to_string();
        }
    }
    let mount = |cx: Cx<Failing>| {
        cx.track(ROOM, "Ann", "x".repeat(20_000));
        async { Failing("fine".into()) }
    };
    let server = Server::start(App::new().route("/", live(mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    until(&mut visitor, "16 KiB").await;
    assert_eq!(here(&server), []);
    assert_eq!(server.stats().errors, 1);
}

#[tokio::test]
async fn someone_whose_meta_does_not_fit_is_left_out() {
    let (server, _watcher, told) = serve(patient()).await;
    let presence = server.handle.broker().presence();
    let _bot = presence.track(ROOM, "Bot", &42).unwrap();
    let ann = member(&server, "Ann").await;
    assert!(!ann.html.contains("Bot"), "{}", ann.html);
    told.until(&["+Ann"]).await;
    assert_eq!(presence.count(ROOM), 2);
    assert_eq!(presence.list::<serde_json::Value>(ROOM).len(), 2);
}

#[tokio::test]
async fn a_server_that_stops_says_nothing_of_leaves() {
    let (server, _watcher, _) = serve(patient()).await;
    let _ann = member(&server, "Ann").await;
    until_here(&server, &[("Ann", "fine", 1)]).await;
    server.handle.shut_down();
    server.until("all views have ended", |stats| stats.instances == 0).await;
    until_here(&server, &[("Ann", "fine", 1)]).await;
}

#[tokio::test]
async fn a_thousand_visitors_leave_nothing_behind() {
    let (server, watcher, told) = serve(hasty()).await;
    for batch in 0..10 {
        let mut visitors = Vec::new();
        for number in 0..100 {
            visitors.push(member(&server, &format!("visitor-{}", (batch * 100 + number) % 300)).await);
        }
        for (number, mut visitor) in visitors.into_iter().enumerate() {
            if number % 2 == 0 {
                leave(&mut visitor).await;
            }
        }
    }
    server.until("all are away", |stats| stats.detached + 1 == stats.instances).await;
    let presence = server.handle.broker().presence();
    server.until("nobody is here", |_| presence.track_count() == 0).await;
    assert_eq!(presence.count(ROOM), 0);
    let told = told.get();
    let joins = told.iter().filter(|line| line.starts_with('+')).count();
    assert_eq!(joins * 2, told.len(), "each join has its leave");
    drop(watcher);
    server.handle.shut_down();
    server.until("all views have ended", |stats| stats.instances == 0).await;
    server.until("only the log itself is subscribed to", |stats| stats.subscriptions == 1).await;
}
