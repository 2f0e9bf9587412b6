//! Subscriptions to all topics below one.

mod support;

use std::sync::{Arc, Mutex};
use std::thread;

use lanai_pubsub::{Broker, Routed, SubscriberId, Subscription, Topic, Wildcard};
use proptest::prelude::*;
use support::ReceiverCount;

const ROOM: Topic<u32> = Topic::new("room");

type Seen = Arc<Mutex<Vec<(Vec<String>, u32)>>>;

fn watch(broker: &Broker, wildcard: Wildcard<u32>) -> (Seen, Subscription) {
    let seen = Seen::default();
    let subscription = broker.subscribe(SubscriberId::new(), wildcard, {
        let seen = Arc::clone(&seen);
        move |at: Arc<Routed<u32>>| seen.lock().unwrap().push((at.path().to_vec(), **at))
    });
    (seen, subscription.unwrap())
}

fn path(segments: &[&str]) -> Vec<String> {
    segments.iter().map(ToString::to_string).collect()
}

#[test]
fn any_covers_one_level_and_below_covers_all() {
    let broker = Broker::new();
    let (any, _any) = watch(&broker, ROOM.any());
    let (below, _below) = watch(&broker, ROOM.below());
    assert_eq!(broker.publish(ROOM, 1).receivers(), 0, "a wildcard does not cover the topic that made it");
    assert_eq!(broker.publish(ROOM.at("a"), 2).receivers(), 2);
    assert_eq!(broker.publish(ROOM.at("a").at("b"), 3).receivers(), 1);
    assert_eq!(broker.publish(Topic::<u32>::new("roomy").at("a"), 4).receivers(), 0);
    assert_eq!(any.lock().unwrap()[..], [(path(&["a"]), 2)]);
    assert_eq!(below.lock().unwrap()[..], [(path(&["a"]), 2), (path(&["a", "b"]), 3)]);
}

#[test]
fn names_that_users_choose_are_never_patterns() {
    let broker = Broker::new();
    let (seen, _watching) = watch(&broker, ROOM.any());
    for name in ["*", ">", "a.b", "", "%", "%2A", "é ü", "room.*"] {
        assert_eq!(broker.publish(ROOM.at(name), 1).receivers(), 1, "{name}");
        assert_eq!(seen.lock().unwrap().pop().unwrap().0, [name]);
        for text in [format!("room.{name}"), format!("room{name}")] {
            assert_eq!(broker.publish(&text, 1).receivers(), 0, "{text}");
        }
    }
    let (of_star, _watching) = watch(&broker, ROOM.at("*").any());
    assert_eq!(broker.publish(ROOM.at("x").at("y"), 1).receivers(), 0);
    assert_eq!(broker.publish(ROOM.at("*").at("y"), 1).receivers(), 1);
    assert_eq!(of_star.lock().unwrap().len(), 1);
}

#[test]
fn reserved_topics_are_not_covered_by_wildcards_made_from_text() {
    let broker = Broker::new();
    let _watching: Vec<_> = ["%broadcast", "%local", "%instance", "%person", "%25broadcast"]
        .map(|name| watch(&broker, Topic::named(name).below()).1)
        .into();
    assert_eq!(broker.publish(Topic::broadcast(), 1_u32).receivers(), 0);
    assert_eq!(broker.publish(Topic::person("me"), 1_u32).receivers(), 0);
    assert_eq!(broker.publish(Topic::instance(&SubscriberId::new().address()), 1_u32).receivers(), 0);
    assert_eq!(broker.publish(Topic::local("room").at(1), 1_u32).receivers(), 0);
}

#[test]
fn topics_with_only_wildcard_subscribers_do_not_accumulate() {
    let broker = Broker::new();
    let (seen, watching) = watch(&broker, ROOM.any());
    assert_eq!(broker.subscriber_count(), 1);
    for room in 0..1_000 {
        broker.publish(ROOM.at(room), room).unwrap();
    }
    assert_eq!(seen.lock().unwrap().len(), 1_000);
    assert_eq!(broker.topics(), []);
    drop(watching);
    assert_eq!(broker.subscriber_count(), 0);
    assert_eq!(broker.publish(ROOM.at(1), 1).receivers(), 0);
}

