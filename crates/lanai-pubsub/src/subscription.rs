//! [`Subscription`]: the guard that keeps a subscriber on a topic.

use std::fmt;
use std::sync::{Arc, PoisonError, TryLockError, Weak};

use crate::address::{Address, Node};
use crate::delivering::{self, quietly};
use crate::error::Missed;
use crate::listener::{Feed, Left};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Who subscribes: a number that no one else has in this process.
///
/// A subscriber may have any number of subscriptions, to one topic and to many. The broker needs to know whose they are for
/// [`publish_to_others`](crate::Broker::publish_to_others).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriberId(pub(crate) u64);

impl SubscriberId {
    /// An identifier that was never given out before in this process.
    #[expect(clippy::new_without_default, reason = "each is different: there is no default")]
    pub fn new() -> Self {
        // std's on purpose, in the model tests too: only uniqueness is asked of it.
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        Self(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// Its name in every process: what [`Topic::instance`](crate::Topic::instance) takes.
    pub fn address(self) -> Address {
        Address { node: Node::this(), subscriber: self.0 }
    }
}

/// A subscription, for as long as this value lives.
///
/// Dropping it is [`cancel`](Self::cancel).
#[must_use = "a subscription ends when it is dropped"]
pub struct Subscription {
    // Weak: the topic owns its members, so what a subscriber captured goes when its broker does.
    member: Weak<dyn Cancel>,
}

impl Subscription {
    pub(crate) fn new<I: Send + Sync + 'static>(member: &Arc<Member<I>>) -> Self {
        let member: Weak<Member<I>> = Arc::downgrade(member);
        Self { member }
    }

    /// Ends the subscription.
    ///
    /// When this returns, `deliver` is not running, will not be called again, and has been dropped. To make this true
    /// it waits for a call of `deliver` that is under way in another thread, and so must not be called with a lock held that
    /// `deliver` takes.
    ///
    /// There is one exception, since two deliveries that waited for each other would never end: called *from within* a `deliver`
    /// (its own or any other), it does not wait. No call begins afterwards; one that is under way ends in its own time.
    ///
    /// Ending it again does nothing.
    pub fn cancel(&self) {
        if let Some(member) = self.member.upgrade() {
            member.cancel();
        }
    }

    /// Whether messages may still come: until [`cancel`](Self::cancel), or until the last handle of the broker is gone.
    pub fn is_active(&self) -> bool {
        self.member.upgrade().is_some_and(|member| member.is_active())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("active", &self.is_active()).finish()
    }
}

/// A [`Member`] of a topic of any type.
trait Cancel: Send + Sync {
    fn cancel(&self);
    fn is_active(&self) -> bool;
}

/// The seat of a member that has left.
const NOWHERE: usize = usize::MAX;

/// What a subscriber does with a message, or with the news that there were some that it does not get.
pub(crate) enum Deliver<I> {
    Call(Call<I>),
    /// Keeps it for a [`Listener`](crate::Listener). That runs none of the user's code, so it can be done under a
    /// topic's lock.
    Buffer(Feed<I>),
}

pub(crate) type Call<I> = Box<dyn Fn(Result<Arc<I>, Missed>) + Send + Sync>;

/// A [`Deliver`] that can be ended.
enum Handler<I> {
    /// Locked while it is called, which is how `cancel` waits for it. Empty after `cancel`, so that what it captured is
    /// free.
    Call(Mutex<Option<Call<I>>>),
    Buffer(Feed<I>),
}

/// What has members.
pub(crate) trait Home<I>: Send + Sync {
    /// Takes a member out of the list, if it is still there.
    fn remove(&self, member: &Member<I>);
}

/// One subscription, as what is subscribed to holds it.
pub(crate) struct Member<I> {
    /// Where it is in the list of its home, or [`NOWHERE`]. Read and written only under the home's lock, which does the ordering.
    seat: AtomicUsize,
    home: Weak<dyn Home<I>>,
    /// Read before each delivery. Only a `cancel` that may not wait needs it; the others empty the handler.
    cancelled: AtomicBool,
    handler: Handler<I>,
}

impl<I> Member<I> {
    pub(crate) fn new(seat: usize, home: Weak<dyn Home<I>>, deliver: Deliver<I>) -> Self {
        Self {
            seat: AtomicUsize::new(seat),
            home,
            cancelled: AtomicBool::new(false),
            handler: match deliver {
                Deliver::Call(call) => Handler::Call(Mutex::new(Some(call))),
                Deliver::Buffer(feed) => Handler::Buffer(feed),
            },
        }
    }

    /// Where its messages are kept, if they are.
    pub(crate) fn feed(&self) -> Option<&Feed<I>> {
        match &self.handler {
            Handler::Call(_) => None,
            Handler::Buffer(feed) => Some(feed),
        }
    }

    pub(crate) fn take_seat(&self, seat: usize) {
        self.seat.store(seat, Ordering::Relaxed);
    }

    /// Where it was in the list, if it still was.
    pub(crate) fn leave_seat(&self) -> Option<usize> {
        let seat = self.seat.swap(NOWHERE, Ordering::Relaxed);
        (seat != NOWHERE).then_some(seat)
    }

    /// Whether it still wants messages.
    pub(crate) fn is_active(&self) -> bool {
        !self.cancelled.load(Ordering::Acquire)
    }

    /// Hands it the message. A panic ends with the call: it is reported, and the next message comes as usual.
    pub(crate) fn deliver(&self, message: Result<&Arc<I>, Missed>) {
        match &self.handler {
            Handler::Call(call) => {
                let call = call.lock().unwrap_or_else(PoisonError::into_inner);
                if self.cancelled.load(Ordering::Acquire) {
                    return;
                }
                if let Some(call) = &*call {
                    quietly("a subscriber", || call(message.map(Arc::clone)));
                }
            }
            Handler::Buffer(feed) => {
                let mut left = Left::nothing();
                feed.push(message.map(Arc::clone), &mut left);
                left.finish();
            }
        }
    }
}

impl<I: Send + Sync> Cancel for Member<I> {
    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        if let Some(home) = self.home.upgrade() {
            home.remove(self);
        }
        let handler = match &self.handler {
            Handler::Call(handler) => handler,
            Handler::Buffer(feed) => return feed.end(),
        };
        let call = if delivering::is_inside() {
            match handler.try_lock() {
                Ok(mut call) => call.take(),
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
                // It is running, perhaps in this very thread further up. It goes with the member, which nothing else keeps.
                Err(TryLockError::WouldBlock) => None,
            }
        } else {
            handler.lock().unwrap_or_else(PoisonError::into_inner).take()
        };
        // What it captured is the user's, and may do anything when dropped: all locks are free again.
        drop(call);
    }

    fn is_active(&self) -> bool {
        self.is_active()
    }
}
