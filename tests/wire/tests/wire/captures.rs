//! Handlers in all places are `async` or not, and own what they capture.

use std::time::Duration;

use lanai::prelude::*;
use lanai::{Address, Topic};
use wire::{Server, Visitor};

const NOTES: Topic<String> = Topic::new("captures");

/// Hears of everything that its handlers do.
struct Page {
    cx: Cx<Self>,
    heard: Vec<String>,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        let name = String::from("subscribed");
        cx.subscribe(NOTES, async move |page: &mut Self, note: &String| page.hear(&name, note).await);
        let name = String::from("with cx");
        cx.subscribe(NOTES.at("cx"), async move |page: &mut Self, note: &String, _: &Cx<Self>| {
            page.hear(&name, note).await;
            Ok::<_, Error>(())
        });
        Self { cx, heard: Vec::new() }
    }

    async fn hear(&mut self, who: &str, what: &str) {
        tokio::task::yield_now().await;
        self.heard.push(format!("{who}: {what}"));
    }

    async fn loaded(&mut self, value: u32) -> Result {
        self.hear("method", &value.to_string()).await;
        Ok(())
    }

    async fn loaded_with(&mut self, value: u32, cx: &Cx<Self>) {
        let address: Address = cx.address();
        self.hear("with cx", &format!("{value} {}", address == self.cx.address())).await;
    }

    fn spawn(&mut self, cx: &Cx<Self>) {
        let name = String::from("spawned");
        cx.spawn(async { 1 }, Self::loaded);
        cx.spawn(async { 2 }, Self::loaded_with);
        cx.spawn(async { 3 }, async move |page: &mut Self, value: u32| page.hear(&name, &value.to_string()).await);
    }

    fn update(&mut self, cx: &Cx<Self>) {
        let name = String::from("updated");
        cx.update_async(async move |page: &mut Self| page.hear(&name, "once").await);
        cx.update_async(async |_: &mut Self| "x".parse::<u32>().map(drop));
    }

    fn later(&mut self, cx: &Cx<Self>) {
        let name = String::from("timer");
        cx.after(Duration::ZERO, async move |page: &mut Self| page.hear(&name, "late").await);
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let rows = ["a", "b"].map(String::from);
        html! {
            button onclick=(Self::spawn) { "spawn" }
            button onclick=(Self::update) { "update" }
            button onclick=(Self::later) { "later" }
            @for row in &rows {
                @let id = row.clone();
                @let other = row.clone();
                @let third = row.clone();
                li key=(row) {
                    button onclick=(async move |page: &mut Self| page.hear("row", &id).await) { "row" }
                    button onclick=(async move |page: &mut Self, _: Click, cx: &Cx<Self>| {
                        cx.title("clicked");
                        page.hear("event", &other).await;
                        Ok::<_, Error>(())
                    }) { "event" }
                    button onclick=(on(async move |page: &mut Self| page.hear("once", &third).await).once()) { "once" }
                }
            }
            p { (self.heard.join(", ")) }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        self.heard.push(error.to_string());
    }
}

/// Waits until the page shows this.
async fn shows(visitor: &mut Visitor, text: &str) {
    let mut all = String::new();
    while !all.contains(text) {
        all.push_str(&visitor.frame().await);
    }
}

#[tokio::test]
async fn async_closures_own_what_they_capture_wherever_a_handler_stands() {
    let server = Server::start(App::new().route("/", live(Page::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for (handler, text) in [(3, "row: a"), (3, ", row: a"), (6, "row: b")] {
        visitor.event(handler, None).await;
        shows(&mut visitor, text).await;
    }
    for (handler, text) in [(4, "event: a"), (7, "event: b")] {
        let click = serde_json::json!([0, 0, 0, false, false, false, false]);
        visitor.event(handler, Some(click)).await;
        shows(&mut visitor, text).await;
    }
    visitor.event(8, None).await;
    shows(&mut visitor, "once: b").await;
    server.handle.broker().publish(NOTES, "x".into()).unwrap();
    shows(&mut visitor, "subscribed: x").await;
    server.handle.broker().publish(NOTES.at("cx"), "y".into()).unwrap();
    shows(&mut visitor, "with cx: y").await;
}

#[tokio::test]
async fn results_updates_and_timers_are_handled_by_async_functions_too() {
    let server = Server::start(App::new().route("/", live(Page::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    visitor.event(0, None).await;
    let mut all = String::new();
    for text in ["method: 1", "with cx: 2 true", "spawned: 3"] {
        while !all.contains(text) {
            all.push_str(&visitor.frame().await);
        }
    }
    visitor.event(1, None).await;
    shows(&mut visitor, "updated: once").await;
    server.until("an update has failed", |stats| stats.errors == 1).await;
    visitor.event(2, None).await;
    shows(&mut visitor, "timer: late").await;
}
