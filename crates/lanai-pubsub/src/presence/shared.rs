//! [`Shared`]: what lies between the [`Node`], which knows no clock and no broker, and those who use it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::event::{Event, NodeId, What};
use super::node::{Millis, Node};
use super::on_the_way::OnTheWay;
use super::person::{Change, Entry};
use crate::broker::{Broker, WeakBroker};
use crate::delivering::quietly;
use crate::error::PublishError;
use crate::subscription::{SubscriberId, Subscription};
use crate::topic::Topic;

/// How often a node says that it is there, unless it is set.
const HEARTBEAT: Millis = 5_000;

/// What all handles of a presence share. It belongs to the broker, and does not keep it.
pub(super) struct Shared {
    broker: WeakBroker,
    /// When it began, by a clock that only goes forward, and by the one that the other nodes have too.
    started: Instant,
    started_unix: Millis,
    /// How far the clock of whoever drives this is ahead of the machine's: in tests, time passes faster.
    ahead: AtomicU64,
    ids: AtomicU64,
    subscription: OnceLock<Subscription>,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) node: Node,
    watchers: HashMap<Arc<str>, Arc<Watchers>>,
    /// Whether a thread is putting events into the log: there is one at a time, so that they keep their order.
    is_publishing: bool,
    /// What it has put there, and does not know to be there.
    on_the_way: OnTheWay,
    /// How often the next thing to do has become more urgent.
    alarms: u64,
    /// Of those who wait for that.
    wakers: Vec<Waker>,
}

type Watchers = Vec<(u64, OnChange)>;

/// What is called with changes.
type OnChange = Arc<dyn Fn(&Change) + Send + Sync>;

