//! Presence that is larger than the transport's buffer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cluster::nats::NatsServer;
use cluster::until;
use futures_util::StreamExt;
use lanai_nats::Options;
use lanai_pubsub::presence::{Presence, Track};
use lanai_pubsub::{Broker, Topic};
use tokio::task::JoinHandle;

const ROOM: Topic<String> = Topic::new("room");
const NUMBERS: Topic<u32> = Topic::new("numbers");

/// The metadata of each person: as large as allowed.
const META: usize = 16_000;

/// A broker, and the task that drives its presence.
struct Node {
    broker: Broker,
    presence: Presence,
    running: JoinHandle<()>,
}

impl Node {
    async fn start(server: &NatsServer) -> Self {
        let broker = Options::new("test").buffer(1_000, 2 << 20).connect(&server.url()).await.unwrap();
        let presence = broker.presence();
        presence.set_heartbeat(Duration::from_millis(500));
        let running = tokio::spawn({
            let presence = presence.clone();
            async move { presence.run(tokio::time::sleep).await }
        });
        Self { broker, presence, running }
    }

    fn crowd(&self, people: std::ops::Range<usize>) -> Vec<Track> {
        let meta = "x".repeat(META);
        people.map(|number| self.presence.track(ROOM, number, &meta).unwrap()).collect()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// How many bytes the nodes have sent to the server, each message counted as often as it was sent.
struct Sent(Arc<AtomicUsize>);

impl Sent {
    async fn count(server: &NatsServer) -> Self {
        let client = async_nats::connect(server.url()).await.unwrap();
        let mut messages = client.subscribe("test.>").await.unwrap();
        client.flush().await.unwrap();
        let bytes = Arc::<AtomicUsize>::default();
        tokio::spawn({
            let bytes = Arc::clone(&bytes);
            async move {
                while let Some(message) = messages.next().await {
                    bytes.fetch_add(message.payload.len(), Ordering::Relaxed);
                }
            }
        });
        Self(bytes)
    }

    /// Since the last call.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

async fn until_all_see(nodes: &[&Node], people: usize) {
    for node in nodes {
        until(&format!("{people} people are here"), async || node.presence.count(ROOM) == people).await;
    }
}

/// Two nodes with half of the people each, then a late one, then two at once.
async fn people_are_seen_by_all(people: usize) {
    let server = NatsServer::start().await;
    let sent = Sent::count(&server).await;
    let (one, other) = (Node::start(&server).await, Node::start(&server).await);
    let all = people * META;
    let begun = std::time::Instant::now();
    let mut took = Vec::new();

    let _here = one.crowd(0..people / 2);
    let _there = other.crowd(people / 2..people);
    until_all_see(&[&one, &other], people).await;
    took.push((sent.take(), begun.elapsed()));

    let late = Node::start(&server).await;
    // What the program publishes meanwhile finds room, and arrives before all of the state.
    let mut numbers = late.broker.listen(NUMBERS).unwrap();
    let publishing = AtomicBool::new(true);
    let published = async {
        let mut count = 0;
        while publishing.load(Ordering::Relaxed) {
            one.broker.publish(NUMBERS, count).expect("there is room").stored().await.expect("it is stored");
            count += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        count
    };
    let seen = async {
        until_all_see(&[&late], people).await;
        publishing.store(false, Ordering::Relaxed);
    };
    let (published, ()) = tokio::join!(published, seen);
    for number in 0..published {
        assert_eq!(*numbers.next().await.unwrap(), number);
    }
    took.push((sent.take(), begun.elapsed()));

    let (third, fourth) = tokio::join!(Node::start(&server), Node::start(&server));
    until_all_see(&[&third, &fourth], people).await;
    // If two nodes come one after the other, the first may know everyone before the transfer ends. Then all agree, and
    // nobody requests anything.
    let mut two = sent.take();
    until("only heartbeats are sent", async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let more = sent.take();
        two += more;
        more < 20_000
    })
    .await;
    took.push((two, begun.elapsed()));
    println!("{people} people, {all} bytes; sent when they came, to one node, and to two: {took:?}");
    for (bytes, most) in took.iter().map(|(bytes, _)| *bytes).zip([1.1, 1.2, 2.2]) {
        assert!(
            bytes as f64 <= all as f64 * most + 100_000.0,
            "{bytes} bytes were sent for {all}, {most} times at most"
        );
    }
    for node in [&one, &other, &late, &third, &fourth] {
        assert_eq!((node.broker.gaps(), node.broker.refused()), (0, 0));
    }
}

/// Five thousand in the long form of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_people_with_large_metadata_are_seen_by_all_nodes() {
    let is_long = std::env::var_os("LANAI_CHAOS_RUNS").is_some();
    people_are_seen_by_all(if is_long { 5_000 } else { 1_000 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_transfer_continues_after_an_outage() {
    const PEOPLE: usize = 1_000;
    let mut server = NatsServer::start().await;
    let one = Node::start(&server).await;
    let _here = one.crowd(0..PEOPLE);
    until_all_see(&[&one], PEOPLE).await;

    let sent = Sent::count(&server).await;
    let late = Node::start(&server).await;
    until("a part is there", async || late.presence.count(ROOM) > PEOPLE / 10).await;
    drop(late);
    let late = Node::start(&server).await;
    until("a part is there", async || late.presence.count(ROOM) > PEOPLE / 10).await;
    server.stop().await;
    // People come and go meanwhile.
    let mut guests = one.crowd(PEOPLE..PEOPLE + 200);
    guests.drain(..100);
    server.start_again().await;
    until_all_see(&[&one, &late], PEOPLE + 100).await;
    let (bytes, all) = (sent.take(), (PEOPLE + 100) * META);
    assert!(bytes < 3 * all, "{bytes} bytes were sent for {all}");
    assert_eq!((late.broker.gaps(), late.broker.refused()), (0, 0));
}
