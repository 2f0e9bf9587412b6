//! Tests what a team does with the tracker: who may do what, what others see at once, and what can be undone.

use std::time::Duration;

use lanai::axum::http::StatusCode;
use lanai_test::{Page, Person, Result, Target, TestApp, css, role};
use tracker::Database;

/// Real time: the database runs on its own threads.
async fn tracker() -> TestApp {
    let database = Database::open(None).await.expect("a database in memory");
    tracker_on(database.with_undo(Duration::from_secs(60))).await
}

async fn tracker_on(database: Database) -> TestApp {
    tracker::demo::fill(&database).await.expect("people and issues");
    lanai_test::app(tracker::app(database))
}

async fn sign_in(person: &Person, name: &str, path: &str) -> Result<Page> {
    let page = person.visit(path).await?;
    page.fill("Name", name).await?;
    page.fill("Password", format!("{}-pass", name.to_lowercase())).await?;
    page.click(button("Sign in")).await?;
    page.sees(format!("Welcome, {name}.")).await?;
    Ok(page)
}

fn button(name: &str) -> Target {
    role("button").named(name)
}

fn link(name: &str) -> Target {
    role("link").named(name)
}

fn titles(page: &Page) -> Vec<String> {
    page.texts(css(".issues .what > a"))
}

/// Waits until the list has this many issues.
async fn lists(page: &Page, count: usize) -> Result {
    page.until(&format!("it lists {count} issues"), |page| titles(page).len() == count).await
}

/// Waits until the bell says that this much is unread.
async fn rings(page: &Page, count: u32) -> Result {
    page.has(css(format!("summary[aria-label='News: {count} unread']"))).await
}

#[tokio::test]
async fn everyone_else_is_led_to_the_login_and_back() -> Result {
    let app = tracker().await;
    let page = sign_in(&app.person(), "Dan", "/issues/1?x=1").await?;
    assert_eq!(page.path(), "/issues/1?x=1");
    page.click(button("Sign out")).await?;
    page.sees("You are signed out.").await?;
    page.visit("/").await?;
    page.sees("Ada is an administrator").await?;
    Ok(())
}

#[tokio::test]
async fn what_the_list_shows_is_in_the_address() -> Result {
    let app = tracker().await;
    let person = app.person();
    let bob = sign_in(&person, "Bob", "/").await?;
    assert_eq!(titles(&bob).len(), 5);
    bob.choose("Label", "bug").await?;
    lists(&bob, 2).await?;
    assert_eq!(bob.path(), "/?label=bug");
    bob.click(link("In progress 1")).await?;
    lists(&bob, 1).await?;
    assert_eq!(bob.path(), "/?status=doing&label=bug");
    bob.back().await?;
    lists(&bob, 2).await?;
    bob.type_text("Search", "Ten Thousand").await?;
    lists(&bob, 1).await?;
    bob.until("the address has the text", |page| page.path() == "/?label=bug&text=Ten+Thousand").await?;
    let shared = person.visit(&bob.path()).await?;
    assert_eq!(titles(&shared), ["The list is slow with ten thousand issues"]);
    assert_eq!(shared.value_of("Label")?, "bug");
    bob.fill("Search", "100%").await?;
    bob.sees("No issue is like this.").await?;
    bob.fill("Search", "").await?;
    bob.choose("Label", "Any label").await?;
    lists(&bob, 5).await?;
    bob.until("the address is bare", |page| page.path() == "/").await?;
    bob.choose("Assignee", "Cleo").await?;
    lists(&bob, 1).await?;
    assert_eq!(bob.path(), "/?assignee=Cleo");
    Ok(())
}

#[tokio::test]
async fn comments_appear_while_others_read_and_so_does_who_writes() -> Result {
    let app = tracker().await;
    let ada = sign_in(&app.person(), "Ada", "/issues/2").await?;
    let bob = sign_in(&app.person(), "Bob", "/issues/2").await?;
    ada.sees("Bob is reading").await?;
    bob.sees("Ada is reading").await?;
    bob.type_text("Comment", "With `restore`").await?;
    ada.sees("Bob is writing …").await?;
    bob.click(button("Comment")).await?;
    ada.within(css("#events")).sees("With `restore`").await?;
    ada.sees("Bob is reading").await?;
    assert_eq!(bob.value_of("Comment")?, "");
    assert_eq!(bob.count(css("#events .comment")), 1);
    bob.click(link("Issues")).await?;
    bob.sees("#2 by Cleo, just now, 1 comment").await?;
    ada.sees_not("Bob is reading").await?;
    Ok(())
}

