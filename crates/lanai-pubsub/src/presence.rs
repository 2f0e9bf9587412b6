//! Presence: who is here, on which topic, on any node.
//!
//! ```
//! use lanai_pubsub::{Broker, Topic};
//! use lanai_pubsub::presence::Person;
//!
//! const ROOM: Topic<String> = Topic::new("room");
//!
//! let broker = Broker::new();
//! let presence = broker.presence();
//! let ann = presence.track(ROOM.at("lobby"), "Ann", &"reading")?;
//! let ann_in_another_tab = presence.track(ROOM.at("lobby"), "Ann", &"writing")?;
//!
//! let here: Vec<Person<String>> = presence.list(ROOM.at("lobby"));
//! assert_eq!(here.len(), 1);
//! assert_eq!((&*here[0].key, here[0].meta.as_str(), here[0].tabs), ("Ann", "writing", 2));
//!
//! drop(ann);
//! assert_eq!(presence.count(ROOM.at("lobby")), 1);
//! drop(ann_in_another_tab);
//! assert_eq!(presence.count(ROOM.at("lobby")), 0);
//! # Ok::<_, lanai_pubsub::presence::MetaError>(())
//! ```
//!
//! It is a replicated state machine. Who comes and who goes is published as an event on one topic that no text names; every
//! process applies the events in the order of that topic, so all of them see the same joins and leaves. Within one process that
//! is a function call; over an engine that connects processes it is the same events, and signs of life besides.

mod event;
mod meta;
mod node;
mod people;
mod person;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::broker::{Broker, WeakBroker};
use crate::delivering::quietly;
use crate::subscription::{SubscriberId, Subscription};
use crate::topic::Topic;
use event::{Event, NodeId, TrackId};
use node::{Millis, Node};

pub use event::LeaveReason;
pub use meta::{Meta, MetaError};
pub use person::{Change, Entry, Person, Place};

/// The largest key, in bytes.
const LARGEST_KEY: usize = 1024;

impl Broker {
    /// Who is here.
    pub fn presence(&self) -> Presence {
        let shared = self.extension(|| Shared::new(self.downgrade()));
        shared.subscribe(self);
        Presence { _broker: self.clone(), shared }
    }
}

/// Who is here: the handle to the presence of a [`Broker`]. Cloning it is cheap, and all handles of one broker are one presence.
///
/// People are on topics; only the name of a topic counts here, and a topic need not have messages.
///
/// Tracks that linger, and other nodes, need time to pass: [`run`](Self::run) sees to that. (A Lanai `App` does it for its own.)
#[derive(Clone)]
pub struct Presence {
    /// Nobody is here when there is no broker any more.
    _broker: Broker,
    shared: Arc<Shared>,
}

impl Presence {
    /// Has someone be here for as long as the [`Track`] is kept.
    ///
    /// `key` tells people apart: two tracks with one key are one person in two places.
    ///
    /// # Errors
    ///
    /// If the meta is not expressible as JSON, or it or the key is too large.
    pub fn track(
        &self,
        topic: impl TopicName,
        key: impl fmt::Display,
        meta: &impl Serialize,
    ) -> Result<Track, MetaError> {
        let track = self.prepare(topic, key, meta)?;
        track.resume();
        Ok(track)
    }

    /// As [`track`](Self::track), but the person is not here before [`Track::resume`].
    ///
    /// # Errors
    ///
    /// As [`track`](Self::track).
    pub fn prepare(
        &self,
        topic: impl TopicName,
        key: impl fmt::Display,
        meta: &impl Serialize,
    ) -> Result<Track, MetaError> {
        let said = Said::new(key, meta)?;
        let id = self.shared.next_id();
        Ok(Track {
            shared: Arc::clone(&self.shared),
            id,
            topic: topic.topic_name().into(),
            said: Mutex::new(said),
            has_end: AtomicBool::new(false),
        })
    }

