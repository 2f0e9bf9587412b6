//! Each topic has one type. The broker checks it where the compiler cannot.

mod support;

use lanai_pubsub::{Broker, PublishError, SubscribeError, SubscriberId, Topic};
use serde::{Deserialize, Serialize};
use support::{Received, ReceiverCount};

#[derive(Serialize, Deserialize)]
struct Line;

const CHAT: Topic<Line> = Topic::new("chat");

#[test]
fn the_error_for_a_message_of_another_type_says_what_to_do() {
    let broker = Broker::new();
    let heard = Received::new();
    let _subscription = heard.subscribe(&broker, CHAT);

    let error = broker.publish("chat", String::from("hello")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "topic `chat` carries `types::Line`, but `alloc::string::String` was published; \
         use one type per topic, or a different topic name"
    );
    let PublishError::TypeMismatch(mismatch) = error else {
        panic!("unexpected error: {error}");
    };
    assert_eq!(mismatch.topic, "chat");

    let sender = SubscriberId::new();
    assert!(broker.publish_to_others(sender, "chat", 1).is_err());
    assert_eq!(heard.shared().len(), 0);
    assert_eq!(broker.publish(CHAT, Line).receivers(), 1);
}

#[test]
fn the_error_for_a_subscriber_of_another_type_says_what_to_do() {
    let broker = Broker::new();
    let _subscription = Received::new().subscribe(&broker, CHAT);
    let error = broker.listen::<u32>("chat").unwrap_err();
    assert_eq!(
        error.to_string(),
        "topic `chat` carries `types::Line`, but a subscriber asked for `u32`; \
         use one type per topic, or a different topic name"
    );
    assert!(matches!(error, SubscribeError::TypeMismatch(_)));
    assert_eq!(broker.subscriber_count(), 1);
}

#[test]
fn the_type_is_free_again_when_the_last_subscription_has_ended() {
    let broker = Broker::new();
    let subscription = Received::new().subscribe(&broker, CHAT);
    assert!(broker.publish("chat", 1).is_err());
    drop(subscription);
    assert_eq!(broker.publish("chat", 1).receivers(), 0);
    let numbers = Received::<i32>::new();
    let _subscription = numbers.subscribe(&broker, "chat");
    assert_eq!(broker.publish("chat", 1).receivers(), 1);
    assert!(broker.publish(CHAT, Line).is_err());
}
