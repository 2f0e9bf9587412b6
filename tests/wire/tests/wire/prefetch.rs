//! Pages that a browser fetches before anybody goes there, and routes that are always loaded as documents.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lanai::prelude::*;
use lanai::{App, Limits, live_navigation};
use wire::{Received, Server, Visitor, get, get_with};

struct Page;

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|_: &mut Self| {}) { "page" } }
    }
}

async fn start(limits: Limits) -> (Server, Arc<AtomicUsize>) {
    let mounts = Arc::new(AtomicUsize::new(0));
    let mount = {
        let mounts = mounts.clone();
        move |_: Cx<Page>| {
            mounts.fetch_add(1, Ordering::Relaxed);
            Page
        }
    };
    let redirected = |cx: Cx<Page>| {
        cx.flash("Redirected.");
        Err::<Page, _>(Error::redirect("/"))
    };
    let layout = |document: lanai::Document| maud::html! { (document.head) (document.flash()) (document.body) };
    let app = App::new()
        .limits(limits)
        .trust_proxy(1)
        .layout(layout)
        .route("/", live(mount.clone()))
        .route("/to", live(redirected))
        .route("/alone", live(mount).layer(live_navigation(false)));
    (Server::start(app).await, mounts)
}

const PREFETCH: (&str, &str) = ("lanai", "prefetch");

#[tokio::test]
async fn prefetched_pages_displace_only_one_another() {
    let limits = Limits { prefetched_per_address: 3, prefetched: 5, ..Limits::default() };
    let (server, mounts) = start(limits).await;
    let waiting = Visitor::fetch(server.address, "/").await;
    let from = |address: &'static str| [PREFETCH, ("x-forwarded-for", address)];
    let first = get_with(server.address, "/", &from("192.0.2.1")).await.into_body();
    for _ in 0..100 {
        let response = get_with(server.address, "/", &from("192.0.2.2")).await;
        assert_eq!((response.status().as_u16(), response.headers()["lanai"].to_str().unwrap()), (200, "live"));
    }
    // Three of the second address, that of the first, and the page that was visited.
    server.until("the others end", |stats| stats.instances == 5).await;
    for address in ["192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"] {
        get_with(server.address, "/", &from(address)).await;
    }
    server.until("five prefetched pages are left", |stats| stats.instances == 6).await;
    assert_eq!(mounts.load(Ordering::Relaxed), 106);
    // What waits for its own page is not affected, and one that has ended is told so.
    let mut waiting = waiting;
    assert_eq!(waiting.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    let mut first = Visitor { boot: wire::Boot::read(&first), html: first, page: "first".into(), ..waiting };
    assert!(matches!(first.attach().await, Received::Text(text) if text.contains("gone")));
}

#[tokio::test]
async fn a_prefetched_page_attaches_as_any_other_and_ends_soon_otherwise() {
    let grace = Duration::from_millis(200);
    let (server, mounts) = start(Limits { prefetched_grace: grace, ..Limits::default() }).await;
    let html = get_with(server.address, "/", &[PREFETCH]).await.into_body();
    let mut visitor = Visitor::fetch(server.address, "/").await;
    (visitor.boot, visitor.html) = (wire::Boot::read(&html), html);
    assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    get_with(server.address, "/", &[PREFETCH]).await;
    // The page that attached stays, and the one that was visited waits longer.
    server.until("the page that nobody came for ends", |stats| stats.instances == 2).await;
    visitor.event(0, None).await;
    visitor.only_acknowledged().await;
    assert_eq!(mounts.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_prefetch_leads_nowhere_and_uses_up_no_message() {
    let (server, _) = start(Limits::default()).await;
    let response = get_with(server.address, "/to", &[PREFETCH]).await;
    assert_eq!(response.status(), 204);
    for header in ["location", "lanai-location", "set-cookie", "lanai"] {
        assert!(!response.headers().contains_key(header), "{header}");
    }
    let navigated = get_with(server.address, "/to", &[("lanai", "navigate")]).await;
    let cookie = navigated.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let prefetched = get_with(server.address, "/", &[PREFETCH, ("cookie", &cookie)]).await;
    assert!(!prefetched.headers().contains_key("set-cookie") && !prefetched.body().contains("Redirected."));
    let visited = get_with(server.address, "/", &[("cookie", &cookie)]).await;
    assert!(visited.headers().contains_key("set-cookie") && visited.body().contains("Redirected."));
}

#[tokio::test]
async fn a_route_without_live_navigation_mounts_nothing_for_pages_that_navigate() {
    let (server, mounts) = start(Limits::default()).await;
    for request in ["navigate", "prefetch"] {
        let response = get_with(server.address, "/alone", &[("lanai", request)]).await;
        assert_eq!(response.status(), 204);
        assert!(!response.headers().contains_key("lanai"));
    }
    assert_eq!(mounts.load(Ordering::Relaxed), 0);
    let html = get(server.address, "/alone").await.into_body();
    assert_eq!(wire::Boot::read(&html).data.get("g"), None, "its links are followed by the browser");
    let html = get_with(server.address, "/alone", &[("lanai", "remount")]).await.into_body();
    assert_eq!(wire::Boot::read(&html).version, 4);
    assert_eq!(wire::Boot::read(&get(server.address, "/").await.into_body()).data["g"], 1);
    assert_eq!(mounts.load(Ordering::Relaxed), 3);
}
