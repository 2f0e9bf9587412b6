//! Random sequences of actions: in the end all nodes agree, and no node ever reports a false change.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::{Belief, LINGER, SECOND, Seen, World};
use crate::presence::event::{Millis, TrackId};

/// An action.
#[derive(Debug, Clone, Copy)]
enum Action {
    Put { node: usize, id: TrackId, topic: usize, key: usize, meta: u32 },
    Leave { node: usize, id: TrackId, after: Millis },
    Pass(Millis),
    Cut(usize),
    Heal(usize),
    Refuse(usize),
    Crash(usize),
    Start,
    Lose { node: usize, meanwhile: Millis },
}

const TOPICS: [&str; 2] = ["room", "hall"];
const KEYS: [&str; 4] = ["Ann", "Bob", "Cat", "Dan"];

fn person() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0..3_usize, 0..3_u64, 0..2_usize, 0..4_usize, 0..3_u32)
            .prop_map(|(node, id, topic, key, meta)| Action::Put { node, id, topic, key, meta }),
        3 => (0..3_usize, 0..3_u64, prop_oneof![Just(0), Just(LINGER), Just(15 * SECOND)])
            .prop_map(|(node, id, after)| Action::Leave { node, id, after }),
        3 => (0..8 * SECOND).prop_map(Action::Pass),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => person(),
        1 => (10 * SECOND..40 * SECOND).prop_map(Action::Pass),
        1 => (0..3_usize).prop_map(Action::Cut),
        1 => (0..3_usize).prop_map(Action::Heal),
        1 => (0..3_usize).prop_map(Action::Refuse),
        1 => (0..3_usize).prop_map(Action::Crash),
        1 => Just(Action::Start),
        1 => (0..3_usize, 0..8 * SECOND).prop_map(|(node, meanwhile)| Action::Lose { node, meanwhile }),
    ]
}

/// Performs an action on one of the living nodes.
fn perform(world: &mut World, action: Action) {
    let living: Vec<usize> = (0..world.nodes.len()).filter(|node| !world.nodes[*node].is_dead).collect();
    let living = |node: usize| living[node % living.len()];
    match action {
        Action::Put { node, id, topic, key, meta } => world.put(living(node), id, TOPICS[topic], KEYS[key], meta),
        Action::Leave { node, id, after } => world.leave(living(node), id, after),
        Action::Pass(time) => world.pass(time),
        Action::Cut(node) => world.cut(living(node)),
        Action::Heal(node) => world.heal(living(node)),
        Action::Refuse(node) => world.refuse(living(node)),
        Action::Crash(node) => {
            if world.nodes.iter().filter(|sim| !sim.is_dead).count() > 1 {
                world.crash(living(node));
            }
        }
        Action::Start => {
            if world.nodes.len() < 8 {
                world.start();
            }
        }
        Action::Lose { node, meanwhile } => world.lose(living(node), |world| world.pass(meanwhile)),
    }
}

proptest! {

    #[test]
    fn after_any_sequence_of_actions_all_nodes_agree(actions in prop::collection::vec(action(), 0..60)) {
        let mut world = World::new(3);
        for action in actions {
            perform(&mut world, action);
        }
        for node in 0..world.nodes.len() {
            world.heal(node);
        }
        // Time for retries, and for three heartbeats after them.
        world.pass(120 * SECOND);
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
    fn nobody_leaves_while_one_of_their_tabs_is_open(actions in prop::collection::vec(person(), 0..80)) {
        let mut world = World::new(3);
        for action in actions {
            // Who is present according to the actions, before and after.
            let before: Vec<_> = TOPICS.iter().map(|topic| world.expected(topic)).collect();
            let told = world.nodes[0].told.len();
            let is_passing = matches!(action, Action::Pass(_));
            perform(&mut world, action);
            for (topic, change) in &world.nodes[0].told[told..] {
                let number = TOPICS.iter().position(|on| on == topic).unwrap();
                let after = world.expected(topic);
                if let Some(left) = change.strip_prefix('-') {
                    let key = left.split(' ').next().unwrap();
                    prop_assert!(!after.iter().any(|(there, _)| there == key), "{} left, but is present", key);
                } else if let Some(key) = change.strip_prefix('+') {
                    prop_assert!(!before[number].iter().any(|(there, _)| there == key), "{} joined twice", key);
                    prop_assert!(!is_passing, "nobody joins merely because time passes");
                }
            }
            for node in 1..3 {
                prop_assert_eq!(&world.nodes[node].told, &world.nodes[0].told, "all nodes report the same changes");
            }
        }
        for topic in TOPICS {
            let seen: BTreeSet<_> = world.seen(0, topic).into_iter().map(|(key, _, tabs)| (key, tabs)).collect();
            prop_assert_eq!(seen, world.expected(topic));
        }
    }

    #[test]
    fn a_full_log_never_causes_a_false_leave(
        before in prop::collection::vec(person(), 0..20),
        meanwhile in prop::collection::vec(person(), 0..40),
    ) {
        let mut world = World::new(3);
        for action in before {
            perform(&mut world, action);
        }
        // Let all lingering tracks end.
        world.pass(16 * SECOND);
        let told = world.nodes[1].told.len();
        // All actions on one node: with several, the order of events would depend on the log.
        world.cut(0);
        world.nodes[0].room = 0;
        // Who was absent at some time.
        let mut was_away = BTreeSet::new();
        for mut action in meanwhile {
            match &mut action {
                Action::Put { node, .. } | Action::Leave { node, .. } => *node = 0,
                // In sum, shorter than three heartbeats.
                Action::Pass(time) => *time /= 40,
                _ => {}
            }
            perform(&mut world, action);
            for topic in TOPICS {
                let here = world.expected(topic);
                let away = KEYS.iter().filter(|key| !here.iter().any(|(there, _)| there == *key));
                was_away.extend(away.map(|key| (topic.to_owned(), (*key).to_owned())));
            }
        }
        world.heal(0);
        for (topic, change) in &world.nodes[1].told[told..] {
            if let Some(left) = change.strip_prefix('-') {
                let key = left.split(' ').next().unwrap().to_owned();
                let is_so = was_away.contains(&(topic.clone(), key));
                prop_assert!(is_so, "{} on {}", change, topic);
            }
        }
        for topic in TOPICS {
            for node in 0..3 {
                let seen: BTreeSet<_> = world.seen(node, topic).into_iter().map(|(key, _, tabs)| (key, tabs)).collect();
                prop_assert_eq!(seen, world.expected(topic));
            }
        }
    }
}
