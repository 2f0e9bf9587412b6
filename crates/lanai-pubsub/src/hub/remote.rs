//! What a hub exchanges with the transport: messages that arrive, gaps, and the history.

use std::any::{Any, type_name};
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use super::state::{QueueItem, State};
use super::{Closed, Hub};
use crate::any_hub::Incoming;
use crate::delivery::catch_panic;
use crate::error::Missed;
use crate::message::LocalMessage;
use crate::receiver::Receiver;
use crate::registry::Registry;
use crate::sync::MutexGuard;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::transport::{Envelope, HistoryRequest};

/// The positions of a topic whose messages come from a transport.
pub(super) struct Positions {
    /// Messages up to this position were published before the topic was opened: its subscribers receive them only as
    /// history. Subscriptions by wildcard may still have to receive them.
    pub(super) opened_at: u64,
    /// The position of the last message that arrived.
    arrived: AtomicU64,
}

impl Positions {
    pub(super) fn new(opened_at: u64) -> Self {
        Self { opened_at, arrived: AtomicU64::new(0) }
    }
}

impl<T: LocalMessage> Hub<T> {
    /// See [`AnyHub::receive`](crate::any_hub::AnyHub::receive).
    pub(super) fn receive_incoming(self: &Arc<Self>, incoming: &mut Incoming<'_>) -> bool {
        let Some(registry) = self.registry.upgrade() else { return true };
        let Some(positions) = &self.positions else {
            registry.refuse(&self.name, &"it came from another process, but the topic is local");
            return true;
        };
        let position = incoming.envelope.position;
        let mut state = self.state();
        if state.is_closed {
            return false;
        }
        if positions.arrived.fetch_max(position, Ordering::Relaxed) >= position {
            return true;
        }
        let is_past = self.is_past(position);
        let has_use =
            !state.receivers.is_empty() || !state.queue.is_empty() || state.is_delivering || state.history.is_kept();
        if (is_past || !has_use) && !registry.wildcards.cover(&self.name) {
            // The history of the next subscriber includes this message.
            state.position = state.position.max(position);
            return true;
        }
        drop(state);
        let original = incoming.original.take().and_then(|original| original.downcast::<T>().ok());
        let Some(message) = original.or_else(|| self.decode(&registry, &incoming.envelope)) else { return true };
        match self.enqueue(&registry, message, incoming.except, 0, position) {
            Ok(_) => true,
            Err(Closed(message)) => {
                // For the hub that replaces this one.
                incoming.original = Some(message);
                false
            }
        }
    }

    /// See [`AnyHub::missed`](crate::any_hub::AnyHub::missed).
    pub(super) fn enqueue_missed(self: &Arc<Self>, missed: Missed) {
        if self.positions.is_none() {
            return;
        }
        let mut state = self.state();
        if state.receivers.is_empty() {
            return;
        }
        let receivers = state.receivers.snapshot();
        state.queue.push_back(QueueItem::Missed(missed, receivers));
        self.deliver_queue(state);
    }

    /// Whether a message was published before the topic was opened, and so is not for its subscribers.
    pub(super) fn is_past(&self, position: u64) -> bool {
        self.positions.as_ref().is_some_and(|positions| position <= positions.opened_at)
    }

    /// Requests the last `count` messages before the queue from the transport.
    pub(super) fn request_history(&self, asker: Weak<Receiver<T>>, count: usize, state: MutexGuard<'_, State<T>>) {
        let up_to = state.position;
        drop(state);
        let Some(registry) = self.registry.upgrade() else { return };
        let Some(transport) = &registry.transport else { return };
        let (weak, name) = (Arc::downgrade(&registry), Arc::clone(&self.name));
        let is_wanted = move || asker.upgrade().is_some_and(|asker| asker.is_active());
        let reply = move |envelopes: Option<&[Envelope<'_>]>| {
            let Some(registry) = weak.upgrade() else { return };
            let hub: Option<Arc<dyn Any + Send + Sync>> = registry.find(&name).map(|hub| hub as _);
            if let Some(hub) = hub.and_then(|hub| hub.downcast::<Self>().ok()) {
                hub.history_received(&registry, count, envelopes);
            }
        };
        transport.transport().history(HistoryRequest::new(Arc::clone(&self.name), count, up_to, is_wanted, reply));
    }

    /// Adopts the history from the transport, or notes that the request failed, and continues with the queue.
    fn history_received(self: &Arc<Self>, registry: &Registry, count: usize, envelopes: Option<&[Envelope<'_>]>) {
        let messages: Option<VecDeque<Arc<T>>> = envelopes
            .map(|envelopes| envelopes.iter().filter_map(|envelope| self.decode(registry, envelope)).collect());
        let mut state = self.state();
        if !std::mem::take(&mut state.awaits_history) {
            return;
        }
        let removed = match messages {
            Some(messages) => state.history.replace(messages, count),
            None => {
                if let Some(QueueItem::Replay(receiver, count)) = state.queue.pop_front() {
                    state.queue.push_front(QueueItem::PartialReplay(receiver, count));
                }
                VecDeque::new()
            }
        };
        self.deliver_queue(state);
        catch_panic("the destructor of a message", || drop(removed));
    }

    /// Deserializes a message. One that cannot be deserialized is refused: logged and counted.
    fn decode(&self, registry: &Registry, envelope: &Envelope<'_>) -> Option<Arc<T>> {
        let (carries, takes) = (envelope.type_name, type_name::<T>());
        let Some(codec) = &self.codec else {
            registry.refuse(&self.name, &"it came from another process, but the topic is local");
            return None;
        };
        if carries != takes {
            registry.refuse(
                &self.name,
                &format_args!(
                    "it is a `{carries}`, but the subscribers here take `{takes}`; use one type per topic, or a different topic name"
                ),
            );
            return None;
        }
        let mut decoded = Err("its `Deserialize` implementation panicked".to_owned());
        catch_panic("deserializing a message", || decoded = (codec.decode)(envelope.payload));
        match decoded {
            Ok(message) => Some(Arc::new(message)),
            Err(error) => {
                registry.refuse(
                    &self.name,
                    &format_args!(
                        "it cannot be deserialized as `{takes}`: {error}; if another version of the program is running, give new \
                         fields `#[serde(default)]`"
                    ),
                );
                None
            }
        }
    }
}