#[tokio::test]
async fn a_status_is_shown_at_once_and_others_see_it_too() -> Result {
    let app = tracker().await;
    let ada = sign_in(&app.person(), "Ada", "/issues/2").await?;
    let cleo = sign_in(&app.person(), "Cleo", "/?status=open").await?;
    lists(&cleo, 3).await?;
    ada.disconnect();
    ada.click(button("Done")).await?;
    assert_eq!(ada.attribute_of(button("Done"), "aria-pressed")?.as_deref(), Some("true"));
    assert_eq!(ada.attribute_of(button("Open"), "aria-pressed")?.as_deref(), Some("false"));
    ada.reconnect().await?;
    ada.sees("set the status to “Done”").await?;
    lists(&cleo, 2).await?;
    cleo.disconnect();
    cleo.click("Close Keyboard shortcuts for the list").await?;
    assert_eq!(cleo.count(css(".issues li:not([hidden])")), 1);
    cleo.reconnect().await?;
    lists(&cleo, 1).await?;
    Ok(())
}

#[tokio::test]
async fn an_issue_is_written_edited_and_not_overwritten() -> Result {
    let app = tracker().await;
    let bob = sign_in(&app.person(), "Bob", "/issues/new").await?;
    bob.fill("Title", "x").await?;
    bob.click(button("Save")).await?;
    bob.sees("Please use at least 3 characters.").await?;
    bob.fill("Title", "Import from a file").await?;
    bob.choose("Assigned to", "Cleo").await?;
    bob.check("idea").await?;
    bob.click(button("Save")).await?;
    bob.sees("Saved.").await?;
    bob.sees("Assigned to Cleo.").await?;
    assert_eq!(bob.path(), "/issues/6");

    let cleo = sign_in(&app.person(), "Cleo", "/issues/6/edit").await?;
    bob.click(button("Edit")).await?;
    bob.has(css("form:not([data-lanai-unsaved])")).await?;
    bob.fill("Title", "Import from any file").await?;
    bob.has(css("form[data-lanai-unsaved]")).await?;
    bob.click(button("Save")).await?;
    bob.sees("edited this").await?;
    cleo.fill("Title", "Import").await?;
    cleo.click(button("Save")).await?;
    cleo.sees("Somebody else has changed this issue.").await?;
    assert_eq!(cleo.value_of("Title")?, "Import");
    rings(&cleo, 1).await?;
    Ok(())
}

#[tokio::test]
async fn the_bell_counts_what_others_did_to_what_one_follows() -> Result {
    let app = tracker().await;
    let ada = sign_in(&app.person(), "Ada", "/issues/2").await?;
    let bob = sign_in(&app.person(), "Bob", "/issues/2").await?;
    ada.click("Follow").await?;
    ada.click(link("Issues")).await?;
    rings(&ada, 0).await?;
    bob.click(button("Done")).await?;
    bob.fill("Comment", "Done.").await?;
    bob.click(button("Comment")).await?;
    rings(&ada, 2).await?;
    // (Somebody has commented on another issue that Bob follows.)
    rings(&bob, 1).await?;
    ada.click(css(".bell summary")).await?;
    ada.click(css(".bell a")).await?;
    ada.sees("set the status to “Done”").await?;
    rings(&ada, 0).await?;
    // Whoever reads it has seen it.
    bob.fill("Comment", "Really.").await?;
    bob.click(button("Comment")).await?;
    ada.sees("Really.").await?;
    rings(&ada, 0).await?;
    ada.click("Following").await?;
    ada.click(link("Issues")).await?;
    bob.click(button("Open")).await?;
    ada.until("the issue is open", |page| page.text_of(link("Open 3")).is_ok()).await?;
    rings(&ada, 0).await
}

#[tokio::test]
async fn a_deleted_issue_can_be_restored_also_from_another_page() -> Result {
    let app = tracker().await;
    let person = app.person();
    let ada = sign_in(&person, "Ada", "/issues/2").await?;
    let other_tab = person.visit("/team").await?;
    let bob = sign_in(&app.person(), "Bob", "/issues/2").await?;
    bob.has_not(button("Delete")).await?;
    ada.click(button("Delete")).await?;
    lists(&ada, 4).await?;
    bob.until("it leads to the list", |page| page.path() == "/").await?;
    assert_eq!(bob.count(button("Undo")), 0);
    other_tab.sees("“Say in the guide how to restore a backup” is deleted.").await?;
    ada.click(link("Team")).await?;
    ada.click(button("Undo")).await?;
    ada.sees("It is back.").await?;
    ada.has_not(button("Undo")).await?;
    other_tab.has_not(button("Undo")).await?;
    lists(&bob, 5).await?;
    Ok(())
}

