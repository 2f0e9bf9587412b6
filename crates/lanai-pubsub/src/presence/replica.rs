//! [`Replica`]: connects a [`Node`], which has neither a clock nor a broker, to both and to its users.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::event::{Event, EventKind, Millis, NodeId};
use super::in_flight::InFlight;
use super::node::Node;
use super::person::{Change, Entry};
use crate::address::SubscriberId;
use crate::broker::{Broker, WeakBroker};
use crate::delivery::catch_panic;
use crate::error::PublishError;
use crate::subscription::Subscription;
use crate::topic::Topic;

/// The default heartbeat interval.
const HEARTBEAT: Millis = 5_000;

/// What all handles of a presence share. The broker owns it; it does not keep the broker alive.
pub(super) struct Replica {
    broker: WeakBroker,
    /// When it was created: by a monotonic clock, and by the system clock, which all nodes have in common.
    started: Instant,
    started_unix: Millis,
    /// How far the clock of the runtime is ahead of the system's: in tests, it may be virtual.
    ahead: AtomicU64,
    ids: AtomicU64,
    subscription: OnceLock<Subscription>,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) node: Node,
    watchers: HashMap<Arc<str>, Arc<Watchers>>,
    /// Whether a thread is publishing. There is only one at a time, so that events keep their order.
    is_publishing: bool,
    /// The published events that are not known to be stored.
    in_flight: InFlight,
    /// How often the deadline of the next tick has moved forward.
    deadline_changes: u64,
    /// The tasks that wait for such a change.
    wakers: Vec<Waker>,
}

type Watchers = Vec<(u64, OnChange)>;

/// A watcher's callback.
type OnChange = Arc<dyn Fn(&Change) + Send + Sync>;

