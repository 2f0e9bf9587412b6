//! A node of the measurements over NATS: the same work by Lanai and by hand.

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

/// How many publish at once, and how many messages each has under way.
const PUBLISHERS: u64 = 4;
const WINDOW: usize = 128;
/// Lanai keeps its own window of 512: there has to be a next message when one is confirmed.
const AHEAD: usize = 2 * WINDOW;

/// A round that takes longer is an error, not a wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// A topic for each publisher, so that there is something for each shard.
const LINES: Topic<String> = Topic::new("line");
/// What ends a round for one who does not listen to the lines.
const END: Topic<u64> = Topic::new("end");
/// The subjects of what is done by hand.
const RAW: &str = "raw";

/// What a node is told, one a line. It answers with a line when it is done.
#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// To publish `count` messages, and wait for `all` those of this round.
    Publish { count: u64, all: u64 },
    /// To publish `count` messages, `rate` a second, and say how long half and 99 of 100 took at most, in microseconds.
    Time { count: u64, rate: u64 },
    /// To publish the end of a round.
    End,
    /// To wait for that.
    Await,
}

/// How to connect with so many streams: one for all, and the others for the topics of one node each.
fn options(streams: usize) -> Options {
    (1..streams).fold(Options::new("bench"), |options, node| {
        options.own_stream(OwnStream::new(format!("node{}", node - 1)).topic(own(&(node - 1).to_string())))
    })
}

/// The topic above those that one node publishes on and listens to, and no other.
fn own(number: &str) -> Topic<String> {
    Topic::named(format!("node{number}"))
}

/// Does as it is told until its input ends.
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
                    let published = tokio::time::timeout(PATIENCE, side.publish_all(count)).await;
                    published.map_err(|_| format!("its messages were not stored after {PATIENCE:?}"))??;
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

/// What has been heard so far.
struct Heard {
    begin: Instant,
    lines: AtomicU64,
    ends: AtomicU64,
    /// How many are waited for.
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
    /// A line of 100 bytes that says when it was made.
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
        let waited = tokio::time::timeout(PATIENCE, reached).await;
        self.awaited.store(u64::MAX, Ordering::SeqCst);
        waited.map_err(|_| {
            format!("{} messages were heard, and not {awaited}, after {PATIENCE:?}", count.load(Ordering::SeqCst))
                .into()
        })
    }

    fn times(&self) -> std::sync::MutexGuard<'_, Vec<Duration>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One way to do it.
struct Side {
    publisher: Publisher,
    heard: Arc<Heard>,
    _subscriptions: Vec<Subscription>,
}

#[derive(Clone)]
enum Publisher {
    /// With the topic above those that it publishes on.
    Lanai(Broker, Topic<String>),
    Raw(Arc<ByHand>),
}

struct ByHand {
    context: Context,
    /// Which node it is, as long as Lanai's names of nodes.
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
        // As Lanai has it.
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

    /// As fast as it goes, by all publishers.
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

    /// At an even pace.
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
        // With the quotes that JSON has.
        let payload = format!("\"{line}\"");
        Ok(self.context.publish_with_headers(format!("{RAW}.line.{publisher}"), headers, payload.into()).await?)
    }
}

async fn stored(receipt: lanai::Receipt) -> Result {
    Ok(receipt.stored().await?)
}
