//! The models. Each states what must not happen in any interleaving.

use std::collections::BTreeSet;
use std::sync::Arc;

use shuttle::sync::Mutex;
use shuttle::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use shuttle::thread;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use crate::address::SubscriberId;
use crate::broker::Broker;
use crate::subscription::Subscription;
use crate::topic::Topic;
use crate::transport::{Envelope, HistoryRequest, Publication, PublicationId, Transport, TransportSink};

const TOPIC: Topic<u32> = Topic::new("topic");
const OTHER: Topic<u32> = Topic::new("other");

/// Runs a model under random schedules, and under schedules that switch threads seldom but at the worst points (PCT).
fn check(model: impl Fn() + Send + Sync + 'static) {
    const SEED: u64 = 0x1a_2a1;
    let runs = std::env::var("LANAI_MODEL_RUNS").ok();
    let runs = runs.map_or(5_000, |runs| runs.parse().expect("LANAI_MODEL_RUNS is a number"));
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::Print;
    // More steps than any model takes: a model that exceeds them is stuck in a loop.
    config.max_steps = MaxSteps::FailAfter(20_000);
    let model = Arc::new(model);
    let again = Arc::clone(&model);
    Runner::new(RandomScheduler::new_from_seed(SEED, runs), config.clone()).run(move || model());
    Runner::new(PctScheduler::new_from_seed(SEED, 4, runs), config).run(move || again());
}

/// What one subscriber received, in order.
#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<u32>>>);

impl Received {
    fn subscribe(&self, broker: &Broker, topic: &Topic<u32>) -> Subscription {
        let heard = self.clone();
        broker.subscribe(SubscriberId::new(), topic, move |message| heard.add(*message)).unwrap()
    }

    fn add(&self, message: u32) {
        self.0.lock().unwrap().push(message);
    }

    fn get(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }
}

fn publish(broker: &Broker, topic: &Topic<u32>, message: u32) -> usize {
    broker.publish(topic, message).unwrap().local_receivers().unwrap()
}

fn spawn(code: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(code)
}

fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

fn assert_gone(broker: &Broker) {
    assert_eq!(broker.subscriber_count(), 0);
    assert_eq!(broker.topics(), [], "an empty topic is left");
}

/// Three publishers reach the limit of the backlog, block, and take over from each other.
#[test]
fn every_subscriber_receives_one_order_and_each_message_once() {
    check(|| {
        let broker = Broker::new();
        let (one, other) = (Received::default(), Received::default());
        let subscriptions = [one.subscribe(&broker, &TOPIC), other.subscribe(&broker, &TOPIC)];
        let publishers = [[1, 2], [11, 12], [21, 22]].map(|messages| {
            let broker = broker.clone();
            spawn(move || {
                for message in messages {
                    assert_eq!(publish(&broker, &TOPIC, message), 2);
                }
            })
        });
        join(publishers);

        let order = one.get();
        assert_eq!(order, other.get());
        assert_eq!(order.len(), 6, "lost or duplicated: {order:?}");
        assert_eq!(BTreeSet::from_iter(&order).len(), 6, "duplicated: {order:?}");
        for first in [1, 11, 21] {
            let place = |message| order.iter().position(|&heard| heard == message);
            assert!(place(first) < place(first + 1), "the order of one publisher: {order:?}");
        }
        drop(subscriptions);
        assert_gone(&broker);
    });
}

/// A temporary subscriber receives a contiguous part of what a permanent subscriber receives.
#[test]
fn a_temporary_subscriber_receives_a_contiguous_part() {
    check(|| {
        let broker = Broker::new();
        let stays = Received::default();
        let staying = stays.subscribe(&broker, &TOPIC);
        let comes = Received::default();
        let publishers = [[1, 2], [11, 12]].map(|messages| {
            let broker = broker.clone();
            spawn(move || {
                for message in messages {
                    assert!(publish(&broker, &TOPIC, message) >= 1);
                }
            })
        });
        let guest = spawn({
            let (broker, comes) = (broker.clone(), comes.clone());
            move || {
                let subscription = comes.subscribe(&broker, &TOPIC);
                thread::yield_now();
                subscription.cancel();
                let heard = comes.get();
                thread::yield_now();
                assert_eq!(comes.get(), heard, "received a message after the end");
            }
        });
        join(publishers.into_iter().chain([guest]));

        let (all, part) = (stays.get(), comes.get());
        assert_eq!(all.len(), 4);
        assert!(
            part.is_empty() || all.windows(part.len()).any(|run| run == part),
            "{part:?} is not a contiguous part of {all:?}"
        );
        drop(staying);
        assert_gone(&broker);
    });
}

