//! Tests jobs that keep running when no page shows them.

use std::time::Duration;

use lanai_test::{Result, TestApp, app, role};

fn jobs() -> TestApp {
    app(theme::app().merge(job::routes())).patience(Duration::from_secs(600))
}

#[tokio::test(start_paused = true)]
async fn a_job_ends_although_its_page_was_closed() -> Result {
    let app = jobs();
    let page = app.visit("/jobs").await?;
    page.sees("There are no jobs.").await?;
    page.click("Below 100,000").await?;
    page.sees("Job 1: primes below 100,000").await?;
    page.close().await;
    let page = app.visit("/jobs").await?;
    page.within(role("article").named("Job 1")).sees("Done: there are 9,592.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_job_is_cancelled_and_removed_for_all() -> Result {
    let app = jobs();
    let (one, other) = (app.visit("/jobs").await?, app.visit("/jobs").await?);
    one.click("Below 10,000,000").await?;
    let job = other.within(role("article").named("Job 1"));
    job.click("Cancel").await?;
    one.sees("Cancelled after").await?;
    job.click("Remove").await?;
    one.sees("There are no jobs.").await?;
    Ok(())
}
