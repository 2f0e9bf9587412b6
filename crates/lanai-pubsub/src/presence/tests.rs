//! Nodes on one log, in virtual time: they crash, are cut off, lose what they should have read, and come back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::event::{Event, LeaveReason, NodeId, Stamp, TrackId, What};
use super::meta::Meta;
use super::node::{Millis, Node};
use super::person::Change;

const SECOND: Millis = 1000;
const HEARTBEAT: Millis = 5 * SECOND;
const LINGER: Millis = 2 * SECOND;

/// What everyone should see of one topic: who is there, in order, with what is said about them, and in how many tabs.
type Seen = Vec<(String, String, usize)>;

struct World {
    now: Millis,
    log: Vec<Event>,
    nodes: Vec<Sim>,
    started: u64,
}

struct Sim {
    node: Node,
    /// How much of the log it has read.
    read: usize,
    /// What it could not put into the log yet.
    outbox: Vec<Event>,
    is_cut: bool,
    is_dead: bool,
    /// Its tracks, as the test knows them, with when they end if they linger.
    own: BTreeMap<TrackId, (String, String, u32, Option<Millis>)>,
    /// What it told of changes, and who is there if one believes that.
    told: Vec<(String, String)>,
    believed: BTreeMap<(String, String), Belief>,
}

/// What is said about someone, in how many tabs they are, and their place.
type Belief = (String, usize, Stamp);

fn text(text: &str) -> Arc<str> {
    text.into()
}

impl World {
    fn new(nodes: usize) -> Self {
        let mut world = Self { now: 1_000_000, log: Vec::new(), nodes: Vec::new(), started: 0 };
        for _ in 0..nodes {
            world.start();
        }
        world
    }

    /// Starts a node, which reads what comes from now on.
    fn start(&mut self) -> usize {
        self.started += 1;
        self.nodes.push(Sim {
            node: Node::new(NodeId(self.started), Some(HEARTBEAT), self.now),
            read: self.log.len(),
            outbox: Vec::new(),
            is_cut: false,
            is_dead: false,
            own: BTreeMap::new(),
            told: Vec::new(),
            believed: BTreeMap::new(),
        });
        self.settle();
        self.nodes.len() - 1
    }

    fn put(&mut self, node: usize, id: TrackId, topic: &str, key: &str, meta: u32) {
        let sim = &mut self.nodes[node];
        sim.node.put(self.now, id, &text(topic), &text(key), &Meta::new(&meta).unwrap());
        sim.own.insert(id, (topic.into(), key.into(), meta, None));
        self.settle();
    }

    fn leave(&mut self, node: usize, id: TrackId, after: Millis) {
        let sim = &mut self.nodes[node];
        sim.node.leave(self.now, id, after, LeaveReason::Left);
        if after == 0 {
            sim.own.remove(&id);
        } else if let Some((.., ends)) = sim.own.get_mut(&id) {
            *ends = Some(ends.unwrap_or(Millis::MAX).min(self.now + after));
        }
        self.settle();
    }

    fn cut(&mut self, node: usize) {
        self.nodes[node].is_cut = true;
    }

    fn heal(&mut self, node: usize) {
        let sim = &mut self.nodes[node];
        sim.is_cut = false;
        self.log.append(&mut sim.outbox);
        self.settle();
    }

    fn crash(&mut self, node: usize) {
        self.nodes[node].is_dead = true;
    }

