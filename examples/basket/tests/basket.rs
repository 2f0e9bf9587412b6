//! Tests the basket as a person uses it, while the server is slow.

use std::time::Duration;

use lanai_test::{Page, Result, TestApp, app, css};

fn shop(each: u32) -> TestApp {
    app(theme::app().merge(basket::routes_with(each)))
}

async fn visit(app: &TestApp) -> Result<Page> {
    let page = app.visit("/basket").await?;
    page.wait_for_answers(false);
    Ok(page)
}

/// The names in the basket, as a person sees them.
fn names(page: &Page) -> Vec<String> {
    page.texts(css("#lines strong"))
}

fn answered(page: &Page) -> bool {
    page.count(css("[data-lanai-optimistic]")) == 0
}

#[tokio::test(start_paused = true)]
async fn a_product_is_in_the_basket_at_once() -> Result {
    let page = visit(&shop(3)).await?;
    page.click("Add Cheese").await?;
    assert_eq!(names(&page), ["Cheese"]);
    assert_eq!(page.text_of(css("#total"))?, "7.20 €");
    page.sees("2 left").await?;
    page.until("the server has answered", answered).await?;
    assert_eq!(names(&page), ["Cheese"]);
    page.click("One Cheese more").await?;
    assert_eq!(page.texts(css("#lines output")), ["2"]);
    page.until("the server has answered", answered).await?;
    assert_eq!(page.text_of(css("#total"))?, "14.40 €");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_was_faster_with_goes_back() -> Result {
    let app = shop(1);
    let (ann, bob) = (visit(&app).await?, visit(&app).await?);
    ann.click("Add Honey").await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    bob.click("Add Honey").await?;
    assert_eq!((names(&ann), names(&bob)), (vec!["Honey".to_owned()], vec!["Honey".to_owned()]));
    bob.sees("Honey are sold out. Somebody was faster.").await?;
    assert!(names(&bob).is_empty());
    assert_eq!(bob.text_of(css("#total"))?, "0.00 €");
    assert_eq!(names(&ann), ["Honey"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn several_changes_are_under_way() -> Result {
    let page = visit(&shop(3)).await?;
    page.click("A slow server").await?;
    for product in ["Apples", "Bread", "Cheese"] {
        page.click(format!("Add {product}").as_str()).await?;
        page.has(format!("Remove {product}").as_str()).await?;
    }
    page.click("A slow server").await?;
    page.click("Apples later").await?;
    page.click("Remove Bread").await?;
    page.within(css("#lines")).click("Gift").await?;
    assert_eq!(names(&page), ["Cheese"]);
    assert_eq!(page.texts(css("#later strong")), ["Apples"]);
    assert_eq!(page.count(css("#lines .gift")), 1);
    page.until("the server has answered", |page| answered(page) && page.count(css("#later button")) == 0).await?;
    assert_eq!(names(&page), ["Cheese"]);
    assert_eq!(page.texts(css("#later strong")), ["Apples"]);
    assert_eq!(page.count(css("#lines .gift")), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_leaves_puts_everything_back() -> Result {
    let app = shop(1);
    let (ann, bob) = (app.visit("/basket").await?, app.visit("/basket").await?);
    ann.click("Add Bread").await?;
    bob.has(css("button[aria-label='Add Bread'][disabled]")).await?;
    ann.close().await;
    bob.has(css("button[aria-label='Add Bread']:not([disabled])")).await?;
    Ok(())
}
