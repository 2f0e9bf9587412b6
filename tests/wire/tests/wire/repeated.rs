//! Children in renderings that are made more than once: because the page shows a live list in another place, or because
//! the program reads the HTML.

use lanai::App;
use lanai::prelude::*;
use lanai_test::{Page, css};

/// Shows a word, which becomes louder with each click.
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

    /// Renders the child as HTML, and shows the source.
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

/// The word that the page shows now, without waiting for a later frame.
fn word(page: &Page) -> lanai_test::Result<String> {
    page.text_of(css("section b"))
}

/// The number of frames of the page's own view: those of a child begin with its number as a string.
fn frames(page: &Page) -> usize {
    page.wire()
        .received()
        .iter()
        .filter(|text| text.starts_with('[') && !text.starts_with("[\"") && *text != "[]")
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_child_is_in_the_first_frame_of_a_rendering_that_had_to_be_repeated() -> lanai_test::Result {
    let page = lanai_test::app(App::new().route("/", live(Moving::mount))).visit("/").await?;
    let before = frames(&page);
    page.click("move").await?;
    assert_eq!((word(&page)?.as_str(), frames(&page) - before), ("hello", 1));
    page.click("louder").await?;
    assert_eq!(word(&page)?, "hello!");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_html_of_a_rendering_has_its_children_before_and_after_a_page_shows_them() -> lanai_test::Result {
    let page = lanai_test::app(App::new().route("/", live(Moving::mount))).visit("/").await?;
    // Reading a child that no page shows yet does not keep it from the page that shows it later.
    page.click("read").await?;
    assert_eq!(page.text_of(css("pre"))?, "<section><b>hello</b><button>louder</button></section>");
    page.click("move").await?;
    assert_eq!(word(&page)?, "hello");
    // The program reads what the page shows.
    page.click("louder").await?;
    assert_eq!(word(&page)?, "hello!");
    page.click("read").await?;
    assert_eq!(page.text_of(css("pre"))?, "<section><b>hello!</b><button>louder</button></section>");
    Ok(())
}
