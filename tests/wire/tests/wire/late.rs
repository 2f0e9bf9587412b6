//! Events that a page has sent before it applied the last frames. They do what their element showed.

use std::sync::{Arc, Mutex};

use lanai::flow::{Flow, flow};
use lanai::prelude::*;
use lanai::{App, live};
use serde_json::json;
use wire::{Inner, Received, Server, Visitor};

/// What the handlers of a test were called with.
type Heard = Arc<Mutex<Vec<String>>>;

const NAMES: Topic<Vec<String>> = Topic::new("late-names");

/// The first two names of a queue, each with a button: the same slots show other names when the queue changes.
struct Queue {
    names: Vec<String>,
    heard: Heard,
}

impl Queue {
    fn mount(cx: Cx<Self>, State(heard): State<Heard>) -> Self {
        cx.subscribe(NAMES, |this: &mut Self, names: &Vec<String>| this.names.clone_from(names));
        Self { names: list("Ada Bob Eve"), heard }
    }

    fn button(&self, at: usize) -> Html<Self> {
        let name = self.names[at].clone();
        html! { button onclick=(move |this: &mut Self| this.hear(&name)) { (self.names[at]) } }
    }

    fn hear(&mut self, name: &str) {
        self.heard.lock().unwrap().push(name.to_owned());
    }
}

impl View for Queue {
    fn render(&self) -> Html<Self> {
        html! {
            (self.button(0))
            @if self.names.len() > 1 { (self.button(1)) }
        }
    }
}

fn list(names: &str) -> Vec<String> {
    names.split_whitespace().map(str::to_owned).collect()
}

async fn names() -> (Server, Heard) {
    let heard = Heard::default();
    (Server::start(App::new().route("/", live(Queue::mount)).with_state(heard.clone())).await, heard)
}

fn show(server: &Server, names: &str) {
    server.handle.broker().publish(NAMES, list(names)).unwrap();
}

/// Sends the next event, from a page that has applied this many frames.
async fn event(visitor: &mut Visitor, frames: u64, handler: u32) {
    visitor.events += 1;
    visitor.send(&json!([visitor.events, frames, handler]).to_string()).await;
}

#[tokio::test]
async fn a_click_acts_on_what_the_page_showed_and_not_on_what_took_its_place() {
    let (server, heard) = names().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    show(&server, "Bob Eve Tom");
    visitor.frame().await;
    show(&server, "Eve Tom Zoe");
    visitor.frame().await;
    // The page has applied no frame, then one, then both.
    for frames in [0, 0, 1, 2] {
        event(&mut visitor, frames, 0).await;
        visitor.only_acknowledged().await;
    }
    assert_eq!(*heard.lock().unwrap(), list("Ada Ada Bob Eve"));
}

#[tokio::test]
async fn a_late_click_on_what_is_gone_does_nothing() {
    let (server, heard) = names().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    show(&server, "Eve");
    visitor.frame().await;
    event(&mut visitor, 0, 1).await;
    visitor.only_acknowledged().await;
    assert_eq!((heard.lock().unwrap().len(), server.stats().refused_events), (0, 1));
}

