//! The examples in `docs/PROTOCOL.md`, section 8: each is exactly what this crate writes.
//!
//! The document contains the expected output. A test renders views one after the other, and compares the lines with the
//! block under the heading with its name: the live part of the first page, its definitions (and handler numbers, if
//! they are given), and the frames.

mod model;

use std::time::Duration;

use lanai_core::protocol::{Control, EventOptions, EventSpec, Failure, FailureKind, Frame};
use lanai_core::{AttributeKind, Baseline, Namespace, Nested, NestedPage, Part, Position, Slot, Tape, Template};
use model::client::Client;

const DOCUMENT: &str = include_str!("../../../docs/PROTOCOL.md");

const EXAMPLES: &[&str] = &[
    "A counter is clicked",
    "A line is added to a chat",
    "A part comes, changes and goes",
    "Text grows",
    "Attributes, toggles and handlers change",
    "Raw HTML",
    "Rows are kept, removed, inserted, patched and moved",
    "Rows of several templates",
    "Another root",
    "A page is mounted again",
    "Effects",
    "A view inside another",
    "A page of a shared view that fell behind",
    "Channels",
];

/// Returns the section's examples: headings and lines.
fn documented() -> Vec<(&'static str, Vec<&'static str>)> {
    let (_, section) = DOCUMENT.split_once("\n## 8. ").expect("the document has a section 8");
    let section = section.split("\n## ").next().unwrap_or_default();
    let examples = section.split("\n### ").skip(1).map(|example| {
        let (title, rest) = example.split_once('\n').expect("a heading ends");
        let block = rest.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next());
        (title, block.expect("an example has a block").lines().collect())
    });
    examples.collect()
}

/// A page whose messages are recorded, and applied to the model of the client.
struct Page {
    title: &'static str,
    lines: Vec<String>,
    baseline: Baseline,
    client: Client,
    events: u64,
}

impl Page {
    fn first(title: &'static str, write: impl FnOnce(&mut Tape<()>)) -> Self {
        Self::first_of(Baseline::new(), title, write)
    }

    fn first_of(mut baseline: Baseline, title: &'static str, write: impl FnOnce(&mut Tape<()>)) -> Self {
        let first = baseline.first(&tape(write));
        let client = Client::boot(&first.html, &first.templates, &first.handlers);
        let mut lines = vec![first.html, first.templates];
        if !first.handlers.is_empty() {
            lines.push(first.handlers);
        }
        Self { title, lines, baseline, client, events: 0 }
    }

    fn then(self, write: impl FnOnce(&mut Tape<()>)) -> Self {
        self.then_with(write, |_| {})
    }

    fn then_with(mut self, write: impl FnOnce(&mut Tape<()>), effects: impl FnOnce(&mut Frame)) -> Self {
        self.events += 1;
        let mut frame = Frame::new();
        assert!(self.baseline.update(&tape(write), &mut frame).is_some());
        effects(&mut frame);
        let text = frame.finish(self.events);
        assert_eq!(self.client.apply(&text), self.events);
        self.lines.push(text);
        self
    }

    fn check(self) {
        let documented = documented();
        let found = documented.iter().find(|(title, _)| *title == self.title);
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        let expected = found.map(|(_, lines)| lines.clone()).unwrap_or_default();
        assert!(lines == expected, "{}\n\n```text\n{}\n```", self.title, lines.join("\n"));
    }
}

fn tape(write: impl FnOnce(&mut Tape<()>)) -> Tape<()> {
    let mut tape = Tape::new();
    write(&mut tape);
    tape
}

/// Fills an attribute slot.
fn value(tape: &mut Tape<()>, text: &str) {
    tape.begin_value();
    tape.value_text(text);
    tape.end_value();
}

const fn template(parts: &'static [Part], single_root: bool) -> Template {
    Template { parts, namespace: Namespace::Html, single_root }
}

const fn literal(html: &'static str) -> Part {
    Part::Static(html)
}

const fn attribute(name: &'static str, kind: AttributeKind) -> Part {
    Part::Slot(Slot::Attribute { name, kind })
}

const fn event(name: &'static str) -> Part {
    Part::Slot(Slot::Event { name })
}

const NODE: Part = Part::Slot(Slot::Node(Position::Between));
const ONLY_NODE: Part = Part::Slot(Slot::Node(Position::Only));
const ONLY_LIST: Part = Part::Slot(Slot::List(Position::Only));

#[test]
fn the_document_has_these_examples_and_no_others() {
    let titles: Vec<&str> = documented().into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles, EXAMPLES);
}

