//! The behaviour that TodoMVC's specification asks for.

use lanai_test::{Page, Result, TestApp, css, label, role, text};

fn todos() -> TestApp {
    lanai_test::app(theme::app().merge(todomvc::routes()))
}

const NEW: &str = "What needs to be done?";

async fn with(titles: &[&str]) -> Result<(TestApp, Page)> {
    let app = todos();
    let page = app.visit("/todos").await?;
    for title in titles {
        page.type_text(NEW, format!("{title}\n")).await?;
    }
    Ok((app, page))
}

fn shown(page: &Page) -> Vec<String> {
    page.texts(css(".todo-list li label"))
}

#[tokio::test(start_paused = true)]
async fn a_todo_is_added_by_enter_trimmed_and_never_empty() -> Result {
    let (_app, page) = with(&[]).await?;
    assert_eq!(page.focused().as_deref(), Some("textbox \"What needs to be done?\""));
    page.has_not(css(".main")).await?;
    page.has_not(css("footer.footer")).await?;
    page.type_text(NEW, "   \n").await?;
    page.has_not(css(".main")).await?;
    page.fill(NEW, "  buy milk ").await?;
    page.press("Enter").await?;
    assert_eq!(shown(&page), ["buy milk"]);
    assert_eq!(page.value_of(NEW)?, "");
    page.sees("1 item left").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn someone_who_types_faster_than_the_server_answers_loses_nothing() -> Result {
    let (_app, page) = with(&[]).await?;
    page.disconnect();
    page.type_text(NEW, "one\n").await?;
    page.type_text(NEW, "two\n").await?;
    page.type_text(NEW, "thr").await?;
    page.reconnect().await?;
    page.sees("2 items left").await?;
    assert_eq!(shown(&page), ["one", "two"]);
    assert_eq!(page.value_of(NEW)?, "thr");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn todos_are_completed_one_by_one_and_all_at_once() -> Result {
    let (_app, page) = with(&["one", "two", "three"]).await?;
    page.sees("3 items left").await?;
    page.has_not("Clear completed").await?;
    page.check("Done: one").await?;
    page.sees("2 items left").await?;
    assert!(!page.is_checked(label("Mark all as complete"))?);
    page.check("Done: two").await?;
    page.check("Done: three").await?;
    page.sees("0 items left").await?;
    assert!(page.is_checked(label("Mark all as complete"))?);
    page.click(label("Mark all as complete")).await?;
    page.sees("3 items left").await?;
    page.check("Done: two").await?;
    page.click("Clear completed").await?;
    assert_eq!(shown(&page), ["one", "three"]);
    page.has_not("Clear completed").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_todo_is_edited_saved_discarded_and_removed() -> Result {
    let (_app, page) = with(&["one", "two"]).await?;
    page.double_click(text("two")).await?;
    assert_eq!(page.value_of("Edit")?, "two");
    assert_eq!(page.count(css("li.editing")), 1);
    page.fill("Edit", "  2 ").await?;
    page.press("Enter").await?;
    assert_eq!(shown(&page), ["one", "2"]);
    page.double_click(text("one")).await?;
    page.fill("Edit", "never").await?;
    page.press("Escape").await?;
    assert_eq!(shown(&page), ["one", "2"]);
    page.double_click(text("one")).await?;
    page.fill("Edit", "first").await?;
    page.click(css(".new-todo")).await?;
    assert_eq!(shown(&page), ["first", "2"]);
    page.double_click(css(".todo-list li:nth-child(2) label")).await?;
    page.fill("Edit", " ").await?;
    page.press("Enter").await?;
    assert_eq!(shown(&page), ["first"]);
    page.click("Delete first").await?;
    page.has_not(css(".main")).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_filter_is_in_the_address() -> Result {
    let (app, page) = with(&["one", "two"]).await?;
    page.check("Done: one").await?;
    page.click(role("link").named("Active")).await?;
    assert_eq!((shown(&page), page.path().as_str()), (vec!["two".to_owned()], "/todos?show=active"));
    page.click(role("link").named("Completed")).await?;
    assert_eq!(shown(&page), ["one"]);
    assert_eq!(page.texts(css(".filters a.selected")), ["Completed"]);
    page.back().await?;
    assert_eq!(shown(&page), ["two"]);
    page.check("Done: two").await?;
    assert_eq!(shown(&page), [""; 0]);
    page.click(role("link").named("All")).await?;
    assert_eq!(shown(&page), ["one", "two"]);
    assert_eq!(app.stats().mounts, 1);
    let other = app.visit("/todos?show=completed").await?;
    other.type_text(NEW, "x\n").await?;
    assert_eq!(other.texts(css(".filters a.selected")), ["Completed"]);
    Ok(())
}
