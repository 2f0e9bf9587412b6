//! Tests who may see and do what, and what happens to open pages when that changes.

use lanai::axum::http::StatusCode;
use lanai_test::{Page, Person, Result, TestApp, css, role};

/// Real time: the database runs on its own threads.
async fn accounts() -> TestApp {
    let database = accounts::Database::open(None).await.expect("a database in memory");
    database.add_demo_people().await.expect("people");
    lanai_test::app(theme::app().merge(accounts::routes(database)))
}

async fn sign_in(person: &Person, name: &str) -> Result<Page> {
    let page = person.visit("/").await?;
    page.sees("Sign in").await?;
    page.fill("Name", name).await?;
    page.fill("Password", format!("{}-pass", name.to_lowercase())).await?;
    page.click(role("button").named("Sign in")).await?;
    page.sees(format!("Welcome, {name}.")).await?;
    Ok(page)
}

#[tokio::test]
async fn everyone_else_is_led_to_the_login_and_back() -> Result {
    let app = accounts().await;
    let person = app.person();
    let page = person.visit("/people?all=1").await?;
    assert_eq!(page.path(), "/sign-in?next=%2Fpeople%3Fall%3D1");
    page.fill("Name", "ada").await?;
    page.fill("Password", "wrong").await?;
    page.click(role("button").named("Sign in")).await?;
    page.sees("There is nobody with this name and password.").await?;
    page.fill("Name", "ada").await?;
    page.fill("Password", "ada-pass").await?;
    page.click(role("button").named("Sign in")).await?;
    page.sees("Welcome, Ada.").await?;
    assert_eq!(page.path(), "/people?all=1");
    Ok(())
}

#[tokio::test]
async fn a_login_leads_to_no_other_site() -> Result {
    let app = accounts().await;
    for next in ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%09/evil.example"] {
        let fields = [("name", "Bob"), ("password", "bob-pass")];
        let answer = app.person().post(&format!("/sign-in?next={next}"), &fields).await?;
        assert_eq!((answer.status, answer.headers.get("location")), (StatusCode::BAD_REQUEST, None), "{next}");
    }
    let stranger = app.person().with_header("origin", "https://evil.example");
    let answer = stranger.post("/sign-in", &[("name", "Bob"), ("password", "bob-pass")]).await?;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(stranger.cookie("id"), None);
    Ok(())
}

#[tokio::test]
async fn everyone_deletes_their_own_notes_and_administrators_all() -> Result {
    let app = accounts().await;
    let (ada, bob, cleo) = (
        sign_in(&app.person(), "Ada").await?,
        sign_in(&app.person(), "Bob").await?,
        sign_in(&app.person(), "Cleo").await?,
    );
    bob.fill("A new note", "Buy milk").await?;
    bob.click("Add").await?;
    cleo.fill("A new note", "Water the plants").await?;
    cleo.click("Add").await?;
    for page in [&ada, &bob, &cleo] {
        page.sees("Buy milk").await?;
        page.sees("Water the plants").await?;
    }
    let buttons = |page: &Page| page.count(css(".notes button"));
    assert_eq!((buttons(&ada), buttons(&bob), buttons(&cleo)), (2, 1, 1));
    ada.click("Delete the note of Bob").await?;
    bob.sees_not("Buy milk").await?;
    Ok(())
}

#[tokio::test]
async fn only_administrators_see_the_people_also_when_they_follow_a_link() -> Result {
    let app = accounts().await;
    let bob = sign_in(&app.person(), "Bob").await?;
    bob.has_not(role("link").named("People")).await?;
    let answer = bob.visit("/people").await;
    answer?;
    assert_eq!(bob.status(), StatusCode::FORBIDDEN);
    bob.sees("You may not see this page.").await?;
    Ok(())
}

#[tokio::test]
async fn a_right_that_is_lost_is_lost_on_open_pages() -> Result {
    let app = accounts().await;
    let ada = sign_in(&app.person(), "Ada").await?;
    let bob = sign_in(&app.person(), "Bob").await?;
    ada.click(role("link").named("People")).await?;
    ada.click("Make an administrator: Bob").await?;
    bob.sees("Bob, administrator").await?;
    bob.click(role("link").named("People")).await?;
    bob.sees("Change").await?;
    ada.click("Make a member: Bob").await?;
    bob.sees("You may not see this page.").await?;
    ada.sees("Ada, administrator").await?;
    Ok(())
}

#[tokio::test]
async fn a_logout_ends_the_pages_of_its_session_and_everywhere_those_of_the_person() -> Result {
    let app = accounts().await;
    let (laptop, phone) = (app.person(), app.person());
    let one = sign_in(&laptop, "Cleo").await?;
    let other = laptop.visit("/").await?;
    let mobile = sign_in(&phone, "Cleo").await?;
    one.click("Sign out").await?;
    one.sees("You are signed out.").await?;
    other.sees("Sign in").await?;
    mobile.sees("Signed in as Cleo").await?;
    let again = sign_in(&laptop, "Cleo").await?;
    again.click("Sign out everywhere").await?;
    again.sees("You are signed out everywhere.").await?;
    mobile.sees("Ada is an administrator").await?;
    assert_eq!(mobile.path(), "/sign-in");
    Ok(())
}
