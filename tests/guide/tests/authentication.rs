//! Runs the program of the chapter on authentication, from the login to the logout in another tab.

use std::net::SocketAddr;

use wire::{Boot, Received, Server, Socket};

/// The code of the chapter, unchanged.
mod chapter {
    #![allow(dead_code, missing_docs, unreachable_pub, reason = "it is what readers copy")]
    include!(concat!(env!("OUT_DIR"), "/authentication.rs"));
}

struct Answer {
    status: u16,
    location: String,
    cookie: Option<String>,
    body: String,
}

/// Sends a request as a browser does, with its cookie.
async fn send(address: SocketAddr, method: &str, path: &str, cookie: &str, form: &str) -> Answer {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut stream = tokio::net::TcpStream::connect(address).await.expect("the server listens");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncookie: {cookie}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("the server answers");
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.map(|line| line[name.len() + 2..].to_owned())
    };
    Answer {
        status: head[9..12].parse().expect("a status"),
        location: header("location").unwrap_or_default(),
        cookie: header("set-cookie").and_then(|cookie| cookie.split(';').next().map(Into::into)),
        body: body.into(),
    }
}

/// Opens the page of a session, with its socket.
async fn open(address: SocketAddr, cookie: &str) -> Socket {
    let page = send(address, "GET", "/", cookie, "").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let boot = Boot::read(&page.body);
    let mut socket = Socket::open(address).await;
    socket.send(&boot.attach("page", 0)).await;
    assert_eq!(socket.receive().await, Received::Text(r#"{"attached":0}"#.into()));
    socket
}

async fn log_in(address: SocketAddr, name: &str) -> String {
    let answer = send(address, "POST", "/login", "", &format!("name={name}&password=correct+horse")).await;
    assert_eq!((answer.status, answer.location.as_str()), (303, "/"));
    answer.cookie.expect("a session")
}

#[tokio::test]
async fn a_logout_in_another_tab_ends_the_page_that_is_open() {
    let server = Server::start(chapter::app()).await;
    let address = server.address;
    // No one gets in without a login, or with a wrong password.
    assert_eq!(send(address, "GET", "/", "", "").await.location, "/login");
    let wrong = send(address, "POST", "/login", "", "name=ann&password=wrong").await;
    assert_eq!((wrong.location.as_str(), wrong.cookie), ("/login", None));

    let (ann, bob) = (log_in(address, "ann").await, log_in(address, "bob").await);
    let mut page = open(address, &ann).await;
    let mut bobs = open(address, &bob).await;
    page.send("[1,0,0]").await;
    assert!(matches!(page.receive().await, Received::Text(frame) if frame.contains("ann was here")));

    // The logout in another tab.
    assert_eq!(send(address, "POST", "/logout", &ann, "").await.location, "/login");
    assert_eq!(page.receive().await, Received::Text(r#"{"gone":"the session has ended"}"#.into()));
    assert!(matches!(page.receive().await, Received::Closed(1000, _)));
    // The page requests its own URL again.
    let again = send(address, "GET", "/", &ann, "").await;
    assert_eq!((again.status, again.location.as_str()), (303, "/login"));

    bobs.send("[1,0,0]").await;
    assert!(matches!(bobs.receive().await, Received::Text(frame) if frame.contains("bob was here")));
    assert_eq!((server.stats().events, server.stats().instances), (2, 1));
}
