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

#[tokio::main(worker_threads = 2)]
async fn main() -> lanai::Result {
    let milliseconds = |name: &str| {
        let value = std::env::var(name).ok().and_then(|value| value.parse().ok());
        Duration::from_millis(value.unwrap_or(60_000))
    };
    let limits =
        Limits { shutdown: milliseconds("SHUTDOWN"), request_head: milliseconds("REQUEST_HEAD"), ..Limits::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let app = App::new().limits(limits).route("/", live(|_: Cx<Page>| async { Page }));
    app.serve_on(listener).await?;
    println!("{} closed", CLOSED.load(Ordering::Relaxed));
    Ok(())
}
