//! A page that does not read delays no other page, and the frames that wait for it are bounded.

use lanai::Limits;
use lanai::prelude::*;
use wire::{Received, Server, Visitor};

use crate::views::{Listener, NUMBERS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_reader_holds_nobody_up_and_costs_a_bounded_number_of_frames() {
    const VIEWERS: usize = 1_000;
    const MESSAGES: u32 = 300;
    let server = Server::start(App::new().route("/", live(Listener::mount))).await;
    let mut viewers = Vec::new();
    for _ in 0..VIEWERS {
        viewers.push(Visitor::visit(server.address, "/").await);
    }
    // The stalled page neither reads nor acknowledges.
    let mut stalled = viewers.pop().expect("there are viewers");
    let window = Limits::default().frames as u64;

    let reading = viewers.into_iter().map(|mut viewer| {
        tokio::spawn(async move {
            loop {
                let frame = viewer.frame().await;
                let acknowledge = viewer.frames.to_string();
                viewer.send(&acknowledge).await;
                if frame.contains(&format!("\"{MESSAGES:05}\"")) {
                    return viewer;
                }
            }
        })
    });
    let reading: Vec<_> = reading.collect();
    for number in 1..=MESSAGES {
        let frames = server.stats().frames;
        server.handle.broker().publish(NUMBERS, number).expect("the topic has one type");
        // So pages that read get a frame for each message.
        server.until("somebody got it", |stats| stats.frames > frames).await;
    }
    for viewer in reading {
        viewer.await.expect("each viewer sees the last message");
    }

    // Only a limited number of frames was sent to the stalled page. When it reads them and the rest, it is up to date.
    let mut frames = 0;
    let last = loop {
        let frame = stalled.frame().await;
        frames += 1;
        let acknowledge = stalled.frames.to_string();
        if frames >= window {
            stalled.send(&acknowledge).await;
        }
        if frame.contains(&format!("\"{MESSAGES:05}\"")) {
            break frame;
        }
    };
    assert!(last.contains("300"), "{last}");
    assert!(frames <= window + 2, "{frames} frames waited for one that may have {window}");
    stalled.cut();
    assert!(matches!(stalled.attach().await, Received::Text(text) if text.starts_with(r#"{"attached""#)));
}

/// Shows the last number in a text of 300 KB.
struct Large(u32);

impl View for Large {
    fn render(&self) -> Html<Self> {
        html! { p { (format!("{}{:05}", "x".repeat(300_000), self.0)) } }
    }
}

#[tokio::test]
async fn large_frames_for_a_page_that_does_not_read_are_bounded_by_their_bytes() {
    let mount = |cx: Cx<Large>| {
        cx.subscribe(NUMBERS, |view: &mut Large, number: &u32| view.0 = *number);
        async { Large(0) }
    };
    let server = Server::start(App::new().route("/", live(mount))).await;
    let mut stalled = Visitor::visit(server.address, "/").await;
    for number in 1..=20 {
        server.handle.broker().publish(NUMBERS, number).expect("the topic has one type");
        server.until("the message was handled", |stats| stats.events == u64::from(number)).await;
    }
    // The server stops when more than 1 MiB waits: after four frames of 300 KB.
    assert!(server.stats().frames <= 4, "{} frames", server.stats().frames);
    loop {
        let frame = stalled.frame().await;
        if frame.ends_with("00020\"]") {
            break;
        }
        let acknowledge = stalled.frames.to_string();
        stalled.send(&acknowledge).await;
    }
}
