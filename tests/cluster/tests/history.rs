//! The past of topics, out of a stream that holds those of many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cluster::nats::NatsServer;
use cluster::until;
use lanai_pubsub::{Broker, Listener, Message, Topic};

const NUMBERS: Topic<u32> = Topic::new("numbers");

/// How many topics the test of many topics has. `LANAI_HISTORY_TOPICS=20000` is its long form.
fn many() -> u32 {
    std::env::var("LANAI_HISTORY_TOPICS")
        .map_or(3_000, |count| count.parse().expect("LANAI_HISTORY_TOPICS is a number"))
}

async fn next<T: Send + Sync + 'static>(listener: &mut Listener<T>) -> Arc<T> {
    let next = tokio::time::timeout(Duration::from_secs(180), listener.next()).await;
    next.expect("a message comes").expect("the broker is there")
}

/// Publishes when there is room for it.
async fn publish<T: Message + Clone>(broker: &Broker, topic: &Topic<T>, message: T) {
    until("there is room", async || broker.publish(topic, message.clone()).is_ok()).await;
}

/// Waits until all that `broker` has published is stored.
async fn stored(broker: &Broker) {
    broker.publish("fence", ()).unwrap().stored().await.unwrap();
}

/// Publishes on a topic of its own, and measures how long its messages take to a node meanwhile.
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
        let stream = server.client().await.get_stream("test").await.unwrap();
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

/// A node that starts, and whose pages all want the past of a topic of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_node_gets_the_past_of_many_topics_at_once() {
    const EACH: u32 = 3;
    let server = NatsServer::start().await;
    let writer = lanai_nats::connect(&server.url(), "test").await.unwrap();
    for number in 0..EACH {
        for topic in 0..many() {
            publish(&writer, &NUMBERS.at(topic), number).await;
        }
    }
    stored(&writer).await;
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
    let (took, mib) = (begun.elapsed(), |bytes: Option<u64>| bytes.unwrap_or(0) >> 20);
    println!(
        "{} topics of {EACH} messages: {took:.2?}; worst live latency {:.1?}; the server holds {} MiB, before {} MiB; \
         {} consumers at most",
        many(),
        pulse.worst(),
        mib(server.memory()),
        mib(before),
        consumers.most.load(Ordering::Relaxed),
    );
    assert!(consumers.most.load(Ordering::Relaxed) <= 2 + 10, "each of the nodes has one, and a few search");
    assert_eq!((fresh.gaps(), fresh.refused()), (0, 0));
}