    /// All who are on a topic, in order of arrival.
    ///
    /// Someone whose meta is not an `M` is left out, and the log says so.
    pub fn list<M: DeserializeOwned + Send + Sync + 'static>(&self, topic: impl TopicName) -> Vec<Person<M>> {
        let topic = topic.topic_name();
        let entries = self.shared.state().node.people.entries(&topic);
        entries.iter().filter_map(|entry| entry.read(&topic)).collect()
    }

    /// How many people are on a topic, each counted once.
    pub fn count(&self, topic: impl TopicName) -> usize {
        self.shared.state().node.people.count(&topic.topic_name())
    }

    /// How many tracks there are on all topics and nodes: each tab of each person.
    pub fn track_count(&self) -> usize {
        self.shared.state().node.people.tracks()
    }

    /// Has `on_change` called with each change on a topic, for as long as the [`Watch`] is kept, and returns who is there now.
    /// Nothing is missed between the two, and nothing told twice.
    ///
    /// `on_change` is called by the thread that brings the change about, one call at a time. It should put it somewhere and return.
    pub fn watch(
        &self,
        topic: impl TopicName,
        on_change: impl Fn(&Change) + Send + Sync + 'static,
    ) -> (Vec<Entry>, Watch) {
        let topic: Arc<str> = topic.topic_name().into();
        let id = self.shared.next_id();
        let mut state = self.shared.state();
        let watchers = state.watchers.entry(Arc::clone(&topic)).or_default();
        Arc::make_mut(watchers).push((id, Arc::new(on_change)));
        let entries = state.node.people.entries(&topic);
        drop(state);
        (entries, Watch { shared: Arc::downgrade(&self.shared), topic, id })
    }

    /// Lets time pass, until the future is dropped: without it nobody who lingers ever leaves, and other nodes are not looked after.
    ///
    /// `sleep` is that of the runtime:
    ///
    /// ```no_run
    /// # async fn sleep(_: std::time::Duration) {}
    /// # async fn example(broker: lanai_pubsub::Broker) {
    /// broker.presence().run(sleep).await;
    /// # }
    /// ```
    pub async fn run<S: Future>(&self, mut sleep: impl FnMut(Duration) -> S) {
        loop {
            let (wait, alarm) = self.shared.tick();
            let mut slept = pin!(sleep(wait));
            poll_fn(|context| {
                if self.shared.is_alarmed(alarm, context) {
                    Poll::Ready(())
                } else {
                    slept.as_mut().poll(context).map(drop)
                }
            })
            .await;
        }
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("tracks", &self.track_count()).finish_non_exhaustive()
    }
}

/// What names a topic, whatever its messages are: a [`Topic`], a reference to one, or text as for [`Topic::named`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic",
    label = "not a topic",
    note = "a topic is given as a `Topic<T>` or a reference to one, or by name, as `&str` or `String`",
    note = "to make a name from a value, narrow a topic: `TOPIC.at(value)`"
)]
pub trait TopicName {
    /// The name, as [`Topic::name`] has it.
    fn topic_name(&self) -> String;
}

impl<T> TopicName for Topic<T> {
    fn topic_name(&self) -> String {
        self.name().into_owned()
    }
}

impl TopicName for str {
    fn topic_name(&self) -> String {
        Topic::<()>::named(self).topic_name()
    }
}

impl TopicName for String {
    fn topic_name(&self) -> String {
        self.as_str().topic_name()
    }
}

impl<N: TopicName + ?Sized> TopicName for &N {
    fn topic_name(&self) -> String {
        (**self).topic_name()
    }
}

/// Someone who is here, for as long as this value lives.
///
/// Dropping it is [`end`](Self::end) at once, with [`LeaveReason::Untracked`].
#[must_use = "the person leaves when this is dropped"]
pub struct Track {
    shared: Arc<Shared>,
    id: TrackId,
    topic: Arc<str>,
    /// Locked only for moments, and after the lock of `shared`.
    said: Mutex<Said>,
    /// Whether it was ended by [`Track::end`].
    has_end: AtomicBool,
}

/// Who someone is, and what is said about them.
#[derive(Clone)]
struct Said {
    key: Arc<str>,
    meta: Meta,
}

