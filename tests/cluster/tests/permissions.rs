//! A server denies or limits what a node needs: the node says so, asks rarely, and continues with what it may do.

use std::time::Duration;

use async_nats::jetstream::stream::Config;
use cluster::nats::NatsServer;
use cluster::until;
use lanai_nats::{ConnectError, Options};
use lanai_pubsub::{Broker, Listener, Receipt, Topic, TransportState};

const NUMBERS: Topic<u32> = Topic::new("numbers");

/// A user `node` with limited permissions, and an administrator.
fn config(publish: &str, subscribe: &str) -> String {
    format!(
        "authorization {{ users: [
             {{ user: node, password: p, permissions: {{ publish: {{ deny: [{publish}] }}, subscribe: {{ deny: [{subscribe}] }} }} }},
             {{ user: admin, password: p }} ] }}"
    )
}

async fn next(listener: &mut Listener<u32>) -> u32 {
    *tokio::time::timeout(Duration::from_secs(60), listener.next()).await.expect("a message comes").unwrap()
}

async fn stored(receipt: &Receipt) {
    let stored = tokio::time::timeout(Duration::from_secs(60), receipt.stored()).await;
    stored.expect("its receipt is settled").unwrap();
}

fn is_disconnected(broker: &Broker) -> bool {
    matches!(broker.transport_state(), TransportState::Disconnected { .. })
}

fn denials(server: &NatsServer) -> usize {
    server.log().lines().filter(|line| line.contains("Violation")).count()
}

#[tokio::test]
async fn a_denied_permission_is_named_when_a_node_connects() {
    for (publish, subscribe, named) in [
        ("\"$JS.API.STREAM.INFO.>\"", "", "publish on `$JS.API.STREAM.INFO.test-"),
        ("", "\"_INBOX.>\"", "subscribe to `_INBOX."),
    ] {
        let server = NatsServer::with_config(&config(publish, subscribe)).await;
        lanai_nats::connect(&server.url_as("admin:p"), "test").await.unwrap();
        let error = lanai_nats::connect(&server.url_as("node:p"), "test").await.unwrap_err();
        assert!(matches!(error, ConnectError::Denied { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(named) && text.contains("allow it to publish on `$JS.API.>`"), "{text}");
        assert_eq!(text.matches("does not let").count(), 1, "{text}");
        assert!(denials(&server) <= 2, "it asked again: {}", server.log());
    }
}

#[tokio::test]
async fn a_node_that_may_not_read_says_so_and_still_publishes() {
    let denied = "\"$JS.API.CONSUMER.CREATE.>\", \"$JS.API.CONSUMER.DURABLE.>\"";
    let server = NatsServer::with_config(&config(denied, "")).await;
    let other = lanai_nats::connect(&server.url_as("admin:p"), "test").await.unwrap();
    let broker = lanai_nats::connect(&server.url_as("node:p"), "test").await.unwrap();
    let mut heard = broker.listen(NUMBERS).unwrap();
    stored(&other.publish(NUMBERS, 0).unwrap()).await;
    until("it says that it hears nothing", async || is_disconnected(&broker)).await;
    // Subscribers that come and go meanwhile do not make it ask more often.
    let before = denials(&server);
    for room in 1..200 {
        let guest = broker.listen(NUMBERS.at(room)).unwrap();
        stored(&broker.publish(NUMBERS, room).unwrap()).await;
        drop(guest);
    }
    let asked = denials(&server) - before;
    assert!(asked < 10, "it asked {asked} times");
    server.reload(&config("", "")).await;
    for number in 0..200 {
        assert_eq!(next(&mut heard).await, number);
    }
    until("it hears all", async || !is_disconnected(&broker)).await;
    assert_eq!(broker.gaps(), 0);
}

#[tokio::test]
async fn denying_answers_while_connected_loses_nothing() {
    let server = NatsServer::with_config(&config("", "")).await;
    let other = lanai_nats::connect(&server.url_as("admin:p"), "test").await.unwrap();
    let broker = lanai_nats::connect(&server.url_as("node:p"), "test").await.unwrap();
    let mut heard = broker.listen(NUMBERS).unwrap();
    stored(&other.publish(NUMBERS, 0).unwrap()).await;
    assert_eq!(next(&mut heard).await, 0);
    server.reload(&config("", "\"_INBOX.>\"")).await;
    until("the transport is disconnected", async || is_disconnected(&broker)).await;
    let mine = broker.publish(NUMBERS, 1).unwrap();
    for number in 2..20 {
        stored(&other.publish(NUMBERS, number).unwrap()).await;
    }
    server.reload(&config("", "")).await;
    stored(&mine).await;
    let mut all = Vec::new();
    while all.len() < 19 {
        all.push(next(&mut heard).await);
    }
    all.sort_unstable();
    assert!(all.into_iter().eq(1..20));
    assert_eq!(broker.gaps(), 0);
}

#[tokio::test]
async fn with_one_consumer_allowed_the_second_node_still_publishes() {
    let server = NatsServer::start().await;
    let config =
        Config { name: "test-0".into(), subjects: vec!["test.0.>".into()], max_consumers: 1, ..Config::default() };
    server.client().await.create_stream(config).await.unwrap();
    let first = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let second = Options::new("test").connect(&server.url()).await.unwrap();
    let mut heard = first.listen(NUMBERS).unwrap();
    stored(&second.publish(NUMBERS, 0).unwrap()).await;
    assert_eq!(next(&mut heard).await, 0);
    let mut late = second.listen(NUMBERS.at(2)).unwrap();
    until("the second says that it hears nothing", async || is_disconnected(&second)).await;
    stored(&second.publish(NUMBERS, 1).unwrap()).await;
    stored(&second.publish(NUMBERS.at(2), 2).unwrap()).await;
    assert_eq!(next(&mut heard).await, 1);
    assert!(!is_disconnected(&first));
    drop(heard);
    drop(first);
    assert_eq!(next(&mut late).await, 2);
    until("the second hears all", async || !is_disconnected(&second)).await;
}
