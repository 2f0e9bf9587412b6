//! What the tests of several nodes need: a real NATS server, a link to it that can be cut, and nodes that are processes.

pub mod app;
pub mod deploy;
pub mod link;
pub mod nats;
pub mod node;
pub mod suite;

use std::time::Duration;

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
