//! Tests the table of a million rows.

use lanai_test::{Page, Result, app, css, label};

async fn visit(path: &str) -> Result<Page> {
    app(theme::app().merge(ledger::routes())).visit(path).await
}

async fn first_row(page: &Page, number: &str) -> Result {
    page.until(&format!("the first row is {number}"), |page| {
        page.texts(css("tbody th")).first().is_some_and(|text| text == number)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn the_page_has_the_rows_around_the_visible_ones() -> Result {
    let page = visit("/ledger").await?;
    page.sees("Row 1 of 1000000.").await?;
    assert!(page.count(css("tbody tr")) < 50);
    first_row(&page, "1").await
}

#[tokio::test(start_paused = true)]
async fn a_link_and_the_form_lead_to_a_row() -> Result {
    let page = visit("/ledger?row=500000").await?;
    first_row(&page, "500000").await?;
    page.fill(label("Row"), "777777").await?;
    page.click("Go").await?;
    first_row(&page, "777777").await?;
    page.sees("Row 777777 of 1000000.").await
}

#[tokio::test(start_paused = true)]
async fn the_rows_are_sorted_and_filtered() -> Result {
    let page = visit("/ledger?row=500000").await?;
    page.click("Newest").await?;
    first_row(&page, "1000000").await?;
    page.choose(label("Category"), "Books").await?;
    page.until("all are books", |page| page.texts(css(".category")).iter().all(|text| text == "Books")).await?;
    page.sees("Row 1 of 16").await
}
