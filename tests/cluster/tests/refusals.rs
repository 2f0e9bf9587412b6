//! What the server refuses is settled, reported to its publisher, and holds up nothing else. If an outcome cannot be
//! known, it is reported as unknown.

use std::collections::HashSet;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Config;
use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::until;
use lanai_nats::Options;
use lanai_pubsub::{Broker, Listener, PublishError, Receipt, Topic, TransportState};

const NUMBERS: Topic<u32> = Topic::new("numbers");
const TEXTS: Topic<String> = Topic::new("texts");
const SECRETS: Topic<u32> = Topic::new("secrets");

async fn next<T: Send + Sync + 'static>(listener: &mut Listener<T>) -> std::sync::Arc<T> {
    tokio::time::timeout(Duration::from_secs(60), listener.next()).await.expect("a message comes").unwrap()
}

async fn outcome(receipt: &Receipt) -> Result<(), PublishError> {
    tokio::time::timeout(Duration::from_secs(60), receipt.stored()).await.expect("its receipt is settled")
}

fn is_disconnected(broker: &Broker) -> bool {
    matches!(broker.transport_state(), TransportState::Disconnected { .. })
}

/// Creates the streams as an administrator would, without what Lanai reserves.
async fn streams(server: &NatsServer, config: Config) -> Context {
    let client = server.client().await;
    for stream in ["0", "presence"] {
        let (name, subjects) = (format!("test-{stream}"), vec![format!("test.{stream}.>")]);
        client.create_stream(Config { name, subjects, ..config.clone() }).await.unwrap();
    }
    client
}

/// How often the transport disconnected.
async fn losses(changes: &mut Listener<TransportState>) -> usize {
    let mut losses = 0;
    while let Ok(Some(state)) = tokio::time::timeout(Duration::from_millis(10), changes.next()).await {
        losses += usize::from(matches!(*state, TransportState::Disconnected { .. }));
    }
    losses
}

