//! However a text is divided into pieces, the page shows what the whole text is; and the pieces cost what they are.

#[path = "../../lanai-core/tests/model/mod.rs"]
mod model;

use lanai::prelude::*;
use lanai_core::live_list::against;
use lanai_core::protocol::Frame;
use lanai_core::{Baseline, Tape};
use model::client::{Client, canonical};
use proptest::prelude::*;

use crate::Markdown;
use crate::definitions::Definitions;
use crate::parts::LONG;
use crate::writer::Writer;

struct Answer(Markdown);

impl View for Answer {
    fn render(&self) -> Html<Self> {
        html! { article { (self.0) } }
    }
}

impl Answer {
    fn tape(&self) -> Tape<()> {
        self.render().into_tape().split().0
    }
}

/// The HTML of the blocks.
fn html_of(text: &Markdown) -> String {
    let html = Answer(text.clone()).render().to_html();
    html.strip_prefix("<article>").and_then(|html| html.strip_suffix("</article>")).expect("an article").to_owned()
}

/// The HTML of a whole document, parsed at once.
fn reference(text: &str) -> String {
    let definitions = Definitions::default();
    let events: Vec<_> = definitions.parse(text).map(|(event, _)| event).collect();
    Writer::new(String::new(), &[], 0).write(&events)
}

/// A page, and what the server remembers of it.
struct Page {
    baseline: Baseline,
    client: Client,
    sent: usize,
    rendered: usize,
}

impl Page {
    fn new(answer: &Answer) -> Self {
        let mut baseline = Baseline::new();
        let first = baseline.first(&against(std::iter::empty(), || answer.tape()));
        let client = Client::boot(&first.html, &first.templates, &first.handlers);
        Self { baseline, client, sent: 0, rendered: 0 }
    }

    fn update(&mut self, answer: &Answer) -> String {
        let bases: Vec<_> = self.baseline.bases().collect();
        let tape = against(bases.into_iter(), || answer.tape());
        self.rendered += tape.text_len() + tape.len();
        let mut frame = Frame::new();
        assert!(self.baseline.update(&tape, &mut frame).is_some());
        let frame = frame.finish(0);
        self.sent += frame.len();
        frame
    }

    fn show(&mut self, answer: &Answer) {
        let frame = self.update(answer);
        self.client.apply(&frame);
        assert_eq!(self.client.visible(), canonical(&answer.render().to_html()), "after {frame}");
    }
}

/// Pieces of Markdown that have a meaning together, or alone, or none.
const PIECES: &[&str] = &[
    "word",
    " ",
    "two words",
    "\n",
    "\n\n",
    "*",
    "**",
    "_",
    "`",
    "```",
    "~~~",
    "```rust\n",
    "- ",
    "1. ",
    "2) ",
    "> ",
    "# ",
    "## ",
    "    ",
    "| a | b |\n|---|:-:|\n",
    "| c | d |\n",
    "|",
    "---\n",
    "===",
    "<b>",
    "<div>\n",
    "</div>",
    "<!--",
    "-->",
    "[a](/b)",
    "[a](javascript:b)",
    "![i](/i.png \"t\")",
    "[",
    "](",
    ")",
    "\\",
    "&amp",
    ";",
    "&",
    "é",
    "日本",
    "😀",
    "\r\n",
    "\r",
    "~~",
    "- [x] done\n",
    "\t",
    "1",
    ".",
    "a. b",
    "'",
    "\"",
    ":",
    "  \n",
    "fn main() {}\n",
    "http://x",
    "<",
    ">",
    "#",
    "~",
];

/// Lines of blocks that go on and on.
const LONG_BLOCKS: &[&str] = &[
    "a line with *some* markup, `code` and [a link](/there)\n",
    "> a quoted line with **bold** words\n",
    "  - an item with *words*\n",
    "    continued, and continued\n",
    "   ```\n",
    "without an end *and without a line break, again and again and again ",
    "\n",
    "plain words only and nothing else but words \n",
];

/// Lines of lists and tables.
const LINES: &[&str] = &[
    "8. an item with some *words* in it, and a few more\n",
    "9. another item, without anything special in it\n",
    "   continued with `code`\n",
    "   - nested\n",
    "\n",
    "| one | two with **bold** | three |\n",
    "| a row | x |\n",
    "- other\n",
    "paragraph or so\n",
];

fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
}

