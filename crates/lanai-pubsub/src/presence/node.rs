//! [`Node`]: what one process contributes to the log, and what it makes of it. It knows no clock and no broker: both are handed in.
//!
//! **Own tracks** begin and end here. One that ends may linger: until then nothing is said, and if it is put again, nothing was.
//!
//! **Other nodes** are watched if there are any. Each says every few seconds that it is alive, and never twice before it has heard
//! itself. A node is silent when three such words of this node came through and none of the other: so a node that was cut off
//! does not take the others for silent, whose words wait in the log. Who is silent is declared gone, in the log, so all agree.
//! A node that reads this of itself sends its state.
//!
//! **What gets lost** is noticed by the digest that comes with each sign of life, and asked for.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::event::{Event, LeaveReason, NodeId, Stamp, Track, TrackId, What};
use super::meta::Meta;
use super::people::{Changed, People};

/// How many of its signs of life a node hears before it takes another one for silent.
const SIGNS: u32 = 3;

/// How many bytes of tracks go into one event, about: engines have a largest message.
const PART: usize = 128 * 1024;

/// A moment, in milliseconds since some beginning.
pub(crate) type Millis = u64;

pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) people: People,
    /// The largest stamp that was given or seen.
    stamp: Stamp,
    own: HashMap<TrackId, Own>,
    /// Those of them that linger, by when their time is over.
    lingering: BTreeSet<(Millis, TrackId)>,
    /// All nodes that were heard, this one too.
    heard: HashMap<NodeId, Heard>,
    /// With other nodes.
    heartbeat: Option<Heartbeat>,
    /// What is to be put into the log, in order.
    out: VecDeque<Event>,
    /// What was put into it has not arrived: the state is sent again, not before this.
    again: Option<Millis>,
}

/// A track of this node.
struct Own {
    track: Track,
    /// When it ends unless it is put again, and why.
    lingering: Option<(Millis, LeaveReason)>,
}

/// What was heard of a node.
struct Heard {
    /// The latest stamp.
    stamp: Stamp,
    /// When.
    at: Millis,
    /// How many of this node's own signs of life were heard since.
    signs: u32,
    /// A state of which not all parts have come.
    parts: Option<Vec<Track>>,
}

struct Heartbeat {
    every: Millis,
    next: Millis,
    /// The last sign of life, if it was not heard yet, and when it was sent.
    under_way: Option<(Stamp, Millis)>,
}

impl Node {
    /// A node by itself, or one among others that says every so often that it is alive.
    pub(crate) fn new(id: NodeId, heartbeat: Option<Millis>, now: Millis) -> Self {
        let mut node = Self {
            id,
            people: People::default(),
            stamp: 0,
            own: HashMap::new(),
            lingering: BTreeSet::new(),
            heard: HashMap::new(),
            heartbeat: heartbeat.map(|every| Heartbeat { every, next: now, under_way: None }),
            out: VecDeque::new(),
            again: None,
        };
        if node.heartbeat.is_some() {
            node.say(now, What::Hello);
        }
        node
    }

