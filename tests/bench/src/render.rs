//! Rendering and diffing, without a socket.

use std::hint::black_box;
use std::time::{Duration, Instant};

use lanai::View;
use lanai_core::protocol::Frame;
use lanai_core::{Baseline, Size};
use rows::Rows;

use crate::Result;
use crate::samples::Samples;
use crate::table::{Table, number};
use crate::views::Prepended;

const ROWS: usize = 1_000;
/// The slots of a row of `/rows`: class, id, two handlers, label. Those of a prepended row: two texts.
const ROW_SLOTS: usize = 5;
const PREPENDED_SLOTS: usize = 2;
/// The rounds of each side, in turns, and the length of a round.
const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(30);

/// A view, with what its page shows.
pub(crate) struct Shown<V: View> {
    pub(crate) view: V,
    baseline: Baseline,
    size: Size,
}

impl<V: View> Shown<V> {
    pub(crate) fn new(view: V) -> Self {
        let mut baseline = Baseline::new();
        let tape = view.render().into_tape();
        baseline.first(&tape);
        Self { view, baseline, size: tape.size() }
    }

    /// Renders, diffs, and writes the frame, as an instance does after an event.
    pub(crate) fn update(&mut self) -> String {
        self.size.expect();
        let (tape, handlers) = self.view.render().into_tape().split();
        self.size = tape.size();
        black_box(handlers);
        let mut frame = Frame::new();
        let changes = self.baseline.update(&tape, &mut frame);
        assert!(changes.is_some(), "there are no live lists here");
        frame.finish(1)
    }
}

/// Measures the table of the examples, and a list that grows at its beginning.
pub(crate) fn table() -> Result<Table> {
    let mut rows = Rows::new();
    rows.run();
    let mut same = Shown::new(rows);
    let mut rows = Rows::new();
    rows.run();
    let mut tenth = Shown::new(rows);
    let mut first = Shown::new(Prepended::new(ROWS));
    let list: Vec<(u32, String)> = (1..=ROWS as u32).map(|id| (id, "pretty pink pony".into())).collect();

    let mut samples: [Samples; 5] = Default::default();
    for _ in 0..ROUNDS {
        samples[0].push(nanoseconds(ROWS * ROW_SLOTS, || drop(black_box(same.view.render()))));
        samples[1].push(nanoseconds(ROWS * ROW_SLOTS, || drop(black_box(same.update()))));
        let mut updates = 0;
        samples[2].push(nanoseconds(ROWS * ROW_SLOTS, || {
            updates += 1;
            if updates % 20 == 0 {
                // The labels grow, so start again.
                tenth.view.run();
                tenth.update();
            }
            tenth.view.update();
            drop(black_box(tenth.update()));
        }));
        samples[3].push(nanoseconds(ROWS * PREPENDED_SLOTS, || {
            if first.view.len() > ROWS + 50 {
                first.view = Prepended::new(ROWS);
                first.update();
            }
            first.view.prepend();
            drop(black_box(first.update()));
        }));
        samples[4].push(nanoseconds(ROWS * ROW_SLOTS, || drop(black_box(by_maud(black_box(&list))))));
    }

    let [render, same, tenth, first, maud] = &samples;
    let mut table = Table::default();
    let peer = || format!("maud {}", maud.show(" ns"));
    for (what, ours) in [
        ("render only", render),
        ("render + diff + frame, nothing changed", same),
        ("render + diff + frame, every 10th changed", tenth),
    ] {
        table.row(what, ours.show(" ns/slot")).compared(peer()).ratio(ours.median() / maud.median());
    }
    table.row("render + diff + frame, one row prepended", first.show(" ns/slot"));
    table.row("total time, nothing changed", format!("{} us", number(same.median() * (ROWS * ROW_SLOTS) as f64 / 1e3)));
    table.note(format!(
        "{} keyed rows of {ROW_SLOTS} slots (a class, two texts, two handlers); prepended: {PREPENDED_SLOTS} slots per row",
        number(ROWS as f64)
    ));
    table.note(
        "maud: renders the same HTML of the same rows to a String, without handlers and without a diff; also per slot",
    );
    table.note(format!("median (least to most) of {ROUNDS} rounds in turns of {} ms", ROUND.as_millis()));
    Ok(table)
}

/// Returns the nanoseconds per slot, measured over a round.
fn nanoseconds(slots: usize, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < ROUND {
        run();
        runs += 1;
    }
    start.elapsed().as_nanos() as f64 / (runs * slots) as f64
}

/// Renders the table of `/rows` with maud.
fn by_maud(rows: &[(u32, String)]) -> String {
    let selected = black_box(None);
    maud::html! {
        table."table table-hover table-striped test-data" {
            tbody #tbody {
                @for (id, label) in rows {
                    tr class=[(selected == Some(*id)).then_some("danger")] {
                        td.col-md-1 { (id) }
                        td.col-md-4 { a.lbl { (label) } }
                        td.col-md-1 { a.remove { span."glyphicon glyphicon-remove" aria-hidden="true" {} } }
                        td.col-md-6 {}
                    }
                }
            }
        }
    }
    .into_string()
}
