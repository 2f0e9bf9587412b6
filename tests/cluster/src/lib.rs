//! Helpers for the tests with several nodes: a real NATS server, a link to it that can be cut, and nodes in their own
//! processes.

pub mod app;
pub mod deploy;
pub mod link;
pub mod nats;
pub mod node;
pub mod process;
pub mod secrets;
pub mod state;
pub mod suite;

use std::time::Duration;

use tokio::process::{Child, Command};

/// Waits until a condition holds.
///
/// # Panics
///
/// If it does not hold after 60 s.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(60), waiting).await.is_ok(),
        "after 60 s, this still does not hold: {what}"
    );
}

/// How many rounds a long test takes: one, or the number in the variable `LANAI_CHAOS_RUNS`.
pub fn rounds() -> u32 {
    std::env::var("LANAI_CHAOS_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1)
}

/// Sends a signal to a process. The name is without `SIG`.
///
/// # Panics
///
/// If it has ended.
pub async fn signal(process: &Child, signal: &str) {
    let id = process.id().expect("the process runs").to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status().await.expect("`kill` can be run");
    assert!(sent.success(), "the process cannot be sent {signal}");
}