#[tokio::test]
async fn a_denied_subject_does_not_hold_up_others() {
    let config = |denied: &str| {
        format!(
            "authorization {{ users: [ {{ user: node, password: p, permissions: {{ publish: {{ deny: [{denied}] }} }} }},
             {{ user: admin, password: p }} ] }}"
        )
    };
    let server = NatsServer::with_config(&config("\"test.0.secrets\", \"test.0.secrets.>\"")).await;
    let broker = lanai_nats::connect(&server.url_as("node:p"), "test").await.unwrap();
    let mut changes = broker.listen(TransportState::CHANGES).unwrap();
    let mut numbers = broker.listen(NUMBERS).unwrap();
    let mut denied = Vec::new();
    for number in 0..2_000 {
        broker.publish(NUMBERS, number).unwrap();
        if number % 5 == 0 {
            denied.push(broker.publish(SECRETS.at(number % 3), number).unwrap());
        }
    }
    for number in 0..2_000 {
        assert_eq!(*next(&mut numbers).await, number);
    }
    for (at, receipt) in denied.iter().enumerate() {
        let error = outcome(receipt).await.unwrap_err();
        let topic = format!("secrets.{}", at * 5 % 3);
        assert!(matches!(&error, PublishError::Refused { topic: of, .. } if *of == topic), "{error}");
        assert!(error.to_string().contains("does not let this user publish on `test.0.secrets"), "{error}");
    }
    assert_eq!(losses(&mut changes).await, 0);

    // The permission is revoked and granted while the node is connected.
    server.reload(&config("\"test.0.>\"")).await;
    let mut refused = None;
    until("it is taken away", async || {
        let receipt = broker.publish(NUMBERS, 0).unwrap();
        refused = outcome(&receipt).await.err();
        refused.is_some()
    })
    .await;
    assert!(matches!(refused, Some(PublishError::Refused { .. })), "{refused:?}");
    server.reload(&config("\"nothing\"")).await;
    until("it is given back", async || outcome(&broker.publish(SECRETS, 1).unwrap()).await.is_ok()).await;
    outcome(&broker.publish(NUMBERS, 1).unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_message_that_became_too_large_while_waiting_is_refused() {
    let mut server = NatsServer::with_config("").await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let mut changes = broker.listen(TransportState::CHANGES).unwrap();
    let mut numbers = broker.listen(NUMBERS).unwrap();
    server.stop().await;
    until("the transport is disconnected", async || is_disconnected(&broker)).await;
    for number in 0..10 {
        broker.publish(NUMBERS, number).unwrap();
    }
    let large = broker.publish(TEXTS, "x".repeat(500_000)).unwrap();
    let small = broker.publish(TEXTS, "x".repeat(5_000)).unwrap();
    for number in 10..20 {
        broker.publish(NUMBERS, number).unwrap();
    }
    let server = NatsServer::again(server, "max_payload: 100000").await;
    let error = outcome(&large).await.unwrap_err();
    assert!(matches!(error, PublishError::TooLarge { limit: 100_000, bytes: 500_000.., .. }), "{error}");
    outcome(&small).await.unwrap();
    for number in 0..20 {
        assert_eq!(*next(&mut numbers).await, number);
    }
    assert!(losses(&mut changes).await <= 2, "once when the server ended, and no more over the message");
    assert!(matches!(broker.publish(TEXTS, "x".repeat(500_000)), Err(PublishError::TooLarge { limit: 100_000, .. })));
    drop(server);
}

#[tokio::test]
async fn a_full_store_refuses_messages_and_ends_no_connection() {
    let server = NatsServer::with_config("jetstream { max_file_store: 8MB }").await;
    let client = streams(&server, Config::default()).await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let mut changes = broker.listen(TransportState::CHANGES).unwrap();
    let mut texts = broker.listen(TEXTS).unwrap();
    let receipts: Vec<Receipt> =
        (0..300).map(|number| broker.publish(TEXTS, format!("{number:05}{}", "x".repeat(50_000))).unwrap()).collect();
    let (mut stored, mut refused) = (Vec::new(), 0);
    for (number, receipt) in receipts.iter().enumerate() {
        match outcome(receipt).await {
            Ok(()) => stored.push(number),
            Err(PublishError::Refused { .. }) => refused += 1,
            Err(error) => panic!("unexpected error: {error}"),
        }
    }
    println!("{} were stored and {refused} refused", stored.len());
    assert!(!stored.is_empty() && refused > 0);
    for number in stored {
        assert_eq!(next(&mut texts).await[..5], format!("{number:05}"));
    }
    assert_eq!(losses(&mut changes).await, 0);
    client.get_stream("test-0").await.unwrap().purge().await.unwrap();
    until("there is room again", async || outcome(&broker.publish(TEXTS, "x".into()).unwrap()).await.is_ok()).await;
}

#[tokio::test]
async fn a_full_buffer_is_distinguished_from_an_outage() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let broker = Options::new("test").buffer(50, 1 << 20).connect(&link.url()).await.unwrap();
    let refused =
        (0..100_000).find_map(|number| broker.publish(NUMBERS, number).err()).expect("it is full at some time");
    assert_eq!(refused, PublishError::BufferFull { topic: "numbers".into(), buffered: 50 });
    assert!(refused.to_string().contains("buffer is full: 50 messages wait"), "{refused}");
    assert_eq!(broker.transport_state(), TransportState::Connected);
    link.becomes(Condition::Cut);
    until("the transport is disconnected", async || is_disconnected(&broker)).await;
    let refused = (0..100).find_map(|number| broker.publish(NUMBERS, number).err()).expect("it is full soon");
    assert!(matches!(refused, PublishError::Unavailable { .. }), "{refused}");
}

