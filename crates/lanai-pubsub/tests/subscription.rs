//! Who receives which messages, and until when.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use lanai_pubsub::{Broker, SubscriberId, Subscription, Topic};
use serde::{Deserialize, Serialize};
use support::{Random, Received, ReceiverCount};

/// Not `Clone`, so that the compiler checks that messages are never cloned.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Line(String);

fn line(text: &str) -> Line {
    Line(text.into())
}

const CHAT: Topic<Line> = Topic::new("chat");

#[test]
fn all_subscribers_share_one_message() {
    let broker = Broker::new();
    let (one, other) = (Received::new(), Received::new());
    let _subscriptions = [one.subscribe(&broker, CHAT), other.subscribe(&broker, CHAT)];
    assert_eq!(broker.publish(CHAT, line("hello")).receivers(), 2);
    assert!(Arc::ptr_eq(&one.shared()[0], &other.shared()[0]));
    assert_eq!(*one.shared()[0], line("hello"));
}

#[test]
fn publish_to_others_leaves_out_all_subscriptions_of_the_sender() {
    let broker = Broker::new();
    let (me, you) = (SubscriberId::new(), SubscriberId::new());
    let (mine, yours) = (Received::new(), Received::new());
    let subscriptions = [
        mine.subscribe_as(me, &broker, CHAT),
        yours.subscribe_as(you, &broker, CHAT),
        mine.subscribe_as(me, &broker, CHAT),
    ];
    assert_eq!(broker.publish_to_others(me, CHAT, line("for you")).receivers(), 1);
    assert_eq!(broker.publish_to_others(you, CHAT, line("for me, twice")).receivers(), 2);
    let stranger = SubscriberId::new();
    assert_eq!(broker.publish_to_others(stranger, CHAT, line("for all")).receivers(), 3);
    assert_eq!(yours.shared().len(), 2);
    assert_eq!(mine.shared().len(), 4);
    drop(subscriptions);
    let _alone = mine.subscribe_as(me, &broker, CHAT);
    assert_eq!(broker.publish_to_others(me, CHAT, line("to nobody")).receivers(), 0);
}

#[test]
fn topics_are_independent() {
    let broker = Broker::new();
    let (lobby, chat) = (Received::new(), Received::new());
    let _subscriptions = [lobby.subscribe(&broker, CHAT.at("lobby")), chat.subscribe(&broker, &CHAT)];
    for topic in [CHAT.at("lobby "), CHAT.at("*"), CHAT.at(">"), CHAT.at("lobby").at("")] {
        assert_eq!(broker.publish(topic, line("elsewhere")).receivers(), 0);
    }
    for text in ["chat.lobby", "chat.*", "chat>", "", "*"] {
        assert_eq!(broker.publish(text, line("elsewhere")).receivers(), 0);
    }
    assert_eq!(broker.publish(CHAT.at("lobby"), line("here")).receivers(), 1);
    assert_eq!(broker.publish(String::from("chat"), line("here")).receivers(), 1);
}

#[test]
fn broadcast_reaches_the_listeners_of_the_type() {
    let broker = Broker::new();
    let (lines, numbers) = (Received::<Line>::new(), Received::<u32>::new());
    let _lines = lines.subscribe(&broker, Topic::broadcast());
    let _numbers = numbers.subscribe(&broker, Topic::broadcast());
    assert_eq!(broker.publish(Topic::broadcast(), line("everybody")).receivers(), 1);
    assert_eq!(lines.shared().len(), 1);
    assert!(numbers.get().is_empty());
}

#[test]
fn two_brokers_share_nothing() {
    let (broker, other) = (Broker::new(), Broker::new());
    let clone = broker.clone();
    let heard = Received::new();
    let _subscription = heard.subscribe(&broker, CHAT);
    assert_eq!(other.publish(CHAT, line("hello")).receivers(), 0);
    assert_eq!(clone.publish(CHAT, line("hello")).receivers(), 1);
}

