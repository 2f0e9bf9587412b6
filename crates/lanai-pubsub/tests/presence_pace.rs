//! Presence under back-pressure: it uses a bounded part of the transport's buffer, waits for room, and loses nothing.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use lanai_pubsub::presence::{LeaveReason, Presence, Track};
use lanai_pubsub::{
    Broker, Envelope, HistoryRequest, Publication, PublishError, Topic, Transport, TransportSink, is_presence,
};

const ROOM: Topic<String> = Topic::new("room");

/// A transport that stores a message when the test tells it to.
#[derive(Default)]
struct Slow {
    sink: Mutex<Option<TransportSink>>,
    waiting: Mutex<VecDeque<Publication>>,
    /// The size of the buffer.
    room: usize,
    /// The largest message that it accepts, and how many it refused.
    largest: Option<usize>,
    refused: Mutex<usize>,
    /// How many messages it has stored, and the largest number of bytes that were waiting.
    stored: Mutex<u64>,
    most_bytes: Mutex<usize>,
}

impl Slow {
    /// Stores the oldest message: confirms it, and delivers it if `delivers` is set.
    fn store(&self, delivers: bool) -> bool {
        let Some(publication) = self.waiting.lock().unwrap().pop_front() else { return false };
        let Publication { topic, type_name, id, payload, confirmation, .. } = publication;
        let mut stored = self.stored.lock().unwrap();
        *stored += 1;
        let position = *stored;
        drop(stored);
        confirmation.settle(Ok(()));
        if delivers && let Some(sink) = &*self.sink.lock().unwrap() {
            sink.deliver(0, Envelope { position, topic: &topic, type_name, id, payload: &payload, except: None });
        }
        true
    }

    fn waiting(&self) -> usize {
        self.waiting.lock().unwrap().len()
    }
}

struct ToSlow(Arc<Slow>);

impl Transport for ToSlow {
    fn position(&self, _: usize) -> u64 {
        0
    }

    fn start(&self, sink: TransportSink) {
        *self.0.sink.lock().unwrap() = Some(sink);
    }

    fn publish(&self, publication: Publication) -> Result<(), PublishError> {
        assert!(is_presence(&publication.topic));
        let (topic, bytes) = (publication.topic.to_string(), publication.payload.len());
        if let Some(limit) = self.0.largest.filter(|limit| bytes > *limit) {
            *self.0.refused.lock().unwrap() += 1;
            return Err(PublishError::TooLarge { topic, bytes, limit });
        }
        let mut waiting = self.0.waiting.lock().unwrap();
        if waiting.len() >= self.0.room {
            return Err(PublishError::Unavailable { topic, buffered: waiting.len() });
        }
        waiting.push_back(publication);
        let bytes: usize = waiting.iter().map(|publication| publication.payload.len()).sum();
        let mut most = self.0.most_bytes.lock().unwrap();
        *most = bytes.max(*most);
        Ok(())
    }

    fn history(&self, request: HistoryRequest) {
        request.answer(&[]);
    }

    fn buffered(&self) -> usize {
        self.0.waiting()
    }
}

fn connect(slow: Slow) -> (Arc<Slow>, Presence) {
    let slow = Arc::new(slow);
    let presence = Broker::with_transport(ToSlow(Arc::clone(&slow))).presence();
    (slow, presence)
}

fn crowd(presence: &Presence, count: u32) -> Vec<Track> {
    let meta = "x".repeat(8_000);
    (0..count).map(|number| presence.track(ROOM, number, &meta).unwrap()).collect()
}

#[test]
fn is_presence_is_true_only_for_the_presence_topic() {
    for name in [ROOM.name().as_ref(), Topic::<String>::broadcast().name().as_ref(), "", "%broadcast"] {
        assert!(!is_presence(name), "{name}");
    }
}

/// Publishes 8 MB of people, 1 MiB at a time, although no time passes.
#[test]
fn unconfirmed_events_are_bounded_and_the_rest_follows() {
    let (slow, presence) = connect(Slow { room: usize::MAX, ..Slow::default() });
    let crowd = crowd(&presence, 1_000);
    while slow.store(true) {}
    assert_eq!(presence.count(ROOM), 1_000);
    assert_eq!(*slow.stored.lock().unwrap(), 1 + 1_000, "each person is published once, after the Hello of the node");
    let most = *slow.most_bytes.lock().unwrap();
    assert!(most <= (1 << 20) + 20_000, "{most}");
    drop(crowd);
    while slow.store(true) {}
    assert_eq!(presence.count(ROOM), 0);
}

/// A waker that records that it was called.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn publishing_continues_as_soon_as_an_event_is_confirmed() {
    let (slow, presence) = connect(Slow { room: usize::MAX, ..Slow::default() });
    presence.set_heartbeat(Duration::MAX);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut running = pin!(presence.run(|_| pending::<()>()));
    let mut run = || running.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
    assert!(run());
    let _crowd = crowd(&presence, 500);
    let mut stored = 0;
    while woken.0.swap(false, Ordering::SeqCst) {
        assert!(run());
        stored += u32::from(slow.store(false));
    }
    while slow.store(false) {
        stored += 1;
    }
    assert!(stored >= 500, "it stopped after {stored}");
}

/// The program's own messages have filled the buffer.
#[test]
fn a_person_who_finds_no_room_is_published_when_there_is_room() {
    let (slow, presence) = connect(Slow { room: 5, ..Slow::default() });
    presence.set_heartbeat(Duration::from_millis(5));
    let crowd = crowd(&presence, 100);
    assert_eq!(slow.waiting(), 5);
    crowd[7].end(Duration::ZERO, LeaveReason::Left);
    for _ in 0..1_000 {
        slow.store(true);
        if presence.count(ROOM) == 99 {
            return;
        }
    }
    panic!("{} people are present", presence.count(ROOM));
}

#[test]
fn only_a_person_whose_metadata_is_too_large_is_left_out() {
    let (slow, presence) = connect(Slow { room: usize::MAX, largest: Some(10_000), ..Slow::default() });
    let _crowd = crowd(&presence, 10);
    let large = presence.track(ROOM, "large", &"x".repeat(15_000)).unwrap();
    let _late = presence.track(ROOM, "late", &0).unwrap();
    while slow.store(true) {}
    assert_eq!(presence.count(ROOM), 11);
    assert_eq!(*slow.refused.lock().unwrap(), 1);
    large.update("large", &"less").unwrap();
    while slow.store(true) {}
    assert_eq!(presence.count(ROOM), 12);
}
