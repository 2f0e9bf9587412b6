//! Nodes are killed, a server is restarted and links are cut while messages flow.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::node::{Mark, Node, Order};
use cluster::until;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-node");

/// Four nodes publish 7,000 messages each, and each has a subscriber. Meanwhile one node is killed, the server is
/// stopped and started, and the link of another node is cut for ten seconds. The surviving nodes receive each message
/// once, and all in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_duplicated() {
    const EACH: u32 = 7_000;
    const KILLED: usize = 3;
    let mut server = NatsServer::start().await;
    let (mut nodes, mut links) = (Vec::new(), Vec::new());
    for number in 0..4 {
        let link = Link::to(server.port()).await;
        nodes.push(Node::start(PROGRAM, number, &link.url()).await);
        links.push(link);
    }
    // It takes about ten seconds, so that everything happens while messages flow.
    for node in &mut nodes {
        node.tell(Order::Publish { from: 0, count: EACH, pace: 1 }).await;
    }
    let heard = |node: &Node| node.said(|said| said.heard.len());
    until("messages flow", async || nodes.iter().all(|node| heard(node) > 1_500)).await;

    nodes[KILLED].kill().await;
    let at_death = nodes[KILLED].said(|said| (said.stored.clone(), said.heard.len()));

    let flowing = heard(&nodes[1]);
    until("messages flow without it", async || heard(&nodes[1]) > flowing + 1_000).await;
    links[0].becomes(Condition::Cut);
    let cut = tokio::time::Instant::now();
    until("the cut is noticed", async || nodes[0].said(|said| said.disconnects) > 0).await;
    server.stop().await;
    until("all are disconnected", async || nodes[..KILLED].iter().all(|node| node.said(|said| said.disconnects) > 0))
        .await;
    server.start_again().await;
    let flowing = heard(&nodes[1]);
    until("the others are back", async || heard(&nodes[1]) > flowing).await;
    tokio::time::sleep_until(cut + Duration::from_secs(10)).await;
    links[0].becomes(Condition::Whole);

    let complete = |node: &Node| {
        node.said(|said| {
            let own = |number| said.heard.iter().filter(|mark| mark.0 == number).count();
            (0..KILLED as u32).all(|number| own(number) >= EACH as usize)
        })
    };
    until("everything of the survivors has come", async || nodes[..KILLED].iter().all(complete)).await;
    until("everything of the survivors is confirmed", async || {
        nodes[..KILLED].iter().all(|node| node.said(|said| said.stored.len() == EACH as usize))
    })
    .await;
    // A duplicate would arrive late.
    tokio::time::sleep(Duration::from_millis(500)).await;

    let heard: Vec<Vec<Mark>> = nodes[..KILLED].iter().map(|node| node.said(|said| said.heard.clone())).collect();
    let distinct: HashSet<Mark> = heard[0].iter().copied().collect();
    let of_the_killed = distinct.iter().filter(|mark| mark.0 == KILLED as u32).count();
    println!(
        "published by the survivors {}, by the killed node {of_the_killed} of which {} were confirmed to it; \
         heard by each survivor {}, lost 0, duplicated {}",
        EACH * KILLED as u32,
        at_death.0.len(),
        heard[0].len(),
        heard[0].len() - distinct.len(),
    );
    assert_eq!(distinct.len(), heard[0].len(), "doubled");
    assert!(heard.iter().all(|other| *other == heard[0]), "the survivors received different orders");
    assert_eq!(distinct.len() - of_the_killed, (EACH * KILLED as u32) as usize, "lost");
    let mut numbers: HashMap<u32, Vec<u32>> = HashMap::new();
    for (node, number) in &heard[0] {
        numbers.entry(*node).or_default().push(*number);
    }
    for (node, numbers) in &numbers {
        assert!(numbers.iter().copied().eq(0..numbers.len() as u32), "those of node {node} are out of order");
    }
    for number in at_death.0 {
        assert!(distinct.contains(&(KILLED as u32, number)), "{number} of the killed node was confirmed, and is lost");
    }
    for node in &nodes[..KILLED] {
        assert_eq!(node.said(|said| (said.missed, said.failed.len())), (0, 0));
    }
    // What it had received until it was killed is the beginning of the others' order.
    let begun = nodes[KILLED].said(|said| said.heard.clone());
    assert!(heard[0].starts_with(&begun), "the killed node had heard another order");
}
