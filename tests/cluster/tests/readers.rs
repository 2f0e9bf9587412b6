//! Subscriptions to topics and wildcards come and go at random, while an administrator, the network and the server
//! interfere.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::until;
use lanai_nats::Options;
use lanai_pubsub::{Broker, Listener, Missed, Routed, Topic};

/// The publisher, the topic, and the number of its message there.
type Mark = (usize, usize, u32);

const PUBLISHERS: usize = 2;
const HOUSE: Topic<Mark> = Topic::new("house");
const ODD: Topic<Mark> = Topic::new("odd *>.\u{e9} $JS");

/// Pseudo-random numbers that are the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}

/// The topics: houses, their rooms, odd names, and people.
fn topics() -> Vec<Topic<Mark>> {
    let houses = (0..30).map(|house| HOUSE.at(house));
    let rooms = (0..60).map(|room| HOUSE.at(room % 10).at(format!("room {room}")));
    let odd = (0..20).map(|odd| ODD.at(["*", ">", ".", " ", "%", "\u{e9}", ""][odd % 7]).at(odd));
    let people = (0..20).map(Topic::person);
    houses.chain(rooms).chain(odd).chain(people).collect()
}

/// What the guests and the publishers share.
struct World {
    topics: Vec<Topic<Mark>>,
    /// How many messages were published, by publisher and topic.
    issued: Vec<Vec<AtomicU32>>,
    /// Whether guests leave and do not return.
    ends: AtomicBool,
    /// Whether messages are purged, so that guests may miss them and are told.
    purges: bool,
}

impl World {
    fn new(purges: bool) -> Self {
        let topics = topics();
        let issued = (0..PUBLISHERS).map(|_| topics.iter().map(|_| AtomicU32::new(0)).collect()).collect();
        Self { topics, issued, ends: AtomicBool::new(false), purges }
    }

    fn issued(&self) -> Vec<Vec<u32>> {
        let count = |issued: &AtomicU32| issued.load(Ordering::SeqCst);
        self.issued.iter().map(|topics| topics.iter().map(count).collect()).collect()
    }

    fn ends(&self) -> bool {
        self.ends.load(Ordering::SeqCst)
    }
}

