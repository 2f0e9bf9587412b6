//! Messages that no page would send.

use lanai::prelude::*;
use lanai_test::{Result, TestApp, app};

#[derive(Default)]
struct Vote {
    votes: u32,
    is_over: bool,
}

impl View for Vote {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.votes) " votes" }
            @if !self.is_over { button onclick=(|vote: &mut Self| vote.votes += 1) { "Vote" } }
            button onclick=(|vote: &mut Self| vote.is_over = true) { "End" }
        }
    }
}

fn program() -> TestApp {
    app(App::new().route("/", live(|_: Cx<Vote>| async { Vote::default() })))
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_has_left_the_page_is_refused() -> Result {
    let app = program();
    let page = app.visit("/").await?;
    let vote = page.wire().handler_of("Vote", "click")?;
    page.wire().forge_event(&vote, None).await?;
    page.sees("1 votes").await?;
    page.click("End").await?;
    page.wire().forge_event(&vote, None).await?;
    page.sees("1 votes").await?;
    assert_eq!(app.stats().refused_events, 1);
    Ok(())
}

/// Shows a vote as a child, which continues while it is hidden.
struct Poll {
    vote: Child<Vote>,
    is_hidden: bool,
}

impl View for Poll {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(|poll: &mut Self| poll.is_hidden = !poll.is_hidden) { "Hide or show" }
            @if !self.is_hidden { (self.vote) }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_reaches_the_view_of_its_handler_only_while_the_page_shows_it() -> Result {
    let mount = |cx: Cx<Poll>| async move { Poll { vote: cx.child("vote", |_| Vote::default()), is_hidden: false } };
    let app = app(App::new().route("/", live(mount)));
    let page = app.visit("/").await?;
    let vote = page.wire().handler_of("Vote", "click")?;
    page.wire().forge_event(&vote, None).await?;
    page.sees("1 votes").await?;
    page.click("Hide or show").await?;
    page.wire().forge_event(&vote, None).await?;
    // The view's number, the second event, no acknowledged frame, and the handler.
    let sent = page.wire().sent();
    assert!(sent.iter().any(|text| text.starts_with("[\"") && text.ends_with(",2,0,0]")), "{sent:?}");
    page.click("Hide or show").await?;
    page.sees("1 votes").await?;
    page.click("Vote").await?;
    page.sees("2 votes").await?;
    assert_eq!(app.stats().events, 4, "two votes, and two clicks on the other button");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_twice_is_executed_once() -> Result {
    let app = program();
    let page = app.visit("/").await?;
    page.click("Vote").await?;
    page.wire().repeat_last();
    app.until("the repeated event was dropped", |stats| stats.repeated_events == 1).await?;
    page.sees("1 votes").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_not_the_protocol_ends_the_connection() -> Result {
    let page = program().visit("/").await?;
    page.wire().send("nonsense");
    assert_eq!(page.wire().closed().await?.0, 1008);
    let error = page.sees("something").await.unwrap_err();
    assert!(error.to_string().contains("the server has closed the connection"), "{error}");
    Ok(())
}
