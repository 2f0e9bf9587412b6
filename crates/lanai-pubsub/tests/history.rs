//! Topics that keep their last messages for later subscribers.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use lanai_pubsub::{Broker, SubscriberId, Topic};
use support::{Received, ReceiverCount};

const CHAT: Topic<u32> = Topic::new("chat").history(3);
const PLAIN: Topic<u32> = Topic::new("chat");
const NOTHING: [u32; 0] = [];

fn heard(broker: &Broker, topic: Topic<u32>) -> Vec<u32> {
    let heard = Received::new();
    let _subscription = heard.subscribe(broker, topic);
    heard.get()
}

#[test]
fn a_late_subscriber_receives_the_last_messages_first() {
    let broker = Broker::new();
    for number in 1..=5 {
        assert_eq!(broker.publish(CHAT, number).receivers(), 0);
    }
    let late = Received::new();
    let _late = late.subscribe(&broker, CHAT);
    assert_eq!(late.get(), [3, 4, 5], "before `subscribe` returned");
    broker.publish(CHAT, 6).unwrap();
    assert_eq!(late.get(), [3, 4, 5, 6]);
}

#[test]
fn each_subscriber_receives_as_much_history_as_it_asks_for() {
    let broker = Broker::new();
    for number in 1..=5 {
        broker.publish(CHAT, number).unwrap();
    }
    assert_eq!(heard(&broker, CHAT.history(0)), NOTHING);
    assert_eq!(heard(&broker, PLAIN), NOTHING);
    assert_eq!(heard(&broker, CHAT.history(1)), [5]);
    assert_eq!(heard(&broker, CHAT.history(100)), [3, 4, 5], "there are no more");
    for number in 6..=20 {
        broker.publish(PLAIN, number).unwrap();
    }
    assert_eq!(heard(&broker, CHAT.history(100)), Vec::from_iter(3..=20), "the largest limit counts from then on");
    assert_eq!(heard(&broker, CHAT), [18, 19, 20]);
}

#[test]
fn each_topic_made_by_at_keeps_its_own_history() {
    let broker = Broker::new();
    broker.publish(CHAT.at("a"), 1).unwrap();
    broker.publish(CHAT.at("b"), 2).unwrap();
    assert_eq!(heard(&broker, CHAT.at("a")), [1]);
    assert_eq!(heard(&broker, CHAT), NOTHING);
}

#[test]
fn only_a_topic_with_history_outlives_its_last_subscriber() {
    let broker = Broker::new();
    drop(Received::new().subscribe(&broker, PLAIN));
    assert_eq!(broker.topics(), []);
    drop(Received::new().subscribe(&broker, CHAT));
    assert_eq!(broker.publish(PLAIN, 1).receivers(), 0);
    assert_eq!(heard(&broker, CHAT), [1]);
    let topics = broker.topics();
    assert_eq!((topics.len(), topics[0].kept, topics[0].subscribers), (1, 1, 0));
}

#[test]
fn idle_topics_are_bounded_and_the_one_idle_longest_is_forgotten() {
    let broker = Broker::with_idle_topics(3);
    for room in 0..3 {
        broker.publish(CHAT.at(room), room).unwrap();
    }
    // Used again: by publishing to it, and by having a subscriber for a moment.
    broker.publish(CHAT.at(0), 10).unwrap();
    drop(Received::new().subscribe(&broker, CHAT.at(1)));
    broker.publish(CHAT.at(3), 3).unwrap();
    assert_eq!(heard(&broker, CHAT.at(2).history(0)), NOTHING);
    let names: Vec<_> = broker.topics().into_iter().map(|topic| topic.name).collect();
    assert_eq!(names, ["chat.0", "chat.1", "chat.3"]);

    // A topic with subscribers does not count.
    let staying = Received::new();
    let _staying = staying.subscribe(&broker, CHAT.at(0));
    for room in 100..200 {
        broker.publish(CHAT.at(room), room).unwrap();
    }
    assert_eq!(broker.topics().len(), 4);
    assert_eq!(heard(&broker, CHAT.at(0)), [0, 10]);
    assert_eq!(heard(&broker, CHAT.at(199)), [199]);
    assert_eq!(heard(&broker, CHAT.at(1)), NOTHING, "forgotten, and its messages with it");
}

