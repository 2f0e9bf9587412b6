//! [`OwnedEnvelope`]: a message that is part of an answer.

use std::collections::VecDeque;

use lanai_pubsub::{Address, Envelope, PublicationId};

/// A copy of a message. The client library returns slices of its read buffer, and each slice would keep the whole
/// buffer alive.
pub(super) struct OwnedEnvelope {
    position: u64,
    type_name: Box<str>,
    id: PublicationId,
    payload: Box<[u8]>,
    except: Option<Address>,
}

impl OwnedEnvelope {
    pub(super) fn new(envelope: &Envelope<'_>) -> Self {
        Self {
            position: envelope.position,
            type_name: envelope.type_name.into(),
            id: envelope.id,
            payload: envelope.payload.into(),
            except: envelope.except,
        }
    }

    pub(super) fn envelope<'k>(&'k self, topic: &'k str) -> Envelope<'k> {
        Envelope {
            position: self.position,
            topic,
            type_name: &self.type_name,
            id: self.id,
            payload: &self.payload,
            except: self.except,
        }
    }

    /// Its size in memory.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.type_name.len() + self.payload.len()
    }
}

/// Appends a message, and removes the oldest one if there are more than `max`.
pub(super) fn push(last: &mut VecDeque<OwnedEnvelope>, envelope: OwnedEnvelope, max: usize) -> Option<OwnedEnvelope> {
    let removed = if last.len() >= max { last.pop_front() } else { None };
    last.push_back(envelope);
    removed
}
