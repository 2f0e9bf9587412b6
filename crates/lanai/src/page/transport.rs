//! Transports: what carries the messages of a page, such as a WebSocket.
//!
//! A transport has two halves, so that one task can read and write at the same time. [`connection`](crate::connection)
//! serves a page over any transport.

use std::collections::VecDeque;
use std::ops::Deref;

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The largest message that a transport reads as a whole. A page sends larger ones in parts, for which the server
/// assigns memory as they arrive.
pub(crate) const MESSAGE: usize = 64 * 1024;

/// The text of a message. A copy shares its bytes.
///
/// It wraps the type that WebSockets take, so that nobody has to check again that the bytes are UTF-8.
#[derive(Debug, Clone)]
pub(crate) struct Text(Utf8Bytes);

impl Text {
    pub(crate) const fn from_static(text: &'static str) -> Self {
        Self(Utf8Bytes::from_static(text))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Utf8Bytes> for Text {
    fn from(text: Utf8Bytes) -> Self {
        Self(text)
    }
}

impl From<Text> for Utf8Bytes {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// Why the server closes a connection. A text says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// The connection is no longer needed.
    Done,
    /// The page has violated the protocol.
    Violation,
    /// The server is stopping, and another one takes its place.
    Restart,
    /// The page took too long, and may connect again.
    Retry,
}

/// What a page has sent.
pub(crate) enum Incoming {
    Text(Text),
    /// A ping. The transport holds the answer, and writes it when it is flushed.
    Ping,
    /// The answer to a ping, or anything else that only shows that the page is alive.
    Pong,
}

/// Why nothing more can be read from a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// The connection was closed, or lost.
    Lost,
    /// A message is larger than [`MESSAGE`].
    TooLarge,
    /// A message is not text.
    NotText,
}

/// What to send to a page.
pub(crate) enum Outgoing<'m> {
    /// These messages, which the transport takes out.
    Messages(&'m mut VecDeque<Text>),
    /// What the transport holds, such as answers to pings.
    Flush,
    /// A ping.
    Ping,
    /// The end of the connection. Nothing comes after it.
    Close(Close, &'static str),
}

/// The half of a transport that reads.
pub(crate) trait TransportReader: Send {
    /// Waits for the next message. Dropping the future loses nothing.
    fn read(&mut self) -> impl Future<Output = Result<Incoming, ReadError>> + Send;
}

/// The half of a transport that writes.
pub(crate) trait TransportWriter: Send {
    /// Writes, and waits until everything has left.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is lost.
    fn write(&mut self, outgoing: Outgoing<'_>) -> impl Future<Output = Result<(), Lost>> + Send;
}

/// The error of a lost connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;
