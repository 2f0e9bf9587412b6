//! [`Node`]: what one process contributes to the log, and what it makes of it. It knows no clock and no broker: both are handed in.
//!
//! **Own tracks** begin and end here. One that ends may linger: until then nothing is said, and if it is put again, nothing was.
//! What there is to say waits in [`Own`] until the log takes it.
//!
//! **Other nodes** are watched if there are any. Each says every few seconds that it is alive, and never twice before it has heard
//! itself. A node is silent when three such words of this node came through and none of the other: so a node that was cut off
//! does not take the others for silent, whose words wait in the log. Who is silent is declared gone, in the log, so all agree.
//! A node that reads this of itself sends its state.
//!
//! **What gets lost** is noticed by the digest that comes with each sign of life, and asked for.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::event::{Event, LeaveReason, NodeId, Stamp, Track, TrackId, What};
use super::meta::Meta;
use super::own::{Own, OwnId};
use super::people::{Changed, People};

/// How many of its signs of life a node hears before it takes another one for silent.
const SIGNS: u32 = 3;

/// How long to wait before what was not taken is tried again, at most.
const PAUSE: Millis = 1000;

/// How often that is doubled for what was taken and has not arrived, at most.
const DOUBLED: u32 = 6;

/// The longest time between two signs of life, so that sums of it stay within bounds.
const LONGEST: Millis = 1 << 40;

/// A moment, in milliseconds since some beginning.
pub(crate) type Millis = u64;

pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) people: People,
    pub(super) own: Own,
    /// The largest stamp that was given or seen.
    stamp: Stamp,
    /// All nodes that were heard, this one too.
    heard: HashMap<NodeId, Heard>,
    /// With other nodes.
    heartbeat: Option<Heartbeat>,
    /// What is to be said before anything about people.
    words: VecDeque<Word>,
    /// The log has no room: nothing is said before this.
    retry: Option<Millis>,
    /// What was put into the log has not arrived: the state is sent again, not before this.
    again: Option<Millis>,
    /// How often something has not arrived since something did.
    failures: u32,
}

/// What a node says beside what it has to say about its people. It becomes an event when its turn has come.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Word {
    Hello,
    Alive,
    Ask { of: NodeId, seen: Stamp },
    Gone { of: NodeId, seen: Stamp },
}