#[test]
fn the_sender_is_left_out_and_cancelling_during_a_delivery_takes_effect_at_once() {
    let broker = Broker::new();
    let me = SubscriberId::new();
    let mine = broker.subscribe(me, ROOM.any(), |_| panic!("the sender must be left out")).unwrap();
    let (seen, _watching) = watch(&broker, ROOM.any());
    assert_eq!(broker.publish_to_others(me, ROOM.at(1), 1).receivers(), 1);
    drop(mine);
    let others: Arc<Mutex<Vec<Subscription>>> = Arc::default();
    let ending = || {
        let others = Arc::clone(&others);
        broker.subscribe(SubscriberId::new(), ROOM.any(), move |_| others.lock().unwrap().clear()).unwrap()
    };
    let both = vec![ending(), ending()];
    *others.lock().unwrap() = both;
    broker.publish(ROOM.at(1), 2).unwrap();
    assert_eq!(broker.subscriber_count(), 1);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[test]
fn a_wildcard_and_a_topic_are_two_subscriptions_and_history_is_for_the_topic() {
    let broker = Broker::new();
    let topic = ROOM.at(1).history(5);
    broker.publish(&topic, 1).unwrap();
    let (seen, _watching) = watch(&broker, ROOM.history(5).any());
    let mut listener = broker.listen(topic).unwrap();
    assert_eq!(broker.publish(ROOM.at(1), 2).receivers(), 2);
    assert_eq!(seen.lock().unwrap()[..], [(path(&["1"]), 2)]);
    assert_eq!(support::block_on(listener.next()).as_deref(), Some(&1));
}

#[test]
fn a_message_of_another_type_is_refused_and_counted() {
    let broker = Broker::new();
    let (seen, _watching) = watch(&broker, ROOM.any());
    assert_eq!(broker.publish(Topic::<String>::new("room").at(1), "text".into()).receivers(), 0);
    assert_eq!((broker.refused(), seen.lock().unwrap().len()), (1, 0));
    assert_eq!(broker.topics(), []);
    let texts = broker.listen(Topic::<String>::new("room").any()).unwrap();
    assert_eq!(broker.publish(ROOM.at(1), 1).receivers(), 1);
    drop(texts);
}

#[test]
fn a_local_wildcard_hears_local_topics() {
    struct Opaque;
    const JOBS: Topic<Opaque> = Topic::local("jobs");
    let broker = Broker::new();
    let _listener = broker.listen(JOBS.below()).unwrap();
    assert_eq!(broker.publish(JOBS.at(1).at(2), Opaque).unwrap().local_receivers(), Some(1));
}

/// Several threads publish to a few topics, which open and close all the time since most of them have only wildcard
/// subscribers.
#[test]
fn under_load_each_topic_has_its_order_and_each_message_comes_once() {
    const EACH: u32 = 5_000;
    let broker = Broker::new();
    let (any, _any) = watch(&broker, ROOM.any());
    let (below, _below) = watch(&broker, ROOM.below());
    thread::scope(|scope| {
        for publisher in 0..4 {
            let broker = &broker;
            scope.spawn(move || {
                for number in 0..EACH {
                    let room = ROOM.at(number % 3);
                    if number % 50 == 0 {
                        drop(broker.listen(&room).unwrap());
                    }
                    broker.publish(room, publisher * EACH + number).unwrap();
                }
            });
        }
    });
    assert_eq!(broker.topics(), []);
    let rooms = |seen: &Seen| {
        let mut rooms: [Vec<u32>; 3] = Default::default();
        for (path, number) in seen.lock().unwrap().iter() {
            rooms[path[0].parse::<usize>().unwrap()].push(*number);
        }
        rooms
    };
    let rooms = (rooms(&any), rooms(&below));
    assert_eq!(rooms.0, rooms.1, "two subscribers saw different orders");
    for room in 0..3 {
        for publisher in 0..4 {
            let own = rooms.0[room].iter().filter(|number| **number / EACH == publisher).map(|number| *number % EACH);
            let wanted = (0..EACH).filter(|number| *number as usize % 3 == room);
            assert!(own.eq(wanted), "lost, duplicated or out of order");
        }
    }
}

proptest! {
    #[test]
    fn the_path_contains_the_segments_and_covers_predicts_delivery(
        path in prop::collection::vec("[ab.%*>/ \u{e9}\u{0}]{0,4}", 0..4),
        above in prop::collection::vec("[ab.*]{0,1}", 0..2),
        deep in any::<bool>(),
    ) {
        let topic = path.iter().fold(ROOM, |topic, segment| topic.at(segment));
        let top = above.iter().fold(ROOM, |topic, segment| topic.at(segment));
        let wildcard = if deep { top.below() } else { top.any() };
        let broker = Broker::new();
        let (seen, _watching) = watch(&broker, wildcard.clone());
        broker.publish(&topic, 1).unwrap();
        let seen = seen.lock().unwrap();
        let is_below = path.len() > above.len() && path.starts_with(&above) && (deep || path.len() == above.len() + 1);
        prop_assert_eq!(seen.len(), usize::from(is_below));
        prop_assert_eq!(wildcard.covers(&topic), is_below);
        if is_below {
            prop_assert_eq!(&seen[0].0, &path[above.len()..]);
        }
    }
}
