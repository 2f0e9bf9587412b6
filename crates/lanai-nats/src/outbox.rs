//! [`Outbox`]: the messages that the server has not confirmed yet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_nats::HeaderMap;
use bytes::Bytes;
use lanai_pubsub::{Confirmation, PublicationId, PublishError};

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

/// What goes to the server.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

impl Letter {
    /// What it takes here, and about what it takes on the wire.
    pub(crate) fn size(&self) -> usize {
        let headers = self.headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let headers: usize = headers.map(|(name, value)| name.to_string().len() + value.as_str().len() + 4).sum();
        // The line that headers begin with, and the empty one that ends them.
        self.payload.len() + headers + 12 + 2
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
    pub(crate) fn next(&self, tag: u64, window: usize) -> Option<(u64, Letter)> {
        let state = self.state();
        let at = state.queue.partition_point(|outgoing| outgoing.tag < tag);
        if at >= window {
            return None;
        }
        state.queue.get(at).map(|outgoing| (outgoing.tag, outgoing.letter.clone()))
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
        let mut state = self.state();
        let Ok(at) = state.queue.binary_search_by_key(&tag, |outgoing| outgoing.tag) else { return };
        let Some(outgoing) = state.queue.remove(at) else { return };
        state.tags.remove(&outgoing.id);
        state.bytes -= outgoing.letter.size();
        if state.queue.is_empty() {
            state.queue.shrink_to(64);
        }
        drop(state);
        outgoing.confirmation.settle(match refused {
            None => Ok(()),
            Some(reason) => {
                let subject = outgoing.letter.subject;
                let topic = subject.split_once(".t.").map_or(&*subject, |(_, topic)| topic).to_owned();
                Err(PublishError::Refused { topic, reason })
            }
        });
    }

    /// Notes that a message has come back in the stream: it is stored, whatever became of the confirmation.
    pub(crate) fn came_back(&self, id: PublicationId) {
        let tag = self.state().tags.get(&id).copied();
        if let Some(tag) = tag {
            self.settle(tag, None);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
