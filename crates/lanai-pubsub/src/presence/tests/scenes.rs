//! Scenarios with several nodes.

use super::world::{HEARTBEAT, LINGER, SECOND, World, text};
use crate::presence::event::{Event, EventKind, LeaveReason, NodeId, TrackId};
use crate::presence::meta::Meta;
use crate::presence::node::Node;

#[test]
fn all_nodes_see_the_same_people_in_the_order_of_joining() {
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
    assert_eq!(world.told(0).len(), 4, "only the new node is told who was present before");
}

#[test]
fn a_person_in_several_tabs_keeps_the_join_order_and_the_newest_metadata() {
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
fn a_person_who_returns_while_lingering_never_left() {
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
    assert_eq!(world.told(0), ["+Ann", "~Ann", "~Ann"], "she briefly had two tabs");
    world.leave(1, 9, LINGER);
    world.pass(LINGER);
    assert_eq!(world.told(0).last(), Some(&"-Ann Left"));
    world.put(1, 9, "room", "Ann", 0);
    assert_eq!(world.told(0).last(), Some(&"+Ann"));
}

#[test]
fn the_people_of_a_silent_node_leave_unless_they_are_on_another_node() {
    let mut world = World::new(3);
    world.put(0, 1, "room", "Ann", 0);
    world.put(0, 2, "room", "Bob", 0);
    world.put(1, 1, "room", "Cat", 0);
    world.pass(60 * SECOND);
    world.crash(0);
    world.pass(2 * HEARTBEAT);
    world.put(2, 1, "room", "Bob", 0);
    assert_eq!(world.keys(1, "room"), ["Ann", "Bob", "Cat"], "nobody leaves before three heartbeats are missing");
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
        // The pages of the old node reconnect to others within seconds.
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
    // In the order of their return: a new node does not know when they joined.
    keys.sort_unstable();
    assert_eq!(keys, people);
    let told = world.told(watcher);
    assert!(told.iter().all(|told| !told.starts_with('-')), "{told:?}");
    assert_eq!(told.iter().filter(|told| told.starts_with('+')).count(), people.len(), "{told:?}");
}

#[test]
fn a_disconnected_node_does_not_consider_the_others_silent() {
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
fn during_an_outage_no_node_is_considered_silent() {
    let mut world = World::new(3);
    for node in 0..3 {
        world.put(node, 1, "room", &format!("person {node}"), 0);
    }
    world.pass(20 * SECOND);
    // The message server is unreachable, and the nodes reconnect one after the other.
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
fn a_declaration_that_missed_later_events_is_ignored() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    let seen = world.log.last().unwrap().stamp;
    world.put(0, 2, "room", "Bob", 0);
    let gone = Event { node: NodeId(2), stamp: seen + 10, kind: EventKind::NodeGone { of: NodeId(1), seen } };
    world.log.push(gone);
    world.settle();
    assert_eq!(world.keys(1, "room"), ["Ann", "Bob"]);
}

#[test]
fn a_node_that_is_declared_gone_returns_at_once() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    let stamp = world.now + SECOND;
    world.log.push(Event { node: NodeId(2), stamp, kind: EventKind::NodeGone { of: NodeId(1), seen: stamp } });
    world.settle();
    for node in 0..2 {
        assert_eq!(world.told(node), ["+Ann", "-Ann NodeLost", "+Ann"]);
    }
}

#[test]
fn missed_events_are_noticed_and_requested() {
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
fn lost_events_are_published_again() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    world.cut(0);
    world.put(0, 2, "room", "Bob", 0);
    world.leave(0, 1, 0);
    world.refuse(0);
    world.heal(0);
    assert_eq!(world.keys(1, "room"), ["Ann"]);
    world.pass(3 * SECOND);
    for node in 0..2 {
        assert_eq!(world.keys(node, "room"), ["Bob"]);
    }
}

#[test]
fn postponed_changes_are_published_once_in_their_final_state() {
    let mut world = World::new(2);
    world.put(0, 1, "room", "Ann", 0);
    world.cut(0);
    world.nodes[0].room = 0;
    for meta in 1..100 {
        world.put(0, 1, "room", "Ann", meta);
        world.put(0, 1000 + u64::from(meta), "room", "a guest", meta);
        world.leave(0, 1000 + u64::from(meta), 0);
        world.put(0, 2, "room", if meta % 2 == 0 { "Bob" } else { "Rob" }, meta);
    }
    let before = world.log.len();
    world.heal(0);
    let said: Vec<&EventKind> = world.log[before..]
        .iter()
        .map(|event| &event.kind)
        .filter(|kind| !matches!(kind, EventKind::Heartbeat { .. }))
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(world.seen(1, "room"), [("Ann".into(), "99".into(), 1), ("Rob".into(), "99".into(), 1)]);
}

/// Starts a node with `count` people in the room. Each part of its state contains one of them.
fn crowd(world: &mut World, count: u64) -> usize {
    let node = world.start();
    for id in 0..count {
        world.put(node, id, "room", &format!("person {id}"), 0);
    }
    node
}

#[test]
fn nodes_that_start_during_a_state_transfer_receive_all_of_it() {
    const MANY: usize = 60;
    let mut world = World::new(0);
    crowd(&mut world, MANY as u64);
    let before = world.log.len();
    let mut late = vec![world.start_unheard()];
    for _ in 0..3 {
        // About a third of the state.
        while world.parts(before) < late.len() * MANY / 3 {
            assert!(world.step());
        }
        late.push(world.start_unheard());
    }
    // More heartbeats than it would take for those who lack some of the people to request the state again.
    for _ in 0..MANY {
        world.now += SECOND;
        for sim in &mut world.nodes {
            sim.node.tick(world.now);
        }
        world.step();
    }
    world.settle();
    for node in late {
        assert_eq!(world.seen(node, "room").len(), MANY);
        assert_eq!(world.told(node).len(), MANY);
    }
    let parts = world.parts(before);
    assert!(parts <= 2 * MANY + 20, "{parts} parts of {MANY} people for four nodes that started one after the other");
}

#[test]
fn a_hundred_nodes_that_start_together_share_one_state_transfer() {
    const MANY: usize = 50;
    let mut world = World::new(0);
    crowd(&mut world, MANY as u64);
    let before = world.log.len();
    let late: Vec<usize> = (0..100).map(|_| world.start_unheard()).collect();
    world.pass(30 * SECOND);
    for node in late {
        assert_eq!(world.seen(node, "room").len(), MANY);
    }
    let of_the_crowd = world.log[before..].iter().filter(|event| event.node == NodeId(1));
    let parts = of_the_crowd.filter(|event| matches!(event.kind, EventKind::State { .. })).count();
    assert!(parts <= MANY + 5, "{parts} parts of {MANY} people");
}

/// In Phoenix.Tracker, a node that replaced a dead one was sent the state again with every heartbeat, for 20 minutes.
#[test]
fn a_node_that_replaces_a_dead_one_receives_each_state_once() {
    const MANY: usize = 30;
    let mut world = World::new(1);
    crowd(&mut world, MANY as u64);
    let dying = crowd(&mut world, MANY as u64);
    world.pass(20 * SECOND);
    let before = world.log.len();
    world.crash(dying);
    let late = world.start();
    world.pass(2 * HEARTBEAT);
    assert_eq!(world.seen(late, "room").len(), MANY, "other nodes do not publish the people of the dead node");
    world.pass(60 * SECOND);
    for node in [0, late] {
        assert_eq!(world.seen(node, "room").len(), MANY);
    }
    let parts = world.parts(before);
    assert!(parts <= MANY + 2, "{parts} parts of {MANY} people");
}

/// A part that the dead node had sent arrives after it was declared gone.
#[test]
fn nobody_of_a_node_that_dies_during_its_state_transfer_stays() {
    const MANY: usize = 30;
    let mut world = World::new(2);
    let dying = crowd(&mut world, MANY as u64);
    world.pass(20 * SECOND);
    let late = world.start_unheard();
    for _ in 0..MANY / 4 {
        world.step();
    }
    let part = world.log.iter().rfind(|event| matches!(event.kind, EventKind::State { .. })).cloned().unwrap();
    world.crash(dying);
    assert!(!world.seen(late, "room").is_empty());
    world.pass(4 * HEARTBEAT);
    for node in [0, late] {
        assert_eq!(world.seen(node, "room").len(), 0);
    }
    world.log.push(Event { stamp: part.stamp + 1, ..part });
    world.pass(5 * HEARTBEAT);
    for node in [0, 1, late] {
        assert_eq!(world.seen(node, "room").len(), 0);
    }
}

#[test]
fn nodes_that_miss_the_same_event_share_one_state_transfer() {
    const MANY: usize = 50;
    let mut world = World::new(10);
    let crowd = crowd(&mut world, MANY as u64);
    // They miss a join, and notice it at the next heartbeat.
    (0..10).for_each(|node| world.cut(node));
    world.put(crowd, 1000, "room", "Ann", 0);
    let end = world.log.len();
    (0..10).for_each(|node| world.nodes[node].read = end);
    (0..10).for_each(|node| world.heal(node));
    world.pass(HEARTBEAT + SECOND);
    for node in 0..10 {
        assert_eq!(world.seen(node, "room").len(), MANY + 1);
    }
    let parts = world.parts(end);
    assert!((MANY..MANY + 10).contains(&parts), "{parts} parts of {MANY} people");
    world.pass(60 * SECOND);
    assert_eq!(world.parts(end), parts, "all nodes agree, so nothing is published again");
}

#[test]
fn changes_are_published_before_the_rest_of_a_state() {
    let mut world = World::new(2);
    let crowd = crowd(&mut world, 100);
    let late = world.start_unheard();
    for _ in 0..5 {
        world.step();
    }
    let sim = &mut world.nodes[crowd];
    sim.node.put(world.now, 1000, &text("room"), &text("Ann"), &Meta::new(&0).unwrap());
    sim.node.leave(world.now, 99, 0, LeaveReason::Left);
    world.step();
    world.step();
    for node in [0, late] {
        assert!(world.keys(node, "room").contains(&"Ann".into()));
    }
    assert!(!world.keys(0, "room").contains(&"person 99".into()));
    assert!(world.keys(late, "room").len() < 50, "the state transfer is still in progress");
    world.settle();
    assert_eq!(world.seen(late, "room"), world.seen(0, "room"));
    assert_eq!(world.keys(late, "room").len(), 100);
    assert!(!world.told(late).iter().any(|told| told.starts_with('-')));
}

#[test]
fn a_node_that_is_disconnected_during_a_state_transfer_continues_it() {
    const MANY: usize = 60;
    let mut world = World::new(1);
    let crowd = crowd(&mut world, MANY as u64);
    let before = world.log.len();
    let late = world.start_unheard();
    while world.parts(before) < MANY / 2 {
        world.step();
    }
    world.cut(crowd);
    world.pass(10 * SECOND);
    world.heal(crowd);
    world.pass(10 * SECOND);
    assert_eq!(world.seen(late, "room").len(), MANY);
    let parts = world.parts(before);
    assert!(parts <= MANY + 5, "{parts} parts of {MANY} people");
}

#[test]
fn a_rejected_track_is_left_out_and_the_others_are_published() {
    let mut world = World::new(1);
    let now = world.now;
    let sim = &mut world.nodes[0];
    for (id, name, size) in [(1, "Ann", 1), (2, "Bob", 9000), (3, "Cat", 1)] {
        sim.node.put(now, id, &text("room"), &text(name), &Meta::new(&"x".repeat(size)).unwrap());
    }
    // A message server that limits the size of a message.
    let mut refused = Vec::new();
    let publish = |sim: &mut super::world::Sim, log: &mut Vec<Event>, refused: &mut Vec<String>| {
        for _ in 0..100 {
            let Some(event) = sim.node.next_event(now) else { return };
            if event.kind.size() > 4000 {
                refused.extend(sim.node.rejected(&event).map(|track| track.key.to_string()));
            } else {
                sim.node.accepted(&event);
                log.push(event);
            }
        }
        panic!("it publishes the same events over and over");
    };
    publish(sim, &mut world.log, &mut refused);
    assert_eq!(refused, ["Bob"]);
    world.settle();
    assert_eq!(world.keys(0, "room"), ["Ann", "Cat"]);
    // Neither heartbeats nor state transfers publish it again.
    let before = world.log.len();
    world.pass(60 * SECOND);
    assert_eq!(world.parts(before), 0);
    let late = world.start_unheard();
    for _ in 0..10 {
        publish(&mut world.nodes[0], &mut world.log, &mut refused);
        world.step();
    }
    assert_eq!(world.keys(late, "room"), ["Ann", "Cat"]);
    assert_eq!(refused, ["Bob"]);
    // With less metadata, the person is present.
    world.put(0, 2, "room", "Bob", 0);
    assert_eq!(world.keys(late, "room"), ["Ann", "Bob", "Cat"]);
}

#[test]
fn a_large_state_is_sent_in_parts() {
    const MANY: u64 = 5000;
    let mut node = Node::new(NodeId(1), Some(HEARTBEAT), 0);
    for id in 0..MANY {
        let key = text(&format!("person {id}"));
        node.put(0, id, &text("room"), &key, &Meta::new(&"x".repeat(100)).unwrap());
    }
    let drain = |node: &mut Node| {
        let mut said = Vec::new();
        while let Some(event) = node.next_event(0) {
            node.accepted(&event);
            said.push(event.kind);
        }
        said
    };
    drain(&mut node);
    node.apply(0, &Event { node: NodeId(2), stamp: 1, kind: EventKind::Hello });
    let parts = drain(&mut node);
    assert!((5..100).contains(&parts.len()), "{} parts", parts.len());
    assert!(parts.iter().all(|part| part.size() < 200 * 1024));
    let tracks = parts.iter().map(|part| match part {
        EventKind::State { tracks, .. } => tracks.len() as u64,
        other => panic!("a part of the state, not {other:?}"),
    });
    assert_eq!(tracks.sum::<u64>(), MANY);
}

#[test]
fn a_part_that_finds_no_room_is_made_smaller() {
    let mut node = Node::new(NodeId(1), Some(HEARTBEAT), 0);
    for id in 0..100 {
        node.put(0, id, &text("room"), &text(&format!("person {id}")), &Meta::new(&"x".repeat(10_000)).unwrap());
    }
    let mut now = 0;
    let mut told = 0;
    node.apply(0, &Event { node: NodeId(2), stamp: 1, kind: EventKind::Hello });
    while told < 100 {
        now += SECOND;
        node.tick(now);
        let Some(event) = node.next_event(now) else { continue };
        if event.kind.size() > 25_000 {
            node.postpone(now, event);
            continue;
        }
        node.accepted(&event);
        if let EventKind::State { tracks, .. } = event.kind {
            told += tracks.len();
        }
    }
    assert!(now < 250 * SECOND, "{now}");
}

#[test]
fn a_single_node_publishes_only_joins_and_leaves() {
    let mut node = Node::new(NodeId(1), None, 0);
    assert_eq!(node.tick(60 * SECOND), None);
    assert_eq!(node.next_event(60 * SECOND), None);
    node.put(60 * SECOND, 1, &text("room"), &text("Ann"), &Meta::new(&()).unwrap());
    let said =
        |node: &mut Node, now| std::iter::from_fn(|| node.next_event(now)).map(|event| event.kind).collect::<Vec<_>>();
    assert!(matches!(said(&mut node, 60 * SECOND)[..], [EventKind::Joined(_)]));
    node.leave(60 * SECOND, 1, LINGER, LeaveReason::Left);
    assert_eq!(node.tick(60 * SECOND), Some(60 * SECOND + LINGER));
    assert_eq!(node.tick(60 * SECOND + LINGER), None);
    assert!(matches!(said(&mut node, 60 * SECOND + LINGER)[..], [EventKind::Left { .. }]));
}