async fn publish(world: Arc<World>, broker: Broker, publisher: usize, seed: u64) {
    let mut random = Random::new(seed);
    loop {
        for _ in 0..5 {
            let topic = random.below(world.topics.len());
            // Before publishing: a guest that came before this is read must receive the message.
            let number = world.issued[publisher][topic].fetch_add(1, Ordering::SeqCst);
            broker.publish(&world.topics[topic], (publisher, topic, number)).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What a guest listens with.
enum Ear {
    Topic(Listener<Mark>),
    Wildcard(Listener<Routed<Mark>>),
}

impl Ear {
    async fn next(&mut self) -> Result<Mark, Missed> {
        Ok(match self {
            Self::Topic(listener) => *listener.try_next().await?.expect("the broker is alive"),
            Self::Wildcard(listener) => **listener.try_next().await?.expect("the broker is alive").message(),
        })
    }
}

/// Subscribes to topics and wildcards, receives some messages, and leaves. Returns how many it has received.
async fn visit(world: Arc<World>, broker: Broker, seed: u64) -> usize {
    let (mut random, mut heard) = (Random::new(seed), 0);
    while !world.ends() {
        let topic = &world.topics[random.below(world.topics.len())];
        let wildcard = match random.below(6) {
            0 => HOUSE.any(),
            1 => HOUSE.below(),
            2 => HOUSE.at(random.below(10)).any(),
            3 => HOUSE.at(random.below(10)).below(),
            4 => ODD.below(),
            _ => ODD.at("*").any(),
        };
        let (what, mut ear) = if random.below(3) > 0 {
            let kept = [0, 0, 4, 30][random.below(4)];
            let listener = broker.listen(topic.clone().history(kept)).unwrap();
            (format!("{} with a past of {kept}", topic.name()), Ear::Topic(listener))
        } else {
            (wildcard.to_string(), Ear::Wildcard(broker.listen(&wildcard).unwrap()))
        };
        let after = world.issued();
        let mut last: HashMap<(usize, usize), u32> = HashMap::new();
        let (mut may_begin_late, mut left) = (false, 1 + random.below(60));
        // Since when it knows of a gap that it was not told of.
        let mut owed_since: Option<Instant> = None;
        while left > 0 || owed_since.is_some() {
            left = left.saturating_sub(1);
            assert!(
                owed_since.is_none_or(|since| since.elapsed() < Duration::from_secs(60)),
                "guest {seed} at {what} is not told that it misses something, after {last:?}"
            );
            let next = tokio::time::timeout(Duration::from_secs(60), ear.next()).await;
            let next = next.unwrap_or_else(|_| panic!("guest {seed} at {what} hears nothing any more, after {last:?}"));
            let (publisher, topic, number) = match next {
                Ok(mark) => mark,
                Err(missed) => {
                    assert!(world.purges, "guest {seed} at {what} has missed something: {missed}");
                    (may_begin_late, owed_since) = (true, None);
                    last.clear();
                    continue;
                }
            };
            heard += 1;
            let is_due = match last.insert((publisher, topic), number) {
                Some(before) if world.purges && number > before + 1 => false,
                Some(before) => {
                    assert_eq!(
                        number,
                        before + 1,
                        "a gap or a duplicate of publisher {publisher} on topic {topic} for guest {seed} at {what}"
                    );
                    true
                }
                None => may_begin_late || number <= after[publisher][topic],
            };
            assert!(
                is_due || world.purges,
                "guest {seed} at {what} hears {number} first of publisher {publisher} on topic {topic}, and came after {}",
                after[publisher][topic]
            );
            // A purge while a few topics are read is noticed at the next check of the stream.
            if !is_due {
                owed_since.get_or_insert_with(Instant::now);
            }
        }
    }
    heard
}

/// Deletes the consumers of a stream.
async fn delete_consumers(server: &NatsServer, stream: &str) -> usize {
    use futures_util::TryStreamExt;
    let stream = server.client().await.get_stream(stream).await.unwrap();
    let names: Vec<String> = stream.consumer_names().try_collect().await.unwrap();
    let mut deleted = 0;
    for name in names {
        // Some have expired meanwhile.
        deleted += usize::from(stream.delete_consumer(&name).await.is_ok());
    }
    deleted
}

/// One round of guests that come and go, with random interference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Cut,
    DeletedConsumers,
    Restart,
    Suspended,
    Purge,
}

async fn round(seed: u64, purges: bool) {
    let mut server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let options = || Options::new("test").shards(2);
    let here = options().connect(&link.url()).await.unwrap();
    let world = Arc::new(World::new(purges));
    let mut publishing = Vec::new();
    for publisher in 0..PUBLISHERS {
        // One of them is on the node of the guests.
        let broker = if publisher == 0 { here.clone() } else { options().connect(&server.url()).await.unwrap() };
        publishing.push(tokio::spawn(publish(
            Arc::clone(&world),
            broker,
            publisher,
            seed * 100 + 50 + publisher as u64,
        )));
    }
    let guests = (0..if seed.is_multiple_of(2) { 4 } else { 40 })
        .map(|guest| tokio::spawn(visit(Arc::clone(&world), here.clone(), seed * 100 + guest)));
    let guests: Vec<_> = guests.collect();
    let mut random = Random::new(seed);
    let mut done = Vec::new();
    // In the long form, readers of few topics have time to follow the subscriptions.
    for _ in 0..if cluster::rounds() > 1 { 15 } else { 5 } {
        tokio::time::sleep(Duration::from_millis(300 + random.below(900) as u64)).await;
        let kinds = [Trouble::Cut, Trouble::DeletedConsumers, Trouble::Restart, Trouble::Suspended, Trouble::Purge];
        let trouble = kinds[random.below(if purges { 5 } else { 4 })];
        done.push(trouble);
        match trouble {
            Trouble::Cut => {
                link.becomes(Condition::Cut);
                tokio::time::sleep(Duration::from_millis(200)).await;
                link.becomes(Condition::Whole);
            }
            Trouble::DeletedConsumers => {
                delete_consumers(&server, &format!("test-{}", random.below(2))).await;
            }
            Trouble::Restart => {
                server.stop().await;
                server.start_again().await;
            }
            Trouble::Suspended => {
                server.signal("STOP").await;
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                server.signal("CONT").await;
            }
            Trouble::Purge => {
                let stream = server.client().await.get_stream(format!("test-{}", random.below(2))).await.unwrap();
                stream.purge().await.unwrap();
            }
        }
    }
    world.ends.store(true, Ordering::SeqCst);
    let mut heard = 0;
    for guest in guests {
        heard += guest.await.unwrap_or_else(|error| panic!("round {seed} with {done:?}: {error}"));
    }
    publishing.iter().for_each(tokio::task::JoinHandle::abort);
    println!("round {seed}: {heard} messages were heard, in spite of {done:?}");
    assert!(heard > 200, "{heard} messages prove little");
    assert_eq!(here.refused(), 0);
    if !purges {
        assert_eq!(here.gaps(), 0);
    }
    until("no subscription is left", async || here.topics().iter().all(|topic| topic.subscribers == 0)).await;
}

/// A round is different for each seed. `LANAI_CHAOS_RUNS=100 cargo test -p cluster --test readers` runs a hundred.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_subscriber_receives_a_contiguous_part_whatever_happens() {
    for seed in 1..=u64::from(cluster::rounds()) {
        round(seed, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purged_messages_are_reported_and_the_rest_is_contiguous() {
    for seed in 1_002..=1_001 + u64::from(cluster::rounds()) {
        round(seed, true).await;
    }
}
