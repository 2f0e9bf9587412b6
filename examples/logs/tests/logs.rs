//! Tests the logs with a paused clock, so that the test decides how many lines come.

use std::time::Duration;

use lanai_test::{Result, app, css};
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn the_newest_lines_follow_and_all_others_can_be_reached() -> Result {
    let app = app(theme::app().merge(logs::routes()));
    let page = app.visit("/logs").await?;
    assert_eq!(page.count(css(".logs-line")), 150);
    sleep(Duration::from_millis(2_600)).await;
    assert_eq!(page.count(css(".logs-line")), 160);
    // Up, until there are so many that the newest leave the page.
    for count in [310, 460, 600, 600] {
        page.scroll_into_view(css(".logs-older")).await?;
        assert_eq!(page.count(css(".logs-line")), count);
        page.scroll_out_of_view(css(".logs-older")).await?;
    }
    sleep(Duration::from_secs(60)).await;
    assert_eq!(page.count(css(".logs-line")), 600);
    page.click("Newest").await?;
    assert_eq!(page.count(css(".logs-line")), 150);
    page.sees("Waiting for the next line").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deployment_writes_a_line_for_each_step() -> Result {
    let app = app(theme::app().merge(logs::routes()));
    let page = app.visit("/logs").await?;
    page.click("Deploy").await?;
    sleep(Duration::from_secs(4)).await;
    assert_eq!(page.count(css(".lanai-log span")), 8);
    page.sees("done: all nodes answer").await?;
    Ok(())
}
