//! What a `deliver` may do: publish, subscribe, cancel subscriptions, and panic.

mod support;

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use lanai_pubsub::{Broker, SubscriberId, Subscription, Topic};
use support::{Received, ReceiverCount};

const NUMBERS: Topic<u32> = Topic::new("numbers");
const STEPS: Topic<u32> = Topic::new("steps");

fn subscribe(broker: &Broker, topic: Topic<u32>, deliver: impl Fn(u32) + Send + Sync + 'static) -> Subscription {
    broker.subscribe(SubscriberId::new(), topic, move |message| deliver(*message)).unwrap()
}

#[test]
fn a_reply_on_the_same_topic_is_delivered_after_the_message() {
    let broker = Broker::new();
    let (before, after) = (Received::new(), Received::new());
    let _before = before.subscribe(&broker, NUMBERS);
    let _answering = subscribe(&broker, NUMBERS, {
        let broker = broker.clone();
        move |number| {
            if number < 3 {
                broker.publish(NUMBERS, number + 1).unwrap();
            }
        }
    });
    let _after = after.subscribe(&broker, NUMBERS);
    broker.publish(NUMBERS, 1).unwrap();
    assert_eq!(before.get(), [1, 2, 3]);
    assert_eq!(after.get(), [1, 2, 3]);
}

#[test]
fn a_chain_of_many_topics_does_not_overflow_the_stack() {
    const LENGTH: u32 = 100_000;
    let broker = Broker::new();
    let _chain: Vec<Subscription> = (0..LENGTH)
        .map(|step| {
            let broker = broker.clone();
            subscribe(&broker.clone(), STEPS.at(step), move |number| {
                broker.publish(STEPS.at(step + 1), number + 1).unwrap();
            })
        })
        .collect();
    let end = Received::new();
    let _end = end.subscribe(&broker, STEPS.at(LENGTH));
    broker.publish(STEPS.at(0), 0).unwrap();
    assert_eq!(end.get(), [LENGTH]);
}

#[test]
fn publishing_while_holding_a_lock_of_the_subscriber_does_not_deadlock() {
    let broker = Broker::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    let _one = subscribe(&broker, NUMBERS, {
        let (broker, log) = (broker.clone(), Arc::clone(&log));
        move |number| {
            let mut log = log.lock().unwrap();
            broker.publish(STEPS, number).unwrap();
            log.push("number");
        }
    });
    let _other = subscribe(&broker, STEPS, {
        let log = Arc::clone(&log);
        move |_| log.lock().unwrap().push("step")
    });
    broker.publish(NUMBERS, 1).unwrap();
    assert_eq!(log.lock().unwrap()[..], ["number", "step"]);
}

#[test]
fn a_subscription_made_during_a_delivery_receives_the_next_message() {
    let broker = Broker::new();
    let heard = Received::new();
    let late = Arc::new(OnceLock::new());
    let _opening = subscribe(&broker, NUMBERS, {
        let (broker, heard, late) = (broker.clone(), heard.clone(), Arc::clone(&late));
        move |_| {
            late.get_or_init(|| heard.subscribe(&broker, NUMBERS));
        }
    });
    assert_eq!(broker.publish(NUMBERS, 1).receivers(), 1);
    assert_eq!(broker.publish(NUMBERS, 2).receivers(), 2);
    assert_eq!(heard.get(), [2]);
}

/// A delivery cancels all other subscriptions. Those that have not received the message yet do not receive it.
#[test]
fn cancelling_during_a_delivery_takes_effect_at_once() {
    let broker = Broker::new();
    let others: Arc<Mutex<Vec<Subscription>>> = Arc::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let all: Vec<_> = (0..10)
        .map(|_| {
            let (others, calls) = (Arc::clone(&others), Arc::clone(&calls));
            subscribe(&broker, NUMBERS, move |_| {
                calls.fetch_add(1, Ordering::SeqCst);
                others.lock().unwrap().clear();
            })
        })
        .collect();
    *others.lock().unwrap() = all;
    broker.publish(NUMBERS, 1).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(Arc::strong_count(&calls), 1, "what they captured was dropped");
    assert_eq!(broker.topics(), []);
}

