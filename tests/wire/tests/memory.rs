//! The memory of views is freed when they end. The test measures the memory of its process, so it is a separate binary.

use std::time::Duration;

use lanai::prelude::*;
use lanai::{Limits, live};
use wire::{Server, get};

const LINES: Topic<String> = Topic::new("lines");

/// A view that takes about 20 KB.
struct Heavy {
    lines: Vec<String>,
}

impl Heavy {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(LINES, |view: &mut Self, line: &String| view.lines.push(line.clone()));
        cx.every(Duration::from_secs(60), |_: &mut Self| {});
        Self { lines: vec!["x".repeat(1000); 20] }
    }
}

impl View for Heavy {
    fn render(&self) -> Html<Self> {
        html! { @for line in &self.lines { p { (line) } } }
    }
}

/// The resident memory of this process in KiB, or `None` on systems without `/proc`.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::test]
async fn memory_returns_when_views_end() {
    const VIEWS: u64 = 2_500;
    let limits = Limits { grace: Duration::from_millis(1), ..Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(Heavy::mount))).await;
    let mut after = Vec::new();
    for round in 1..=4 {
        for _ in 0..VIEWS / 50 {
            futures_util::future::join_all((0..50).map(|_| get(server.address, "/"))).await;
        }
        server.until("all are gone", |stats| stats.mounts == round * VIEWS && stats.instances == 0).await;
        assert_eq!((server.stats().subscriptions, server.stats().detached), (0, 0));
        after.extend(resident());
    }
    // If each view leaked its 20 KB, the rounds after the first would leak 150 MB.
    if let [first, .., last] = after[..] {
        assert!(last < first + 20 * 1024, "KiB after each round of {VIEWS} views: {after:?}");
    }
}
