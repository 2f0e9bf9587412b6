//! Tests the rooms with people who join, write, type and leave.

use std::time::Duration;

use lanai_test::{Page, Person, Result, TestApp, app, css, role};

fn rooms() -> TestApp {
    app(theme::app().merge(rooms::routes()))
}

/// Opens the lobby for a visitor who has entered their name.
async fn guest(app: &TestApp, name: &str) -> Result<(Person, Page)> {
    let person = app.person();
    let page = person.visit("/rooms").await?;
    page.sees("What shall we call you?").await?;
    page.fill("Your name", name).await?;
    page.click("Come in").await?;
    page.sees(format!("You are {name}")).await?;
    Ok((person, page))
}

#[tokio::test(start_paused = true)]
async fn latecomers_see_earlier_messages() -> Result {
    let app = rooms();
    let (_, ann) = guest(&app, "Ann").await?;
    ann.click("Lounge").await?;
    ann.type_text("Your message", "Is anybody here?\n").await?;
    ann.sees("Is anybody here?").await?;
    let (_, bob) = guest(&app, "Bob").await?;
    bob.sees("Ann: Is anybody here?").await?;
    bob.click("Lounge").await?;
    bob.sees("Is anybody here?").await?;
    ann.within(role("complementary").named("Who is here")).sees("Bob").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn others_see_who_is_typing_until_they_pause() -> Result {
    let app = rooms();
    let (_, ann) = guest(&app, "Ann").await?;
    let (_, bob) = guest(&app, "Bob").await?;
    ann.click("Rust").await?;
    bob.click("Rust").await?;
    bob.type_text("Your message", "Hm").await?;
    ann.sees("Bob is typing…").await?;
    ann.with_patience(Duration::from_secs(60)).sees_not("is typing").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_room_is_opened_and_unread_messages_are_counted() -> Result {
    let app = rooms();
    let (_, ann) = guest(&app, "Ann").await?;
    let (_, bob) = guest(&app, "Bob").await?;
    ann.fill("Title of a new room", "Garden").await?;
    ann.click("Open").await?;
    assert_eq!(ann.title(), "Garden · Rooms");
    ann.type_text("Your message", "Spring!\n").await?;
    bob.sees("Garden").await?;
    bob.has(css("[aria-label='1 unread']")).await?;
    bob.click("Garden").await?;
    bob.sees("Spring!").await?;
    bob.back().await?;
    bob.has_not(css("[aria-label='1 unread']")).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_tabs_count_as_one_person() -> Result {
    let app = rooms();
    let (ann, _) = guest(&app, "Ann").await?;
    let (tab, other_tab) = (ann.visit("/rooms/in/Kitchen").await?, ann.visit("/rooms/in/Kitchen").await?);
    other_tab.sees("Nothing said yet.").await?;
    assert_eq!(tab.text_of(css("#here"))?, "1");
    Ok(())
}
