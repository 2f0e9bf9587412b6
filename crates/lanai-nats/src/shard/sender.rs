//! [`Sender`]: what is sent to a stream, and confirmed by the server.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use async_nats::{Client, Message, StatusCode, Subscriber};
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;
use std::sync::atomic::Ordering;

use super::{Worker, text, until};
use crate::history;
use crate::outbox::{Doubtful, Fate, Next};
use crate::progress::Difference;
use crate::stream::Existing;

/// How many messages may be sent ahead of their confirmations.
const WINDOW: usize = 512;
/// After how long without any confirmation the oldest message is sent again: at first, and at most.
const AGAIN: Duration = Duration::from_secs(1);
const AGAIN_AT_MOST: Duration = Duration::from_secs(8);
/// How long to wait after the server's word that it cannot store at the moment.
const REST: Duration = Duration::from_millis(200);
/// How long to wait when the server has confirmed the oldest message after a silence: the confirmations of the others
/// may be under way.
const OTHERS: Duration = Duration::from_millis(50);
/// For how long the server may say so before the stream is looked for anew: alone, and while a cluster chooses a
/// leader.
const ABSENT: Duration = Duration::from_secs(1);
const LEADERLESS: Duration = Duration::from_secs(20);

/// What a sender waits for.
pub(super) enum Event {
    Confirmation(Option<Message>),
    Rested,
}

/// What was sent on a connection and is not confirmed.
pub(super) struct Sender {
    /// Confirmations, by the tag at the end of their subject.
    confirmations: Subscriber,
    inbox: String,
    /// The first tag that is to be sent.
    next: u64,
    /// The first tag that was never sent.
    new: u64,
    /// How many may be under way: one, until the server has confirmed one.
    window: usize,
    /// When something was confirmed, or sent when nothing was under way.
    moved: Instant,
    again: Duration,
    /// Nothing is sent before this.
    rest: Option<tokio::time::Instant>,
    /// Since when the server says that it cannot store.
    absent: Option<Instant>,
}

impl Sender {
    pub(super) async fn new(client: &Client) -> Result<Self, String> {
        let inbox = client.new_inbox();
        let confirmations = client.subscribe(format!("{inbox}.*")).await.map_err(text)?;
        Ok(Self {
            confirmations,
            inbox,
            next: 0,
            new: 0,
            window: 1,
            moved: Instant::now(),
            again: AGAIN,
            rest: None,
            absent: None,
        })
    }

    /// Waits for what the server has to say, or until the time of rest is over.
    pub(super) async fn next(&mut self) -> Event {
        tokio::select! {
            message = self.confirmations.next() => Event::Confirmation(message),
            () = until(self.rest) => Event::Rested,
        }
    }

    /// Begins again with the oldest message, and sends no other before that is confirmed.
    fn begin_again(&mut self) {
        (self.next, self.window, self.moved) = (0, 1, Instant::now());
    }
}

impl Worker {
    /// Sends what may be sent.
    pub(super) async fn send(&mut self) -> Result<(), String> {
        if let Some(rest) = self.sender.rest {
            if rest > tokio::time::Instant::now() {
                return Ok(());
            }
            self.sender.rest = None;
        }
        let (memory, most) = (self.existing.memory, self.client.max_payload());
        loop {
            let sender = &mut self.sender;
            let outbox = &self.shared.shards[self.index].outbox;
            match outbox.next(sender.next, sender.window, self.stored, memory) {
                Next::Nothing => return Ok(()),
                Next::Forgotten => {
                    let stream = self.context.get_stream(&self.plan().stream).await.map_err(text)?;
                    self.learn(Existing::new(stream))?;
                    self.decide_the_doubtful(Difference::None).await?;
                }
                // The server would end the connection.
                Next::Letter { tag, size, .. } if size > most => {
                    self.shared.settle(self.index, tag, Fate::TooLarge(most));
                }
                Next::Letter { tag, letter, is_oldest, .. } => {
                    if is_oldest {
                        sender.moved = Instant::now();
                    }
                    let reply = format!("{}.{tag:x}", sender.inbox);
                    let sending = self.client.publish_with_reply_and_headers(
                        letter.subject,
                        reply,
                        letter.headers,
                        letter.payload,
                    );
                    sending.await.map_err(text)?;
                    sender.next = tag + 1;
                    sender.new = sender.new.max(sender.next);
                }
            }
        }
    }