    /// Time passes, a quarter of a second at a time.
    fn pass(&mut self, time: Millis) {
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
    fn settle(&mut self) {
        loop {
            let before = self.log.len();
            for sim in self.nodes.iter_mut().filter(|sim| !sim.is_dead) {
                while let Some(event) = sim.node.next_event() {
                    // What crosses processes is text.
                    let event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
                    if sim.is_cut { sim.outbox.push(event) } else { self.log.push(event) }
                }
            }
            for sim in self.nodes.iter_mut().filter(|sim| !sim.is_dead && !sim.is_cut) {
                sim.read(&self.log, self.now);
            }
            if self.log.len() == before {
                return;
            }
        }
    }

    /// A node never sees what it has not read yet and what is written while `f` runs.
    fn lose(&mut self, node: usize, f: impl FnOnce(&mut Self)) {
        self.cut(node);
        f(self);
        let end = self.log.len();
        self.nodes[node].read = end;
        self.heal(node);
    }

    fn seen(&self, node: usize, topic: &str) -> Seen {
        self.nodes[node].seen(topic)
    }

    fn keys(&self, node: usize, topic: &str) -> Vec<String> {
        self.seen(node, topic).into_iter().map(|(key, ..)| key).collect()
    }

    /// What should be seen on a topic, if all nodes that are not dead are heard.
    fn expected(&self, topic: &str) -> BTreeSet<(String, usize)> {
        let mut tabs: BTreeMap<String, usize> = BTreeMap::new();
        for sim in self.nodes.iter().filter(|sim| !sim.is_dead) {
            for (_, key, ..) in sim.own.values().filter(|(on, ..)| on == topic) {
                *tabs.entry(key.clone()).or_default() += 1;
            }
        }
        tabs.into_iter().collect()
    }

    fn told(&self, node: usize) -> Vec<&str> {
        self.nodes[node].told.iter().map(|(_, told)| told.as_str()).collect()
    }
}

impl Sim {
    fn read(&mut self, log: &[Event], now: Millis) {
        for event in &log[self.read..] {
            for (topic, change) in self.node.apply(now, event) {
                self.believe(&topic, &change);
            }
        }
        self.read = log.len();
    }

    /// Takes a change for true, and complains if it cannot be.
    fn believe(&mut self, topic: &str, change: &Change) {
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

    fn seen(&self, topic: &str) -> Seen {
        let entries = self.node.people.entries(topic);
        entries.iter().map(|entry| (entry.key.to_string(), entry.meta.json().to_owned(), entry.tabs)).collect()
    }
}

#[test]
fn all_nodes_see_the_same_in_the_order_of_arrival() {
    let mut world = World::new(3);
    world.put(2, 1, "room", "Zoe", 0);
    world.put(0, 1, "room", "Ann", 0);
    world.put(1, 1, "room", "Bob", 0);
    world.put(1, 2, "hall", "Bob", 0);
    for node in 0..3 {
        assert_eq!(world.keys(node, "room"), ["Zoe", "Ann", "Bob"]);
        assert_eq!(world.told(node), ["+Zoe", "+Ann", "+Bob", "+Bob"]);
    }
    let late = world.start();
    assert_eq!(world.keys(late, "room"), ["Zoe", "Ann", "Bob"]);
    assert_eq!(world.keys(late, "hall"), ["Bob"]);
    assert_eq!(world.told(0).len(), 4, "who was there already is told to the newcomer only");
}

#[test]
fn a_person_in_several_tabs_is_one_who_keeps_the_place_and_says_what_was_said_last() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 1);
    world.put(0, 2, "room", "Bob", 1);
    world.put(1, 1, "room", "Ann", 2);
    let expected = [("Ann".into(), "2".into(), 2), ("Bob".into(), "1".into(), 1)];
    assert_eq!(world.seen(0, "room"), expected);
    world.leave(0, 1, 0);
    assert_eq!(world.seen(1, "room"), [("Ann".into(), "2".into(), 1), ("Bob".into(), "1".into(), 1)]);
    world.leave(1, 1, 0);
    assert_eq!(world.told(0), ["+Ann", "+Bob", "~Ann", "~Ann", "-Ann Left"]);
}

#[test]
fn who_comes_back_within_the_linger_has_never_been_away() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    // The same track, as after a lost connection.
    world.leave(0, 1, LINGER);
    world.pass(LINGER - 1);
    world.put(0, 1, "room", "Ann", 0);
    // Another track on another node, as after reloading the page.
    world.leave(0, 1, LINGER);
    world.pass(LINGER - 1);
    world.put(1, 9, "room", "Ann", 0);
    world.pass(60 * SECOND);
    assert_eq!(world.told(0), ["+Ann", "~Ann", "~Ann"], "she was in two tabs for a moment");
    world.leave(1, 9, LINGER);
    world.pass(LINGER);
    assert_eq!(world.told(0).last(), Some(&"-Ann Left"));
    world.put(1, 9, "room", "Ann", 0);
    assert_eq!(world.told(0).last(), Some(&"+Ann"));
}

