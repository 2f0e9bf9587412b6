//! A node reads what it has subscriptions for, and replaces its readers without gaps or duplicates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::until;
use lanai_nats::{Options, OwnStream};
use lanai_pubsub::{Broker, Topic, TransportState};

const ROOM: Topic<u32> = Topic::new("room");
const BUSY: Topic<u32> = Topic::new("busy");

async fn next(listener: &mut lanai_pubsub::Listener<u32>) -> u32 {
    *tokio::time::timeout(Duration::from_secs(30), listener.next()).await.expect("a message comes").unwrap()
}

async fn consumers(server: &NatsServer, stream: &str) -> usize {
    server.client().await.get_stream(stream).await.unwrap().cached_info().state.consumer_count
}

#[tokio::test]
async fn a_stream_without_subscriptions_is_not_read() {
    let server = NatsServer::start().await;
    let nodes = [0, 1].map(|_| Options::new("test").shards(2).own_stream(OwnStream::new("own").topic("busy")));
    let [first, second] = nodes.map(async |options| options.connect(&server.url()).await.unwrap());
    let (first, second) = (first.await, second.await);
    for number in 0..100 {
        first.publish(ROOM.at(number), number).unwrap();
        first.publish(BUSY, number).unwrap();
    }
    first.publish(BUSY, 100).unwrap().stored().await.unwrap();
    for stream in ["test-0", "test-1", "test-own", "test-presence"] {
        assert_eq!(consumers(&server, stream).await, 0, "{stream}");
    }
    // It sometimes queries the end of a stream that it does not read. New subscribers receive what comes after it.
    until("the node knows how far the stream is", async || {
        let mut busy = second.listen(BUSY.history(2)).unwrap();
        (next(&mut busy).await, next(&mut busy).await) == (99, 100)
    })
    .await;
    let busy = second.listen(BUSY).unwrap();
    until("one is read", async || consumers(&server, "test-own").await == 1).await;
    let any = second.listen(ROOM.any()).unwrap();
    until("a wildcard reads all that topics are spread over", async || {
        consumers(&server, "test-0").await == 1 && consumers(&server, "test-1").await == 1
    })
    .await;
    drop((busy, any));
    for stream in ["test-0", "test-1", "test-own"] {
        until("nothing is read any more", async || consumers(&server, stream).await == 0).await;
    }
    let mut busy = second.listen(BUSY).unwrap();
    first.publish(BUSY, 101).unwrap();
    assert_eq!(next(&mut busy).await, 101, "what was before is the past");
}

/// A message that is published anywhere after `listen` has returned is received, whatever the node was reading before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_published_after_a_subscription_are_received() {
    let server = NatsServer::start().await;
    let (here, there) =
        (lanai_nats::connect(&server.url(), "test").await.unwrap(), lanai_nats::connect(&server.url(), "test").await);
    let there = there.unwrap();
    let mut busy = here.listen(BUSY).unwrap();
    let flood = tokio::spawn({
        let there = there.clone();
        async move {
            for number in 0.. {
                there.publish(BUSY, number).unwrap();
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        }
    });
    let mut kept = Vec::new();
    for room in 0..60 {
        let mut new = here.listen(ROOM.at(room)).unwrap();
        there.publish(ROOM.at(room), room).unwrap();
        there.publish(ROOM.at(room), room + 1_000).unwrap();
        assert_eq!((next(&mut new).await, next(&mut new).await), (room, room + 1_000));
        // Some subscriptions end again, so that the reader changes in both directions.
        if room % 3 == 0 {
            kept.push(new);
        }
    }
    flood.abort();
    let first = next(&mut busy).await;
    there.publish(BUSY, u32::MAX).unwrap();
    let mut last = first;
    loop {
        match next(&mut busy).await {
            u32::MAX => break,
            number => {
                assert_eq!(number, last + 1);
                last = number;
            }
        }
    }
    assert!(last > first, "nothing flowed meanwhile: so the test proves nothing");
}

