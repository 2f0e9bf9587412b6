//! A view with one list, written by hand: the rows of a table, as in the js-framework-benchmark.

use lanai_core::protocol::{EventSpec, Frame};
use lanai_core::{AttributeKind, Baseline, Namespace, Part, Position, Slot, Tape, Template};

use super::client::Client;

/// The view: a table body.
pub static TABLE: Template = Template {
    parts: &[
        Part::Static("<table class=\"table\"><tbody"),
        Part::Mark,
        Part::Static(">"),
        Part::Slot(Slot::List(Position::Only)),
        Part::Static("</tbody></table>"),
    ],
    namespace: Namespace::Html,
    single_root: true,
};

/// A row: whether it is selected, its number, its label with a handler, and a handler that removes it.
pub static ROW: Template = Template {
    parts: &[
        Part::Static("<tr"),
        Part::Slot(Slot::Attribute { name: "class", kind: AttributeKind::Plain }),
        Part::Mark,
        Part::Static("><td"),
        Part::Mark,
        Part::Static(">"),
        Part::Slot(Slot::Node(Position::Only)),
        Part::Static("</td><td><a"),
        Part::Slot(Slot::Event { name: "click" }),
        Part::Mark,
        Part::Static(">"),
        Part::Slot(Slot::Node(Position::Only)),
        Part::Static("</a></td><td><a"),
        Part::Slot(Slot::Event { name: "click" }),
        Part::Mark,
        Part::Static(">x</a></td></tr>"),
    ],
    namespace: Namespace::Html,
    single_root: true,
};

/// A row's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: u64,
    pub label: String,
    pub selected: bool,
}

/// Returns `count` rows with the labels of the benchmark.
pub fn rows(count: u64) -> Vec<Row> {
    const ADJECTIVES: [&str; 7] = ["pretty", "large", "big", "small", "tall", "expensive", "inexpensive"];
    const COLOURS: [&str; 5] = ["red", "yellow", "blue", "green", "white"];
    const NOUNS: [&str; 6] = ["table", "chair", "house", "keyboard", "sandwich", "pony"];
    let label = |id: usize| format!("{} {} {}", ADJECTIVES[id * 5 % 7], COLOURS[id * 3 % 5], NOUNS[id * 7 % 6]);
    (1..=count).map(|id| Row { id, label: label(id as usize), selected: false }).collect()
}

pub fn tape(rows: &[Row], keyed: bool) -> Tape<()> {
    let mut tape = Tape::new();
    tape.open(&TABLE);
    tape.begin_list(keyed);
    for row in rows {
        tape.row(if keyed { row.id } else { 0 });
        tape.open(&ROW);
        if row.selected {
            tape.begin_value();
            tape.value_text("danger");
            tape.end_value();
        } else {
            tape.no_value();
        }
        tape.display(&row.id);
        tape.event((), EventSpec::send(""));
        tape.text(&row.label);
        tape.event((), EventSpec::send(""));
        tape.close();
    }
    tape.end_list();
    tape.close();
    tape
}

/// A page with such a view.
pub struct Page {
    pub baseline: Baseline,
    pub client: Client,
    keyed: bool,
    frames: u64,
}

impl Page {
    pub fn new(rows: &[Row], keyed: bool) -> Self {
        let mut baseline = Baseline::new();
        let first = baseline.first(&tape(rows, keyed));
        Self { baseline, client: Client::boot(&first.html, &first.templates, &first.handlers), keyed, frames: 0 }
    }

    /// Shows these rows. Applies the frame, compares the page with a fresh one, and returns the frame.
    pub fn show(&mut self, rows: &[Row]) -> String {
        self.frames += 1;
        let mut frame = Frame::new();
        let tape = tape(rows, self.keyed);
        assert!(self.baseline.update(&tape, &mut frame).is_some());
        let text = frame.finish(self.frames);
        assert_eq!(self.client.apply(&text), self.frames);
        let fresh = Baseline::new().first(&tape);
        let fresh = Client::boot(&fresh.html, &fresh.templates, &fresh.handlers);
        assert_eq!(self.client.document(), fresh.document(), "after {text}");
        let numbers: Vec<u64> = self.client.handlers().into_iter().map(|(number, _)| number).collect();
        for (index, number) in numbers.iter().enumerate() {
            assert_eq!(self.baseline.handler(*number), Some(index));
        }
        text
    }

    /// Like [`show`](Self::show), but returns only the list's script.
    pub fn script(&mut self, rows: &[Row]) -> Vec<serde_json::Value> {
        let text = self.show(rows);
        let mut frame: Vec<serde_json::Value> = serde_json::from_str(&text).expect("a frame is JSON");
        match frame.pop() {
            Some(serde_json::Value::Array(script)) => script,
            _ => Vec::new(),
        }
    }
}
