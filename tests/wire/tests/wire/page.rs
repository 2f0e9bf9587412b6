//! The response to a `GET`: layout, title, errors, assets.

use std::sync::Arc;

use lanai::axum::Router;
use lanai::axum::http::StatusCode;
use lanai::axum::routing::get as route;
use lanai::prelude::*;
use lanai::{Document, ErrorPage, layout};
use wire::{Boot, Server, get, get_with};

struct Page {
    name: String,
}

impl Page {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>, State(state): State<Arc<str>>) -> Result<Self> {
        match name.as_str() {
            "nobody" => return Err(Error::not_found()),
            "secret" => return Err(Error::forbidden()),
            "full" => return Err(Error::new(StatusCode::CONFLICT, "This room is full.")),
            "broken" => drop("x".parse::<u8>()?),
            "panic" => panic!("on purpose: the mount"),
            _ => {}
        }
        cx.title(format!("{state} & {name}"));
        cx.meta("description", "a <page>");
        Ok(Self { name })
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Hello, " (self.name) } a href=(self.name) { "link" } }
    }
}

struct Number;

impl Number {
    async fn mount(_: Cx<Self>, Path(_number): Path<u32>) -> Self {
        Self
    }
}

impl View for Number {
    fn render(&self) -> Html<Self> {
        html! { p { "a number" } }
    }
}

async fn server() -> Server {
    let bare = |document: Document| maud::html! { bare { (document.head) (document.body) } };
    let app = App::new()
        .route("/hello/{name}", live(Page::mount))
        .route("/bare/{name}", live(Page::mount).layer(layout(bare)))
        .route("/number/{number}", live(Number::mount))
        .route("/plain", route(|| async { "plain" }))
        .with_state(Arc::<str>::from("Guide"))
        .merge(Router::new().route("/merged", route(|| async { "merged" })))
        .error_page(|page: &ErrorPage| maud::html! { p.custom { (page.status.as_u16()) ": " (page.message) } });
    Server::start(app).await
}

#[tokio::test]
async fn the_first_answer_is_a_complete_document() {
    let server = server().await;
    let response = get(server.address, "/hello/Tom%20%3Cb%3E").await;
    let html = response.body();
    assert!(html.starts_with("<!DOCTYPE html>"));
    assert!(html.contains("<title>Guide &amp; Tom &lt;b&gt;</title>"), "{html}");
    assert!(html.contains(r#"<meta name="description" content="a &lt;page&gt;">"#), "{html}");
    assert!(html.contains("<h1>Hello, <!--[-->Tom &lt;b&gt;<!--]--></h1>"), "{html}");
    assert_eq!(response.headers()["cache-control"], "private, no-cache, no-transform");
}

#[tokio::test]
async fn a_script_address_is_refused() {
    let server = server().await;
    let html = get(server.address, "/hello/javascript:alert(1)").await.into_body();
    assert!(html.contains(r#"href="about:invalid#lanai-refused-script-url""#), "{html}");
}

#[tokio::test]
async fn each_error_has_its_page_and_status() {
    let server = server().await;
    for (path, status, text) in [
        ("/hello/nobody", 404, "404: There is no page"),
        ("/hello/secret", 403, "403: You may not"),
        ("/hello/full", 409, "409: This room is full."),
        ("/hello/broken", 500, "500: Something went wrong"),
        ("/hello/panic", 500, "500: Something went wrong"),
        ("/number/many", 400, "400: "),
        ("/nowhere", 404, "404: "),
    ] {
        let response = get(server.address, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(response.body().contains(&format!("<p class=\"custom\">{text}")), "{path}: {}", response.body());
        assert!(response.body().starts_with("<!DOCTYPE html>"), "{path}");
    }
    assert_eq!((server.stats().instances, server.stats().panics, server.stats().errors), (0, 1, 1));
}

#[tokio::test]
async fn a_route_can_have_a_layout_of_its_own() {
    let server = server().await;
    assert!(get(server.address, "/bare/x").await.body().starts_with("<bare><title>Guide &amp; x</title>"));
}

#[tokio::test]
async fn other_routes_of_axum_stand_beside() {
    let server = server().await;
    assert_eq!(get(server.address, "/plain").await.body(), "plain");
    assert_eq!(get(server.address, "/merged").await.body(), "merged");
}

#[tokio::test]
async fn the_script_is_compressed_and_cached_for_ever() {
    let server = server().await;
    let html = get(server.address, "/hello/x").await.into_body();
    let start = html.find("/_lanai/client-").expect("the page names the script");
    let path = &html[start..start + html[start..].find('"').unwrap()];
    let plain = get(server.address, path).await;
    assert_eq!(plain.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(plain.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(!plain.headers().contains_key("content-encoding"));
    let refused = get_with(server.address, path, &[("accept-encoding", "br;q=0, identity")]).await;
    assert!(!refused.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn pages_of_a_program_built_for_development_load_what_warns_of_mistakes_and_others_do_not() {
    let server = server().await;
    let html = get(server.address, "/hello/x").await.into_body();
    let start = html.find("/_lanai/client-").expect("the page names the script");
    let path = html[start..start + html[start..].find('"').unwrap()].replace("client", "development");
    let status = get(server.address, &path).await.status();
    if cfg!(debug_assertions) {
        assert_eq!((&Boot::read(&html).data["d"], status), (&1.into(), StatusCode::OK));
        // The headers of a script say where its source map is.
        let script = get(server.address, &path).await;
        let map = script.headers()["sourcemap"].to_str().unwrap();
        let map = get(server.address, &format!("/_lanai/{map}")).await;
        assert!(map.body().starts_with("{") && map.body().contains("sourcesContent"), "{}", map.status());
    } else {
        assert_eq!((&Boot::read(&html).data["d"], status), (&().into(), StatusCode::NOT_FOUND));
    }
}
