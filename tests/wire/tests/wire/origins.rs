//! Which pages may open sockets, and at which URLs: origins, hosts, proxies and base paths.

use axum::Router;
use lanai::{App, TrustedProxies, layout, live};
use wire::{Received, Server, Socket, Visitor, get, get_with};

use crate::views::Clicks;

const SOCKET: &str = "/_lanai/socket";

/// The message that a socket with these headers receives first if it is refused.
async fn refusal(server: &Server, headers: &[(&str, &str)]) -> Option<String> {
    let mut socket = Socket::open_with(server.address, SOCKET, headers).await.expect("every socket is opened");
    // A socket that is not refused is closed with 1008, since this is not an attach.
    socket.send("[]").await;
    match socket.receive().await {
        Received::Text(text) => {
            assert!(matches!(socket.receive().await, Received::Closed(1000, _)));
            Some(text)
        }
        Received::Closed(1008, _) => None,
        other => panic!("{other:?}"),
    }
}

async fn server(app: App) -> Server {
    Server::start(app.route("/", live(Clicks::mount)).route("/room/{name}", live(Clicks::mount))).await
}

async fn accepts(app: App, cases: &[(&[(&str, &str)], bool)]) {
    let server = server(app).await;
    let mut refused = 0;
    for (headers, accepted) in cases {
        let refusal = refusal(&server, headers).await;
        assert_eq!(refusal.is_none(), *accepted, "{headers:?}: {refusal:?}");
        refused += u64::from(!accepted);
    }
    assert_eq!(server.stats().refused_attaches, refused);
    assert_eq!((server.stats().instances, server.stats().attaches), (0, 0), "a refused socket leaves nothing behind");
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_that_it_is_refused() {
    let server = server(App::new().allow_origin("https://example.org")).await;
    let host = server.address.to_string();
    for origin in ["https://evil.example", "null", &format!("http://{host}.evil.example"), "http://127.0.0.1:1"] {
        let refusal = refusal(&server, &[("host", &host), ("origin", origin)]).await.expect(origin);
        assert!(refusal.starts_with(r#"{"refused":"This page is not live"#), "{refusal}");
    }
    assert_eq!(refusal(&server, &[("host", &host), ("origin", "https://example.org")]).await, None);
    assert_eq!(refusal(&server, &[("host", &host), ("origin", "https://example.org:443")]).await, None);
    assert_eq!(refusal(&server, &[("host", &host), ("origin", &format!("http://{host}"))]).await, None);
    // A client that is not a browser sends no origin.
    assert_eq!(refusal(&server, &[("host", &host)]).await, None);
    assert_eq!(server.stats().refused_attaches, 4);
}

#[tokio::test]
async fn a_proxy_that_names_the_default_port_is_no_other_origin() {
    accepts(
        App::new(),
        &[
            (&[("host", "name.example:443"), ("origin", "https://name.example")], true),
            (&[("host", "name.example:80"), ("origin", "http://name.example")], true),
            (&[("host", "name.example"), ("origin", "https://name.example:443")], true),
            (&[("host", "name.example:8443"), ("origin", "https://name.example:8443")], true),
            (&[("host", "name.example:443"), ("origin", "http://name.example")], false),
            (&[("host", "name.example"), ("origin", "https://name.example:8443")], false),
            (&[("host", "name.example:8443"), ("origin", "https://name.example")], false),
            // If a proxy says that pages use TLS, a page without TLS has another origin.
            (&[("host", "name.example"), ("origin", "http://name.example"), ("x-forwarded-proto", "https")], false),
            (&[("host", "name.example"), ("origin", "https://name.example"), ("x-forwarded-proto", "https")], true),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_a_proxy_says_counts_only_if_it_is_trusted() {
    let forwarded: [&[(&str, &str)]; 3] = [
        &[
            ("host", "inner:3000"),
            ("origin", "https://name.example"),
            ("x-forwarded-host", "name.example"),
            ("x-forwarded-proto", "https"),
        ],
        &[
            ("host", "inner:3000"),
            ("origin", "https://name.example:8443"),
            ("forwarded", r#"for=192.0.2.1;proto=https;host="name.example:8443""#),
        ],
        &[
            ("host", "name.example"),
            ("origin", "https://name.example:8443"),
            ("x-forwarded-port", "8443"),
            ("x-forwarded-proto", "https"),
        ],
    ];
    let wrong_scheme: &[(&str, &str)] =
        &[("host", "name.example"), ("origin", "http://name.example"), ("x-forwarded-proto", "https")];
    for (app, trusted) in [
        (App::new(), false),
        (App::new().trust_proxy(1), true),
        (App::new().trust_proxy(TrustedProxies::at(["127.0.0.0/8"])), true),
        (App::new().trust_proxy(TrustedProxies::at(["10.0.0.0/8"])), false),
    ] {
        let mut cases: Vec<(&[(&str, &str)], bool)> = forwarded.map(|headers| (headers, trusted)).into();
        cases.push((wrong_scheme, false));
        accepts(app, &cases).await;
    }
}

#[tokio::test]
async fn a_program_that_names_its_hosts_answers_to_no_other() {
    let server = server(App::new().hosts(["name.example", "*.below.example"])).await;
    for host in ["name.example", "NAME.example:8080", "a.below.example", "localhost:3000", "127.0.0.1"] {
        assert_eq!(get_with(server.address, "/", &[("host", host)]).await.status(), 200, "{host}");
    }
    let page = get_with(server.address, "/", &[("host", "rebound.example")]).await;
    assert_eq!(page.status(), 421);
    assert!(page.body().contains("does not answer to the name"), "{}", page.body());
    let rebound = [("host", "rebound.example"), ("origin", "http://rebound.example")];
    let refusal = refusal(&server, &rebound).await.expect("a rebound name");
    assert!(refusal.contains("does not answer to the name"), "{refusal}");
    assert_eq!(server.stats().mounts, 5);
}

/// The URL of the script on a page.
fn script(html: &str) -> String {
    let start = html.find(r#"<script type="module" src=""#).unwrap_or_else(|| panic!("no script in {html}")) + 27;
    html[start..].split('"').next().unwrap_or_default().to_owned()
}

/// Fetches the page at `path` with everything that it needs, and attaches. The proxy in front of the server strips the
/// base from the paths, or keeps it.
async fn works_below(server: &Server, base: &str, path: &str, strip: bool) {
    let inside = |path: &str| if strip { path.strip_prefix(base).unwrap_or(path).to_owned() } else { path.to_owned() };
    let page = get(server.address, &inside(path)).await;
    assert_eq!(page.status(), 200, "{path}");
    let script = script(page.body());
    assert!(script.starts_with(&format!("{base}/_lanai/client-")), "{path}: {script}");
    let client = get(server.address, &inside(&script)).await;
    assert_eq!(
        (client.status().as_u16(), &client.headers()["content-type"]),
        (200, &"text/javascript; charset=utf-8".parse().unwrap())
    );
    let stable = get(server.address, &inside(&format!("{base}/_lanai/lanai.js"))).await;
    let extras =
        stable.body().split('"').nth(1).and_then(|name| name.strip_prefix("./")).expect("it imports the extras");
    assert_eq!(get(server.address, &inside(&format!("{base}/_lanai/{extras}"))).await.status(), 200);

    let headers = [("host", "name.example"), ("origin", "https://name.example")];
    let socket = inside(&format!("{base}{SOCKET}"));
    let mut socket = Socket::open_with(server.address, &socket, &headers).await.expect("there is a socket");
    let boot = wire::Boot::read(page.body());
    socket.send(&boot.attach("page", 0)).await;
    assert_eq!(socket.receive().await, Received::Text(r#"{"attached":0}"#.into()));

    // A path without a page works as well.
    assert_eq!(get(server.address, &inside(&format!("{base}/none"))).await.status(), 404);
}

fn app() -> App {
    App::new().route("/", live(Clicks::mount)).route("/room/{name}", live(Clicks::mount))
}

#[tokio::test]
async fn a_base_path_works_whether_the_proxy_strips_or_keeps_it() {
    let server = Server::start(app().base_path("/app/")).await;
    for strip in [true, false] {
        for path in ["/app/", "/app/room/7"] {
            works_below(&server, "/app", path, strip).await;
        }
    }
    works_below(&server, "/app", "/app", false).await;
}

#[tokio::test]
async fn a_nested_router_works() {
    let (router, handle) = app().into_router_with_handle();
    let server = Server::start_router(Router::new().nest("/deep/app", router), handle).await;
    for path in ["/deep/app", "/deep/app/room/7"] {
        works_below(&server, "/deep/app", path, false).await;
    }
}

#[tokio::test]
async fn a_nested_router_works_below_a_base_path() {
    let (router, handle) = app().base_path("/site").into_router_with_handle();
    let server =
        Server::start_router(Router::new().nest("/app", router.clone()).nest("/site/app", router), handle).await;
    works_below(&server, "/site/app", "/site/app/room/7", false).await;
    let page = get(server.address, "/app/room/7").await;
    assert!(script(page.body()).starts_with("/site/app/_lanai/"), "{}", page.body());
}

#[tokio::test]
async fn a_layout_knows_the_base_path() {
    let pages = app().base_path("/app").route(
        "/where/{name}",
        live(Clicks::mount).layer(layout(|document| {
            maud::html! { p { (document.base) " " (document.path()) " " (document.address("/x")) } (document.body) }
        })),
    );
    let server = Server::start(pages).await;
    for path in ["/where/7?a=b", "/app/where/7?a=b"] {
        let page = get(server.address, path).await;
        assert!(page.body().starts_with("<p>/app /where/7 /app/x</p>"), "{}", page.body());
    }
}

#[tokio::test]
async fn a_page_is_not_to_be_rewritten_on_the_way_and_tells_when_its_script_does_not_come() {
    let server = server(App::new()).await;
    let page = get(server.address, "/").await;
    assert_eq!(page.headers()["cache-control"], "private, no-cache, no-transform");
    let start = page.body().find(r#"<span id="lanai-late">"#).expect("a notice");
    let notice = &page.body()[start..];
    let notice = &notice[..notice.find("</span>").expect("an end") + 6];
    let picture = notice.split('"').find(|part| part.ends_with(".svg")).expect("a picture");
    assert_eq!(get(server.address, picture).await.headers()["content-type"], "image/svg+xml");
    assert!(notice.len() < 400, "{}", notice.len());
    assert!(!notice.contains("style") && !notice.contains("<script"), "{notice}");
    let missing = get(server.address, "/none").await;
    assert_eq!(missing.headers()["cache-control"], "no-store, no-transform");
    assert!(!missing.body().contains("lanai-late"), "{}", missing.body());
    assert_eq!(Visitor::visit(server.address, "/").await.frames, 0);
}

#[tokio::test(start_paused = true)]
async fn a_form_of_another_site_is_refused() {
    let routes = Router::new().route("/form", axum::routing::post(|| async { "done" }).get(|| async { "shown" }));
    let app = lanai_test::app(App::new().allow_origin("https://example.org").merge(routes)).host("shop.example");
    for (headers, accepted) in [
        (&[][..], true),
        (&[("origin", "http://shop.example")], true),
        (&[("origin", "https://example.org")], true),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "http://shop.example.evil.example")], false),
        (&[("origin", "null")], false),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
        (&[("origin", "http://other.shop.example"), ("sec-fetch-site", "same-site")], false),
        // A page without a referrer.
        (&[("origin", "null"), ("sec-fetch-site", "same-origin")], true),
        // A form that the person has sent again from the history.
        (&[("sec-fetch-site", "none")], true),
        // A stranger cannot set the headers of a browser.
        (&[("origin", "https://example.org"), ("sec-fetch-site", "cross-site")], true),
    ] {
        let person = headers.iter().fold(app.person(), |person, (name, value)| person.with_header(name, value));
        let answer = person.post("/form", &[]).await.expect("an answer");
        assert_eq!(answer.status, if accepted { 200 } else { 403 }, "{headers:?}");
        assert_eq!(answer.body.contains("belongs to another site"), !accepted, "{headers:?}");
        assert_eq!(person.get("/form").await.expect("an answer").body, "shown", "{headers:?}");
    }
}
