//! How a worker sends, and handles confirmations.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::{Message, StatusCode};
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;

use super::Worker;
use super::sender::RESEND;
use crate::cursor::StreamChange;
use crate::history;
use crate::outbox::{Next, Outcome, Uncertain};
use crate::stream::StreamInfo;

/// How many messages may be in flight.
const WINDOW: usize = 512;
/// The longest time before the oldest message is sent again.
const RESEND_MAX: Duration = Duration::from_secs(8);
/// How long to pause after the server has replied that it cannot store messages at the moment.
const PAUSE: Duration = Duration::from_millis(200);
/// How long to wait for the next confirmation of a message that was sent before a silence, before it is sent again.
const SETTLE: Duration = Duration::from_millis(200);
/// For how long the server may reply so before the session ends: for a single server, and while a cluster elects a
/// leader.
const UNAVAILABLE: Duration = Duration::from_secs(1);
const LEADERLESS: Duration = Duration::from_secs(20);

impl Worker {
    /// Sends as many messages as the window allows.
    pub(super) async fn send(&mut self) -> Result<(), String> {
        if let Some(paused_until) = self.sender.paused_until {
            // Confirmations that have already arrived may extend the pause.
            self.drain_confirmations(usize::MAX)?;
            if self.sender.paused_until.unwrap_or(paused_until) > tokio::time::Instant::now() {
                return Ok(());
            }
            self.sender.paused_until = None;
        }
        let (dedup_window, most) = (self.stream_info.dedup_window, self.client.max_payload());
        loop {
            let sender = &mut self.sender;
            let outbox = &self.inner.shards[self.index].outbox;
            match outbox.next(sender.next_tag, sender.window, self.last_stored, dedup_window) {
                Next::Nothing => return Ok(()),
                Next::Expired => {
                    let stream =
                        self.context.get_stream(&self.spec().stream).await.map_err(|error| error.to_string())?;
                    self.update_stream(StreamInfo::new(stream))?;
                    self.resolve_uncertain(StreamChange::Continued).await?;
                }
                // The server would close the connection.
                Next::Send { tag, size, .. } if size > most => {
                    self.inner.settle(self.index, tag, Outcome::TooLarge(most));
                }
                Next::Send { tag, message, is_oldest, .. } => {
                    if is_oldest {
                        sender.last_progress = Instant::now();
                    }
                    let reply = format!("{}.{tag:x}", sender.inbox);
                    let sending = self.client.publish_with_reply_and_headers(
                        message.subject,
                        reply,
                        message.headers,
                        message.payload,
                    );
                    sending.await.map_err(|error| error.to_string())?;
                    sender.next_tag = tag + 1;
                    sender.first_unsent = sender.first_unsent.max(sender.next_tag);
                }
            }
        }
    }