    /// Takes the server's word on a message that was sent.
    pub(super) fn confirm(&mut self, message: Option<Message>) -> Result<(), String> {
        let message = message.ok_or("the server has closed it")?;
        let tag = message.subject.rsplit('.').next().and_then(|tag| u64::from_str_radix(tag, 16).ok());
        let Some(tag) = tag else { return Ok(()) };
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return self.not_now(tag, true, "the stream is gone, or JetStream is");
        }
        let answer: Answer = serde_json::from_slice(&message.payload)
            .map_err(|error| format!("the server's confirmation cannot be read: {error}"))?;
        match answer.error {
            // Some servers answer so when the message is on its way to be stored, and may get lost there yet.
            None if answer.duplicate && answer.seq == 0 => self.not_now(tag, false, "the cluster is storing it"),
            None => {
                let sender = &mut self.sender;
                if sender.window == 1 && sender.new > tag + 1 {
                    sender.rest = Some(tokio::time::Instant::now() + OTHERS);
                }
                (sender.window, sender.moved, sender.again, sender.absent) = (WINDOW, Instant::now(), AGAIN, None);
                self.stored = self.stored.max(answer.seq);
                if self.reader.is_none() {
                    self.pass_if_nothing_is_wanted(answer.seq);
                }
                self.shared.confirmed.store(true, Ordering::Relaxed);
                self.shared.settle(self.index, tag, Fate::Stored);
                Ok(())
            }
            Some(error) if error.err_code == STORING => self.not_now(tag, false, &error.description),
            Some(error) if error.code == 429 || NOT_NOW.contains(&error.err_code) => {
                self.not_now(tag, true, &error.description)
            }
            Some(error) => {
                self.sender.moved = Instant::now();
                self.shared.settle(self.index, tag, Fate::Refused(error.description));
                Ok(())
            }
        }
    }

    /// Waits a little with the messages that the server cannot store now.
    fn not_now(&mut self, tag: u64, is_certain: bool, why: &str) -> Result<(), String> {
        if is_certain {
            self.shard().outbox.not_stored(tag);
        }
        let bound = if self.existing.replicas > 1 { LEADERLESS } else { ABSENT };
        let since = *self.sender.absent.get_or_insert_with(Instant::now);
        if since.elapsed() > bound {
            return Err(why.to_owned());
        }
        self.sender.begin_again();
        self.sender.rest = Some(tokio::time::Instant::now() + REST);
        Ok(())
    }

    /// Takes the confirmations that have come already, and so many at most.
    pub(super) fn confirm_what_waits(&mut self, most: usize) -> Result<(), String> {
        for _ in 0..most {
            let Some(message) = self.sender.confirmations.next().now_or_never() else { break };
            self.confirm(message)?;
        }
        Ok(())
    }

    /// Sends the oldest message again if nothing was confirmed for some time.
    pub(super) fn look_after_confirmations(&mut self) -> Result<(), String> {
        // What has come already counts, however long it took to get to it.
        self.confirm_what_waits(usize::MAX)?;
        let sender = &mut self.sender;
        let is_under_way = self.shared.shards[self.index].outbox.oldest().is_some_and(|oldest| oldest < sender.next);
        if is_under_way && sender.moved.elapsed() > sender.again {
            sender.again = (sender.again * 2).min(AGAIN_AT_MOST);
            sender.begin_again();
        }
        Ok(())
    }

    /// Finds out which of the messages that were sent long ago are stored, where the server would not know them again.
    pub(super) async fn decide_the_doubtful(&mut self, difference: Difference) -> Result<(), String> {
        let memory = self.existing.memory;
        let found = self.existing.found;
        let mut doubtful: HashMap<String, Vec<Doubtful>> = HashMap::new();
        for message in self.shard().outbox.doubtful() {
            match difference {
                // If it was stored, others have heard it, and it is gone.
                Difference::Lost => self.shared.settle(self.index, message.tag, Fate::Unknown),
                // The server does not know it any more, or has dropped what it could know it by.
                Difference::None | Difference::Missing(_)
                    if message.age > memory || found.first > message.behind + 1 =>
                {
                    doubtful.entry(message.subject.clone()).or_default().push(message);
                }
                Difference::None | Difference::Missing(_) => {}
            }
        }
        for (subject, messages) in doubtful {
            let behind = messages.iter().map(|message| message.behind).min().unwrap_or_default();
            let (context, stream, places) = (self.context.clone(), self.existing.stream.clone(), self.places.clone());
            let names = history::names(context, stream, places, &subject, behind + 1, found.last);
            let names = names.await.map_err(text)?;
            for message in messages {
                if names.contains(&message.id) {
                    self.shared.settle(self.index, message.tag, Fate::Stored);
                } else if found.first > message.behind + 1 {
                    self.shared.settle(self.index, message.tag, Fate::Unknown);
                } else {
                    self.shard().outbox.never_stored(message.tag);
                }
            }
        }
        Ok(())
    }
}

/// What the server says of a message that was sent.
#[derive(Deserialize)]
struct Answer {
    error: Option<Refusal>,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    duplicate: bool,
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
    #[serde(default)]
    err_code: u32,
    #[serde(default)]
    description: String,
}

/// `JSStreamDuplicateMessageConflict`: the cluster is about to store it.
const STORING: u32 = 10_158;

/// The errors of JetStream that say that it is away for now: no leader, not started, not in reach.
const NOT_NOW: [u32; 8] = [10_006, 10_007, 10_008, 10_009, 10_039, 10_076, 10_118, 10_167];
