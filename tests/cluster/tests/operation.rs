//! What happens to programs in operation: they are suspended, their clocks are set, and the server is unreachable for
//! long.

use std::collections::HashSet;
use std::time::Duration;

use cluster::nats::NatsServer;
use cluster::node::{Mark, Node, Order};
use cluster::until;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-node");

/// Three nodes that are publishing `each` messages each.
async fn three_at_work(server: &NatsServer, each: u32) -> Vec<Node> {
    let mut nodes = Vec::new();
    for number in 0..3 {
        nodes.push(Node::start(PROGRAM, number, &server.url()).await);
    }
    for node in &mut nodes {
        node.tell(Order::Publish { from: 0, count: each, pace: 1 }).await;
    }
    until("messages flow", async || nodes.iter().all(|node| node.said(|said| said.heard.len()) > 1_000)).await;
    nodes
}

/// Waits until each node has received `each` messages of each node and all of its receipts, and checks that all have
/// received the same messages once.
async fn exactly_once(nodes: &[Node], each: u32) {
    let all = nodes.len() * each as usize;
    for node in nodes {
        until("everything has come", async || node.said(|said| said.heard.len()) >= all).await;
        until("every receipt is given", async || node.said(|said| said.stored.len()) == each as usize).await;
    }
    // A duplicate would arrive late.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let heard: Vec<Vec<Mark>> = nodes.iter().map(|node| node.said(|said| said.heard.clone())).collect();
    for (node, heard) in nodes.iter().zip(&heard) {
        assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len(), "doubled");
        assert_eq!(heard.len(), all, "lost");
        assert_eq!(node.said(|said| (said.missed, said.failed.len())), (0, 0));
    }
    assert!(heard.iter().all(|other| *other == heard[0]), "the nodes received different orders");
}

/// As by a debugger, a container freezer, or closing the lid of a laptop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_node_receives_and_publishes_everything() {
    const EACH: u32 = 6_000;
    let server = NatsServer::start().await;
    let nodes = three_at_work(&server, EACH).await;
    nodes[0].signal("STOP").await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    nodes[0].signal("CONT").await;
    exactly_once(&nodes, EACH).await;
}

/// A node's clock is set an hour forward and then two hours back while messages flow. This needs `libfaketime` (in
/// Debian, `faketime`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_changes_nothing() {
    const EACH: u32 = 4_000;
    let Some(library) = faketime() else {
        println!("skipped: libfaketime is not installed");
        return;
    };
    let files = cluster::secrets::Files::new();
    let clock = files.write("clock", "+0");
    let server = NatsServer::start().await;
    let environment = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        // As when an administrator sets it: only the wall clock changes.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let mut nodes = vec![Node::start_with(PROGRAM, 0, &server.url(), &environment).await];
    for number in 1..3 {
        nodes.push(Node::start(PROGRAM, number, &server.url()).await);
    }
    for node in &mut nodes {
        node.tell(Order::Publish { from: 0, count: EACH, pace: 1 }).await;
    }
    let mut heard = 0;
    for offset in ["+3600", "-3600"] {
        until("messages flow", async || nodes.iter().all(|node| node.said(|said| said.heard.len()) > heard + 1_000))
            .await;
        files.write("clock", offset);
        heard = nodes[0].said(|said| said.heard.len());
    }
    exactly_once(&nodes, EACH).await;
    for node in &nodes {
        assert_eq!(node.said(|said| said.disconnects), 0, "the connection was lost");
    }
}

fn faketime() -> Option<String> {
    let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib"];
    let files = places.map(|place| format!("{place}/faketime/libfaketimeMT.so.1"));
    files.into_iter().find(|file| std::path::Path::new(file).exists())
}

/// For 20 seconds, or for `LANAI_CHAOS_MINUTES`. Nodes continue to publish while there is room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_long_outage_all_waiting_messages_are_stored() {
    const EACH: u32 = 5_000;
    let minutes = std::env::var("LANAI_CHAOS_MINUTES").ok().and_then(|minutes| minutes.parse::<u64>().ok());
    let disconnects = minutes.map_or(Duration::from_secs(20), |minutes| Duration::from_secs(60 * minutes));
    let mut server = NatsServer::start().await;
    let nodes = three_at_work(&server, EACH).await;
    server.kill().await;
    until("all are disconnected", async || nodes.iter().all(|node| node.said(|said| said.disconnects) > 0)).await;
    tokio::time::sleep(disconnects).await;
    server.start_again().await;
    exactly_once(&nodes, EACH).await;
}
