//! [`Receivers`]: the list of subscriptions of a topic or a wildcard.

use std::sync::{Arc, Weak};

use crate::address::SubscriberId;
use crate::buffer::Feed;
use crate::receiver::{Deliver, Owner, Receiver};

/// A copy-on-write list of receivers. Deliveries keep a snapshot; adding and removing take constant time unless there
/// is one.
pub(crate) struct Receivers<I> {
    entries: Arc<Vec<Entry<I>>>,
    /// How many of them are callbacks and not buffers.
    callbacks: usize,
}

/// A receiver with its subscriber beside it, so that leaving out the sender need not dereference every receiver.
pub(crate) struct Entry<I> {
    subscriber: SubscriberId,
    receiver: Arc<Receiver<I>>,
}

impl<I> Clone for Entry<I> {
    fn clone(&self) -> Self {
        Self { subscriber: self.subscriber, receiver: Arc::clone(&self.receiver) }
    }
}

impl<I> Default for Receivers<I> {
    fn default() -> Self {
        Self { entries: Arc::default(), callbacks: 0 }
    }
}

impl<I: Send + Sync + 'static> Receivers<I> {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether some receivers are callbacks.
    pub(crate) fn have_callbacks(&self) -> bool {
        self.callbacks > 0
    }

    /// The buffers of those that receive a message.
    pub(crate) fn feeds(&self, except: Option<SubscriberId>) -> impl Iterator<Item = &Feed<I>> {
        receivers(&self.entries, except).filter_map(Receiver::feed)
    }

    /// The list as it is now. A later change copies the list only while a snapshot is alive.
    pub(crate) fn snapshot(&self) -> Arc<Vec<Entry<I>>> {
        Arc::clone(&self.entries)
    }

    /// How many of them receive a message.
    pub(crate) fn count(&self, except: Option<SubscriberId>) -> usize {
        match except {
            None => self.len(),
            Some(_) => receivers(&self.entries, except).count(),
        }
    }

    pub(crate) fn add(
        &mut self,
        subscriber: SubscriberId,
        owner: Weak<dyn Owner<I>>,
        deliver: Deliver<I>,
    ) -> Arc<Receiver<I>> {
        let receiver = Arc::new(Receiver::new(self.len(), owner, deliver));
        self.callbacks += usize::from(receiver.feed().is_none());
        Arc::make_mut(&mut self.entries).push(Entry { subscriber, receiver: Arc::clone(&receiver) });
        receiver
    }

    /// Removes a receiver, if it is still in the list. The caller drops the returned entry after releasing all locks.
    pub(crate) fn remove(&mut self, receiver: &Receiver<I>) -> Option<Entry<I>> {
        let index = receiver.take_index()?;
        self.callbacks -= usize::from(receiver.feed().is_none());
        let entries = Arc::make_mut(&mut self.entries);
        // Constant time however long the list is: only the last entry changes its index.
        let removed = entries.swap_remove(index);
        if let Some(moved) = entries.get(index) {
            moved.receiver.set_index(index);
        }
        if entries.len() < entries.capacity() / 4 {
            entries.shrink_to(entries.len() * 2);
        }
        Some(removed)
    }
}

/// The receivers of a message: all but the subscriber to leave out.
pub(crate) fn receivers<I>(entries: &[Entry<I>], except: Option<SubscriberId>) -> impl Iterator<Item = &Receiver<I>> {
    entries.iter().filter(move |entry| Some(entry.subscriber) != except).map(|entry| &*entry.receiver)
}
