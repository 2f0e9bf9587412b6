//! What is read from a connection: whole messages, no faster than their rate.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lanai_core::protocol::Piece;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep_until, timeout_at};

use super::bucket::Bucket;
use super::parts::Parts;
use super::{Pulse, Refusal, Root};
use crate::instance::runtime::Runtime;
use crate::page::outbox::Outbox;
use crate::page::transport::{Incoming, ReadError, Text, TransportReader};
use crate::visitors::visitor_log;

/// Reads what a page sends.
pub(super) struct Reader<'s, R> {
    transport: R,
    /// The outbox of the page that is served now.
    pub(super) outbox: Arc<Outbox>,
    pub(super) pulse: &'s Pulse,
    pub(super) runtime: &'s Arc<Runtime>,
    messages: Bucket,
    /// Messages that have been read and are not charged yet, and how many are charged at once.
    uncharged: u32,
    charged: u32,
    /// Whether the log says that the page sends too many messages.
    has_waited: bool,
    /// A message of which a part has come.
    parts: Option<Parts>,
}

/// Why nothing more is read from a connection.
pub(super) enum Ended {
    /// It was closed, or lost.
    Left,
    /// The page broke the protocol.
    Violation(&'static str),
    /// The page took too long. It comes again.
    Slow(&'static str),
    /// The browser has navigated to another page.
    Navigated(Root),
    /// It has navigated to a page that it cannot have.
    Refused(Refusal),
}

/// A message.
pub(super) enum WholeText {
    Whole(Text),
    /// It came in parts.
    Joined(String),
}

impl Deref for WholeText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            WholeText::Whole(text) => text,
            WholeText::Joined(text) => text,
        }
    }
}

/// What was taken from the memory for messages that come in parts.
pub(super) type Memory = Option<OwnedSemaphorePermit>;

impl<'s, R: TransportReader> Reader<'s, R> {
    pub(super) fn new(transport: R, pulse: &'s Pulse, runtime: &'s Arc<Runtime>) -> Self {
        let rate = u64::from(runtime.limits.events_per_second);
        let charged = (runtime.limits.events_per_second / 16).clamp(2, 16);
        let messages = Bucket::new(rate, rate);
        let outbox = Arc::new(Outbox::new());
        Self { transport, outbox, pulse, runtime, messages, uncharged: 0, charged, has_waited: false, parts: None }
    }

    /// The next message of the page, which is whole.
    pub(super) async fn next(&mut self) -> Result<(WholeText, Memory), Ended> {
        loop {
            match self.receive().await? {
                Incoming::Text(text) => {
                    let (part, is_last) = match Piece::of(&text) {
                        Piece::Whole(_) => return Ok((WholeText::Whole(text), None)),
                        Piece::Part(part) => (part, false),
                        Piece::Last(part) => (part, true),
                    };
                    let mut parts = self.parts.take().unwrap_or_else(Parts::new);
                    let limit = self.runtime.limits.message_size;
                    if parts.len() + part.len() > limit {
                        return Err(Ended::Violation("a message is too large"));
                    }
                    // Boxed, as are other waits that are rare: an idle page need not have room for them.
                    Box::pin(parts.push(part, limit, &self.runtime.message_memory)).await;
                    if is_last {
                        let (text, memory) = parts.whole();
                        return Ok((WholeText::Joined(text), memory));
                    }
                    self.parts = Some(parts);
                }
                Incoming::Ping => self.outbox.pong(),
                Incoming::Pong => {}
            }
        }
    }

    /// Whatever comes next, when it may come.
    pub(super) async fn receive(&mut self) -> Result<Incoming, Ended> {
        self.outbox.room().await;
        let received = match &self.parts {
            None => self.transport.read().await,
            Some(parts) => Box::pin(timeout_at(parts.deadline(self.runtime.limits.silence), self.transport.read()))
                .await
                .map_err(|_| Ended::Slow("the rest of a message did not come in time"))?,
        };
        self.pulse.heard.store(true, Ordering::Relaxed);
        self.uncharged += 1;
        if self.uncharged >= self.charged
            && let Some(until) = self.messages.take(std::mem::take(&mut self.uncharged).into())
        {
            if !std::mem::replace(&mut self.has_waited, true) {
                self.runtime.counters.throttled_sockets.add_one();
                visitor_log!(
                    warn,
                    limit = self.runtime.limits.events_per_second,
                    "a page sends messages faster than `Limits::events_per_second`: they wait"
                );
            }
            Box::pin(sleep_until(until)).await;
        }
        received.map_err(|error| match error {
            ReadError::Lost => Ended::Left,
            ReadError::TooLarge => Ended::Violation("a message is too large"),
            ReadError::NotText => Ended::Violation("messages are text"),
        })
    }

    /// The last message counts for nothing in the rate of the page.
    pub(super) fn do_not_charge(&mut self) {
        self.uncharged = self.uncharged.saturating_sub(1);
    }
}