#[test]
fn a_counter_is_clicked() {
    static COUNTER: Template = template(
        &[literal("<button"), event("click"), Part::Mark, literal(">"), ONLY_NODE, literal("</button>")],
        true,
    );
    let view = |count: u32| {
        move |tape: &mut Tape<()>| {
            tape.open(&COUNTER);
            tape.event((), EventSpec::send(""));
            tape.display(&count);
            tape.close();
        }
    };
    Page::first("A counter is clicked", view(0)).then(view(1)).then(view(2)).check();
}

#[test]
fn a_line_is_added_to_a_chat() {
    static CHAT: Template = template(&[literal("<pre"), Part::Mark, literal(">"), ONLY_LIST, literal("</pre>")], true);
    static LINE: Template = template(&[NODE, literal(": "), NODE, literal("<br>")], false);
    let view = |lines: &'static [(&'static str, &'static str)]| {
        move |tape: &mut Tape<()>| {
            tape.open(&CHAT);
            tape.begin_list(false);
            for (from, text) in lines {
                tape.row(0);
                tape.open(&LINE);
                tape.text(from);
                tape.text(text);
                tape.close();
            }
            tape.end_list();
            tape.close();
        }
    };
    const LINES: &[(&str, &str)] = &[("Alice", "Hi"), ("Bob", "1 < 2"), ("Alice", "\"So?\"")];
    Page::first("A line is added to a chat", view(&LINES[..1])).then(view(&LINES[..2])).then(view(LINES)).check();
}

#[test]
fn a_part_comes_changes_and_goes() {
    static VIEW: Template = template(&[literal("<h1>Door</h1>"), NODE], false);
    static OPEN: Template = template(
        &[
            literal("<p"),
            Part::Mark,
            literal(">"),
            NODE,
            literal("<button"),
            event("click"),
            Part::Mark,
            literal(">Shut</button></p>"),
        ],
        true,
    );
    let view = |name: Option<&'static str>| {
        move |tape: &mut Tape<()>| {
            tape.open(&VIEW);
            match name {
                None => tape.nothing(),
                Some(name) => {
                    tape.open(&OPEN);
                    tape.text(name);
                    tape.event((), EventSpec::send(""));
                    tape.close();
                }
            }
            tape.close();
        }
    };
    Page::first("A part comes, changes and goes", view(None))
        .then(view(Some("Alice")))
        .then(view(Some("Bob")))
        .then(view(None))
        .then(view(Some("Eve")))
        .check();
}

#[test]
fn text_grows() {
    static ANSWER: Template = template(&[literal("<p"), Part::Mark, literal(">"), ONLY_NODE, literal("</p>")], true);
    let view = |text: &'static str| {
        move |tape: &mut Tape<()>| {
            tape.open(&ANSWER);
            tape.text(text);
            tape.close();
        }
    };
    Page::first("Text grows", view("It")).then(view("It grows")).then(view("It shrank")).check();
}

#[test]
fn attributes_toggles_and_handlers_change() {
    static FIELD: Template = template(
        &[
            literal("<input"),
            attribute("class", AttributeKind::Plain),
            attribute("value", AttributeKind::Property),
            Part::Slot(Slot::Toggle { name: "disabled", property: false }),
            Part::Slot(Slot::Toggle { name: "checked", property: true }),
            event("input"),
            Part::Mark,
            literal(">"),
        ],
        true,
    );
    let view = |class: Option<&'static str>, text: &'static str, on: bool, spec: Option<EventSpec>| {
        move |tape: &mut Tape<()>| {
            tape.open(&FIELD);
            match class {
                Some(class) => value(tape, class),
                None => tape.no_value(),
            }
            value(tape, text);
            tape.toggle(on);
            tape.toggle(!on);
            match &spec {
                Some(spec) => tape.event((), spec.clone()),
                None => tape.no_event(),
            }
            tape.close();
        }
    };
    let debounced = || {
        let options = EventOptions { debounce: Some(Duration::from_millis(300)), ..EventOptions::default() };
        EventSpec::send("v").with(options)
    };
    Page::first("Attributes, toggles and handlers change", view(None, "a", false, Some(debounced())))
        .then(view(Some("wide"), "a", true, Some(debounced())))
        .then(view(None, "\"b\" & c", true, None))
        .check();
}

#[test]
fn raw_html() {
    static VIEW: Template =
        template(&[literal("<article"), Part::Mark, literal(">"), ONLY_NODE, literal("</article>")], true);
    let view = |html: &'static str| {
        move |tape: &mut Tape<()>| {
            tape.open(&VIEW);
            tape.raw(|out| out.push_str(html));
            tape.close();
        }
    };
    Page::first("Raw HTML", view("<b>bold</b>")).then(view("<i>slanted</i> &amp; thin")).check();
}

static ITEMS: Template = template(&[literal("<ul"), Part::Mark, literal(">"), ONLY_LIST, literal("</ul>")], true);
static ITEM: Template = template(&[literal("<li"), Part::Mark, literal(">"), ONLY_NODE, literal("</li>")], true);