impl Replica {
    pub(super) fn new(broker: WeakBroker, has_peers: bool) -> Self {
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
                node: Node::new(NodeId::random(), has_peers.then_some(HEARTBEAT), started_unix),
                watchers: HashMap::new(),
                is_publishing: false,
                in_flight: InFlight::default(),
                deadline_changes: 0,
                wakers: Vec::new(),
            }),
        }
    }

    /// Subscribes to the log, once.
    pub(super) fn subscribe(self: &Arc<Self>, broker: &Broker) {
        self.subscription.get_or_init(|| {
            let replica = Arc::downgrade(self);
            let deliver = move |event: Arc<Event>| {
                if let Some(replica) = Weak::upgrade(&replica) {
                    replica.apply(&event);
                }
            };
            broker
                .subscribe(SubscriberId::new(), log(), deliver)
                .unwrap_or_else(|error| unreachable!("the topic and its type always match: {error}"))
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

    /// A sleep until this time has ended, so it is not earlier, even if the system's clock disagrees.
    pub(super) fn reached(&self, time: Millis) {
        self.ahead.fetch_add(time.saturating_sub(self.now()), Ordering::Relaxed);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No user code runs under this lock, so nothing can panic and poison it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a watcher to a topic, and returns who is present there.
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
        // The destructors of what it captured are user code and may do anything.
        drop(removed);
    }

    /// Calls `f` with the node, and publishes the resulting events.
    pub(super) fn with_node<R>(&self, f: impl FnOnce(&mut Node, Millis) -> R) -> R {
        let now = self.now();
        let mut state = self.state();
        let before = state.node.next_tick();
        let result = f(&mut state.node, now);
        let wakers = state.wakers_if_sooner(before);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        self.publish();
        result
    }

    /// Publishes the node's events as long as there is room. If another thread is publishing, leaves them to it.
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
                    state.node.accepted(&event);
                    state.in_flight.add(event, receipt);
                }
                Err(error) => state.publish_failed(self.now(), event, &error),
            }
        }
        state.is_publishing = false;
        let mut wakers = state.wakers_if_sooner(before);
        if state.node.has_more() && !state.in_flight.is_empty() {
            // The task in `Presence::run` also has to wait for room.
            wakers.append(&mut state.wake());
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Applies an event of the log. The broker calls this for one event at a time.
    fn apply(&self, event: &Event) {
        let now = self.now();
        let mut state = self.state();
        if event.node == state.node.id {
            state.in_flight.mark_read(event.stamp);
        }
        let changes = state.node.apply(now, event);
        let calls: Vec<(Arc<Watchers>, Change)> = changes
            .into_iter()
            .filter_map(|(topic, change)| Some((Arc::clone(state.watchers.get(&topic)?), change)))
            .collect();
        drop(state);
        for (watchers, change) in calls {
            for (_, on_change) in watchers.iter() {
                catch_panic("a watcher of presence", || on_change(&change));
            }
            catch_panic("the destructor of a watcher", || drop(watchers));
        }
        self.publish();
    }

    /// Does what is due. Returns how long and until when nothing will be due, and the number of deadline changes so
    /// far.
    pub(super) fn tick(&self) -> (Duration, Millis, u64) {
        const LONG: Millis = 3_600_000;
        let next = self.with_node(|node, now| node.tick(now));
        let deadline_changes = self.state().deadline_changes;
        let now = self.now();
        let wait = next.map_or(LONG, |next| next.saturating_sub(now)).min(LONG);
        (Duration::from_millis(wait), now + wait, deadline_changes)
    }

    /// Whether the deadline has changed since then, or it is known whether the oldest event in flight is stored. If
    /// neither, wakes the task when that changes.
    pub(super) fn is_interrupted(&self, changes_before: u64, context: &mut Context<'_>) -> bool {
        let mut state = self.state();
        if state.deadline_changes != changes_before || state.in_flight.is_settled(context) {
            return true;
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        false
    }
}

impl State {
    /// The next event to publish, if there is room.
    fn next_event(&mut self, now: Millis) -> Option<Event> {
        while let Some((event, result)) = self.in_flight.next_settled() {
            match result {
                Ok(()) => self.node.confirmed(),
                Err(error) => {
                    if is_final(&error) {
                        self.rejected(&event, &error);
                    }
                    if self.node.lost(now) {
                        catch_panic("logging", || {
                            tracing::warn!(%error, "the message server may have lost presence events; this node sends its state again");
                        });
                    }
                }
            }
        }
        if self.in_flight.has_room() { self.node.next_event(now) } else { None }
    }

    fn publish_failed(&mut self, now: Millis, event: Event, error: &PublishError) {
        if is_final(error) {
            self.rejected(&event, error);
        } else {
            catch_panic(
                "a log",
                || tracing::debug!(%error, "presence cannot be published at the moment; this node tries again"),
            );
            self.node.postpone(now, event);
        }
    }

    fn rejected(&mut self, event: &Event, error: &PublishError) {
        let refused = self.node.rejected(event);
        catch_panic("logging", || match (refused, &event.kind) {
            (Some(track), _) => tracing::error!(
                topic = &*track.topic,
                key = &*track.key,
                %error,
                "a person is not shown as present, because their track is refused; reduce the metadata of the track"
            ),
            // Smaller parts may be accepted.
            (None, EventKind::State { .. } | EventKind::Joined(_)) => {}
            (None, _) => {
                tracing::error!(%error, "a presence event of this node is refused, so the other nodes do not receive it")
            }
        });
    }

    /// If the next tick is due sooner than before, returns the tasks to wake.
    fn wakers_if_sooner(&mut self, before: Option<Millis>) -> Vec<Waker> {
        match (before, self.node.next_tick()) {
            (before, Some(now)) if before.is_none_or(|before| now < before) => self.wake(),
            _ => Vec::new(),
        }
    }

    /// Notes that the deadline has changed, and returns the tasks to wake.
    fn wake(&mut self) -> Vec<Waker> {
        self.deadline_changes += 1;
        std::mem::take(&mut self.wakers)
    }
}

/// Whether publishing the same event again would fail again.
fn is_final(error: &PublishError) -> bool {
    matches!(error, PublishError::TooLarge { .. } | PublishError::NotEncodable { .. } | PublishError::TypeMismatch(_))
}

/// The topic on which nodes exchange events. No text names it.
pub(super) fn log() -> Topic<Event> {
    Topic::broadcast()
}
