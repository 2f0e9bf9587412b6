//! What carries the messages of a page: a WebSocket, or whatever else takes text both ways.
//!
//! A transport is two halves, for one task that reads and writes at once. [`connection`](crate::connection) serves a page over any.

use std::collections::VecDeque;
use std::ops::Deref;

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The largest message that a transport takes whole. A page sends a larger one in parts: memory for it is given as it arrives.
pub(crate) const MESSAGE: usize = 64 * 1024;

/// The text of a message. A copy shares its bytes.
///
/// It is what WebSockets are given, so that nobody checks again that the bytes are UTF-8.
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

/// Why the server closes a connection. With it goes a reason, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// It is not needed any longer.
    Done,
    /// The page broke the protocol.
    Violation,
    /// The server stops, and another one takes its place.
    Restart,
    /// The page took too long. It comes again.
    Retry,
}

/// What comes from a page.
pub(crate) enum Incoming {
    Text(Text),
    /// A sign of life. The transport holds the answer, and writes it when it is flushed.
    Ping,
    /// Any other sign of life.
    Pong,
}

/// Why nothing more comes from a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// The connection was closed, or lost.
    Lost,
    /// A message is larger than [`MESSAGE`].
    TooLarge,
    /// A message is not text.
    NotText,
}

/// What a page is to be sent.
pub(crate) enum Outgoing<'m> {
    /// These messages, which are taken out.
    Messages(&'m mut VecDeque<Text>),
    /// What the transport itself holds.
    Flush,
    /// A sign of life.
    Ping,
    /// That the connection ends. Nothing comes after it.
    Close(Close, &'static str),
}

/// The half of a transport that reads.
pub(crate) trait TransportReader: Send {
    /// Waits for whatever comes next. Dropping the future loses nothing.
    fn read(&mut self) -> impl Future<Output = Result<Incoming, ReadError>> + Send;
}

/// The half of a transport that writes.
pub(crate) trait TransportWriter: Send {
    /// Writes, and waits until it has left.
    ///
    /// # Errors
    ///
    /// If the connection is lost.
    fn write(&mut self, outgoing: Outgoing<'_>) -> impl Future<Output = Result<(), Lost>> + Send;
}

/// The connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;