#[test]
fn rows_are_kept_removed_inserted_patched_and_moved() {
    let view = |items: &'static [(u64, &'static str)]| {
        move |tape: &mut Tape<()>| {
            tape.open(&ITEMS);
            tape.begin_list(true);
            for (key, text) in items {
                tape.row(*key);
                tape.open(&ITEM);
                tape.text(text);
                tape.close();
            }
            tape.end_list();
            tape.close();
        }
    };
    Page::first("Rows are kept, removed, inserted, patched and moved", view(&[(1, "a"), (2, "b"), (3, "c"), (4, "d")]))
        .then(view(&[(1, "a"), (3, "c"), (4, "d")]))
        .then(view(&[(1, "a"), (5, "e"), (6, "f"), (3, "c"), (4, "d")]))
        .then(view(&[(1, "a"), (5, "e"), (6, "F"), (3, "c"), (4, "d")]))
        .then(view(&[(4, "d"), (1, "a"), (5, "e"), (6, "F"), (3, "c")]))
        .then(view(&[(3, "C"), (4, "d"), (1, "a"), (5, "e"), (6, "F")]))
        .then(view(&[]))
        .check();
}

#[test]
fn rows_of_several_templates() {
    static BUTTON: Template = template(
        &[literal("<li><button"), event("click"), Part::Mark, literal(">"), ONLY_NODE, literal("</button></li>")],
        true,
    );
    let view = |items: &'static [(&'static str, Option<bool>)]| {
        move |tape: &mut Tape<()>| {
            tape.open(&ITEMS);
            tape.begin_list(false);
            for (text, button) in items {
                tape.row(0);
                match button {
                    None => {
                        tape.open(&ITEM);
                        tape.text(text);
                    }
                    Some(once) => {
                        tape.open(&BUTTON);
                        let options = EventOptions { once: *once, ..EventOptions::default() };
                        tape.event((), EventSpec::send("").with(options));
                        tape.text(text);
                    }
                }
                tape.close();
            }
            tape.end_list();
            tape.close();
        }
    };
    Page::first("Rows of several templates", view(&[("a", None), ("b", None), ("c", Some(false))]))
        .then(view(&[("a", None), ("b", None), ("c", Some(false)), ("d", Some(false)), ("e", Some(true))]))
        .check();
}

#[test]
fn another_root() {
    static LOGIN: Template =
        template(&[literal("<button"), event("click"), Part::Mark, literal(">Log in</button>")], true);
    static HOME: Template = template(
        &[literal("<p>Hi, "), NODE, literal("</p><button"), event("click"), Part::Mark, literal(">Log out</button>")],
        false,
    );
    let login = |tape: &mut Tape<()>| {
        tape.open(&LOGIN);
        tape.event((), EventSpec::send(""));
        tape.close();
    };
    let home = |tape: &mut Tape<()>| {
        tape.open(&HOME);
        tape.text("Alice");
        tape.event((), EventSpec::send(""));
        tape.close();
    };
    Page::first("Another root", login).then(home).then(login).then(|_| {}).check();
}

#[test]
fn a_page_is_mounted_again() {
    static VIEW: Template = template(&[literal("<svg"), Part::Mark, literal(">"), ONLY_LIST, literal("</svg>")], true);
    static DOT: Template = Template {
        parts: &[
            literal("<circle"),
            attribute("r", AttributeKind::Plain),
            event("click"),
            Part::Mark,
            literal("></circle>"),
        ],
        namespace: Namespace::Svg,
        single_root: true,
    };
    let view = |radii: &'static [&'static str]| {
        move |tape: &mut Tape<()>| {
            tape.open(&VIEW);
            tape.begin_list(false);
            for radius in radii {
                tape.row(0);
                tape.open(&DOT);
                value(tape, radius);
                tape.event((), EventSpec::send(""));
                tape.close();
            }
            tape.end_list();
            tape.close();
        }
    };
    let mut baseline = Baseline::new();
    baseline.first(&tape(view(&["1", "2"])));
    Page::first_of(baseline, "A page is mounted again", view(&["1", "2"])).then(view(&["1", "2", "3"])).check();
}