impl Said {
    fn new(key: impl fmt::Display, meta: &impl Serialize) -> Result<Self, MetaError> {
        let key = key.to_string();
        if key.len() > LARGEST_KEY {
            return Err(MetaError::LongKey { size: key.len() });
        }
        Ok(Self { key: key.into(), meta: Meta::new(meta)? })
    }
}

impl Track {
    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Says something else about the person, or that it is someone else. If the track is paused or was not begun yet, this shows
    /// when it is [resumed](Self::resume).
    ///
    /// # Errors
    ///
    /// As [`Presence::track`]; then all is as before.
    pub fn update(&self, key: impl fmt::Display, meta: &impl Serialize) -> Result<(), MetaError> {
        let new = Said::new(key, meta)?;
        self.shared.with_node(|node, now| {
            let mut said = self.said();
            *said = new;
            if node.is_here(self.id) {
                node.put(now, self.id, &self.topic, &said.key, &said.meta);
            }
        });
        Ok(())
    }

    /// The person is here (again). If the track was [paused](Self::pause) and its time is not over, they have never been away.
    pub fn resume(&self) {
        self.has_end.store(false, Ordering::Relaxed);
        self.shared.with_node(|node, now| {
            let said = self.said();
            node.put(now, self.id, &self.topic, &said.key, &said.meta);
        });
    }

    /// Has the person leave after a while, unless the track is [resumed](Self::resume) before.
    pub fn pause(&self, after: Duration, why: LeaveReason) {
        let after = after.as_millis().try_into().unwrap_or(Millis::MAX);
        self.shared.with_node(|node, now| node.leave(now, self.id, after, why));
    }

    /// Has the person leave after a while, also if this value is dropped before. If they come back meanwhile, with this track or
    /// another, they have never been away.
    pub fn end(&self, after: Duration, why: LeaveReason) {
        self.has_end.store(true, Ordering::Relaxed);
        self.pause(after, why);
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        if !self.has_end.load(Ordering::Relaxed) {
            self.pause(Duration::ZERO, LeaveReason::Untracked);
        }
    }
}

impl fmt::Debug for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.said().clone();
        f.debug_struct("Track").field("topic", &self.topic).field("key", &said.key).field("meta", &said.meta).finish()
    }
}

/// What keeps a watcher of a topic, see [`Presence::watch`].
///
/// When it has been dropped, no call begins any more; one that is under way in another thread ends in its own time.
#[must_use = "nobody watches any more when this is dropped"]
pub struct Watch {
    shared: Weak<Shared>,
    topic: Arc<str>,
    id: u64,
}

impl Watch {
    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut state = shared.state();
        let Some(watchers) = state.watchers.get_mut(&self.topic) else { return };
        let watchers = Arc::make_mut(watchers);
        let index = watchers.iter().position(|(id, _)| *id == self.id);
        let removed = index.map(|index| watchers.remove(index));
        if watchers.is_empty() {
            state.watchers.remove(&self.topic);
        }
        drop(state);
        // What it captured is the user's, and may do anything when dropped.
        drop(removed);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// What all handles of a presence share. It belongs to the broker, and does not keep it.
struct Shared {
    broker: WeakBroker,
    /// When it began, by a clock that only goes forward, and by the one that the other nodes have too.
    started: Instant,
    started_unix: Millis,
    ids: AtomicU64,
    subscription: OnceLock<Subscription>,
    state: Mutex<State>,
}

struct State {
    node: Node,
    watchers: HashMap<Arc<str>, Arc<Watchers>>,
    /// Whether a thread is putting events into the log: there is one at a time, so that they keep their order.
    is_publishing: bool,
    /// How often the next thing to do has become more urgent.
    alarms: u64,
    /// Of those who wait for that.
    wakers: Vec<Waker>,
}

type Watchers = Vec<(u64, Arc<dyn Fn(&Change) + Send + Sync>)>;

impl Shared {
    fn new(broker: WeakBroker) -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_unix = unix.as_millis().try_into().unwrap_or(0);
        Self {
            broker,
            started: Instant::now(),
            started_unix,
            ids: AtomicU64::new(1),
            subscription: OnceLock::new(),
            state: Mutex::new(State {
                node: Node::new(NodeId::random(), None, started_unix),
                watchers: HashMap::new(),
                is_publishing: false,
                alarms: 0,
                wakers: Vec::new(),
            }),
        }
    }

