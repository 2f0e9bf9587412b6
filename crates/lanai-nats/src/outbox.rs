//! [`Outbox`]: the messages of one stream that the server has not confirmed.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use lanai_pubsub::{Confirmation, PublicationId, PublishError};

use crate::message::{EncodedMessage, OutgoingMessage};

/// Limits what may wait in all outboxes of a process together.
#[derive(Debug)]
pub(crate) struct Budget {
    max_messages: usize,
    max_bytes: usize,
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self { max_messages, max_bytes, messages: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    /// The number of waiting messages.
    pub(crate) fn len(&self) -> usize {
        self.messages.load(Ordering::Relaxed)
    }

    /// Reserves space for a message. A message that exceeds the whole budget is accepted if no other waits.
    fn reserve(&self, size: usize) -> Result<(), Full> {
        let messages = self.messages.fetch_add(1, Ordering::Relaxed);
        let bytes = self.bytes.fetch_add(size, Ordering::Relaxed);
        if messages >= self.max_messages || (bytes + size > self.max_bytes && messages > 0) {
            self.release(size);
            return Err(Full);
        }
        Ok(())
    }

    fn release(&self, size: usize) {
        self.messages.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(size, Ordering::Relaxed);
    }
}

/// The error of reserving more than the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// The messages that the server has not confirmed, in the order of publishing. It outlives connections: a new
/// connection sends them again.
#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In ascending order of their tags.
    queue: VecDeque<Unconfirmed>,
    next_tag: u64,
}

/// A message that the server has not confirmed.
struct Unconfirmed {
    tag: u64,
    id: PublicationId,
    message: OutgoingMessage,
    size: usize,
    confirmation: Confirmation,
    send_state: SendState,
}

/// What is known about sending a message.
#[derive(Debug, Clone, Copy, Default)]
struct SendState {
    /// How often it was sent without a reply that says whether it is stored.
    attempts: u32,
    /// When it was first sent, by two clocks: one stops while the machine sleeps, the other may be set.
    first_sent: Option<(Instant, SystemTime)>,
    /// The last sequence of the stream that was known at that time.
    after: u64,
    /// How often the server has closed the connection while this was the only message in flight.
    suspicions: u32,
}

/// What to send next.
pub(crate) enum Next {
    /// A message, its tag, and whether all messages before it are settled.
    Send { tag: u64, message: EncodedMessage, size: usize, is_oldest: bool },
    /// Nothing at the moment.
    Nothing,
    /// The next message was sent so long ago that the server may have forgotten its id. First find out whether it is
    /// stored.
    Expired,
}

/// A message that may or may not be stored.
#[derive(Debug, Clone)]
pub(crate) struct Uncertain {
    pub(crate) tag: u64,
    pub(crate) id: PublicationId,
    pub(crate) subject: String,
    /// If it is stored, then after this sequence.
    pub(crate) after: u64,
    /// How long ago it was first sent.
    pub(crate) age: Duration,
}

/// The outcome of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Stored,
    Refused(String),
    TooLarge(usize),
    Unknown,
}

impl Outbox {
    /// Adds a message.
    pub(crate) fn add(
        &self,
        budget: &Budget,
        id: PublicationId,
        message: OutgoingMessage,
        size: usize,
        confirmation: Confirmation,
    ) -> Result<(), Full> {
        budget.reserve(size)?;
        let mut state = self.state();
        let tag = state.next_tag;
        state.next_tag += 1;
        state.queue.push_back(Unconfirmed { tag, id, message, size, confirmation, send_state: SendState::default() });
        Ok(())
    }

    /// The next message to send, if all before `tag` have been sent and fewer than `window` messages are in flight. It
    /// then counts as sent, when the last sequence of the stream was `last`.
    pub(crate) fn next(&self, tag: u64, window: usize, last: u64, dedup_window: Duration) -> Next {
        let mut state = self.state();
        let at = state.index_of(tag);
        if at >= window {
            return Next::Nothing;
        }
        let Some(entry) = state.queue.get_mut(at) else { return Next::Nothing };
        if entry.send_state.attempts > 0 && entry.send_state.age() > dedup_window {
            return Next::Expired;
        }
        let send_state = &mut entry.send_state;
        send_state.attempts += 1;
        if send_state.first_sent.is_none() {
            send_state.first_sent = Some((Instant::now(), SystemTime::now()));
            send_state.after = last;
        }
        Next::Send { tag: entry.tag, message: entry.message.encode(), size: entry.size, is_oldest: at == 0 }
    }