#[tokio::test]
async fn a_click_before_a_cut_acts_on_what_the_page_showed_although_it_is_sent_again_after_it() {
    let (server, heard) = names().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    show(&server, "Bob Eve Tom");
    visitor.frame().await;
    visitor.cut();
    // The page applied the frame after the click, which the server did not get.
    visitor.frames = 1;
    assert!(matches!(visitor.attach().await, Received::Text(text) if text == r#"{"attached":0}"#));
    visitor.heartbeat().await;
    event(&mut visitor, 0, 0).await;
    visitor.only_acknowledged().await;
    event(&mut visitor, 1, 0).await;
    visitor.only_acknowledged().await;
    assert_eq!(*heard.lock().unwrap(), list("Ada Bob"));
}

#[tokio::test]
async fn what_handlers_capture_is_dropped_once_the_page_has_what_replaced_them() {
    struct Guarded(Arc<()>, u32);
    impl Guarded {
        fn mount(cx: Cx<Self>, State(guard): State<Arc<()>>) -> Self {
            cx.subscribe(NAMES, |this: &mut Self, _: &Vec<String>| this.1 += 1);
            Self(guard, 0)
        }
    }
    impl View for Guarded {
        fn render(&self) -> Html<Self> {
            let guard = self.0.clone();
            html! { button onclick=(move |_: &mut Self| drop(guard.clone())) { (self.1) } }
        }
    }
    let guard = Arc::new(());
    let server = Server::start(App::new().route("/", live(Guarded::mount)).with_state(guard.clone())).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let one = Arc::strong_count(&guard);
    for frames in 1..=3 {
        show(&server, "");
        visitor.frame().await;
        assert_eq!(Arc::strong_count(&guard), one + frames);
    }
    visitor.send("3").await;
    server.until("no earlier handlers", |_| Arc::strong_count(&guard) == one).await;
}

#[tokio::test]
async fn a_late_click_in_a_row_of_a_live_list_acts_on_what_the_row_showed() {
    struct Rows(LiveList<(u32, String)>, Heard);
    impl Rows {
        fn mount(cx: Cx<Self>, State(heard): State<Heard>) -> Self {
            cx.subscribe(NAMES, |this: &mut Self, names: &Vec<String>| {
                if let Some(row) = this.0.get_mut(1) {
                    row.1.clone_from(&names[0]);
                }
            });
            Self([(1, "Ada".to_owned()), (2, "Bob".to_owned())].into_iter().collect(), heard)
        }
    }
    impl View for Rows {
        fn render(&self) -> Html<Self> {
            html! {
                ul {
                    @for row in &self.0 {
                        @let name = row.1.clone();
                        li key=(row.0) {
                            button onclick=(move |this: &mut Self| this.1.lock().unwrap().push(name.clone())) { (row.1) }
                        }
                    }
                }
            }
        }
    }
    let heard = Heard::default();
    let server = Server::start(App::new().route("/", live(Rows::mount)).with_state(heard.clone())).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    show(&server, "Tom");
    visitor.frame().await;
    for frames in [0, 1] {
        event(&mut visitor, frames, 1).await;
        visitor.only_acknowledged().await;
    }
    assert_eq!(*heard.lock().unwrap(), list("Bob Tom"));
}

#[tokio::test]
async fn each_page_of_a_shared_view_acts_on_what_it_shows() {
    struct Both(Shared<Queue>);
    impl Both {
        fn mount(cx: Cx<Self>, State(heard): State<Heard>) -> Self {
            Self(cx.shared("names", |cx| Queue::mount(cx, State(heard.clone()))))
        }
    }
    impl View for Both {
        fn render(&self) -> Html<Self> {
            html! { (self.0) }
        }
    }
    let heard = Heard::default();
    let server = Server::start(App::new().route("/", live(Both::mount)).with_state(heard.clone())).await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        let mut visitor = Visitor::visit(server.address, "/").await;
        let inner = Inner::of(&visitor);
        inner.attached(&mut visitor).await;
        pages.push((visitor, inner));
    }
    show(&server, "Bob Eve Tom");
    for (visitor, inner) in &mut pages {
        inner.next(visitor).await;
    }
    // A page that arrives while the view changes.
    let mut late = Visitor::fetch(server.address, "/").await;
    let mut inner = Inner::of(&late);
    show(&server, "Eve Tom Zoe");
    for (visitor, inner) in &mut pages {
        inner.next(visitor).await;
        inner.acknowledge(visitor).await;
    }
    late.attach().await;
    inner.attached(&mut late).await;
    inner.event(&mut late, 0).await;
    server.until("the click is handled", |_| heard.lock().unwrap().len() == 1).await;
    show(&server, "Tom Zoe");
    for (visitor, inner) in &mut pages {
        inner.next(visitor).await;
    }
    // One has applied the frame, the other has not.
    for ((visitor, inner), frames) in pages.iter_mut().zip([3, 2]) {
        inner.frames = frames;
        let before = heard.lock().unwrap().len();
        inner.event(visitor, 0).await;
        server.until("the click is handled", |_| heard.lock().unwrap().len() > before).await;
    }
    assert_eq!(*heard.lock().unwrap(), list("Bob Tom Eve"));
}

#[tokio::test]
async fn a_late_click_does_not_answer_the_next_question_of_a_flow() {
    async fn ask(page: &mut Flow, question: &str) -> &'static str {
        page.ask(|at| {
            html! {
                p { (question) }
                button onclick=(at.answer("Yes")) { "Yes" }
                button onclick=(at.answer("No")) { "No" }
            }
        })
        .await
    }
    async fn questions(mut page: Flow) -> Html {
        let mut answers = Vec::new();
        for question in ["Save the file?", "Delete the disk?"] {
            answers.push(ask(&mut page, question).await);
        }
        html! { p { (answers.join(", ")) } }
    }
    let server = Server::start(App::new().route("/", flow(questions))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    event(&mut visitor, 0, 0).await;
    while !visitor.frame().await.contains("Delete the disk?") {}
    // The second click of a double click, which meets the second question on its way.
    let frames = visitor.frames - 1;
    event(&mut visitor, frames, 0).await;
    visitor.only_acknowledged().await;
    let frames = visitor.frames;
    event(&mut visitor, frames, 1).await;
    while !visitor.frame().await.contains("Yes, No") {}
}
