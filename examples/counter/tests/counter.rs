//! Tests the counter as a person uses it.

use lanai_test::{Result, app, role};

#[tokio::test(start_paused = true)]
async fn two_buttons_change_the_number() -> Result {
    let page = app(theme::app().merge(counter::routes())).visit("/counter").await?;
    assert_eq!(page.title(), "Counter");
    page.click("+1").await?;
    page.click("+1").await?;
    page.click("-1").await?;
    assert_eq!(page.text_of(role("status"))?, "1");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_visitor_has_their_own_counter() -> Result {
    let app = app(theme::app().merge(counter::routes()));
    let (alice, bob) = (app.visit("/counter").await?, app.visit("/counter").await?);
    alice.click("+1").await?;
    assert_eq!(bob.text_of(role("status"))?, "0");
    Ok(())
}
