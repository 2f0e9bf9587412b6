//! The bytes of a socket, read no faster than its rate.
//!
//! They are metered here, below the WebSocket protocol: a page pays also for what never becomes a message, such as empty fragments.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep_until};

use crate::connection::bucket::Bucket;

/// So many bytes are charged at once.
const CHARGED: usize = 4096;

/// A connection whose reads wait when they are too many.
pub(crate) struct Metered<T> {
    connection: T,
    bytes: Bucket,
    /// Bytes that have been read and are not charged yet: a clock costs more than the small messages of most pages.
    uncharged: usize,
    /// There while reading waits: most sockets never do.
    wait: Option<Pin<Box<Sleep>>>,
}

impl<T> Metered<T> {
    pub(super) fn new(connection: T, bytes: Bucket) -> Self {
        Self { connection, bytes, uncharged: 0, wait: None }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(cx));
            self.wait = None;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.connection).poll_read(cx, buffer))?;
        self.uncharged += buffer.filled().len() - before;
        if self.uncharged >= CHARGED {
            let read = std::mem::take(&mut self.uncharged);
            self.wait = self.bytes.take(read as u64).map(|until| Box::pin(sleep_until(until)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}