    /// The tag of the oldest message.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.state().queue.front().map(|entry| entry.tag)
    }

    /// Notes that the server has replied that a message is not stored. It is sent again.
    pub(crate) fn not_stored(&self, tag: u64) {
        let mut state = self.state();
        if let Some(entry) = state.find(tag) {
            entry.send_state.undo_attempt();
        }
    }

    /// Notes that a message was looked up and is not stored.
    pub(crate) fn reset(&self, tag: u64) {
        let mut state = self.state();
        if let Some(entry) = state.find(tag) {
            entry.send_state = SendState::default();
        }
    }

    /// The messages that may or may not be stored.
    pub(crate) fn uncertain(&self) -> Vec<Uncertain> {
        let state = self.state();
        let send_state = state.queue.iter().filter(|entry| entry.send_state.attempts > 0);
        let uncertain = send_state.map(|entry| Uncertain {
            tag: entry.tag,
            id: entry.id,
            subject: entry.message.subject.to_string(),
            after: entry.send_state.after,
            age: entry.send_state.age(),
        });
        uncertain.collect()
    }

    /// The tags of the messages in flight on a subject.
    pub(crate) fn sent_on(&self, subject: &str) -> Vec<u64> {
        let state = self.state();
        let send_state =
            state.queue.iter().filter(|entry| entry.send_state.attempts > 0 && *entry.message.subject == *subject);
        send_state.map(|entry| entry.tag).collect()
    }

    /// The message to refuse if the server has closed the connection because of it for the last time: the only one in
    /// flight, each time.
    pub(crate) fn blame(&self) -> Option<u64> {
        const OFTEN: u32 = 3;
        let mut state = self.state();
        let mut sent = state.queue.iter_mut().filter(|entry| entry.send_state.attempts > 0);
        let single = sent.next()?;
        if sent.next().is_some() {
            return None;
        }
        single.send_state.suspicions += 1;
        (single.send_state.suspicions == OFTEN).then_some(single.tag)
    }

    /// Removes a message whose outcome is final.
    pub(crate) fn settle(&self, budget: &Budget, tag: u64, outcome: Outcome, topic: impl Fn(&str) -> String) {
        let mut state = self.state();
        let at = state.index_of(tag);
        if state.queue.get(at).is_none_or(|entry| entry.tag != tag) {
            return;
        }
        let Some(entry) = state.queue.remove(at) else { return };
        if state.queue.is_empty() {
            state.queue.shrink_to(64);
        }
        drop(state);
        budget.release(entry.size);
        let topic = || topic(&entry.message.subject);
        entry.confirmation.settle(match outcome {
            Outcome::Stored => Ok(()),
            Outcome::Refused(reason) => Err(PublishError::Refused { topic: topic(), reason }),
            Outcome::TooLarge(limit) => Err(PublishError::TooLarge { topic: topic(), bytes: entry.size, limit }),
            Outcome::Unknown => Err(PublishError::OutcomeUnknown { topic: topic() }),
        });
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendState {
    fn age(&self) -> Duration {
        let Some((instant, time)) = self.first_sent else { return Duration::ZERO };
        instant.elapsed().max(time.elapsed().unwrap_or_default())
    }

    fn undo_attempt(&mut self) {
        self.attempts = self.attempts.saturating_sub(1);
        if self.attempts == 0 {
            *self = Self::default();
        }
    }
}

impl State {
    /// The number of messages with smaller tags.
    fn index_of(&self, tag: u64) -> usize {
        // Tags are consecutive, unless messages were settled out of order.
        let first_sent = self.queue.front().map_or(tag, |entry| entry.tag);
        let guess = usize::try_from(tag.saturating_sub(first_sent)).unwrap_or(usize::MAX);
        if self.queue.get(guess).is_some_and(|entry| entry.tag == tag) {
            return guess;
        }
        self.queue.partition_point(|entry| entry.tag < tag)
    }

    fn find(&mut self, tag: u64) -> Option<&mut Unconfirmed> {
        let at = self.index_of(tag);
        self.queue.get_mut(at).filter(|entry| entry.tag == tag)
    }
}
