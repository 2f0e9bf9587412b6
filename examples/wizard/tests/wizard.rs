//! Tests the wizard as people use it.

use std::time::Duration;

use lanai_test::{Page, Result, TestApp, app};

fn program() -> TestApp {
    app(theme::app().merge(wizard::routes()))
}

async fn fill_address(page: &Page, name: &str) -> Result {
    page.fill("Name", name).await?;
    page.fill("Street and number", "Here 1").await?;
    page.fill("Postal code", "12345").await?;
    page.fill("City", "Honolulu").await?;
    page.click("Go on").await
}

/// Goes on to the summary.
async fn summary(app: &TestApp, name: &str) -> Result<Page> {
    let page = app.visit("/wizard").await?;
    fill_address(&page, name).await?;
    page.click("By post").await?;
    page.click("Go on").await?;
    page.sees("Is everything right?").await?;
    Ok(page)
}

#[tokio::test(start_paused = true)]
async fn a_book_is_ordered_in_four_steps() -> Result {
    let page = program().visit("/wizard").await?;
    page.sees("Where do you live?").await?;
    page.click("Go on").await?;
    page.sees("Please fill in this field.").await?;
    fill_address(&page, "Ada").await?;
    page.sees("How does it come to Honolulu?").await?;
    page.click("By bicycle").await?;
    page.check("Card").await?;
    page.fill("Card number", "4111 1111 1111 1234").await?;
    page.fill("Valid until", "2030-01").await?;
    page.click("Go on").await?;
    page.sees("Card … 1234").await?;
    page.click("Order for 30.50 €").await?;
    page.sees("Your order is on its way to us").await?;
    page.sees("Thank you, Ada!").await?;
    page.sees("This is order number 1. It is there today in Honolulu.").await?;
    page.click("Order another one").await?;
    page.sees("Where do you live?").await?;
    assert_eq!(page.value_of("Name")?, "");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn back_goes_one_step_back_and_everything_is_still_there() -> Result {
    let app = program();
    let page = summary(&app, "Ada").await?;
    page.back().await?;
    page.sees("How do you pay?").await?;
    // The button on the page does the same.
    page.click("Back").await?;
    page.sees("How does it come to Honolulu?").await?;
    page.back().await?;
    page.sees("Where do you live?").await?;
    assert_eq!(page.value_of("Name")?, "Ada");
    page.fill("City", "Hilo").await?;
    page.click("Go on").await?;
    page.sees("How does it come to Hilo?").await?;
    page.click("I pick it up").await?;
    page.click("Go on").await?;
    page.sees("Order for 24.00 €").await?;
    page.click("Change the address").await?;
    page.fill("Name", "Grace").await?;
    page.click("Go on").await?;
    page.click("I pick it up").await?;
    page.click("Go on").await?;
    page.click("Order for 24.00 €").await?;
    page.sees("Thank you, Grace!").await?;
    page.back().await?;
    page.sees("This is order number 1.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_book_is_not_kept_forever() -> Result {
    let app = program();
    let page = summary(&app, "Ada").await?;
    page.sees("for another 10 minutes.").await?;
    page.with_patience(Duration::from_secs(70)).sees("for another 9 minutes.").await?;
    page.with_patience(Duration::from_secs(600)).sees("somebody else has taken the book").await?;
    page.sees("Where do you live?").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_order_that_fails_says_why() -> Result {
    let app = program();
    let page = app.visit("/wizard").await?;
    fill_address(&page, "Ada").await?;
    page.back().await?;
    page.fill("City", "Atlantis").await?;
    page.click("Go on").await?;
    page.click("By post").await?;
    page.click("Go on").await?;
    page.click("Order for 26.90 €").await?;
    page.sees("Nobody delivers to Atlantis.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_people_order_without_noticing_each_other() -> Result {
    let app = program();
    let (ada, grace) = (summary(&app, "Ada").await?, summary(&app, "Grace").await?);
    grace.click("Order for 26.90 €").await?;
    grace.sees("Thank you, Grace!").await?;
    ada.sees("Is everything right?").await?;
    ada.click("Order for 26.90 €").await?;
    ada.sees("This is order number 2.").await?;
    Ok(())
}
