//! Ending a session ends its pages on every node, even on one that was disconnected meanwhile.

use cluster::app::AppNode;
use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use wire::{Received, Visitor, get};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-app");

async fn is_told(page: &mut Visitor) {
    loop {
        match page.receive().await {
            Received::Text(text) if text.starts_with('[') => {}
            other => {
                assert_eq!(other, Received::Text(r#"{"gone":"the session has ended"}"#.into()));
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_ends_the_pages_of_all_nodes() {
    let server = NatsServer::start().await;
    let here = AppNode::start(PROGRAM, &server.url()).await;
    let there = AppNode::start(PROGRAM, &server.url()).await;
    let mut pages =
        [Visitor::visit(here.address, "/member/ann").await, Visitor::visit(there.address, "/member/ann").await];
    let mut other = Visitor::visit(there.address, "/member/bob").await;
    assert_eq!(get(here.address, "/log-out/ann").await.body(), "goodbye");
    for page in &mut pages {
        is_told(page).await;
    }
    // Her next page is accepted as usual, and is not ended by the node's own event.
    let mut next = Visitor::visit(here.address, "/member/ann").await;
    assert_eq!(get(there.address, "/log-out/nobody").await.body(), "goodbye");
    for page in [&mut next, &mut other] {
        page.send("[]").await;
        while page.receive().await != Received::Text("[]".into()) {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disconnected_node_learns_of_a_logout_when_it_reconnects() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let here = AppNode::start(PROGRAM, &server.url()).await;
    let there = AppNode::start(PROGRAM, &link.url()).await;
    let mut page = Visitor::visit(there.address, "/member/ann").await;
    link.becomes(Condition::Cut);
    assert_eq!(get(here.address, "/log-out/ann").await.body(), "goodbye");
    link.becomes(Condition::Whole);
    is_told(&mut page).await;
}