impl Shared {
    pub(super) fn new(broker: WeakBroker, has_others: bool) -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_unix = unix.as_millis().try_into().unwrap_or(0);
        Self {
            broker,
            started: Instant::now(),
            started_unix,
            ahead: AtomicU64::new(0),
            ids: AtomicU64::new(1),
            subscription: OnceLock::new(),
            state: Mutex::new(State {
                node: Node::new(NodeId::random(), has_others.then_some(HEARTBEAT), started_unix),
                watchers: HashMap::new(),
                is_publishing: false,
                on_the_way: OnTheWay::default(),
                alarms: 0,
                wakers: Vec::new(),
            }),
        }
    }

    /// Begins to read the log, once.
    pub(super) fn subscribe(self: &Arc<Self>, broker: &Broker) {
        self.subscription.get_or_init(|| {
            let shared = Arc::downgrade(self);
            let deliver = move |event: Arc<Event>| {
                if let Some(shared) = Weak::upgrade(&shared) {
                    shared.apply(&event);
                }
            };
            broker
                .subscribe(SubscriberId::new(), log(), deliver)
                .unwrap_or_else(|error| unreachable!("a topic whose type has no other name: {error}"))
        });
        self.publish();
    }

    pub(super) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    fn now(&self) -> Millis {
        let passed: Millis = self.started.elapsed().as_millis().try_into().unwrap_or(Millis::MAX);
        self.started_unix.saturating_add(passed).saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// A sleep that was to end at this time has ended, so it is not earlier, whatever the machine's clock says.
    pub(super) fn reached(&self, time: Millis) {
        self.ahead.fetch_add(time.saturating_sub(self.now()), Ordering::Relaxed);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under this lock, so nothing panics there.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a function called with each change on a topic, and returns who is there.
    pub(super) fn watch(&self, topic: &Arc<str>, id: u64, on_change: OnChange) -> Vec<Entry> {
        let mut state = self.state();
        let watchers = state.watchers.entry(Arc::clone(topic)).or_default();
        Arc::make_mut(watchers).push((id, on_change));
        state.node.people.entries(topic)
    }

    pub(super) fn unwatch(&self, topic: &str, id: u64) {
        let mut state = self.state();
        let Some(watchers) = state.watchers.get_mut(topic) else { return };
        let watchers = Arc::make_mut(watchers);
        let index = watchers.iter().position(|(watcher, _)| *watcher == id);
        let removed = index.map(|index| watchers.remove(index));
        if watchers.is_empty() {
            state.watchers.remove(topic);
        }
        drop(state);
        // What it captured is the user's, and may do anything when dropped.
        drop(removed);
    }

    /// Has the node do something, and publishes what it says about it.
    pub(super) fn with_node<R>(&self, f: impl FnOnce(&mut Node, Millis) -> R) -> R {
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

    /// Puts what the node has to say into the log, as far as there is room. If another thread is at it, that one does
    /// it.
    fn publish(&self) {
        let Some(broker) = self.broker.upgrade() else { return };
        let mut state = self.state();
        if std::mem::replace(&mut state.is_publishing, true) {
            return;
        }
        let before = state.node.next_tick();
        while let Some(event) = state.next_event(self.now()) {
            drop(state);
            let published = broker.publish(log(), event.clone());
            state = self.state();
            match published {
                Ok(receipt) => {
                    state.node.taken(&event);
                    state.on_the_way.add(event, receipt);
                }
                Err(error) => state.not_taken(self.now(), event, &error),
            }
        }
        state.is_publishing = false;
        let mut wakers = state.alarm(before);
        if state.node.has_more() && !state.on_the_way.is_empty() {
            // Whoever lets time pass is to wait for room as well.
            wakers.append(&mut state.wake());
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Takes an event out of the log. The broker calls this for one event at a time.
    fn apply(&self, event: &Event) {
        let now = self.now();
        let mut state = self.state();
        if event.node == state.node.id {
            state.on_the_way.came_back(event.stamp);
        }
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

    /// Does what is due, and says how long and until when there is nothing to do, unless there is an alarm after this one.
    pub(super) fn tick(&self) -> (Duration, Millis, u64) {
        const LONG: Millis = 3_600_000;
        let next = self.with_node(|node, now| node.tick(now));
        let alarms = self.state().alarms;
        let now = self.now();
        let wait = next.map_or(LONG, |next| next.saturating_sub(now)).min(LONG);
        (Duration::from_millis(wait), now + wait, alarms)
    }

    /// Whether there was an alarm after this one, or something has arrived in the log. If not, the task is woken when
    /// there is.
    pub(super) fn is_alarmed(&self, alarm: u64, context: &mut Context<'_>) -> bool {
        let mut state = self.state();
        if state.alarms != alarm || state.on_the_way.is_settled(context) {
            return true;
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        false
    }
}

impl State {
    /// What is to be put into the log next, if there is room.
    fn next_event(&mut self, now: Millis) -> Option<Event> {
        while let Some((event, result)) = self.on_the_way.next_settled() {
            match result {
                Ok(()) => self.node.arrived(),
                Err(error) => {
                    if is_final(&error) {
                        self.refused(&event, &error);
                    }
                    if self.node.lost(now) {
                        quietly("a log", || {
                            tracing::warn!(%error, "what the other nodes were told of who is here is lost; they will be told again");
                        });
                    }
                }
            }
        }
        if self.on_the_way.has_room() { self.node.next_event(now) } else { None }
    }

    fn not_taken(&mut self, now: Millis, event: Event, error: &PublishError) {
        if is_final(error) {
            self.refused(&event, error);
        } else {
            quietly(
                "a log",
                || tracing::debug!(%error, "who is here cannot be told to the other nodes now; they will be told"),
            );
            self.node.has_no_room(now, event);
        }
    }

    fn refused(&mut self, event: &Event, error: &PublishError) {
        let refused = self.node.refused(event);
        quietly("a log", || match (refused, &event.what) {
            (Some(track), _) => tracing::error!(
                topic = &*track.topic,
                key = &*track.key,
                %error,
                "someone who is here is seen by nobody, since what is said about them is refused; say less"
            ),
            // In smaller parts it may be taken.
            (None, What::State { .. } | What::Joined(_)) => {}
            (None, _) => tracing::error!(%error, "the other nodes could not be told that this one is there"),
        });
    }

    /// If the next thing to do comes sooner than it did: those who are to be woken.
    fn alarm(&mut self, before: Option<Millis>) -> Vec<Waker> {
        match (before, self.node.next_tick()) {
            (before, Some(now)) if before.is_none_or(|before| now < before) => self.wake(),
            _ => Vec::new(),
        }
    }

    /// Those who are to be woken.
    fn wake(&mut self) -> Vec<Waker> {
        self.alarms += 1;
        std::mem::take(&mut self.wakers)
    }
}

/// Whether the same event would be refused every time.
fn is_final(error: &PublishError) -> bool {
    matches!(error, PublishError::TooLarge { .. } | PublishError::NotEncodable { .. } | PublishError::TypeMismatch(_))
}

/// The topic that the nodes talk on: no text names it.
pub(super) fn log() -> Topic<Event> {
    Topic::broadcast()
}
