//! The load: a client that is so small that most of the machine is left for the server. Both sides use the same one.

use std::io;
use std::net::SocketAddr;

use lanai_core::protocol::VERSION;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An HTTP connection, for pages.
pub(crate) struct Http {
    address: SocketAddr,
    stream: TcpStream,
}

/// The client's side of a WebSocket. Its mask is zero, which is allowed and costs the server as much as any other.
pub(crate) struct Socket {
    stream: TcpStream,
    /// The bytes that were read. Those before `start` are consumed.
    buffer: Vec<u8>,
    start: usize,
}

/// A page with its socket. It acknowledges frames as the real client does.
pub(crate) struct Page {
    socket: Socket,
    events: u64,
    frames: u64,
    acknowledged: u64,
    /// What messages of the view inside the page begin with, whose frames are counted instead of the page's own. Empty
    /// if those are counted.
    inside: String,
}

impl Http {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { address, stream: TcpStream::connect(address).await? })
    }

    /// Fetches a page.
    async fn get(&mut self, path: &str) -> io::Result<String> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let body = read_head(&mut self.stream, &mut answer).await?;
        let head = String::from_utf8_lossy(&answer[..body]).to_ascii_lowercase();
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
            .ok_or_else(|| malformed("a page without a length"))?;
        while answer.len() < body + length {
            read_more(&mut self.stream, &mut answer).await?;
        }
        String::from_utf8(answer.split_off(body)).map_err(|_| malformed("a page that is not UTF-8"))
    }
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr, path: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut buffer = Vec::with_capacity(1024);
        let start = read_head(&mut stream, &mut buffer).await?;
        if !buffer.starts_with(b"HTTP/1.1 101") {
            return Err(malformed("the server refused the WebSocket"));
        }
        Ok(Self { stream, buffer, start })
    }

    pub(crate) async fn send(&mut self, text: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(text.len() + 8);
        frame.push(0x81);
        match text.len() {
            short @ ..126 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend((long as u16).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        self.stream.write_all(&frame).await
    }

    /// Receives the next message.
    pub(crate) async fn receive(&mut self) -> io::Result<&[u8]> {
        let (from, to) = self.next().await?;
        self.start = to;
        Ok(&self.buffer[from..to])
    }

    /// Returns the next message, which stays the next one.
    pub(crate) async fn peek(&mut self) -> io::Result<&[u8]> {
        let (from, to) = self.next().await?;
        Ok(&self.buffer[from..to])
    }

    /// Waits for the next message, and returns where it is in the buffer.
    async fn next(&mut self) -> io::Result<(usize, usize)> {
        loop {
            if let Some((opcode, from, to)) = self.whole() {
                return match opcode {
                    1 => Ok((from, to)),
                    _ => Err(malformed(&format!("closed: {}", String::from_utf8_lossy(&self.buffer[from..to])))),
                };
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            read_more(&mut self.stream, &mut self.buffer).await?;
        }
    }

    /// Returns the opcode and the range of the payload of the next frame, if it was read completely.
    fn whole(&self) -> Option<(u8, usize, usize)> {
        let bytes = &self.buffer[self.start..];
        let (length, head) = match *bytes.get(1)? {
            126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
            127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
            short => (u64::from(short), 2),
        };
        let (from, to) = (self.start + head, self.start + head + length as usize);
        (to <= self.buffer.len()).then(|| (bytes[0] & 0xf, from, to))
    }
}

impl Page {
    /// Fetches a live page and attaches to it.
    pub(crate) async fn visit(http: &mut Http, path: &str) -> io::Result<Self> {
        let html = http.get(path).await?;
        let value = |key: &str| {
            html.split(&format!("\"{key}\":\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
        };
        let (Some(instance), Some(secret)) = (value("i"), value("s")) else {
            return Err(malformed("not a live page"));
        };
        let mut socket = Socket::open(http.address, "/_lanai/socket").await?;
        socket.send(serde_json::json!([instance, secret, secret, 0, VERSION, ""]).to_string().as_bytes()).await?;
        if socket.receive().await? != br#"{"attached":0}"# {
            return Err(malformed("not attached"));
        }
        Ok(Self { socket, events: 0, frames: 0, acknowledged: 0, inside: String::new() })
    }

    /// Fetches a page with a view inside it, and attaches to both. The frames of the inner view are counted.
    pub(crate) async fn visit_inside(http: &mut Http, path: &str) -> io::Result<Self> {
        let html = http.get(path).await?;
        let data = html.split(r#" id="lanai">"#).nth(1).and_then(|rest| rest.split("</script>").next());
        let data: serde_json::Value =
            data.and_then(|data| serde_json::from_str(data).ok()).ok_or_else(|| malformed("not a live page"))?;
        let (inside, inner) = data["c"]
            .as_object()
            .and_then(|inside| inside.iter().next())
            .ok_or_else(|| malformed("the page contains no other view"))?;
        let mut socket = Socket::open(http.address, "/_lanai/socket").await?;
        let page = data["s"].clone();
        let frames = inner["f"].as_u64().unwrap_or(0);
        let root = serde_json::json!([data["i"], data["s"], page, 0, VERSION, ""]);
        for attach in [root, serde_json::json!([inside, "attach", frames, 0])] {
            socket.send(attach.to_string().as_bytes()).await?;
            if !socket.receive().await?.starts_with(br#"{"attached":0"#) {
                return Err(malformed("not attached"));
            }
        }
        Ok(Self { socket, events: 0, frames, acknowledged: frames, inside: format!("\"{inside}\",") })
    }

    /// Sends an event; returns its size. If the frames of the view inside the page are counted, the event is for that.
    pub(crate) async fn event(&mut self, handler: u32, payload: &str) -> io::Result<usize> {
        self.events += 1;
        self.acknowledged = self.frames;
        let comma = if payload.is_empty() { "" } else { "," };
        let text = format!("[{}{},{},{handler}{comma}{payload}]", self.inside, self.events, self.frames);
        self.socket.send(text.as_bytes()).await?;
        Ok(text.len())
    }

    /// Sends the first event to the page around the view whose frames are counted.
    pub(crate) async fn event_around(&mut self, handler: u32, payload: &str) -> io::Result<()> {
        self.socket.send(format!("[1,0,{handler},{payload}]").as_bytes()).await
    }

    /// The next frame. If the frames of the view inside the page are counted, those of the page are skipped.
    pub(crate) async fn frame(&mut self) -> io::Result<&[u8]> {
        if self.frames - self.acknowledged >= 8 {
            self.acknowledged = self.frames;
            let acknowledgement = match &*self.inside {
                "" => self.frames.to_string(),
                inside => format!("[{inside}{}]", self.frames),
            };
            self.socket.send(acknowledgement.as_bytes()).await?;
        }
        while !self.socket.peek().await?[1..].starts_with(self.inside.as_bytes()) {
            self.socket.receive().await?;
        }
        let text = self.socket.receive().await?;
        // One frame may combine several, and then contains the number of the last one.
        let synced = text.windows(4).rposition(|bytes| bytes == b"-8,[").and_then(|at| {
            let digits = text[at + 4..].iter().take_while(|byte| byte.is_ascii_digit());
            String::from_utf8(digits.copied().collect()).ok()?.parse().ok()
        });
        self.frames = synced.filter(|_| !self.inside.is_empty()).unwrap_or(self.frames + 1);
        Ok(text)
    }

    /// Leaves the page.
    pub(crate) async fn leave(mut self) -> io::Result<()> {
        self.socket.send(br#""bye""#).await
    }
}

/// Reads an HTTP head, and returns the position of its end.
async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<usize> {
    loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            return Ok(end + 4);
        }
        read_more(stream, buffer).await?;
    }
}

async fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    match stream.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
