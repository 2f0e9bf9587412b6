//! Messages that arrive while a view is mounted are handled before its first HTML.

use lanai::prelude::*;
use serde_json::json;
use wire::{Received, Server, Visitor, get, op};

const LINES: Topic<String> = Topic::new("early/lines").history(10);

struct Log {
    lines: Vec<String>,
    failed: Option<String>,
}

impl Log {
    /// The slot of the lines.
    const LINES: i64 = 0;

    fn new() -> Self {
        Self { lines: Vec::new(), failed: None }
    }

    #[expect(clippy::ptr_arg, reason = "a handler takes a reference to the type of the topic")]
    fn heard(&mut self, line: &String) {
        self.lines.push(line.clone());
    }

    fn refuse(&mut self, line: &String) -> Result<()> {
        Err(std::io::Error::other(format!("no {line}")).into())
    }

    fn panic(&mut self, _: &String) {
        panic!("on purpose: an early message");
    }

    async fn never(&mut self, _: &String) {
        std::future::pending().await
    }
}

impl View for Log {
    fn render(&self) -> Html<Self> {
        html! { p { "lines: " (self.lines.join(",")) @if let Some(failed) = &self.failed { " failed: " (failed) } } }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        self.failed = Some(error.to_string());
    }
}

/// A server whose topic already has two messages, with a view that `setup` mounts.
async fn serve<R>(setup: impl Fn(&Cx<Log>) -> R + Clone + Send + Sync + 'static) -> Server {
    let mount = move |cx: Cx<Log>| {
        setup(&cx);
        async { Log::new() }
    };
    let server = Server::start(App::new().route("/", live(mount))).await;
    for line in ["one", "two"] {
        server.handle.broker().publish(LINES, line.into()).unwrap();
    }
    server
}

#[tokio::test]
async fn the_history_of_a_topic_is_in_the_first_html_and_is_handed_over_once() {
    let server = serve(|cx| cx.subscribe(LINES, Log::heard)).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    assert!(visitor.html.contains("one,two"), "{}", visitor.html);
    server.handle.broker().publish(LINES, "three".into()).unwrap();
    let added = json!([0, op::append(Log::LINES), ",three"]).to_string();
    assert_eq!(visitor.frame().await, added, "only the new line is added");
}

#[tokio::test]
async fn an_error_of_an_early_handler_goes_to_failed_and_a_panic_is_an_error_page() {
    let server = serve(|cx| cx.subscribe(LINES, Log::refuse)).await;
    assert!(get(server.address, "/").await.body().contains("no two"));
    let server = serve(|cx| cx.subscribe(LINES, Log::panic)).await;
    assert_eq!(get(server.address, "/").await.status(), 500);
    assert_eq!((server.stats().panics, server.stats().instances, server.stats().subscriptions), (1, 0, 0));
}

#[tokio::test]
async fn nobody_waits_for_a_handler_that_takes_its_time() {
    let server = serve(|cx| {
        cx.subscribe(LINES, Log::never);
        cx.subscribe(LINES, Log::heard);
    })
    .await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    let live = visitor.html.split("<!--/lanai-->").next().unwrap_or_default();
    assert!(!live.contains("one"), "later messages wait behind it: {live}");
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
}
