//! What visitors send cannot forge lines in the log, hide anything in it, or fill it. The log names a handler that blocks
//! its thread.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use lanai::App;
use lanai::prelude::*;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wire::{Received, Server, Socket, Visitor, get};

/// Collects the fields of each event of Lanai, formatted as a log prints them.
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

/// Fails in each way in which a text of a visitor could reach the log.
struct Parrot;

impl Parrot {
    /// The handler of a form: refuses a payload that is not a number.
    const NUMBER: u32 = 0;
    /// The handler that returns an error with the visitor's text.
    const FAIL: u32 = 1;
    /// The handler that panics with the visitor's text.
    const PANIC: u32 = 2;

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
            button onclick=(Self::block) { "block" }
        }
    }
}

/// A text with a line break and a line that looks genuine, sequences that clear a terminal and set its title, and a
/// character that reverses the direction of writing.
const FORGED: &str = "\n2026-01-01T00:00:00Z  INFO all is well \u{1b}[2J\u{1b}]0;title\u{7}\r\u{202e}";

#[tokio::test]
async fn no_words_of_a_visitor_forge_a_line_or_fill_the_log() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = Server::start(App::new().route("/{name}", live(Parrot::mount))).await;
    let long = format!("{FORGED}{}", "x".repeat(10_000));

    // The text arrives as an origin, a path, a payload, an error, a panic, a channel, and something outside the protocol.
    for _ in 0..100 {
        let origin = format!("https://evil.example/{}", "x".repeat(3_000));
        let mut foreign =
            Socket::open_from(server.address, &origin).await.expect("the socket opens, to say why it is refused");
        assert!(matches!(foreign.receive().await, Received::Text(text) if text.contains("refused")));
        assert_eq!(get(server.address, "/%0A2026%20INFO%20%1B%5B2J").await.status(), 500);
    }
    let mut visitor = Visitor::visit(server.address, "/parrot").await;
    for _ in 0..60 {
        visitor.event(Parrot::NUMBER, Some(json!(format!("number={long}")))).await;
        visitor.event(Parrot::FAIL, Some(json!(long))).await;
        // A message on a channel, with the text as the names of the channel and of the event.
        visitor.events += 1;
        let channel = json!([visitor.events, visitor.frames, long, long, null]).to_string();
        visitor.send(&channel).await;
        visitor.settled().await;
    }
    for _ in 0..15 {
        let mut visitor = Visitor::visit(server.address, "/parrot").await;
        visitor.event(Parrot::PANIC, Some(json!(long))).await;
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

// The clock is real, since the handler blocks a real thread.
#[tokio::test]
async fn a_handler_that_keeps_its_thread_is_named_in_the_log() -> lanai_test::Result {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let app = lanai_test::app(App::new().route("/{name}", live(Parrot::mount)));
    let page = app.visit("/parrot").await?;
    page.click("block").await?;
    let lines = log.0.lock().unwrap().join("\n");
    assert!(lines.contains("Parrot::block") && lines.contains("spawn_blocking"), "{lines}");
    Ok(())
}
