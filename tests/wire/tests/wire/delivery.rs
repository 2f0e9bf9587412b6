//! Under any load, each message is handled exactly once and in order, and no two handlers of a view overlap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use lanai::prelude::*;
use wire::{Frame, Server, Visitor, op};

use crate::views::{Listener, NUMBERS};

/// What the handlers of all views have observed.
#[derive(Default)]
struct Report {
    overlaps: AtomicU32,
    disorder: AtomicU32,
    handled: AtomicU32,
}

const JITTER: Topic<(u32, u32)> = Topic::new("jitter");

/// Handles the messages of several publishers, each in 0 to 2 ms.
struct Jittery {
    report: Arc<Report>,
    /// Whether a handler of this view is running.
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
        // A pseudo-random time, the same in each run.
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
    // The slots of the view, in order: the number of messages, the last one, and how many came out of order.
    let mut shown = [String::from("00000"), String::from("00000"), String::from("0")];
    while shown != ["10000", "10000", "0"] {
        let frame = Frame::parse(&visitor.frame().await);
        // The server sends only a limited number of frames without an acknowledgement, and a busy machine needs more.
        visitor.send(&visitor.frames.to_string()).await;
        for (operation, text) in &frame.operations {
            let text = text.as_str().expect("a text");
            let is_for = |operation_on: fn(i64) -> i64| (0..3).position(|slot| operation_on(slot) == *operation);
            match (is_for(op::set), is_for(op::append)) {
                (Some(slot), _) => shown[slot] = text.into(),
                (_, Some(slot)) => shown[slot].push_str(text),
                _ => panic!("an operation that this view does not need: {frame:?}"),
            }
        }
    }
    assert_eq!(server.stats().mounts, 1);
}