#[test]
fn the_people_of_a_silent_node_leave_in_time_but_for_those_who_are_elsewhere() {
    let mut world = World::new(3);
    world.put(0, 1, "room", "Ann", 0);
    world.put(0, 2, "room", "Bob", 0);
    world.put(1, 1, "room", "Cat", 0);
    world.pass(60 * SECOND);
    world.crash(0);
    world.pass(2 * HEARTBEAT);
    world.put(2, 1, "room", "Bob", 0);
    assert_eq!(world.keys(1, "room"), ["Ann", "Bob", "Cat"], "not before three heartbeats");
    world.pass(2 * HEARTBEAT + SECOND);
    for node in [1, 2] {
        assert_eq!(world.keys(node, "room"), ["Bob", "Cat"]);
        assert!(!world.told(node).iter().any(|told| told.starts_with("-Bob")));
        assert_eq!(world.told(node).iter().filter(|told| **told == "-Ann NodeLost").count(), 1);
    }
}

#[test]
fn a_rolling_restart_shows_no_leave() {
    let mut world = World::new(3);
    let people = ["Ann", "Bob", "Cat", "Dan", "Eve"];
    let mut at: Vec<(usize, TrackId)> = Vec::new();
    for (number, name) in people.iter().enumerate() {
        at.push((number % 3, number as TrackId));
        world.put(number % 3, number as TrackId, "room", name, 0);
    }
    let watcher = world.start();
    for old in 0..3 {
        world.crash(old);
        world.pass(SECOND);
        let new = world.start();
        // The pages of the old one come to others within seconds.
        for (number, name) in people.iter().enumerate() {
            if at[number].0 == old {
                at[number] = (new, 100 + number as TrackId);
                world.put(new, 100 + number as TrackId, "room", name, 0);
                world.pass(SECOND);
            }
        }
        world.pass(60 * SECOND);
    }
    let mut keys = world.keys(watcher, "room");
    // In the order in which they came back: a new node does not know since when they are here.
    keys.sort_unstable();
    assert_eq!(keys, people);
    let told = world.told(watcher);
    assert!(told.iter().all(|told| !told.starts_with('-')), "{told:?}");
    assert_eq!(told.iter().filter(|told| told.starts_with('+')).count(), people.len(), "{told:?}");
}

#[test]
fn a_node_that_was_cut_off_does_not_take_the_others_for_silent() {
    let mut world = World::new(3);
    for node in 0..3 {
        world.put(node, 1, "room", &format!("person {node}"), 0);
    }
    world.pass(20 * SECOND);
    world.cut(0);
    world.pass(90 * SECOND);
    assert_eq!(world.keys(1, "room"), ["person 1", "person 2"]);
    world.heal(0);
    world.pass(20 * SECOND);
    for node in 0..3 {
        assert_eq!(world.keys(node, "room"), ["person 0", "person 1", "person 2"], "{node}");
    }
    for node in 0..3 {
        let told = world.told(node);
        assert!(told.iter().all(|told| !told.starts_with('-') || *told == "-person 0 NodeLost"), "{told:?}");
    }
}

#[test]
fn a_cut_shorter_than_three_heartbeats_is_not_noticed() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    world.pass(12 * SECOND);
    for _ in 0..5 {
        world.cut(0);
        world.pass(10 * SECOND);
        world.heal(0);
        world.pass(6 * SECOND);
    }
    assert_eq!(world.told(1), ["+Ann"]);
}

#[test]
fn a_node_that_was_heard_before_it_was_declared_gone_stays() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    let seen = world.log.last().unwrap().stamp;
    world.put(0, 2, "room", "Bob", 0);
    let gone = Event { node: NodeId(2), stamp: seen + 10, what: What::Gone { of: NodeId(1), seen } };
    world.log.push(gone);
    world.settle();
    assert_eq!(world.keys(1, "room"), ["Ann", "Bob"]);
}

