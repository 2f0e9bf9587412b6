//! The client: a visitor with a page and its socket.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

/// How long an answer may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// The data block of a page.
#[derive(Debug, Clone)]
pub struct Boot {
    /// The number of the instance.
    pub instance: String,
    /// Its secret.
    pub secret: String,
    /// The version of the protocol.
    pub version: u64,
    /// The build of the client: the hash in the URL of its script.
    pub build: String,
    /// The definitions of the templates in use.
    pub templates: Value,
    /// The whole data block.
    pub data: Value,
}

/// A page that was fetched, with its socket.
pub struct Visitor {
    /// The address of the server.
    pub address: SocketAddr,
    /// The whole document.
    pub html: String,
    /// The data block.
    pub boot: Boot,
    /// The random name of the page.
    pub page: String,
    /// The number of the last event sent.
    pub events: u64,
    /// The number of frames received.
    pub frames: u64,
    /// The socket, if there is one.
    pub socket: Option<Socket>,
}

/// A WebSocket.
pub struct Socket(WebSocketStream<TcpStream>);

/// What a socket receives.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// A frame, or a message about the connection.
    Text(String),
    /// The server closed the socket, with this code and reason.
    Closed(u16, String),
    /// The connection was lost.
    Broken,
}

/// Fetches a page.
pub async fn get(address: SocketAddr, path: &str) -> Response<String> {
    get_with(address, path, &[]).await
}

/// Fetches a page, with headers.
///
/// # Panics
///
/// If the server does not answer.
pub async fn get_with(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Response<String> {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("the server speaks HTTP");
    let connection = tokio::spawn(connection);
    let mut request = Request::get(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new()).expect("a well-formed request");
    let (parts, body) = sender.send_request(request).await.expect("the server answers").into_parts();
    let body = body.collect().await.expect("the answer has an end").to_bytes();
    connection.abort();
    Response::from_parts(parts, String::from_utf8(body.into()).expect("pages are UTF-8"))
}

impl Boot {
    /// Reads the data block of a document.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn read(html: &str) -> Self {
        const START: &str = r#"<script type="application/json" id="lanai">"#;
        let start = html.find(START).unwrap_or_else(|| panic!("no data block in {html}")) + START.len();
        let end = start + html[start..].find("</script>").expect("the data block ends");
        let boot: Value = serde_json::from_str(&html[start..end]).expect("the data block is JSON");
        let text = |key: &str| boot[key].as_str().unwrap_or_else(|| panic!("no {key} in {boot}")).to_owned();
        let version = boot["v"].as_u64().unwrap_or_else(|| panic!("no version in {boot}"));
        let build = html.split("/_lanai/client-").nth(1).and_then(|rest| rest.split(".js").next());
        // A layout may omit the script.
        let build = build.unwrap_or_default().to_owned();
        Self { instance: text("i"), secret: text("s"), version, build, templates: boot["t"].clone(), data: boot }
    }
}

impl Boot {
    /// The message that attaches a page with this name, which has applied this many frames.
    pub fn attach(&self, page: &str, frames: impl Serialize) -> String {
        serde_json::json!([self.instance, self.secret, page, frames, self.version, self.build]).to_string()
    }
}

impl Visitor {
    /// Fetches a live page, without a socket yet.
    ///
    /// # Panics
    ///
    /// If it is not a live page.
    pub async fn fetch(address: SocketAddr, path: &str) -> Self {
        static PAGES: AtomicU64 = AtomicU64::new(0);
        let response = get(address, path).await;
        assert_eq!(response.status(), 200, "{}", response.body());
        let html = response.into_body();
        let page = format!("page-{}", PAGES.fetch_add(1, Ordering::Relaxed));
        Self { address, boot: Boot::read(&html), html, page, events: 0, frames: 0, socket: None }
    }

