//! Tests the pond with people who swim and people who watch.

use std::time::Duration;

use lanai_test::{Page, Result, TestApp, app, css};

fn pond() -> TestApp {
    app(theme::app().merge(pond::routes()))
}

async fn swim(page: &Page, name: &str) -> Result {
    page.fill("Your name", name).await?;
    page.click("Swim").await?;
    page.sees("Leave the water").await
}

/// Where the first fish is, from the left edge.
fn position(page: &Page) -> Option<i32> {
    let style = page.attribute_of(css(".fish"), "data-lanai-style").ok()??;
    style.split_once('(')?.1.split_once("px")?.0.parse().ok()
}

#[tokio::test(start_paused = true)]
async fn everyone_sees_where_a_fish_is_steered() -> Result {
    let app = pond();
    let (ann, watcher) = (app.visit("/pond/lotus").await?, app.visit("/pond/lotus").await?);
    watcher.sees("Nobody is in the water.").await?;
    swim(&ann, "Ann").await?;
    watcher.sees("Ann is in the water.").await?;
    ann.focus(css(".pond")).await?;
    ann.press("ArrowLeft").await?;
    watcher.until("the fish is at the left edge", |page| position(page) == Some(0)).await?;
    // Who watches steers nothing.
    watcher.focus(css(".pond")).await?;
    watcher.press("ArrowRight").await?;
    ann.press("ArrowUp").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(position(&watcher), Some(0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_fish_leaves_with_its_page_or_when_it_is_asked_to() -> Result {
    let app = pond();
    let (ann, bob) = (app.visit("/pond/lotus").await?, app.visit("/pond/lotus").await?);
    swim(&ann, "Ann").await?;
    swim(&bob, "Bob").await?;
    bob.until("both swim", |page| page.texts(css(".ranks li")).len() == 2).await?;
    ann.close().await;
    bob.until("one swims", |page| page.texts(css(".ranks li")).len() == 1).await?;
    bob.click("Leave the water").await?;
    bob.sees("Nobody is in the water.").await?;
    swim(&bob, "Bob").await
}

#[tokio::test(start_paused = true)]
async fn a_fish_that_nobody_steers_leaves_and_can_come_back() -> Result {
    let app = pond();
    let ann = app.visit("/pond/lotus").await?;
    swim(&ann, "Ann").await?;
    tokio::time::sleep(Duration::from_secs(70)).await;
    ann.sees("Nobody is in the water.").await?;
    swim(&ann, "Ann").await
}

#[tokio::test(start_paused = true)]
async fn ponds_have_nothing_to_do_with_each_other() -> Result {
    let app = pond();
    let (ann, bob) = (app.visit("/pond/lotus").await?, app.visit("/pond/moon").await?);
    swim(&ann, "Ann").await?;
    bob.sees("Nobody is in the water.").await?;
    ann.click("willow").await?;
    ann.sees("Nobody is in the water.").await?;
    app.visit("/pond/lotus").await?.sees("Nobody is in the water.").await
}
