//! [`State`]: what a hub guards by its lock.

use std::collections::VecDeque;
use std::sync::Arc;

use super::history::History;
use crate::address::SubscriberId;
use crate::buffer::Deferred;
use crate::error::Missed;
use crate::message::LocalMessage;
use crate::receiver::Receiver;
use crate::receivers::{Entry, Receivers};
use crate::wildcard_groups::WildcardReceivers;

pub(super) struct State<T> {
    pub(super) receivers: Receivers<T>,
    /// What is to be delivered, in the topic's order.
    pub(super) queue: VecDeque<QueueItem<T>>,
    /// Whether a thread delivers the queue, or has claimed to.
    pub(super) is_delivering: bool,
    /// Whether the first item waits for history from the transport. Nothing is delivered meanwhile.
    pub(super) awaits_history: bool,
    /// How many items the delivering thread has taken since it claimed the delivery.
    pub(super) delivered: usize,
    /// How many publishers wait for `queue_drained`.
    pub(super) waiting_publishers: usize,
    /// How many messages were published.
    pub(super) published: u64,
    pub(super) history: History<T>,
    /// With a transport, the position of the last message that was delivered.
    pub(super) position: u64,
    /// Since which stamp the registry lists it as idle.
    pub(super) idle_since: Option<u64>,
    /// When it was last used while idle.
    pub(super) last_used: u64,
    /// Whether it was removed from the registry. It accepts no more receivers and messages.
    pub(super) is_closed: bool,
}

/// An item of a topic's queue.
pub(super) enum QueueItem<T> {
    Message(Delivery<T>),
    /// A new subscriber, which first receives this many of the last messages.
    Replay(Arc<Receiver<T>>, usize),
    /// The same when the transport could not provide the history: the subscriber is told of the gap, and receives what
    /// is here.
    PartialReplay(Arc<Receiver<T>>, usize),
    /// The notice that messages are missing at this point.
    Missed(Missed, Arc<Vec<Entry<T>>>),
}

/// A queued message and its receivers.
pub(super) struct Delivery<T> {
    pub(super) message: Arc<T>,
    /// The subscriptions at the time when it was queued.
    pub(super) receivers: Arc<Vec<Entry<T>>>,
    /// The subscriptions by wildcard at that time.
    pub(super) wildcards: Option<Box<[WildcardReceivers<T>]>>,
    pub(super) except: Option<SubscriberId>,
    /// Its position, or 0 without a transport.
    pub(super) position: u64,
}

impl<T: LocalMessage> State<T> {
    /// The state of a new topic. With a transport, messages after `opened_at` are for it.
    pub(super) fn new(opened_at: Option<u64>) -> Self {
        Self {
            receivers: Receivers::default(),
            queue: VecDeque::new(),
            is_delivering: false,
            awaits_history: false,
            delivered: 0,
            waiting_publishers: 0,
            published: 0,
            history: if opened_at.is_some() { History::unknown() } else { History::complete() },
            position: opened_at.unwrap_or(0),
            idle_since: None,
            last_used: 0,
            is_closed: false,
        }
    }

    /// Whether a message can be pushed directly into the buffers of all receivers.
    pub(super) fn can_push_directly(&self, has_wildcards: bool) -> bool {
        !has_wildcards
            && !self.is_delivering
            && self.queue.is_empty()
            && !self.receivers.is_empty()
            && !self.receivers.have_callbacks()
    }

    /// Pushes a message into the buffers of all receivers. The caller runs the deferred work after releasing the lock.
    #[inline]
    pub(super) fn push_directly(
        &mut self,
        message: Arc<T>,
        except: Option<SubscriberId>,
        position: u64,
    ) -> Deferred<T> {
        let mut deferred = Deferred::nothing();
        self.position = self.position.max(position);
        if let Some(removed) = self.history.add(&message) {
            deferred.add(None, [removed]);
        }
        let mut feeds = self.receivers.feeds(except);
        let Some(mut feed) = feeds.next() else {
            deferred.add(None, [message]);
            return deferred;
        };
        for next in feeds {
            feed.push(Ok(Arc::clone(&message)), &mut deferred);
            feed = next;
        }
        // The last receiver takes over this reference.
        feed.push(Ok(message), &mut deferred);
        deferred
    }
}