/// A subscriber opens a topic while the last one is closing it.
#[test]
fn nothing_is_missed_after_subscribe_returns() {
    check(|| {
        let broker = Broker::new();
        let leaving = Received::default().subscribe(&broker, &TOPIC);
        let leaver = spawn(move || drop(leaving));
        let other = spawn({
            let broker = broker.clone();
            move || {
                publish(&broker, &TOPIC, 100);
            }
        });
        let heard = Received::default();
        let subscription = heard.subscribe(&broker, &TOPIC);
        assert!(publish(&broker, &TOPIC, 1) >= 1);
        let second = spawn({
            let broker = broker.clone();
            move || {
                assert!(publish(&broker, &TOPIC, 2) >= 1);
            }
        });
        join([leaver, other, second]);
        let ours: Vec<u32> = heard.get().into_iter().filter(|&message| message < 100).collect();
        assert_eq!(ours, [1, 2]);
        assert!(heard.get().len() <= 3);
        drop(subscription);
        assert_gone(&broker);
    });
}

/// `publish` returns the actual number of receivers.
#[test]
fn publish_returns_the_number_of_receivers() {
    check(|| {
        let broker = Broker::new();
        let heard = [Received::default(), Received::default()];
        let subscribers = heard.clone().map(|heard| {
            let broker = broker.clone();
            thread::spawn(move || heard.subscribe(&broker, &TOPIC))
        });
        let count = publish(&broker, &TOPIC, 1);
        let subscriptions = subscribers.map(|thread| thread.join().unwrap());
        let receipts: usize = heard.iter().map(|heard| heard.get().len()).sum();
        assert_eq!(receipts, count);
        drop(subscriptions);
        assert_gone(&broker);
    });
}

/// When `cancel` returns, the callback is not running and has been dropped, even if two threads cancel at the same
/// time.
#[test]
fn after_cancel_the_callback_is_dropped_and_does_not_run() {
    check(|| {
        let broker = Broker::new();
        let running = Arc::new(AtomicBool::new(false));
        let subscription = Arc::new({
            let running = Arc::clone(&running);
            broker
                .subscribe(SubscriberId::new(), TOPIC, move |_| {
                    running.store(true, Ordering::SeqCst);
                    thread::yield_now();
                    running.store(false, Ordering::SeqCst);
                })
                .unwrap()
        });
        let publisher = spawn({
            let broker = broker.clone();
            move || {
                publish(&broker, &TOPIC, 1);
                publish(&broker, &TOPIC, 2);
            }
        });
        let cancel = |subscription: &Subscription, running: &AtomicBool| {
            subscription.cancel();
            assert!(!running.load(Ordering::SeqCst), "running after cancel");
            thread::yield_now();
            assert!(!running.load(Ordering::SeqCst), "started after cancel");
            assert!(!subscription.is_active());
        };
        let second = spawn({
            let (subscription, running) = (Arc::clone(&subscription), Arc::clone(&running));
            move || cancel(&subscription, &running)
        });
        cancel(&subscription, &running);
        join([second]);
        assert_eq!(Arc::strong_count(&running), 1, "deliver was not dropped");
        join([publisher]);
        assert_gone(&broker);
    });
}

