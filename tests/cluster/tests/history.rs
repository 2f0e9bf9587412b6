//! The history of topics, from a stream that contains many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::until;
use lanai_pubsub::{Broker, Listener, Message, Topic, TransportState};

const NUMBERS: Topic<u32> = Topic::new("numbers");

/// The number of topics in the test of many topics. `LANAI_HISTORY_TOPICS=20000` is its long form.
fn many() -> u32 {
    std::env::var("LANAI_HISTORY_TOPICS")
        .map_or(3_000, |count| count.parse().expect("LANAI_HISTORY_TOPICS is a number"))
}

fn is_disconnected(broker: &Broker) -> bool {
    matches!(broker.transport_state(), TransportState::Disconnected { .. })
}

async fn next<T: Send + Sync + 'static>(listener: &mut Listener<T>) -> Arc<T> {
    let next = tokio::time::timeout(Duration::from_secs(120), listener.next()).await;
    next.expect("a message comes").expect("the broker is alive")
}

/// Publishes as soon as there is room.
async fn publish<T: Message + Clone>(broker: &Broker, topic: &Topic<T>, message: T) {
    until("there is room", async || broker.publish(topic, message.clone()).is_ok()).await;
}

/// Waits until everything that `broker` has published is stored.
async fn stored(broker: &Broker) {
    broker.publish("fence", ()).unwrap().stored().await.unwrap();
}

/// Publishes on its own topic, and measures how long its messages take to reach a node meanwhile.
struct Pulse {
    worst: Arc<AtomicU64>,
    tasks: [tokio::task::JoinHandle<()>; 2],
}

