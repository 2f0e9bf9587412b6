//! The cost of the broker by itself, without views or network: `cargo bench -p lanai-pubsub`, or `cargo xtask bench
//! broker`.
//!
//! Each line is the best of several runs, since noise only adds time. A `Listener` is compared with tokio's broadcast
//! channel in alternating rounds; the argument `listener` runs only this part.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lanai_pubsub::{Broker, SubscriberId, Subscription, Topic};
use tokio::sync::broadcast;

const TICK: Topic<u64> = Topic::new("tick");

fn main() {
    if !std::env::args().any(|argument| argument == "listener") {
        fan_out();
        println!();
    }
    listener();
}

fn fan_out() {
    for subscribers in [1, 100, 5_000] {
        let broker = Broker::new();
        let _subscriptions = subscribe(&broker, &TICK, subscribers);
        let rounds = 1_000_000 / subscribers as u64;
        let time = best_of(5, || {
            for message in 0..rounds {
                broker.publish(TICK, black_box(message)).unwrap();
            }
        });
        report(&format!("publish to {subscribers} subscribers, per delivery"), time, rounds * subscribers as u64);
    }

    let broker = Broker::new();
    let time = best_of(5, || {
        for message in 0..1_000_000 {
            broker.publish(TICK, black_box(message)).unwrap();
        }
    });
    report("publish to nobody", time, 1_000_000);

    for (what, topics) in [("one topic", 1), ("a topic each", 4)] {
        let broker = Broker::new();
        let topics: Vec<_> = (0..4).map(|thread| TICK.at(thread % topics)).collect();
        let _subscriptions: Vec<_> = topics.iter().map(|topic| subscribe(&broker, topic, 10)).collect();
        let time = best_of(5, || {
            thread::scope(|scope| {
                for topic in &topics {
                    let broker = &broker;
                    scope.spawn(move || {
                        for message in 0..50_000 {
                            broker.publish(topic, black_box(message)).unwrap();
                        }
                    });
                }
            });
        });
        report(&format!("4 threads publish to {what}, per message"), time, 4 * 50_000);
    }

    let time = best_of(5, || drop(subscribe(&broker, &TICK, 10_000)));
    report("subscribe to one topic and leave", time, 10_000);
    let time = best_of(5, || {
        let subscriptions: Vec<_> = (0..10_000).map(|room| subscribe(&broker, &TICK.at(room), 1)).collect();
        drop(subscriptions);
    });
    report("subscribe to a separate topic and leave", time, 10_000);
}

/// Compares a listener with tokio's broadcast channel. Both carry messages in an `Arc` and lose none.
fn listener() {
    compare("one thread, bursts of 1,000", 200_000, listener_in_bursts, broadcast_in_bursts);
    compare("one thread, one at a time", 200_000, listener_one_by_one, broadcast_one_by_one);
    compare("a thread each", 200_000, listener_across_threads, broadcast_across_threads);
}

/// The capacity of the listener and of the broadcast channel.
const CAPACITY: usize = 65_536;
const BURST: u64 = 1_000;

fn listener_in_bursts(messages: u64) {
    let broker = Broker::new();
    let mut listener = broker.listen(TICK).unwrap();
    block_on(async {
        for burst in 0..messages / BURST {
            for message in 0..BURST {
                broker.publish(TICK, black_box(burst * BURST + message)).unwrap();
            }
            for _ in 0..BURST {
                black_box(listener.next().await);
            }
        }
    });
}

fn broadcast_in_bursts(messages: u64) {
    let (sender, mut receiver) = broadcast::channel(CAPACITY);
    block_on(async {
        for burst in 0..messages / BURST {
            for message in 0..BURST {
                sender.send(Arc::new(black_box(burst * BURST + message))).unwrap();
            }
            for _ in 0..BURST {
                black_box(receiver.recv().await.unwrap());
            }
        }
    });
}

fn listener_one_by_one(messages: u64) {
    let broker = Broker::new();
    let mut listener = broker.listen(TICK).unwrap();
    block_on(async {
        for message in 0..messages {
            broker.publish(TICK, black_box(message)).unwrap();
            black_box(listener.next().await);
        }
    });
}

fn broadcast_one_by_one(messages: u64) {
    let (sender, mut receiver) = broadcast::channel(CAPACITY);
    block_on(async {
        for message in 0..messages {
            sender.send(Arc::new(black_box(message))).unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    });
}

fn listener_across_threads(messages: u64) {
    let broker = Broker::new();
    let mut listener = broker.listen(TICK).unwrap();
    let taken = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            block_on(async {
                for message in 0..messages {
                    assert_eq!(listener.next().await.as_deref(), Some(&message));
                    taken.store(message, Ordering::Relaxed);
                }
            });
        });
        for message in 0..messages {
            wait_for_room(message, &taken);
            broker.publish(TICK, black_box(message)).unwrap();
        }
    });
}

fn broadcast_across_threads(messages: u64) {
    let (sender, mut receiver) = broadcast::channel(CAPACITY);
    let taken = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            block_on(async {
                for message in 0..messages {
                    assert_eq!(receiver.recv().await.as_deref(), Ok(&message));
                    taken.store(message, Ordering::Relaxed);
                }
            });
        });
        for message in 0..messages {
            wait_for_room(message, &taken);
            sender.send(Arc::new(black_box(message))).unwrap();
        }
    });
}

/// Keeps the publisher from overrunning the receiver.
fn wait_for_room(message: u64, taken: &AtomicU64) {
    if message.is_multiple_of(BURST) {
        while message > taken.load(Ordering::Relaxed) + CAPACITY as u64 - 2 * BURST {
            thread::yield_now();
        }
    }
}

fn block_on(task: impl Future) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(task);
}

fn compare(how: &str, messages: u64, listener: fn(u64), channel: fn(u64)) {
    const ROUNDS: usize = 50;
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        ours = ours.min(best_of(1, || listener(messages)));
        theirs = theirs.min(best_of(1, || channel(messages)));
    }
    let rate = |time: Duration| messages as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{:55} {:5.1} M/s, tokio's broadcast {:5.1} M/s, ratio {:.2}",
        format!("publish and take, {how}"),
        rate(ours),
        rate(theirs),
        rate(ours) / rate(theirs)
    );
}

fn subscribe(broker: &Broker, topic: &Topic<u64>, count: usize) -> Vec<Subscription> {
    (0..count)
        .map(|_| {
            // One counter per subscriber, as each view has its own mailbox.
            let count = Arc::new(AtomicUsize::new(0));
            broker
                .subscribe(SubscriberId::new(), topic, move |_| {
                    count.fetch_add(1, Ordering::Relaxed);
                })
                .unwrap()
        })
        .collect()
}

fn best_of(runs: usize, mut run: impl FnMut()) -> Duration {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn report(what: &str, time: Duration, count: u64) {
    println!("{what:55} {:8.1} ns", time.as_nanos() as f64 / count as f64);
}