    /// Sets how often the node says that it is alive, if it has others to tell.
    pub(crate) fn set_heartbeat(&mut self, now: Millis, every: Millis) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.every = every.max(1);
            heartbeat.next = now;
        }
    }

    // ---- own tracks ----

    /// The track is here, as this person, from now on. It may be new, linger, be over, or be someone else's so far.
    pub(crate) fn put(&mut self, now: Millis, id: TrackId, topic: &Arc<str>, key: &Arc<str>, meta: &Meta) {
        if let Some(own) = self.own.get_mut(&id) {
            if let Some((at, _)) = own.lingering.take() {
                self.lingering.remove(&(at, id));
            }
            if own.track.topic == *topic && own.track.key == *key {
                if own.track.meta != *meta {
                    let stamp = self.tick_stamp(now);
                    let Some(own) = self.own.get_mut(&id) else { return };
                    own.track.meta = meta.clone();
                    own.track.stamp = stamp;
                    let track = own.track.clone();
                    self.out.push_back(Event { node: self.id, stamp, what: What::Joined(track) });
                }
                return;
            }
            self.end(now, id, LeaveReason::Untracked);
        }
        let stamp = self.tick_stamp(now);
        // Who is here already keeps the place, whichever tab is closed first.
        let since = self.people.entry(topic, key).map_or(stamp, |entry| entry.since);
        let track = Track { id, topic: Arc::clone(topic), key: Arc::clone(key), meta: meta.clone(), since, stamp };
        self.own.insert(id, Own { track: track.clone(), lingering: None });
        self.out.push_back(Event { node: self.id, stamp, what: What::Joined(track) });
    }

    /// The track ends after so many milliseconds, unless it is put again before. One that lingers already goes by what ends sooner.
    pub(crate) fn leave(&mut self, now: Millis, id: TrackId, after: Millis, why: LeaveReason) {
        let Some(own) = self.own.get_mut(&id) else { return };
        let at = now.saturating_add(after);
        if let Some((before, _)) = own.lingering {
            if before <= at {
                return;
            }
            self.lingering.remove(&(before, id));
        }
        if after == 0 {
            return self.end(now, id, why);
        }
        own.lingering = Some((at, why));
        self.lingering.insert((at, id));
    }

    fn end(&mut self, now: Millis, id: TrackId, why: LeaveReason) {
        if self.own.remove(&id).is_some() {
            self.say(now, What::Left { track: id, why });
        }
    }

    /// Whether a track is here and does not linger.
    pub(crate) fn is_here(&self, id: TrackId) -> bool {
        self.own.get(&id).is_some_and(|own| own.lingering.is_none())
    }

    // ---- the log ----

    /// The next event to be put into the log.
    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    /// An event could not be put into the log.
    pub(crate) fn failed(&mut self, now: Millis, event: &Event) {
        if let (What::Alive { .. }, Some(heartbeat)) = (&event.what, &mut self.heartbeat) {
            heartbeat.under_way = None;
        }
        let pause = self.heartbeat.as_ref().map_or(1000, |heartbeat| heartbeat.every / 5 + 1);
        self.again = Some(now + pause);
    }

    /// Takes an event out of the log.
    pub(crate) fn apply(&mut self, now: Millis, event: &Event) -> Vec<Changed> {
        let mut changes = Vec::new();
        let from = event.node;
        self.stamp = self.stamp.max(event.stamp);
        let heard = self.heard.entry(from).or_insert_with(|| Heard { stamp: 0, at: now, signs: 0, parts: None });
        heard.stamp = heard.stamp.max(event.stamp);
        heard.at = now;
        heard.signs = 0;
        match &event.what {
            What::Hello if from != self.id => self.say_state(now),
            What::Hello => {}
            What::State { first, last, tracks } => {
                if *first {
                    heard.parts = Some(Vec::new());
                }
                if let Some(parts) = &mut heard.parts {
                    parts.extend_from_slice(tracks);
                }
                // Without the first part, which was sent before this node was there, it is worth nothing.
                if *last && let Some(tracks) = heard.parts.take() {
                    self.people.replace(from, tracks, LeaveReason::Lost, &mut changes);
                }
            }
            What::Alive { digest } => {
                let is_missing = *digest != self.people.digest(from);
                if from == self.id {
                    self.heard_self(event.stamp);
                    if is_missing {
                        self.say_state(now);
                    }
                } else if is_missing {
                    self.say(now, What::Ask(from));
                }
            }
            What::Ask(node) if *node == self.id => self.say_state(now),
            What::Ask(_) => {}
            What::Gone { of, seen } => {
                if self.heard.get(of).is_some_and(|heard| heard.stamp <= *seen) {
                    if *of != self.id {
                        self.heard.remove(of);
                    }
                    self.people.replace(*of, Vec::new(), LeaveReason::NodeLost, &mut changes);
                    if *of == self.id {
                        self.say_state(now);
                    }
                }
            }
            What::Joined(track) => self.people.put(from, track.clone(), &mut changes),
            What::Left { track, why } => self.people.remove(from, *track, *why, &mut changes),
        }
        changes
    }

    fn heard_self(&mut self, sign: Stamp) {
        // Those before it were held up somewhere, as the words of others may be.
        let is_last = |heartbeat: &mut Heartbeat| heartbeat.under_way.take_if(|(last, _)| *last == sign).is_some();
        if !self.heartbeat.as_mut().is_some_and(is_last) {
            return;
        }
        for (node, heard) in &mut self.heard {
            if *node != self.id {
                heard.signs += 1;
            }
        }
    }

    // ---- time ----

    /// Does what is due, and says when the next thing will be.
    pub(crate) fn tick(&mut self, now: Millis) -> Option<Millis> {
        while let Some((at, id)) = self.lingering.first().copied().filter(|(at, _)| *at <= now) {
            self.lingering.remove(&(at, id));
            let why = self.own.get(&id).and_then(|own| own.lingering).map_or(LeaveReason::Lost, |(_, why)| why);
            self.end(now, id, why);
        }
        if self.again.is_some_and(|at| at <= now) {
            self.again = None;
            self.say_state(now);
        }
        if let Some(heartbeat) = &mut self.heartbeat
            && heartbeat.next <= now
        {
            let every = heartbeat.every;
            heartbeat.next = now + every;
            // What was sent long ago may have got lost.
            if heartbeat.under_way.is_none_or(|(_, sent)| now >= sent + every * u64::from(SIGNS)) {
                let digest = self.own.values().fold(0, |sum: u64, own| sum.wrapping_add(own.track.digest()));
                let stamp = self.say(now, What::Alive { digest });
                if let Some(heartbeat) = &mut self.heartbeat {
                    heartbeat.under_way = Some((stamp, now));
                }
            }
            self.declare_gone(now, every);
        }
        self.next_tick()
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn next_tick(&self) -> Option<Millis> {
        let lingering = self.lingering.first().map(|(at, _)| *at);
        let heartbeat = self.heartbeat.as_ref().map(|heartbeat| heartbeat.next);
        [lingering, heartbeat, self.again].into_iter().flatten().min()
    }

    fn declare_gone(&mut self, now: Millis, every: Millis) {
        let mut silent: Vec<(NodeId, Stamp)> = Vec::new();
        for (node, heard) in &mut self.heard {
            let is_silent = heard.signs >= SIGNS && now >= heard.at + every * u64::from(SIGNS);
            if *node != self.id && is_silent {
                // Not again with the next sign, but if this one gets lost.
                heard.signs = 0;
                silent.push((*node, heard.stamp));
            }
        }
        silent.sort_unstable();
        for (of, seen) in silent {
            tracing::warn!(node = of.0, "a node has fallen silent: its people are gone unless they are elsewhere");
            self.say(now, What::Gone { of, seen });
        }
    }

    // ---- words ----

    fn tick_stamp(&mut self, now: Millis) -> Stamp {
        self.stamp = now.max(self.stamp + 1);
        self.stamp
    }

    fn say(&mut self, now: Millis, what: What) -> Stamp {
        let stamp = self.tick_stamp(now);
        self.out.push_back(Event { node: self.id, stamp, what });
        stamp
    }

    fn say_state(&mut self, now: Millis) {
        let mut tracks: Vec<&Track> = self.own.values().map(|own| &own.track).collect();
        tracks.sort_unstable_by_key(|track| track.id);
        let mut parts: Vec<Vec<Track>> = vec![Vec::new()];
        let mut size = 0;
        for track in tracks {
            size += track.topic.len() + track.key.len() + track.meta.json().len() + 64;
            if size > PART {
                parts.push(Vec::new());
                size = 0;
            }
            if let Some(part) = parts.last_mut() {
                part.push(track.clone());
            }
        }
        let count = parts.len();
        for (index, tracks) in parts.into_iter().enumerate() {
            self.say(now, What::State { first: index == 0, last: index + 1 == count, tracks });
        }
    }
}