#[test]
fn what_a_node_missed_is_noticed_and_asked_for() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    world.lose(1, |world| {
        world.put(0, 1, "room", "Ann", 7);
        world.put(0, 2, "room", "Bob", 0);
    });
    assert_eq!(world.keys(1, "room"), ["Ann"]);
    world.pass(HEARTBEAT + SECOND);
    assert_eq!(world.seen(1, "room"), world.seen(0, "room"));
    assert_eq!(world.told(1), ["+Ann", "~Ann", "+Bob"]);
}

#[test]
fn what_could_not_be_published_is_sent_again() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    // The engine refuses what the node says.
    let now = world.now;
    let node = &mut world.nodes[0].node;
    node.put(now, 2, &text("room"), &text("Bob"), &Meta::new(&0).unwrap());
    node.leave(now, 1, 0, LeaveReason::Left);
    while let Some(event) = node.next_event() {
        node.failed(now, &event);
    }
    world.settle();
    assert_eq!(world.keys(1, "room"), ["Ann"]);
    world.pass(2 * SECOND);
    assert_eq!(world.keys(0, "room"), ["Bob"]);
    assert_eq!(world.keys(1, "room"), ["Bob"]);
}

#[test]
fn a_large_state_comes_in_parts() {
    const MANY: u64 = 5000;
    let mut world = World::new(1);
    for id in 0..MANY {
        let sim = &mut world.nodes[0];
        let key = text(&format!("person {id}"));
        sim.node.put(world.now, id, &text("room"), &key, &Meta::new(&"x".repeat(100)).unwrap());
    }
    world.settle();
    let before = world.log.len();
    let late = world.start();
    let parts = world.log[before..].iter().filter(|event| matches!(event.what, What::State { .. })).count();
    assert!((5..100).contains(&parts), "{parts} parts");
    assert_eq!(world.seen(late, "room"), world.seen(0, "room"));
    assert_eq!(world.seen(late, "room").len() as u64, MANY);
}

#[test]
fn a_node_by_itself_says_nothing_but_who_comes_and_goes() {
    let mut node = Node::new(NodeId(1), None, 0);
    assert_eq!(node.tick(60 * SECOND), None);
    assert_eq!(node.next_event(), None);
    node.put(60 * SECOND, 1, &text("room"), &text("Ann"), &Meta::new(&()).unwrap());
    node.leave(60 * SECOND, 1, LINGER, LeaveReason::Left);
    assert_eq!(node.tick(60 * SECOND), Some(60 * SECOND + LINGER));
    assert_eq!(node.tick(60 * SECOND + LINGER), None);
    let said = std::iter::from_fn(|| node.next_event()).count();
    assert_eq!(said, 2, "she came, and she went");
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Deed {
    Put { node: usize, id: TrackId, topic: usize, key: usize, meta: u32 },
    Leave { node: usize, id: TrackId, after: Millis },
    Pass(Millis),
    Cut(usize),
    Heal(usize),
    Crash(usize),
    Start,
    Lose { node: usize, meanwhile: Millis },
}

const TOPICS: [&str; 2] = ["room", "hall"];
const KEYS: [&str; 4] = ["Ann", "Bob", "Cat", "Dan"];

fn person() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..3_usize, 0..3_u64, 0..2_usize, 0..4_usize, 0..3_u32)
            .prop_map(|(node, id, topic, key, meta)| Deed::Put { node, id, topic, key, meta }),
        3 => (0..3_usize, 0..3_u64, prop_oneof![Just(0), Just(LINGER), Just(15 * SECOND)])
            .prop_map(|(node, id, after)| Deed::Leave { node, id, after }),
        3 => (0..8 * SECOND).prop_map(Deed::Pass),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        8 => person(),
        1 => (10 * SECOND..40 * SECOND).prop_map(Deed::Pass),
        1 => (0..3_usize).prop_map(Deed::Cut),
        1 => (0..3_usize).prop_map(Deed::Heal),
        1 => (0..3_usize).prop_map(Deed::Crash),
        1 => Just(Deed::Start),
        1 => (0..3_usize, 0..8 * SECOND).prop_map(|(node, meanwhile)| Deed::Lose { node, meanwhile }),
    ]
}

