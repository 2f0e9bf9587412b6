//! What happens when the server is unreachable, when a node reconnects too late, and when the server refuses.

use std::time::Duration;

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::until;
use lanai_nats::{ConnectError, Options};
use lanai_pubsub::{Broker, PublishError, SubscriberId, Topic, TransportState};

const NUMBERS: Topic<u32> = Topic::new("numbers");

async fn next(listener: &mut lanai_pubsub::Listener<u32>) -> u32 {
    *tokio::time::timeout(Duration::from_secs(30), listener.next()).await.expect("a message comes").unwrap()
}

fn is_disconnected(broker: &Broker) -> bool {
    matches!(broker.transport_state(), TransportState::Disconnected { .. })
}

#[tokio::test]
async fn during_an_outage_messages_wait_up_to_a_limit_and_then_arrive_once() {
    let server = NatsServer::start().await;
    let (link, other) = (Link::to(server.port()).await, lanai_nats::connect(&server.url(), "test").await.unwrap());
    let broker = Options::new("test").buffer(100, 1 << 20).connect(&link.url()).await.unwrap();
    assert_eq!(broker.transport_state(), TransportState::Connected);
    let mut changes = broker.listen(TransportState::CHANGES).unwrap();
    let (mut here, mut there) = (broker.listen(NUMBERS).unwrap(), other.listen(NUMBERS).unwrap());
    let local = broker.listen(Topic::<u32>::local("numbers")).unwrap();

    link.becomes(Condition::Cut);
    assert!(matches!(*changes.next().await.unwrap(), TransportState::Disconnected { .. }));
    for number in 0..100 {
        assert_eq!(broker.publish(NUMBERS, number).unwrap().local_receivers(), None);
    }
    assert!(matches!(broker.transport_state(), TransportState::Disconnected { buffered: 100, .. }));
    let error = broker.publish(NUMBERS, 100).unwrap_err();
    assert_eq!(error, PublishError::Unavailable { topic: "numbers".into(), buffered: 100 });
    assert!(
        error.to_string().contains("the transport is disconnected and its buffer is full: 100 messages wait"),
        "{error}"
    );
    assert_eq!(
        broker.publish(Topic::local("numbers"), 7_u32).unwrap().local_receivers(),
        Some(1),
        "local topics go on"
    );
    drop(local);

    link.becomes(Condition::Whole);
    assert_eq!(*changes.next().await.unwrap(), TransportState::Connected);
    let mut last = None;
    until("there is room again", async || {
        last = broker.publish(NUMBERS, 100).ok();
        last.is_some()
    })
    .await;
    last.unwrap().stored().await.unwrap();
    for number in 0..=100 {
        assert_eq!((next(&mut here).await, next(&mut there).await), (number, number));
    }
}

/// A connection over which nothing arrives, although it is not closed.
#[tokio::test]
async fn a_dead_link_is_noticed_within_seconds() {
    let server = NatsServer::start().await;
    let (link, other) = (Link::to(server.port()).await, lanai_nats::connect(&server.url(), "test").await.unwrap());
    let broker = lanai_nats::connect(&link.url(), "test").await.unwrap();
    let mut here = broker.listen(NUMBERS).unwrap();
    link.becomes(Condition::Dead);
    other.publish(NUMBERS, 1).unwrap();
    let waiting = broker.publish(NUMBERS, 2).unwrap();
    until("it is noticed", async || is_disconnected(&broker)).await;
    link.becomes(Condition::Whole);
    waiting.stored().await.unwrap();
    assert_eq!((next(&mut here).await, next(&mut here).await), (1, 2));
}

