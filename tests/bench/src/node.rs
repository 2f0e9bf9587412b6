//! A node of the NATS benchmarks: the same work with Lanai, and with JetStream directly.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::push;
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::stream::{Config, StorageType, Stream};
use async_nats::jetstream::{self, Context};
use futures_util::StreamExt;
use lanai::{Broker, SubscriberId, Subscription, Topic};
use lanai_nats::{Options, OwnStream};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::Result;

/// The number of publishers, and the number of messages that each has in flight.
const PUBLISHERS: u64 = 4;
const WINDOW: usize = 128;
/// Lanai has its own window of 512, so the next message must be ready when one is confirmed.
const AHEAD: usize = 2 * WINDOW;

/// After this time, a round is an error.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The topics of the publishers, one for each, so that each shard has some.
const LINES: Topic<String> = Topic::new("line");
/// Ends a round for a node that does not subscribe to the lines.
const END: Topic<u64> = Topic::new("end");
/// The prefix of the subjects that are used directly.
const RAW: &str = "raw";

/// A command for a node, one per line. The node answers with a line when it is done.
#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// Publish `count` messages, and wait until `all` messages of this round were received.
    Publish { count: u64, all: u64 },
    /// Publish `count` messages at `rate` per second, and report the median and the 99th percentile of the latency in
    /// microseconds.
    Time { count: u64, rate: u64 },
    /// Publish the end of a round.
    End,
    /// Wait for the end of a round.
    Await,
}

/// Returns the options for a number of streams: one for all nodes, and each other one for the topics of one node.
fn options(streams: usize) -> Options {
    (1..streams).fold(Options::new("bench"), |options, node| {
        options.own_stream(OwnStream::new(format!("node{}", node - 1)).topic(own(&(node - 1).to_string())))
    })
}

/// The topic above those that only one node publishes and subscribes to.
fn own(number: &str) -> Topic<String> {
    Topic::named(format!("node{number}"))
}

/// Executes commands until its input ends.
pub(crate) fn run(kind: &str, number: &str, shards: &str, server: &str) -> Result {
    serve(kind, number, shards, server).map_err(|error| format!("{kind} node {number}: {error}").into())
}

fn serve(kind: &str, number: &str, shards: &str, server: &str) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let heard = Arc::<Heard>::default();
        let side = match kind {
            "raw" => Side::raw(server, number, &heard).await?,
            _ => Side::lanai(server, number, shards.parse()?, kind, &heard).await?,
        };
        println!("ready");
        let mut awaited = 0;
        let mut ends = 0;
        let mut orders = BufReader::new(tokio::io::stdin()).lines();
        while let Some(order) = orders.next_line().await? {
            match serde_json::from_str(&order)? {
                Order::Publish { count, all } => {
                    awaited += all;
                    let published = tokio::time::timeout(TIMEOUT, side.publish_all(count)).await;
                    published.map_err(|_| format!("its messages were not stored after {TIMEOUT:?}"))??;
                    heard.until(&heard.lines, awaited).await?;
                    println!("done");
                }
                Order::Time { count, rate } => {
                    awaited += count;
                    heard.timed.store(true, Ordering::SeqCst);
                    side.publish_at(count, rate).await?;
                    heard.until(&heard.lines, awaited).await?;
                    heard.timed.store(false, Ordering::SeqCst);
                    let mut times = std::mem::take(&mut *heard.times());
                    times.sort_unstable();
                    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e6;
                    println!("{:.1} {:.1}", at(50), at(99));
                }
                Order::End => {
                    side.end().await?;
                    println!("done");
                }
                Order::Await => {
                    ends += 1;
                    heard.until(&heard.ends, ends).await?;
                    println!("done");
                }
            }
        }
        Ok(())
    })
}

/// The messages that were received so far.
struct Heard {
    begin: Instant,
    lines: AtomicU64,
    ends: AtomicU64,
    /// The number of messages to wait for.
    awaited: AtomicU64,
    reached: Notify,
    timed: AtomicBool,
    times: Mutex<Vec<Duration>>,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            begin: Instant::now(),
            lines: AtomicU64::new(0),
            ends: AtomicU64::new(0),
            awaited: AtomicU64::new(u64::MAX),
            reached: Notify::new(),
            timed: AtomicBool::new(false),
            times: Mutex::default(),
        }
    }
}

impl Heard {
    /// Returns a line of 100 bytes that contains the time at which it was created.
    fn line(&self) -> String {
        format!("{:<98}", self.begin.elapsed().as_nanos())
    }

    fn take(&self, line: &str) {
        if self.timed.load(Ordering::Relaxed)
            && let Ok(then) = line.trim_matches(['"', ' ']).parse()
        {
            self.times().push(self.begin.elapsed().saturating_sub(Duration::from_nanos(then)));
        }
        self.count(&self.lines);
    }

    fn count(&self, count: &AtomicU64) {
        if count.fetch_add(1, Ordering::SeqCst) + 1 >= self.awaited.load(Ordering::SeqCst) {
            self.reached.notify_one();
        }
    }

    async fn until(&self, count: &AtomicU64, awaited: u64) -> Result {
        self.awaited.store(awaited, Ordering::SeqCst);
        let reached = async {
            while count.load(Ordering::SeqCst) < awaited {
                self.reached.notified().await;
            }
        };
        let waited = tokio::time::timeout(TIMEOUT, reached).await;
        self.awaited.store(u64::MAX, Ordering::SeqCst);
        waited.map_err(|_| {
            format!("received {} messages instead of {awaited} after {TIMEOUT:?}", count.load(Ordering::SeqCst)).into()
        })
    }

