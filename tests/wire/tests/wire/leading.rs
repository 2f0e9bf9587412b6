//! Where views and plain handlers lead the browser: other pages, other queries, other sites; and the messages that are
//! shown on the way.

use lanai::axum::extract::FromRequestParts;
use lanai::axum::http::StatusCode;
use lanai::axum::http::request::Parts;
use lanai::axum::response::Redirect;
use lanai::axum::routing::get;
use lanai::prelude::*;
use lanai::{External, Flash, LocationError};

#[derive(Deserialize)]
struct To {
    #[serde(default)]
    to: String,
}

/// A page whose mount leads elsewhere.
struct Leading;

impl Leading {
    async fn mount(cx: Cx<Self>, Path(way): Path<String>, Query(To { to }): Query<To>) -> Result<Self> {
        cx.flash(Flash::success("On the way."));
        match way.as_str() {
            "navigate" => cx.navigate(&to),
            "error" => return Err(Error::redirect(&to)),
            "elsewhere" => cx.navigate(External("https://example.org/?a=b#c")),
            _ => return Err(Error::not_found()),
        }
        Ok(Self)
    }
}

impl View for Leading {
    fn render(&self) -> Html<Self> {
        html! { "still here" }
    }
}

/// A page whose handlers lead to `to`.
struct Menu {
    to: String,
    failed: Option<String>,
}

impl Menu {
    async fn mount(_cx: Cx<Self>, Query(To { to }): Query<To>) -> Self {
        Self { to, failed: None }
    }

    fn go(&mut self, cx: &Cx<Self>) {
        cx.flash(Flash::error("Gone."));
        cx.navigate(&self.to);
    }

    fn replace(&mut self, cx: &Cx<Self>) {
        cx.replace(&self.to);
    }

    fn fail(&mut self) -> Result {
        Err(Error::redirect(&self.to))
    }

    fn leave(&mut self, cx: &Cx<Self>) {
        cx.navigate(External("https://example.org/pay"));
    }

    fn leave_badly(&mut self, cx: &Cx<Self>) {
        cx.navigate(External("javascript:alert(1)"));
    }

    fn later(&mut self, cx: &Cx<Self>) {
        cx.after(std::time::Duration::from_millis(50), Self::go);
    }

    fn back(&mut self, cx: &Cx<Self>) {
        cx.back();
    }
}

impl View for Menu {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Menu" }
            button onclick=(Self::go) { "go" }
            button onclick=(Self::replace) { "replace" }
            button onclick=(Self::fail) { "fail" }
            button onclick=(Self::leave) { "leave" }
            button onclick=(Self::leave_badly) { "leave badly" }
            button onclick=(Self::later) { "later" }
            button onclick=(Self::back) { "back" }
            button onclick=(|_: &mut Self, cx: &Cx<Self>| cx.flash("Just so.")) { "flash" }
            @if let Some(failed) = &self.failed { p role="alert" { (failed) } }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        assert!(error.downcast_ref::<LocationError>().is_some(), "{error}");
        self.failed = Some(error.to_string());
    }
}

/// Says where it is.
struct Here(String);

impl Here {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.title(name.as_str());
        Self(name)
    }
}

impl View for Here {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Here is " (self.0) } a href="/menu?to=/here/two" { "menu" } }
    }
}

/// An extractor that lets nobody in.
struct Nobody;

impl<S: Sync> FromRequestParts<S> for Nobody {
    type Rejection = Error;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self> {
        Err(Error::redirect("/here/door"))
    }
}

/// A page with a child that leads elsewhere.
struct Outer(Child<Leading>);

impl View for Outer {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Outer" } (self.0) }
    }
}

fn program() -> App {
    App::new()
        .layout(|document| {
            maud::html! { head { (document.head) } body { (document.flash()) main { (document.body) } } }
        })
        .route("/lead/{way}", live(Leading::mount))
        .route("/menu", live(Menu::mount))
        .route("/here/{name}", live(Here::mount))
        .route("/guarded", live(|_: Cx<Here>, _: Nobody| Here("secret".into())))
        .route(
            "/outer",
            live(|cx: Cx<Outer>| {
                Outer(cx.child("inner", |cx: Cx<Leading>| {
                    cx.navigate("/here/inside");
                    Leading
                }))
            }),
        )
        .route(
            "/outer-error",
            live(|cx: Cx<Outer>| {
                Outer(cx.child("inner", |_: Cx<Leading>| Err::<Leading, _>(Error::redirect("/here/inside"))))
            }),
        )
        .route("/plain", get(|| async { Err::<String, _>(Error::redirect("/here/plain")) }))
        .route("/plain-flash", get(|| async { (Flash::success("Done; \u{e4}\"'."), Redirect::to("/here/plain")) }))
}

