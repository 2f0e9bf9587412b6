//! [`Outbox`]: the messages of one stream that the server has not confirmed yet.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use async_nats::header::HeaderName;
use async_nats::{HeaderMap, Subject};
use bytes::Bytes;
use lanai_pubsub::{Confirmation, PublicationId, PublishError};

use crate::stream::{EXCEPT, ID, TYPE};

/// What may wait in all outboxes of a process together.
#[derive(Debug)]
pub(crate) struct Buffer {
    most: usize,
    most_bytes: usize,
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

impl Buffer {
    pub(crate) fn new(most: usize, most_bytes: usize) -> Self {
        Self { most, most_bytes, messages: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    /// How many messages wait.
    pub(crate) fn len(&self) -> usize {
        self.messages.load(Ordering::Relaxed)
    }

    /// Takes room for a message. One that is larger than the whole is let in when it is alone.
    fn take(&self, size: usize) -> Result<(), Full> {
        let messages = self.messages.fetch_add(1, Ordering::Relaxed);
        let bytes = self.bytes.fetch_add(size, Ordering::Relaxed);
        if messages >= self.most || (bytes + size > self.most_bytes && messages > 0) {
            self.give_back(size);
            return Err(Full);
        }
        Ok(())
    }

    fn give_back(&self, size: usize) {
        self.messages.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(size, Ordering::Relaxed);
    }
}

/// There is no room for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// The messages that the server has not confirmed yet, in the order of publishing. It outlives connections: a new one sends again what
/// is in here.
#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By tag, ascending.
    queue: VecDeque<Outgoing>,
    next_tag: u64,
}

/// A message as it is sent.
struct Outgoing {
    tag: u64,
    id: PublicationId,
    letter: Letter,
    size: usize,
    confirmation: Confirmation,
    sent: Sent,
}

/// What is known of a message's being sent.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    /// How often, without an answer that says whether it is stored.
    times: u32,
    /// When first, by two clocks: the one stands still while the machine sleeps, the other may be set.
    first: Option<(Instant, SystemTime)>,
    /// The last place in the stream that was known then.
    behind: u64,
    /// How often the server has ended the connection when this one was under way alone.
    blamed: u32,
}

/// What is kept of a message. Its headers are made when it is sent: they take more room and time than the rest.
pub(crate) struct Letter {
    pub(crate) subject: Subject,
    pub(crate) id: String,
    pub(crate) type_name: &'static str,
    pub(crate) except: Option<String>,
    pub(crate) payload: Bytes,
}

/// What goes to the server.
pub(crate) struct Sending {
    pub(crate) subject: Subject,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

impl Letter {
    /// What it takes on the wire, and about what it takes here.
    pub(crate) fn size(&self) -> usize {
        let line = |name: &HeaderName, value: &str| AsRef::<str>::as_ref(name).len() + value.len() + 4;
        let except = self.except.as_ref().map_or(0, |except| line(&EXCEPT, except));
        // The line that headers begin with, and the empty one that ends them.
        self.payload.len() + line(&ID, &self.id) + line(&TYPE, self.type_name) + except + 12 + 2
    }

    fn sending(&self) -> Sending {
        let mut headers = HeaderMap::new();
        headers.insert(ID.clone(), &*self.id);
        headers.insert(TYPE.clone(), self.type_name);
        if let Some(except) = &self.except {
            headers.insert(EXCEPT.clone(), &**except);
        }
        Sending { subject: self.subject.clone(), headers, payload: self.payload.clone() }
    }
}

/// What may be sent next.
pub(crate) enum Next {
    /// One, with its tag, and whether all before it are settled.
    Letter { tag: u64, letter: Sending, size: usize, is_oldest: bool },
    /// Nothing at the moment.
    Nothing,
    /// The next one was sent so long ago that the server may have forgotten it: it has to be looked for first.
    Forgotten,
}

/// A message of which it is not known whether it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Doubtful {
    pub(crate) tag: u64,
    pub(crate) id: PublicationId,
    pub(crate) subject: String,
    /// It can only be behind this place.
    pub(crate) behind: u64,
    /// How long ago it was sent first.
    pub(crate) age: Duration,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Stored,
    Refused(String),
    TooLarge(usize),
    Unknown,
}

impl Outbox {
    /// Takes a message in.
    pub(crate) fn add(
        &self,
        buffer: &Buffer,
        id: PublicationId,
        letter: Letter,
        size: usize,
        confirmation: Confirmation,
    ) -> Result<(), Full> {
        buffer.take(size)?;
        let mut state = self.state();
        let tag = state.next_tag;
        state.next_tag += 1;
        state.queue.push_back(Outgoing { tag, id, letter, size, confirmation, sent: Sent::default() });
        Ok(())
    }