#[tokio::test]
async fn after_a_few_seconds_an_issue_is_gone() -> Result {
    let database = Database::open(None).await.expect("a database in memory");
    let app = tracker_on(database.with_undo(Duration::from_millis(400))).await;
    let ada = sign_in(&app.person(), "Ada", "/issues/2").await?;
    ada.click(button("Delete")).await?;
    ada.sees("is deleted.").await?;
    ada.has_not(button("Undo")).await?;
    ada.visit("/issues/2").await?;
    assert_eq!(ada.status(), StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn readers_read_and_members_do_not_delete() -> Result {
    let app = tracker().await;
    let dan = sign_in(&app.person(), "Dan", "/").await?;
    for path in ["/issues/new", "/issues/1/edit", "/team"] {
        dan.visit(path).await?;
        assert_eq!(dan.status(), StatusCode::FORBIDDEN, "{path}");
    }
    dan.visit("/").await?;
    assert_eq!(dan.count(css(".issues button")), 0);
    dan.click(link("A dark theme")).await?;
    dan.sees("Assigned to Bob.").await?;
    for control in ["Comment", "Delete", "Edit"] {
        dan.has_not(control).await?;
    }
    assert!(dan.click(button("Done")).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_role_changes_on_open_pages() -> Result {
    let app = tracker().await;
    let ada = sign_in(&app.person(), "Ada", "/team").await?;
    let bob = sign_in(&app.person(), "Bob", "/issues/1").await?;
    // What Bob did in a tunnel does not count: he may no longer do it when it arrives.
    bob.disconnect();
    bob.click(button("Done")).await?;
    ada.choose("Role of Bob", "Reader").await?;
    bob.reconnect().await?;
    bob.has_not(button("Comment")).await?;
    assert_eq!(bob.attribute_of(button("In progress"), "aria-pressed")?.as_deref(), Some("true"));
    ada.choose("Role of Bob", "Administrator").await?;
    bob.has(button("Delete")).await?;
    bob.has(link("Team")).await?;
    assert!(ada.choose("Role of Ada", "Reader").await.is_err(), "nobody changes their own role");
    Ok(())
}

/// The pages of a person end when their role changes. If that message is still under way, the handlers know already.
#[tokio::test]
async fn each_handler_asks_for_the_role() -> Result {
    let file = std::env::temp_dir().join(format!("tracker-{}.sqlite", std::process::id()));
    let path = file.to_str().expect("a plain path");
    let app = tracker_on(Database::open(Some(path)).await.expect("a database")).await;
    let bob = sign_in(&app.person(), "Bob", "/issues/1").await?;
    let list = sign_in(&app.person(), "Bob", "/").await?;
    let editor = sign_in(&app.person(), "Bob", "/issues/1/edit").await?;
    let ada = sign_in(&app.person(), "Ada", "/issues/1").await?;
    let team = sign_in(&app.person(), "Ada", "/team").await?;
    let pool = sqlx::SqlitePool::connect(path).await.expect("the database");
    sqlx::query("update people set role = 'reader'").execute(&pool).await.expect("an update");

    bob.click(button("Done")).await?;
    bob.sees("You may not do this.").await?;
    assert_eq!(bob.attribute_of(button("Done"), "aria-pressed")?.as_deref(), Some("false"));
    bob.fill("Comment", "Still here").await?;
    bob.click(button("Comment")).await?;
    bob.until("the comment is taken back", |page| page.count(css("#events .comment")) == 1).await?;
    assert_eq!(bob.value_of("Comment")?, "Still here");
    list.click("Close Keyboard shortcuts for the list").await?;
    list.sees("You may not do this.").await?;
    editor.fill("Title", "Mine").await?;
    editor.click(button("Save")).await?;
    editor.sees("You may not do this.").await?;
    ada.click(button("Delete")).await?;
    ada.sees("You may not do this.").await?;
    team.choose("Role of Bob", "Administrator").await?;
    team.sees("You may not do this.").await?;
    assert_eq!(bob.count(css("#events li")), 1);
    std::fs::remove_file(&file).expect("the file");
    Ok(())
}
