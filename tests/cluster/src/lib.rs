//! What the tests of several nodes need: a real NATS server, a link to it that can be cut, and nodes that are processes.

pub mod app;
pub mod deploy;
pub mod link;
pub mod nats;
pub mod node;
pub mod secrets;
pub mod suite;

use std::time::Duration;

use tokio::process::{Child, Command};

/// Waits until something is so.
///
/// # Panics
///
/// If it is not after 60 s, with what it was to be.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), waiting).await.is_ok(), "not so after 60 s: {what}");
}

/// How many rounds a test takes that can go on for long: one, or as the variable `LANAI_CHAOS_RUNS` says.
pub fn rounds() -> u32 {
    std::env::var("LANAI_CHAOS_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1)
}

/// Sends a process a signal, by its name without `SIG`.
///
/// # Panics
///
/// If it is gone.
pub async fn signal(process: &Child, signal: &str) {
    let id = process.id().expect("the process runs").to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status().await.expect("`kill` can be run");
    assert!(sent.success(), "the process cannot be sent {signal}");
}
