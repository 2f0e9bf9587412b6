//! Topics as streams.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;

use futures_util::{FutureExt, StreamExt, future};
use lanai_pubsub::{Broker, Listener, Topic};
use support::{ReceiverCount, block_on};

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
fn after_close_the_waiting_messages_come_and_then_the_end() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    broker.publish(NUMBERS, 1).unwrap();
    listener.close();
    assert_eq!(broker.publish(NUMBERS, 2).receivers(), 0);
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
    assert_eq!(broker.publish_to_others(me.subscriber(), NUMBERS, 1).receivers(), 1);
    assert_eq!(block_on(you.next()).as_deref(), Some(&1));
    assert_eq!(me.next().now_or_never(), None);
}

/// A task that continues with its newest waker, as when it moves to another thread.
#[test]
fn the_newest_waker_is_woken() {
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
        assert_eq!(*reader.next().now_or_never().unwrap().unwrap(), number, "the slow listener does not delay others");
    }
    let missed = stopped.try_next().now_or_never().unwrap().unwrap_err();
    assert_eq!((missed.at_most, stopped.gaps()), (99_990, 1));
    for number in 99_990..100_000 {
        assert_eq!(*stopped.try_next().now_or_never().unwrap().unwrap().unwrap(), number);
    }
    message(7);
    assert_eq!(*stopped.next().now_or_never().unwrap().unwrap(), 7);
}

/// What the listener returns next: a message, or the number of missed ones.
fn taken(listener: &mut Listener<u32>) -> Result<u32, u64> {
    let next = listener.try_next().now_or_never().expect("something waits").map_err(|missed| missed.at_most)?;
    Ok(*next.expect("it goes on"))
}

/// The listener takes out several messages at a time. Those that it has not returned yet count as waiting.
#[test]
fn the_oldest_are_dropped_wherever_they_wait() {
    for read in 0..10 {
        for published in 0..25 {
            let broker = Broker::new();
            let mut listener = broker.listen(NUMBERS).unwrap().capacity(10);
            let publish = |numbers: std::ops::Range<u32>| {
                numbers.for_each(|number| {
                    broker.publish(NUMBERS, number).unwrap();
                });
            };
            publish(0..10);
            for number in 0..read {
                assert_eq!(taken(&mut listener), Ok(number));
            }
            let end = 10 + published;
            publish(10..end);
            let first = read.max(end.saturating_sub(10));
            if first > read {
                assert_eq!(taken(&mut listener), Err(u64::from(first - read)), "{read} read, {published} more");
            }
            for number in first..end {
                assert_eq!(taken(&mut listener), Ok(number), "{read} read, {published} more");
            }
            assert!(listener.next().now_or_never().is_none());
            assert_eq!(listener.gaps(), u64::from(first > read), "each gap is reported once");
        }
    }
}

#[test]
fn a_smaller_capacity_drops_the_oldest_at_once() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    for number in 0..10 {
        broker.publish(NUMBERS, number).unwrap();
    }
    assert_eq!(taken(&mut listener), Ok(0));
    let mut listener = listener.capacity(4);
    assert_eq!(taken(&mut listener), Err(5));
    for number in 6..10 {
        assert_eq!(taken(&mut listener), Ok(number));
    }
}

/// A waker that publishes and then panics.
struct Echo {
    broker: Broker,
    woken: AtomicUsize,
}

impl Wake for Echo {
    fn wake(self: Arc<Self>) {
        if self.woken.fetch_add(1, Ordering::SeqCst) < 3 {
            self.broker.publish(NUMBERS, 100).unwrap();
            panic!("the waker of a listener, on purpose");
        }
    }
}

#[test]
fn a_waker_may_publish_and_panic() {
    let broker = Broker::new();
    let (mut one, mut other) = (broker.listen(NUMBERS).unwrap(), broker.listen(NUMBERS).unwrap());
    let echo = Arc::new(Echo { broker: broker.clone(), woken: AtomicUsize::new(0) });
    let waker = Waker::from(Arc::clone(&echo));
    for listener in [&mut one, &mut other] {
        assert!(listener.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(broker.publish(NUMBERS, 1).receivers(), 2);
    assert_eq!(echo.woken.load(Ordering::SeqCst), 2, "each of them is woken");
    for listener in [&mut one, &mut other] {
        for number in [1, 100, 100] {
            assert_eq!(taken(listener), Ok(number));
        }
    }
}

/// A topic with both kinds of subscribers has one order for all of them.
#[test]
fn listeners_and_callbacks_receive_one_order() {
    let broker = Broker::new();
    let mut listener = broker.listen(NUMBERS).unwrap();
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let subscription = {
        let (heard, broker) = (Arc::clone(&heard), broker.clone());
        broker.clone().subscribe(listener.subscriber(), NUMBERS, move |number: Arc<u32>| {
            heard.lock().unwrap().push(*number);
            if *number < 10 {
                broker.publish(NUMBERS, *number + 10).unwrap();
            }
        })
    };
    for number in 0..5 {
        broker.publish(NUMBERS, number).unwrap();
    }
    drop(subscription);
    broker.publish(NUMBERS, 20).unwrap();
    let mut order = heard.lock().unwrap().clone();
    order.push(20);
    listener.close();
    assert_eq!(block_on(listener.map(|number| *number).collect::<Vec<_>>()), order);
}