/// Two subscribers cancel each other from within their deliveries. Whichever is first, neither waits forever.
#[test]
fn deliveries_that_cancel_each_other_do_not_deadlock() {
    check(|| {
        let broker = Broker::new();
        let slots: [Arc<Mutex<Option<Subscription>>>; 2] = Default::default();
        let calls = Arc::new(AtomicUsize::new(0));
        let subscribe = |topic, cancels: &Arc<Mutex<Option<Subscription>>>| {
            let (cancels, calls) = (Arc::clone(cancels), Arc::clone(&calls));
            broker
                .subscribe(SubscriberId::new(), topic, move |_| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    let cancelled = cancels.lock().unwrap().take();
                    drop(cancelled);
                })
                .unwrap()
        };
        let (one, other) = (subscribe(TOPIC, &slots[1]), subscribe(OTHER, &slots[0]));
        *slots[0].lock().unwrap() = Some(one);
        *slots[1].lock().unwrap() = Some(other);
        let publishers = [TOPIC, OTHER].map(|topic| {
            let broker = broker.clone();
            spawn(move || {
                publish(&broker, &topic, 1);
            })
        });
        join(publishers);
        let calls = calls.load(Ordering::SeqCst);
        assert!((1..=2).contains(&calls), "{calls} deliveries");
        assert_eq!(broker.subscriber_count(), 2 - calls);
        for slot in slots {
            drop(slot.lock().unwrap().take());
        }
        assert_gone(&broker);
    });
}

/// A subscriber that cancels itself is not called again, although publishers continue.
#[test]
fn a_subscriber_can_cancel_itself() {
    check(|| {
        let broker = Broker::new();
        let itself: Arc<Mutex<Option<Subscription>>> = Arc::default();
        let calls = Arc::new(AtomicUsize::new(0));
        let stays = Received::default();
        let staying = stays.subscribe(&broker, &TOPIC);
        let subscription = {
            let (itself, calls) = (Arc::clone(&itself), Arc::clone(&calls));
            broker
                .subscribe(SubscriberId::new(), TOPIC, move |_| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    let subscription = itself.lock().unwrap().take();
                    drop(subscription);
                })
                .unwrap()
        };
        *itself.lock().unwrap() = Some(subscription);
        let publishers = [1, 2, 3].map(|message| {
            let broker = broker.clone();
            spawn(move || {
                publish(&broker, &TOPIC, message);
            })
        });
        join(publishers);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&calls), 1, "deliver was not dropped");
        assert_eq!(stays.get().len(), 3);
        drop(staying);
        assert_gone(&broker);
    });
}

/// Deliveries publish to each other in a circle of two busy topics.
#[test]
fn deliveries_may_publish_to_each_others_topics() {
    check(|| {
        let broker = Broker::new();
        let heard = [Received::default(), Received::default()];
        let forward = |from: Topic<u32>, to: Topic<u32>, heard: &Received| {
            let (heard, broker) = (heard.clone(), broker.clone());
            broker
                .clone()
                .subscribe(SubscriberId::new(), from, move |message| {
                    heard.add(*message);
                    if *message % 10 < 2 {
                        publish(&broker, &to, *message + 1);
                    }
                })
                .unwrap()
        };
        let subscriptions = [forward(TOPIC, OTHER, &heard[0]), forward(OTHER, TOPIC, &heard[1])];
        let publishers = [(TOPIC, 10), (OTHER, 20), (TOPIC, 30)].map(|(topic, message)| {
            let broker = broker.clone();
            spawn(move || {
                assert_eq!(publish(&broker, &topic, message), 1);
            })
        });
        join(publishers);
        let sorted = |heard: &Received| {
            let mut heard = heard.get();
            heard.sort_unstable();
            heard
        };
        assert_eq!(sorted(&heard[0]), [10, 12, 21, 30, 32]);
        assert_eq!(sorted(&heard[1]), [11, 20, 22, 31]);
        drop(subscriptions);
        assert_gone(&broker);
    });
}

/// Nothing published before `close` is lost, and the listener wakes up to see its end.
#[test]
fn a_listener_receives_everything_until_it_is_closed() {
    check(|| {
        let broker = Broker::new();
        let mut listener = broker.listen(TOPIC).unwrap();
        let publisher = spawn({
            let broker = broker.clone();
            move || {
                for message in 1..=3 {
                    publish(&broker, &TOPIC, message);
                }
            }
        });
        let first = shuttle::future::block_on(listener.next()).expect("not closed yet");
        listener.close();
        let mut heard = vec![*first];
        while let Some(message) = shuttle::future::block_on(listener.next()) {
            heard.push(*message);
        }
        assert_eq!(heard[..], [1, 2, 3][..heard.len()]);
        join([publisher]);
        assert_gone(&broker);
    });
}