fn header<'a>(answer: &'a lanai_test::Response, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

#[tokio::test(start_paused = true)]
async fn a_mount_leads_to_another_page_by_a_redirect() {
    let app = lanai_test::app(program());
    for way in ["navigate", "error"] {
        let answer = app.person().get(&format!("/lead/{way}?to=/here/a%20b?x=%26")).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(header(&answer, "location"), Some("/here/a%20b?x=&"), "{way}");
        let page = app.visit(&format!("/lead/{way}?to=/here/one%3Fx")).await.expect("a page");
        page.sees("Here is one").await.expect("the other page");
        assert_eq!(page.path(), "/here/one?x");
        // The message of the page that was never shown appears here, once.
        page.sees("On the way.").await.expect("the message");
        page.reload().await.expect("a page");
        page.sees_not("On the way.").await.expect("no message");
    }
    assert_eq!(app.stats().errors, 0);
    app.until("the views that led elsewhere are gone", |stats| stats.instances == 2)
        .await
        .expect("those that are shown");
}

#[tokio::test(start_paused = true)]
async fn no_text_leads_to_another_site() {
    let app = lanai_test::app(program());
    for to in ["//example.org", "/%5Cexample.org", "/%09/example.org", "https://example.org", "example.org", ""] {
        let answer = app.person().get(&format!("/lead/error?to={to}")).await.expect("an answer");
        assert_eq!((answer.status, header(&answer, "location")), (StatusCode::BAD_REQUEST, None), "{to}");
        let answer = app.person().get(&format!("/lead/navigate?to={to}")).await.expect("an answer");
        assert_eq!((answer.status, header(&answer, "location")), (StatusCode::OK, None), "{to}");
        let page = app.visit(&format!("/menu?to={to}")).await.expect("a page");
        for button in ["go", "replace"] {
            page.click(button).await.expect("a button");
            page.sees("cannot go to").await.expect("the reason");
            page.sees("Menu").await.expect("the same page");
        }
    }
    let page = app.visit("/menu").await.expect("a page");
    page.click("leave badly").await.expect("a button");
    page.sees("browsers would run it").await.expect("the reason");
}

