//! [`Hub`]: a topic in use, with its subscribers, its history, and its order.
//!
//! **Order.** Publishing queues the message together with the current list of receivers, in one step under the topic's
//! lock. Every change of that list is one step under the same lock. This is what provides one order and exactly-once
//! delivery from the moment of subscribing.
//!
//! **History.** A subscriber that wants history gets a place in the same queue. A message enters the history when it is
//! delivered. So when it is the subscriber's turn, the history holds exactly the messages before that place, and those
//! after it are addressed to the subscriber: there are no gaps and no duplicates. If the history has to be requested
//! from the transport, the queue stops until the answer arrives.
//!
//! **Delivery.** One thread at a time delivers the queue, without holding the lock. A publisher that finds no other
//! thread delivering does it itself; otherwise it leaves its message in the queue. If the queue is long, publishers
//! block, so the queue is bounded, and one of them relieves the delivering thread, so that no thread is kept forever.
//!
//! **Direct push.** If all receivers are listeners and the queue is empty, a message goes directly into their buffers
//! under the lock. No user code runs there, and the lock provides the order.

mod history;
mod queue;
mod remote;
mod state;

use std::any::{Any, type_name};
use std::sync::{Arc, PoisonError, Weak};

use crate::address::SubscriberId;
use crate::any_hub::{AnyHub, ForgetOutcome, Incoming, TopicInfo};
use crate::buffer::Deferred;
use crate::delivery;
use crate::error::Missed;
use crate::message::{Codec, LocalMessage};
use crate::receiver::{Deliver, Owner, Receiver};
use crate::receivers::receivers;
use crate::registry::{Registry, stamp};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::topic::Topic;
use remote::Positions;
use state::{Delivery, QueueItem, State};

/// A topic in use: its subscribers, and the messages on their way to them.
pub(crate) struct Hub<T> {
    name: Arc<str>,
    registry: Weak<Registry>,
    /// How its messages are serialized; `None` for a local topic.
    codec: Option<Codec<T>>,
    /// `None` if its messages are ordered here and not by a transport.
    positions: Option<Positions>,
    state: Mutex<State<T>>,
    /// Publishers wait here for a shorter queue, or to take over the delivery.
    queue_drained: Condvar,
}

/// The error of using a hub that has been closed. There may be a new hub of the same name.
pub(crate) struct Closed<M>(pub(crate) M);

/// A message that could not be pushed directly, and the hub that was found for it.
pub(crate) type NotPushed<T> = (Option<Arc<dyn AnyHub>>, Arc<T>);

impl<T: LocalMessage> Hub<T> {
    fn new(name: Arc<str>, registry: Weak<Registry>, codec: Option<Codec<T>>, opened_at: Option<u64>) -> Self {
        Self {
            name,
            registry,
            codec,
            positions: opened_at.map(Positions::new),
            state: Mutex::new(State::new(opened_at)),
            queue_drained: Condvar::new(),
        }
    }

    /// Finds the hub of that name, or opens one. A new hub takes messages from now on or, if a message has just arrived
    /// at a position, from that message on.
    pub(crate) fn find_or_open(
        registry: &Arc<Registry>,
        name: &str,
        codec: Option<Codec<T>>,
        arriving: Option<u64>,
    ) -> Arc<dyn AnyHub> {
        registry.find_or_insert(name, codec.is_none(), arriving, |name, opened_at| {
            Arc::new(Self::new(name, Arc::downgrade(registry), codec, opened_at))
        })
    }

    /// The hub in which to queue a message; `None` if nobody would ever receive it.
    pub(crate) fn find_to_publish(registry: &Arc<Registry>, topic: &Topic<T>, name: &str) -> Option<Arc<dyn AnyHub>> {
        registry.find(name).or_else(|| {
            let is_needed = topic.history_limit() > 0 || registry.wildcards.cover(name);
            is_needed.then(|| Self::find_or_open(registry, name, topic.codec(), None))
        })
    }