/// A listener whose capacity is too small takes messages out concurrently. Each message is either returned or counted
/// as missed, in its place.
#[test]
fn a_listener_that_is_too_slow_is_told_exactly_what_it_missed() {
    check(|| {
        let broker = Broker::new();
        let mut listener = broker.listen(TOPIC).unwrap().capacity(2);
        for message in 1..=2 {
            publish(&broker, &TOPIC, message);
        }
        let publisher = spawn({
            let broker = broker.clone();
            move || {
                for message in 3..=5 {
                    publish(&broker, &TOPIC, message);
                }
            }
        });
        let mut next = 1;
        while next <= 5 {
            match shuttle::future::block_on(listener.try_next()) {
                Ok(message) => {
                    assert_eq!(*message.expect("it is open"), next);
                    next += 1;
                }
                Err(missed) => next += missed.at_most as u32,
            }
        }
        assert_eq!(next, 6, "the newest is never dropped");
        join([publisher]);
        listener.close();
        assert_eq!(shuttle::future::block_on(listener.next()), None);
        assert_gone(&broker);
    });
}

/// Two publishers, and two listeners besides a callback: all receive one order, although the messages take different
/// paths.
#[test]
fn listeners_and_callbacks_receive_one_order() {
    check(|| {
        let broker = Broker::new();
        let mut listener = broker.listen(TOPIC).unwrap();
        let heard = Received::default();
        let publishers = [[1, 2], [11, 12]].map(|messages| {
            let broker = broker.clone();
            spawn(move || {
                for message in messages {
                    publish(&broker, &TOPIC, message);
                }
            })
        });
        let subscription = heard.subscribe(&broker, &TOPIC);
        thread::yield_now();
        drop(subscription);
        let part = heard.get();
        join(publishers);
        listener.close();
        let mut all = Vec::new();
        while let Some(message) = shuttle::future::block_on(listener.next()) {
            all.push(*message);
        }
        assert_eq!(BTreeSet::from_iter(&all).len(), 4, "lost or duplicated: {all:?}");
        assert!(
            part.is_empty() || all.windows(part.len()).any(|run| run == part),
            "{part:?} is not a contiguous part of {all:?}"
        );
        assert_gone(&broker);
    });
}

/// A waiting listener is woken by the end of its broker.
#[test]
fn a_listener_ends_with_its_broker() {
    check(|| {
        let broker = Broker::new();
        let mut listener = broker.listen(TOPIC).unwrap();
        let publisher = spawn(move || {
            publish(&broker, &TOPIC, 1);
        });
        assert_eq!(shuttle::future::block_on(listener.next()).as_deref(), Some(&1));
        assert_eq!(shuttle::future::block_on(listener.next()), None);
        join([publisher]);
    });
}

/// A subscriber that wants history receives the earlier messages and then the new ones, whatever happens meanwhile.
#[test]
fn history_and_new_messages_have_no_gap_and_no_duplicate() {
    check(|| {
        let kept = TOPIC.history(10);
        let broker = Broker::new();
        publish(&broker, &kept, 1);
        let publishers = [[11, 12], [21, 22]].map(|messages| {
            let (broker, kept) = (broker.clone(), kept.clone());
            spawn(move || {
                for message in messages {
                    publish(&broker, &kept, message);
                }
            })
        });
        let late = [Received::default(), Received::default()];
        let subscribers = late.clone().map(|heard| {
            let (broker, kept) = (broker.clone(), kept.clone());
            thread::spawn(move || heard.subscribe(&broker, &kept))
        });
        join(publishers);
        let subscriptions = subscribers.map(|thread| thread.join().unwrap());
        let order = late[0].get();
        assert_eq!(order, late[1].get());
        assert_eq!(order.len(), 5, "lost or duplicated: {order:?}");
        assert_eq!(BTreeSet::from_iter(&order).len(), 5, "duplicated: {order:?}");
        assert_eq!(order[0], 1);
        drop(subscriptions);
        assert_eq!(broker.topics().len(), 1);
    });
}

