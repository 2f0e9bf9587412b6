//! Views inside views: children of one page, and shared ones of many.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lanai::prelude::*;
use lanai::{Address, App, Limits};
use lanai_test::{css, role};
use serde_json::{Value, json};
use wire::{Inner, Server, Visitor, op};

use crate::views::short_grace;

const POINTS: Topic<u32> = Topic::new("points");

/// Counts clicks and submits.
struct Tally {
    clicks: u32,
}

impl Tally {
    /// The handler that counts a click.
    const UP: u32 = 0;
    /// The handler that counts a submit, and resets the form.
    const SUBMIT: u32 = 3;
    /// The number of its handlers.
    const HANDLERS: u32 = 4;
    /// The slot of the count.
    const CLICKS: i64 = 0;

    fn new(_cx: Cx<Self>) -> Self {
        Self { clicks: 0 }
    }

    fn up(&mut self) {
        self.clicks += 1;
    }

    fn panics(&mut self) {
        panic!("on purpose: the child");
    }
}

impl View for Tally {
    fn render(&self) -> Html<Self> {
        html! {
            b { (self.clicks) }
            button onclick=(Self::up) { "up" }
            button onclick=(Self::panics) { "panic" }
            button onclick=(|_: &mut Self, cx: &Cx<Self>| cx.close()) { "close" }
            form onsubmit=(|tally: &mut Self, cx: &Cx<Self>| { tally.clicks += 1; cx.reset_form() }) {}
        }
    }
}

/// Counts clicks, and shows a tally or hides it.
struct Page {
    cx: Cx<Self>,
    clicks: u32,
    shows: bool,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        Self { cx, clicks: 0, shows: true }
    }

    async fn mount_hidden(cx: Cx<Self>) -> Self {
        Self { cx, clicks: 0, shows: false }
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            i { (self.clicks) }
            button onclick=(|page: &mut Self| page.clicks += 1) { "up" }
            button onclick=(|page: &mut Self| page.shows = !page.shows) { "toggle" }
            @if self.shows { section { (self.cx.child("tally", Tally::new)) } }
        }
    }
}

/// Shows the sum of the published points, and a row for each of the first 20.
struct Sum(u32);

static SUM_MOUNTS: AtomicU32 = AtomicU32::new(0);

impl Sum {
    fn new(cx: Cx<Self>) -> Self {
        SUM_MOUNTS.fetch_add(1, Ordering::Relaxed);
        cx.subscribe(POINTS, |sum: &mut Self, points: &u32| sum.0 += points);
        Self(0)
    }
}

impl View for Sum {
    fn render(&self) -> Html<Self> {
        // All numbers have the same width, so a frame sets the whole number instead of appending digits.
        html! {
            output { (format!("{:06}", self.0)) }
            @for row in 0..self.0.min(20) { p key=(row) { (row) button onclick=(|_: &mut Self| ()) {} } }
        }
    }
}

/// Shows the shared sum with the key in the path, and the visitor's name.
struct Watch {
    name: String,
    sum: Shared<Sum>,
}

impl Watch {
    async fn mount(cx: Cx<Self>, Path((key, name)): Path<(String, String)>) -> Self {
        Self { sum: cx.shared(key, Sum::new), name }
    }
}

impl View for Watch {
    fn render(&self) -> Html<Self> {
        html! { h1 { (self.name) } (self.sum) }
    }
}

/// A job that runs without a page, and ends itself at 100 points.
struct Job(u32);

impl Job {
    fn new(cx: Cx<Self>) -> Self {
        cx.subscribe(POINTS, |job: &mut Self, points: &u32, cx: &Cx<Self>| {
            job.0 += points;
            if job.0 >= 100 {
                cx.close();
            }
        });
        Self(0)
    }
}

impl View for Job {
    fn render(&self) -> Html<Self> {
        html! { progress value=(self.0) max="100" {} }
    }
}

struct JobPage(Shared<Job>);

impl JobPage {
    async fn mount(cx: Cx<Self>) -> Self {
        Self(cx.daemon("job", Job::new))
    }
}

