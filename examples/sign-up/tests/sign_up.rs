//! Tests the sign-up as people use it.

use lanai_test::{Page, Result, TestApp, app, css, role};

fn program() -> TestApp {
    app(theme::app().merge(sign_up::routes()))
}

/// Fills in what must be.
async fn fill(page: &Page, name: &str) -> Result {
    page.fill("Name", name).await?;
    page.fill("Email", format!("{name}@example.org")).await?;
    page.fill("Password", "correct horse battery").await?;
    page.fill("The password again", "correct horse battery").await?;
    page.fill("Date of birth", "1990-05-17").await?;
    page.choose("Country", "Brazil").await?;
    page.check("Rust").await?;
    let address = page.within(role("article").named("Address 1"));
    address.fill("Street", "Here 1").await?;
    address.fill("Postal code", "12345").await?;
    address.fill("City", "Town").await?;
    page.check("I accept the terms").await
}

#[tokio::test(start_paused = true)]
async fn somebody_signs_up_once() -> Result {
    let app = program();
    let page = app.visit("/sign-up").await?;
    fill(&page, "linus").await?;
    page.click("Sign up").await?;
    page.sees("Welcome, linus!").await?;
    // The form is as it was.
    assert_eq!(page.value_of("Email")?, "");
    assert_eq!(page.value_of("Password")?, "");
    // And the name is taken for everyone else.
    let other = app.visit("/sign-up").await?;
    other.fill("Name", "Linus").await?;
    other.sees("“Linus” is taken.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_two_people_with_the_same_name_the_second_is_told() -> Result {
    let app = program();
    let (one, two) = (app.visit("/sign-up").await?, app.visit("/sign-up").await?);
    fill(&one, "twin").await?;
    fill(&two, "twin").await?;
    one.click("Sign up").await?;
    one.sees("Welcome, twin!").await?;
    two.click("Sign up").await?;
    two.sees("is taken.").await?;
    two.fill("Name", "other").await?;
    two.click("Sign up").await?;
    // It has the address of the first.
    two.sees("There is an account with this address already.").await?;
    assert_eq!(two.focused().as_deref(), Some("textbox \"Email\""));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refused_form_says_what_is_missing_and_where() -> Result {
    let page = program().visit("/sign-up").await?;
    page.click("Sign up").await?;
    assert_eq!(page.focused().as_deref(), Some("textbox \"Name\""));
    assert_eq!(page.attribute_of("Name", "aria-invalid")?.as_deref(), Some("true"));
    page.sees("Please check this box to proceed.").await?;
    page.sees("At least one is needed.").await?;
    page.fill("Password", "short").await?;
    page.sees("Please use at least 12 characters.").await?;
    page.fill("The password again", "shorts").await?;
    page.sees("This is not the same as “Password”.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn only_the_chosen_way_to_pay_is_asked_for() -> Result {
    let page = program().visit("/sign-up").await?;
    fill(&page, "payer").await?;
    page.check("Card").await?;
    page.fill("Card number", "12").await?;
    page.click("Sign up").await?;
    page.sees("This does not have the right format.").await?;
    page.check("Bank transfer").await?;
    page.sees_not("Card number").await?;
    page.fill("IBAN", "DE02120300000000202051").await?;
    page.click("Sign up").await?;
    page.sees("Welcome, payer!").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn addresses_come_go_and_move_with_their_text() -> Result {
    let page = program().visit("/sign-up").await?;
    page.within(role("article").named("Address 1")).fill("City", "First").await?;
    page.click("Add an address").await?;
    assert_eq!(page.focused().as_deref(), Some("textbox \"Street\""));
    page.within(role("article").named("Address 2")).fill("City", "Second").await?;
    page.click("Move address 2 up").await?;
    let city = |at: usize| page.within(role("article").named(format!("Address {at}"))).value_of("City");
    assert_eq!((city(1)?.as_str(), city(2)?.as_str()), ("Second", "First"));
    page.click("Remove address 1").await?;
    assert_eq!(city(1)?, "First");
    // Who uses the keyboard goes on where the row was.
    assert_eq!(page.focused().as_deref(), Some("button \"Add an address\""));
    for _ in 0..3 {
        page.click("Add an address").await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn reset_returns_to_the_start() -> Result {
    let page = program().visit("/sign-up").await?;
    page.sees_not("Not saved yet.").await?;
    page.fill("About you", "A person.").await?;
    page.check("Databases").await?;
    page.click("Add an address").await?;
    page.sees("Not saved yet.").await?;
    page.click("Reset").await?;
    page.sees_not("Not saved yet.").await?;
    assert_eq!(page.value_of("About you")?, "");
    assert!(!page.is_checked("Databases")?);
    assert_eq!(page.count(css("article.address")), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_restart_loses_nothing() -> Result {
    let app = program();
    let page = app.visit("/sign-up").await?;
    page.fill("Name", "survivor").await?;
    page.click("Add an address").await?;
    page.within(role("article").named("Address 2")).fill("City", "Second").await?;
    // These fields are shown only because of what was chosen, so the page that comes after the restart lacks them.
    page.choose("Pay by", "Card").await?;
    page.fill("Card number", "1111 2222 3333").await?;
    app.restart(theme::app().merge(sign_up::routes()));
    page.until("it is disconnected", |page| !page.is_connected()).await?;
    page.until("it is connected again", |page| page.is_connected()).await?;
    page.until("both addresses are back", |page| page.count(css("article.address")) == 2).await?;
    assert_eq!(page.value_of("Name")?, "survivor");
    assert_eq!(page.within(role("article").named("Address 2")).value_of("City")?, "Second");
    page.until("the card is back", |page| page.value_of("Card number").is_ok_and(|number| number == "1111 2222 3333"))
        .await?;
    Ok(())
}