/// Does it, to one of the nodes that are not dead.
fn perform(world: &mut World, deed: Deed) {
    let living: Vec<usize> = (0..world.nodes.len()).filter(|node| !world.nodes[*node].is_dead).collect();
    let living = |node: usize| living[node % living.len()];
    match deed {
        Deed::Put { node, id, topic, key, meta } => world.put(living(node), id, TOPICS[topic], KEYS[key], meta),
        Deed::Leave { node, id, after } => world.leave(living(node), id, after),
        Deed::Pass(time) => world.pass(time),
        Deed::Cut(node) => world.cut(living(node)),
        Deed::Heal(node) => world.heal(living(node)),
        Deed::Crash(node) => {
            if world.nodes.iter().filter(|sim| !sim.is_dead).count() > 1 {
                world.crash(living(node));
            }
        }
        Deed::Start => {
            if world.nodes.len() < 8 {
                world.start();
            }
        }
        Deed::Lose { node, meanwhile } => world.lose(living(node), |world| world.pass(meanwhile)),
    }
}

proptest! {

    #[test]
    fn after_anything_all_nodes_agree_on_who_is_there(deeds in prop::collection::vec(deed(), 0..60)) {
        let mut world = World::new(3);
        for deed in deeds {
            perform(&mut world, deed);
        }
        for node in 0..world.nodes.len() {
            world.heal(node);
        }
        world.pass(60 * SECOND);
        for topic in TOPICS {
            let expected = world.expected(topic);
            let mut agreed: Option<Seen> = None;
            for (number, sim) in world.nodes.iter().enumerate().filter(|(_, sim)| !sim.is_dead) {
                let seen = sim.seen(topic);
                let tabs: BTreeSet<(String, usize)> = seen.iter().map(|(key, _, tabs)| (key.clone(), *tabs)).collect();
                prop_assert_eq!(&tabs, &expected, "node {} on {}", number, topic);
                let believed: BTreeMap<(String, String), Belief> = sim.node.people.entries(topic).into_iter()
                    .map(|entry| ((topic.to_owned(), entry.key.to_string()), (entry.meta.json().to_owned(), entry.tabs, entry.since)))
                    .collect();
                let told: BTreeMap<_, _> =
                    sim.believed.iter().filter(|((on, _), _)| on == topic).map(|(a, b)| (a.clone(), b.clone())).collect();
                prop_assert_eq!(told, believed, "what node {} told of {}", number, topic);
                if let Some(agreed) = &agreed {
                    prop_assert_eq!(agreed, &seen, "order and meta at node {} on {}", number, topic);
                }
                agreed = Some(seen);
            }
        }
    }

    #[test]
    fn nobody_leaves_who_is_still_there_in_any_tab(deeds in prop::collection::vec(person(), 0..80)) {
        let mut world = World::new(3);
        for deed in deeds {
            // Who is there by what the people themselves do, before and after.
            let before: Vec<_> = TOPICS.iter().map(|topic| world.expected(topic)).collect();
            let told = world.nodes[0].told.len();
            let is_passing = matches!(deed, Deed::Pass(_));
            perform(&mut world, deed);
            for (topic, change) in &world.nodes[0].told[told..] {
                let number = TOPICS.iter().position(|on| on == topic).unwrap();
                let after = world.expected(topic);
                if let Some(left) = change.strip_prefix('-') {
                    let key = left.split(' ').next().unwrap();
                    prop_assert!(!after.iter().any(|(there, _)| there == key), "{} left, and is there", key);
                } else if let Some(key) = change.strip_prefix('+') {
                    prop_assert!(!before[number].iter().any(|(there, _)| there == key), "{} joined twice", key);
                    prop_assert!(!is_passing, "nobody joins by waiting");
                }
            }
            for node in 1..3 {
                prop_assert_eq!(&world.nodes[node].told, &world.nodes[0].told, "all are told the same");
            }
        }
        for topic in TOPICS {
            let seen: BTreeSet<_> = world.seen(0, topic).into_iter().map(|(key, _, tabs)| (key, tabs)).collect();
            prop_assert_eq!(seen, world.expected(topic));
        }
    }
}
