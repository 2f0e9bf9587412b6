//! Networks that are slow, break, and come back; servers that are gone and others that take their place.

use std::time::Duration;

use lanai::CloseReason;
use lanai::prelude::*;
use lanai_test::{Result, app, css};
use tokio::time::Instant;

#[derive(Default)]
struct Notes {
    notes: Vec<String>,
    draft: String,
    cx: Option<Cx<Self>>,
}

impl Notes {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(NEWS, |notes: &mut Self, news: &String| notes.notes.push(news.clone()));
        Self { cx: Some(cx), ..Self::default() }
    }

    fn typed(&mut self, Value(draft): Value) {
        self.draft = draft;
    }

    fn add(&mut self) {
        self.notes.push(std::mem::take(&mut self.draft));
    }
}

const NEWS: Topic<String> = Topic::new("news");
const LEFT: Topic<String> = Topic::new("left");

impl View for Notes {
    fn render(&self) -> Html<Self> {
        html! {
            ul { @for note in &self.notes { li { (note) } } }
            label { "Note" input value=(self.draft) oninput=(Self::typed); }
            button onclick=(Self::add) { "Add" }
        }
    }

    fn closed(&mut self, reason: CloseReason) {
        if let Some(cx) = &self.cx {
            cx.publish(LEFT, format!("{reason:?}"));
        }
    }
}

fn program() -> App {
    App::new().route("/", live(Notes::mount))
}

#[tokio::test(start_paused = true)]
async fn what_is_done_without_a_connection_arrives_when_it_is_back() -> Result {
    let app = app(program());
    let page = app.visit("/").await?;
    page.disconnect();
    page.sees("Connection lost. Reconnecting…").await?;
    page.fill("Note", "offline").await?;
    page.click("Add").await?;
    app.broker().publish(NEWS, "meanwhile".into()).unwrap();
    assert_eq!(page.texts(css("li")), [""; 0]);
    page.reconnect().await?;
    page.until("both are there", |page| page.texts(css("li")) == ["meanwhile", "offline"]).await?;
    page.sees_not("Connection lost").await?;
    assert_eq!(app.stats().mounts, 1, "it is the same view");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_slow_network_delays_both_ways() -> Result {
    let page = app(program()).visit("/").await?;
    page.slow(Duration::from_millis(400));
    let start = Instant::now();
    page.click("Add").await?;
    assert!(start.elapsed() >= Duration::from_millis(800), "{:?}", start.elapsed());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn another_server_takes_the_place_of_one_that_is_gone() -> Result {
    let app = app(program());
    let page = app.visit("/").await?;
    page.fill("Note", "typed before").await?;
    app.stop();
    page.sees("Connection lost. Reconnecting…").await?;
    app.start(program());
    page.until("it is connected", |page| page.is_connected()).await?;
    assert_eq!(page.value_of("Note")?, "typed before", "what was typed is carried over");
    page.click("Add").await?;
    page.within(css("ul")).sees("typed before").await?;
    assert_eq!(app.stats().mounts, 1, "the new program has mounted a view of its own");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_closed_says_so_and_one_that_is_lost_has_its_grace() -> Result {
    let app = app(program());
    let mut left = app.broker().listen(LEFT).unwrap();
    let page = app.visit("/").await?;
    page.close().await;
    assert_eq!(left.next().await.unwrap().as_str(), "Left");
    let page = app.visit("/").await?;
    drop(page);
    assert_eq!(left.next().await.unwrap().as_str(), "Expired");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_left_for_another_says_so() -> Result {
    let app = app(program());
    let mut left = app.broker().listen(LEFT).unwrap();
    let page = app.visit("/").await?;
    page.visit("/").await?;
    assert_eq!(left.next().await.unwrap().as_str(), "Left");
    page.reload().await?;
    assert_eq!(left.next().await.unwrap().as_str(), "Left");
    page.slow(Duration::from_millis(300));
    page.visit("/").await?;
    assert_eq!(left.next().await.unwrap().as_str(), "Left");
    page.disconnect();
    page.slow(Duration::ZERO);
    page.visit("/").await.unwrap_err();
    assert_eq!(left.next().await.unwrap().as_str(), "Expired", "nobody can hear the page");
    Ok(())
}
