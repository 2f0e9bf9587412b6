//! Which messages arrive when a process at either end is killed: that of the receiving page, or that of the publisher.

use cluster::app::AppNode;
use cluster::nats::NatsServer;
use cluster::node::{Mark, Node, Order};
use cluster::until;
use wire::{Visitor, get};

const APP: &str = env!("CARGO_BIN_EXE_cluster-app");
const NODE: &str = env!("CARGO_BIN_EXE_cluster-node");

async fn visit(node: &AppNode, name: &str) -> (Visitor, String) {
    let visitor = Visitor::visit(node.address, &format!("/inbox/{name}")).await;
    let address = visitor.html.split("title=\"").nth(1).and_then(|rest| rest.split('"').next());
    let address = address.unwrap_or_else(|| panic!("the page shows its address: {}", visitor.html)).to_owned();
    (visitor, address)
}

async fn tell(by: &AppNode, whom: &str, text: &str) {
    let response = get(by.address, &format!("/{whom}/{text}")).await;
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "None"), "to {whom}");
}

async fn whispers(node: &AppNode) -> Vec<String> {
    serde_json::from_str(get(node.address, "/whispers").await.body()).expect("it is JSON")
}

/// The node of a page is killed, and another node mounts the visitor's page: as the same person, and as another page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_reached_on_the_new_node_but_the_old_page_address_is_not() {
    let server = NatsServer::start().await;
    let mut here = AppNode::start(APP, &server.url()).await;
    let there = AppNode::start(APP, &server.url()).await;
    let elsewhere = AppNode::start(APP, &server.url()).await;
    let (_page, address) = visit(&here, "ann").await;
    let (_other, _) = visit(&elsewhere, "bob").await;
    tell(&elsewhere, "tell-person/ann", "one").await;
    tell(&elsewhere, &format!("tell-page/{address}"), "two").await;
    until("both are heard", async || whispers(&here).await == ["one", "two"]).await;

    here.kill().await;
    // There is nobody to receive this.
    tell(&elsewhere, "tell-person/ann", "three").await;
    let (_page, moved) = visit(&there, "ann").await;
    assert_ne!(moved, address);
    tell(&elsewhere, "tell-person/ann", "four").await;
    // Accepted and stored: nobody knows where subscribers are, so the publisher is not told that there are none.
    tell(&elsewhere, &format!("tell-page/{address}"), "five").await;
    tell(&there, &format!("tell-page/{moved}"), "six").await;
    tell(&there, "tell-person/ann", "seven").await;
    until("the last is heard", async || whispers(&there).await.contains(&"seven".into())).await;
    assert_eq!(whispers(&there).await, ["four", "six", "seven"]);
    assert_eq!(whispers(&elsewhere).await, [""; 0]);
}

/// Publishers that die at once: everyone receives what `stored` has confirmed, may receive what `publish` has accepted,
/// and receives nothing twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_a_killed_publisher_arrive_once_if_confirmed_and_at_most_once_otherwise() {
    const TIMES: u32 = 10;
    let server = NatsServer::start().await;
    let mut listening = [Node::start(NODE, 0, &server.url()).await, Node::start(NODE, 1, &server.url()).await];
    for number in 0..TIMES {
        for (publisher, stored) in [(2, true), (3, false)] {
            let mut node = Node::start(NODE, publisher, &server.url()).await;
            node.tell(Order::PublishAndDie { number, stored }).await;
            node.dies().await;
        }
    }
    // When the server accepts these, it may still read what the killed publishers have written, which then arrives soon
    // after.
    listening[0].tell(Order::Publish { from: 0, count: 1, pace: 1 }).await;
    listening[1].tell(Order::Publish { from: 0, count: 1, pace: 1 }).await;
    let heard = |node: &Node| node.said(|said| said.heard.clone());
    until("both hear the end", async || {
        listening.iter().all(|node| heard(node).contains(&(0, 0)) && heard(node).contains(&(1, 0)))
    })
    .await;
    until("both have heard the same", async || heard(&listening[0]) == heard(&listening[1])).await;
    let of = |publisher: u32| {
        let heard: Vec<Mark> = heard(&listening[0]).into_iter().filter(|(from, _)| *from == publisher).collect();
        heard.into_iter().map(|(_, number)| number).collect::<Vec<u32>>()
    };
    assert_eq!(of(2), (0..TIMES).collect::<Vec<_>>(), "each that was confirmed, once");
    let unconfirmed = of(3);
    println!("of {TIMES} that were only accepted, {} were heard", unconfirmed.len());
    assert!(unconfirmed.is_sorted_by(|one, next| one < next), "at most once: {unconfirmed:?}");
}