#[tokio::test(start_paused = true)]
async fn another_site_is_left_for_when_it_is_named() {
    let app = lanai_test::app(program());
    let answer = app.person().get("/lead/elsewhere").await.expect("an answer");
    assert_eq!(header(&answer, "location"), Some("https://example.org/?a=b#c"));
    let page = app.visit("/menu").await.expect("a page");
    page.click("leave").await.expect("a button");
    assert_eq!(page.path(), "https://example.org/pay");
    page.back().await.expect("the page before");
    page.sees("Menu").await.expect("the page before");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_navigates_is_told_where_to_go_next() {
    let app = lanai_test::app(program().base_path("/app"));
    let person = app.person().with_header("lanai", "navigate");
    let answer = person.get("/lead/error?to=/here/one%23part").await.expect("an answer");
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!((header(&answer, "lanai-location"), header(&answer, "location")), (Some("/app/here/one#part"), None));
    let answer = app.person().get("/app/plain").await.expect("an answer");
    assert_eq!((answer.status, header(&answer, "location")), (StatusCode::SEE_OTHER, Some("/app/here/plain")));
}

#[tokio::test(start_paused = true)]
async fn handlers_lead_to_another_page() {
    let app = lanai_test::app(program());
    let page = app.visit("/here/one").await.expect("a page");
    page.click("menu").await.expect("a link");
    page.click("go").await.expect("a button");
    page.sees("Here is two").await.expect("the other page");
    page.sees("Gone.").await.expect("the message");
    assert_eq!((page.path().as_str(), page.title().as_str()), ("/here/two", "two"));
    page.back().await.expect("the page before");
    page.click("fail").await.expect("a button");
    page.sees("Here is two").await.expect("the other page");
    page.back().await.expect("the page before");
    page.click("replace").await.expect("a button");
    page.sees("Here is two").await.expect("the other page");
    page.back().await.expect("the page before the one that was replaced");
    page.sees("Here is one").await.expect("the first page");
    page.click("menu").await.expect("a link");
    page.click("back").await.expect("a button");
    page.sees("Here is one").await.expect("the first page");
    page.click("menu").await.expect("a link");
    page.click("later").await.expect("a button");
    page.sees("Here is two").await.expect("the other page, without an event");
    assert_eq!(app.stats().errors, 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_shown_on_this_page_if_it_stays() {
    let app = lanai_test::app(program());
    let page = app.visit("/menu").await.expect("a page");
    page.click("flash").await.expect("a button");
    page.sees("Just so.").await.expect("the message");
    page.click("flash").await.expect("a button");
    assert_eq!(page.count(lanai_test::css("[data-lanai-flash] > [data-level=info]")), 2);
}

#[tokio::test(start_paused = true)]
async fn plain_handlers_and_extractors_lead_to_another_page() {
    let app = lanai_test::app(program());
    for (path, arrives) in [("/plain", "plain"), ("/guarded", "door"), ("/plain-flash", "plain")] {
        let page = app.visit(path).await.expect("a page");
        page.sees(format!("Here is {arrives}")).await.expect("the other page");
        if path == "/plain-flash" {
            page.sees("Done; \u{e4}\"'.").await.expect("the message");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_inside_another_leads_the_whole_page() {
    let app = lanai_test::app(program());
    for path in ["/outer", "/outer-error"] {
        let page = app.visit(path).await.expect("a page");
        page.sees("Here is inside").await.expect("the other page");
        assert_eq!(page.path(), "/here/inside");
    }
    assert_eq!(app.stats().errors, 0);
}

/// A list that keeps its state in the query of its URL.
struct List {
    filter: Filter,
    told: u32,
}

#[derive(Serialize, Deserialize, Clone, Default, Debug)]
#[serde(default)]
struct Filter {
    text: String,
    page: u32,
    only: Option<bool>,
}

impl List {
    async fn mount(cx: Cx<Self>, Query(filter): Query<Filter>) -> Self {
        cx.on_query(Self::show);
        Self { filter, told: 0 }
    }

    fn show(&mut self, filter: Filter) {
        self.told += 1;
        self.filter = filter;
    }

    fn next(&mut self, cx: &Cx<Self>) {
        self.filter.page += 1;
        cx.query(&self.filter);
    }

    fn typed(&mut self, Value(text): Value<String>, cx: &Cx<Self>) {
        self.filter.text = text;
        cx.replace_query(&self.filter);
    }
}

impl View for List {
    fn render(&self) -> Html<Self> {
        html! {
            p { "page " (self.filter.page) " of " (self.filter.text) ", told " (self.told) }
            input aria-label="text" oninput=(Self::typed) value=(self.filter.text);
            button onclick=(Self::next) { "next" }
            a href="?page=7&only=true" { "seventh" }
            a href="?page=many" { "odd" }
            a href="/list" { "all" }
            a href="/here/one" { "one" }
            button onclick=(|_: &mut Self, cx: &Cx<Self>| cx.navigate("?page=9")) { "ninth" }
        }
    }
}

fn list() -> App {
    program().route("/list", live(List::mount))
}

#[tokio::test(start_paused = true)]
async fn the_query_follows_the_view_and_the_view_the_query() {
    let app = lanai_test::app(list());
    let page = app.visit("/list?page=2").await.expect("a page");
    page.sees("page 2 of , told 0").await.expect("the query of the first URL");
    page.click("next").await.expect("a button");
    page.sees("page 3").await.expect("the next page");
    assert_eq!(page.path(), "/list?text=&page=3");
    page.fill("text", "a b").await.expect("a field");
    assert_eq!(page.path(), "/list?text=a+b&page=3");
    page.click("seventh").await.expect("a link");
    page.sees("page 7 of , told 1").await.expect("the view was told");
    page.click("ninth").await.expect("a button");
    page.sees("page 9 of , told 2").await.expect("the view was told");
    page.back().await.expect("the query before");
    page.sees("page 7 of , told 3").await.expect("the view was told");
    page.back().await.expect("the query before");
    page.sees("page 3 of a b, told 4").await.expect("the view was told");
    page.back().await.expect("the query before");
    page.sees("page 2 of , told 5").await.expect("the view was told");
    page.forward().await.expect("the query after");
    page.sees("page 3 of a b, told 6").await.expect("the view was told");
    page.click("all").await.expect("a link");
    page.sees("page 0 of , told 7").await.expect("no query");
    assert_eq!(app.stats().mounts, 1);
    page.click("one").await.expect("a link");
    page.sees("Here is one").await.expect("another page");
    page.back().await.expect("the page before");
    page.sees("page 0 of , told 0").await.expect("a new view");
    page.back().await.expect("the query before");
    page.sees("page 3 of a b, told 1").await.expect("the view was told");
    assert_eq!(app.stats().mounts, 3);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_cannot_be_read_is_refused() {
    let app = lanai_test::app(list());
    let page = app.visit("/list").await.expect("a page");
    page.click("odd").await.expect("a link");
    page.sees("page 0 of , told 0").await.expect("the view was not told");
    assert_eq!(app.stats().refused_events, 1);
    for forged in [r#"[2,0,"","query",{"a":1}]"#, r#"[3,0,"","query",7]"#, r#"[4,0,"","other","?page=1"]"#] {
        page.wire().send(forged);
    }
    app.until("all are refused", |stats| stats.refused_events == 4).await.expect("refused");
    page.sees("told 0").await.expect("the view was never told");
}

#[derive(Route, Debug, PartialEq, Clone)]
#[route("/files/{folder}/{*rest}")]
struct FilePage {
    folder: u32,
    rest: String,
}

#[derive(Route)]
#[route("/found")]
struct FoundPage {
    #[route(query)]
    search: Search,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Search {
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
}

/// Shows the address that it was mounted at, and links to others.
struct File(FilePage);

impl View for File {
    fn render(&self) -> Html<Self> {
        let next = FilePage { folder: self.0.folder + 1, rest: "a b/\u{e4}?".into() };
        html! {
            p { "file " (self.0.folder) " of " (self.0.rest) }
            a href=(next) { "next" }
            a href=(FoundPage { search: Search { tags: vec!["x&y".into(), "z".into()], page: None } }) { "found" }
            button onclick=(move |_: &mut Self, cx: &Cx<Self>| cx.navigate(&next)) { "go" }
        }
    }
}

struct Found(FoundPage);

impl View for Found {
    fn render(&self) -> Html<Self> {
        html! { p { "found " (format!("{:?} {:?}", self.0.search.tags, self.0.search.page)) } }
    }
}

fn files() -> App {
    App::new()
        .layout(|document| {
            let one = FilePage { folder: 2, rest: "a b/\u{e4}?".into() };
            let found = FoundPage { search: Search::default() };
            maud::html! {
                head { (document.head) }
                nav {
                    a href=(document.href(&one)) aria-current=[document.aria_current(&one)] { "two" }
                    a href=(document.href(&found)) aria-current=[document.aria_current(&found)] { "all" }
                }
                (document.body)
            }
        })
        .route(FilePage::PATH, live(|_: Cx<File>, page: FilePage| File(page)))
        .route(FoundPage::PATH, live(|_: Cx<Found>, page: FoundPage| Found(page)))
}

#[tokio::test(start_paused = true)]
async fn a_route_is_an_address_an_extractor_and_a_link() {
    let app = lanai_test::app(files());
    let page = app.visit("/files/1/x").await.expect("a page");
    page.sees("file 1 of x").await.expect("what the path says");
    for step in ["next", "go"] {
        page.click(step).await.expect("a step");
        page.sees("of a b/\u{e4}?").await.expect("what the path says");
    }
    assert_eq!(page.path(), "/files/3/a%20b/%C3%A4%3F");
    let current = |page: &lanai_test::Page| page.count(lanai_test::css("nav a[aria-current=page]"));
    assert_eq!(current(&page), 0);
    page.click("two").await.expect("a link");
    assert_eq!((page.path().as_str(), current(&page)), ("/files/2/a%20b/%C3%A4%3F", 1));
    page.click("found").await.expect("a link");
    page.sees(r#"found ["x&y", "z"] None"#).await.expect("what the query says");
    assert_eq!((page.path().as_str(), current(&page)), ("/found?tags=x%26y&tags=z", 1));
    assert_eq!(
        FilePage { folder: 1, rest: "x".into() }.absolute("https://example.org/"),
        "https://example.org/files/1/x"
    );
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_none_of_a_route_is_not_found() {
    let app = lanai_test::app(files());
    for (path, status) in [
        ("/files/one/x", StatusCode::NOT_FOUND),
        ("/files/1/%ff", StatusCode::BAD_REQUEST),
        ("/found?page=many", StatusCode::BAD_REQUEST),
    ] {
        let answer = app.person().get(path).await.expect("an answer");
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains("<nav>"), "{path} has the layout");
    }
}
