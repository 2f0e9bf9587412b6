//! Streamed text: an update costs what was appended, on the tape and on the wire.

mod model;

use lanai_core::protocol::Frame;
use lanai_core::{Baseline, Namespace, Part, Position, Slot, StreamedText, Tape, Template};
use model::client::Client;

static PARAGRAPH: Template = Template {
    parts: &[
        Part::Static("<p"),
        Part::Mark,
        Part::Static(">"),
        Part::Slot(Slot::Node(Position::Only)),
        Part::Static("</p>"),
    ],
    namespace: Namespace::Html,
    single_root: true,
};

fn rendered(text: &StreamedText) -> Tape<()> {
    let mut tape = Tape::new();
    tape.open(&PARAGRAPH);
    tape.streamed(text);
    tape.close();
    tape
}

/// A page, and what the server remembers of it.
struct Page {
    baseline: Baseline,
    client: Client,
}

impl Page {
    fn new(text: &StreamedText) -> Self {
        let mut baseline = Baseline::new();
        let first = baseline.first(&rendered(text));
        Self { baseline, client: Client::boot(&first.html, &first.templates, &first.handlers) }
    }

    /// Shows the text, and returns the frame.
    fn show(&mut self, text: &StreamedText) -> String {
        let mut frame = Frame::new();
        assert!(self.baseline.update(&rendered(text), &mut frame).is_some());
        let frame = frame.finish(0);
        self.client.apply(&frame);
        assert_eq!(model::client::canonical(&rendered(text).to_html()), self.client.visible());
        frame
    }
}

#[test]
fn only_what_was_appended_is_sent() {
    let mut text = StreamedText::from("It");
    let mut page = Page::new(&text);
    text.push_str(" grows");
    assert_eq!(page.show(&text), r#"[0,2," grows"]"#);
    text.push_str(" and");
    text.push_str(" grows");
    assert_eq!(page.show(&text), r#"[0,2," and grows"]"#);
    assert_eq!(page.show(&text), "[0]");
}

#[test]
fn the_first_text_is_set_since_the_page_has_no_text_to_append_to() {
    let mut text = StreamedText::new();
    let mut page = Page::new(&text);
    text.push_str("It");
    assert_eq!(page.show(&text), r#"[0,0,"It"]"#);
}

#[test]
fn another_text_is_sent_whole_and_so_is_an_earlier_one() {
    let mut text = StreamedText::from("It grows");
    let mut page = Page::new(&text);
    let before = text.clone();
    text.push_str(" and grows");
    page.show(&text);
    assert_eq!(page.show(&before), r#"[0,0,"It grows"]"#);
    text.clear();
    text.push_str("Other");
    assert_eq!(page.show(&text), r#"[0,0,"Other"]"#);
}

#[test]
fn clones_that_grow_apart_are_told_apart() {
    let mut one = StreamedText::from("a");
    let mut other = one.clone();
    one.push_str("b");
    other.push_str("c");
    let mut page = Page::new(&one);
    assert_eq!(page.show(&other), r#"[0,0,"ac"]"#);
    assert_eq!(page.show(&one), r#"[0,0,"ab"]"#);
}

#[test]
fn a_rendering_copies_nothing_and_a_frame_holds_one_token_however_long_the_text_is() {
    let mut text = StreamedText::new();
    let mut page = Page::new(&text);
    let (mut sent, mut tokens) = (0, 0);
    for number in 0..10_000 {
        let token = format!("t{number:04} ");
        text.push_str(&token);
        tokens += token.len();
        let mut frame = Frame::new();
        let tape = rendered(&text);
        assert_eq!(tape.text_len(), 0, "the text is not on the tape");
        assert!(page.baseline.update(&tape, &mut frame).is_some());
        sent += frame.finish(0).len();
    }
    // Each frame is `[0,2,"…"]`, 8 bytes around the token.
    assert_eq!(sent, tokens + 10_000 * 8);
}
