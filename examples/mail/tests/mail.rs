//! What the keys, the mouse and the address do.

use lanai_test::{Page, Result, TestApp, css, label, role, text};

fn mail() -> TestApp {
    lanai_test::app(theme::app().merge(mail::routes()))
}

/// The subjects in the list.
fn subjects(page: &Page) -> Vec<String> {
    page.texts(css(".mail-row .mail-subject"))
}

fn current(page: &Page) -> Result<String> {
    page.text_of(css(".mail-row.current .mail-subject"))
}

#[tokio::test(start_paused = true)]
async fn keys_move_through_the_list_and_open_a_message() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    let all = subjects(&page);
    assert_eq!(current(&page)?, all[0]);
    page.press("j").await?;
    page.press("j").await?;
    page.press("k").await?;
    assert_eq!(current(&page)?, all[1]);
    // The focus is there, so Enter opens it as a click does.
    page.press("Enter").await?;
    assert_eq!(page.text_of(css("#subject"))?, all[1]);
    page.press("j").await?;
    assert_eq!(page.text_of(css("#subject"))?, all[2]);
    page.press("u").await?;
    page.has_not(css("#subject")).await?;
    page.press("o").await?;
    page.has(css("#subject")).await
}

#[tokio::test(start_paused = true)]
async fn messages_are_archived_and_deleted_and_come_back() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    let before = subjects(&page);
    page.press("e").await?;
    page.sees("1 message archived").await?;
    assert_eq!((subjects(&page)[0].clone(), current(&page)?), (before[1].clone(), before[1].clone()));
    page.press("z").await?;
    assert_eq!(subjects(&page), before);
    // Several at once.
    page.press("x").await?;
    page.press("j").await?;
    page.press("x").await?;
    page.sees("2 selected").await?;
    page.press("#").await?;
    page.sees("2 messages deleted").await?;
    assert_eq!(subjects(&page)[0], before[2]);
    page.press("g #").await?;
    assert_eq!(page.path(), "/mail?folder=trash");
    assert_eq!(subjects(&page), before[..2]);
    page.press("g i").await?;
    page.click("Undo").await?;
    assert_eq!(subjects(&page), before);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_star_is_shown_in_its_folder() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    let star = format!("Star {}", subjects(&page)[0]);
    page.press("s").await?;
    assert_eq!(
        page.attribute_of(label(star.as_str()), "aria-pressed")
            .or_else(|_| page.attribute_of(star.as_str(), "aria-pressed"))?
            .as_deref(),
        Some("true")
    );
    let subject = subjects(&page)[0].clone();
    page.press("g s").await?;
    assert_eq!(subjects(&page)[0], subject);
    page.press("s").await?;
    assert_ne!(subjects(&page)[0], subject);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_filter_is_in_the_address_and_a_person_who_types_uses_no_shortcuts() -> Result {
    let app = mail();
    let page = app.visit("/mail?folder=archive").await?;
    assert_eq!(page.text_of(role("heading"))?, "Archive");
    page.press("/").await?;
    page.type_text("Search", "ej?").await?;
    page.sees("No message contains “ej?”.").await?;
    assert_eq!(page.path(), "/mail?folder=archive&q=ej%3F");
    page.fill("Search", "concert").await?;
    page.until("the list is filtered", |page| {
        subjects(page).first().is_some_and(|subject| subject.contains("concert"))
    })
    .await?;
    page.press("Escape").await?;
    assert_eq!(page.focused().as_deref().map(|name| name.starts_with("button")), Some(true));
    page.press("g i").await?;
    assert_eq!((page.path(), page.value_of("Search")?), ("/mail?folder=inbox".into(), String::new()));
    page.back().await?;
    page.until("the list is filtered again", |page| page.path().ends_with("q=concert")).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn messages_are_dragged_to_folders_together_if_they_are_selected() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    let before = subjects(&page);
    page.drag(css(".mail-row:nth-child(2)"), css("a[href='?folder=archive']")).await?;
    page.sees("1 message archived").await?;
    assert_eq!(subjects(&page)[..2], [before[0].clone(), before[2].clone()]);
    page.press("x").await?;
    page.press("j").await?;
    page.press("x").await?;
    page.drag(css(".mail-row:nth-child(1)"), css("a[href='?folder=trash']")).await?;
    page.sees("2 messages deleted").await?;
    assert!(page.drag(css(".mail-row:nth-child(1)"), css("a[href='?folder=sent']")).await.is_err());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_list_grows_when_its_end_comes_into_view() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    assert_eq!(subjects(&page).len(), 30);
    for rows in [60, 90] {
        page.scroll_into_view(text("Loading …")).await?;
        assert_eq!(subjects(&page).len(), rows);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_message_is_written_and_sent_without_the_mouse() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    page.press("c").await?;
    page.fill("To", "ada@example.org").await?;
    page.fill("Subject", "Hello").await?;
    page.type_text("Message", "e and j are letters here").await?;
    page.press("Control+Enter").await?;
    page.sees("Your message was sent").await?;
    page.press("g t").await?;
    assert_eq!(subjects(&page)[0], "Hello");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_help_lists_what_the_keys_do() -> Result {
    let app = mail();
    let page = app.visit("/mail").await?;
    page.press("?").await?;
    page.sees("Go to Archive").await?;
    let descriptions = page.texts(css(".lanai-shortcuts dd"));
    assert!(
        ["Next message", "Archive", "Delete", "Search", "Write a message"]
            .iter()
            .all(|one| descriptions.iter().any(|text| text == one)),
        "{descriptions:?}"
    );
    // Only what is in the dialog can be used now.
    page.press("e").await?;
    page.has_not(text("1 message archived")).await?;
    page.click("Close").await?;
    page.has_not(css(".lanai-shortcuts")).await
}
