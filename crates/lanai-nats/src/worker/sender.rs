//! [`Sender`]: the messages in flight on a connection.

use std::time::{Duration, Instant};

use async_nats::{Client, Message, Subscriber};
use futures_util::StreamExt;

use crate::retry::sleep_until;

/// After how long without a confirmation to send the oldest message again, at first.
pub(super) const RESEND: Duration = Duration::from_secs(1);

/// What a sender waits for.
pub(super) enum Event {
    Confirmation(Option<Message>),
    PauseOver,
}

/// The messages in flight on a connection.
pub(super) struct Sender {
    /// The confirmations. The last token of their subject is the tag.
    pub(super) confirmations: Subscriber,
    pub(super) inbox: String,
    /// The next tag to send.
    pub(super) next_tag: u64,
    /// The first tag that was never sent.
    pub(super) first_unsent: u64,
    /// How many messages may be in flight: one, until the server has confirmed one.
    pub(super) window: usize,
    /// When a message was last confirmed, or sent with no other in flight.
    pub(super) last_progress: Instant,
    pub(super) resend_after: Duration,
    /// Nothing is sent before this time.
    pub(super) paused_until: Option<tokio::time::Instant>,
    /// Since when the server replies that it cannot store messages.
    pub(super) unavailable_since: Option<Instant>,
}

impl Sender {
    pub(super) async fn new(client: &Client) -> Result<Self, String> {
        let inbox = client.new_inbox();
        let confirmations = client.subscribe(format!("{inbox}.*")).await.map_err(|error| error.to_string())?;
        Ok(Self {
            confirmations,
            inbox,
            next_tag: 0,
            first_unsent: 0,
            window: 1,
            last_progress: Instant::now(),
            resend_after: RESEND,
            paused_until: None,
            unavailable_since: None,
        })
    }

    /// Waits for a confirmation, or for the end of a pause.
    pub(super) async fn next(&mut self) -> Event {
        tokio::select! {
            message = self.confirmations.next() => Event::Confirmation(message),
            () = sleep_until(self.paused_until) => Event::PauseOver,
        }
    }

    /// Starts again with the oldest message, and sends no other before that is confirmed.
    pub(super) fn restart(&mut self) {
        (self.next_tag, self.window, self.last_progress) = (0, 1, Instant::now());
    }
}