#[test]
fn effects() {
    static VIEW: Template = template(&[literal("<p>Hi</p>")], true);
    let view = |tape: &mut Tape<()>| {
        tape.open(&VIEW);
        tape.close();
    };
    let page = Page::first("Effects", view)
        .then_with(view, |frame| frame.title("Three & more"))
        .then_with(view, |frame| frame.reset_form(2))
        .then_with(view, |frame| frame.focus("#name"))
        .then_with(view, |frame| frame.scroll_to("#name"))
        .then_with(view, |frame| frame.navigate("/orders", false))
        .then_with(view, |frame| frame.navigate("https://example.org/", true))
        .then_with(view, Frame::back)
        .then_with(view, |frame| frame.query("status=open&page=2", false))
        .then_with(view, Frame::watch_query)
        .then_with(view, |frame| frame.flash("success", "Saved"))
        .then_with(view, Frame::close_view)
        .then_with(view, |frame| frame.fail("<h1>\"Oh\"</h1>"));
    let operations: Vec<i64> = page.client.effects().iter().map(|(operation, _)| *operation).collect();
    assert_eq!(operations, [-2, -3, -4, -15, -16, -16, -16, -17, -17, -18, -5, -6]);
    page.check();
}

/// Compares lines that do not belong to a page with the block under a heading.
fn check_lines(title: &str, lines: &[String]) {
    let documented = documented();
    let (_, block) = documented.iter().find(|(heading, _)| *heading == title).expect("the document has it");
    assert_eq!(lines, &block[..], "{title}");
}

/// A counter as another view: instance 7.
#[derive(Debug)]
struct Counter;

impl Nested for Counter {
    fn id(&self) -> u64 {
        7
    }

    fn placed(&self) {}

    fn page(&self) -> NestedPage {
        let first = Baseline::new().first_nested(&tape(counter(0)));
        NestedPage { data: first.data().inside(None), html: first.html }
    }

    fn to_html(&self) -> String {
        tape(counter(0)).to_html()
    }
}

fn counter(count: u32) -> impl FnOnce(&mut Tape<()>) {
    static VIEW: Template = template(
        &[literal("<button"), event("click"), Part::Mark, literal(">"), ONLY_NODE, literal("</button>")],
        true,
    );
    move |tape| {
        tape.open(&VIEW);
        tape.event((), EventSpec::send(""));
        tape.display(&count);
        tape.close();
    }
}

#[test]
fn a_view_inside_another() {
    static AROUND: Template = template(&[literal("<h1>Votes</h1>"), NODE], false);
    let around = |shows: bool| {
        tape(move |tape: &mut Tape<()>| {
            tape.open(&AROUND);
            if shows {
                tape.view(std::sync::Arc::new(Counter))
            } else {
                tape.nothing()
            }
            tape.close();
        })
    };
    let mut baseline = Baseline::new();
    let first = baseline.first(&around(true));
    let mut lines = vec![first.html, first.templates, first.views];
    // A click.
    let mut inner = Baseline::new();
    inner.first_nested(&tape(counter(0)));
    lines.push(Control::Attached(0).to_text_of(7));
    let mut frame = Frame::new();
    assert!(inner.update(&tape(counter(1)), &mut frame).is_some());
    lines.push(frame.finish_nested(7, 1));
    // The view disappears, and returns.
    for (number, shows) in [(1, false), (2, true)] {
        let mut frame = Frame::new();
        assert!(baseline.update(&around(shows), &mut frame).is_some());
        lines.push(frame.finish(number));
    }
    check_lines("A view inside another", &lines);
}

#[test]
fn a_page_of_a_shared_view_that_fell_behind() {
    let view = |count| tape(counter(count)).framed();
    let mut baseline = Baseline::for_many();
    baseline.first_nested(&view(0));
    let behind = baseline.clone();
    let mut lines = Vec::new();
    for count in 1..=3 {
        let mut frame = Frame::new();
        baseline = baseline.next(&view(count), &mut frame).0;
        lines.push(frame.finish_nested(7, 0));
    }
    let mut note = Frame::new();
    note.reset_form(2);
    lines.push(note.finish_note(7, 2));
    let mut frame = Frame::new();
    behind.catch_up(&mut baseline, &view(3), 3, &mut frame);
    lines.push(frame.finish_nested(7, 0));
    check_lines("A page of a shared view that fell behind", &lines);
}

#[test]
fn channels() {
    let line = |number, write: &dyn Fn(&mut Frame)| {
        let mut frame = Frame::new();
        write(&mut frame);
        frame.finish(number)
    };
    let failure = |kind, message: Option<&str>| Failure { kind, message: message.map(Into::into) };
    let lines = [
        line(0, &|frame| frame.channel("map", "fly_to", r#"{"lat":1}"#, None)),
        line(0, &|frame| frame.channel("map", "where", "null", Some(1))),
        line(0, &|frame| frame.forget(1)),
        line(1, &|frame| frame.answer(1, Ok(r#"["cafe"]"#))),
        line(2, &|frame| frame.answer(2, Err(&failure(FailureKind::None, None)))),
        line(3, &|frame| frame.answer(3, Err(&failure(FailureKind::Failed, Some("not today"))))),
    ];
    check_lines("Channels", &lines);
}
