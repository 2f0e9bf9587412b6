//! [`Members`]: the list of those who are subscribed to something.

use std::sync::{Arc, Weak};

use crate::subscription::{Deliver, Home, Member, SubscriberId};

/// A list of members that changes at the cost of a place, and that deliveries hold on to as it was.
pub(crate) struct Members<I>(Arc<Vec<Seat<I>>>);

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
        Self(Arc::default())
    }
}

impl<I: Send + Sync + 'static> Members<I> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list as it is now. It is copied only when it changes while there are such.
    pub(crate) fn snapshot(&self) -> Arc<Vec<Seat<I>>> {
        Arc::clone(&self.0)
    }

    /// How many of them are to have a message.
    pub(crate) fn count(&self, except: Option<SubscriberId>) -> usize {
        match except {
            None => self.len(),
            Some(_) => receivers(&self.0, except).count(),
        }
    }

    pub(crate) fn add(
        &mut self,
        subscriber: SubscriberId,
        home: Weak<dyn Home<I>>,
        deliver: Deliver<I>,
    ) -> Arc<Member<I>> {
        let member = Arc::new(Member::new(self.len(), home, deliver));
        Arc::make_mut(&mut self.0).push(Seat { subscriber, member: Arc::clone(&member) });
        member
    }

    /// Takes a member out, if it is still there; what is returned is to be dropped when no lock is held any more.
    pub(crate) fn remove(&mut self, member: &Member<I>) -> Option<Seat<I>> {
        let seat = member.leave_seat()?;
        let seats = Arc::make_mut(&mut self.0);
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
