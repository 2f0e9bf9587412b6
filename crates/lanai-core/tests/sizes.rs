//! The sizes of common changes in bytes, compared with their targets.

mod model;

use lanai_core::protocol::{EventSpec, Frame};
use lanai_core::{Baseline, Namespace, Part, Position, Slot, Tape, Template};
use model::rows::{Page, Row, rows};

fn added(id: u64) -> Row {
    Row { id, label: "inexpensive yellow keyboard".into(), selected: false }
}

#[test]
fn one_row_before_a_thousand() {
    let mut page = Page::new(&rows(1000), true);
    let mut now = rows(1000);
    now.insert(0, added(1001));
    let with_literal_html = page.show(&now).len();
    now.insert(0, added(1002));
    let later = page.show(&now).len();
    assert!(with_literal_html <= 150, "{with_literal_html} bytes");
    assert!(later <= 60, "{later} bytes");
}

#[test]
fn a_thousand_rows_in_an_empty_table() {
    let size = Page::new(&[], true).show(&rows(1000)).len();
    assert!(size <= 40_000, "{size} bytes");
}

#[test]
fn every_tenth_label_changed() {
    let mut now = rows(1000);
    let mut page = Page::new(&now, true);
    now.iter_mut().step_by(10).for_each(|row| row.label.push_str(" !!!"));
    let size = page.show(&now).len();
    assert!(size <= 1536, "{size} bytes");
}

#[test]
fn one_row_of_a_thousand_removed() {
    let mut now = rows(1000);
    let mut page = Page::new(&now, true);
    now.remove(499);
    let size = page.show(&now).len();
    assert!(size <= 40, "{size} bytes");
}

#[test]
fn two_rows_of_a_thousand_swapped() {
    let mut now = rows(1000);
    let mut page = Page::new(&now, true);
    now.swap(1, 998);
    let size = page.show(&now).len();
    assert!(size <= 40, "{size} bytes");
}

#[test]
fn one_row_of_a_thousand_selected_instead_of_another() {
    let mut now = rows(1000);
    now[100].selected = true;
    let mut page = Page::new(&now, true);
    now[100].selected = false;
    now[900].selected = true;
    let size = page.show(&now).len();
    assert!(size <= 40, "{size} bytes");
}

#[test]
fn a_counter_clicked() {
    static COUNTER: Template = Template {
        parts: &[
            Part::Static("<button"),
            Part::Slot(Slot::Event { name: "click" }),
            Part::Mark,
            Part::Static(">"),
            Part::Slot(Slot::Node(Position::Only)),
            Part::Static("</button>"),
        ],
        namespace: Namespace::Html,
        single_root: true,
    };
    let tape = |count: u32| {
        let mut tape = Tape::new();
        tape.open(&COUNTER);
        tape.event((), EventSpec::send(""));
        tape.display(&count);
        tape.close();
        tape
    };
    let mut baseline = Baseline::new();
    baseline.first(&tape(98));
    let mut frame = Frame::new();
    assert!(baseline.update(&tape(99), &mut frame).is_some());
    let text = frame.finish(99);
    assert!(text.len() <= 16, "{text}");
}