impl Pulse {
    fn start(from: &Broker, to: &Broker) -> Self {
        const BEATS: Topic<u64> = Topic::new("beats");
        let begun = Instant::now();
        let worst = Arc::<AtomicU64>::default();
        let mut beats = to.listen(BEATS).unwrap();
        let beating = tokio::spawn({
            let from = from.clone();
            async move {
                loop {
                    from.publish(BEATS, u64::try_from(begun.elapsed().as_micros()).unwrap()).unwrap();
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        });
        let hearing = tokio::spawn({
            let worst = Arc::clone(&worst);
            async move {
                while let Some(beat) = beats.next().await {
                    worst.fetch_max(u64::try_from(begun.elapsed().as_micros()).unwrap() - *beat, Ordering::Relaxed);
                }
            }
        });
        Self { worst, tasks: [beating, hearing] }
    }

    fn worst(&self) -> Duration {
        Duration::from_micros(self.worst.load(Ordering::Relaxed))
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Watches how many consumers the server has at once.
struct Watch {
    most: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    async fn start(server: &NatsServer) -> Self {
        let stream = server.client().await.get_stream("test-0").await.unwrap();
        let most = Arc::<AtomicUsize>::default();
        let task = tokio::spawn({
            let most = Arc::clone(&most);
            async move {
                loop {
                    if let Ok(info) = stream.get_info().await {
                        most.fetch_max(info.state.consumer_count, Ordering::Relaxed);
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        });
        Self { most, task }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Prints what a test has measured. It asserts nothing, since a busy machine is not a failure.
fn figures(what: &str, begun: Instant, pulse: &Pulse, consumers: &Watch, server: &NatsServer, before: Option<u64>) {
    let mib = |bytes: Option<u64>| bytes.unwrap_or(0) >> 20;
    println!(
        "{what}: {:.2?}; worst live latency {:.1?}; the server holds {} MiB, before {} MiB; {} consumers at most",
        begun.elapsed(),
        pulse.worst(),
        mib(server.memory()),
        mib(before),
        consumers.most.load(Ordering::Relaxed),
    );
}

/// A node that has published a number of messages on each of many topics.
async fn writer_of_many(server: &NatsServer, each: u32) -> Broker {
    let writer = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for number in 0..each {
        for topic in 0..many() {
            publish(&writer, &NUMBERS.at(topic), number).await;
        }
    }
    stored(&writer).await;
    writer
}

/// A node starts whose pages all request the history of their own topic.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_node_reads_the_history_of_many_topics_at_once() {
    const EACH: u32 = 3;
    let server = NatsServer::start().await;
    let writer = writer_of_many(&server, EACH).await;
    let fresh = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let pulse = Pulse::start(&writer, &fresh);
    let consumers = Watch::start(&server).await;
    let (before, begun) = (server.memory(), Instant::now());
    let mut pasts: Vec<_> = (0..many()).map(|topic| fresh.listen(NUMBERS.at(topic).history(3)).unwrap()).collect();
    for past in &mut pasts {
        for number in 0..EACH {
            assert_eq!(*next(past).await, number);
        }
    }
    figures(&format!("{} topics of {EACH} messages", many()), begun, &pulse, &consumers, &server, before);
    assert!(consumers.most.load(Ordering::Relaxed) <= 2 + 10, "each of the nodes has one, and a few search");
    assert_eq!((fresh.gaps(), fresh.refused()), (0, 0));
}

/// A scan holds a bounded amount: long messages, with many of them requested on each of many topics.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_beyond_the_memory_limit_is_read_in_parts() {
    const TEXTS: Topic<String> = Topic::new("texts");
    // 3 MB here; 100 MiB and more in the long form.
    let (topics, each, wanted) = if many() > 3_000 { (1_000, 120, 100) } else { (100, 30, 20) };
    let server = NatsServer::start().await;
    let writer = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for number in 0..each {
        for topic in 0..topics {
            let text = format!("{number} {}", "x".repeat(1_000));
            publish(&writer, &TEXTS.at(topic), text).await;
        }
    }
    stored(&writer).await;
    let fresh = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let pulse = Pulse::start(&writer, &fresh);
    let consumers = Watch::start(&server).await;
    let (before, begun) = (server.memory(), Instant::now());
    let mut pasts: Vec<_> = (0..topics).map(|topic| fresh.listen(TEXTS.at(topic).history(wanted)).unwrap()).collect();
    for past in &mut pasts {
        for number in each - wanted..each {
            assert!(next(past).await.starts_with(&format!("{number} ")));
        }
    }
    figures(&format!("{topics} topics of {each} long messages"), begun, &pulse, &consumers, &server, before);
    assert_eq!((fresh.gaps(), fresh.refused()), (0, 0));
}

/// Messages that are larger than a request, and some that no Lanai program has published.
#[tokio::test]
async fn large_and_foreign_messages_are_handled() {
    const TEXTS: Topic<String> = Topic::new("texts");
    let server = NatsServer::start().await;
    let writer = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let client = server.client().await;
    for number in 0..6 {
        let text = format!("{number} {}", "x".repeat(900_000));
        publish(&writer, &TEXTS.at(0), text).await;
        stored(&writer).await;
        client.publish("test.0.texts.0", "no message".into()).await.unwrap().await.unwrap();
    }
    for topic in 1..=200 {
        publish(&writer, &TEXTS.at(topic), topic.to_string()).await;
    }
    stored(&writer).await;
    let fresh = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for round in 0..2 {
        // Alone, and among others.
        let others = if round == 0 { 0 } else { 200 };
        let mut past = fresh.listen(TEXTS.at(0).history(3 + round)).unwrap();
        let mut pasts: Vec<_> = (1..=others).map(|topic| fresh.listen(TEXTS.at(topic).history(3)).unwrap()).collect();
        for number in 3 - round..6 {
            assert!(next(&mut past).await.starts_with(&format!("{number} ")), "{number}");
        }
        for (past, topic) in pasts.iter_mut().zip(1..) {
            assert_eq!(*next(past).await, u32::to_string(&topic));
        }
    }
}

/// The history of topics is far behind a burst of other messages. Some topics have none, and some one message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_of_sparse_and_empty_topics_is_found() {
    const OTHERS: Topic<u32> = Topic::new("others");
    let server = NatsServer::start().await;
    let writer = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for number in 0..3 {
        // Of the topics 0, 1, 2, …, the first has no messages, the second one message, and so on.
        for topic in (0..400).filter(|topic| number < topic % 4) {
            publish(&writer, &NUMBERS.at(topic), number).await;
        }
        for other in 0..many() * 4 {
            publish(&writer, &OTHERS, other).await;
        }
    }
    stored(&writer).await;
    let fresh = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for count in [1, 2, 3, 10] {
        let mut pasts: Vec<_> = (0..400).map(|topic| fresh.listen(NUMBERS.at(topic).history(count)).unwrap()).collect();
        let mut hot = fresh.listen(OTHERS.history(count)).unwrap();
        for topic in 0..400 {
            publish(&writer, &NUMBERS.at(topic), 7).await;
        }
        for (past, topic) in pasts.iter_mut().zip(0_u32..) {
            let there = topic % 4;
            for number in there.saturating_sub(count as u32)..there {
                assert_eq!(*next(past).await, number, "of {topic}, with {count} wanted");
            }
            assert_eq!(*next(past).await, 7, "of {topic}, with {count} wanted");
        }
        assert_eq!(*next(&mut hot).await, many() * 4 - count as u32);
        drop(pasts);
        // As it was before.
        stored(&writer).await;
        let stream = server.client().await.get_stream("test-0").await.unwrap();
        until("the sevens are gone", async || {
            let last = stream.get_info().await.unwrap().state.last_sequence;
            for place in last - 401..=last {
                if let Ok(message) = stream.get_raw_message(place).await
                    && message.payload == "7"
                {
                    stream.delete_message(place).await.unwrap();
                }
            }
            true
        })
        .await;
    }
    assert_eq!((fresh.gaps(), fresh.refused()), (0, 0));
}

/// The server is restarted, and the link of the node is cut, while the node reads the history of its topics.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_while_reading_history_loses_and_duplicates_nothing() {
    let mut server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let writer = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for number in 0..3 {
        for topic in 0..many() {
            publish(&writer, &NUMBERS.at(topic), number).await;
        }
    }
    stored(&writer).await;
    let fresh = lanai_nats::connect(&link.url(), "test").await.unwrap();
    let heard = Arc::<AtomicUsize>::default();
    let mut pasts: Vec<_> = (0..many()).map(|topic| fresh.listen(NUMBERS.at(topic).history(3)).unwrap()).collect();
    let mut counted = fresh.listen(Topic::<u32>::new("numbers").any()).unwrap();
    let counting = tokio::spawn({
        let heard = Arc::clone(&heard);
        async move {
            while counted.next().await.is_some() {
                heard.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    link.becomes(Condition::Cut);
    until("the transport is disconnected", async || is_disconnected(&fresh)).await;
    link.becomes(Condition::Whole);
    until("the transport is connected", async || !is_disconnected(&fresh)).await;
    server.stop().await;
    until("the transport is disconnected", async || is_disconnected(&fresh)).await;
    server.start_again().await;
    for topic in 0..many() {
        publish(&writer, &NUMBERS.at(topic), 3).await;
    }
    for past in &mut pasts {
        for number in 0..4 {
            assert_eq!(*next(past).await, number);
        }
    }
    until("each live message has come once", async || heard.load(Ordering::Relaxed) == many() as usize).await;
    counting.abort();
    assert_eq!((fresh.gaps(), fresh.refused()), (0, 0));
}

/// An administrator deletes consumers and messages, and a limit drops the oldest ones, while the history is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletions_while_history_is_read_stop_nobody() {
    const EACH: u32 = 4;
    let server = NatsServer::start().await;
    let _writer = writer_of_many(&server, EACH).await;
    let fresh = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let stream = server.client().await.get_stream("test-0").await.unwrap();
    let keep: std::collections::HashSet<String> = consumers(&stream).await.collect();
    let mut pasts: Vec<_> = (0..many()).map(|topic| fresh.listen(NUMBERS.at(topic).history(3)).unwrap()).collect();
    let deleting = tokio::spawn(async move {
        for round in 1..20 {
            for name in consumers(&stream).await.filter(|name| !keep.contains(name)) {
                let _ = stream.delete_consumer(&name).await;
            }
            // The first messages, which are needed only if others are not found.
            let _ = stream.purge().sequence(u64::from(many()) * round / 20 + 1).await;
        }
    });
    for (past, topic) in pasts.iter_mut().zip(0..) {
        for number in 1..EACH {
            assert_eq!(*next(past).await, number, "of {topic}");
        }
    }
    deleting.await.unwrap();
    assert_eq!((fresh.gaps(), fresh.refused()), (0, 0));
}

async fn consumers(stream: &async_nats::jetstream::stream::Stream) -> impl Iterator<Item = String> {
    use futures_util::TryStreamExt;
    stream.consumer_names().try_collect::<Vec<_>>().await.unwrap_or_default().into_iter()
}

/// Requests are dropped for pages that leave before their history arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_that_have_left_cost_nothing() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let broker = lanai_nats::connect(&link.url(), "test").await.unwrap();
    link.becomes(Condition::Cut);
    until("the transport is disconnected", async || is_disconnected(&broker)).await;
    for topic in 0..many() {
        drop(broker.listen(NUMBERS.at(topic).history(3)).unwrap());
    }
    let mut stays = broker.listen(NUMBERS.history(3)).unwrap();
    link.becomes(Condition::Whole);
    broker.publish(NUMBERS, 1).unwrap();
    assert_eq!(*next(&mut stays).await, 1);
    drop(stays);
    until("no topic is left", async || broker.topics().is_empty()).await;
}

/// Topics whose names the server would refuse have no history, and cause no harm.
#[tokio::test]
async fn a_topic_whose_name_is_too_long_has_no_history() {
    let server = NatsServer::start().await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let mut changes = broker.listen(TransportState::CHANGES).unwrap();
    let _long = broker.listen(NUMBERS.at("x".repeat(5_000)).history(3)).unwrap();
    broker.publish(NUMBERS, 1).unwrap().stored().await.unwrap();
    let mut past = broker.listen(NUMBERS.history(3)).unwrap();
    assert_eq!(*next(&mut past).await, 1);
    until("every topic is answered", async || broker.topics().len() == 3).await;
    tokio::select! {
        change = changes.next() => panic!("the connection was lost: {change:?}"),
        () = stored(&broker) => {}
    }
}
