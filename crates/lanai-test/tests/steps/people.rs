//! Several people, several tabs, cookies, and the pages between.

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{Html as Plain, IntoResponse, Redirect};
use axum::routing::{get, post};
use lanai::prelude::*;
use lanai_test::{Result, TestApp, app};

/// Shows who it is by the cookie.
struct Home(String);

impl Home {
    async fn mount(_cx: Cx<Self>, headers: HeaderMap) -> Self {
        let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        Self(cookie.split("; ").find_map(|pair| pair.strip_prefix("name=")).unwrap_or("nobody").to_owned())
    }
}

impl View for Home {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Hello, " (self.0) } nav { a href="/login" { "Log in" } a href="https://example.org/" { "Elsewhere" } } }
    }
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

fn program() -> TestApp {
    let plain = Router::new()
        .route("/login", get(|| async { Plain(r#"<title>Log in</title><form method="post"><label>Name <input name="name"></label><button>Go</button></form>"#) }))
        .route(
            "/login",
            post(|Form(login): Form<Login>| async move {
                ([(header::SET_COOKIE, format!("name={}; Path=/; HttpOnly", login.name))], Redirect::to("/")).into_response()
            }),
        )
        .route("/logout", get(|| async { ([(header::SET_COOKIE, "name=; Max-Age=0; Path=/")], Redirect::to("/")) }));
    app(App::new().route("/", live(Home::mount)).merge(plain))
}

#[tokio::test(start_paused = true)]
async fn people_log_in_through_plain_pages_and_keep_their_cookies() -> Result {
    let app = program();
    let ada = app.person();
    let page = ada.visit("/").await?;
    page.sees("Hello, nobody").await?;
    page.click("Log in").await?;
    assert_eq!((page.path().as_str(), page.title().as_str()), ("/login", "Log in"));
    page.fill("Name", "Ada").await?;
    page.click("Go").await?;
    page.sees("Hello, Ada").await?;
    assert_eq!(ada.cookie("name").as_deref(), Some("Ada"));

    ada.visit("/").await?.sees("Hello, Ada").await?;
    app.visit("/").await?.sees("Hello, nobody").await?;

    page.back().await?;
    assert_eq!(page.path(), "/login");
    page.forward().await?;
    page.visit("/logout").await?;
    page.sees("Hello, nobody").await?;
    assert_eq!(ada.cookie("name"), None);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_leads_out_of_the_program_is_not_followed() -> Result {
    let error = program().visit("/").await?.click("Elsewhere").await.unwrap_err();
    assert_eq!(
        error.message(),
        "could not open https://example.org/: https://example.org/ is outside of the program, which is at http://localhost"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_page_that_does_not_exist_is_a_page_with_a_status() -> Result {
    let page = program().visit("/nowhere").await?;
    assert_eq!(page.status(), 404);
    page.sees("There is no page at this address.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn headers_and_requests_are_those_of_the_person() -> Result {
    let ada = program().person().with_header("accept-language", "de");
    let answer = ada.post("/login", &[("name", "Ada & Bo")]).await?;
    assert_eq!((answer.status.as_u16(), answer.headers["location"].to_str().unwrap()), (303, "/"));
    assert_eq!(ada.get("/").await?.status, 200);
    ada.visit("/").await?.sees("Hello, Ada & Bo").await?;
    Ok(())
}
