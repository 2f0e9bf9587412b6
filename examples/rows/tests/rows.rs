//! Tests the table of the benchmark.

use lanai_test::{Page, Result, app, css, text};

async fn table() -> Result<Page> {
    app(theme::app().merge(rows::routes())).visit("/rows").await
}

fn numbers(page: &Page) -> Vec<String> {
    page.texts(css("tr > td:first-child"))
}

#[tokio::test(start_paused = true)]
async fn rows_are_created_updated_swapped_and_removed() -> Result {
    let page = table().await?;
    page.click("Create 1,000 rows").await?;
    assert_eq!(numbers(&page).len(), 1000);
    page.click("Update every 10th row").await?;
    assert_eq!(page.texts(css("a.lbl")).iter().filter(|label| label.ends_with("!!!")).count(), 100);
    page.click("Swap Rows").await?;
    assert_eq!(numbers(&page)[1], "999");
    page.within(css("tr:first-child")).click(css("a.remove")).await?;
    assert_eq!(numbers(&page)[0], "999");
    page.click("Clear").await?;
    assert_eq!(page.count(css("tr")), 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn clicking_a_label_selects_its_row() -> Result {
    let page = table().await?;
    page.click("Create 1,000 rows").await?;
    page.within(css("tr:nth-child(3)")).click(css("a.lbl")).await?;
    assert_eq!(page.texts(css("tr.danger > td:first-child")), ["3"]);
    page.has(text("Rows")).await?;
    Ok(())
}
