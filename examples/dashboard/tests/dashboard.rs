//! Tests the dashboard with a paused clock, so that the test decides how fast time passes.

use std::time::Duration;

use lanai_test::{Result, app, css};

#[tokio::test(start_paused = true)]
async fn the_turbines_publish_as_often_as_the_slider_says() -> Result {
    let app = app(theme::app().merge(dashboard::routes()));
    let (page, other) = (app.visit("/dashboard").await?, app.visit("/dashboard").await?);
    page.fill("Readings a second", "20").await?;
    other.sees("20 a second").await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    // Six turbines, each 20 times per second.
    page.sees("120 messages a second").await?;
    assert_eq!(page.text_of(css("#power"))?, other.text_of(css("#power"))?, "the charts are one view for all");
    Ok(())
}
