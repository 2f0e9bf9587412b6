//! The instructions of the hot paths: the same count in each run of the same build.

use std::hint::black_box;
use std::process::Command;

use lanai_core::protocol::Received;
use rows::Rows;

use crate::Result;
use crate::render::Shown;
use crate::table::{Table, number};
use crate::views::{Count, Prepended};

/// The name, the description, and two numbers of repetitions. The difference between the two excludes the start-up.
const PATHS: [(&str, &str, [u32; 2]); 6] = [
    ("parse", "parse an event", [1_000, 11_000]),
    ("counter", "counter: render, diff, write the frame", [100, 1_100]),
    ("rows-same", "1,000 rows, nothing changed", [1, 11]),
    ("rows-tenth", "1,000 rows, every 10th changed", [1, 11]),
    ("rows-prepend", "1,000 rows, one prepended", [1, 11]),
    ("rows-create", "1,000 rows created in an empty table", [1, 11]),
];

/// Runs each path under callgrind.
pub(crate) fn table() -> Result<Table> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Err("valgrind is not installed: `apt-get install valgrind`, or your system's equivalent".into());
    }
    let mut table = Table::default();
    for (name, what, [few, many]) in PATHS {
        let each = (count(name, many)? - count(name, few)?) / f64::from(many - few);
        let row = table.row(what, format!("{} instructions", number(each.round())));
        if name.starts_with("rows") {
            row.compared(format!("{} per row", number((each / 1_000.0).round())));
        }
    }
    table.note(
        "the difference between callgrind's counts for many and for few repetitions, per repetition; \
         it depends only on the compiler and the libraries",
    );
    Ok(table)
}

/// Counts the instructions of a process that repeats a path.
fn count(path: &str, repetitions: u32) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["path", path, &repetitions.to_string()])
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    report
        .lines()
        .find_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok())
        .ok_or_else(|| format!("callgrind counted nothing: {report}").into())
}

/// Repeats a path, in the process that callgrind watches.
pub(crate) fn run(path: &str, repetitions: u32) -> Result {
    let filled = || {
        let mut rows = Rows::new();
        rows.run();
        rows
    };
    let repeat = |mut go: Box<dyn FnMut()>| (0..repetitions).for_each(|_| go());
    match path {
        "parse" => repeat(Box::new(|| {
            let _ = black_box(Received::parse(black_box("[117,116,3]")));
        })),
        "counter" => {
            let mut counter = Shown::new(Count::default());
            repeat(Box::new(move || {
                counter.view.up();
                black_box(counter.update());
            }));
        }
        "rows-same" => {
            let mut rows = Shown::new(filled());
            repeat(Box::new(move || drop(black_box(rows.update()))));
        }
        "rows-tenth" => {
            let mut rows = Shown::new(filled());
            repeat(Box::new(move || {
                rows.view.update();
                black_box(rows.update());
            }));
        }
        "rows-prepend" => {
            let mut rows = Shown::new(Prepended::new(1_000));
            repeat(Box::new(move || {
                rows.view.prepend();
                black_box(rows.update());
            }));
        }
        "rows-create" => {
            repeat(Box::new(move || {
                let mut rows = Shown::new(Rows::new());
                rows.view.run();
                black_box(rows.update());
            }));
        }
        unknown => return Err(format!("there is no path `{unknown}`").into()),
    }
    Ok(())
}
