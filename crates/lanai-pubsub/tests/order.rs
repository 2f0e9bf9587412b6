//! Each topic has one order and delivers each message once to every subscriber, under any load.

mod support;

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use lanai_pubsub::{Broker, SubscriberId, Topic};
use support::{Random, Received, ReceiverCount, block_on};

/// The publisher, and the index of its message.
type Mark = (usize, usize);

const MARKS: Topic<Mark> = Topic::new("marks");

/// Checks that each message was received once, and each publisher's messages in the order of its calls.
fn assert_whole(heard: &[Mark], publishers: usize, each: usize) {
    assert_eq!(heard.len(), publishers * each, "lost or duplicated");
    assert_eq!(HashSet::<&Mark>::from_iter(heard).len(), heard.len(), "doubled");
    for publisher in 0..publishers {
        let own = heard.iter().filter(|mark| mark.0 == publisher);
        assert!(own.map(|mark| mark.1).eq(0..each), "out of order");
    }
}

fn publish_from_threads(broker: &Broker, publishers: usize, each: usize, jitter: u64) {
    let start = Barrier::new(publishers);
    thread::scope(|scope| {
        for publisher in 0..publishers {
            let start = &start;
            scope.spawn(move || {
                let mut random = Random::new(publisher as u64 + 1);
                start.wait();
                for number in 0..each {
                    broker.publish(MARKS, (publisher, number)).unwrap();
                    if jitter > 0 {
                        thread::sleep(Duration::from_micros(random.below(jitter)));
                    }
                }
            });
        }
    });
}

#[test]
fn slow_consumers_lose_nothing_and_all_see_one_order() {
    const PUBLISHERS: usize = 8;
    const EACH: usize = 60;
    let broker = Broker::new();
    let consumers: Vec<_> = (0..12)
        .map(|consumer| {
            let mut listener = broker.listen(MARKS).unwrap();
            thread::spawn(move || {
                let mut random = Random::new(100 + consumer);
                let mut heard = Vec::new();
                while heard.len() < PUBLISHERS * EACH {
                    let mark = block_on(listener.next()).expect("the broker is alive");
                    heard.push(*mark);
                    thread::sleep(Duration::from_micros(random.below(2_000)));
                }
                listener.close();
                assert_eq!(block_on(listener.next()), None, "more than was published");
                heard
            })
        })
        .collect();

    publish_from_threads(&broker, PUBLISHERS, EACH, 500);

    let heard: Vec<Vec<Mark>> = consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect();
    assert_whole(&heard[0], PUBLISHERS, EACH);
    for other in &heard {
        assert_eq!(*other, heard[0], "two consumers saw different orders");
    }
    assert_eq!(broker.topics(), []);
}

#[test]
fn deliveries_of_one_topic_never_overlap() {
    let broker = Broker::new();
    let running = Arc::new(AtomicBool::new(false));
    let overlaps = Arc::new(AtomicUsize::new(0));
    let subscribe = || {
        let (running, overlaps) = (Arc::clone(&running), Arc::clone(&overlaps));
        let deliver = move |mark: Arc<Mark>| {
            if running.swap(true, Ordering::SeqCst) {
                overlaps.fetch_add(1, Ordering::SeqCst);
            }
            if mark.1.is_multiple_of(3) {
                thread::yield_now();
            }
            running.store(false, Ordering::SeqCst);
        };
        broker.subscribe(SubscriberId::new(), MARKS, deliver).unwrap()
    };
    let _subscriptions = [subscribe(), subscribe(), subscribe()];
    publish_from_threads(&broker, 6, 2_000, 0);
    assert_eq!(overlaps.load(Ordering::SeqCst), 0);
}