    /// The next message to send when all before `tag` are on their way, with its tag; unless there are `window` of
    /// those already. It counts as sent then, at a time when the stream's last message was at the place `last`.
    pub(crate) fn next(&self, tag: u64, window: usize, last: u64, memory: Duration) -> Next {
        let mut state = self.state();
        let at = state.place(tag);
        if at >= window {
            return Next::Nothing;
        }
        let Some(outgoing) = state.queue.get_mut(at) else { return Next::Nothing };
        if outgoing.sent.times > 0 && outgoing.sent.age() > memory {
            return Next::Forgotten;
        }
        let sent = &mut outgoing.sent;
        sent.times += 1;
        if sent.first.is_none() {
            sent.first = Some((Instant::now(), SystemTime::now()));
            sent.behind = last;
        }
        Next::Letter { tag: outgoing.tag, letter: outgoing.letter.sending(), size: outgoing.size, is_oldest: at == 0 }
    }

    /// The tag of the oldest message.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.state().queue.front().map(|outgoing| outgoing.tag)
    }

    /// Notes the server's word that a message is not stored, of one that is to be sent again.
    pub(crate) fn not_stored(&self, tag: u64) {
        let mut state = self.state();
        if let Some(outgoing) = state.find(tag) {
            outgoing.sent.answered();
        }
    }

    /// Notes that a message was looked for, and is not stored.
    pub(crate) fn never_stored(&self, tag: u64) {
        let mut state = self.state();
        if let Some(outgoing) = state.find(tag) {
            outgoing.sent = Sent::default();
        }
    }

    /// The messages that were sent and of which it is not known whether they are stored.
    pub(crate) fn doubtful(&self) -> Vec<Doubtful> {
        let state = self.state();
        let sent = state.queue.iter().filter(|outgoing| outgoing.sent.times > 0);
        let doubtful = sent.map(|outgoing| Doubtful {
            tag: outgoing.tag,
            id: outgoing.id,
            subject: outgoing.letter.subject.to_string(),
            behind: outgoing.sent.behind,
            age: outgoing.sent.age(),
        });
        doubtful.collect()
    }

    /// The tags of the messages on a subject that are under way.
    pub(crate) fn under_way_on(&self, subject: &str) -> Vec<u64> {
        let state = self.state();
        let sent =
            state.queue.iter().filter(|outgoing| outgoing.sent.times > 0 && *outgoing.letter.subject == *subject);
        sent.map(|outgoing| outgoing.tag).collect()
    }

    /// The message that was under way alone, if the server has ended the connection over it for the last time now.
    pub(crate) fn blame(&self) -> Option<u64> {
        const OFTEN: u32 = 3;
        let mut state = self.state();
        let mut under_way = state.queue.iter_mut().filter(|outgoing| outgoing.sent.times > 0);
        let alone = under_way.next()?;
        if under_way.next().is_some() {
            return None;
        }
        alone.sent.blamed += 1;
        (alone.sent.blamed == OFTEN).then_some(alone.tag)
    }

    /// Takes a message out whose fate is known, or will never be.
    pub(crate) fn settle(&self, buffer: &Buffer, tag: u64, fate: Fate, topic: impl Fn(&str) -> String) {
        let mut state = self.state();
        let at = state.place(tag);
        if state.queue.get(at).is_none_or(|outgoing| outgoing.tag != tag) {
            return;
        }
        let Some(outgoing) = state.queue.remove(at) else { return };
        if state.queue.is_empty() {
            state.queue.shrink_to(64);
        }
        drop(state);
        buffer.give_back(outgoing.size);
        let topic = || topic(&outgoing.letter.subject);
        outgoing.confirmation.settle(match fate {
            Fate::Stored => Ok(()),
            Fate::Refused(reason) => Err(PublishError::Refused { topic: topic(), reason }),
            Fate::TooLarge(limit) => Err(PublishError::TooLarge { topic: topic(), bytes: outgoing.size, limit }),
            Fate::Unknown => Err(PublishError::OutcomeUnknown { topic: topic() }),
        });
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sent {
    fn age(&self) -> Duration {
        let Some((instant, time)) = self.first else { return Duration::ZERO };
        instant.elapsed().max(time.elapsed().unwrap_or_default())
    }

    fn answered(&mut self) {
        self.times = self.times.saturating_sub(1);
        if self.times == 0 {
            *self = Self::default();
        }
    }
}

impl State {
    /// How many messages have smaller tags.
    fn place(&self, tag: u64) -> usize {
        // Tags follow one another, unless some between were settled before those at the front.
        let first = self.queue.front().map_or(tag, |outgoing| outgoing.tag);
        let guess = usize::try_from(tag.saturating_sub(first)).unwrap_or(usize::MAX);
        if self.queue.get(guess).is_some_and(|outgoing| outgoing.tag == tag) {
            return guess;
        }
        self.queue.partition_point(|outgoing| outgoing.tag < tag)
    }

    fn find(&mut self, tag: u64) -> Option<&mut Outgoing> {
        let at = self.place(tag);
        self.queue.get_mut(at).filter(|outgoing| outgoing.tag == tag)
    }
}
