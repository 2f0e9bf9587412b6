//! Files over the wire: requests that are cut, repeated, forged and flooded, and what they leave behind.

use std::net::SocketAddr;

use lanai::prelude::*;
use lanai::upload::{Upload, UploadedFile};
use lanai::{App, Limits};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{Server, Visitor};

struct Album {
    photos: Upload<Self>,
    kept: Vec<Vec<u8>>,
}

impl Album {
    async fn mount(cx: Cx<Self>) -> Self {
        let photos = cx.upload("photos").max_files(3).max_size(1 << 20).accept([".txt"]).on_complete(Self::keep);
        Self { photos, kept: Vec::new() }
    }

    async fn keep(&mut self, file: UploadedFile) -> Result<()> {
        self.kept.push(file.bytes().await?);
        Ok(())
    }
}

impl View for Album {
    fn render(&self) -> Html<Self> {
        html! {
            p { @for file in &self.kept { (String::from_utf8_lossy(file)) "|" } }
            p { @for file in self.photos.entries() { (format!("{} {:?}|", file.name(), file.state())) } }
        }
    }
}

async fn start() -> Server {
    Server::start(
        App::new().route("/", live(Album::mount)).limits(Limits { upload_space: 4 << 20, ..Limits::default() }),
    )
    .await
}

/// Says that a file was chosen, and returns the path to which it may be sent, if it may.
async fn choose(visitor: &mut Visitor, files: Value) -> Vec<String> {
    visitor.events += 1;
    let text = format!("[{},{},\"lanai-upload:photos\",\"chosen\",{files}]", visitor.events, visitor.frames);
    visitor.send(&text).await;
    let frames = visitor.settled().await.concat();
    frames.split("\"upload/").skip(1).map(|rest| format!("/_lanai/upload/{}", &rest[..22])).collect()
}

fn file(id: u64, name: &str, size: u64) -> Value {
    json!([id, name, "text/plain", size, 0, ""])
}

/// A request without its end.
fn head(method: &str, path: &str, offset: &str, length: usize) -> String {
    let length = if method == "PATCH" { format!("content-length: {length}\r\n") } else { String::new() };
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nupload-offset: {offset}\r\n{length}\r\n")
}

/// Sends a request, and returns the status of the answer and its offset.
async fn request(address: SocketAddr, method: &str, path: &str, offset: &str, body: &[u8]) -> (u16, Option<u64>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head(method, path, offset, body.len()).as_bytes()).await.unwrap();
    // The server may have answered, and closed the connection, before it has everything.
    let _ = stream.write_all(body).await;
    answer(&mut stream).await
}

async fn answer(stream: &mut TcpStream) -> (u16, Option<u64>) {
    let mut text = Vec::new();
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut some = [0; 1024];
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend(&some[..count]),
        }
    }
    let text = String::from_utf8_lossy(&text).to_lowercase();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let offset = text.lines().find_map(|line| line.strip_prefix("upload-offset: ")?.trim().parse().ok());
    (status, offset)
}

/// Reads frames until one contains a text.
async fn until(visitor: &mut Visitor, text: &str) {
    while !visitor.frame().await.contains(text) {}
}

async fn nothing_left(server: &Server) {
    server.until("no temporary files", |stats| stats.upload_space == 0).await;
}

#[tokio::test]
async fn a_file_goes_on_where_it_was_cut() {
    let server = start().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let paths = choose(&mut visitor, json!([file(1, "a.txt", 10)])).await;
    let [path] = &paths[..] else { panic!("one path: {paths:?}") };
    assert_eq!(request(server.address, "HEAD", path, "", b"").await, (200, Some(0)));
    // Announces ten bytes, sends four, and is cut.
    let mut cut = TcpStream::connect(server.address).await.unwrap();
    cut.write_all(head("PATCH", path, "0", 10).as_bytes()).await.unwrap();
    cut.write_all(b"0123").await.unwrap();
    while request(server.address, "HEAD", path, "", b"").await != (200, Some(4)) {
        tokio::task::yield_now().await;
    }
    // A connection that hangs does not keep the next one waiting.
    assert_eq!(request(server.address, "PATCH", path, "4", b"45").await, (204, Some(6)));
    drop(cut);
    // What does not carry on is not taken.
    for offset in ["0", "5", "7", "10", "18446744073709551615"] {
        assert_eq!(request(server.address, "PATCH", path, offset, b"xx").await, (409, Some(6)), "{offset}");
    }
    for offset in ["", "-1", "x", "18446744073709551616"] {
        assert_eq!(request(server.address, "PATCH", path, offset, b"xx").await, (400, None), "{offset}");
    }
    assert_eq!(request(server.address, "PATCH", path, "6", b"").await, (204, Some(6)));
    assert_eq!(request(server.address, "PATCH", path, "6", b"6789").await, (204, Some(10)));
    until(&mut visitor, "0123456789").await;
    assert_eq!(request(server.address, "PATCH", path, "10", b"").await, (410, None));
    assert_eq!(request(server.address, "HEAD", path, "", b"").await, (410, None));
    nothing_left(&server).await;
}