    /// Fetches a live page and attaches to it.
    pub async fn visit(address: SocketAddr, path: &str) -> Self {
        let mut visitor = Self::fetch(address, path).await;
        assert_eq!(visitor.attach().await, Received::Text(r#"{"attached":0}"#.into()));
        visitor
    }

    /// Opens a new socket, attaches, and returns the answer.
    pub async fn attach(&mut self) -> Received {
        self.socket = Some(Socket::open(self.address).await);
        let attach = self.boot.attach(&self.page, self.frames);
        self.send(&attach).await;
        self.receive().await
    }

    /// Fetches another live page and attaches it on the same socket, as a page does that navigates. Drops the messages
    /// of the page before; returns the answer.
    pub async fn navigate(&mut self, path: &str) -> Received {
        let next = Self::fetch(self.address, path).await;
        let attach = next.boot.attach(&next.page, next.frames);
        *self = Self { socket: self.socket.take(), ..next };
        self.send(&attach).await;
        let root = format!(r#"{{"root":"{}"}}"#, self.boot.instance);
        loop {
            match self.socket.as_mut().expect("attached").receive().await {
                Received::Text(text) if text == root => return self.receive().await,
                Received::Text(text) if text.starts_with('[') => {}
                other => return other,
            }
        }
    }

    /// Drops the socket without closing it, as in a tunnel.
    pub fn cut(&mut self) {
        self.socket = None;
    }

    /// Sends a text unchanged.
    ///
    /// # Panics
    ///
    /// If there is no socket.
    pub async fn send(&mut self, text: &str) {
        self.socket.as_mut().expect("attached").send(text).await;
    }

    /// Sends the next event, acknowledging all frames.
    pub async fn event(&mut self, handler: u32, payload: Option<Value>) {
        self.events += 1;
        let payload = payload.map(|payload| format!(",{payload}")).unwrap_or_default();
        let text = format!("[{},{},{handler}{payload}]", self.events, self.frames);
        self.send(&text).await;
    }

    /// Receives the next message.
    ///
    /// # Panics
    ///
    /// If there is no socket.
    pub async fn receive(&mut self) -> Received {
        let received = self.socket.as_mut().expect("attached").receive().await;
        if let Received::Text(text) = &received
            && text.starts_with('[')
            && text != "[]"
            // Frames of a child begin with its number, and are counted separately.
            && !text.starts_with("[\"")
        {
            self.frames += 1;
        }
        received
    }

    /// Sends a heartbeat, and returns the messages before its answer. The server has read all earlier messages by then.
    ///
    /// # Panics
    ///
    /// If the connection ends.
    pub async fn heartbeat(&mut self) -> Vec<String> {
        self.send("[]").await;
        let mut before = Vec::new();
        loop {
            match self.receive().await {
                Received::Text(text) if text == "[]" => return before,
                Received::Text(text) => before.push(text),
                other => panic!("{other:?} after {before:?}"),
            }
        }
    }

    /// Expects the next frame to acknowledge the last event and nothing more, as for an event that was refused.
    ///
    /// # Panics
    ///
    /// If something else comes.
    pub async fn only_acknowledged(&mut self) {
        assert_eq!(self.frame().await, format!("[{}]", self.events));
    }

    /// Receives messages until the connection ends, and returns how it ended.
    pub async fn receive_until_closed(&mut self) -> Received {
        loop {
            match self.receive().await {
                Received::Text(_) => {}
                end => return end,
            }
        }
    }

    /// Receives the next frame.
    ///
    /// # Panics
    ///
    /// If something else comes.
    pub async fn frame(&mut self) -> String {
        match self.receive().await {
            Received::Text(text) if text.starts_with('[') => text,
            other => panic!("a frame was expected, not {other:?}"),
        }
    }

    /// Receives and acknowledges frames until one acknowledges the last event that was sent, and returns all of them.
    ///
    /// # Panics
    ///
    /// If something else comes.
    pub async fn settled(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await;
            if self.frames.is_multiple_of(8) {
                self.send(&self.frames.to_string()).await;
            }
            let acknowledged = frame[1..].split([',', ']']).next().and_then(|ack| ack.parse().ok());
            frames.push(frame);
            if acknowledged >= Some(self.events) {
                return frames;
            }
        }
    }
}

impl Socket {
    /// Opens a socket as a page of this server does.
    pub async fn open(address: SocketAddr) -> Self {
        Self::open_from(address, &format!("http://{address}")).await.expect("the server takes sockets")
    }

    /// Opens a socket as a page of another origin does.
    ///
    /// # Errors
    ///
    /// If the server refuses it.
    pub async fn open_from(address: SocketAddr, origin: &str) -> Result<Self, Box<Error>> {
        let host = address.to_string();
        Self::open_with(address, "/_lanai/socket", &[("host", &host), ("origin", origin)]).await
    }

    /// Opens the socket at a path, with headers, one of which must be `host`.
    ///
    /// # Errors
    ///
    /// If the server refuses it.
    pub async fn open_with(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self, Box<Error>> {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a well-formed address");
        for (name, value) in headers {
            let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().expect("the name of a header");
            request.headers_mut().insert(name, value.parse().expect("the value of a header"));
        }
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    /// Sends a text. If the connection is lost, the next [`receive`](Self::receive) says so.
    pub async fn send(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// Receives the next message.
    ///
    /// # Panics
    ///
    /// If nothing comes for 20 s.
    pub async fn receive(&mut self) -> Received {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.expect("nothing came for 20 s");
            return match message {
                Some(Ok(Message::Text(text))) => Received::Text(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => Received::Closed(frame.code.into(), frame.reason.to_string()),
                Some(Ok(Message::Close(None))) => Received::Closed(1005, String::new()),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Received::Broken,
            };
        }
    }
}
