//! Who delivers a hub's queue, and how.

use std::sync::{Arc, PoisonError};

use super::Hub;
use super::state::{Delivery, QueueItem, State};
use crate::delivery::{self, DeliveryQueue, catch_panic};
use crate::error::Missed;
use crate::message::LocalMessage;
use crate::name;
use crate::receiver::Receiver;
use crate::receivers::receivers;
use crate::sync::{BACKLOG, MutexGuard};
use crate::wildcard::Routed;

impl<T: LocalMessage> Hub<T> {
    /// Delivers the queue in this thread, unless another thread does.
    pub(super) fn deliver_queue(self: &Arc<Self>, state: MutexGuard<'_, State<T>>) {
        if self.claim_delivery(state) {
            delivery::run(Arc::clone(self) as Arc<dyn DeliveryQueue>);
        }
    }

    /// Whether this thread is to deliver the queue. Blocks while the queue is too long.
    fn claim_delivery(&self, mut state: MutexGuard<'_, State<T>>) -> bool {
        // Inside a delivery it must not block: this very thread may be the one that drains the queue.
        while state.is_delivering && state.queue.len() > BACKLOG && !delivery::is_delivering() {
            state.waiting_publishers += 1;
            state = self.queue_drained.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting_publishers -= 1;
        }
        if state.is_delivering || state.awaits_history || state.queue.is_empty() {
            return false;
        }
        state.is_delivering = true;
        state.delivered = 0;
        true
    }

    fn deliver(&self, delivery: &Delivery<T>) {
        for receiver in receivers(&delivery.receivers, delivery.except) {
            receiver.deliver(Ok(&delivery.message));
        }
        for wildcard in delivery.wildcards.iter().flatten() {
            let path = self.name[wildcard.path..].split(name::SEPARATOR).map(name::text).collect();
            let routed = Arc::new(Routed::new(path, Arc::clone(&delivery.message)));
            for receiver in receivers(&wildcard.receivers, delivery.except) {
                receiver.deliver(Ok(&routed));
            }
            catch_panic("the destructor of a message", || drop(routed));
        }
    }
}

impl<T: LocalMessage> DeliveryQueue for Hub<T> {
    fn deliver_next(&self) -> bool {
        let mut state = self.state();
        if state.delivered >= BACKLOG && state.waiting_publishers > 0 && !state.queue.is_empty() {
            // The next publisher takes over: one that waits, or one that comes before it wakes up.
            state.is_delivering = false;
            self.queue_drained.notify_one();
            return false;
        }
        let Some(item) = state.queue.pop_front() else {
            state.is_delivering = false;
            let is_unused = self.is_unused(&state);
            drop(state);
            if is_unused && let Some(registry) = self.registry.upgrade() {
                registry.close(self);
            }
            return false;
        };
        state.delivered += 1;
        if state.waiting_publishers > 0 && 2 * state.queue.len() <= BACKLOG {
            self.queue_drained.notify_all();
        }
        match item {
            QueueItem::Message(delivery) => {
                state.position = state.position.max(delivery.position);
                // A message from before the topic was opened is already in the history, or the transport has it.
                let is_past = self.is_past(delivery.position);
                let removed = if is_past { None } else { state.history.add(&delivery.message) };
                drop(state);
                self.deliver(&delivery);
                // This may drop the last reference to the message or to a cancelled receiver, whose destructors are
                // user code.
                catch_panic("the destructor of a message", || drop((delivery, removed)));
            }
            QueueItem::Replay(receiver, count) => match state.history.last(count) {
                Some(messages) => {
                    drop(state);
                    replay(&receiver, messages);
                }
                None => {
                    let asker = Arc::downgrade(&receiver);
                    state.queue.push_front(QueueItem::Replay(receiver, count));
                    state.awaits_history = true;
                    state.is_delivering = false;
                    self.queue_drained.notify_all();
                    self.request_history(asker, count, state);
                    return false;
                }
            },
            QueueItem::PartialReplay(receiver, count) => {
                let messages = state.history.available(count);
                drop(state);
                receiver.deliver(Err(Missed::new(u64::MAX)));
                replay(&receiver, messages);
            }
            QueueItem::Missed(missed, entries) => {
                let removed = state.history.replace(Default::default(), 0);
                drop(state);
                for receiver in receivers(&entries, None) {
                    receiver.deliver(Err(missed));
                }
                catch_panic("the destructor of a message", || drop((entries, removed)));
            }
        }
        true
    }
}

fn replay<T>(receiver: &Receiver<T>, messages: Vec<Arc<T>>) {
    for message in &messages {
        receiver.deliver(Ok(message));
    }
    catch_panic("the destructor of a message", || drop(messages));
}
