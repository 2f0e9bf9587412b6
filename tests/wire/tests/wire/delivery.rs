//! Exactly once, in order, never overlapping: whatever the load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use lanai::prelude::*;
use wire::{Server, Visitor};

use crate::views::{Listener, NUMBERS};

/// What the handlers saw, of all views.
#[derive(Default)]
struct Report {
    overlaps: AtomicU32,
    disorder: AtomicU32,
    handled: AtomicU32,
}

const JITTER: Topic<(u32, u32)> = Topic::new("jitter");

/// Takes 0 to 2 ms for each message of several publishers.
struct Jittery {
    report: Arc<Report>,
    /// Whether a handler of this view is at work.
    working: Arc<AtomicBool>,
    last: [u32; PUBLISHERS as usize],
}

const PUBLISHERS: u32 = 8;
const EACH: u32 = 50;
const VIEWS: u32 = 4;

impl Jittery {
    async fn mount(cx: Cx<Self>, State(report): State<Arc<Report>>) -> Self {
        cx.subscribe(JITTER, Self::handle);
        Self { report, working: Arc::default(), last: [0; PUBLISHERS as usize] }
    }

    async fn handle(&mut self, &(publisher, number): &(u32, u32)) {
        let working = self.working.clone();
        if working.swap(true, Ordering::SeqCst) {
            self.report.overlaps.fetch_add(1, Ordering::SeqCst);
        }
        self.book(publisher, number);
        // Pseudo-random, the same in each run: 0 to 2 ms.
        let micros = (u64::from(number) * 7919 + u64::from(publisher) * 104_729) % 2_000;
        tokio::time::sleep(Duration::from_micros(micros)).await;
        working.store(false, Ordering::SeqCst);
    }

    fn book(&mut self, publisher: u32, number: u32) {
        let last = &mut self.last[publisher as usize];
        if number != *last + 1 {
            self.report.disorder.fetch_add(1, Ordering::SeqCst);
        }
        *last = number;
        self.report.handled.fetch_add(1, Ordering::SeqCst);
    }
}

impl View for Jittery {
    fn render(&self) -> Html<Self> {
        html! { p { (format!("{:?}", self.last)) } }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slow_handlers_get_each_message_once_in_order() {
    let report = Arc::new(Report::default());
    let server = Server::start(App::new().route("/", live(Jittery::mount)).with_state(report.clone())).await;
    let mut visitors = Vec::new();
    for _ in 0..VIEWS {
        visitors.push(Visitor::visit(server.address, "/").await);
    }
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| {
            let broker = server.handle.broker().clone();
            std::thread::spawn(move || {
                for number in 1..=EACH {
                    broker.publish(JITTER, (publisher, number)).expect("the topic has one type");
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.join().expect("a publisher does not panic");
    }
    let all = PUBLISHERS * EACH * VIEWS;
    server.until("all messages were handled", |_| report.handled.load(Ordering::SeqCst) == all).await;
    assert_eq!(report.disorder.load(Ordering::SeqCst), 0);
    assert_eq!(report.overlaps.load(Ordering::SeqCst), 0);
    assert!(server.stats().frames < u64::from(all), "messages that wait are rendered together");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sockets_that_are_cut_again_and_again_lose_nothing() {
    let server = Server::start(App::new().route("/", live(Listener::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let broker = server.handle.broker().clone();
    let publisher = tokio::spawn(async move {
        for number in 1..=10_000 {
            broker.publish(NUMBERS, number).expect("the topic has one type");
            if number % 50 == 0 {
                tokio::task::yield_now().await;
            }
        }
    });
    for round in 0..200 {
        if round % 3 == 0 {
            let _ = visitor.frame().await;
        }
        visitor.cut();
        visitor.attach().await;
        if publisher.is_finished() {
            break;
        }
    }
    publisher.await.expect("the publisher does not panic");
    // The counts of the view: heard, last, out of order.
    let mut shown = [String::from("00000"), String::from("00000"), String::from("0")];
    while shown != ["10000", "10000", "0"] {
        let frame: serde_json::Value = serde_json::from_str(&visitor.frame().await).expect("a frame is JSON");
        // So many frames may be under way at once, and on a busy machine there are more.
        visitor.send(&visitor.frames.to_string()).await;
        for change in frame.as_array().expect("a frame is an array")[1..].chunks(2) {
            let (op, text) = (change[0].as_u64().expect("an op"), change[1].as_str().expect("a text"));
            let slot = &mut shown[op as usize / 4];
            match op % 4 {
                0 => *slot = text.into(),
                2 => slot.push_str(text),
                op => panic!("op {op}"),
            }
        }
    }
    assert_eq!(server.stats().mounts, 1);
}