/// A topic is forgotten while others publish and subscribe to it. Its history is either kept or gone, never partial.
#[test]
fn an_idle_topic_can_be_forgotten_at_any_moment() {
    check(|| {
        let kept = TOPIC.history(10);
        let broker = Broker::with_idle_topics(1);
        publish(&broker, &kept, 1);
        let others = spawn({
            let broker = broker.clone();
            move || {
                publish(&broker, &OTHER.history(1), 100);
            }
        });
        let publisher = spawn({
            let (broker, kept) = (broker.clone(), kept.clone());
            move || {
                publish(&broker, &kept, 2);
            }
        });
        let heard = Received::default();
        let subscription = heard.subscribe(&broker, &kept);
        publish(&broker, &kept, 3);
        join([others, publisher]);
        let heard = heard.get();
        // Either all earlier messages or none; the later ones in any case.
        let live: Vec<u32> = heard.iter().copied().filter(|&message| message != 1).collect();
        assert!(live == [2, 3] || live == [3, 2] || live == [3], "{heard:?}");
        assert!(heard.first() == Some(&1) || !heard.contains(&1), "{heard:?}");
        drop(subscription);
        assert!(broker.topics().len() <= 1, "{:?}", broker.topics());
    });
}

/// Topics with only a wildcard subscriber open and close between messages. Each message is received once, in its
/// topic's order, and no topic is left over.
#[test]
fn a_wildcard_receives_each_message_once_and_in_order() {
    check(|| {
        let broker = Broker::new();
        let heard = Received::default();
        let deliver = {
            let heard = heard.clone();
            move |at: Arc<crate::wildcard::Routed<u32>>| heard.add(**at)
        };
        let watching = broker.subscribe(SubscriberId::new(), TOPIC.any(), deliver).unwrap();
        let publishers = [[1, 2], [11, 12]].map(|messages| {
            let broker = broker.clone();
            spawn(move || {
                for message in messages {
                    assert!(publish(&broker, &TOPIC.at("x"), message) >= 1);
                }
            })
        });
        let guest = spawn({
            let broker = broker.clone();
            move || drop(Received::default().subscribe(&broker, &TOPIC.at("x")))
        });
        let ending = spawn({
            let broker = broker.clone();
            move || {
                let late = broker.subscribe(SubscriberId::new(), TOPIC.below(), |_| {}).unwrap();
                drop(late);
            }
        });
        join(publishers.into_iter().chain([guest, ending]));
        let order = heard.get();
        assert_eq!(order.len(), 4, "lost or duplicated: {order:?}");
        for first in [1, 11] {
            let place = |message| order.iter().position(|&heard| heard == message);
            assert!(place(first) < place(first + 1), "the order of one publisher: {order:?}");
        }
        drop(watching);
        assert_gone(&broker);
    });
}

/// A small transport: another thread decides when published messages come back, and history requests are answered
/// immediately.
#[derive(Default)]
struct Loop {
    sink: Mutex<Option<TransportSink>>,
    log: Mutex<Vec<Publication>>,
    /// How often the topic is subscribed to.
    subscriptions: Mutex<usize>,
    /// How much of the log [`Self::deliver_subscribed`] has read.
    read: Mutex<usize>,
}

struct ToLoop(Arc<Loop>);

impl Loop {
    fn deliver_all(&self) {
        let sink = self.sink.lock().unwrap().clone().unwrap();
        let mut position = 0;
        loop {
            let log = self.log.lock().unwrap();
            let Some(next) = log.get(position) else { return };
            position += 1;
            let (id, payload) = (next.id, next.payload.clone());
            drop(log);
            let (topic, type_name) = ("topic", "u32");
            sink.deliver(
                0,
                Envelope { position: position as u64, topic, type_name, id, payload: &payload, except: None },
            );
        }
    }
}

impl Loop {
    /// Continues with the log and skips messages without a subscription, as a process does that reads only what it
    /// subscribes to.
    fn deliver_subscribed(&self) {
        let sink = self.sink.lock().unwrap().clone().unwrap();
        let mut read = self.read.lock().unwrap();
        loop {
            let log = self.log.lock().unwrap();
            let Some(next) = log.get(*read) else { return };
            *read += 1;
            let (id, payload, position) = (next.id, next.payload.clone(), *read as u64);
            drop(log);
            let subscriptions = self.subscriptions.lock().unwrap();
            if *subscriptions == 0 {
                sink.stored_up_to(0, position);
                continue;
            }
            drop(subscriptions);
            let (topic, type_name) = ("topic", "u32");
            sink.deliver(0, Envelope { position, topic, type_name, id, payload: &payload, except: None });
        }
    }
}

