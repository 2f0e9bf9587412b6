//! Nodes on one log, in virtual time: they crash, are cut off, lose what they should have read, and come back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::presence::event::{Event, LeaveReason, NodeId, Stamp, TrackId, What};
use crate::presence::meta::Meta;
use crate::presence::node::{Millis, Node};
use crate::presence::person::Change;

pub(super) const SECOND: Millis = 1000;
pub(super) const HEARTBEAT: Millis = 5 * SECOND;
pub(super) const LINGER: Millis = 2 * SECOND;

/// How many events a node puts into the log before the others read.
const PACE: usize = 2;

/// How many events a node that is cut off may have waiting, unless a test says otherwise.
const ROOM: usize = 3;

/// What everyone should see of one topic: who is there, in order, with what is said about them, and in how many tabs.
pub(super) type Seen = Vec<(String, String, usize)>;

pub(super) struct World {
    pub(super) now: Millis,
    pub(super) log: Vec<Event>,
    pub(super) nodes: Vec<Sim>,
    pub(super) started: u64,
}

pub(super) struct Sim {
    pub(super) node: Node,
    /// How much of the log it has read.
    pub(super) read: usize,
    /// What it could not put into the log yet.
    pub(super) outbox: Vec<Event>,
    /// How many events that may be.
    pub(super) room: usize,
    pub(super) is_cut: bool,
    pub(super) is_dead: bool,
    /// Its tracks, as the test knows them, with when they end if they linger.
    pub(super) own: BTreeMap<TrackId, (String, String, u32, Option<Millis>)>,
    /// What it told of changes, and who is there if one believes that.
    pub(super) told: Vec<(String, String)>,
    pub(super) believed: BTreeMap<(String, String), Belief>,
}

/// What is said about someone, in how many tabs they are, and their place.
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

    /// Starts a node, which reads what comes from now on.
    pub(super) fn start(&mut self) -> usize {
        let node = self.start_unheard();
        self.settle();
        node
    }

    /// The same, with nothing read or written yet.
    pub(super) fn start_unheard(&mut self) -> usize {
        self.started += 1;
        let mut node = Node::new(NodeId(self.started), Some(HEARTBEAT), self.now);
        node.own.make_parts_small();
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
        sim.node.arrived();
        self.settle();
    }

    /// The engine takes nothing of what waits for it.
    pub(super) fn refuse(&mut self, node: usize) {
        let sim = &mut self.nodes[node];
        sim.outbox.clear();
        sim.node.lost(self.now);
    }

    pub(super) fn crash(&mut self, node: usize) {
        self.nodes[node].is_dead = true;
    }

    /// Time passes, a quarter of a second at a time.
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

    /// Everything that can be written and read is.
    pub(super) fn settle(&mut self) {
        while self.step() {}
    }

    /// All write a little, and read everything. Whether there was anything.
    pub(super) fn step(&mut self) -> bool {
        let mut is_busy = false;
        for sim in self.nodes.iter_mut().filter(|sim| !sim.is_dead) {
            for _ in 0..PACE {
                let Some(event) = sim.node.next_event(self.now) else { break };
                is_busy = true;
                if sim.is_cut && sim.outbox.len() >= sim.room {
                    sim.node.has_no_room(self.now, event);
                    break;
                }
                sim.node.taken(&event);
                // What crosses processes is text.
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

    /// A node never sees what it has not read yet and what is written while `f` runs.
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

    /// What should be seen on a topic, if all nodes that are not dead are heard.
    pub(super) fn expected(&self, topic: &str) -> BTreeSet<(String, usize)> {
        let mut tabs: BTreeMap<String, usize> = BTreeMap::new();
        for sim in self.nodes.iter().filter(|sim| !sim.is_dead) {
            for (_, key, ..) in sim.own.values().filter(|(on, ..)| on == topic) {
                *tabs.entry(key.clone()).or_default() += 1;
            }
        }
        tabs.into_iter().collect()
    }

    /// How many parts of states are in the log, from a place on.
    pub(super) fn parts(&self, from: usize) -> usize {
        self.log[from..].iter().filter(|event| matches!(event.what, What::State { .. })).count()
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

    /// Takes a change for true, and complains if it cannot be.
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
                assert_eq!(before, None, "who is there cannot join: {change:?}");
                format!("+{}", entry.key)
            }
            Change::Updated(_) => {
                assert!(before.is_some_and(|before| before != now), "an update must be one: {change:?}");
                format!("~{}", entry.key)
            }
            Change::Left(_, why) => {
                assert!(before.is_some(), "who is not there cannot leave: {change:?}");
                format!("-{} {why:?}", entry.key)
            }
        };
        self.told.push((topic.to_owned(), told));
    }

    pub(super) fn seen(&self, topic: &str) -> Seen {
        let entries = self.node.people.entries(topic);
        entries.iter().map(|entry| (entry.key.to_string(), entry.meta.json().to_owned(), entry.tabs)).collect()
    }
}