#[tokio::test]
async fn nobody_sends_more_than_was_said_or_what_was_refused() {
    let server = start().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let files = json!([file(1, "a.txt", 5), file(2, "large.txt", 5 << 30), file(3, "a.exe", 5), file(4, "b.txt", 0)]);
    let paths = choose(&mut visitor, files).await;
    assert_eq!(paths.len(), 2, "two were refused: {paths:?}");
    assert_eq!(request(server.address, "PATCH", &paths[0], "0", b"123").await, (204, Some(3)));
    assert_eq!(request(server.address, "PATCH", &paths[0], "3", b"4567").await.0, 410);
    until(&mut visitor, "a.txt Failed(TooLarge(5))").await;
    assert_eq!(request(server.address, "PATCH", &paths[0], "3", b"45").await, (410, None));
    assert_eq!(request(server.address, "PATCH", &paths[1], "0", b"x").await.0, 410);
    // One that says that it never ends.
    let paths = choose(&mut visitor, json!([file(5, "c.txt", 5)])).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head("PATCH", &paths[0], "0", usize::MAX >> 1).as_bytes()).await.unwrap();
    let block = [b'x'; 64 * 1024];
    let mut sent = 0_usize;
    while stream.write_all(&block).await.is_ok() {
        sent += block.len();
        assert!(sent < 64 << 20, "the server reads what nobody wants");
    }
    until(&mut visitor, "c.txt Failed(TooLarge(5))").await;
    nothing_left(&server).await;
}

#[tokio::test]
async fn a_secret_is_needed_and_ends_with_the_page() {
    let server = start().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let paths = choose(&mut visitor, json!([file(1, "a.txt", 5)])).await;
    for path in ["/_lanai/upload/AAAAAAAAAAAAAAAAAAAAAA", "/_lanai/upload/1", "/_lanai/upload/%00"] {
        assert_eq!(request(server.address, "PATCH", path, "0", b"12345").await, (410, None), "{path}");
    }
    for method in ["GET", "POST", "PUT", "DELETE"] {
        assert_eq!(request(server.address, method, &paths[0], "0", b"").await.0, 405, "{method}");
    }
    assert_eq!(request(server.address, "PATCH", &paths[0], "0", b"123").await, (204, Some(3)));
    let mut cut = TcpStream::connect(server.address).await.unwrap();
    cut.write_all(head("PATCH", &paths[0], "3", 2).as_bytes()).await.unwrap();
    server.until("three bytes", |stats| stats.upload_space == 3).await;
    visitor.send("\"bye\"").await;
    assert_eq!(answer(&mut cut).await, (410, None), "the request that is being read ends");
    nothing_left(&server).await;
    assert_eq!(request(server.address, "HEAD", &paths[0], "", b"").await, (410, None));
}

#[tokio::test]
async fn what_a_page_says_of_files_is_bounded() {
    let server = start().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    // The same number again, a number of a file that is not there, and things that are no files.
    let paths = choose(&mut visitor, json!([file(1, "a.txt", 5), file(1, "b.txt", 5)])).await;
    assert_eq!(paths.len(), 1);
    for payload in [json!(null), json!([1]), json!([["a"]]), json!([[1, "a", "", -1, 0, ""]]), json!({"a": 1})] {
        assert_eq!(choose(&mut visitor, payload).await, Vec::<String>::new());
    }
    for id in 0..40_u64 {
        let files: Vec<_> = (0..100).map(|number| file(1000 + id * 100 + number, "x.exe", 5)).collect();
        choose(&mut visitor, Value::from(files)).await;
    }
    visitor.events += 1;
    let text = format!("[{},{},\"lanai-upload:photos\",\"failed\",[77,null]]", visitor.events, visitor.frames);
    visitor.send(&text).await;
    visitor.settled().await;
    // Only the last ones that were refused are kept: the first rows have gone.
    assert_eq!(request(server.address, "PATCH", &paths[0], "0", b"12345").await, (204, Some(5)));
    until(&mut visitor, "12345").await;
    nothing_left(&server).await;
}

#[tokio::test]
async fn requests_for_one_file_at_the_same_time_store_it_once() {
    let server = start().await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let content: Vec<u8> = (0..1 << 20).map(|at| b'a' + (at % 23) as u8).collect();
    let paths = choose(&mut visitor, json!([file(1, "a.txt", 1 << 20)])).await;
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (address, path, content) = (server.address, paths[0].clone(), content.clone());
        senders.spawn(async move {
            loop {
                let (status, offset) = request(address, "HEAD", &path, "", b"").await;
                let Some(offset) = offset.filter(|_| status == 200) else { return };
                let rest = &content[offset as usize..];
                request(address, "PATCH", &path, &offset.to_string(), &rest[..rest.len().min(50_000)]).await;
            }
        });
    }
    while senders.join_next().await.is_some() {}
    until(&mut visitor, &String::from_utf8(content).unwrap()).await;
    nothing_left(&server).await;
}
