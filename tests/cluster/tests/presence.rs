//! Presence when nodes are killed, restarted and disconnected from each other: real pages on real nodes.

use std::time::Duration;

use cluster::app::{AppNode, Known};
use cluster::nats::NatsServer;
use cluster::until;
use wire::{Received, Visitor, get};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-app");

async fn start(server: &NatsServer, count: usize) -> Vec<AppNode> {
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(AppNode::start(PROGRAM, &server.url()).await);
    }
    nodes
}

async fn known(node: &AppNode) -> Known {
    serde_json::from_str(get(node.address, "/known").await.body()).expect("it is JSON")
}

async fn visit(node: &AppNode, name: &str) -> Visitor {
    Visitor::visit(node.address, &format!("/member/{name}")).await
}

async fn until_all_see(nodes: &[AppNode], names: &[&str]) {
    for node in nodes {
        until(&format!("{names:?} are here, each once"), async || known(node).await.are_here_once(names)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_a_killed_node_leave_and_the_others_stay() {
    let server = NatsServer::start().await;
    let mut nodes = start(&server, 3).await;
    let _ann = visit(&nodes[0], "Ann").await;
    let _bob = visit(&nodes[1], "Bob").await;
    let _cat = visit(&nodes[2], "Cat").await;
    until_all_see(&nodes, &["Ann", "Bob", "Cat"]).await;
    // Cat is on two nodes.
    let _cat_too = visit(&nodes[1], "Cat").await;
    until("Cat is in two tabs", async || known(&nodes[0]).await.here.contains(&("Cat".into(), 2))).await;

    let mut killed = nodes.remove(1);
    killed.kill().await;
    until_all_see(&nodes, &["Ann", "Cat"]).await;
    let late = AppNode::start(PROGRAM, &server.url()).await;
    until("a new node knows them", async || known(&late).await.are_here_once(&["Ann", "Cat"])).await;
    for node in &nodes {
        assert_eq!(known(node).await.leaves(), ["-Bob NodeLost"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_of_all_nodes_shows_no_leave() {
    let server = NatsServer::start().await;
    let mut nodes = start(&server, 3).await;
    let observer = AppNode::start(PROGRAM, &server.url()).await;
    let names = ["Ann", "Bob", "Cat", "Dan", "Eve", "Fay"];
    let mut pages = Vec::new();
    for (number, name) in names.iter().enumerate() {
        pages.push((number % 3, visit(&nodes[number % 3], name).await));
    }
    until_all_see(&nodes, &names).await;
    for old in 0..3 {
        nodes[old].stop().await;
        // The pages notice, and the next node mounts them.
        let next = (old + 1) % 3;
        for (number, (at, page)) in pages.iter_mut().enumerate() {
            if *at == old {
                assert!(matches!(page.receive_until_closed().await, Received::Closed(1012, _) | Received::Broken));
                *page = visit(&nodes[next], names[number]).await;
                *at = next;
            }
        }
        nodes[old] = AppNode::start(PROGRAM, &server.url()).await;
        until_all_see(&nodes, &names).await;
        until_all_see(std::slice::from_ref(&observer), &names).await;
    }
    let known = known(&observer).await;
    assert_eq!(known.leaves(), [""; 0]);
    assert_eq!(known.told.len(), names.len(), "nobody joined twice: {:?}", known.told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn during_an_outage_nobody_leaves() {
    let mut server = NatsServer::start().await;
    let nodes = start(&server, 3).await;
    let names = ["Ann", "Bob", "Cat"];
    let mut pages = Vec::new();
    for (node, name) in nodes.iter().zip(names) {
        pages.push(visit(node, name).await);
    }
    until_all_see(&nodes, &names).await;
    server.stop().await;
    for node in &nodes {
        until("the node is disconnected", async || known(node).await.is_disconnected).await;
    }
    // An outage that is longer than many heartbeats.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let _dan = visit(&nodes[0], "Dan").await;
    server.start_again().await;
    until_all_see(&nodes, &["Ann", "Bob", "Cat", "Dan"]).await;
    // A false leave would come late, after three heartbeats.
    tokio::time::sleep(Duration::from_secs(6)).await;
    for node in &nodes {
        let known = known(node).await;
        assert!(known.are_here_once(&["Ann", "Bob", "Cat", "Dan"]), "{known:?}");
        assert_eq!(known.leaves(), [""; 0]);
        assert_eq!(known.told.len(), 4, "{:?}", known.told);
    }
}