#[tokio::test]
async fn a_node_that_reconnects_too_late_is_told() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let other = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let broker = lanai_nats::connect(&link.url(), "test").await.unwrap();
    let mut listener = broker.listen(NUMBERS).unwrap();
    let mut past = broker.listen(Topic::<u32>::new("numbers").history(5)).unwrap();
    let mut any = broker.listen(Topic::<u32>::new("below").any()).unwrap();
    other.publish(NUMBERS, 0).unwrap();
    assert_eq!(next(&mut listener).await, 0);
    link.becomes(Condition::Cut);
    until("the transport is disconnected", async || is_disconnected(&broker)).await;
    for number in 1..=50 {
        other.publish(NUMBERS, number).unwrap().stored().await.unwrap();
    }
    // As if a limit was reached.
    server.client().await.get_stream("test-0").await.unwrap().purge().keep(10).await.unwrap();
    link.becomes(Condition::Whole);
    let missed = tokio::time::timeout(Duration::from_secs(30), listener.try_next()).await.unwrap().unwrap_err();
    assert_eq!(missed.at_most, 40);
    assert!(missed.to_string().contains("messages were missed, 40 at most"), "{missed}");
    for number in 41..=50 {
        assert_eq!(next(&mut listener).await, number);
    }
    assert!(any.try_next().await.is_err(), "those who watch by wildcard are told too");
    assert_eq!(next(&mut past).await, 0);
    assert_eq!((next(&mut past).await, past.gaps()), (41, 1), "a stream goes on, and counts");
    assert_eq!(broker.gaps(), 1);
    // The history is what the server still has.
    let mut late = broker.listen(NUMBERS.history(20)).unwrap();
    assert_eq!(next(&mut late).await, 41);
}

#[tokio::test]
async fn messages_that_the_server_would_refuse_are_refused_at_once() {
    let server = NatsServer::start().await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    const TEXTS: Topic<String> = Topic::new("texts");
    let mut listener = broker.listen(TEXTS).unwrap();
    let error = broker.publish(TEXTS, "x".repeat(2 << 20)).unwrap_err();
    assert!(matches!(error, PublishError::TooLarge { limit: 1_048_576, .. }), "{error}");
    assert!(error.to_string().contains("but the transport accepts at most 1048576"), "{error}");
    let error = broker.publish(TEXTS.at("x".repeat(5_000)), "x".into()).unwrap_err();
    assert!(error.to_string().contains("its topic has a name of"), "{error}");
    // Messages up to the limit are accepted, and so are odd names.
    let large = "x".repeat(1_048_576 - 400);
    broker.publish(TEXTS, large.clone()).unwrap().stored().await.unwrap();
    assert_eq!(*listener.next().await.unwrap(), large);
    for name in ["", "*", ">", "a b", "é\u{2028}", "$JS.API", "a.b"] {
        let mut odd = broker.listen(TEXTS.at(name).history(1)).unwrap();
        broker.publish(TEXTS.at(name), name.into()).unwrap().stored().await.unwrap();
        assert_eq!(*odd.next().await.unwrap(), name);
        let mut late = broker.listen(TEXTS.at(name).history(1)).unwrap();
        assert_eq!(*late.next().await.unwrap(), name);
    }
}

/// Another version of the program, or another program, on the same topic.
#[tokio::test]
async fn messages_that_cannot_be_deserialized_are_refused_and_counted() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Unwritable;
    let server = NatsServer::start().await;
    let nodes = [
        lanai_nats::connect(&server.url(), "test").await.unwrap(),
        lanai_nats::connect(&server.url(), "test").await.unwrap(),
    ];
    let mut numbers = nodes[0].listen(NUMBERS).unwrap();
    nodes[1].publish("numbers", String::from("text")).unwrap().stored().await.unwrap();
    nodes[1].publish("numbers", Unwritable).unwrap().stored().await.unwrap();
    nodes[1].publish(NUMBERS, 1).unwrap();
    assert_eq!(next(&mut numbers).await, 1);
    assert_eq!(nodes[0].refused(), 2);
    let error = nodes[0].publish("numbers", String::from("text")).unwrap_err();
    assert!(matches!(error, PublishError::TypeMismatch(_)), "where a subscriber is, its publisher knows at once");
}