/// The server has lost the end of a stream, as when an old backup is restored, and others have published since.
/// Subscribers are told of the gap, and receive what has taken its place.
#[tokio::test]
async fn a_server_that_has_lost_the_end_of_a_stream_is_noticed() {
    for (lost, since) in [(10, 0), (10, 3), (10, 10), (10, 30)] {
        let mut server = NatsServer::start().await;
        let link = Link::to(server.port()).await;
        let other = lanai_nats::connect(&server.url(), "test").await.unwrap();
        let broker = lanai_nats::connect(&link.url(), "test").await.unwrap();
        let mut numbers = broker.listen(NUMBERS).unwrap();
        for number in 0..50 - lost {
            outcome(&other.publish(NUMBERS, number).unwrap()).await.unwrap();
        }
        let kept = server.snapshot().await;
        for number in 50 - lost..50 {
            outcome(&other.publish(NUMBERS, number).unwrap()).await.unwrap();
        }
        for number in 0..50 {
            assert_eq!(*next(&mut numbers).await, number);
        }
        link.becomes(Condition::Cut);
        until("the transport is disconnected", async || is_disconnected(&broker)).await;
        drop(other);
        server.kill().await;
        server.put_back(&kept);
        server.start_again().await;
        let other = lanai_nats::connect(&server.url(), "test").await.unwrap();
        for number in 0..since {
            outcome(&other.publish(NUMBERS, 1_000 + number).unwrap()).await.unwrap();
        }
        link.becomes(Condition::Whole);
        let missed = tokio::time::timeout(Duration::from_secs(30), numbers.try_next()).await.unwrap();
        assert_eq!(missed.unwrap_err().at_most, u64::MAX, "{lost} {since}");
        outcome(&other.publish(NUMBERS, 2_000).unwrap()).await.unwrap();
        for number in (1_000..1_000 + since).chain([2_000]) {
            assert_eq!(*next(&mut numbers).await, number, "{lost} {since}");
        }
        assert_eq!(broker.gaps(), 1);
        // The history is what the server has.
        let mut past = broker.listen(NUMBERS.history(5)).unwrap();
        let all: Vec<u32> = (0..50 - lost).chain(1_000..1_000 + since).chain([2_000]).collect();
        for number in &all[all.len() - 5..] {
            assert_eq!(next(&mut past).await, (*number).into());
        }
    }
}

/// Messages are stored, their confirmations are lost, and the connection is lost for longer than the server remembers
/// their ids. Messages still in the stream are known to be stored, messages that it has dropped are unknown, and none
/// arrives twice.
#[tokio::test]
async fn messages_whose_ids_the_server_has_forgotten_do_not_arrive_twice() {
    for dropped in [false, true] {
        let server = NatsServer::start().await;
        let forgetful = Config { duplicate_window: Duration::from_millis(500), ..Config::default() };
        let client = streams(&server, forgetful).await;
        let link = Link::to(server.port()).await;
        let other = lanai_nats::connect(&server.url(), "test").await.unwrap();
        let broker = lanai_nats::connect(&link.url(), "test").await.unwrap();
        let mut heard = other.listen(NUMBERS).unwrap();
        outcome(&broker.publish(NUMBERS, 0).unwrap()).await.unwrap();
        assert_eq!(*next(&mut heard).await, 0);
        // The confirmations do not arrive.
        link.becomes(Condition::Deaf);
        let receipts: Vec<Receipt> = (1..=20).map(|number| broker.publish(NUMBERS, number).unwrap()).collect();
        for number in 1..=20 {
            assert_eq!(*next(&mut heard).await, number);
        }
        link.becomes(Condition::Cut);
        until("the transport is disconnected", async || is_disconnected(&broker)).await;
        if dropped {
            outcome(&other.publish(NUMBERS, 100).unwrap()).await.unwrap();
            client.get_stream("test-0").await.unwrap().purge().keep(1).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        link.becomes(Condition::Whole);
        for (at, receipt) in receipts.iter().enumerate() {
            match outcome(receipt).await {
                Ok(()) if !dropped => {}
                Err(PublishError::OutcomeUnknown { topic }) if dropped => assert_eq!(topic, "numbers"),
                outcome => panic!("dropped: {dropped}, and the outcome of {at} is {outcome:?}"),
            }
        }
        outcome(&broker.publish(NUMBERS, 200).unwrap()).await.unwrap();
        let mut rest = HashSet::new();
        while *next(&mut heard).await != 200 {
            rest.insert(1);
            assert!(dropped && rest.len() == 1, "a message arrived twice");
        }
    }
}
