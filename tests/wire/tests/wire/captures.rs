//! A handler may be an `async` closure that owns what it captures, wherever a handler can be.

use std::time::Duration;

use lanai::prelude::*;
use lanai::{Address, Topic};
use lanai_test::css;

const NOTES: Topic<String> = Topic::new("captures");

/// Shows what its handlers do.
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

#[tokio::test(start_paused = true)]
async fn async_closures_own_what_they_capture_wherever_a_handler_stands() -> lanai_test::Result {
    let app = lanai_test::app(App::new().route("/", live(Page::mount)));
    let page = app.visit("/").await?;
    let (a, b) = (page.within(css("li:first-of-type")), page.within(css("li:last-of-type")));
    a.click("row").await?;
    a.click("row").await?;
    b.click("row").await?;
    page.sees("row: a, row: a, row: b").await?;
    a.click("event").await?;
    b.click("event").await?;
    page.sees("event: a, event: b").await?;
    assert_eq!(page.title(), "clicked");
    b.click("once").await?;
    page.sees("once: b").await?;
    app.broker().publish(NOTES, "x".into()).unwrap();
    page.sees("subscribed: x").await?;
    app.broker().publish(NOTES.at("cx"), "y".into()).unwrap();
    page.sees("with cx: y").await
}

#[tokio::test(start_paused = true)]
async fn results_updates_and_timers_are_handled_by_async_functions_too() -> lanai_test::Result {
    let app = lanai_test::app(App::new().route("/", live(Page::mount)));
    let page = app.visit("/").await?;
    page.click("spawn").await?;
    for text in ["method: 1", "with cx: 2 true", "spawned: 3"] {
        page.sees(text).await?;
    }
    page.click("update").await?;
    page.sees("updated: once").await?;
    app.until("an update has failed", |stats| stats.errors == 1).await?;
    page.click("later").await?;
    page.sees("timer: late").await
}
