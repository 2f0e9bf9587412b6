//! Nodes on one log in virtual time: they crash, are disconnected, lose events, and return.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::presence::event::{Event, EventKind, LeaveReason, Millis, NodeId, Stamp, TrackId};
use crate::presence::meta::Meta;
use crate::presence::node::Node;
use crate::presence::person::Change;

pub(super) const SECOND: Millis = 1000;
pub(super) const HEARTBEAT: Millis = 5 * SECOND;
pub(super) const LINGER: Millis = 2 * SECOND;

/// How many events a node publishes before the others read.
const PACE: usize = 2;

/// How many events a disconnected node can buffer, by default.
const ROOM: usize = 3;

/// The people on a topic, in order: key, metadata and number of tabs.
pub(super) type Seen = Vec<(String, String, usize)>;

pub(super) struct World {
    pub(super) now: Millis,
    pub(super) log: Vec<Event>,
    pub(super) nodes: Vec<Sim>,
    pub(super) started: u64,
}

pub(super) struct Sim {
    pub(super) node: Node,
    /// The length of the log that it has read.
    pub(super) read: usize,
    /// Published events that have not reached the log.
    pub(super) outbox: Vec<Event>,
    /// The capacity of `outbox`.
    pub(super) room: usize,
    pub(super) is_cut: bool,
    pub(super) is_dead: bool,
    /// Its tracks as the test expects them, with their end if they linger.
    pub(super) own: BTreeMap<TrackId, (String, String, u32, Option<Millis>)>,
    /// The changes that it reported, and who is present according to them.
    pub(super) told: Vec<(String, String)>,
    pub(super) believed: BTreeMap<(String, String), Belief>,
}

/// Metadata, number of tabs, and time of joining.
pub(super) type Belief = (String, usize, Stamp);

pub(super) fn text(text: &str) -> Arc<str> {
    text.into()
}

impl World {
    pub(super) fn new(nodes: usize) -> Self {
        let mut world = Self { now: 1_000_000, log: Vec::new(), nodes: Vec::new(), started: 0 };
        for _ in 0..nodes {
            world.start();
        }
        world
    }

    /// Starts a node, which reads the log from now on.
    pub(super) fn start(&mut self) -> usize {
        let node = self.start_unheard();
        self.settle();
        node
    }

    /// The same, before it reads or publishes anything.
    pub(super) fn start_unheard(&mut self) -> usize {
        self.started += 1;
        let mut node = Node::new(NodeId(self.started), Some(HEARTBEAT), self.now);
        node.local.make_parts_minimal();
        self.nodes.push(Sim {
            node,
            read: self.log.len(),
            outbox: Vec::new(),
            room: ROOM,
            is_cut: false,
            is_dead: false,
            own: BTreeMap::new(),
            told: Vec::new(),
            believed: BTreeMap::new(),
        });
        self.nodes.len() - 1
    }

    pub(super) fn put(&mut self, node: usize, id: TrackId, topic: &str, key: &str, meta: u32) {
        let sim = &mut self.nodes[node];
        sim.node.put(self.now, id, &text(topic), &text(key), &Meta::new(&meta).unwrap());
        sim.own.insert(id, (topic.into(), key.into(), meta, None));
        self.settle();
    }

    pub(super) fn leave(&mut self, node: usize, id: TrackId, after: Millis) {
        let sim = &mut self.nodes[node];
        sim.node.leave(self.now, id, after, LeaveReason::Left);
        if after == 0 {
            sim.own.remove(&id);
        } else if let Some((.., ends)) = sim.own.get_mut(&id) {
            *ends = Some(ends.unwrap_or(Millis::MAX).min(self.now + after));
        }
        self.settle();
    }

    pub(super) fn cut(&mut self, node: usize) {
        self.nodes[node].is_cut = true;
    }

    pub(super) fn heal(&mut self, node: usize) {
        let sim = &mut self.nodes[node];
        sim.is_cut = false;
        self.log.append(&mut sim.outbox);
        sim.node.confirmed();
        self.settle();
    }

    /// Loses the events in the outbox.
    pub(super) fn refuse(&mut self, node: usize) {
        let sim = &mut self.nodes[node];
        sim.outbox.clear();
        sim.node.lost(self.now);
    }

    pub(super) fn crash(&mut self, node: usize) {
        self.nodes[node].is_dead = true;
    }