/// What was heard of a node.
struct Heard {
    /// The latest stamp.
    stamp: Stamp,
    /// When.
    at: Millis,
    /// How many of this node's own signs of life were heard since.
    signs: u32,
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
        Self {
            id,
            people: People::default(),
            own: Own::default(),
            stamp: 0,
            heard: HashMap::new(),
            words: heartbeat.is_some().then_some(Word::Hello).into_iter().collect(),
            heartbeat: heartbeat.map(|every| Heartbeat { every, next: now, under_way: None }),
            retry: None,
            again: None,
            failures: 0,
        }
    }

    /// Sets how often the node says that it is alive, if it has others to tell.
    pub(crate) fn set_heartbeat(&mut self, now: Millis, every: Millis) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.every = every.clamp(1, LONGEST);
            heartbeat.next = now;
        }
    }

    // ---- own tracks ----

    /// The track is here, as this person, from now on. It may be new, linger, be over, or be someone else's so far.
    pub(crate) fn put(&mut self, now: Millis, id: OwnId, topic: &Arc<str>, key: &Arc<str>, meta: &Meta) {
        self.own.stay(id);
        if let Some(track) = self.own.get(id) {
            if track.topic == *topic && track.key == *key {
                if track.meta != *meta {
                    let stamp = self.tick_stamp(now);
                    self.own.change(id, meta, stamp);
                }
                return;
            }
            self.own.end(id, LeaveReason::Untracked);
        }
        let stamp = self.tick_stamp(now);
        // Who is here already keeps the place, whichever tab is closed first.
        let since = self.people.entry(topic, key).map_or(stamp, |entry| entry.since);
        self.own.begin(id, topic, key, meta, since, stamp);
    }

    /// The track ends after so many milliseconds, unless it is put again before. One that lingers already goes by what ends sooner.
    pub(crate) fn leave(&mut self, now: Millis, id: OwnId, after: Millis, why: LeaveReason) {
        if after == 0 {
            self.own.end(id, why);
        } else {
            self.own.linger(id, now.saturating_add(after), why);
        }
    }

    /// Whether a track is here and does not linger.
    pub(crate) fn is_here(&self, id: OwnId) -> bool {
        self.own.is_here(id)
    }

    // ---- the log ----

    /// The next event to be put into the log. It is followed by [`taken`](Self::taken),
    /// [`has_no_room`](Self::has_no_room) or [`refused`](Self::refused).
    pub(crate) fn next_event(&mut self, now: Millis) -> Option<Event> {
        if self.retry.is_some_and(|at| now < at) {
            return None;
        }
        let what = match self.words.pop_front() {
            Some(Word::Hello) => What::Hello,
            Some(Word::Alive) => {
                // What is on its way repairs what was missed.
                let is_complete = !self.own.is_telling_all() && self.again.is_none();
                What::Alive { digest: is_complete.then(|| self.own.digest()) }
            }
            Some(Word::Ask { of, seen }) => What::Ask { of, seen },
            Some(Word::Gone { of, seen }) => What::Gone { of, seen },
            None => self.own.next()?,
        };
        let stamp = self.tick_stamp(now);
        if let (What::Alive { .. }, Some(heartbeat)) = (&what, &mut self.heartbeat) {
            heartbeat.under_way = Some((stamp, now));
        }
        Some(Event { node: self.id, stamp, what })
    }

    /// Whether there is more to be put into the log.
    pub(crate) fn has_more(&self) -> bool {
        !self.words.is_empty() || self.own.has_more()
    }

    /// The log has taken an event.
    pub(crate) fn taken(&mut self, event: &Event) {
        self.own.taken(&event.what);
    }

    /// The log could not take an event now: it waits here.
    pub(crate) fn has_no_room(&mut self, now: Millis, event: Event) {
        self.retry = Some(now + self.pause());
        let word = match event.what {
            What::Hello => Word::Hello,
            What::Alive { .. } => {
                if let Some(heartbeat) = &mut self.heartbeat {
                    heartbeat.under_way = None;
                }
                Word::Alive
            }
            What::Ask { of, seen } => Word::Ask { of, seen },
            What::Gone { of, seen } => Word::Gone { of, seen },
            what => return self.own.back(&what),
        };
        self.words.retain(|other| *other != word);
        self.words.push_front(word);
    }

    /// The log takes this event neither now nor later. If it is about one person alone, nobody is told of them; that is
    /// returned.
    pub(crate) fn refused(&mut self, event: &Event) -> Option<Track> {
        self.own.refused(&event.what)
    }

    /// Something that the log has taken has arrived: there may be room.
    pub(crate) fn arrived(&mut self) {
        self.failures = 0;
        self.retry = None;
    }

    /// Something that the log has taken does not arrive, or may not. After a while all is told again. Whether this is
    /// the first of several.
    pub(crate) fn lost(&mut self, now: Millis) -> bool {
        self.own.stop_telling();
        let is_first = self.again.is_none();
        if is_first {
            self.again = Some(now + (self.pause() << self.failures));
            self.failures = (self.failures + 1).min(DOUBLED);
        }
        is_first
    }

    /// How long to wait after a failure.
    fn pause(&self) -> Millis {
        self.heartbeat.as_ref().map_or(PAUSE, |heartbeat| (heartbeat.every / 5 + 1).min(PAUSE))
    }

    /// Takes an event out of the log.
    pub(crate) fn apply(&mut self, now: Millis, event: &Event) -> Vec<Changed> {
        let mut changes = Vec::new();
        let from = event.node;
        self.stamp = self.stamp.max(event.stamp);
        let heard = self.heard.entry(from).or_insert_with(|| Heard { stamp: 0, at: now, signs: 0 });
        heard.stamp = heard.stamp.max(event.stamp);
        heard.at = now;
        heard.signs = 0;
        match &event.what {
            What::Hello if from != self.id => self.tell_all(now),
            What::Hello => {}
            What::State { from: first, to, tracks } => {
                self.people.replace(from, *first..=*to, tracks, LeaveReason::Lost, &mut changes);
            }
            What::Alive { digest } => {
                let is_missing = digest.is_some_and(|digest| digest != self.people.digest(from));
                if from == self.id {
                    self.heard_self(event.stamp);
                    if is_missing && self.own.round_began() <= event.stamp {
                        self.tell_all(now);
                    }
                } else if is_missing {
                    self.say(Word::Ask { of: from, seen: event.stamp });
                }
            }
            // Those who miss the same ask for it one after the other.
            What::Ask { of, seen } if *of == self.id && self.own.round_began() <= *seen => self.tell_all(now),
            What::Ask { .. } => {}
            What::Gone { of, seen } => {
                if self.heard.get(of).is_some_and(|heard| heard.stamp <= *seen) {
                    if *of != self.id {
                        self.heard.remove(of);
                    }
                    self.people.replace(*of, 0..=TrackId::MAX, &[], LeaveReason::NodeLost, &mut changes);
                    if *of == self.id {
                        self.tell_all(now);
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
        self.own.pass(now);
        if self.retry.is_some_and(|at| at <= now) {
            self.retry = None;
        }
        if self.again.is_some_and(|at| at <= now) {
            self.again = None;
            self.tell_all(now);
        }
        if let Some(heartbeat) = &mut self.heartbeat
            && heartbeat.next <= now
        {
            let every = heartbeat.every;
            heartbeat.next = now + every;
            // What was sent long ago may have got lost.
            if heartbeat.under_way.is_none_or(|(_, sent)| now >= sent + every * u64::from(SIGNS)) {
                self.say(Word::Alive);
            }
            self.declare_gone(now, every);
        }
        self.next_tick()
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn next_tick(&self) -> Option<Millis> {
        let heartbeat = self.heartbeat.as_ref().map(|heartbeat| heartbeat.next);
        [self.own.next_end(), heartbeat, self.retry, self.again].into_iter().flatten().min()
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
            self.say(Word::Gone { of, seen });
        }
    }

    // ---- words ----

    fn tick_stamp(&mut self, now: Millis) -> Stamp {
        self.stamp = now.max(self.stamp + 1);
        self.stamp
    }

    /// Says it once, however often there was reason to before its turn has come.
    fn say(&mut self, word: Word) {
        if let Word::Ask { of, .. } = word {
            self.words.retain(|other| !matches!(other, Word::Ask { of: other, .. } if *other == of));
        }
        if !self.words.contains(&word) {
            self.words.push_back(word);
        }
    }

    fn tell_all(&mut self, now: Millis) {
        let stamp = self.tick_stamp(now);
        self.own.tell_all(stamp);
    }
}
