//! Pages from before or after a deploy, which have another version of the protocol or another build of the client.

use lanai::{App, live};
use wire::{Boot, Received, Server, Socket, Visitor};

use crate::views::Clicks;

async fn clicks() -> Server {
    Server::start(App::new().route("/", live(Clicks::mount))).await
}

/// Attaches, and returns the answer. If it is a refusal, the server must close the socket after it.
async fn told(visitor: &mut Visitor) -> String {
    let Received::Text(answer) = visitor.attach().await else { panic!("no answer") };
    if !answer.starts_with(r#"{"attached""#) {
        assert!(matches!(visitor.receive().await, Received::Closed(1000, _)), "{answer}");
    }
    answer
}

/// The first word of an answer.
fn word(answer: &str) -> &str {
    answer.split('"').nth(1).unwrap_or(answer)
}

/// Makes the page one whose instance is on another server, or was.
fn of_another_server(visitor: &mut Visitor) {
    visitor.boot.secret = "AAAAAAAAAAAAAAAAAAAAAA".into();
}

#[tokio::test]
async fn a_page_of_the_same_version_and_client_attaches_or_mounts_again() {
    let server = clicks().await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    assert_eq!(told(&mut visitor).await, r#"{"attached":0}"#);
    visitor.cut();
    of_another_server(&mut visitor);
    assert_eq!(word(&told(&mut visitor).await), "gone");
}

#[tokio::test]
async fn a_page_that_runs_another_client_attaches_if_its_instance_is_here() {
    let server = clicks().await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    visitor.boot.build = "0123456789abcdef".into();
    assert_eq!(told(&mut visitor).await, r#"{"attached":0}"#);
}

#[tokio::test]
async fn a_page_that_runs_another_client_is_loaded_again_if_its_instance_is_not_here() {
    let server = clicks().await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    of_another_server(&mut visitor);
    visitor.boot.build = "0123456789abcdef".into();
    assert_eq!(word(&told(&mut visitor).await), "reload");
    // A client that no server has served cannot load itself again, so it mounts again.
    visitor.boot.build = String::new();
    assert_eq!(word(&told(&mut visitor).await), "gone");
}

#[tokio::test]
async fn a_page_of_an_older_or_newer_version_is_loaded_again_even_if_its_instance_is_here() {
    let server = clicks().await;
    let mut visitor = Visitor::fetch(server.address, "/").await;
    let Boot { version, build, .. } = visitor.boot.clone();
    for other in [version - 1, version + 1, 0, u64::from(u32::MAX)] {
        visitor.boot.version = other;
        visitor.boot.build = "0123456789abcdef".into();
        assert_eq!(word(&told(&mut visitor).await), "reload", "{other}");
        visitor.boot.build = String::new();
        assert_eq!(word(&told(&mut visitor).await), "gone", "{other}");
    }
    assert_eq!((server.stats().malformed_messages, server.stats().refused_attaches), (0, 8));
    // The instance is unchanged.
    (visitor.boot.version, visitor.boot.build) = (version, build);
    assert_eq!(told(&mut visitor).await, r#"{"attached":0}"#);
}

#[tokio::test]
async fn an_attach_of_another_version_may_say_anything_where_that_is_not_fixed() {
    let server = clicks().await;
    let boot = Visitor::fetch(server.address, "/").await.boot;
    let mut socket = Socket::open(server.address).await;
    let newer = serde_json::json!([boot.instance, boot.secret, "page", { "frames": 0 }, 99, "build", ["more"]]);
    socket.send(&newer.to_string()).await;
    assert!(matches!(socket.receive().await, Received::Text(text) if word(&text) == "reload"));
    assert!(matches!(socket.receive().await, Received::Closed(1000, _)));
    assert_eq!(server.stats().malformed_messages, 0);
}
