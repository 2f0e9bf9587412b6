//! What strangers can write into the log: a few lines, each of which is one.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use lanai::App;
use lanai::prelude::*;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wire::{Received, Server, Socket, Visitor, get};

/// Keeps the fields of each event, as they would be printed.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Fields<'l>(&'l mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target().starts_with("lanai") {
            let mut line = String::new();
            event.record(&mut Fields(&mut line));
            self.0.lock().unwrap().push(line);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Panics with what it is told, and refuses what is no number.
struct Parrot;

impl Parrot {
    async fn mount(_cx: Cx<Self>, Path(name): Path<String>) -> Result<Self> {
        if name == "parrot" { Ok(Self) } else { Err(std::io::Error::other(format!("no such bird: {name}")))? }
    }

    fn number(&mut self, Form(form): Form<Number>) {
        _ = form.number;
    }

    fn fail(&mut self, Value(text): Value<String>) -> Result<()> {
        Err(std::io::Error::other(text))?
    }

    fn panic(&mut self, Value(text): Value<String>) {
        panic!("{text}");
    }

    fn block(&mut self) {
        std::thread::sleep(std::time::Duration::from_millis(120));
    }
}

#[derive(serde::Deserialize)]
struct Number {
    number: u32,
}

impl View for Parrot {
    fn render(&self) -> Html<Self> {
        html! {
            form onsubmit=(Self::number) {}
            input oninput=(Self::fail);
            input oninput=(Self::panic);
            button onclick=(Self::block) {}
        }
    }
}

const FORGED: &str = "\n2026-01-01T00:00:00Z  INFO all is well \u{1b}[2J\u{1b}]0;title\u{7}\r\u{202e}";

#[tokio::test]
async fn no_words_of_a_visitor_forge_a_line_or_fill_the_log() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = Server::start(App::new().route("/{name}", live(Parrot::mount))).await;
    let long = format!("{FORGED}{}", "x".repeat(10_000));

    // Origins, paths, payloads, errors, panics, channels, and messages that are none.
    for _ in 0..100 {
        let origin = format!("https://evil.example/{}", "x".repeat(3_000));
        let mut foreign = Socket::open_from(server.address, &origin).await.expect("it is told why");
        assert!(matches!(foreign.receive().await, Received::Text(text) if text.contains("refused")));
        assert_eq!(get(server.address, "/%0A2026%20INFO%20%1B%5B2J").await.status(), 500);
    }
    let mut visitor = Visitor::visit(server.address, "/parrot").await;
    for _ in 0..60 {
        visitor.event(0, Some(json!(format!("number={long}")))).await;
        visitor.event(1, Some(json!(long))).await;
        visitor.events += 1;
        let channel = json!([visitor.events, visitor.frames, long, long, null]).to_string();
        visitor.send(&channel).await;
        visitor.settled().await;
    }
    for _ in 0..15 {
        let mut visitor = Visitor::visit(server.address, "/parrot").await;
        visitor.event(2, Some(json!(long))).await;
        visitor.receive_until_closed().await;
        let mut stranger = Socket::open(server.address).await;
        stranger.send(&long).await;
        stranger.receive().await;
    }

    let lines = std::mem::take(&mut *log.0.lock().unwrap());
    assert!(lines.len() < 150, "{} lines", lines.len());
    let length: usize = lines.iter().map(String::len).sum();
    assert!(length < 300_000, "{length} bytes");
    for line in &lines {
        let (first, backtrace) = line.split_once("\nat ").unwrap_or((line, ""));
        assert!(!first.lines().any(|line| line.starts_with("2026")), "{line}");
        let is_hidden = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!line.contains(is_hidden), "{line:?}");
        assert!(backtrace.is_empty() || first.contains("panicked"), "{line}");
    }
    for kind in ["an event was refused", "a handler returned an error", "panicked", "no such bird"] {
        let count = lines.iter().filter(|line| line.contains(kind)).count();
        assert!((1..=20).contains(&count), "{count} lines of {kind}: {lines:#?}");
    }
}

#[tokio::test]
async fn a_handler_that_keeps_its_thread_is_named_in_the_log() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = Server::start(App::new().route("/{name}", live(Parrot::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/parrot").await;
    visitor.event(3, None).await;
    visitor.settled().await;
    let lines = log.0.lock().unwrap().join("\n");
    assert!(lines.contains("Parrot::block") && lines.contains("spawn_blocking"), "{lines}");
}
