//! A room with a long history: the cost of a delivery when many lines already exist.

use tokio::runtime::Builder;

use crate::Result;
use crate::client::{Http, Page};
use crate::samples::Samples;
use crate::server::Server;
use crate::table::{Table, number};

const VIEWERS: u64 = 20;
/// The number of lines at the start.
const LENGTHS: [usize; 3] = [100, 1_000, 10_000];
const ROUNDS: usize = 5;
const LINES: u64 = 100;

/// Measures both kinds of lists at all lengths.
pub(crate) fn table() -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::default();
    for (path, what) in [("live-list", "LiveList"), ("vec", "Vec")] {
        let mut shortest = None;
        for length in LENGTHS {
            let cost = runtime.block_on(delivery(&format!("/{path}/{length}")))?;
            let first = *shortest.get_or_insert(cost.median());
            let ratio = cost.median() / first;
            let row = table
                .row(format!("one more line in a {what} of {}", number(length as f64)), cost.show(" µs"))
                .compared(format!("{} lines", LENGTHS[0]))
                .ratio(ratio);
            if path == "live-list" {
                row.at_most(ratio, 1.5, " x");
            }
        }
    }
    table.note(format!(
        "processor time of the server for a line to one of {VIEWERS} private views, including socket and kernel; \
         median (least to most) of {ROUNDS} rounds of {LINES} lines"
    ));
    Ok(table)
}

async fn delivery(path: &str) -> Result<Samples> {
    let server = Server::lanai()?;
    let mut http = Http::open(server.address).await?;
    let mut pages = Vec::new();
    for _ in 0..VIEWERS {
        pages.push(Page::visit(&mut http, path).await?);
    }
    let mut speaker = Page::visit(&mut http, "/say").await?;
    let mut costs = Samples::default();
    // The first round is not counted, because it defines templates and grows buffers.
    for round in 0..=ROUNDS {
        let before = server.processor_time()?;
        for _ in 0..LINES {
            speaker.event(0, "\"Say something nice\"").await?;
            speaker.frame().await?;
            for page in &mut pages {
                page.frame().await?;
            }
        }
        if round > 0 {
            let seconds = (server.processor_time()? - before).as_secs_f64();
            costs.push(seconds * 1e6 / (LINES * VIEWERS) as f64);
        }
    }
    Ok(costs)
}