#[test]
fn a_cancelled_subscription_receives_nothing() {
    let broker = Broker::new();
    let heard = Received::new();
    let subscription = heard.subscribe(&broker, CHAT);
    assert!(subscription.is_active());
    subscription.cancel();
    assert!(!subscription.is_active());
    assert_eq!(broker.publish(CHAT, line("too late")).receivers(), 0);
    let again = heard.subscribe(&broker, CHAT);
    subscription.cancel();
    drop(subscription);
    assert!(again.is_active(), "cancelling twice ended another subscription");
    assert_eq!(broker.publish(CHAT, line("again")).receivers(), 1);
}

#[test]
fn cancel_waits_for_a_delivery_in_progress() {
    let broker = Broker::new();
    let done = Arc::new(AtomicBool::new(false));
    let (started, is_running) = mpsc::channel();
    let subscription = {
        let done = Arc::clone(&done);
        let slow = move |_| {
            started.send(()).unwrap();
            thread::sleep(Duration::from_millis(30));
            done.store(true, Ordering::SeqCst);
        };
        broker.subscribe(SubscriberId::new(), CHAT, slow).unwrap()
    };
    thread::scope(|scope| {
        scope.spawn(|| broker.publish(CHAT, line("hello")).unwrap());
        is_running.recv().unwrap();
        subscription.cancel();
        assert!(done.load(Ordering::SeqCst), "cancel returned during a delivery");
        assert_eq!(Arc::strong_count(&done), 1, "deliver was not dropped");
    });
}

#[test]
fn a_subscription_does_not_keep_its_broker() {
    let broker = Broker::new();
    let captured = Arc::new(());
    let subscription = {
        let captured = Arc::clone(&captured);
        let deliver = move |_: Arc<Line>| drop(Arc::clone(&captured));
        broker.subscribe(SubscriberId::new(), CHAT, deliver).unwrap()
    };
    drop(broker);
    assert!(!subscription.is_active());
    assert_eq!(Arc::strong_count(&captured), 1);
    subscription.cancel();
}

#[test]
fn ten_thousand_subscriptions_leave_nothing_behind() {
    let broker = Broker::new();
    let captured = Arc::new(());
    for _ in 0..3 {
        let mut all: Vec<Subscription> = (0..10_000)
            .flat_map(|number| [CHAT.at(number), CHAT.at(number % 100), CHAT])
            .map(|topic| {
                let captured = Arc::clone(&captured);
                broker
                    .subscribe(SubscriberId::new(), topic, move |_| {
                        let _ = &captured;
                    })
                    .unwrap()
            })
            .collect();
        assert_eq!(broker.subscriber_count(), 30_000);
        assert_eq!(broker.topics().len(), 10_001);
        assert_eq!(broker.publish(CHAT, line("to all")).receivers(), 10_000);
        // In any order, since removing one subscriber must not remove another.
        let mut random = Random::new(7);
        while !all.is_empty() {
            let one = random.below(all.len() as u64) as usize;
            drop(all.swap_remove(one));
            if all.len().is_multiple_of(1_000) {
                assert_eq!(broker.subscriber_count(), all.len());
            }
        }
        assert_eq!(broker.topics(), []);
        assert_eq!(Arc::strong_count(&captured), 1);
    }
}

#[test]
fn topics_returns_what_a_dashboard_shows() {
    let broker = Broker::new();
    let (lines, numbers) = (Received::<Line>::new(), Received::<u32>::new());
    let _subscriptions = [
        lines.subscribe(&broker, CHAT.at("room 1")),
        lines.subscribe(&broker, CHAT.at("room 1")),
        numbers.subscribe(&broker, "numbers"),
    ];
    broker.publish(CHAT.at("room 1"), line("hello")).unwrap();
    let topics = broker.topics();
    let told: Vec<_> =
        topics.iter().map(|topic| (&*topic.name, topic.type_name, topic.subscribers, topic.published)).collect();
    assert_eq!(told, [("chat.room%201", "subscription::Line", 2, 1), ("numbers", "u32", 1, 0)]);
    assert_eq!(broker.subscriber_count(), 3);
}
