//! Children in renderings that are made more than once: for a page that shows a live list elsewhere, or to read the
//! HTML.

use lanai::App;
use lanai::prelude::*;
use serde_json::Value;
use wire::{Server, Visitor};

use crate::nested::Inner;

/// Says a word, louder with each click.
struct Word(String);

impl View for Word {
    fn render(&self) -> Html<Self> {
        html! { b { (self.0) } button onclick=(|word: &mut Self| word.0.push('!')) { "louder" } }
    }
}

/// Shows a live list, and after a click the same list in another place, with a child beside it.
struct Moving {
    cx: Cx<Self>,
    items: LiveList<u32>,
    moved: bool,
    html: String,
}

impl Moving {
    fn mount(cx: Cx<Self>) -> Self {
        Self { cx, items: (0..3).collect(), moved: false, html: String::new() }
    }

    fn word(&self) -> Child<Word> {
        self.cx.child("word", |_| Word("hello".into()))
    }

    fn read(&mut self) {
        self.html = html! { section { (self.word()) } }.to_html();
    }
}

impl View for Moving {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(|this: &mut Self| this.moved = true) { "move" }
            button onclick=(Self::read) { "read" }
            @if self.moved {
                section { (self.word()) ol { @for item in &self.items { li { (item) } } } }
            } @else {
                ul { @for item in &self.items { li { (item) } } }
            }
            pre { (self.html) }
        }
    }
}

/// The child that a frame brings, and its HTML.
fn child(frame: &str) -> (Inner, String) {
    fn find(value: &Value) -> Option<(Inner, String)> {
        let array = value.as_array()?;
        if let [data, html] = &array[..]
            && let Some(id) = data.get("i").and_then(Value::as_str)
        {
            return Some((Inner::read(id, data), html.as_str()?.into()));
        }
        array.iter().find_map(find)
    }
    find(&serde_json::from_str(frame).expect("JSON")).unwrap_or_else(|| panic!("no child in {frame}"))
}

#[tokio::test]
async fn a_child_is_in_the_first_frame_of_a_rendering_that_had_to_be_repeated() {
    let server = Server::start(App::new().route("/", live(Moving::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(0, None).await;
    let (mut word, html) = child(&visitor.frame().await);
    assert!(html.contains("<b data-l=\"\">hello</b>"), "{html}");
    word.attached(&mut visitor).await;
    word.event(&mut visitor, 0).await;
    assert_eq!(word.next(&mut visitor).await, serde_json::json!([1, 2, "!"]));
}

#[tokio::test]
async fn the_html_of_a_rendering_has_its_children_before_and_after_a_page_shows_them() {
    let server = Server::start(App::new().route("/", live(Moving::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let read = "<section><b>hello</b><button>louder</button></section>";
    // Nobody shows the child yet, and reading it takes nothing from the page that will.
    visitor.event(1, None).await;
    let frame = visitor.frame().await;
    assert!(frame.contains(read), "{frame}");
    visitor.event(0, None).await;
    let (mut word, html) = child(&visitor.frame().await);
    assert!(html.contains("<b data-l=\"\">hello</b>"), "{html}");
    word.attached(&mut visitor).await;
    // What the page shows is what is read.
    word.event(&mut visitor, 0).await;
    assert_eq!(word.next(&mut visitor).await, serde_json::json!([1, 2, "!"]));
    visitor.event(1, None).await;
    let frame = visitor.frame().await;
    assert!(frame.contains("<section><b>hello!</b>"), "{frame}");
}