    /// Lets time pass, a quarter of a second at a time.
    pub(super) fn pass(&mut self, time: Millis) {
        let end = self.now + time;
        while self.now < end {
            self.now = (self.now + 250).min(end);
            for sim in self.nodes.iter_mut().filter(|sim| !sim.is_dead) {
                sim.node.tick(self.now);
                sim.own.retain(|_, (.., ends)| ends.is_none_or(|ends| ends > self.now));
            }
            self.settle();
        }
    }

    /// Publishes and reads all events.
    pub(super) fn settle(&mut self) {
        while self.step() {}
    }

    /// Each node publishes a few events and reads the whole log. Returns false if there was nothing to do.
    pub(super) fn step(&mut self) -> bool {
        let mut is_busy = false;
        for sim in self.nodes.iter_mut().filter(|sim| !sim.is_dead) {
            for _ in 0..PACE {
                let Some(event) = sim.node.next_event(self.now) else { break };
                is_busy = true;
                if sim.is_cut && sim.outbox.len() >= sim.room {
                    sim.node.postpone(self.now, event);
                    break;
                }
                sim.node.accepted(&event);
                // Events cross processes as JSON.
                let event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
                if sim.is_cut { sim.outbox.push(event) } else { self.log.push(event) }
            }
        }
        for sim in self.nodes.iter_mut().filter(|sim| !sim.is_dead && !sim.is_cut) {
            is_busy |= sim.read < self.log.len();
            sim.read(&self.log, self.now);
        }
        is_busy
    }

    /// Loses, for one node, the events that it has not read yet and those published while `f` runs.
    pub(super) fn lose(&mut self, node: usize, f: impl FnOnce(&mut Self)) {
        self.cut(node);
        f(self);
        let end = self.log.len();
        self.nodes[node].read = end;
        self.heal(node);
    }

    pub(super) fn seen(&self, node: usize, topic: &str) -> Seen {
        self.nodes[node].seen(topic)
    }

    pub(super) fn keys(&self, node: usize, topic: &str) -> Vec<String> {
        self.seen(node, topic).into_iter().map(|(key, ..)| key).collect()
    }

    /// Who should be present on a topic, if the events of all living nodes arrive.
    pub(super) fn expected(&self, topic: &str) -> BTreeSet<(String, usize)> {
        let mut tabs: BTreeMap<String, usize> = BTreeMap::new();
        for sim in self.nodes.iter().filter(|sim| !sim.is_dead) {
            for (_, key, ..) in sim.own.values().filter(|(on, ..)| on == topic) {
                *tabs.entry(key.clone()).or_default() += 1;
            }
        }
        tabs.into_iter().collect()
    }

    /// The number of state parts in the log, from an index on.
    pub(super) fn parts(&self, from: usize) -> usize {
        self.log[from..].iter().filter(|event| matches!(event.kind, EventKind::State { .. })).count()
    }

    pub(super) fn told(&self, node: usize) -> Vec<&str> {
        self.nodes[node].told.iter().map(|(_, told)| told.as_str()).collect()
    }
}

impl Sim {
    pub(super) fn read(&mut self, log: &[Event], now: Millis) {
        for event in &log[self.read..] {
            for (topic, change) in self.node.apply(now, event) {
                self.believe(&topic, &change);
            }
        }
        self.read = log.len();
    }

    /// Applies a reported change, and panics if it contradicts the previous ones.
    pub(super) fn believe(&mut self, topic: &str, change: &Change) {
        let entry = change.entry();
        let spot = (topic.to_owned(), entry.key.to_string());
        let now = (entry.meta.json().to_owned(), entry.tabs, entry.since);
        let before = match change {
            Change::Left(..) => self.believed.remove(&spot),
            _ => self.believed.insert(spot, now.clone()),
        };
        let told = match change {
            Change::Joined(_) => {
                assert_eq!(before, None, "someone present cannot join: {change:?}");
                format!("+{}", entry.key)
            }
            Change::Updated(_) => {
                assert!(before.is_some_and(|before| before != now), "an update must change something: {change:?}");
                format!("~{}", entry.key)
            }
            Change::Left(_, reason) => {
                assert!(before.is_some(), "someone absent cannot leave: {change:?}");
                format!("-{} {reason:?}", entry.key)
            }
        };
        self.told.push((topic.to_owned(), told));
    }

    pub(super) fn seen(&self, topic: &str) -> Seen {
        let entries = self.node.people.entries(topic);
        entries.iter().map(|entry| (entry.key.to_string(), entry.meta.json().to_owned(), entry.tabs)).collect()
    }
}
