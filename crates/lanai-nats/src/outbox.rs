//! [`Outbox`]: the messages that the server has not confirmed yet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_nats::header::HeaderName;
use async_nats::{HeaderMap, Subject};
use bytes::Bytes;
use lanai_pubsub::{Confirmation, PublicationId, PublishError};

use crate::stream::{EXCEPT, ID, TYPE};

/// The messages that the server has not confirmed yet, in the order of publishing. It outlives connections: a new one sends again what
/// is in here.
pub(crate) struct Outbox {
    state: Mutex<State>,
    most: usize,
    most_bytes: usize,
}

#[derive(Default)]
struct State {
    /// By tag, ascending.
    queue: VecDeque<Outgoing>,
    tags: HashMap<PublicationId, u64>,
    next_tag: u64,
    bytes: usize,
}

/// A message as it is sent.
pub(crate) struct Outgoing {
    tag: u64,
    id: PublicationId,
    letter: Letter,
    confirmation: Confirmation,
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
    /// What it takes here, and about what it takes on the wire.
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

impl Outbox {
    pub(crate) fn new(most: usize, most_bytes: usize) -> Self {
        Self { state: Mutex::default(), most, most_bytes }
    }

    /// Takes a message in.
    pub(crate) fn add(
        &self,
        id: PublicationId,
        letter: Letter,
        confirmation: Confirmation,
        topic: &str,
    ) -> Result<(), PublishError> {
        let size = letter.size();
        let mut state = self.state();
        // One that is larger than the whole is let in when it is alone.
        if state.queue.len() >= self.most || (state.bytes + size > self.most_bytes && !state.queue.is_empty()) {
            let buffered = state.queue.len();
            return Err(PublishError::Unavailable { topic: topic.to_owned(), buffered });
        }
        let tag = state.next_tag;
        state.next_tag += 1;
        state.bytes += size;
        state.tags.insert(id, tag);
        state.queue.push_back(Outgoing { tag, id, letter, confirmation });
        Ok(())
    }

    /// The next message to send when all before `tag` are on their way, with its tag; unless there are `window` of those already.
    pub(crate) fn next(&self, tag: u64, window: usize) -> Option<(u64, Sending)> {
        let state = self.state();
        let at = state.place(tag);
        if at >= window {
            return None;
        }
        state.queue.get(at).map(|outgoing| (outgoing.tag, outgoing.letter.sending()))
    }

    /// The tag of the oldest message.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.state().queue.front().map(|outgoing| outgoing.tag)
    }

    pub(crate) fn len(&self) -> usize {
        self.state().queue.len()
    }

    /// Takes a message out that the server has, or will never have.
    pub(crate) fn settle(&self, tag: u64, refused: Option<String>) {
        let outgoing = self.state().remove(tag);
        if let Some(outgoing) = outgoing {
            outgoing.settle(refused);
        }
    }

    /// Notes that a message has come back in the stream: it is stored, whatever became of the confirmation.
    pub(crate) fn came_back(&self, id: PublicationId) {
        let mut state = self.state();
        let tag = state.tags.get(&id).copied();
        let outgoing = tag.and_then(|tag| state.remove(tag));
        drop(state);
        if let Some(outgoing) = outgoing {
            outgoing.settle(None);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn remove(&mut self, tag: u64) -> Option<Outgoing> {
        let at = self.place(tag);
        if self.queue.get(at)?.tag != tag {
            return None;
        }
        let outgoing = self.queue.remove(at)?;
        self.tags.remove(&outgoing.id);
        self.bytes -= outgoing.letter.size();
        if self.queue.is_empty() {
            self.queue.shrink_to(64);
        }
        Some(outgoing)
    }
}

impl Outgoing {
    fn settle(self, refused: Option<String>) {
        self.confirmation.settle(match refused {
            None => Ok(()),
            Some(reason) => {
                let subject = self.letter.subject.as_str();
                let topic = subject.split_once(".t.").map_or(subject, |(_, topic)| topic).to_owned();
                Err(PublishError::Refused { topic, reason })
            }
        });
    }
}