    fn times(&self) -> std::sync::MutexGuard<'_, Vec<Duration>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the compared programs.
struct Side {
    publisher: Publisher,
    heard: Arc<Heard>,
    _subscriptions: Vec<Subscription>,
}

#[derive(Clone)]
enum Publisher {
    /// Contains the topic above those that it publishes on.
    Lanai(Broker, Topic<String>),
    Raw(Arc<ByHand>),
}

struct ByHand {
    context: Context,
    /// The name of the node, as long as Lanai's names.
    node: String,
    next: AtomicU64,
}

impl Side {
    async fn lanai(server: &str, number: &str, shards: usize, kind: &str, heard: &Arc<Heard>) -> Result<Self> {
        let broker = options(shards).connect(server).await?;
        let mut subscriptions = Vec::new();
        let lines = if kind == "own" { own(number) } else { LINES };
        if kind != "idle" {
            for publisher in 0..PUBLISHERS {
                let heard = Arc::clone(heard);
                let take = move |line: Arc<String>| heard.take(&line);
                subscriptions.push(broker.subscribe(SubscriberId::new(), lines.at(publisher), take)?);
            }
        } else {
            let heard = Arc::clone(heard);
            subscriptions.push(broker.subscribe(SubscriberId::new(), END, move |_| heard.count(&heard.ends))?);
        }
        Ok(Self { publisher: Publisher::Lanai(broker, lines), heard: Arc::clone(heard), _subscriptions: subscriptions })
    }

    async fn raw(server: &str, number: &str, heard: &Arc<Heard>) -> Result<Self> {
        let client = async_nats::connect(server).await?;
        let context = jetstream::new(client.clone());
        // The same configuration as Lanai's.
        let stream: Stream = context
            .get_or_create_stream(Config {
                name: RAW.into(),
                subjects: vec![format!("{RAW}.>")],
                storage: StorageType::File,
                max_age: Duration::from_secs(24 * 60 * 60),
                max_bytes: 1 << 30,
                duplicate_window: Duration::from_secs(120),
                ..Config::default()
            })
            .await?;
        let consumer = stream
            .create_consumer(push::OrderedConfig {
                deliver_subject: client.new_inbox(),
                ..push::OrderedConfig::default()
            })
            .await?;
        let mut messages = consumer.messages().await?;
        let hearing = Arc::clone(heard);
        tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                match message {
                    Ok(message) => hearing.take(std::str::from_utf8(&message.payload).unwrap_or_default()),
                    Err(error) => return eprintln!("raw: {error}"),
                }
            }
        });
        let by_hand = ByHand { context, node: format!("{number:0>32}"), next: AtomicU64::new(0) };
        Ok(Self { publisher: Publisher::Raw(Arc::new(by_hand)), heard: Arc::clone(heard), _subscriptions: Vec::new() })
    }

    /// Publishes from all publishers, as fast as possible.
    async fn publish_all(&self, count: u64) -> Result {
        let mut publishers = JoinSet::new();
        for publisher in 0..PUBLISHERS {
            let share = count / PUBLISHERS + u64::from(publisher < count % PUBLISHERS);
            let (side, heard) = (self.publisher.clone(), Arc::clone(&self.heard));
            publishers.spawn(async move {
                let lines = (0..share).map(|_| heard.line());
                match side {
                    Publisher::Lanai(broker, lines_of) => {
                        let topic = lines_of.at(publisher);
                        let mut under_way = VecDeque::new();
                        for line in lines {
                            if under_way.len() == AHEAD
                                && let Some(receipt) = under_way.pop_front()
                            {
                                stored(receipt).await?;
                            }
                            under_way.push_back(broker.publish(&topic, line)?);
                        }
                        for receipt in under_way {
                            stored(receipt).await?;
                        }
                    }
                    Publisher::Raw(by_hand) => {
                        let mut under_way = VecDeque::new();
                        for line in lines {
                            if under_way.len() == WINDOW
                                && let Some(confirmation) = under_way.pop_front()
                            {
                                confirmation.await?;
                            }
                            under_way.push_back(by_hand.publish(publisher, line).await?);
                        }
                        for confirmation in under_way {
                            confirmation.await?;
                        }
                    }
                }
                Result::Ok(())
            });
        }
        while let Some(done) = publishers.join_next().await {
            done??;
        }
        Ok(())
    }

    /// Publishes at an even rate.
    async fn publish_at(&self, count: u64, rate: u64) -> Result {
        let mut clock = tokio::time::interval(Duration::from_secs(1) / u32::try_from(rate)?);
        let mut confirmations = JoinSet::new();
        for message in 0..count {
            clock.tick().await;
            let (publisher, line) = (message % PUBLISHERS, self.heard.line());
            match &self.publisher {
                Publisher::Lanai(broker, lines) => drop(broker.publish(lines.at(publisher), line)?),
                Publisher::Raw(by_hand) => {
                    confirmations.spawn(by_hand.publish(publisher, line).await?.into_future());
                }
            }
        }
        while let Some(confirmation) = confirmations.join_next().await {
            confirmation??;
        }
        Ok(())
    }

    async fn end(&self) -> Result {
        if let Publisher::Lanai(broker, _) = &self.publisher {
            stored(broker.publish(END, 0)?).await?;
        }
        Ok(())
    }
}

impl ByHand {
    async fn publish(&self, publisher: u64, line: String) -> Result<PublishAckFuture> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{}-{:x}", self.node, self.next.fetch_add(1, Ordering::Relaxed)));
        // With quotes, as in JSON.
        let payload = format!("\"{line}\"");
        Ok(self.context.publish_with_headers(format!("{RAW}.line.{publisher}"), headers, payload.into()).await?)
    }
}

async fn stored(receipt: lanai::Receipt) -> Result {
    Ok(receipt.stored().await?)
}