#[test]
fn a_panic_is_reported_and_other_subscribers_are_unaffected() {
    let broker = Broker::new();
    let (before, after) = (Received::new(), Received::new());
    let _before = before.subscribe(&broker, NUMBERS);
    let panics = Arc::new(AtomicUsize::new(0));
    let _panicking = subscribe(&broker, NUMBERS, {
        let panics = Arc::clone(&panics);
        move |number| {
            panics.fetch_add(1, Ordering::SeqCst);
            panic!("number {number} is too much");
        }
    });
    let _after = after.subscribe(&broker, NUMBERS);

    let reports = Reports::default();
    tracing::subscriber::with_default(reports.clone(), || {
        assert_eq!(broker.publish(NUMBERS, 1).receivers(), 3);
        assert_eq!(broker.publish(NUMBERS, 2).receivers(), 3);
    });
    assert_eq!(before.get(), [1, 2]);
    assert_eq!(after.get(), [1, 2]);
    assert_eq!(panics.load(Ordering::SeqCst), 2, "it is called again");
    let reports = reports.0.lock().unwrap();
    assert_eq!(reports.len(), 2);
    assert!(reports[1].contains("ERROR"), "{reports:?}");
    assert!(reports[1].contains("number 2 is too much"), "{reports:?}");
}

/// Panics in unexpected places: in the destructors of a message, of a panic payload, and of what a subscriber captured.
#[test]
fn no_panic_stops_a_topic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("dropped");
            }
        }
    }
    const BOMBS: Topic<Bomb> = Topic::local("bombs");
    let broker = Broker::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let throwing = broker
        .subscribe(SubscriberId::new(), BOMBS, |_: Arc<Bomb>| {
            panic::panic_any(Bomb);
        })
        .unwrap();
    let itself: Arc<OnceLock<Subscription>> = Arc::default();
    let ending = {
        let (captured, itself, calls) = (Bomb, Arc::clone(&itself), Arc::clone(&calls));
        move |_: Arc<Bomb>| {
            let _captured = &captured;
            calls.fetch_add(1, Ordering::SeqCst);
            if let Some(itself) = itself.get() {
                itself.cancel();
            }
        }
    };
    let _ = itself.set(broker.subscribe(SubscriberId::new(), BOMBS, ending).unwrap());
    for _ in 0..3 {
        broker.publish(BOMBS, Bomb).unwrap();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    drop(throwing);
    assert_eq!(broker.topics(), []);
}

/// The destructor of a message publishes on the same topic. Wherever the message is dropped, no lock may be held.
#[test]
fn a_message_may_publish_when_it_is_dropped() {
    struct Last(Broker, u32);
    const LAST: Topic<Last> = Topic::local("last");
    impl Drop for Last {
        fn drop(&mut self) {
            if self.1 > 0 {
                self.0.publish_to_others(*SENDER.get().unwrap(), LAST, Last(self.0.clone(), self.1 - 1)).unwrap();
            }
        }
    }
    static SENDER: OnceLock<SubscriberId> = OnceLock::new();
    let sender = *SENDER.get_or_init(SubscriberId::new);
    let broker = Broker::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let subscribe = |subscriber| {
        let calls = Arc::clone(&calls);
        let count = move |_: Arc<Last>| {
            calls.fetch_add(1, Ordering::SeqCst);
        };
        broker.subscribe(subscriber, LAST, count).unwrap()
    };
    let _sender = subscribe(sender);
    broker.publish(LAST, Last(broker.clone(), 3)).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1, "the sender alone, and only what was sent to all");
    let _other = subscribe(SubscriberId::new());
    broker.publish(LAST, Last(broker.clone(), 3)).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1 + 2 + 3);
}

/// A `tracing` subscriber that records the fields of events.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Reports {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut report = event.metadata().level().to_string();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            report += &format!(" {field}={value:?}");
        });
        self.0.lock().unwrap().push(report);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
