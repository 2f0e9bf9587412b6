//! The cost of one attacker for a server.
//!
//! Each attack runs for some seconds against its own server, which has the default limits and also serves ordinary
//! pages. It sends as fast as the connection accepts data, only to this machine, and stops by itself.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};
use wire::raw::{Raw, fragment, ping, text};
use wire::{Received, Visitor};

use crate::Result;
use crate::server::Server;
use crate::table::Table;

const SECONDS: u64 = 6;

/// The target for one socket, in MiB and in percent of a core.
const MEMORY: f64 = 1.0;
const PROCESSOR: f64 = 5.0;

/// An attack.
struct Attack {
    what: &'static str,
    /// The number of pages that take part.
    pages: usize,
    /// Whether the pages attach first.
    attaches: bool,
    /// What a page with this child sends once, and what it then sends repeatedly.
    sends: fn(&Inside) -> (Vec<u8>, Vec<u8>),
}

/// A view inside a page, as an attach names it.
struct Inside {
    id: String,
    secret: Value,
}

const ATTACKS: [Attack; 9] = [
    Attack { what: "pings, no attach", pages: 1, attaches: false, sends: |_| (Vec::new(), ping()) },
    Attack { what: "pings", pages: 1, attaches: true, sends: |_| (Vec::new(), ping()) },
    Attack { what: "heartbeats", pages: 1, attaches: true, sends: |_| (Vec::new(), text("[]")) },
    Attack {
        what: "empty fragments",
        pages: 1,
        attaches: true,
        sends: |_| (fragment(true, b""), fragment(false, b"")),
    },
    Attack {
        what: "refused events",
        pages: 1,
        attaches: true,
        sends: |_| (Vec::new(), numbered(|number| json!([number, 0, 99]))),
    },
    Attack {
        what: "attaches of a shared view",
        pages: 1,
        attaches: true,
        sends: |inside| (Vec::new(), text(&json!([inside.id, inside.secret, "page", 0, 0]).to_string())),
    },
    Attack {
        what: "attaches by 20,000 names",
        pages: 1,
        attaches: true,
        sends: |inside| (Vec::new(), numbered(|name| json!([inside.id, inside.secret, name.to_string(), 0, 0]))),
    },
    Attack {
        what: "8 pages acknowledge to a slow shared view",
        pages: 8,
        attaches: true,
        sends: |inside| (busy(inside), text(&json!([inside.id, 0]).to_string())),
    },
    Attack {
        what: "events of 60 kB to a slow shared view",
        pages: 1,
        attaches: true,
        sends: |inside| {
            let letter = "x".repeat(60_000);
            (busy(inside), numbered_to(2_000, |number| json!([inside.id, number + 1, 0, 0, letter])))
        },
    },
];

/// Attaches to the shared view, and makes it busy.
fn busy(inside: &Inside) -> Vec<u8> {
    let attach = text(&json!([inside.id, inside.secret, "page", 0, 0]).to_string());
    [attach, text(&json!([inside.id, 1, 0, 0, "x"]).to_string())].concat()
}

fn numbered(message: impl Fn(u64) -> Value) -> Vec<u8> {
    numbered_to(20_000, message)
}

fn numbered_to(count: u64, message: impl Fn(u64) -> Value) -> Vec<u8> {
    (1..=count).flat_map(|number| text(&message(number).to_string())).collect()
}

pub(crate) fn table() -> Result<Table> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut table = Table::default();
    for attack in &ATTACKS {
        let Cost { memory, processor, left, lives } = cost(&runtime, attack)?;
        let sockets = attack.pages as f64;
        let view = if lives { "" } else { ", and the shared view has ended for everyone" };
        table
            .row(attack.what, format!("{memory:.1} MiB, {processor:.1} % of a core{view}"))
            .compared(format!("{left:.1} MiB kept afterwards"))
            .at_most(if lives { (memory / MEMORY).max(processor / PROCESSOR) / sockets } else { f64::MAX }, 1.0, " x");
    }
    table.note(format!(
        "{SECONDS} s each, sending as fast as the server reads, and reading nothing; \
         the largest increase in memory, and the processor time"
    ));
    table.note(format!(
        "target: {MEMORY} MiB and {PROCESSOR} % of a core for each socket; \
         the shared view keeps running, and other pages are answered"
    ));
    Ok(table)
}

struct Cost {
    /// The largest increase in memory, in MiB.
    memory: f64,
    /// The processor time, in percent of a core.
    processor: f64,
    /// The increase in memory that remains after the attackers have left, in MiB.
    left: f64,
    /// Whether the shared view is still running.
    lives: bool,
}

fn cost(runtime: &Runtime, attack: &Attack) -> Result<Cost> {
    let mut server = Server::attacked()?;
    runtime.block_on(async {
        // Memory that a server allocates once is not the attacker's cost.
        let mut honest = Visitor::visit(server.address, "/slow").await;
        for _ in 0..20 {
            drop(Visitor::visit(server.address, "/slow").await);
        }
        sleep(Duration::from_millis(300)).await;
        let (before, time_before, started) = (server.memory()?, server.processor_time()?, Instant::now());
        let mut strangers = Vec::new();
        for _ in 0..attack.pages {
            let visitor = Visitor::fetch(server.address, "/slow").await;
            let inside = visitor.boot.data["c"].as_object().and_then(|inside| inside.iter().next());
            let (id, data) = inside.ok_or("the page contains no other view")?;
            let inside = Inside { id: id.clone(), secret: data["s"].clone() };
            let mut socket =
                if attack.attaches { Raw::attach(&visitor).await } else { Raw::open(server.address).await };
            let (once, again) = (attack.sends)(&inside);
            strangers.push(tokio::spawn(async move {
                let flood = async {
                    socket.send(&once).await;
                    while socket.flood(&again, usize::MAX).await != wire::raw::Flood::Closed {}
                };
                let _ = timeout(Duration::from_secs(SECONDS), flood).await;
                // The socket stays open until the memory is measured.
                socket
            }));
        }
        let mut most = before;
        while started.elapsed() < Duration::from_secs(SECONDS) {
            sleep(Duration::from_millis(50)).await;
            most = most.max(server.memory()?);
        }
        let processor = (server.processor_time()? - time_before).as_secs_f64() / started.elapsed().as_secs_f64();
        honest.send("[]").await;
        let answered = honest.receive().await;
        if answered != Received::Text("[]".into()) {
            return Err(format!("{}: another page got no answer: {answered:?}", attack.what).into());
        }
        let lives = server.shared_lives()?;
        for stranger in strangers {
            drop(stranger.await);
        }
        sleep(Duration::from_millis(500)).await;
        let left = server.memory()? - before;
        Ok(Cost { memory: (most - before) / 1024.0, processor: processor * 100.0, left: left / 1024.0, lives })
    })
}