    /// Begins to read the log, once.
    fn subscribe(self: &Arc<Self>, broker: &Broker) {
        self.subscription.get_or_init(|| {
            let shared = Arc::downgrade(self);
            let deliver = move |event: Arc<Event>| {
                if let Some(shared) = Weak::upgrade(&shared) {
                    shared.apply(&event);
                }
            };
            broker
                .subscribe(SubscriberId::next(), log(), deliver)
                .unwrap_or_else(|error| unreachable!("a topic whose type has no other name: {error}"))
        });
        self.publish();
    }

    fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    fn now(&self) -> Millis {
        let passed: Millis = self.started.elapsed().as_millis().try_into().unwrap_or(Millis::MAX);
        self.started_unix.saturating_add(passed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under this lock, so nothing panics there.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the node do something, and publishes what it says about it.
    fn with_node<R>(&self, f: impl FnOnce(&mut Node, Millis) -> R) -> R {
        let now = self.now();
        let mut state = self.state();
        let before = state.node.next_tick();
        let result = f(&mut state.node, now);
        let wakers = state.alarm(before);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        self.publish();
        result
    }

    /// Puts what the node has to say into the log. If another thread is at it, that one does it.
    fn publish(&self) {
        let Some(broker) = self.broker.upgrade() else { return };
        let mut state = self.state();
        if std::mem::replace(&mut state.is_publishing, true) {
            return;
        }
        while let Some(event) = state.node.next_event() {
            drop(state);
            let published = broker.publish(log(), event.clone());
            state = self.state();
            if let Err(error) = published {
                tracing::warn!(%error, "who is here could not be told to the other nodes; it will be tried again");
                let now = self.now();
                let before = state.node.next_tick();
                state.node.failed(now, &event);
                let wakers = state.alarm(before);
                wakers.into_iter().for_each(Waker::wake);
            }
        }
        state.is_publishing = false;
    }

    /// Takes an event out of the log. The broker calls this for one event at a time.
    fn apply(&self, event: &Event) {
        let now = self.now();
        let mut state = self.state();
        let changes = state.node.apply(now, event);
        let told: Vec<(Arc<Watchers>, Change)> = changes
            .into_iter()
            .filter_map(|(topic, change)| Some((Arc::clone(state.watchers.get(&topic)?), change)))
            .collect();
        drop(state);
        for (watchers, change) in told {
            for (_, on_change) in watchers.iter() {
                quietly("a watcher of who is here", || on_change(&change));
            }
            quietly("the end of a watcher", || drop(watchers));
        }
        self.publish();
    }

    /// Lets time pass, and says how long there is nothing to do, unless there is an alarm after this one.
    fn tick(&self) -> (Duration, u64) {
        const LONG: Duration = Duration::from_secs(3600);
        let next = self.with_node(|node, now| node.tick(now));
        let alarms = self.state().alarms;
        let wait = next.map_or(LONG, |next| Duration::from_millis(next.saturating_sub(self.now())));
        (wait.min(LONG), alarms)
    }

    /// Whether there was an alarm after this one. If not, the task is woken when there is.
    fn is_alarmed(&self, alarm: u64, context: &mut Context<'_>) -> bool {
        let mut state = self.state();
        if state.alarms != alarm {
            return true;
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        false
    }
}

impl State {
    /// If the next thing to do comes sooner than it did: those who are to be woken.
    fn alarm(&mut self, before: Option<Millis>) -> Vec<Waker> {
        match (before, self.node.next_tick()) {
            (before, Some(now)) if before.is_none_or(|before| now < before) => {
                self.alarms += 1;
                std::mem::take(&mut self.wakers)
            }
            _ => Vec::new(),
        }
    }
}

/// The topic that the nodes talk on: no text names it.
fn log() -> Topic<Event> {
    Topic::broadcast()
}