impl View for JobPage {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

/// Shows a tally that all pages share.
struct Votes(Shared<Tally>);

impl Votes {
    async fn mount(cx: Cx<Self>) -> Self {
        Self(cx.shared("votes", Tally::new))
    }
}

impl View for Votes {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

/// A shared view with a shared view inside.
struct Frame(Shared<Sum>);

impl Frame {
    fn new(cx: Cx<Self>) -> Self {
        Self(cx.shared("framed", Sum::new))
    }
}

impl View for Frame {
    fn render(&self) -> Html<Self> {
        html! { section { (self.0) } }
    }
}

struct Framed(Shared<Frame>);

impl Framed {
    async fn mount(cx: Cx<Self>) -> Self {
        Self(cx.shared("frame", Frame::new))
    }
}

impl View for Framed {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

/// Shows the address of the page that the last click came from.
struct LastClick(Option<Address>);

impl LastClick {
    fn click(&mut self, cx: &Cx<Self>) {
        self.0 = cx.event_source();
    }
}

impl View for LastClick {
    fn render(&self) -> Html<Self> {
        html! { output { @if let Some(page) = self.0 { (page) } } button onclick=(Self::click) { "Click" } }
    }
}

/// Shows its own address, and the last click of all pages.
struct Clicker(Address, Shared<LastClick>);

impl Clicker {
    async fn mount(cx: Cx<Self>) -> Self {
        assert_eq!(cx.event_source(), None, "nothing was sent yet");
        Self(cx.address(), cx.shared("clicks", |_| LastClick(None)))
    }
}

impl View for Clicker {
    fn render(&self) -> Html<Self> {
        html! { h1 { (self.0) } (self.1) }
    }
}

fn program(limits: Limits) -> App {
    App::new()
        .limits(limits)
        .route("/", live(Page::mount))
        .route("/hidden", live(Page::mount_hidden))
        .route("/watch/{key}/{name}", live(Watch::mount))
        .route("/clicks", live(Clicker::mount))
        .route("/framed", live(Framed::mount))
        .route("/job", live(JobPage::mount))
        .route("/votes", live(Votes::mount))
}

async fn serve(limits: Limits) -> Server {
    Server::start(program(limits)).await
}

#[tokio::test(start_paused = true)]
async fn a_child_is_in_the_first_html_and_has_events_and_frames_of_its_own() -> lanai_test::Result {
    let app = lanai_test::app(program(Limits::default()));
    let page = app.visit("/").await?;
    let child = page.within(css("section"));
    assert_eq!(child.text_of(css("b"))?, "0");
    let renders = app.stats().renders;
    child.click("up").await?;
    assert_eq!(child.text_of(css("b"))?, "1");
    assert_eq!(app.stats().renders, renders + 1, "the view around it is not rendered");
    page.click(css("i + button")).await?;
    assert_eq!(page.text_of(css("i"))?, "1");
    assert_eq!(app.stats().renders, renders + 2, "and the child is not, when that is");
    // The frame of the child names the child, and acknowledges the child's first event.
    let received = page.wire().received();
    let mut frames = received.iter().filter(|text| text.starts_with("[\"")).map(|text| wire::Frame::parse(text));
    let counted = [(op::set(Tally::CLICKS), json!("1"))];
    assert!(frames.any(|frame| frame.acknowledged == 1 && frame.operations == counted), "{received:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_child_alone() -> lanai_test::Result {
    let app = lanai_test::app(program(Limits::default()));
    let page = app.visit("/").await?;
    let child = page.within(css("section").first());
    child.click("panic").await?;
    child.sees("Something went wrong").await?;
    page.click(css("i + button")).await?;
    assert_eq!(page.text_of(css("i"))?, "1");
    app.until("the child is gone", |stats| stats.instances == 1).await
}

#[tokio::test(start_paused = true)]
async fn a_child_comes_and_goes_with_a_patch() -> lanai_test::Result {
    let app = lanai_test::app(program(Limits::default()));
    let page = app.visit("/hidden").await?;
    assert_eq!(app.stats().instances, 1);
    for _ in 0..3 {
        page.click("toggle").await?;
        let child = page.within(css("section"));
        assert_eq!(child.text_of(css("b"))?, "0", "a new one each time");
        child.click("up").await?;
        assert_eq!(child.text_of(css("b"))?, "1");
        page.click("toggle").await?;
        app.until("the child is gone", |stats| stats.instances == 1).await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn children_end_with_the_view_around_them() -> lanai_test::Result {
    let app = lanai_test::app(program(short_grace()));
    let page = app.visit("/").await?;
    assert_eq!(app.stats().instances, 2);
    page.close().await;
    app.until("both are gone", |stats| stats.instances == 0).await?;
    // A page that never attaches.
    app.person().get("/").await?;
    app.until("both are gone again", |stats| stats.instances == 0 && stats.mounts == 4).await
}

#[tokio::test(start_paused = true)]
async fn a_child_survives_the_socket_and_misses_nothing() -> lanai_test::Result {
    let app = lanai_test::app(program(Limits::default()));
    let page = app.visit("/").await?;
    let child = page.within(css("section"));
    child.click("up").await?;
    // The answer to this click is lost with the socket.
    page.wait_for_answers(false);
    page.slow(Duration::from_secs(1));
    child.click("up").await?;
    app.until("it is executed", |stats| stats.events == 2).await?;
    page.disconnect();
    page.slow(Duration::ZERO);
    page.reconnect().await?;
    child.sees("2").await?;
    child.click("up").await?;
    child.sees("3").await?;
    assert_eq!((app.stats().events, app.stats().repeated_events), (3, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shared_view_is_mounted_rendered_and_encoded_once_for_all() -> lanai_test::Result {
    let app = lanai_test::app(program(Limits::default()));
    let mut pages = Vec::new();
    for name in ["alice", "bob", "carol"] {
        let page = app.visit(&format!("/watch/once/{name}")).await?;
        page.sees(name).await?;
        pages.push(page);
    }
    assert_eq!((app.stats().instances, app.stats().mounts), (4, 4), "three pages and what they share");
    let renders = app.stats().renders;
    app.broker().publish(POINTS, 7).unwrap();
    let mut frames = Vec::new();
    for page in &pages {
        page.sees("000007").await?;
        frames.extend(page.wire().received().pop());
    }
    assert!(frames.iter().all(|frame| *frame == frames[0]), "{frames:?}");
    assert_eq!(app.stats().renders, renders + 1);
    Ok(())
}

#[tokio::test]
async fn a_late_viewer_gets_the_present_state_and_then_the_frames() {
    let server = serve(Limits::default()).await;
    let mut early = Visitor::visit(server.address, "/watch/late/a").await;
    let mut shared = Inner::of(&early);
    shared.attached(&mut early).await;
    for sum in 1..=3 {
        server.handle.broker().publish(POINTS, 1).unwrap();
        let frame = shared.next(&mut early).await.to_string();
        assert!(frame.contains(&format!("{sum:06}")), "{frame}");
    }
    let mut late = Visitor::visit(server.address, "/watch/late/b").await;
    assert!(late.html.contains("000003"), "{}", late.html);
    let mut inner = Inner::of(&late);
    assert_eq!((inner.frames, &inner.id), (3, &shared.id));
    // The page misses this message between its HTML and its attach.
    server.handle.broker().publish(POINTS, 1).unwrap();
    shared.next(&mut early).await;
    inner.attached(&mut late).await;
    let frame = inner.next(&mut late).await.to_string();
    assert!(frame.contains("000004"), "{frame}");
    server.handle.broker().publish(POINTS, 1).unwrap();
    assert_eq!(shared.next(&mut early).await, inner.next(&mut late).await);
}

#[tokio::test]
async fn a_late_viewer_gets_the_present_state_of_a_shared_view_in_a_shared_view() {
    let server = serve(Limits::default()).await;
    for sum in 0..3 {
        // The view around the sum does not change, but its HTML must contain the present sum.
        let shown =
            async { while !Visitor::fetch(server.address, "/framed").await.html.contains(&format!("{sum:06}")) {} };
        tokio::time::timeout(Duration::from_secs(10), shown).await.expect("the first HTML has the present sum");
        server.handle.broker().publish(POINTS, 1).unwrap();
    }
}

#[tokio::test]
async fn a_viewer_that_comes_much_later_is_brought_in_step_by_one_frame() {
    let server = serve(Limits::default()).await;
    let mut early = Visitor::visit(server.address, "/watch/much-later/a").await;
    let mut shared = Inner::of(&early);
    shared.attached(&mut early).await;
    let mut late = Visitor::visit(server.address, "/watch/much-later/b").await;
    let mut inner = Inner::of(&late);
    // More frames than the server keeps.
    for _ in 0..100 {
        server.handle.broker().publish(POINTS, 1).unwrap();
        shared.next(&mut early).await;
        shared.acknowledge(&mut early).await;
    }
    inner.attached(&mut late).await;
    let frame = inner.next(&mut late).await;
    assert!(frame.to_string().contains("000100"), "{frame}");
    assert_eq!(inner.frames, shared.frames, "the page counts as many frames as the others: {frame}");
    server.handle.broker().publish(POINTS, 1).unwrap();
    assert_eq!(shared.next(&mut early).await, inner.next(&mut late).await);
}

#[tokio::test]
async fn a_viewer_that_does_not_read_holds_nobody_up_and_is_brought_in_step() {
    let server = serve(Limits::default()).await;
    let mut reader = Visitor::visit(server.address, "/watch/stalled/a").await;
    let mut shared = Inner::of(&reader);
    shared.attached(&mut reader).await;
    let mut stalled = Visitor::visit(server.address, "/watch/stalled/b").await;
    let mut inner = Inner::of(&stalled);
    inner.attached(&mut stalled).await;
    for _ in 0..500 {
        server.handle.broker().publish(POINTS, 1).unwrap();
        shared.next(&mut reader).await;
        shared.acknowledge(&mut reader).await;
    }
    // This page has acknowledged nothing, so at most 32 frames were sent to it.
    let mut frames = 0;
    let last = loop {
        let frame = inner.next(&mut stalled).await;
        frames += 1;
        inner.acknowledge(&mut stalled).await;
        if frame.to_string().contains("000500") {
            break frame;
        }
    };
    assert!(frames <= 40, "{frames} frames for 500 messages");
    let operations = &last.as_array().expect("a frame")[1..];
    assert!(operations.chunks(2).any(|pair| pair[0] == op::SYNC), "{last}");
    server.handle.broker().publish(POINTS, 1).unwrap();
    assert_eq!(shared.next(&mut reader).await, inner.next(&mut stalled).await);
}

#[tokio::test(start_paused = true)]
async fn a_shared_view_ends_when_nobody_has_watched_for_the_grace() -> lanai_test::Result {
    let app = lanai_test::app(program(short_grace()));
    let page = app.visit("/watch/ends/a").await?;
    assert_eq!((app.stats().instances, app.stats().subscriptions), (2, 1));
    page.close().await;
    app.until("all is released", |stats| stats.instances == 0 && stats.subscriptions == 0).await
}

#[tokio::test(start_paused = true)]
async fn a_daemon_lives_on_without_a_page_until_it_ends_itself() -> lanai_test::Result {
    let progress = |page: &lanai_test::Page| page.attribute_of(css("progress"), "value").ok().flatten();
    let app = lanai_test::app(program(Limits::default()));
    let page = app.visit("/job").await?;
    app.broker().publish(POINTS, 30).unwrap();
    page.close().await;
    app.until("the page is gone", |stats| stats.instances == 1).await?;
    app.broker().publish(POINTS, 30).unwrap();
    // It is rendered although no page shows it.
    app.until("it has handled both", |stats| stats.events == 2).await?;
    let again = app.visit("/job").await?;
    again.until("it has gone on", |page| progress(page).as_deref() == Some("60")).await?;
    app.broker().publish(POINTS, 40).unwrap();
    again.until("it is done", |page| progress(page).as_deref() == Some("100")).await?;
    app.until("it has ended", |stats| stats.instances == 1).await?;
    let next = app.visit("/job").await?;
    assert_eq!(progress(&next).as_deref(), Some("0"), "the next is a new one");
    Ok(())
}

#[tokio::test]
async fn events_of_many_pages_are_executed_once_each_and_noted_to_their_page() {
    let server = serve(Limits::default()).await;
    let mut alice = Visitor::visit(server.address, "/votes").await;
    let mut hers = Inner::of(&alice);
    hers.attached(&mut alice).await;
    let mut bob = Visitor::visit(server.address, "/votes").await;
    let mut his = Inner::of(&bob);
    his.attached(&mut bob).await;
    // A frame of a shared view is for all pages and acknowledges no event. A note for one page alone does that.
    let root = 0;
    let frame = |count: &str| json!([0, op::patch(root), [op::set(Tally::CLICKS), count]]);
    let note = |id: &str, note: Value| json!({ "note": note, "of": id });
    hers.event(&mut alice, Tally::UP).await;
    assert_eq!(hers.next(&mut alice).await, frame("1"));
    assert_eq!(hers.next(&mut alice).await, note(&hers.id, json!([1])));
    assert_eq!(his.next(&mut bob).await, frame("1"));
    // The form is reset on the page that has submitted it.
    his.event(&mut bob, Tally::SUBMIT).await;
    assert_eq!(his.next(&mut bob).await, frame("2"));
    let submitted = note(&his.id, json!([1, op::RESET, 1]));
    assert_eq!(his.next(&mut bob).await, submitted);
    assert_eq!(hers.next(&mut alice).await, frame("2"));
    // An event that is sent again is not executed again, but acknowledged again.
    his.events = 0;
    his.event(&mut bob, Tally::SUBMIT).await;
    assert_eq!(his.next(&mut bob).await, note(&his.id, json!([1])));
    // A page that does not know that its event was executed gets the whole note again.
    bob.cut();
    his.events = 0;
    bob.attach().await;
    his.attach(&mut bob).await;
    assert_eq!(his.next(&mut bob).await, json!({ "attached": 1, "of": his.id }));
    assert_eq!(his.next(&mut bob).await, submitted);
    // A page that knows it gets no note: the next message is the frame of a further click.
    his.events = 1;
    bob.cut();
    bob.attach().await;
    his.attached(&mut bob).await;
    his.event(&mut bob, Tally::UP).await;
    assert_eq!(his.next(&mut bob).await, frame("3"));
}

#[tokio::test(start_paused = true)]
async fn a_shared_view_knows_which_page_an_event_came_from() -> lanai_test::Result {
    let app = lanai_test::app(program(Limits::default()));
    let pages = [app.visit("/clicks").await?, app.visit("/clicks").await?];
    let addresses = [pages[0].text_of(role("heading"))?, pages[1].text_of(role("heading"))?];
    assert_ne!(addresses[0], addresses[1]);
    for clicking in [0, 1, 1, 0] {
        pages[clicking].click("Click").await?;
        for page in &pages {
            page.within(css("output")).sees(&addresses[clicking]).await?;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_shared_view_is_shown_on_all_its_pages_and_the_next_visitor_gets_a_new_one() -> lanai_test::Result
{
    let app = lanai_test::app(program(Limits::default()));
    let (alice, bob) = (app.visit("/votes").await?, app.visit("/votes").await?);
    bob.click("up").await?;
    bob.click("panic").await?;
    bob.sees("Something went wrong").await?;
    alice.sees("Something went wrong").await?;
    assert_eq!(app.visit("/votes").await?.text_of(css("b"))?, "0");
    Ok(())
}

#[tokio::test]
async fn a_thousand_pages_of_a_shared_view_leave_nothing_behind() {
    // The grace period is long enough for a busy machine to attach to the pages that it has fetched.
    let server = serve(Limits { grace: Duration::from_millis(700), ..Limits::default() }).await;
    for _ in 0..20 {
        let mut pages = Vec::new();
        for page in 0..50 {
            let mut visitor = Visitor::visit(server.address, &format!("/watch/churn/{page}")).await;
            Inner::of(&visitor).attached(&mut visitor).await;
            pages.push(visitor);
        }
        server.handle.broker().publish(POINTS, 1).unwrap();
        for (index, mut visitor) in pages.into_iter().enumerate() {
            if index % 2 == 0 {
                visitor.send("\"bye\"").await;
            }
        }
    }
    server.until("all is released", |stats| stats.instances == 0 && stats.subscriptions == 0).await;
}

/// Keeps the handle of a child, and shows the child in one of two places or not at all.
struct Moving {
    child: Child<Tally>,
    place: u32,
}

impl Moving {
    /// The handler that moves the child to the second place, then out of the page, and then back to the first place.
    const MOVE: u32 = 0;

    async fn mount(cx: Cx<Self>) -> Self {
        Self { child: cx.child("tally", Tally::new), place: 0 }
    }
}

impl View for Moving {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(|this: &mut Self| this.place = (this.place + 1) % 3) { "move" }
            @if self.place == 0 { section { (self.child) } }
            @if self.place == 1 { aside { (self.child) } }
        }
    }
}

#[tokio::test]
async fn a_child_whose_handle_is_kept_goes_on_in_another_place() {
    let server = Server::start(App::new().route("/", live(Moving::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let mut child = Inner::of(&visitor);
    child.attached(&mut visitor).await;
    // Each time that the child is shown again, its handlers have new numbers, so that no event reaches the wrong one.
    let mut up = Tally::UP;
    for clicks in 1..=6_u32 {
        child.event(&mut visitor, up).await;
        assert_eq!(child.next(&mut visitor).await, json!([clicks, op::set(Tally::CLICKS), clicks.to_string()]));
        // To the second place, or from there out of the page and back to the first one.
        for _ in 0..if clicks % 2 == 1 { 1 } else { 2 } {
            visitor.event(Moving::MOVE, None).await;
            visitor.settled().await;
        }
        child.frames = 0;
        child.attached(&mut visitor).await;
        let whole = child.next(&mut visitor).await;
        let operations = &whole.as_array().expect("a frame")[1..];
        let argument = |operation| operations.chunks(2).find(|pair| pair[0] == operation).map(|pair| &pair[1]);
        let root = argument(op::ROOT).expect("everything that the child shows");
        let [_template, count, ..] = &root.as_array().expect("a template with its values")[..] else {
            panic!("{whole}")
        };
        assert_eq!(*count, clicks.to_string(), "{whole}");
        let sync = argument(op::SYNC).and_then(|sync| sync.as_array()).expect("the page is told how to count");
        let [frames, next, first, ..] = &sync[..] else { panic!("{whole}") };
        up += Tally::HANDLERS;
        assert_eq!((frames, next, first), (&json!(1), &json!(up + Tally::HANDLERS), &json!(up)), "{whole}");
    }
}

/// A shared view with a tally as its child.
struct Poll {
    cx: Cx<Self>,
}

impl View for Poll {
    fn render(&self) -> Html<Self> {
        html! { h2 { "Vote" } (self.cx.child("tally", Tally::new)) }
    }
}

struct PollPage(Shared<Poll>);

impl View for PollPage {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_of_a_shared_view_is_shared_with_it() -> lanai_test::Result {
    async fn mount(cx: Cx<PollPage>) -> PollPage {
        PollPage(cx.shared("poll", |cx| Poll { cx }))
    }
    let app = lanai_test::app(App::new().limits(short_grace()).route("/", live(mount)));
    let pages = [app.visit("/").await?, app.visit("/").await?];
    assert_eq!(app.stats().instances, 4, "two pages, the poll, and its tally");
    pages[0].click("up").await?;
    for page in &pages {
        page.within(css("b")).sees("1").await?;
    }
    assert_eq!(app.visit("/").await?.text_of(css("b"))?, "1");
    for page in pages {
        page.close().await;
    }
    app.until("all is released", |stats| stats.instances == 0).await
}
