//! What a token of a growing answer costs on the wire: its bytes and a few more, however long the answer is.

use lanai::prelude::*;
use lanai::{App, Limits};
use lanai_markdown::Markdown;
use serde_json::json;
use wire::{Server, Visitor, op};

const TOKENS: usize = 10_000;

/// How much longer the frame of a token may be at the end of an answer than at its start: the numbers in it have more
/// digits.
const DIGITS: usize = 8;

/// An answer, as text or as Markdown. Tokens come as events, each of which is answered by one frame.
struct Answer<T>(T);

impl<T: for<'t> Extend<&'t str> + Default> Answer<T> {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self(T::default())
    }

    fn token(&mut self, Value(token): Value<String>) {
        self.0.extend([token.as_str()]);
    }
}

impl View for Answer<StreamedText> {
    fn render(&self) -> Html<Self> {
        html! { p { (self.0) } input aria-label="Token" oninput=(Self::token); }
    }
}

impl View for Answer<Markdown> {
    fn render(&self) -> Html<Self> {
        html! { article { (self.0) } input aria-label="Token" oninput=(Self::token); }
    }
}

/// Sends the tokens one by one, and returns the frames that a page receives, one for each token.
async fn frames<T>(tokens: impl IntoIterator<Item = &str>) -> Vec<String>
where
    T: for<'t> Extend<&'t str> + Default + Send + Sync + 'static,
    Answer<T>: View,
{
    let limits = Limits { events_per_second: u32::MAX, ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(Answer::<T>::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let mut frames = Vec::new();
    for token in tokens {
        visitor.event(0, Some(json!(token))).await;
        frames.push(visitor.frame().await);
    }
    frames
}

fn size(frames: &[String]) -> usize {
    frames.iter().map(String::len).sum()
}

#[tokio::test]
async fn a_token_of_a_text_costs_the_same_however_long_the_text_is() {
    const TOKEN: &str = " word";
    let frames = frames::<StreamedText>(std::iter::repeat_n(TOKEN, TOKENS)).await;
    for (number, frame) in frames.iter().enumerate() {
        // The first token fills an empty text.
        let operation = if number == 0 { op::set(0) } else { op::append(0) };
        let expected = json!([number + 1, operation, TOKEN]).to_string();
        assert_eq!(*frame, expected);
        assert!(frame.len() <= TOKEN.len() + 8 + number.to_string().len(), "{frame}");
    }
}

#[tokio::test]
async fn a_token_of_markdown_costs_the_same_however_long_the_text_is() {
    const SECTION: &str = "## A heading\n\nSome text with **bold** words, `code`, and [a link](/there). It goes on for a \
                           while, as answers do, word by word, without any markup at all.\n\n\
                           - one item with a few words\n- another *item*\n\n\
                           ```rust\nfn main() {\n    println!(\"Hello\");\n}\n```\n\n\
                           | a | b |\n|---|---|\n| one | two |\n| three | four |\n\n";
    let section: Vec<&str> = SECTION.split_inclusive([' ', '\n']).collect();
    let sections = TOKENS.div_ceil(section.len());
    let frames = frames::<Markdown>(std::iter::repeat_n(&section, sections).flatten().copied()).await;
    let sections: Vec<&[String]> = frames.chunks(section.len()).collect();
    // The first section defines templates.
    let (early, late) = (sections[1], sections[sections.len() - 1]);
    for (token, (early, late)) in section.iter().zip(early.iter().zip(late)) {
        assert!(late.len() <= early.len() + DIGITS, "{token:?}: {early} became {late}");
    }
    let (half, all) = (size(&frames[..frames.len() / 2]), size(&frames));
    assert!(all <= half * 21 / 10, "{half} bytes for one half of the tokens, {all} for both");
    // Most tokens are appended, a few levels down; some show again what they finish.
    let text = SECTION.len() * sections.len();
    assert!(all <= text + 32 * frames.len(), "{all} bytes for {} tokens of {text} bytes", frames.len());
}
