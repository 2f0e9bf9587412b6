//! Sticky views: they stay when the browser navigates, and end when it loads a document.

use lanai::prelude::*;
use lanai::{Document, Topic};
use lanai_test::{Result, TestApp, app, css};

const NEWS: Topic<String> = Topic::new("news");

/// Counts news and clicks, with a view inside.
struct Bell {
    cx: Cx<Self>,
    news: usize,
    clicks: usize,
}

impl Bell {
    async fn mount(cx: Cx<Self>) -> lanai::Result<Self> {
        tokio::task::yield_now().await;
        cx.subscribe(NEWS, |bell: &mut Self, _: &String| bell.news += 1);
        Ok(Self { cx, news: 0, clicks: 0 })
    }

    fn lead(&mut self, cx: &Cx<Self>) {
        cx.navigate("/there");
    }
}

impl View for Bell {
    fn render(&self) -> Html<Self> {
        html! {
            output { (self.news) " news, " (self.clicks) " clicks" }
            button onclick=(|bell: &mut Self| bell.clicks += 1) { "Ring" }
            button onclick=(Self::lead) { "Lead" }
            (self.cx.child("inside", |_| Inside(0)))
        }
    }
}

struct Inside(usize);

impl View for Inside {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|inside: &mut Self| inside.0 += 1) { "Inside " (self.0) } }
    }
}

struct Stop(String);

impl View for Stop {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { (self.0) }
            button onclick=(|_: &mut Self, cx: &Cx<Self>| cx.publish(NEWS, "new".into())) { "Publish" }
            a href="/there" { "There" }
            a href="/without" { "Without" }
            a href="/there" data-lanai-reload { "Load" }
        }
    }
}

fn program() -> TestApp {
    let stop = |_: Cx<Stop>, Path(name): Path<String>| async move { Stop(name) };
    let layout = |document: Document| {
        maud::html! {
            head { (document.head) }
            body {
                @if document.path() != "/without" { (document.sticky("bell", Bell::mount)) }
                main { (document.body) }
            }
        }
    };
    app(App::new().layout(layout).route("/{name}", live(stop)))
}

#[tokio::test(start_paused = true)]
async fn a_sticky_view_keeps_its_state_across_pages() -> Result {
    let page = program().visit("/here").await?;
    assert_eq!(page.text_of(css("output"))?, "0 news, 0 clicks");
    page.click("Ring").await?;
    page.click("Publish").await?;
    assert_eq!(page.text_of(css("output"))?, "1 news, 1 clicks");
    page.click("There").await?;
    assert_eq!(page.text_of(css("h1"))?, "there");
    page.sees("1 news, 1 clicks").await?;
    page.click("Ring").await?;
    page.click("Publish").await?;
    page.sees("2 news, 2 clicks").await?;
    page.click("Inside 0").await?;
    page.back().await?;
    page.sees("Inside 1").await?;
    page.click("Inside 1").await?;
    page.sees("Inside 2").await?;
    page.click("Lead").await?;
    assert_eq!(page.path(), "/there");
    page.sees("2 news, 2 clicks").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn another_document_or_a_page_without_it_ends_it() -> Result {
    let page = program().visit("/here").await?;
    page.click("Ring").await?;
    page.click("Load").await?;
    page.sees("0 news, 0 clicks").await?;
    page.click("Ring").await?;
    page.click("Without").await?;
    assert!(!page.text_of(css("body"))?.contains("news"));
    page.click("There").await?;
    page.sees("0 news, 0 clicks").await?;
    page.click("Ring").await?;
    page.sees("0 news, 1 clicks").await?;
    page.reload().await?;
    page.sees("0 news, 0 clicks").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_loses_nothing_of_it() -> Result {
    let program = program();
    let page = program.visit("/here").await?;
    let other = program.visit("/other").await?;
    page.click("There").await?;
    page.disconnect();
    other.click("Publish").await?;
    page.reconnect().await?;
    page.sees("1 news, 0 clicks").await?;
    page.click("Ring").await?;
    page.sees("1 news, 1 clicks").await?;
    Ok(())
}
