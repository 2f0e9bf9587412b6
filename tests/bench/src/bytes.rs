//! Bytes on the wire.

use lanai_core::protocol::Control;
use serde_json::json;
use wire::{Received, Server, Visitor};

use crate::Result;
use crate::server::app;
use crate::table::{Table, number};

/// The client as it is served to a browser that accepts brotli.
const CLIENT: &[u8] = include_bytes!("../../../crates/lanai/assets/client.js.br");

/// The handlers of the counter.
const UP: u32 = 1;
/// The buttons of `/rows`, in document order. Two handlers for each row follow.
const RUN: u32 = 0;
const ADD: u32 = 2;
const UPDATE: u32 = 3;
const CLEAR: u32 = 4;
const SWAP: u32 = 5;
const FIRST_ROW: u32 = 6;

/// Uses the examples, and counts the bytes.
pub(crate) fn table() -> Result<Table> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let server = Server::start(app()).await;
        let mut table = Table::default();
        counter(&server, &mut table).await;
        chat(&server, &mut table).await;
        rows(&server, &mut table).await;
        reconnect(&server, &mut table).await;
        let size = CLIENT.len() as f64;
        table.row("client, compressed with brotli", bytes(size)).at_most(size, 7.0 * 1024.0, " B");
        table.note(
            "payloads of WebSocket messages, without their headers of 2 to 8 bytes; \
             down: all frames until the event is acknowledged",
        );
        table.note("deterministic: the same in each run");
        Ok(table)
    })
}

fn bytes(count: f64) -> String {
    format!("{} B", number(count))
}

/// Sends an event and receives the frames that answer it. Returns the bytes in both directions.
async fn send(visitor: &mut Visitor, handler: u32, payload: Option<serde_json::Value>) -> (f64, f64) {
    let comma = payload.as_ref().map(|payload| format!(",{payload}")).unwrap_or_default();
    let up = format!("[{},{},{handler}{comma}]", visitor.events + 1, visitor.frames).len();
    visitor.event(handler, payload).await;
    let down: usize = visitor.settled().await.iter().map(String::len).sum();
    (up as f64, down as f64)
}

async fn counter(server: &Server, table: &mut Table) {
    let mut visitor = Visitor::visit(server.address, "/counter").await;
    let (page, live) = (visitor.html.len(), live_part(&visitor.html));
    table
        .row("first page of the counter, complete", bytes(page as f64))
        .compared(format!("{live} B for the live part and its data"));
    for click in 1..=1_000 {
        let (up, down) = send(&mut visitor, UP, None).await;
        match click {
            42 => {
                table.row("counter, 42nd click, up", bytes(up)).at_most(up, 12.0, " B");
                table.row("counter, 42nd click, down", bytes(down)).at_most(down, 16.0, " B");
            }
            1_000 => {
                table.row("counter, 1,000th click, up", bytes(up)).at_most(up, 12.0, " B");
                table.row("counter, 1,000th click, down", bytes(down)).compared("target is for two digits");
            }
            _ => {}
        }
    }
}

/// Returns the size of the live part and the data block.
fn live_part(html: &str) -> usize {
    let start = html.find("<!--lanai-->").unwrap_or(0);
    let end = html[start..].find("</script>").map_or(html.len(), |end| start + end + "</script>".len());
    end - start
}

async fn chat(server: &Server, table: &mut Table) {
    const LINE: &str = "Alice: Hello, Bob";
    let mut alice = Visitor::visit(server.address, "/chat/Alice").await;
    let mut bob = Visitor::visit(server.address, "/chat/Bob").await;
    let (mut up, mut down) = (0.0, 0.0);
    // The first line includes its template, and the tenth only the line itself.
    for number in [1, 10] {
        while alice.events < number {
            (up, _) = send(&mut alice, 0, Some(json!("text=Hello%2C+Bob"))).await;
            down = bob.frame().await.len() as f64;
        }
        let which = if number == 1 { "first" } else { "tenth" };
        table
            .row(format!("chat, {which} line, down to each other viewer"), bytes(down))
            .compared(format!("{} B for the text", LINE.len()));
    }
    table.row("chat, tenth line, up", bytes(up));
}

async fn rows(server: &Server, table: &mut Table) {
    let mut visitor = Visitor::visit(server.address, "/rows").await;
    let (_, create) = send(&mut visitor, RUN, None).await;
    table.row("rows, create 1,000", bytes(create)).at_most(create, 40_000.0, " B");
    let (_, update) = send(&mut visitor, UPDATE, None).await;
    table.row("rows, update every 10th", bytes(update)).at_most(update, 1_500.0, " B");
    let (_, select) = send(&mut visitor, FIRST_ROW + 2 * 4, None).await;
    table.row("rows, select one", bytes(select));
    let (_, swap) = send(&mut visitor, SWAP, None).await;
    table.row("rows, swap two", bytes(swap));
    let (_, remove) = send(&mut visitor, FIRST_ROW + 2 * 500 + 1, None).await;
    table.row("rows, remove one", bytes(remove)).at_most(remove, 40.0, " B");
    let (_, append) = send(&mut visitor, ADD, None).await;
    table.row("rows, append 1,000", bytes(append));
    let (_, clear) = send(&mut visitor, CLEAR, None).await;
    table.row("rows, clear", bytes(clear));

    let mut visitor = Visitor::visit(server.address, "/prepend").await;
    let (_, prepend) = send(&mut visitor, 0, None).await;
    table.row("prepend one to 1,000 keyed rows, first time", bytes(prepend)).at_most(prepend, 150.0, " B");
    let (_, prepend) = send(&mut visitor, 0, None).await;
    table.row("prepend one to 1,000 keyed rows, afterwards", bytes(prepend)).at_most(prepend, 150.0, " B");
}

async fn reconnect(server: &Server, table: &mut Table) {
    let mut visitor = Visitor::fetch(server.address, "/counter").await;
    // As long as the page names that the real client generates.
    visitor.page = "x".repeat(11);
    visitor.attach().await;
    for _ in 0..42 {
        send(&mut visitor, UP, None).await;
    }
    visitor.cut();
    let up = visitor.boot.attach(&visitor.page, visitor.frames).len();
    let Received::Text(answer) = visitor.attach().await else { panic!("the view is still there") };
    assert_eq!(answer, Control::Attached(visitor.events).to_text(), "nothing was lost, so nothing is sent again");
    let total = (up + answer.len()) as f64;
    table
        .row("reconnect within the grace period, up and down", bytes(total))
        .compared(format!("{up} B up, {} B down", answer.len()))
        .at_most(total, 99.0, " B");
}
