//! [`Hub`]: what is alive of one topic. Its subscribers, its history, and its one order.
//!
//! **Order.** A message gets its place, and the list of those who will receive it, in one step under the topic's lock; so does every
//! change to that list. That is all there is to "one order, exactly once, from the moment of subscribing".
//!
//! **History.** Who wants the past gets a place in the same queue. A message enters the history when its turn to be delivered
//! comes, so when the turn of a new subscriber comes, the history holds what is before it, and what is behind it is addressed
//! to it: no gap, and nothing twice. If the engine has to be asked for the past, the queue is held until it has answered.
//!
//! **Delivery.** One thread at a time delivers a topic's messages, without the lock. A publisher that finds nobody at it does it
//! itself; one that finds it busy leaves its message in the queue. If the queue gets long the publishers wait, so it
//! stays bounded, and the one who delivers is relieved by one of them, so no thread is kept for good.
//!
//! Where all subscribers are listeners and nothing is in the queue, a message goes straight into their buffers, under
//! the lock: none of the user's code runs there, and the order is that of the lock.

use std::any::{Any, type_name};
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, Weak};

use crate::broker::TopicInfo;
use crate::delivering::{self, Turn, quietly};
use crate::engine::{Arrival, Recorded};
use crate::error::Missed;
use crate::history::History;
use crate::listener::Left;
use crate::members::{Members, Seat, receivers};
use crate::message::{Codec, LocalMessage};
use crate::name;
use crate::registry::{Registry, stamp};
use crate::subscription::{Deliver, Home, Member, SubscriberId};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{BACKLOG, Condvar, Mutex, MutexGuard};
use crate::transport::HistoryRequest;
use crate::watching::Watchers;
use crate::wildcard::Routed;

/// The subscribers of a topic and the messages on their way to them.
pub(crate) struct Hub<T> {
    pub(crate) name: Arc<str>,
    registry: Weak<Registry>,
    /// How its messages are written down, if they are ever.
    codec: Option<Codec<T>>,
    /// How far its messages are, if an engine puts them in order.
    reach: Option<Reach>,
    state: Mutex<State<T>>,
    /// Where publishers wait: for a shorter queue, or for the work of delivering it.
    calmer: Condvar,
}

/// How far a topic is whose messages come from an engine.
struct Reach {
    /// Up to this position they were published before the topic was opened: the past for its subscribers. They may
    /// still be due to who watches it by wildcard.
    past: u64,
    /// The position of the last one that came here.
    arrived: AtomicU64,
}

struct State<T> {
    members: Members<T>,
    /// In the topic's order.
    queue: VecDeque<Entry<T>>,
    /// Whether a thread is delivering, or has undertaken to.
    busy: bool,
    /// Whether the first in the queue waits for the engine's answer. Nobody delivers meanwhile.
    held: bool,
    /// How many messages it has delivered since.
    stint: usize,
    /// How many publishers wait at `calmer`.
    waiting: usize,
    /// How many messages were put in order.
    published: u64,
    history: History<T>,
    /// The position of the last message whose turn has come, if an engine gives positions.
    position: u64,
    /// Under which stamp it is on the list of idle topics, and when it was last of use.
    idle: Option<u64>,
    touched: u64,
    /// Whether the hub has left the registry. It gets no members and no messages any more.
    closed: bool,
}

impl<T: LocalMessage> State<T> {
    /// Whether a message may go straight to the subscribers.
    fn can_hand_over(&self, watched: bool) -> bool {
        !watched && !self.busy && self.queue.is_empty() && !self.members.is_empty() && !self.members.have_calls()
    }

    /// Puts a message into the buffers of the subscribers. What is left to do is for the caller to do, without the
    /// lock.
    #[inline]
    fn hand_over(&mut self, message: Arc<T>, except: Option<SubscriberId>, position: u64) -> Left<T> {
        let mut left = Left::nothing();
        self.position = self.position.max(position);
        if let Some(forgotten) = self.history.add(&message) {
            left.leave(None, [forgotten]);
        }
        let mut feeds = self.members.feeds(except);
        let Some(mut feed) = feeds.next() else {
            left.leave(None, [message]);
            return left;
        };
        for next in feeds {
            feed.push(Ok(Arc::clone(&message)), &mut left);
            feed = next;
        }
        // The last one gets the message itself.
        feed.push(Ok(message), &mut left);
        left
    }
}

