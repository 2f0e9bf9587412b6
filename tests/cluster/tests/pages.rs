//! Whole programs: pages on several nodes.

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::until;
use lanai::prelude::*;
use lanai::{PublishError, TransportState};
use wire::{Server, Visitor};

const CHAT: Topic<Line> = Topic::new("chat").history(3);

#[derive(Serialize, Deserialize)]
struct Line(String);

/// A chat whose lines are single words, and which shows errors.
struct Chat {
    lines: Vec<String>,
    failures: usize,
}

impl Chat {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(CHAT, Self::received);
        Self { lines: Vec::new(), failures: 0 }
    }

    fn received(&mut self, Line(line): &Line) {
        self.lines.push(line.clone());
    }

    fn say(&mut self, cx: &Cx<Self>) {
        cx.publish(CHAT, Line(format!("line{}", self.lines.len())));
    }

    fn say_too_much(&mut self, cx: &Cx<Self>) {
        cx.publish(CHAT, Line("x".repeat(2 << 20)));
    }
}

impl View for Chat {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::say) { "Say" }
            button onclick=(Self::say_too_much) { "Say too much" }
            p { (self.lines.join(" ")) }
            p { (self.failures) }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        if let Some(PublishError::TooLarge { .. }) = error.downcast_ref() {
            self.failures += 1;
        }
    }
}

async fn node(servers: &str) -> Server {
    let broker = lanai_nats::connect(servers, "test").await.unwrap();
    let app = App::new().broker(broker).route("/", live(Chat::mount)).route("/denied", live(Denied::mount));
    Server::start(app).await
}

/// A page that publishes on a topic without permission.
struct Denied {
    failure: String,
}

impl Denied {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { failure: "none".into() }
    }

    fn say(&mut self, cx: &Cx<Self>) {
        cx.publish(Topic::new("denied"), Line("hello".into()));
    }
}

impl View for Denied {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(Self::say) { "Say" } p { (self.failure) } }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        if let Some(PublishError::Refused { topic, .. }) = error.downcast_ref() {
            self.failure = format!("{topic} was refused");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_is_told_what_the_server_has_refused() {
    let config = "authorization { users: [ { user: node, password: p, permissions: { publish: { deny: [\"test.0.denied\"] } } } ] }";
    let server = NatsServer::with_config(config).await;
    let node = node(&server.url_as("node:p")).await;
    let mut visitor = Visitor::visit(node.address, "/denied").await;
    visitor.event(0, None).await;
    sees(&mut visitor, "denied was refused", 1).await;
    assert_eq!(node.stats().errors, 1);
}

/// Reads frames until they have contained the text a number of times. A frame contains only what was added to a text.
async fn sees(visitor: &mut Visitor, text: &str, times: usize) {
    let mut seen = 0;
    while seen < times {
        seen += visitor.frame().await.matches(text).count();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_is_shown_on_all_nodes_and_to_late_visitors() {
    let server = NatsServer::start().await;
    let (link, url) = (Link::to(server.port()).await, server.url());
    let (one, other) = (node(&link.url()).await, node(&url).await);
    let mut alice = Visitor::visit(one.address, "/").await;
    let mut bob = Visitor::visit(other.address, "/").await;
    alice.event(0, None).await;
    sees(&mut alice, "line0", 1).await;
    sees(&mut bob, "line0", 1).await;
    bob.event(0, None).await;
    sees(&mut alice, "line1", 1).await;
    sees(&mut bob, "line1", 1).await;

    // A late visitor, on a new node.
    let third = node(&url).await;
    until("the history is on a late page", async || wire::get(third.address, "/").await.body().contains("line0 line1"))
        .await;
    bob.event(0, None).await;
    sees(&mut bob, "line2", 1).await;
    sees(&mut alice, "line2", 1).await;

    // The server is unreachable: pages continue to work, and what was said is shown when it is back.
    link.becomes(Condition::Cut);
    until("the transport is disconnected", async || {
        matches!(one.handle.broker().transport_state(), TransportState::Disconnected { .. })
    })
    .await;
    bob.event(0, None).await;
    sees(&mut bob, "line3", 1).await;
    alice.event(0, None).await;
    alice.settled().await;
    link.becomes(Condition::Whole);
    // What she said while she was disconnected comes after what she had read until then.
    sees(&mut bob, "line3", 1).await;
    sees(&mut alice, "line3", 2).await;

    // The view that publishes is told of the failure.
    alice.event(1, None).await;
    sees(&mut alice, "1", 1).await;
    assert_eq!(one.stats().errors, 1);
}
