//! Presence over several nodes: brokers that share one log, from which they can be disconnected.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lanai_pubsub::presence::{Change, Person, Presence, Watch};
use lanai_pubsub::{Broker, Envelope, HistoryRequest, Publication, PublishError, Topic, Transport, TransportSink};

const ROOM: Topic<String> = Topic::new("room");

/// Heartbeat intervals: one longer than any test, and one of which three are missed quickly, but not merely because the
/// machine is busy.
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(250);

/// The message server: one order of all messages.
#[derive(Default)]
struct Log {
    entries: Mutex<Vec<Publication>>,
    changed: Condvar,
}

/// A node's connection to the log.
struct Link {
    log: Arc<Log>,
    is_cut: AtomicBool,
    waiting: Mutex<Vec<Publication>>,
}

impl Link {
    /// Cuts the connection.
    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
    }

    /// Restores the connection: appends the waiting messages to the log, and delivers the missed ones.
    fn heal(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
        self.log.entries.lock().unwrap().append(&mut self.waiting.lock().unwrap());
        self.log.changed.notify_all();
    }
}

struct LinkTransport(Arc<Link>);

impl Transport for LinkTransport {
    fn position(&self, _: usize) -> u64 {
        self.0.log.entries.lock().unwrap().len() as u64
    }

    fn start(&self, sink: TransportSink) {
        let (link, mut read) = (Arc::clone(&self.0), self.position(0) as usize);
        thread::spawn(move || {
            while sink.is_open() {
                let entries = link.log.entries.lock().unwrap();
                if link.is_cut.load(Ordering::SeqCst) || entries.len() == read {
                    // Wakes up now and then to check whether the broker is still alive.
                    drop(link.log.changed.wait_timeout(entries, Duration::from_millis(5)).unwrap());
                    continue;
                }
                let Publication { topic, type_name, id, payload, .. } = &entries[read];
                let (topic, type_name, id, payload) = (topic.clone(), *type_name, *id, payload.clone());
                drop(entries);
                read += 1;
                sink.deliver(
                    0,
                    Envelope { position: read as u64, topic: &topic, type_name, id, payload: &payload, except: None },
                );
            }
        });
    }

    fn publish(&self, publication: Publication) -> Result<(), PublishError> {
        let entries = if self.0.is_cut.load(Ordering::SeqCst) { &self.0.waiting } else { &self.0.log.entries };
        entries.lock().unwrap().push(publication);
        self.0.log.changed.notify_all();
        Ok(())
    }

    fn history(&self, request: HistoryRequest) {
        request.answer(&[]);
    }

    fn buffered(&self) -> usize {
        self.0.waiting.lock().unwrap().len()
    }
}

/// A process: a broker, and a thread that drives its presence.
struct Node {
    presence: Presence,
    link: Arc<Link>,
    is_over: Arc<AtomicBool>,
    clock: Option<JoinHandle<()>>,
    told: Arc<Mutex<Vec<String>>>,
    _watch: Watch,
}

impl Node {
    fn start(log: &Arc<Log>, heartbeat: Duration) -> Self {
        let link = Arc::new(Link { log: Arc::clone(log), is_cut: AtomicBool::new(false), waiting: Mutex::default() });
        let presence = Broker::with_transport(LinkTransport(Arc::clone(&link))).presence();
        presence.set_heartbeat(heartbeat);
        let told = Arc::new(Mutex::new(Vec::new()));
        let (_, watch) = presence.watch(ROOM, {
            let told = Arc::clone(&told);
            move |change| {
                told.lock().unwrap().push(match change {
                    Change::Joined(entry) => format!("+{}", entry.key),
                    Change::Left(entry, why) => format!("-{} {why:?}", entry.key),
                    _ => return,
                });
            }
        });
        let is_over = Arc::new(AtomicBool::new(false));
        let clock = thread::spawn({
            let (presence, is_over) = (presence.clone(), Arc::clone(&is_over));
            move || {
                let mut running = Box::pin(presence.run(|wait| {
                    let until = Instant::now() + wait;
                    poll_fn(move |_| {
                        if Instant::now() >= until {
                            return Poll::Ready(());
                        }
                        thread::sleep(wait.min(Duration::from_millis(5)));
                        Poll::Pending
                    })
                }));
                while !is_over.load(Ordering::SeqCst) {
                    let _ = (&mut running).now_or_never();
                }
            }
        });
        Self { presence, link, is_over, clock: Some(clock), told, _watch: watch }
    }

    fn keys(&self) -> Vec<String> {
        let people: Vec<Person<u32>> = self.presence.list(ROOM);
        people.iter().map(|person| person.key.to_string()).collect()
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    #[track_caller]
    fn until(&self, expected: &[&str]) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.keys() != expected {
            assert!(Instant::now() < deadline, "expected {expected:?}, but {:?} are present", self.keys());
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        if let Some(clock) = self.clock.take() {
            let _ = clock.join();
        }
    }
}

#[test]
fn every_node_sees_the_people_of_all_nodes_even_if_it_starts_late() {
    let log = Arc::new(Log::default());
    let (one, other) = (Node::start(&log, LONG), Node::start(&log, LONG));
    let ann = one.presence.track(ROOM, "Ann", &1).unwrap();
    other.until(&["Ann"]);
    let _bob = other.presence.track(ROOM, "Bob", &2).unwrap();
    one.until(&["Ann", "Bob"]);
    let late = Node::start(&log, LONG);
    late.until(&["Ann", "Bob"]);
    let there_too = late.presence.track(ROOM, "Ann", &3).unwrap();
    drop(ann);
    drop(one);
    other.until(&["Ann", "Bob"]);
    drop(there_too);
    other.until(&["Bob"]);
    assert_eq!(other.told(), ["+Ann", "+Bob", "-Ann Untracked"]);
}

#[test]
fn the_people_of_a_dead_node_leave_and_those_of_a_returning_node_rejoin() {
    let log = Arc::new(Log::default());
    let (one, dying) = (Node::start(&log, SHORT), Node::start(&log, SHORT));
    let _ann = one.presence.track(ROOM, "Ann", &1).unwrap();
    dying.until(&["Ann"]);
    let _bob = dying.presence.track(ROOM, "Bob", &1).unwrap();
    one.until(&["Ann", "Bob"]);
    let _there_too = one.presence.track(ROOM, "Cat", &1).unwrap();
    let _cat = dying.presence.track(ROOM, "Cat", &1).unwrap();
    one.until(&["Ann", "Bob", "Cat"]);
    dying.link.cut();
    one.until(&["Ann", "Cat"]);
    assert_eq!(one.told().last().unwrap(), "-Bob NodeLost");
    // While it is disconnected it keeps what it knows, and nobody leaves.
    let _dan = dying.presence.track(ROOM, "Dan", &1).unwrap();
    dying.link.heal();
    one.until(&["Ann", "Bob", "Cat", "Dan"]);
    dying.until(&["Ann", "Bob", "Cat", "Dan"]);
    let leaves: Vec<_> = one.told().into_iter().filter(|told| told.starts_with('-')).collect();
    assert_eq!(leaves, ["-Bob NodeLost"]);
}
