//! Errors of mounts, handlers and plain routes: their types, and their error pages.

use std::error::Error as StdError;

use anyhow::Context as _;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get as route;
use axum::{Extension, Router, middleware};
use lanai::prelude::*;
use lanai::{Document, layout};
use lanai_test::css;
use maud::Markup;
use wire::{Server, get, get_with};

type BoxError = Box<dyn StdError + Send + Sync>;

/// A page whose mounts and handlers fail with the error types that programs use.
struct Page {
    told: String,
}

impl Page {
    async fn anyhow(_cx: Cx<Self>) -> Result<Self, anyhow::Error> {
        let _: u32 = "x".parse().context("the setting `port` is no number")?;
        Ok(Self { told: String::new() })
    }

    async fn boxed(_cx: Cx<Self>) -> Result<Self, BoxError> {
        Err("boxed".into())
    }

    async fn converted(cx: Cx<Self>) -> Result<Self> {
        let page = Self::anyhow(cx.clone()).await;
        page.or(Self::boxed(cx).await).map_err(|_| anyhow::anyhow!("neither")).context("both")?;
        Err(Error::not_found())
    }

    async fn panics(_cx: Cx<Self>) -> Self {
        panic!("on purpose: a mount in a layout")
    }

    async fn refused(_cx: Cx<Self>, Path(_): Path<u32>) -> Self {
        Self { told: String::new() }
    }

    async fn fine(_cx: Cx<Self>) -> Self {
        Self { told: String::new() }
    }

    fn fails_anyhow(&mut self) -> anyhow::Result<()> {
        Err(anyhow::anyhow!("inner").context("outer"))
    }

    async fn fails_boxed(&mut self) -> Result<(), BoxError> {
        Err(std::io::Error::other("boxed"))?;
        Ok(())
    }

    fn fails_with_both(&mut self) -> Result {
        self.fails_anyhow()?;
        Ok(())
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::fails_anyhow) { "anyhow" }
            button onclick=(Self::fails_boxed) { "boxed" }
            button onclick=(Self::fails_with_both) { "both" }
            p { (self.told) }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        self.told = error.to_string();
    }
}

#[derive(Clone)]
struct Person(&'static str);

/// A layout that shows what it knows of the request.
fn told(name: &'static str) -> impl Fn(Document) -> Markup + Clone {
    move |document: Document| {
        maud::html! {
            p.layout {
                (name) " " (document.title) " | " (document.method()) " " (document.path()) " of " (document.uri())
                " | " (document.matched_path().unwrap_or("no route"))
                " | " (document.extension::<Person>().map_or("nobody", |person| person.0))
                " | " (document.headers().get("x-test").and_then(|value| value.to_str().ok()).unwrap_or("no header"))
            }
            (document.body)
        }
    }
}

async fn conflict() -> Result<&'static str> {
    Err(Error::new(StatusCode::CONFLICT, "This room is full."))
}

async fn with_cookie() -> Response {
    (AppendHeaders([(SET_COOKIE, "a=1"), (SET_COOKIE, "b=2")]), Error::forbidden()).into_response()
}

async fn server() -> Server {
    let inner = Router::new()
        .route("/anyhow/{id}", live(Page::anyhow).layer(layout(told("own"))))
        .route("/boxed", live(Page::boxed).layer(layout(told("own"))))
        .route("/converted", live(Page::converted))
        .route("/panics", live(Page::panics).layer(layout(told("own"))))
        .route("/refused/{id}", live(Page::refused).layer(layout(told("own"))))
        .route("/fine", live(Page::fine).layer(layout(told("own"))))
        .route("/plain", route(conflict))
        .route("/plain/own", route(conflict).layer((layout(told("outer")), layout(told("inner")))))
        .route("/plain/cookie", route(with_cookie))
        .layer(Extension(Person("ann")));
    Server::start(App::new().merge(inner).layout(told("app"))).await
}

/// The status of a page, and what its layout shows.
async fn told_at(server: &Server, path: &str) -> (u16, String) {
    let answer = get_with(server.address, path, &[("x-test", "here")]).await;
    let told = answer.body().split_once("<p class=\"layout\">").and_then(|(_, rest)| rest.split_once("</p>"));
    (answer.status().as_u16(), told.unwrap_or_else(|| panic!("no layout in {}", answer.body())).0.to_owned())
}

