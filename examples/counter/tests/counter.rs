//! Tests the counter as a person uses it.

use lanai_test::{Result, app};

#[tokio::test]
async fn two_buttons_change_the_number() -> Result {
    let page = app(theme::app().merge(counter::routes())).visit("/counter").await?;
    assert_eq!(page.title(), "Counter");
    page.click("+1").await?;
    page.click("+1").await?;
    page.click("-1").await?;
    page.within("Counter").sees("1").await?;
    Ok(())
}