    /// Handles a confirmation.
    pub(super) fn confirm(&mut self, message: Option<Message>) -> Result<(), String> {
        let message = message.ok_or("the server has closed the subscription")?;
        let tag = message.subject.rsplit('.').next().and_then(|tag| u64::from_str_radix(tag, 16).ok());
        let Some(tag) = tag else { return Ok(()) };
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return self.postpone(tag, true, "the stream does not exist, or JetStream is unavailable");
        }
        let answer: PubAck = serde_json::from_slice(&message.payload)
            .map_err(|error| format!("cannot parse the server's confirmation: {error}"))?;
        match answer.error {
            // Some servers reply so while the message is being stored, when it may still get lost.
            None if answer.duplicate && answer.seq == 0 => self.postpone(tag, false, "the cluster is storing it"),
            None => {
                let sender = &mut self.sender;
                // The server was silent, or paused, and now confirms what it received before: the rest may follow.
                let is_from_before = sender.next_tag <= tag || sender.window == 1;
                if is_from_before && sender.first_unsent > tag + 1 {
                    sender.paused_until = Some(tokio::time::Instant::now() + SETTLE);
                }
                (sender.window, sender.last_progress, sender.resend_after, sender.unavailable_since) =
                    (WINDOW, Instant::now(), RESEND, None);
                self.last_stored = self.last_stored.max(answer.seq);
                if self.reader.is_none() {
                    self.advance_if_unsubscribed(answer.seq);
                }
                self.inner.confirmed.store(true, Ordering::Relaxed);
                self.inner.settle(self.index, tag, Outcome::Stored);
                Ok(())
            }
            Some(error) if error.err_code == STORING => self.postpone(tag, false, &error.description),
            Some(error) if error.code == 429 || NOT_NOW.contains(&error.err_code) => {
                self.postpone(tag, true, &error.description)
            }
            Some(error) => {
                self.sender.last_progress = Instant::now();
                self.inner.settle(self.index, tag, Outcome::Refused(error.description));
                Ok(())
            }
        }
    }

    /// Pauses because the server cannot store messages at the moment. `is_certain` says whether the message is
    /// certainly not stored.
    fn postpone(&mut self, tag: u64, is_certain: bool, reason: &str) -> Result<(), String> {
        if is_certain {
            self.shard().outbox.not_stored(tag);
        }
        let bound = if self.stream_info.replicas > 1 { LEADERLESS } else { UNAVAILABLE };
        let since = *self.sender.unavailable_since.get_or_insert_with(Instant::now);
        if since.elapsed() > bound {
            return Err(reason.to_owned());
        }
        self.sender.restart();
        self.sender.paused_until = Some(tokio::time::Instant::now() + PAUSE);
        Ok(())
    }

    /// Handles confirmations that have already arrived, up to a number.
    pub(super) fn drain_confirmations(&mut self, most: usize) -> Result<(), String> {
        for _ in 0..most {
            let Some(message) = self.sender.confirmations.next().now_or_never() else { break };
            self.confirm(message)?;
        }
        Ok(())
    }

    /// Sends the oldest message again if nothing was confirmed for some time.
    pub(super) fn check_confirmations(&mut self) -> Result<(), String> {
        // Confirmations that have already arrived count, however late they are handled.
        self.drain_confirmations(usize::MAX)?;
        let sender = &mut self.sender;
        let is_under_way = self.inner.shards[self.index].outbox.oldest().is_some_and(|oldest| oldest < sender.next_tag);
        if is_under_way && sender.last_progress.elapsed() > sender.resend_after {
            sender.resend_after = (sender.resend_after * 2).min(RESEND_MAX);
            sender.restart();
        }
        Ok(())
    }

    /// Finds out whether messages in flight are stored, where the server would no longer recognize them as duplicates.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "a shared reference would need a `Sync` worker to be `Send`")]
    pub(super) async fn resolve_uncertain(&mut self, change: StreamChange) -> Result<(), String> {
        let dedup_window = self.stream_info.dedup_window;
        let state = self.stream_info.state;
        let mut uncertain: HashMap<String, Vec<Uncertain>> = HashMap::new();
        for message in self.shard().outbox.uncertain() {
            match change {
                // If it was stored, others may have received it, and it is gone.
                StreamChange::Reset => self.inner.settle(self.index, message.tag, Outcome::Unknown),
                // The server has forgotten its id, or has dropped the messages among which it would be.
                StreamChange::Continued | StreamChange::Missing(_)
                    if message.age > dedup_window || state.first > message.after + 1 =>
                {
                    uncertain.entry(message.subject.clone()).or_default().push(message);
                }
                StreamChange::Continued | StreamChange::Missing(_) => {}
            }
        }
        for (subject, messages) in uncertain {
            let after = messages.iter().map(|message| message.after).min().unwrap_or_default();
            let (context, stream, mapping) =
                (self.context.clone(), self.stream_info.stream.clone(), self.mapping.clone());
            let ids = history::ids(context, stream, mapping, &subject, after + 1, state.last);
            let ids = ids.await.map_err(|error| error.to_string())?;
            for message in messages {
                if ids.contains(&message.id) {
                    self.inner.settle(self.index, message.tag, Outcome::Stored);
                } else if state.first > message.after + 1 {
                    self.inner.settle(self.index, message.tag, Outcome::Unknown);
                } else {
                    self.shard().outbox.reset(message.tag);
                }
            }
        }
        Ok(())
    }
}

/// The server's reply to a published message.
#[derive(Deserialize)]
struct PubAck {
    error: Option<ApiError>,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    duplicate: bool,
}

#[derive(Deserialize)]
struct ApiError {
    code: u32,
    #[serde(default)]
    err_code: u32,
    #[serde(default)]
    description: String,
}

/// `JSStreamDuplicateMessageConflict`: the cluster is about to store the message.
const STORING: u32 = 10_158;

/// JetStream's errors for a temporary failure: no leader, not started, or unreachable.
const NOT_NOW: [u32; 8] = [10_006, 10_007, 10_008, 10_009, 10_039, 10_076, 10_118, 10_167];
