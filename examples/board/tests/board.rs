//! Tests the board with two people.

use lanai_test::{Page, Result, TestApp, app, css, role};

fn board() -> TestApp {
    app(theme::app().merge(board::routes()))
}

/// Returns the cards of a column, from top to bottom.
fn cards(page: &Page, column: &str) -> Vec<String> {
    page.within(role("region").named(column)).texts(css("summary"))
}

#[tokio::test(start_paused = true)]
async fn a_card_is_dragged_to_another_column_for_everyone() -> Result {
    let app = board();
    let (ann, bob) = (app.visit("/board").await?, app.visit("/board").await?);
    ann.fill("I am", "Ann").await?;
    ann.fill("Add a card to To do", "Buy milk").await?;
    ann.click("Add to To do").await?;
    ann.drag(css("li.card:has(summary)").nth(cards(&ann, "To do").len() - 1), role("list").named("Doing")).await?;
    assert_eq!(cards(&ann, "Doing").last().map(String::as_str), Some("Buy milk"));
    bob.within(role("region").named("Doing")).sees("Buy milk").await?;
    bob.sees("Ann moved “Buy milk” to Doing.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_card_is_moved_without_a_mouse() -> Result {
    let page = board().visit("/board").await?;
    page.type_text("Add a card to To do", "Write tests\n").await?;
    page.click("Write tests").await?;
    page.within(css("details:open")).click("Done").await?;
    page.within(role("region").named("Done")).sees("Write tests").await?;
    page.click("Write tests").await?;
    page.within(css("details:open")).fill("Title", "Write more tests").await?;
    page.within(css("details:open")).click("Rename").await?;
    page.sees("Write more tests").await?;
    page.within(css("details:open")).click("Delete").await?;
    page.within(role("region").named("Done")).sees_not("Write more tests").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_board_names_the_people_who_look_at_it() -> Result {
    let app = board();
    let ann = app.visit("/board").await?;
    ann.fill("I am", "Ann").await?;
    let bob = app.visit("/board").await?;
    let looking = bob.within(role("list").named("Looking at the board"));
    looking.sees("Ann").await?;
    ann.close().await;
    looking.sees_not("Ann").await?;
    Ok(())
}

/// Everyone leaves, and the cards stay.
#[tokio::test(start_paused = true)]
async fn the_cards_remain_when_nobody_looks() -> Result {
    let app = board();
    let ann = app.visit("/board").await?;
    ann.type_text("Add a card to Done", "Leave\n").await?;
    ann.sees("Leave").await?;
    ann.close().await;
    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    app.visit("/board").await?.within(role("region").named("Done")).sees("Leave").await?;
    Ok(())
}
