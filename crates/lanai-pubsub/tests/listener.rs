//! Topics as streams.

mod support;

use std::pin::pin;
use std::thread;

use futures_util::{FutureExt, StreamExt, future};
use lanai_pubsub::{Broker, Topic};
use support::{HeardBy, block_on};

const NUMBERS: Topic<u32> = Topic::new("numbers");

#[test]
fn messages_wait_until_they_are_asked_for() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    assert_eq!(listener.next().now_or_never(), None, "nothing yet");
    for number in 0..1_000 {
        broker.publish(NUMBERS, number).unwrap();
    }
    for number in 0..1_000 {
        assert_eq!(listener.next().now_or_never().flatten().as_deref(), Some(&number));
    }
    assert_eq!(listener.next().now_or_never(), None, "nothing more");
}

#[test]
fn a_waiting_task_is_woken_by_a_message_and_by_the_end() {
    let broker = Broker::new();
    let listener = broker.listen(NUMBERS).unwrap();
    let task = thread::spawn(move || block_on(listener.map(|number| *number).collect::<Vec<_>>()));
    for number in 0..100 {
        broker.publish(NUMBERS, number).unwrap();
    }
    drop(broker);
    assert_eq!(task.join().unwrap(), Vec::from_iter(0..100));
}

#[test]
fn after_close_comes_what_was_there_and_then_the_end() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    broker.publish(NUMBERS, 1).unwrap();
    listener.close();
    assert_eq!(broker.publish(NUMBERS, 2).heard(), 0);
    assert_eq!(block_on(listener.next()).as_deref(), Some(&1));
    assert_eq!(block_on(listener.next()), None);
    assert_eq!(block_on(listener.next()), None);
}

#[test]
fn dropping_it_ends_the_subscription() {
    let broker = Broker::new();
    let listener = broker.listen(NUMBERS).unwrap();
    assert_eq!(broker.subscriber_count(), 1);
    drop(listener);
    assert_eq!(broker.topics(), []);
}

#[test]
fn a_dropped_wait_loses_nothing() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    {
        let mut wait = pin!(listener.next());
        assert_eq!(wait.as_mut().now_or_never(), None);
        broker.publish(NUMBERS, 1).unwrap();
    }
    assert_eq!(block_on(listener.next()).as_deref(), Some(&1));
}

#[test]
fn a_listener_is_left_out_of_what_it_publishes_to_others() {
    let broker = Broker::new();
    let (mut me, mut you) = (broker.listen(NUMBERS).unwrap(), broker.listen(NUMBERS).unwrap());
    assert_eq!(broker.publish_to_others(me.subscriber(), NUMBERS, 1).heard(), 1);
    assert_eq!(block_on(you.next()).as_deref(), Some(&1));
    assert_eq!(me.next().now_or_never(), None);
}

/// A task that goes on with the newest of its wakers, as when it is moved to another thread.
#[test]
fn the_last_who_asked_is_woken() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    assert_eq!(listener.next().now_or_never(), None);
    let task = thread::spawn(move || block_on(future::join(listener.next(), future::ready(()))));
    broker.publish(NUMBERS, 7).unwrap();
    assert_eq!(task.join().unwrap().0.as_deref(), Some(&7));
}

#[test]
fn a_listener_that_is_not_read_holds_a_bounded_number_of_messages_and_is_told() {
    const NUMBERS: Topic<u32> = Topic::new("bounded");
    let broker = Broker::new();
    let message = |number| broker.publish(NUMBERS, number).unwrap();
    let mut stopped = broker.listen(NUMBERS).unwrap().capacity(10);
    let mut reader = broker.listen(NUMBERS).unwrap();
    for number in 0..100_000 {
        message(number);
        assert_eq!(*reader.next().now_or_never().unwrap().unwrap(), number, "nobody else is held up");
    }
    let missed = stopped.try_next().now_or_never().unwrap().unwrap_err();
    assert_eq!((missed.most, stopped.gaps()), (99_990, 1));
    for number in 99_990..100_000 {
        assert_eq!(*stopped.try_next().now_or_never().unwrap().unwrap().unwrap(), number);
    }
    message(7);
    assert_eq!(*stopped.next().now_or_never().unwrap().unwrap(), 7);
}