/// Subscribers of many topics come and go on a node while messages flow on all topics and its link is sometimes cut.
/// Each receives a contiguous part, from what was published after it had subscribed, or from the history that it asked
/// for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_are_replaced_without_gaps_or_duplicates() {
    const TOPICS: usize = 12;
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let there = Options::new("test").shards(2).connect(&server.url()).await.unwrap();
    let here = Options::new("test").shards(2).connect(&link.url()).await.unwrap();
    let issued: Arc<[AtomicU32; TOPICS]> = Arc::default();
    let publishing = tokio::spawn(publish(there.clone(), Arc::clone(&issued)));
    let guests = (0..8_u64).map(|guest| tokio::spawn(visit(here.clone(), guest, Arc::clone(&issued))));
    let guests: Vec<_> = guests.collect();
    let cutting = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            link.becomes(Condition::Cut);
            tokio::time::sleep(Duration::from_millis(100)).await;
            link.becomes(Condition::Whole);
        }
    };
    cutting.await;
    let mut heard = 0;
    for guest in guests {
        heard += guest.await.unwrap();
    }
    publishing.abort();
    println!("{heard} messages were heard by subscribers that came and went");
    assert!(heard > 1_000, "{heard} messages prove little");
    assert_eq!((here.gaps(), here.refused()), (0, 0));

    async fn publish(broker: Broker, issued: Arc<[AtomicU32; TOPICS]>) {
        loop {
            for (topic, issued) in issued.iter().enumerate() {
                // Before publishing: a subscriber that came before this is read must receive the message.
                let number = issued.fetch_add(1, Ordering::SeqCst);
                broker.publish(ROOM.at(topic), number).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn visit(broker: Broker, guest: u64, issued: Arc<[AtomicU32; TOPICS]>) -> usize {
        let mut random = guest.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut draw = move |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        let mut heard = 0;
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < Duration::from_secs(6) {
            let topic = draw(TOPICS as u64) as usize;
            let past = if draw(2) == 0 { 0 } else { 5 };
            let before = issued[topic].load(Ordering::SeqCst);
            let mut listener = broker.listen(ROOM.at(topic).history(past)).unwrap();
            let after = issued[topic].load(Ordering::SeqCst);
            let wanted = 1 + draw(40) as usize;
            let mut run = Vec::new();
            while run.len() < wanted {
                run.push(next(&mut listener).await);
            }
            assert!(run.iter().copied().eq(run[0]..run[0] + wanted as u32), "a gap or a duplicate on {topic}: {run:?}");
            assert!(run[0] <= after, "what was published after the subscription is missing: {after} to {}", run[0]);
            if past > 0 && before > 10 {
                assert!(
                    run[0] < before,
                    "the history is missing: {before} were published, and it began with {}",
                    run[0]
                );
            }
            heard += run.len();
        }
        heard
    }
}

#[tokio::test]
async fn programs_that_share_a_server_by_accident_are_told() {
    let server = NatsServer::start().await;
    let url = server.url();
    let broker = Options::new("test").shards(2).connect(&url).await.unwrap();
    drop(broker);
    let error = Options::new("test").connect(&url).await.unwrap_err().to_string();
    assert!(error.contains("spread as `2 for all`") && error.contains("Options::shards"), "{error}");
    let streams = [Options::new("test").shards(2).own_stream(OwnStream::new("x").topic("t"))];
    for options in streams {
        let error = options.connect(&url).await.unwrap_err().to_string();
        assert!(error.contains("Options::own_stream"), "{error}");
    }
    // Another executable: this one, but with another name in the stream's description.
    let client = server.client().await;
    let mut config = client.get_stream("test-0").await.unwrap().cached_info().config.clone();
    let ours = config.description.clone().unwrap();
    config.description =
        Some(format!("{}`another`{}", &ours[..ours.find('`').unwrap()], &ours[ours.rfind('`').unwrap() + 1..]));
    client.update_stream(&config).await.unwrap();
    let error = Options::new("test").shards(2).connect(&url).await.unwrap_err().to_string();
    assert!(error.contains("it belongs to `another`") && error.contains("Options::shared"), "{error}");
    Options::new("test").shards(2).shared(true).connect(&url).await.unwrap();
    // Programs with different names share nothing.
    let (mine, yours) =
        (lanai_nats::connect(&url, "mine").await.unwrap(), lanai_nats::connect(&url, "yours").await.unwrap());
    let (mut here, mut there) = (mine.listen(BUSY).unwrap(), yours.listen(BUSY).unwrap());
    mine.publish(BUSY, 1).unwrap().stored().await.unwrap();
    yours.publish(BUSY, 2).unwrap().stored().await.unwrap();
    assert_eq!((next(&mut here).await, next(&mut there).await), (1, 2));
}

#[tokio::test]
async fn a_stream_that_may_drop_unread_messages_is_refused() {
    use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy};
    let server = NatsServer::start().await;
    let client = server.client().await;
    let plain = || Config { name: "test-0".into(), subjects: vec!["test.0.>".into()], ..Config::default() };
    for (config, reason) in [
        (Config { retention: RetentionPolicy::WorkQueue, ..plain() }, "retention is not `limits`"),
        (Config { retention: RetentionPolicy::Interest, ..plain() }, "retention is not `limits`"),
        (Config { max_messages_per_subject: 10, ..plain() }, "--max-msgs-per-subject=-1"),
        (Config { discard: DiscardPolicy::New, max_bytes: 1 << 20, ..plain() }, "--discard=old"),
        (Config { no_ack: true, ..plain() }, "--ack"),
        (Config { subjects: vec!["test.0.a".into()], ..plain() }, "has the subjects"),
    ] {
        client.create_stream(config).await.unwrap();
        let error = lanai_nats::connect(&server.url(), "test").await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        client.delete_stream("test-0").await.unwrap();
    }
    // A stream that an administrator has created correctly is accepted.
    client.create_stream(plain()).await.unwrap();
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    broker.publish(BUSY, 1).unwrap().stored().await.unwrap();
}

/// Visitors query the end of the stream again and again while much of it is read. An answer is about the time when the
/// query started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn querying_the_end_of_a_busy_stream_ends_no_connection() {
    let server = NatsServer::start().await;
    let here = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let there = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let mut changes = here.listen(TransportState::CHANGES).unwrap();
    let mut busy = here.listen(BUSY).unwrap();
    let visitors: Vec<_> = (0..4)
        .map(|_| {
            let here = here.clone();
            tokio::spawn(async move {
                loop {
                    here.refresh().await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 0..20_000 {
        there.publish(BUSY, number).unwrap();
        if number % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    for number in 0..20_000 {
        assert_eq!(next(&mut busy).await, number);
    }
    visitors.iter().for_each(|visitor| visitor.abort());
    changes.close();
    assert_eq!(changes.next().await, None, "the connection was lost");
}
