//! The benchmarks: `cargo xtask bench`.
//!
//! Each figure is shown next to that of its peer (a bare axum WebSocket, maud) or next to its target, measured in the
//! same run, and with the spread of the rounds. The program under test and its peer are separate processes; this
//! process generates the load.

mod attacks;
mod broadcast;
mod bytes;
mod client;
mod game;
mod instructions;
mod long;
mod machine;
mod memory;
mod nats;
mod node;
mod peer;
mod render;
mod round_trip;
mod samples;
mod server;
mod table;
mod tokens;
mod views;

use std::process::ExitCode;
use std::time::Instant;

use table::Table;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Error>;

/// Measures one table.
type Measure = fn() -> Result<Table>;

/// The tables: the name, the description, and the function that measures it.
const TABLES: [(&str, &str, Measure); 12] = [
    ("bytes", "bytes on the wire: clicks, chat lines, table operations, reconnect, first page, client", bytes::table),
    ("roundtrip", "round trip of a click, compared with a bare WebSocket echo", round_trip::table),
    (
        "broadcast",
        "chat lines to 100, 1,000 and 5,000 private views, compared with a bare broadcast channel",
        broadcast::table,
    ),
    (
        "shared",
        "chat lines to 1,000 and 5,000 pages of one shared view, compared with a bare broadcast channel",
        broadcast::shared,
    ),
    ("long", "one more line in a list of 100, 1,000 and 10,000", long::table),
    (
        "tokens",
        "a token of a growing answer: bytes and processor time, at its start and after 9,000 others",
        tokens::table,
    ),
    ("game", "20, 100 and 200 players in four ponds, on one core: updates and processor time", game::table),
    ("memory", "10,000 idle chats, compared with bare WebSockets", memory::table),
    ("render", "rendering and diffing 1,000 rows, compared with maud", render::table),
    ("attacks", "the cost of attacks: pings, heartbeats, fragments, attaches, floods of events", attacks::table),
    ("nats", "nodes over a NATS server, compared with a program that uses JetStream directly", nats::table),
    ("instructions", "instructions of the hot paths, counted by callgrind", instructions::table),
];

const USAGE: &str = "\
cargo xtask bench [table …]    measures the given tables, or all of them
cargo xtask bench --list       lists the tables
cargo xtask bench answers      measures answers that arrive token by token in Chromium, beside NiceGUI
cargo xtask bench loads        counts what each example of the gallery loads in Chromium
cargo xtask bench navigation   measures navigation in Chromium
cargo xtask bench uploads      measures uploads in Chromium
cargo xtask bench rows         measures lists of a million rows in Chromium
cargo xtask bench compile      measures compile times
";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        // The other processes of a benchmark.
        ["serve", kind] => server::serve(kind).map(|()| true),
        ["node", kind, number, shards, server] => node::run(kind, number, shards, server).map(|()| true),
        ["path", name, count] => instructions::run(name, count.parse()?).map(|()| true),
        ["--list"] => {
            for (name, shows, _) in TABLES {
                println!("{name:<14}{shows}");
            }
            Ok(true)
        }
        ["--help" | "-h" | "help"] => {
            print!("{USAGE}");
            Ok(true)
        }
        ref names => print(names),
    }
}

/// Prints the tables with these names. If a table cannot be measured, prints the error and continues with the next one.
fn print(names: &[&str]) -> Result<bool> {
    if let Some(unknown) = names.iter().find(|name| TABLES.iter().all(|(table, ..)| table != *name)) {
        return Err(format!("there is no table `{unknown}`; `--list` lists them\n\n{USAGE}").into());
    }
    machine::allow_many_connections()?;
    println!("{}", machine::describe());
    let start = Instant::now();
    let mut complete = true;
    for (name, shows, measure) in TABLES {
        if !names.is_empty() && !names.contains(&name) {
            continue;
        }
        println!("\n{name}: {shows}");
        match measure() {
            Ok(table) => print!("{table}"),
            Err(error) => {
                complete = false;
                println!("  not measured: {error}");
            }
        }
    }
    println!("\n{:.0} s", start.elapsed().as_secs_f64());
    Ok(complete)
}
