//! A client that requests many pages ends only its own views. The views of others continue, even if their pages are
//! offline.

use futures_util::future::join_all;
use lanai::{App, Limits, live};
use wire::{Received, Server, Visitor, get, get_with};

use crate::views::Clicks;

async fn server(limits: Limits) -> Server {
    Server::start(App::new().trust_proxy(1).limits(limits).route("/", live(Clicks::mount))).await
}

/// Requests a page from this address, and never attaches to it.
async fn ask_as(server: &Server, address: &str) -> u16 {
    get_with(server.address, "/", &[("x-forwarded-for", address)]).await.status().as_u16()
}

#[tokio::test]
async fn twelve_thousand_requests_end_no_view_of_somebody_who_is_offline() {
    let server = server(Limits::default()).await;
    let mut offline = Vec::new();
    for _ in 0..20 {
        let mut visitor = Visitor::visit(server.address, "/").await;
        visitor.cut();
        offline.push(visitor);
    }
    server.until("all are offline", |stats| stats.detached == 20).await;
    for round in 0..120 {
        let pages = (0..100).map(|n| async move { (round * 100 + n, get(server.address, "/").await.status()) });
        join_all(pages).await.into_iter().for_each(|(n, status)| assert_eq!(status, 200, "request {n}"));
    }
    server.until("the others are held to their limit", |stats| stats.instances == 20 + 5_000).await;
    for visitor in &mut offline {
        assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    }
}

#[tokio::test]
async fn an_address_that_asks_for_too_many_displaces_its_own_first() {
    let server = server(Limits { unattached: 10, unattached_per_address: 4, ..Limits::default() }).await;
    let mut honest = Vec::new();
    for n in 0..3 {
        let page = get_with(server.address, "/", &[("x-forwarded-for", &format!("192.0.2.{n}"))]).await;
        honest.push(page.into_body());
    }
    // All addresses of one IPv6 network count as one.
    for n in 0..40 {
        assert_eq!(ask_as(&server, &format!("2001:db8:0:1::{n:x}")).await, 200);
    }
    server.until("the flood is held to its limit", |stats| stats.instances == 3 + 4).await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    for html in honest {
        visitor.boot = wire::Boot::read(&html);
        assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
    }
}

#[tokio::test]
async fn an_address_with_too_many_views_is_told_so_and_others_are_served() {
    let server = server(Limits { instances_per_address: 3, ..Limits::default() }).await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        let page = get_with(server.address, "/", &[("x-forwarded-for", "192.0.2.1")]).await;
        let mut visitor = Visitor::fetch(server.address, "/").await;
        visitor.boot = wire::Boot::read(page.body());
        visitor.attach().await;
        pages.push(visitor);
    }
    let refused = get_with(server.address, "/", &[("x-forwarded-for", "198.51.100.7, 192.0.2.1")]).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.body().contains("Too many pages are open from your network"), "{}", refused.body());
    assert_eq!(ask_as(&server, "192.0.2.2").await, 200);
    assert_eq!(server.stats().turned_away, 1);
    // When one page leaves, another can come.
    let before = server.stats().instances;
    pages[0].send("\"bye\"").await;
    server.until("it has left", |stats| stats.instances < before).await;
    assert_eq!(ask_as(&server, "192.0.2.1").await, 200);
}

#[tokio::test]
async fn a_full_server_ends_who_never_came_before_it_turns_anybody_away() {
    let server = server(Limits { instances: 3, ..Limits::default() }).await;
    let mut attached = Visitor::visit(server.address, "/").await;
    for _ in 0..5 {
        assert_eq!(get(server.address, "/").await.status(), 200);
    }
    server.until("the limit holds", |stats| stats.instances <= 3).await;
    attached.event(Clicks::UP, None).await;
    assert_eq!(attached.frame().await, Clicks::counted(1, 1));
    let mut all = vec![attached];
    for _ in 0..2 {
        all.push(Visitor::visit(server.address, "/").await);
    }
    server.until("three are left", |stats| stats.instances == 3 && stats.detached == 0).await;
    let full = get(server.address, "/").await;
    assert_eq!(full.status(), 503);
    assert!(full.body().contains("hands full"), "{}", full.body());
}