/// Divides a text at characters, as `cuts` say.
fn divided<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut rest = text;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let at = rest.char_indices().nth(*cut).map_or(rest.len(), |(at, _)| at);
        let (part, after) = rest.split_at(at);
        parts.push(part);
        rest = after;
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_divided_it_shows_the_same(
        pieces in pieces(),
        cuts in proptest::collection::vec(1..6_usize, 1..20),
    ) {
        let text = pieces.concat();
        let mut answer = Answer(Markdown::new());
        let mut page = Page::new(&answer);
        for part in divided(&text, &cuts) {
            answer.0.push_str(part);
            page.show(&answer);
            prop_assert_eq!(html_of(&answer.0), html_of(&answer.0.as_str().into()), "after {:?}", answer.0.as_str());
        }
    }

    #[test]
    fn a_finished_text_is_what_the_whole_document_is(pieces in pieces()) {
        // Definitions after their use have no effect on finished blocks.
        let text = pieces.concat().replace("]:", "] :").replace(['\r', '\0'], "\n") + "\n\nThe end.\n";
        prop_assert_eq!(html_of(&text.as_str().into()), reference(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_long_list_or_table_is_the_same_however_it_is_divided(
        lines in proptest::collection::vec(proptest::sample::select(LINES), 200..300),
        cuts in proptest::collection::vec(100..900_usize, 1..5),
        is_table in proptest::bool::ANY,
    ) {
        let head = if is_table { "| a | b |\n|:--|---|\n" } else { "7. first\n" };
        let text = head.to_owned() + &lines.concat();
        let mut answer = Answer(Markdown::new());
        let mut page = Page::new(&answer);
        for part in divided(&text, &cuts) {
            answer.0.push_str(part);
            page.show(&answer);
        }
        prop_assert_eq!(html_of(&answer.0), html_of(&text.into()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_long_block_is_the_same_however_it_is_divided(
        head in proptest::sample::select(vec!["", "- item\n", "```\n", "1. item\n\n   ```rust\n"]),
        lines in proptest::collection::vec(proptest::sample::select(LONG_BLOCKS), 150..300),
        cuts in proptest::collection::vec(100..900_usize, 1..5),
    ) {
        let text = head.to_owned() + &lines.concat();
        let mut answer = Answer(Markdown::new());
        let mut page = Page::new(&answer);
        for part in divided(&text, &cuts) {
            answer.0.push_str(part);
            page.show(&answer);
        }
        prop_assert_eq!(html_of(&answer.0), html_of(&text.into()));
    }
}

/// Pushes a text in pieces of a few characters, as a model does, and returns the page.
fn streamed(text: &str) -> (Answer, Page) {
    let mut answer = Answer(Markdown::new());
    let mut page = Page::new(&answer);
    for token in divided(text, &[4, 3, 6, 5]) {
        answer.0.push_str(token);
        page.update(&answer);
    }
    (answer, page)
}

#[test]
fn a_token_is_appended_where_it_belongs() {
    let mut answer = Answer(Markdown::from("One\n\n- two **three** four"));
    let mut page = Page::new(&answer);
    let mut frame_of = |text: &str| {
        answer.0.push_str(text);
        page.update(&answer)
    };
    assert_eq!(frame_of(" five"), r#"[0,1,[1,[1,[1,[5,[6," five"]]]]]]"#);
    // Templates are defined once.
    frame_of("\n\n```\nsix");
    assert_eq!(frame_of("\nseven"), r#"[0,1,[1,[2,[1,[6,"\nseven"]]]]]"#);
    assert_eq!(frame_of("\n``"), r#"[0,1,[1,[2,[1,[6,"\n"]]]]]"#);
    assert_eq!(frame_of("`\n"), "[0]");
}

#[test]
fn ten_thousand_tokens_of_blocks_are_parsed_and_sent_a_few_times() {
    let section = "## A heading\n\nSome text with **bold** words, `code`, and [a link](/there).\n\n\
                   - one item with a few words\n- another *item*\n- a third one\n\n\
                   ```rust\nfn main() {\n    println!(\"Hello\");\n}\n```\n\n\
                   | a | b |\n|---|---|\n| one | two |\n| three | four |\n\n> A quote\n> of two lines.\n\n";
    let text = section.repeat(45_000 / section.len());
    let (answer, page) = streamed(&text);
    let (len, tokens) = (text.len(), text.len() * 2 / 9);
    assert!(tokens >= 9_900, "{tokens} tokens");
    assert!(answer.0.parsed() < 30 * len, "parsed {} of {len} bytes", answer.0.parsed());
    assert!(page.sent < len * 4 + tokens * 32, "sent {} of {len} bytes", page.sent);
}

#[test]
fn a_list_and_a_table_of_ten_thousand_tokens_are_sent_a_few_times() {
    for line in ["- an item with a *few* words\n", "| a cell | and `another` |\n"] {
        let text =
            "| a | b |\n|---|---|\n".repeat(usize::from(line.starts_with('|'))) + &line.repeat(45_000 / line.len());
        let (answer, page) = streamed(&text);
        let (len, tokens) = (text.len(), text.len() * 2 / 9);
        assert!(answer.0.parsed() < tokens * 4 * LONG, "parsed {} of {len} bytes", answer.0.parsed());
        assert!(page.sent < len * 10 + tokens * 32, "sent {} of {len} bytes", page.sent);
        assert_eq!(html_of(&answer.0), reference(&text));
    }
}

#[test]
fn a_code_block_of_ten_thousand_tokens_is_parsed_and_sent_once() {
    let text = format!("```rust\n{}", "let answer = compute(42);\n".repeat(45_000 / 26));
    let (answer, page) = streamed(&text);
    let (len, tokens) = (text.len(), text.len() * 2 / 9);
    assert!(answer.0.parsed() < 200, "parsed {} bytes", answer.0.parsed());
    assert!(page.sent < len + len / 20 + tokens * 24, "sent {} of {len} bytes", page.sent);
    assert!(page.rendered < tokens * 24, "rendered {} values for {tokens} tokens", page.rendered);
    assert_eq!(html_of(&answer.0), reference(&text));
}

/// What is one block, and grows without an end. Some of it once took parsers of Markdown quadratic time.
const ENDLESS: &[&str] = &[
    "[",
    "![",
    "[a](<b",
    "[ (](",
    "[*_a",
    "](\n",
    "[](",
    "a <![CDATA[",
    "a <? ",
    "a <!A",
    "<b>",
    "*a ",
    "_a",
    "`a",
    "~",
    "\\",
    "&amp;",
    "a\n",
    "> a *line*\n",
    "  *words* of one item\n",
    "|a",
    "1",
    "[a](/b) ",
    "\u{202e}",
    "\u{1f468}\u{200d}",
    "x",
];

#[test]
fn an_endless_block_costs_its_length_and_not_its_square() {
    for piece in ENDLESS {
        let parsed = |len: usize| {
            let mut text = Markdown::from(if piece.contains("item") { "- " } else { "" });
            text.extend(divided(&piece.repeat(len / piece.len()), &[4, 3, 6, 5]));
            text.parsed()
        };
        let (short, long) = (parsed(8_000), parsed(16_000));
        assert!(long <= short * 3, "{piece:?}: parsed {short} bytes for 8 KB, and {long} for twice as much");
    }
}

#[test]
fn a_token_of_an_endless_block_renders_few_values() {
    let text = "some *words* and ".repeat(3_000);
    let (_, page) = streamed(&text);
    let tokens = text.len() * 2 / 9;
    assert!(page.rendered < tokens * 256, "rendered {} values for {tokens} tokens", page.rendered);
}

#[test]
fn a_long_block_is_shown_before_and_after_it_is_parsed() {
    let mut text = Markdown::from("*word* ".repeat(1_000));
    text.push_str("and *this*");
    let html = html_of(&text);
    assert!(html.starts_with("<p><em>word</em> <em>word</em> "));
    assert!(html.ends_with("and *this*</p>"), "{}", &html[html.len() - 60..]);
    text.push_str(&"\n\nAnother paragraph.".repeat(50));
    let html = html_of(&text);
    assert!(html.contains("and <em>this</em></p><p>Another paragraph.</p>"));
}

#[test]
fn lines_that_look_like_the_end_of_a_code_block_do_not_have_it_parsed_again() {
    let text = "```\n".to_owned() + &"    ```\n``\n``` x\n".repeat(1_000);
    let (answer, _) = streamed(&text);
    assert!(answer.0.parsed() < 200, "parsed {} bytes", answer.0.parsed());
    assert_eq!(html_of(&answer.0), reference(&text));
}

#[test]
fn a_definition_that_is_repeated_very_often_does_not_multiply_the_text() {
    let definition = "[x]: /".to_owned() + &"x".repeat(20_000);
    for link in ["[x]\n\n", "[x] "] {
        let text = format!("{definition}\n\n{}", link.repeat(2_000));
        assert!(html_of(&text.as_str().into()).len() < 20 * text.len(), "{link:?}");
    }
}

/// What other programs that show such answers were reported to get wrong, and what a page shows here.
#[test]
fn what_was_reported_of_others_is_right_here() {
    for (report, text, html) in [
        (
            "vercel/streamdown 539: the marker of an item flashes before the item",
            "- item\n  - ",
            "<ul><li>item</li></ul>",
        ),
        ("huggingface/chat-ui 2311: the marker of an item makes a heading of the line above", "Text\n-", "<p>Text</p>"),
        ("raullenchai/Rapid-MLX 2106: a fence flashes as text before it is one", "Code:\n\n``", "<p>Code:</p>"),
        (
            "raullenchai/Rapid-MLX 2106: a closing fence flashes as code",
            "```\nlet x;\n``",
            "<pre tabindex=\"0\"><code>let x;\n</code></pre>",
        ),
        (
            "vercel/streamdown 503: an image whose address is not complete is loaded",
            "![alt](https://exampl",
            "<p>![alt](https://exampl</p>",
        ),
        (
            "vercel/streamdown 85: the text of a link is hidden until its address is complete",
            "See [the guide](https://exa",
            "<p>See [the guide](https://exa</p>",
        ),
        (
            "homanp/langchain-ui 79: line breaks are lost in code",
            "```\na\n\nb\n",
            "<pre tabindex=\"0\"><code>a\n\nb\n</code></pre>",
        ),
        ("an entity in two tokens", "a &am", "<p>a &amp;am</p>"),
        ("a table whose second line is not complete", "| a | b |\n|---", "<p>| a | b |</p>"),
        ("text that is written from right to left", "\u{202e}abc\u{202c}", "<p>\u{202e}abc\u{202c}</p>"),
    ] {
        assert_eq!(html_of(&streamed(text).0.0), html, "{report}");
    }
}

#[test]
fn what_an_attacker_writes_is_harmless() {
    for (text, html) in [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        (
            "[a](javascript:b)",
            "<p><a href=\"about:invalid#lanai-refused-script-url\" rel=\"noopener nofollow\">a</a></p>",
        ),
        (
            "[a](java&#115;cript:b)",
            "<p><a href=\"about:invalid#lanai-refused-script-url\" rel=\"noopener nofollow\">a</a></p>",
        ),
        ("![a](javascript:b)", "<p><img src=\"about:invalid#lanai-refused-script-url\" alt=\"a\"></p>"),
        ("[a](https://b.c)", "<p><a href=\"https://b.c\" rel=\"noopener nofollow\">a</a></p>"),
        ("[a](/b \"t\\\"\")", "<p><a href=\"/b\" title=\"t&quot;\">a</a></p>"),
        ("```a\"onclick=x\n", "<pre tabindex=\"0\"><code class=\"language-a&quot;onclick=x\"></code></pre>"),
        (
            "<javascript:b>",
            "<p><a href=\"about:invalid#lanai-refused-script-url\" rel=\"noopener nofollow\">javascript:b</a></p>",
        ),
    ] {
        assert_eq!(html_of(&text.into()), html, "{text}");
        assert_eq!(reference(text), html, "{text}");
    }
}

#[test]
fn deep_nesting_is_cut_off() {
    for piece in [">", "- ", "1. ", "*a **b "] {
        let text = piece.repeat(2_000) + "end\n";
        let html = html_of(&text.as_str().into());
        assert!(html.contains("end"));
        assert!(html.matches("<blockquote>").count() <= 80, "{piece}");
    }
}

#[test]
fn a_link_finds_its_definition_in_earlier_blocks_and_its_own() {
    let text = Markdown::from(
        "[Ä b]: /x 'T'\n\nA paragraph.\n\n[to][ä  B] and [c]\n\n[c]: /y\n\nEnd\n\n[later]\n\n# h\n\n[later]: /z\n",
    );
    assert_eq!(
        html_of(&text),
        "<p>A paragraph.</p><p><a href=\"/x\" title=\"T\">to</a> and <a href=\"/y\">c</a></p><p>End</p><p>[later]</p><h1>h</h1>"
    );
}

#[test]
fn a_clone_grows_on_its_own() {
    let mut one = Markdown::from("a");
    let mut other = one.clone();
    one.push_str("b");
    other.push_str("c");
    assert_eq!((html_of(&one), html_of(&other)), ("<p>ab</p>".to_owned(), "<p>ac</p>".to_owned()));
}
