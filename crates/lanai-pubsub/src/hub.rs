//! [`Hub`]: what is alive of one topic. Its subscribers, and its one order.
//!
//! **Order.** A message gets its place, and the list of those who will receive it, in one step under the topic's lock; so does every
//! change to that list. That is all there is to "one order, exactly once, from the moment of subscribing".
//!
//! **Delivery.** One thread at a time delivers a topic's messages, without the lock. A publisher that finds nobody at it does it
//! itself; one that finds it busy leaves its message in the queue. If the queue gets long the publishers wait, so it
//! stays bounded, and the one who delivers is relieved by one of them, so no thread is kept for good.

use std::any::{Any, type_name};
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, Weak};

use crate::broker::{Registry, TopicInfo};
use crate::delivering::{self, Turn, quietly};
use crate::subscription::{Deliver, Member, SubscriberId};
use crate::sync::{BACKLOG, Condvar, Mutex, MutexGuard};
use crate::topic::Message;

/// The subscribers of a topic and the messages on their way to them.
pub(crate) struct Hub<T> {
    pub(crate) name: Arc<str>,
    registry: Weak<Registry>,
    state: Mutex<State<T>>,
    /// Where publishers wait: for a shorter queue, or for the work of delivering it.
    calmer: Condvar,
}

struct State<T> {
    /// Shared with the deliveries that are addressed to it, and copied only when it changes while there are such.
    members: Arc<Members<T>>,
    /// In the topic's order.
    queue: VecDeque<Delivery<T>>,
    /// Whether a thread is delivering, or has undertaken to.
    busy: bool,
    /// How many messages it has delivered since.
    stint: usize,
    /// How many publishers wait at `calmer`.
    waiting: usize,
    /// How many messages were put in order.
    published: u64,
    /// Whether the hub has left the registry, with its last member. It gets no other.
    closed: bool,
}

type Members<T> = Vec<Seat<T>>;

/// A member, and beside it whose it is, so that leaving out a sender need not look into every member.
struct Seat<T> {
    subscriber: SubscriberId,
    member: Arc<Member<T>>,
}

impl<T> Clone for Seat<T> {
    fn clone(&self) -> Self {
        Self { subscriber: self.subscriber, member: Arc::clone(&self.member) }
    }
}

/// A message in its place in the order.
struct Delivery<T> {
    message: Arc<T>,
    /// Those who were subscribed when it got its place.
    to: Arc<Members<T>>,
    except: Option<SubscriberId>,
}

/// Those of the members who are to have the message.
fn receivers<T>(members: &Members<T>, except: Option<SubscriberId>) -> impl Iterator<Item = &Member<T>> {
    members.iter().filter(move |seat| Some(seat.subscriber) != except).map(|seat| &*seat.member)
}

impl<T: Message> Hub<T> {
    pub(crate) fn new(name: Arc<str>, registry: Weak<Registry>) -> Self {
        Self {
            name,
            registry,
            state: Mutex::new(State {
                members: Arc::default(),
                queue: VecDeque::new(),
                busy: false,
                stint: 0,
                waiting: 0,
                published: 0,
                closed: false,
            }),
            calmer: Condvar::new(),
        }
    }

    /// Puts a message in order and sees to its delivery. Returns how many it is for.
    ///
    /// If the hub was closed since the publisher found it, the message is for nobody, though a new hub of the same name
    /// may have members: it counts as published in the moment between the two.
    pub(crate) fn publish(self: &Arc<Self>, message: Arc<T>, except: Option<SubscriberId>) -> usize {
        let mut state = self.state();
        state.published += 1;
        let count = match except {
            None => state.members.len(),
            Some(_) => receivers(&state.members, except).count(),
        };
        if count == 0 {
            // The lock first: what the message does when dropped is the user's.
            drop(state);
            drop(message);
            return 0;
        }
        let to = Arc::clone(&state.members);
        state.queue.push_back(Delivery { message, to, except });
        if self.undertake(state) {
            delivering::run(Arc::clone(self) as Arc<dyn Turn>);
        }
        count
    }

    /// Whether the caller is to deliver the queue; it may have to wait to learn that.
    fn undertake(&self, mut state: MutexGuard<'_, State<T>>) -> bool {
        // Inside of a delivery there is no waiting: the queue may be this thread's own to shorten.
        while state.busy && state.queue.len() > BACKLOG && !delivering::is_inside() {
            state.waiting += 1;
            state = self.calmer.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        if state.busy || state.queue.is_empty() {
            return false;
        }
        state.busy = true;
        state.stint = 0;
        true
    }

    /// Takes a subscriber up. Gives `deliver` back if the hub is closed.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        subscriber: SubscriberId,
        deliver: Deliver<T>,
    ) -> Result<Arc<Member<T>>, Deliver<T>> {
        let mut state = self.state();
        if state.closed {
            return Err(deliver);
        }
        let seat = state.members.len();
        let member = Arc::new(Member::new(seat, Arc::downgrade(self), deliver));
        Arc::make_mut(&mut state.members).push(Seat { subscriber, member: Arc::clone(&member) });
        Ok(member)
    }

    /// Takes a member out of the list, if it is still there; the last one closes the hub.
    pub(crate) fn remove(&self, member: &Member<T>) {
        let mut state = self.state();
        let Some(seat) = member.leave_seat() else {
            return;
        };
        let members = Arc::make_mut(&mut state.members);
        // Others need not move up, however many there are: only the last one changes its seat.
        let left = members.swap_remove(seat);
        if let Some(moved) = members.get(seat) {
            moved.member.take_seat(seat);
        }
        if members.len() < members.capacity() / 4 {
            members.shrink_to(members.len() * 2);
        }
        let last = members.is_empty();
        drop(state);
        drop(left);
        if last && let Some(registry) = self.registry.upgrade() {
            registry.close(self);
        }
    }

    /// Closes the hub unless someone has subscribed. The caller holds the lock of the part of the registry that the hub is in,
    /// and takes the hub out of it if this is true.
    pub(crate) fn close_if_empty(&self) -> bool {
        let mut state = self.state();
        let closes = state.members.is_empty() && !state.closed;
        state.closed |= closes;
        closes
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing of the user's runs under this lock, so nothing panics there.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Message> Turn for Hub<T> {
    fn deliver_next(&self) -> bool {
        let mut state = self.state();
        if state.stint >= BACKLOG && state.waiting > 0 && !state.queue.is_empty() {
            // Whoever wakes first takes over: a waiter, or a publisher that comes before it does.
            state.busy = false;
            self.calmer.notify_one();
            return false;
        }
        let Some(delivery) = state.queue.pop_front() else {
            state.busy = false;
            return false;
        };
        state.stint += 1;
        if state.waiting > 0 && 2 * state.queue.len() <= BACKLOG {
            self.calmer.notify_all();
        }
        drop(state);
        for member in receivers(&delivery.to, delivery.except) {
            member.deliver(&delivery.message);
        }
        // The last one to hold the message, or a cancelled subscriber, drops it: code of the user's again.
        quietly("dropping a message", || drop(delivery));
        true
    }
}

/// A [`Hub`] of messages of any type.
pub(crate) trait AnyHub: Any + Send + Sync {
    fn type_name(&self) -> &'static str;
    fn info(&self) -> TopicInfo;
}

impl<T: Message> AnyHub for Hub<T> {
    fn type_name(&self) -> &'static str {
        type_name::<T>()
    }

    fn info(&self) -> TopicInfo {
        let state = self.state();
        TopicInfo {
            name: self.name.to_string(),
            type_name: type_name::<T>(),
            subscribers: state.members.len(),
            published: state.published,
        }
    }
}
