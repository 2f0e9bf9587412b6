//! What the broker itself costs, without anything at either end: `cargo bench -p lanai-pubsub`.
//!
//! Each line is the best of several runs, since noise only ever adds.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lanai_pubsub::{Broker, SubscriberId, Subscription, Topic};

const TICK: Topic<u64> = Topic::new("tick");

fn main() {
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
    report("subscribe to a topic of one's own and leave", time, 10_000);
}

fn subscribe(broker: &Broker, topic: &Topic<u64>, count: usize) -> Vec<Subscription> {
    (0..count)
        .map(|_| {
            // A counter each, as each view has a mailbox.
            let count = Arc::new(AtomicUsize::new(0));
            broker
                .subscribe(SubscriberId::next(), topic, move |_| {
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
