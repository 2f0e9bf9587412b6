//! [`Members`]: the list of those who are subscribed to something.

use std::sync::{Arc, Weak};

use crate::listener::Feed;
use crate::subscription::{Deliver, Home, Member, SubscriberId};

/// A list of members that changes at the cost of a place, and that deliveries hold on to as it was.
pub(crate) struct Members<I> {
    seats: Arc<Vec<Seat<I>>>,
    /// How many of them are not listeners, but have to be called.
    calls: usize,
}

/// A member, and beside it whose it is, so that leaving out a sender need not look into every member.
pub(crate) struct Seat<I> {
    subscriber: SubscriberId,
    member: Arc<Member<I>>,
}

impl<I> Clone for Seat<I> {
    fn clone(&self) -> Self {
        Self { subscriber: self.subscriber, member: Arc::clone(&self.member) }
    }
}

impl<I> Default for Members<I> {
    fn default() -> Self {
        Self { seats: Arc::default(), calls: 0 }
    }
}

impl<I: Send + Sync + 'static> Members<I> {
    pub(crate) fn len(&self) -> usize {
        self.seats.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Whether some of them have to be called.
    pub(crate) fn have_calls(&self) -> bool {
        self.calls > 0
    }

    /// The buffers of those who are to have a message and are not called.
    pub(crate) fn feeds(&self, except: Option<SubscriberId>) -> impl Iterator<Item = &Feed<I>> {
        receivers(&self.seats, except).filter_map(Member::feed)
    }

    /// The list as it is now. It is copied only when it changes while there are such.
    pub(crate) fn snapshot(&self) -> Arc<Vec<Seat<I>>> {
        Arc::clone(&self.seats)
    }

    /// How many of them are to have a message.
    pub(crate) fn count(&self, except: Option<SubscriberId>) -> usize {
        match except {
            None => self.len(),
            Some(_) => receivers(&self.seats, except).count(),
        }
    }

    pub(crate) fn add(
        &mut self,
        subscriber: SubscriberId,
        home: Weak<dyn Home<I>>,
        deliver: Deliver<I>,
    ) -> Arc<Member<I>> {
        let member = Arc::new(Member::new(self.len(), home, deliver));
        self.calls += usize::from(member.feed().is_none());
        Arc::make_mut(&mut self.seats).push(Seat { subscriber, member: Arc::clone(&member) });
        member
    }

    /// Takes a member out, if it is still there; what is returned is to be dropped when no lock is held any more.
    pub(crate) fn remove(&mut self, member: &Member<I>) -> Option<Seat<I>> {
        let seat = member.leave_seat()?;
        self.calls -= usize::from(member.feed().is_none());
        let seats = Arc::make_mut(&mut self.seats);
        // Others need not move up, however many there are: only the last one changes its seat.
        let left = seats.swap_remove(seat);
        if let Some(moved) = seats.get(seat) {
            moved.member.take_seat(seat);
        }
        if seats.len() < seats.capacity() / 4 {
            seats.shrink_to(seats.len() * 2);
        }
        Some(left)
    }
}

/// Those who are to have a message.
pub(crate) fn receivers<I>(seats: &[Seat<I>], except: Option<SubscriberId>) -> impl Iterator<Item = &Member<I>> {
    seats.iter().filter(move |seat| Some(seat.subscriber) != except).map(|seat| &*seat.member)
}