/// Something in its place in the order.
enum Entry<T> {
    Message(Delivery<T>),
    /// A new subscriber, which is to be handed so many of the messages before it.
    Join(Arc<Member<T>>, usize),
    /// The same, when the engine could not tell what was before: it is told so, and handed what there is.
    Cut(Arc<Member<T>>, usize),
    /// Messages are missing here.
    Missed(Missed, Arc<Vec<Seat<T>>>),
}

struct Delivery<T> {
    message: Arc<T>,
    /// Those who were subscribed when it got its place.
    to: Arc<Vec<Seat<T>>>,
    /// Those who watched it by wildcard.
    watchers: Option<Box<[Watchers<T>]>>,
    except: Option<SubscriberId>,
    /// Its position with the engine, or 0.
    position: u64,
}

/// A hub was closed: there may be another one of that name by now.
pub(crate) struct Closed<M>(pub(crate) M);

impl<T: LocalMessage> Hub<T> {
    pub(crate) fn new(name: Arc<str>, registry: Weak<Registry>, codec: Option<Codec<T>>, past: Option<u64>) -> Self {
        Self {
            name,
            registry,
            codec,
            reach: past.map(|past| Reach { past, arrived: AtomicU64::new(0) }),
            state: Mutex::new(State {
                members: Members::default(),
                queue: VecDeque::new(),
                busy: false,
                held: false,
                stint: 0,
                waiting: 0,
                published: 0,
                history: if past.is_some() { History::of_engine() } else { History::whole() },
                position: past.unwrap_or(0),
                idle: None,
                touched: 0,
                closed: false,
            }),
            calmer: Condvar::new(),
        }
    }

    /// Puts a message in order, with `keep` or more of the last ones kept, and sees to its delivery. Returns how many it is for.
    pub(crate) fn publish(
        self: &Arc<Self>,
        registry: &Registry,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
    ) -> Result<usize, Closed<Arc<T>>> {
        self.place(registry, message, except, keep, 0)
    }

    /// Puts a message in order, if it can go straight into the buffers of listeners. None of the user's code runs here,
    /// so the caller may hold the lock of the registry. Returns how many it is for, and what the caller is to finish.
    pub(crate) fn hand_over(
        &self,
        registry: &Registry,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
    ) -> Result<(usize, Left<T>), Arc<T>> {
        let mut state = self.state();
        if !state.can_hand_over(registry.watching.watches(&self.name)) {
            return Err(message);
        }
        state.published += 1;
        state.history.keep_at_least(keep);
        Ok((state.members.count(except), state.hand_over(message, except, 0)))
    }

