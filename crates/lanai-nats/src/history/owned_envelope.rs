//! [`Kept`]: a message that is part of an answer.

use std::collections::VecDeque;

use lanai_pubsub::{Address, Envelope, PublicationId};

/// A copy of a message. What the client gives out are slices of the buffer that it has read: each would keep all of it.
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

    /// How many bytes it takes up here.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.type_name.len() + self.payload.len()
    }
}

/// The last messages of a topic, out of those that came so far: `most` of them.
pub(super) fn push(last: &mut VecDeque<OwnedEnvelope>, envelope: OwnedEnvelope, max: usize) -> Option<OwnedEnvelope> {
    let removed = if last.len() >= max { last.pop_front() } else { None };
    last.push_back(envelope);
    removed
}