#[test]
fn with_no_idle_topics_allowed_nothing_is_kept_and_nothing_hangs() {
    let broker = Broker::with_idle_topics(0);
    let publishing = broker
        .subscribe(SubscriberId::new(), "other", {
            let broker = broker.clone();
            move |number: Arc<u32>| drop(broker.publish(CHAT, *number).unwrap())
        })
        .unwrap();
    broker.publish("other", 1_u32).unwrap();
    drop(publishing);
    // A topic that is being delivered cannot be forgotten; the next attempt forgets it.
    broker.publish(CHAT.at("next"), 2).unwrap();
    assert_eq!(broker.topics(), []);
}

#[test]
fn forgotten_messages_are_dropped() {
    let broker = Broker::with_idle_topics(2);
    const TRACKED: Topic<Arc<()>> = Topic::local("tracked").history(2);
    let message = Arc::new(());
    for room in 0..10 {
        for _ in 0..5 {
            broker.publish(TRACKED.at(room), Arc::clone(&message)).unwrap();
        }
    }
    assert_eq!(Arc::strong_count(&message), 1 + 2 * 2);
    drop(broker);
    assert_eq!(Arc::strong_count(&message), 1);
}

#[test]
fn a_subscription_made_during_a_delivery_receives_that_message_as_history() {
    let broker = Broker::new();
    let late = Received::new();
    let opened = Arc::new(OnceLock::new());
    let _opening = broker
        .subscribe(SubscriberId::new(), CHAT, {
            let (broker, late, opened) = (broker.clone(), late.clone(), Arc::clone(&opened));
            move |_| {
                opened.get_or_init(|| late.subscribe(&broker, CHAT));
            }
        })
        .unwrap();
    broker.publish(CHAT, 1).unwrap();
    broker.publish(CHAT, 2).unwrap();
    assert_eq!(late.get(), [1, 2]);
}

/// Subscribers arrive while several publishers are publishing. Each receives a contiguous part of what a permanent
/// subscriber receives, beginning with as much history as it asked for.
#[test]
fn history_and_new_messages_have_no_gap_and_no_duplicate() {
    const PUBLISHERS: u32 = 3;
    const EACH: u32 = 3_000;
    const PAST: usize = 20;
    const MARKS: Topic<(u32, u32)> = Topic::new("marks").history(PAST);
    let broker = Broker::new();
    let all = Received::new();
    let _all = all.subscribe(&broker, MARKS);
    let (done, joined) = (AtomicBool::new(false), AtomicUsize::new(0));
    let runs: Vec<Vec<(u32, u32)>> = thread::scope(|scope| {
        let guests: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut runs = Vec::new();
                    while !done.load(Ordering::SeqCst) {
                        let heard = Received::new();
                        let subscription = heard.subscribe(&broker, MARKS);
                        joined.fetch_add(1, Ordering::SeqCst);
                        // The delivering thread replays the history when it gets to this subscriber.
                        while heard.shared().len() < 2 * PAST && !done.load(Ordering::SeqCst) {
                            thread::yield_now();
                        }
                        drop(subscription);
                        runs.push(heard.get());
                    }
                    runs
                })
            })
            .collect();
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|publisher| {
                let broker = &broker;
                scope.spawn(move || {
                    (0..EACH).for_each(|number| drop(broker.publish(MARKS, (publisher, number)).unwrap()))
                })
            })
            .collect();
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
        done.store(true, Ordering::SeqCst);
        guests.into_iter().flat_map(|guest| guest.join().unwrap()).collect()
    });
    let all = all.get();
    assert_eq!(all.len(), (PUBLISHERS * EACH) as usize);
    let place = |mark: &(u32, u32)| all.iter().position(|heard| heard == mark).unwrap();
    for run in runs.iter().filter(|run| !run.is_empty()) {
        let start = place(&run[0]);
        assert_eq!(*run, all[start..start + run.len()], "a gap, a duplicate or a different order");
    }
    let (last, wanted) = (heard_marks(&broker, MARKS), &all[all.len() - PAST..]);
    assert_eq!(last, wanted);
}

fn heard_marks(broker: &Broker, topic: Topic<(u32, u32)>) -> Vec<(u32, u32)> {
    let heard = Received::new();
    let _subscription = heard.subscribe(broker, topic);
    heard.get()
}
