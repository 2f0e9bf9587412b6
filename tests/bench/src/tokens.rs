//! An answer that arrives token by token: what a token costs at the start, and after thousands of others.

use tokio::runtime::Builder;

use crate::Result;
use crate::broadcast;
use crate::client::{Http, Page, Socket};
use crate::samples::Samples;
use crate::server::Server;
use crate::table::{Table, number};

/// The tokens between two measurements, and how many there are.
const BATCH: usize = 1_000;
const BATCHES: usize = 10;
const ROUNDS: usize = 3;

/// The tokens of a text without markup, and of one with the usual markup.
const WORDS: &str = " word";
const SECTION: &str = include_str!("../../pages/src/answers.md");
/// One paragraph without an end, each word of which has markup.
const ENDLESS: &str = "some *words* and ";

/// The cost of the tokens of a batch.
#[derive(Default)]
struct Batch {
    /// Microseconds of the server's processor time per token, round by round.
    time: Samples,
    /// The bytes that a token adds to its own.
    overhead: f64,
}

/// Measures one reader of each kind of answer, and then many readers of one.
pub(crate) fn table() -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::default();
    let mut echo = Samples::default();
    for _ in 0..ROUNDS {
        echo.push(runtime.block_on(bare())?);
    }
    for (path, text, what) in [
        ("text", WORDS, "a StreamedText"),
        ("markdown", SECTION, "Markdown"),
        ("markdown", ENDLESS, "one endless paragraph"),
        ("string", WORDS, "a String"),
    ] {
        let mut batches: [Batch; BATCHES] = Default::default();
        for _ in 0..ROUNDS {
            runtime.block_on(answer(&format!("/answer/{path}"), text, &mut batches))?;
        }
        let (first, last) = (&batches[0], &batches[BATCHES - 1]);
        let all = batches.iter().map(|batch| batch.overhead).sum::<f64>() / BATCHES as f64;
        let row = table
            .row(
                format!("{what}: bytes of a token besides its own, 10,000 tokens"),
                format!("{} B", number(all.round())),
            )
            .compared(format!("{} B for the first {}", number(first.overhead.round()), number(BATCH as f64)));
        if path == "text" {
            row.at_most(all.round(), 12.0, " B");
        }
        table
            .row(format!("{what}: processor time of a token, first {}", number(BATCH as f64)), first.time.show(" µs"))
            .compared(format!("echo {}", echo.show(" µs")))
            .ratio(first.time.median() / echo.median());
        let ratio = last.time.median() / first.time.median();
        let row = table
            .row(format!("{what}: after {}", number((BATCH * (BATCHES - 1)) as f64)), last.time.show(" µs"))
            .compared(format!("the first {}", number(BATCH as f64)))
            .ratio(ratio);
        if path != "string" {
            row.at_most(ratio, 1.5, " x");
        }
    }
    table.note(format!(
        "one reader; processor time of the server for an event with a token and the frame that shows it, including socket \
         and kernel; median (least to most) of {ROUNDS} answers of {} tokens",
        number((BATCH * BATCHES) as f64)
    ));
    table.note("echo: a bare axum WebSocket that receives and sends as many bytes as a token of the StreamedText");
    table.note("a String is copied and hashed for each token; it is here to show what a StreamedText is for");
    broadcast::answer(&mut table)?;
    Ok(table)
}

/// Streams an answer, and adds its costs to the batches.
async fn answer(path: &str, text: &str, batches: &mut [Batch; BATCHES]) -> Result {
    let server = Server::lanai()?;
    let mut page = Page::visit(&mut Http::open(server.address).await?, path).await?;
    let tokens: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    let mut tokens = tokens.iter().cycle();
    for batch in batches {
        let before = server.processor_time()?;
        let mut overhead = 0;
        for token in tokens.by_ref().take(BATCH) {
            page.event(0, &serde_json::to_string(token)?).await?;
            overhead += page.frame().await?.len() as i64 - token.len() as i64;
        }
        batch.time.push((server.processor_time()? - before).as_secs_f64() * 1e6 / BATCH as f64);
        batch.overhead = overhead as f64 / BATCH as f64;
    }
    Ok(())
}

/// Returns the microseconds per message of a bare WebSocket.
async fn bare() -> Result<f64> {
    let server = Server::bare()?;
    let (up, down) = ("[1000,1000,0,\" word\"]".len(), "[1000,2,\" word\"]".len());
    let mut socket = Socket::open(server.address, &format!("/echo/{down}")).await?;
    let message = vec![b'x'; up];
    let before = server.processor_time()?;
    for _ in 0..BATCH {
        socket.send(&message).await?;
        socket.receive().await?;
    }
    Ok((server.processor_time()? - before).as_secs_f64() * 1e6 / BATCH as f64)
}