impl Transport for ToLoop {
    fn subscribe(&self, _: &str) {
        *self.0.subscriptions.lock().unwrap() += 1;
    }

    fn unsubscribe(&self, _: &str) {
        *self.0.subscriptions.lock().unwrap() -= 1;
    }

    fn position(&self, _: usize) -> u64 {
        0
    }

    fn start(&self, sink: TransportSink) {
        *self.0.sink.lock().unwrap() = Some(sink);
    }

    fn publish(&self, publication: Publication) -> Result<(), crate::error::PublishError> {
        self.0.log.lock().unwrap().push(publication);
        Ok(())
    }

    fn history(&self, request: HistoryRequest) {
        let log = self.0.log.lock().unwrap();
        let until = log.len().min(request.up_to() as usize);
        let from = until.saturating_sub(request.count());
        let past: Vec<(u64, PublicationId, Vec<u8>)> =
            (from..until).map(|at| (at as u64 + 1, log[at].id, log[at].payload.clone())).collect();
        drop(log);
        let (topic, type_name, except) = ("topic", "u32", None);
        let past: Vec<_> = past
            .iter()
            .map(|(position, id, payload)| Envelope { position: *position, topic, type_name, id: *id, payload, except })
            .collect();
        request.answer(&past);
    }

    fn buffered(&self) -> usize {
        0
    }
}

/// Subscribers arrive, with and without history, while the transport delivers messages. Positions and the opening and
/// closing of topics are what could go wrong here.
#[test]
fn messages_from_a_transport_have_no_gap_and_no_duplicate() {
    check(|| {
        let transport = Arc::new(Loop::default());
        let broker = Broker::with_transport(ToLoop(Arc::clone(&transport)));
        for message in 1..=3 {
            broker.publish(TOPIC, message).unwrap();
        }
        let arriving = spawn({
            let transport = Arc::clone(&transport);
            move || transport.deliver_all()
        });
        let live = Received::default();
        let (whole, short) = (Received::default(), Received::default());
        let subscribers = [(&whole, 10), (&short, 1), (&live, 0)].map(|(heard, past)| {
            let (heard, broker) = (heard.clone(), broker.clone());
            thread::spawn(move || heard.subscribe(&broker, &TOPIC.history(past)))
        });
        let subscriptions = subscribers.map(|thread| thread.join().unwrap());
        join([arriving]);
        assert_eq!(whole.get(), [1, 2, 3]);
        let (short, live) = (short.get(), live.get());
        assert!(!short.is_empty() && [1, 2, 3].ends_with(&short), "{short:?}");
        assert!([1, 2, 3].ends_with(&live), "{live:?}");
        drop(subscriptions);
        assert_gone(&broker);
    });
}

/// A transport that skips messages without a subscription. A new subscriber receives what is published from then on,
/// and with history all of it; and each subscription with the transport is reverted exactly once.
#[test]
fn a_subscription_with_a_transport_receives_everything_published_after_it() {
    check(|| {
        let transport = Arc::new(Loop::default());
        let broker = Broker::with_transport(ToLoop(Arc::clone(&transport)));
        broker.publish(TOPIC, 1).unwrap();
        broker.publish(TOPIC, 2).unwrap();
        let reading = spawn({
            let transport = Arc::clone(&transport);
            move || transport.deliver_subscribed()
        });
        let guest = spawn({
            let broker = broker.clone();
            move || drop(Received::default().subscribe(&broker, &TOPIC))
        });
        let (whole, live) = (Received::default(), Received::default());
        let past = whole.subscribe(&broker, &TOPIC.history(10));
        let present = live.subscribe(&broker, &TOPIC);
        broker.publish(TOPIC, 3).unwrap();
        join([reading, guest]);
        transport.deliver_subscribed();
        assert_eq!(whole.get(), [1, 2, 3]);
        let live = live.get();
        assert!([&[1, 2, 3][..], &[2, 3], &[3]].contains(&&live[..]), "{live:?}");
        drop((past, present));
        assert_eq!(*transport.subscriptions.lock().unwrap(), 0);
        assert_gone(&broker);
    });
}
