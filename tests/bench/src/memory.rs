//! The memory of an idle page.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

use crate::Result;
use crate::client::{Http, Page, Socket};
use crate::machine;
use crate::server::Server;
use crate::table::{Table, number};

const CHATS: usize = 10_000;
/// The number of pages that connect first, so that memory which a server allocates only once is not counted.
const FIRST: usize = 100;

/// Connects clients to both servers, disconnects them, and connects new ones.
pub(crate) fn table() -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let count = CHATS.min((machine::open_files() as usize).saturating_sub(300));
    let (mut lanai, mut bare) = (Server::lanai()?, Server::bare()?);
    let ours = runtime.block_on(chats(&lanai, FIRST))?;
    let theirs = runtime.block_on(sockets(&bare, FIRST))?;
    settle(&runtime);
    let (lanai_empty, bare_empty) = (lanai.memory()?, bare.memory()?);

    let bare_all = runtime.block_on(sockets(&bare, count))?;
    settle(&runtime);
    let bare_each = (bare.memory()? - bare_empty) / count as f64;
    drop((bare_all, theirs));
    bare.until(0)?;

    let mut fill = || -> Result<(f64, f64)> {
        let pages = runtime.block_on(chats(&lanai, count))?;
        settle(&runtime);
        let full = (lanai.memory()? - lanai_empty) / count as f64;
        runtime.block_on(async {
            for page in pages {
                page.leave().await?;
            }
            Ok::<_, std::io::Error>(())
        })?;
        lanai.until(FIRST)?;
        settle(&runtime);
        Ok((full, (lanai.memory()? - lanai_empty) / count as f64))
    };
    let (full, left) = fill()?;
    let (again, left_again) = fill()?;
    drop(ours);

    let kib = |value: f64| format!("{value:.1} KiB");
    let all = number(count as f64);
    let mut table = Table::default();
    table
        .row(format!("an idle chat, with {all} attached"), kib(full))
        .compared(format!("bare socket {}", kib(bare_each)))
        .ratio(full / bare_each)
        .at_most(full, 12.0, " KiB");
    table
        .row("the same, after all left and others came", kib(again))
        .compared(format!("before {}", kib(full)))
        .ratio(again / full)
        .at_most(again / full, 1.1, " x");
    table.row("kept by the allocator after all left", kib(left));
    table.row("the same, the second time", kib(left_again));
    table.note(format!(
        "increase in the resident memory of the server's process over that with {FIRST} chats, divided by {all}; \
         without the kernel's buffers"
    ));
    table.note("the chat of the examples, attached and idle; the bare socket has the same buffer sizes");
    Ok(table)
}

async fn chats(server: &Server, count: usize) -> Result<Vec<Page>> {
    let mut http = Http::open(server.address).await?;
    let mut pages = Vec::with_capacity(count);
    for visit in 0..count {
        // Opens new connections as browsers do, so that the server's threads, and the allocator's arenas, share the
        // work.
        if visit % 10 == 0 {
            http = Http::open(server.address).await?;
        }
        pages.push(Page::visit(&mut http, "/chat/Alice").await?);
    }
    Ok(pages)
}

async fn sockets(server: &Server, count: usize) -> Result<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        sockets.push(Socket::open(server.address, "/listen").await?);
    }
    Ok(sockets)
}

/// Lets the server finish the work of the last connection.
fn settle(runtime: &Runtime) {
    runtime.block_on(async { sleep(Duration::from_millis(300)).await });
}
