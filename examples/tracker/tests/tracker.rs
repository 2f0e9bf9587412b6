//! Tests what a team does with the tracker: who may do what, what others see at once, and what can be undone.

use std::time::Duration;

use lanai::axum::http::StatusCode;
use lanai_test::{Page, Person, Result, TestApp, css, role};

/// Real time: the database runs on its own threads.
async fn tracker() -> TestApp {
    tracker_with_undo(Duration::from_secs(60)).await
}

async fn tracker_with_undo(undo: Duration) -> TestApp {
    let database = tracker::Database::open(None).await.expect("a database in memory").with_undo(undo);
    tracker::demo::fill(&database).await.expect("people and issues");
    lanai_test::app(tracker::app(database))
}

async fn sign_in(person: &Person, name: &str, path: &str) -> Result<Page> {
    let page = person.visit(path).await?;
    page.fill("Name", name).await?;
    page.fill("Password", format!("{}-pass", name.to_lowercase())).await?;
    page.click(role("button").named("Sign in")).await?;
    page.sees(format!("Welcome, {name}.")).await?;
    Ok(page)
}

fn titles(page: &Page) -> Vec<String> {
    page.texts(css(".issues .what > a"))
}

#[tokio::test]
async fn everyone_else_is_led_to_the_login_and_back() -> Result {
    let app = tracker().await;
    let page = sign_in(&app.person(), "dan", "/issues/1").await.err();
    assert!(page.is_some());
    Ok(())
}

#[tokio::test]
async fn the_bell_counts_what_others_did_to_what_one_follows() -> Result {
    let app = tracker().await;
    let ada = sign_in(&app.person(), "Ada", "/issues/2").await?;
    let bob = sign_in(&app.person(), "Bob", "/issues/2").await?;
    ada.click("Follow").await?;
    ada.click(role("link").named("Issues")).await?;
    ada.has(css(".filters")).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    bob.click(role("button").named("Done")).await?;
    bob.fill("Comment", "Done.").await?;
    bob.click(role("button").named("Comment")).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ada.reload().await?;
    eprintln!("{}", ada.outline());
    ada.until("it says that there is news", |page| {
        page.text_of(css(".bell summary")).is_ok_and(|text| text.contains('2'))
    })
    .await?;
    Ok(())
}