    fn place(
        self: &Arc<Self>,
        registry: &Registry,
        message: Arc<T>,
        except: Option<SubscriberId>,
        keep: usize,
        position: u64,
    ) -> Result<usize, Closed<Arc<T>>> {
        let mut state = self.state();
        if state.closed {
            return Err(Closed(message));
        }
        state.published += 1;
        state.history.keep_at_least(keep);
        let (watchers, of_another_type) = registry.watching.watchers(&self.name);
        let is_past = self.is_past(position);
        let mut count = if is_past { 0 } else { state.members.count(except) };
        for watchers in watchers.iter().flatten() {
            count += receivers(&watchers.seats, except).count();
        }
        if count == 0 && (is_past || !state.history.is_kept()) {
            if state.queue.is_empty() && !state.busy && !is_past {
                state.position = position;
            }
            let useless = self.is_useless(&state);
            // The lock first: what the message does when dropped is the user's.
            drop(state);
            drop(message);
            if useless {
                registry.close(self);
            }
        } else if state.can_hand_over(watchers.is_some()) && !delivering::is_inside() {
            let left = state.hand_over(message, except, position);
            drop(state);
            left.finish();
        } else {
            let idle_now = self.outlives(&state) && state.members.is_empty() && self.is_of_use(registry, &mut state);
            let to = if is_past { Arc::default() } else { state.members.snapshot() };
            state.queue.push_back(Entry::Message(Delivery { message, to, watchers, except, position }));
            if self.undertake(state) {
                delivering::run(Arc::clone(self) as Arc<dyn Turn>);
            }
            if idle_now {
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

    /// Whether the caller is to deliver the queue; it may have to wait to learn that.
    fn undertake(&self, mut state: MutexGuard<'_, State<T>>) -> bool {
        // Inside of a delivery there is no waiting: the queue may be this thread's own to shorten.
        while state.busy && state.queue.len() > BACKLOG && !delivering::is_inside() {
            state.waiting += 1;
            state = self.calmer.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        if state.busy || state.held || state.queue.is_empty() {
            return false;
        }
        state.busy = true;
        state.stint = 0;
        true
    }

    /// Takes a subscriber up, to be handed the last messages first, if it wants any. Gives `deliver` back if the hub is closed.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        registry: &Registry,
        subscriber: SubscriberId,
        deliver: Deliver<T>,
        last: usize,
    ) -> Result<Arc<Member<T>>, Closed<Deliver<T>>> {
        let mut state = self.state();
        if state.closed {
            return Err(Closed(deliver));
        }
        if let Some(stamp) = state.idle.take() {
            registry.is_busy_again(stamp);
        }
        let home: Weak<Self> = Arc::downgrade(self);
        let member = state.members.add(subscriber, home, deliver);
        if last > 0 {
            state.history.keep_at_least(last);
            state.queue.push_back(Entry::Join(Arc::clone(&member), last));
            if self.undertake(state) {
                delivering::run(Arc::clone(self) as Arc<dyn Turn>);
            }
        }
        Ok(member)
    }

    /// Closes the hub if it is of no use. The caller holds the lock of the part of the registry that the hub is in, and takes the
    /// hub out of it if this is true.
    pub(crate) fn close_if_useless(&self) -> bool {
        let mut state = self.state();
        let closes = self.is_useless(&state);
        state.closed |= closes;
        closes
    }

    /// Whether nobody would notice if it were gone. While messages are being delivered it is of use: those of the next hub of that
    /// name must not overtake them.
    fn is_useless(&self, state: &State<T>) -> bool {
        state.members.is_empty() && state.queue.is_empty() && !state.busy && !self.outlives(state) && !state.closed
    }

    /// Whether it stays, for its history, when nobody is subscribed. What an engine keeps need not be kept here.
    fn outlives(&self, state: &State<T>) -> bool {
        state.history.is_kept() && self.reach.is_none()
    }

    /// Whether a message at a position is none for the topic's subscribers, since it was published before any of them
    /// came.
    fn is_past(&self, position: u64) -> bool {
        self.reach.as_ref().is_some_and(|reach| position <= reach.past)
    }

    /// Notes that a topic without subscribers was of use just now. True if it has just become one.
    fn is_of_use(&self, registry: &Registry, state: &mut State<T>) -> bool {
        if state.idle.is_some() {
            state.touched = stamp();
            return false;
        }
        state.touched = registry.becomes_idle(&self.name);
        state.idle = Some(state.touched);
        true
    }

    /// Takes what the engine has of the past, or its failure, and goes on with the queue.
    fn recalled(self: &Arc<Self>, registry: &Registry, count: usize, recorded: Option<&[Recorded<'_>]>) {
        let messages: Option<VecDeque<Arc<T>>> = recorded.map(|recorded| {
            recorded.iter().filter_map(|recorded| self.read(registry, recorded.type_name, recorded.payload)).collect()
        });
        let mut state = self.state();
        if !std::mem::take(&mut state.held) {
            return;
        }
        let forgotten = match messages {
            Some(messages) => state.history.replace(messages, count),
            None => {
                if let Some(Entry::Join(member, last)) = state.queue.pop_front() {
                    state.queue.push_front(Entry::Cut(member, last));
                }
                VecDeque::new()
            }
        };
        if self.undertake(state) {
            delivering::run(Arc::clone(self) as Arc<dyn Turn>);
        }
        quietly("dropping a message", || drop(forgotten));
    }

    /// Reads a message that was written down. What cannot be read is refused: logged and counted.
    fn read(&self, registry: &Registry, carries: &str, payload: &[u8]) -> Option<Arc<T>> {
        let takes = type_name::<T>();
        let Some(codec) = &self.codec else {
            registry.refuse(&self.name, &"it came from another process, but the topic is local");
            return None;
        };
        if carries != takes {
            registry.refuse(
                &self.name,
                &format_args!("it is a `{carries}`, but the subscribers here take `{takes}`; use one type per topic, or another name"),
            );
            return None;
        }
        let mut read = Err("reading it panicked".to_owned());
        quietly("reading a message", || read = (codec.decode)(payload));
        match read {
            Ok(message) => Some(Arc::new(message)),
            Err(error) => {
                registry.refuse(
                    &self.name,
                    &format_args!(
                        "it cannot be read as `{takes}`: {error}; is another version of the program running? Give new fields \
                         `#[serde(default)]`"
                    ),
                );
                None
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing of the user's runs under this lock, so nothing panics there.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: LocalMessage> Home<T> for Hub<T> {
    fn remove(&self, member: &Member<T>) {
        let mut state = self.state();
        let Some(left) = state.members.remove(member) else { return };
        let registry = if state.members.is_empty() { self.registry.upgrade() } else { None };
        let outlives = self.outlives(&state);
        if let Some(registry) = &registry
            && outlives
        {
            self.is_of_use(registry, &mut state);
        }
        drop(state);
        drop(left);
        match registry {
            Some(registry) if outlives => registry.forget_idle(),
            Some(registry) => registry.close(self),
            None => {}
        }
    }
}

impl<T: LocalMessage> Turn for Hub<T> {
    fn deliver_next(&self) -> bool {
        let mut state = self.state();
        if state.stint >= BACKLOG && state.waiting > 0 && !state.queue.is_empty() {
            // Whoever wakes first takes over: a waiter, or a publisher that comes before it does.
            state.busy = false;
            self.calmer.notify_one();
            return false;
        }
        let Some(entry) = state.queue.pop_front() else {
            state.busy = false;
            let useless = self.is_useless(&state);
            drop(state);
            if useless && let Some(registry) = self.registry.upgrade() {
                registry.close(self);
            }
            return false;
        };
        state.stint += 1;
        if state.waiting > 0 && 2 * state.queue.len() <= BACKLOG {
            self.calmer.notify_all();
        }
        match entry {
            Entry::Message(delivery) => {
                state.position = state.position.max(delivery.position);
                // What is the past is there already, or with the engine.
                let is_past = self.is_past(delivery.position);
                let forgotten = if is_past { None } else { state.history.add(&delivery.message) };
                drop(state);
                self.deliver(&delivery);
                // The last one to hold the message, or a cancelled subscriber, drops it: code of the user's again.
                quietly("dropping a message", || drop((delivery, forgotten)));
            }
            Entry::Join(member, last) => match state.history.last(last) {
                Some(messages) => {
                    drop(state);
                    hand_over(&member, messages);
                }
                None => {
                    let asker = Arc::downgrade(&member);
                    state.queue.push_front(Entry::Join(member, last));
                    state.held = true;
                    state.busy = false;
                    self.calmer.notify_all();
                    self.recall(asker, last, state);
                    return false;
                }
            },
            Entry::Cut(member, last) => {
                let messages = state.history.at_hand(last);
                drop(state);
                member.deliver(Err(Missed::new(u64::MAX)));
                hand_over(&member, messages);
            }
            Entry::Missed(missed, to) => {
                let forgotten = state.history.replace(VecDeque::new(), 0);
                drop(state);
                for member in receivers(&to, None) {
                    member.deliver(Err(missed));
                }
                quietly("dropping a message", || drop((to, forgotten)));
            }
        }
        true
    }
}

fn hand_over<T>(member: &Member<T>, messages: Vec<Arc<T>>) {
    for message in &messages {
        member.deliver(Ok(message));
    }
    quietly("dropping a message", || drop(messages));
}

impl<T: LocalMessage> Hub<T> {
    fn deliver(&self, delivery: &Delivery<T>) {
        for member in receivers(&delivery.to, delivery.except) {
            member.deliver(Ok(&delivery.message));
        }
        for watchers in delivery.watchers.iter().flatten() {
            let path = self.name[watchers.path..].split(name::SEPARATOR).map(name::text).collect();
            let at = Arc::new(Routed::new(path, Arc::clone(&delivery.message)));
            for member in receivers(&watchers.seats, delivery.except) {
                member.deliver(Ok(&at));
            }
            quietly("dropping a message", || drop(at));
        }
    }

    /// Asks the engine for the last messages before what is in the queue.
    fn recall(&self, asker: Weak<Member<T>>, last: usize, state: MutexGuard<'_, State<T>>) {
        let up_to = state.position;
        drop(state);
        let Some(registry) = self.registry.upgrade() else { return };
        let Some(engine) = &registry.engine else { return };
        let (back, name) = (Arc::downgrade(&registry), Arc::clone(&self.name));
        let is_wanted = move || asker.upgrade().is_some_and(|asker| asker.is_active());
        let reply = move |recorded: Option<&[Recorded<'_>]>| {
            let Some(registry) = back.upgrade() else { return };
            let hub: Option<Arc<dyn Any + Send + Sync>> = registry.find(&name).map(|hub| hub as _);
            if let Some(hub) = hub.and_then(|hub| hub.downcast::<Self>().ok()) {
                hub.recalled(&registry, last, recorded);
            }
        };
        engine.transport().history(HistoryRequest::new(Arc::clone(&self.name), last, up_to, is_wanted, reply));
    }
}

/// What became of a topic whose turn to be forgotten had come.
pub(crate) enum Forgetting {
    /// It is closed.
    Done,
    /// It was of use since: its turn comes as if it had become idle then.
    Later(u64),
    /// The same, and it is of use this very moment.
    Busy(u64),
    /// It has subscribers again.
    NotIdle,
}

/// A [`Hub`] of messages of any type.
pub(crate) trait AnyHub: Any + Send + Sync {
    fn name(&self) -> &str;
    /// Whether its messages never leave the process, be there an engine or not.
    fn is_local(&self) -> bool;
    fn type_name(&self) -> &'static str;
    fn info(&self) -> TopicInfo;
    /// Closes the hub if it is idle since `stamp`. The caller takes it out of the registry then, whose lock it holds.
    fn forget(&self, stamp: u64) -> Forgetting;
    /// Takes a message from the engine. False if the hub is closed.
    fn arrive(self: Arc<Self>, registry: &Registry, arrival: &mut Arrival<'_>) -> bool;
    /// Notes that the engine no longer has messages that were due here.
    fn missed(self: Arc<Self>, missed: Missed);
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
            subscribers: state.members.len(),
            published: state.published,
            kept: state.history.len(),
        }
    }

    fn forget(&self, stamp_on_list: u64) -> Forgetting {
        let mut state = self.state();
        if state.idle != Some(stamp_on_list) {
            return Forgetting::NotIdle;
        }
        if state.busy || !state.queue.is_empty() {
            state.touched = stamp();
            state.idle = Some(state.touched);
            return Forgetting::Busy(state.touched);
        }
        if state.touched > stamp_on_list {
            state.idle = Some(state.touched);
            return Forgetting::Later(state.touched);
        }
        state.closed = true;
        Forgetting::Done
    }

    fn arrive(self: Arc<Self>, registry: &Registry, arrival: &mut Arrival<'_>) -> bool {
        let Some(reach) = &self.reach else {
            registry.refuse(&self.name, &"it came from another process, but the topic is local");
            return true;
        };
        let mut state = self.state();
        if state.closed {
            return false;
        }
        if reach.arrived.fetch_max(arrival.position, Ordering::Relaxed) >= arrival.position {
            return true;
        }
        let is_past = self.is_past(arrival.position);
        let wanted = !state.members.is_empty() || !state.queue.is_empty() || state.busy || state.history.is_kept();
        if (is_past || !wanted) && !registry.watching.watches(&self.name) {
            // Who comes next and wants the past wants this one too.
            state.position = state.position.max(arrival.position);
            return true;
        }
        drop(state);
        let own = arrival.own.take().and_then(|own| own.downcast::<T>().ok());
        let Some(message) = own.or_else(|| self.read(registry, arrival.recorded.type_name, arrival.recorded.payload))
        else {
            return true;
        };
        match self.place(registry, message, arrival.except, 0, arrival.position) {
            Ok(_) => true,
            Err(Closed(message)) => {
                // For the hub that comes next.
                arrival.own = Some(message);
                false
            }
        }
    }

    fn missed(self: Arc<Self>, missed: Missed) {
        if self.reach.is_none() {
            return;
        }
        let mut state = self.state();
        if state.members.is_empty() {
            return;
        }
        let to = state.members.snapshot();
        state.queue.push_back(Entry::Missed(missed, to));
        if self.undertake(state) {
            delivering::run(self as Arc<dyn Turn>);
        }
    }
}