#[tokio::test]
async fn the_error_for_an_unusable_server_says_what_to_do() {
    let unused = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("nats://someone:secret@{}", listener.local_addr().unwrap())
    };
    let error = lanai_nats::connect(&unused, "test").await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable { .. }));
    let text = error.to_string();
    assert!(text.contains("nats-server --jetstream") && !text.contains("secret"), "{text}");
    assert!(lanai_nats::connect(" , ", "test").await.unwrap_err().to_string().contains("no NATS server was given"));
    assert!(Options::new("a.b").connect(&unused).await.unwrap_err().to_string().contains("stream's name"));

    // One of several servers may be down, and a program may wait for one.
    let mut server = NatsServer::start().await;
    let broker = lanai_nats::connect(&format!("{unused}, {}", server.url()), "test").await.unwrap();
    broker.publish(NUMBERS, 1).unwrap().stored().await.unwrap();
    server.stop().await;
    let url = server.url();
    let waiting = tokio::spawn(async move { Options::new("test").wait_for_server(true).connect(&url).await });
    server.start_again().await;
    let broker = waiting.await.unwrap().unwrap();
    let mut past = broker.listen(NUMBERS.history(1)).unwrap();
    assert_eq!(next(&mut past).await, 1);
}

/// The history of a long topic among many others is found without reading all of it.
#[tokio::test]
async fn the_history_of_a_long_topic_is_found() {
    let server = NatsServer::start().await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    const SPARSE: Topic<u32> = Topic::new("sparse");
    let mut last = None;
    for number in 0..6_000 {
        if number % 1_000 == 0 {
            broker.publish(SPARSE, number).unwrap();
        }
        last = Some(broker.publish(NUMBERS, number).unwrap());
    }
    last.unwrap().stored().await.unwrap();
    let fresh = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for (topic, count, wanted) in [
        (NUMBERS, 5, Vec::from_iter(5_995..6_000)),
        (NUMBERS, 700, Vec::from_iter(5_300..6_000)),
        (SPARSE, 3, vec![3_000, 4_000, 5_000]),
    ] {
        let mut past = fresh.listen(topic.history(count)).unwrap();
        for wanted in wanted {
            assert_eq!(next(&mut past).await, wanted);
        }
    }
    let mut none = fresh.listen(Topic::<u32>::new("none").history(5)).unwrap();
    fresh.publish("none", 1_u32).unwrap();
    assert_eq!(next(&mut none).await, 1);
    let mut all = fresh.listen(SPARSE.history(1_000)).unwrap();
    assert_eq!((next(&mut all).await, next(&mut all).await), (0, 1_000));
}

/// The stream is deleted while the program runs: it is recreated, subscribers are told, and messages flow again.
#[tokio::test]
async fn a_deleted_stream_is_recreated() {
    let server = NatsServer::start().await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let mut listener = broker.listen(NUMBERS.history(3)).unwrap();
    for number in 0..10 {
        broker.publish(NUMBERS, number).unwrap().stored().await.unwrap();
        assert_eq!(next(&mut listener).await, number);
    }
    let client = server.client().await;
    client.delete_stream("test-0").await.unwrap();
    broker.publish(NUMBERS, 10).unwrap().stored().await.unwrap();
    assert!(listener.try_next().await.is_err());
    assert_eq!(next(&mut listener).await, 10);
    let mut late = broker.listen(NUMBERS.history(3)).unwrap();
    assert_eq!(next(&mut late).await, 10);
}

/// A view that leaves while its topic waits for a transport that is disconnected.
#[tokio::test]
async fn a_subscriber_that_leaves_before_its_history_arrives_leaves_nothing_behind() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let broker = lanai_nats::connect(&link.url(), "test").await.unwrap();
    link.becomes(Condition::Cut);
    until("the transport is disconnected", async || is_disconnected(&broker)).await;
    let subscription = broker.subscribe(SubscriberId::new(), NUMBERS.history(5), |_| panic!("it has left")).unwrap();
    drop(subscription);
    let mut stays = broker.listen(NUMBERS.at(1).history(5)).unwrap();
    broker.publish(NUMBERS, 1).unwrap();
    broker.publish(NUMBERS.at(1), 2).unwrap();
    link.becomes(Condition::Whole);
    assert_eq!(next(&mut stays).await, 2);
    drop(stays);
    until("no topic is left", async || broker.topics().is_empty()).await;
}