#[test]
fn a_temporary_subscriber_receives_a_contiguous_part() {
    const PUBLISHERS: usize = 3;
    const EACH: usize = 4_000;
    let broker = Broker::new();
    let all = Received::new();
    let staying = all.subscribe(&broker, MARKS);
    let done = AtomicBool::new(false);

    let runs = thread::scope(|scope| {
        let guests: Vec<_> = (0..4)
            .map(|guest| {
                let (broker, done) = (&broker, &done);
                scope.spawn(move || {
                    let mut random = Random::new(guest + 1);
                    let mut runs = Vec::new();
                    while !done.load(Ordering::SeqCst) {
                        let heard = Received::new();
                        let subscription = heard.subscribe(broker, MARKS);
                        thread::sleep(Duration::from_micros(random.below(300)));
                        drop(subscription);
                        let run = heard.get();
                        thread::yield_now();
                        assert_eq!(heard.get().len(), run.len(), "received a message after the end");
                        runs.push(run);
                    }
                    runs
                })
            })
            .collect();
        publish_from_threads(&broker, PUBLISHERS, EACH, 3);
        done.store(true, Ordering::SeqCst);
        let runs = guests.into_iter().flat_map(|guest| guest.join().unwrap());
        runs.collect::<Vec<_>>()
    });

    let all = all.get();
    assert_whole(&all, PUBLISHERS, EACH);
    let mut place = vec![[0; EACH]; PUBLISHERS];
    for (at, mark) in all.iter().enumerate() {
        place[mark.0][mark.1] = at;
    }
    let heard: usize = runs.iter().map(Vec::len).sum();
    assert!(heard > 0, "no temporary subscriber received a message, so the test proves nothing");
    for run in runs.iter().filter(|run| !run.is_empty()) {
        let start = place[run[0].0][run[0].1];
        assert_eq!(*run, all[start..start + run.len()], "a gap, a duplicate or a different order");
    }
    drop(staying);
    assert_eq!(broker.topics(), []);
}

#[test]
fn what_was_published_before_is_not_delivered() {
    let broker = Broker::new();
    assert_eq!(broker.publish(MARKS, (0, 0)).receivers(), 0);
    let (first, second) = (Received::new(), Received::new());
    let _first = first.subscribe(&broker, MARKS);
    assert_eq!(broker.publish(MARKS, (0, 1)).receivers(), 1);
    let _second = second.subscribe(&broker, MARKS);
    assert_eq!(broker.publish(MARKS, (0, 2)).receivers(), 2);
    assert_eq!(first.get(), [(0, 1), (0, 2)]);
    assert_eq!(second.get(), [(0, 2)]);
}

/// Publishers that are faster than the subscribers block, so the queue stays bounded. They take turns at delivering, so
/// that none of them is kept forever.
#[test]
fn publishers_block_while_a_topic_is_far_behind() {
    struct LiveList(Arc<AtomicUsize>);
    impl Drop for LiveList {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    thread_local! {
        static DELIVERED_HERE: Cell<usize> = const { Cell::new(0) };
    }
    const SLOW: Topic<LiveList> = Topic::local("slow");
    const PUBLISHERS: usize = 8;
    const EACH: usize = 1_000;
    let broker = Broker::new();
    let (under_way, most) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let (delivered, longest) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let _subscription = {
        let delivered = Arc::clone(&delivered);
        let slow = move |_: Arc<LiveList>| {
            delivered.fetch_add(1, Ordering::SeqCst);
            DELIVERED_HERE.set(DELIVERED_HERE.get() + 1);
            thread::sleep(Duration::from_micros(20));
        };
        broker.subscribe(SubscriberId::new(), SLOW, slow).unwrap()
    };
    thread::scope(|scope| {
        for _ in 0..PUBLISHERS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    DELIVERED_HERE.set(0);
                    broker.publish(SLOW, LiveList(Arc::clone(&under_way))).unwrap();
                    longest.fetch_max(DELIVERED_HERE.get(), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(delivered.load(Ordering::SeqCst), PUBLISHERS * EACH);
    assert_eq!(under_way.load(Ordering::SeqCst), 0);
    let (most, longest) = (most.into_inner(), longest.into_inner());
    assert!(most > 200, "only {most} messages were ever queued, so the test proves nothing");
    assert!(most <= 256 + 2 * PUBLISHERS + 2, "{most} messages were queued");
    assert!(longest < 1_024, "a call of publish delivered {longest} messages");
}
