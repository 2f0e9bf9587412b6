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
    page.wire().forge_event(vote, None).await?;
    page.sees("1 votes").await?;
    page.click("End").await?;
    page.wire().forge_event(vote, None).await?;
    page.sees("1 votes").await?;
    assert_eq!(app.stats().refused_events, 1);
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
