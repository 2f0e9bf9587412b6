//! What nodes go through, one thing at a time.

use super::world::{HEARTBEAT, LINGER, SECOND, World, text};
use crate::presence::event::{Event, LeaveReason, NodeId, TrackId, What};
use crate::presence::meta::Meta;
use crate::presence::node::Node;

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
    for _ in 0..2 {
        for node in 0..3 {
            assert_eq!(world.keys(node, "room"), ["person 0", "person 1", "person 2"], "{node}");
        }
        world.pass(60 * SECOND);
    }
    for node in 0..3 {
        let told = world.told(node);
        assert!(told.iter().all(|told| !told.starts_with('-') || *told == "-person 0 NodeLost"), "{told:?}");
    }
}

#[test]
fn when_nobody_hears_anybody_nobody_is_taken_for_silent() {
    let mut world = World::new(3);
    for node in 0..3 {
        world.put(node, 1, "room", &format!("person {node}"), 0);
    }
    world.pass(20 * SECOND);
    // The engine is away, and comes back for one after the other.
    (0..3).for_each(|node| world.cut(node));
    world.pass(120 * SECOND);
    for node in 0..3 {
        world.heal(node);
        world.pass(3 * SECOND);
    }
    world.pass(60 * SECOND);
    for node in 0..3 {
        assert_eq!(world.told(node), ["+person 0", "+person 1", "+person 2"]);
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
fn a_node_that_reads_that_it_is_gone_comes_again_at_once() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    let stamp = world.now + SECOND;
    world.log.push(Event { node: NodeId(2), stamp, what: What::Gone { of: NodeId(1), seen: stamp } });
    world.settle();
    for node in 0..2 {
        assert_eq!(world.told(node), ["+Ann", "-Ann NodeLost", "+Ann"]);
    }
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