    /// The hub as one with messages of type `T`. If it has another type of messages, returns the name of that type.
    pub(crate) fn downcast(hub: Arc<dyn AnyHub>) -> Result<Arc<Self>, &'static str> {
        let any: &dyn Any = &*hub;
        if !any.is::<Self>() {
            return Err(hub.type_name());
        }
        let hub: Arc<dyn Any + Send + Sync> = hub;
        Ok(hub.downcast().unwrap_or_else(|_| unreachable!("the type was checked above")))
    }

    /// Pushes a message directly into the buffers of a topic's listeners, and returns how many there are. If it has to
    /// be queued instead, returns the message and the hub.
    pub(crate) fn push_directly(
        registry: &Registry,
        name: &str,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
    ) -> Result<usize, NotPushed<T>> {
        let (count, deferred) = registry.with_hub(name, |found| {
            let Some(found) = found else { return Err((None, message)) };
            let hub: &dyn Any = &**found;
            let pushed = match hub.downcast_ref::<Self>() {
                Some(hub) if !delivery::is_delivering() => hub.try_push(registry, message, except, keep),
                _ => Err(message),
            };
            pushed.map_err(|message| (Some(Arc::clone(found)), message))
        })?;
        deferred.run();
        Ok(count)
    }

    /// Pushes a message into the buffers if that is possible. No user code runs here, so the caller may hold the lock
    /// of the registry; it runs the deferred work after releasing that.
    fn try_push(
        &self,
        registry: &Registry,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
    ) -> Result<(usize, Deferred<T>), Arc<T>> {
        let mut state = self.state();
        if !state.can_push_directly(registry.wildcards.cover(&self.name)) {
            return Err(message);
        }
        state.published += 1;
        state.history.keep_at_least(keep);
        Ok((state.receivers.count(except), state.push_directly(message, except, 0)))
    }

    /// Queues a message, keeps at least the last `keep` messages as history, and sees to the delivery. Returns the
    /// number of receivers.
    pub(crate) fn publish(
        self: &Arc<Self>,
        registry: &Registry,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
    ) -> Result<usize, Closed<Arc<T>>> {
        self.enqueue(registry, message, except, keep, 0)
    }

    fn enqueue(
        self: &Arc<Self>,
        registry: &Registry,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
        position: u64,
    ) -> Result<usize, Closed<Arc<T>>> {
        let mut state = self.state();
        if state.is_closed {
            return Err(Closed(message));
        }
        state.published += 1;
        state.history.keep_at_least(keep);
        let (wildcards, of_another_type) = registry.wildcards.receivers(&self.name);
        let is_past = self.is_past(position);
        let mut count = if is_past { 0 } else { state.receivers.count(except) };
        for wildcard in wildcards.iter().flatten() {
            count += receivers(&wildcard.receivers, except).count();
        }
        if count == 0 && (is_past || !state.history.is_kept()) {
            if state.queue.is_empty() && !state.is_delivering && !is_past {
                state.position = position;
            }
            let is_unused = self.is_unused(&state);
            // Release the lock before dropping the message, whose destructor is user code.
            drop(state);
            drop(message);
            if is_unused {
                registry.close(&**self);
            }
        } else if state.can_push_directly(wildcards.is_some()) && !delivery::is_delivering() {
            let deferred = state.push_directly(message, except, position);
            drop(state);
            deferred.run();
        } else {
            let became_idle =
                self.stays_for_history(&state) && state.receivers.is_empty() && self.mark_used(registry, &mut state);
            let receivers = if is_past { Arc::default() } else { state.receivers.snapshot() };
            let delivery = Delivery { message, receivers, wildcards, except, position };
            state.queue.push_back(QueueItem::Message(delivery));
            self.deliver_queue(state);
            if became_idle {
                registry.forget_idle();
            }
        }
        if of_another_type > 0 {
            let carries = type_name::<T>();
            registry.refuse(
                &self.name,
                &format_args!("it is a `{carries}`, but a wildcard that covers the topic takes another type"),
            );
        }
        Ok(count)
    }

    /// Adds a subscriber, which first receives the last `history` messages. If the hub is closed, returns `deliver`.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        registry: &Registry,
        subscriber: SubscriberId,
        deliver: Deliver<T>,
        history: usize,
    ) -> Result<Arc<Receiver<T>>, Closed<Deliver<T>>> {
        let mut state = self.state();
        if state.is_closed {
            return Err(Closed(deliver));
        }
        if let Some(stamp) = state.idle_since.take() {
            registry.remove_idle(stamp);
        }
        let owner: Weak<Self> = Arc::downgrade(self);
        let receiver = state.receivers.add(subscriber, owner, deliver);
        if history > 0 {
            state.history.keep_at_least(history);
            state.queue.push_back(QueueItem::Replay(Arc::clone(&receiver), history));
            self.deliver_queue(state);
        }
        Ok(receiver)
    }

    /// Whether it can be removed unnoticed. It cannot while it delivers messages, since those of a new hub of the same
    /// name could overtake them.
    fn is_unused(&self, state: &State<T>) -> bool {
        state.receivers.is_empty()
            && state.queue.is_empty()
            && !state.is_delivering
            && !self.stays_for_history(state)
            && !state.is_closed
    }

    /// Whether it stays without subscribers, for its history. With a transport the message server keeps that.
    fn stays_for_history(&self, state: &State<T>) -> bool {
        state.history.is_kept() && self.positions.is_none()
    }

    /// Records that a topic without subscribers was used just now. Returns true if it has just become idle.
    fn mark_used(&self, registry: &Registry, state: &mut State<T>) -> bool {
        if state.idle_since.is_some() {
            state.last_used = stamp();
            return false;
        }
        state.last_used = registry.add_idle(&self.name);
        state.idle_since = Some(state.last_used);
        true
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No user code runs under this lock, so nothing can panic and poison it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: LocalMessage> Owner<T> for Hub<T> {
    fn remove(&self, receiver: &Receiver<T>) {
        let mut state = self.state();
        let Some(removed) = state.receivers.remove(receiver) else { return };
        let registry = if state.receivers.is_empty() { self.registry.upgrade() } else { None };
        let stays = self.stays_for_history(&state);
        if let Some(registry) = &registry
            && stays
        {
            self.mark_used(registry, &mut state);
        }
        drop(state);
        drop(removed);
        match registry {
            Some(registry) if stays => registry.forget_idle(),
            Some(registry) => registry.close(self),
            None => {}
        }
    }
}

impl<T: LocalMessage> AnyHub for Hub<T> {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_local(&self) -> bool {
        self.codec.is_none()
    }

    fn type_name(&self) -> &'static str {
        type_name::<T>()
    }

    fn info(&self) -> TopicInfo {
        let state = self.state();
        TopicInfo {
            name: self.name.to_string(),
            type_name: type_name::<T>(),
            subscribers: state.receivers.len(),
            published: state.published,
            kept: state.history.len(),
        }
    }

    fn close_if_unused(&self) -> bool {
        let mut state = self.state();
        let is_unused = self.is_unused(&state);
        state.is_closed |= is_unused;
        is_unused
    }

    fn forget(&self, stamp_in_list: u64) -> ForgetOutcome {
        let mut state = self.state();
        if state.idle_since != Some(stamp_in_list) {
            return ForgetOutcome::NotIdle;
        }
        if state.is_delivering || !state.queue.is_empty() {
            state.last_used = stamp();
            state.idle_since = Some(state.last_used);
            return ForgetOutcome::Busy(state.last_used);
        }
        if state.last_used > stamp_in_list {
            state.idle_since = Some(state.last_used);
            return ForgetOutcome::UsedSince(state.last_used);
        }
        state.is_closed = true;
        ForgetOutcome::Closed
    }

    fn receive(self: Arc<Self>, incoming: &mut Incoming<'_>) -> bool {
        self.receive_incoming(incoming)
    }

    fn missed(self: Arc<Self>, missed: Missed) {
        self.enqueue_missed(missed);
    }
}
