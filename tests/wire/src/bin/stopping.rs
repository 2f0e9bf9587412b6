//! A program for the tests that stop one. It prints where it listens, and at its end how many views were told that it
//! stops.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lanai::prelude::*;
use lanai::{App, CloseReason, Limits};

static CLOSED: AtomicU32 = AtomicU32::new(0);

/// Counts how many of it are closed. One button blocks a thread forever, and the other one takes some time.
struct Page;

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::blocks) {}
            button onclick=(Self::slow) {}
        }
    }

    fn closed(&mut self, reason: CloseReason) {
        assert_eq!(reason, CloseReason::Shutdown);
        CLOSED.fetch_add(1, Ordering::Relaxed);
    }
}

impl Page {
    fn blocks(&mut self) {
        println!("blocks");
        loop {
            std::thread::park();
        }
    }

    async fn slow(&mut self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

fn main() -> lanai::Result {
    let threads = number("THREADS").map_or(2, |threads| threads as usize);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(serve())
}

/// Reads a number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

async fn serve() -> lanai::Result {
    let milliseconds = |name: &str| Duration::from_millis(number(name).unwrap_or(60_000));
    let limits =
        Limits { shutdown: milliseconds("SHUTDOWN"), request_head: milliseconds("REQUEST_HEAD"), ..Limits::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let app = App::new().limits(limits).route("/", live(|_: Cx<Page>| async { Page }));
    app.serve_on(listener).await?;
    println!("{} closed", CLOSED.load(Ordering::Relaxed));
    Ok(())
}