#[tokio::test]
async fn an_error_page_of_a_mount_has_the_layout_of_its_route_which_knows_the_request() {
    let server = server().await;
    for (path, status, told) in [
        ("/fine", 200, "own Lanai | GET /fine of /fine | /fine | ann | here"),
        (
            "/anyhow/7?a=b",
            500,
            "own Internal Server Error | GET /anyhow/7 of /anyhow/7?a=b | /anyhow/{id} | ann | here",
        ),
        ("/boxed", 500, "own Internal Server Error | GET /boxed of /boxed | /boxed | ann | here"),
        ("/converted", 500, "app Internal Server Error | GET /converted of /converted | /converted | ann | here"),
        ("/panics", 500, "own Internal Server Error | GET /panics of /panics | /panics | ann | here"),
        ("/refused/x", 400, "own Bad Request | GET /refused/x of /refused/x | /refused/{id} | ann | here"),
        ("/none", 404, "app Not Found | GET /none of /none | no route | nobody | here"),
    ] {
        assert_eq!(told_at(&server, path).await, (status, told.to_owned()));
    }
    // A debug build shows the error to the author, and a release build to nobody.
    let page = get(server.address, "/anyhow/7").await.into_body();
    assert!(page.contains("the setting `port` is no number: invalid digit found in string"), "{page}");
}

#[tokio::test]
async fn an_error_of_a_plain_handler_is_a_page_in_the_layout() {
    let server = server().await;
    let (status, told) = told_at(&server, "/plain").await;
    // The extension `Person` is missing, since it was added by a layer inside the app.
    assert_eq!((status, told.as_str()), (409, "app Conflict | GET /plain of /plain | /plain | nobody | here"));
    assert!(told_at(&server, "/plain/own").await.1.starts_with("inner Conflict"));
    let page = get(server.address, "/plain").await;
    assert!(page.body().contains("This room is full."), "{}", page.body());
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");

    let page = get(server.address, "/plain/cookie").await;
    let cookies: Vec<_> = page.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!((page.status().as_u16(), cookies), (403, vec!["a=1", "b=2"]));
    assert!(page.body().contains("You may not see this page."), "{}", page.body());

    // A client that asks for something other than HTML gets only the message.
    let answer = get_with(server.address, "/plain", &[("accept", "application/json")]).await;
    assert_eq!((answer.status().as_u16(), answer.body().as_str()), (409, "This room is full."));
}

#[tokio::test(start_paused = true)]
async fn handlers_fail_with_whatever_error_people_have() -> lanai_test::Result {
    let app = lanai_test::app(App::new().route("/fine", live(Page::fine)));
    let page = app.visit("/fine").await?;
    for (button, text) in [("anyhow", "outer: inner"), ("boxed", "boxed"), ("both", "outer: inner")] {
        page.click(button).await?;
        page.within(css("p")).sees(text).await?;
    }
    assert_eq!(app.stats().errors, 3);
    Ok(())
}

#[tokio::test]
async fn an_error_page_whose_layout_panics_is_shown_without() {
    let app = App::new().layout(|document: Document| {
        assert!(document.matched_path().is_some(), "on purpose: a layout without a route");
        document.body
    });
    let server = Server::start(app.route("/fine", live(Page::fine))).await;
    assert_eq!(get(server.address, "/fine").await.status(), 200);
    let page = get(server.address, "/none").await;
    assert_eq!(page.status(), 404);
    assert!(page.body().contains("There is no page at this address."), "{}", page.body());
}

/// The fields of a form, for a handler and for a plain route.
#[derive(Deserialize)]
struct Note {
    text: String,
}

struct Notes(Vec<String>);

impl Notes {
    fn mount(_cx: Cx<Self>) -> Self {
        Self(Vec::new())
    }

    fn note(&mut self, Form(note): Form<Note>) {
        self.0.push(note.text);
    }

    fn note_as_axum(&mut self, axum::Form(note): axum::Form<Note>) {
        self.0.push(note.text);
    }
}

impl View for Notes {
    fn render(&self) -> Html<Self> {
        html! {
            form onsubmit=(Self::note) { input name="text"; }
            form onsubmit=(Self::note_as_axum) { input name="text"; }
            p { (self.0.join(" ")) }
        }
    }
}

async fn stored(Form(note): Form<Note>) -> String {
    note.text
}

#[tokio::test(start_paused = true)]
async fn a_form_of_the_prelude_and_one_of_axum_are_taken_in_both_places() -> lanai_test::Result {
    let app = lanai_test::app(App::new().route("/", live(Notes::mount)).route("/stored", route(stored)));
    let page = app.visit("/").await?;
    page.type_text(css("input").nth(0), "one\n").await?;
    page.type_text(css("input").nth(1), "two\n").await?;
    page.sees("one two").await?;
    let person = page.person();
    assert_eq!(person.get("/stored?text=three").await?.body, "three");
    // A form without the field is refused.
    assert_eq!(person.get("/stored").await?.status, 400);
    Ok(())
}

/// An error of a middleware is treated like an error of a handler.
#[tokio::test]
async fn an_error_of_a_middleware_is_a_page_in_the_layout() {
    async fn closed(_: axum::extract::Request, _: middleware::Next) -> Result<Response> {
        Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, "Closed on Sundays."))
    }
    let pages = Router::new().route("/fine", live(Page::fine)).layer(middleware::from_fn(closed));
    let server = Server::start(App::new().merge(pages).layout(told("app"))).await;
    assert!(told_at(&server, "/fine").await.1.starts_with("app Service Unavailable"));
}
