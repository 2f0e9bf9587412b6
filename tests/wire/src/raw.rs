//! A socket that sends what no WebSocket library would send, and reads only when a test says so.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::visitor::Visitor;

/// How long a write must be blocked before the test concludes that the server does not read.
const BLOCKED: Duration = Duration::from_secs(1);

/// A WebSocket whose bytes the test writes itself.
pub struct Raw(TcpStream);

/// The outcome of a flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flood {
    /// The server stopped reading.
    Blocked,
    /// The server read all of it.
    Taken,
    /// The server closed the connection.
    Closed,
}

/// A frame of a WebSocket with this first byte, which contains its flags and its kind, and this payload. The mask is zero,
/// so the payload is unchanged. A length of 126 or 127 says that the length follows in two or eight bytes.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// A text message in one frame.
pub fn text(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

/// A ping.
pub fn ping() -> Vec<u8> {
    frame(0x89, &[0; 125])
}

/// The first or a further fragment of a message, but not the last.
pub fn fragment(is_first: bool, payload: &[u8]) -> Vec<u8> {
    frame(u8::from(is_first), payload)
}

impl Raw {
    /// Opens a socket as a page of this server does.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn open(address: SocketAddr) -> Self {
        Self::try_open(address).await.expect("the server takes sockets")
    }

    /// Opens a socket like [`open`](Self::open). Returns `None` if the server refuses it.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub async fn try_open(address: SocketAddr) -> Option<Self> {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let request = format!(
            "GET /_lanai/socket HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: keep-alive, Upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the server answers"));
        }
        head.starts_with(b"HTTP/1.1 101").then_some(Self(stream))
    }

    /// Opens a socket and attaches as the page of a visitor who has no socket.
    ///
    /// # Panics
    ///
    /// If the server refuses the attach.
    pub async fn attach(visitor: &Visitor) -> Self {
        let mut raw = Self::open(visitor.address).await;
        let attach = visitor.boot.attach(&visitor.page, 0);
        raw.send(&text(&attach)).await;
        let answer = raw.message().await;
        assert!(answer.starts_with(r#"{"attached""#), "{answer}");
        raw
    }

    /// Sends bytes.
    ///
    /// # Panics
    ///
    /// If the connection is lost.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the server is there");
    }

    /// Receives the next frame, and returns its text.
    ///
    /// # Panics
    ///
    /// If the connection ends.
    pub async fn message(&mut self) -> String {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).await.expect("there is a message");
        let length = match head[1] {
            126 => self.0.read_u16().await.expect("a length").into(),
            127 => self.0.read_u64().await.expect("a length") as usize,
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.expect("the message is whole");
        String::from_utf8_lossy(&payload).into_owned()
    }

    /// Sends the same bytes repeatedly, `total` bytes altogether, without reading anything.
    pub async fn flood(&mut self, bytes: &[u8], total: usize) -> Flood {
        let chunk = bytes.repeat((64 * 1024 / bytes.len()).max(1));
        let mut sent = 0;
        while sent < total {
            match timeout(BLOCKED, self.0.write_all(&chunk)).await {
                Ok(Ok(())) => sent += chunk.len(),
                Ok(Err(_)) => return Flood::Closed,
                Err(_) => return Flood::Blocked,
            }
        }
        Flood::Taken
    }
}
