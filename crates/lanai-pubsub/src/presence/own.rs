//! [`Own`]: the tracks of this node, and what of them is in the log.
//!
//! What is not yet in it is told at the pace at which the log takes it. What is kept meanwhile are the tracks that
//! changed, not the events: a track that changes ten times is told once, one that came and went is not told at all, and
//! memory is bounded by the number of tracks.
//!
//! **The order.** Changes are told in the order in which they happened, so nobody seems to be gone who was in another
//! tab by then. A track that came and went untold may have been the only one of a person when another one ended. The
//! end of that one is then told where this one went.
//!
//! **A state** is told as a round over the tracks, in the order of their numbers, a part at a time. Who asks for it
//! while it is under way makes the round go on to where it is then: all who ask are served, and none makes it begin
//! again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::event::{LeaveReason, Stamp, Track, TrackId, What};
use super::meta::Meta;
use super::node::Millis;

/// How many bytes of tracks go into one part of a state, about: engines have a largest message.
const PART: usize = 128 * 1024;

/// What an event takes besides texts of its track.
const FRAME: usize = 128;

/// What a track goes by where it is put and ended. In the log it has a number, and another one each time that it
/// begins.
pub(crate) type OwnId = u64;

#[derive(Default)]
pub(crate) struct Own {
    numbers: HashMap<OwnId, TrackId>,
    /// The number of the latest track.
    last_number: TrackId,
    tracks: BTreeMap<TrackId, Here>,
    /// Those of them that linger, by when their time is over.
    lingering: BTreeSet<(Millis, OwnId)>,
    /// Those that are over, and still in the log.
    over: HashMap<TrackId, Over>,
    /// Which of both have changed since they were told, by their place.
    untold: BTreeMap<i64, TrackId>,
    next_place: i64,
    /// The digest of what is in the log.
    digest: u64,
    round: Option<Round>,
    /// When the last one began, or was made longer.
    round_began: Stamp,
    /// How large parts are now, relative to [`PART`]: divided by two so many times.
    halved: u32,
    /// How often at least: larger ones were refused.
    least_halved: u32,
    /// What was taken last, as it was before.
    before: Before,
}

/// A track of this node.
struct Here {
    track: Track,
    /// When it ends unless it is put again, and why.
    lingering: Option<(Millis, LeaveReason)>,
    /// The digest of what is in the log of it.
    told: Option<u64>,
    /// Its place, if it has changed since.
    place: Option<i64>,
    /// The log does not take it as it is.
    is_refused: bool,
}

struct Over {
    track: Track,
    why: LeaveReason,
    told: u64,
    place: i64,
}

#[derive(Default)]
enum Before {
    #[default]
    Nothing,
    /// What the log had of a track.
    Joined(Option<u64>),
    Left(Over),
}

/// A state that is being told.
#[derive(Clone, Copy)]
struct Round {
    /// The number of the next track.
    next: TrackId,
    /// The last one.
    end: TrackId,
    /// Then it goes on from the first to this one.
    again: Option<TrackId>,
}

impl Own {
    // ---- what happens ----

    fn here(&mut self, id: OwnId) -> Option<&mut Here> {
        self.tracks.get_mut(self.numbers.get(&id)?)
    }

    /// A track that is here, lingering or not.
    pub(crate) fn get(&self, id: OwnId) -> Option<&Track> {
        self.tracks.get(self.numbers.get(&id)?).map(|here| &here.track)
    }

    /// Whether a track is here and does not linger.
    pub(crate) fn is_here(&self, id: OwnId) -> bool {
        let here = self.numbers.get(&id).and_then(|number| self.tracks.get(number));
        here.is_some_and(|here| here.lingering.is_none())
    }

    /// Somebody is here.
    pub(crate) fn begin(
        &mut self,
        id: OwnId,
        topic: &Arc<str>,
        key: &Arc<str>,
        meta: &Meta,
        since: Stamp,
        stamp: Stamp,
    ) {
        self.last_number += 1;
        let number = self.last_number;
        let (topic, key, meta) = (Arc::clone(topic), Arc::clone(key), meta.clone());
        let track = Track { id: number, topic, key, meta, since, stamp };
        let place = Some(self.last_place(number));
        self.numbers.insert(id, number);
        self.tracks.insert(number, Here { track, lingering: None, told: None, place, is_refused: false });
    }

    /// Something else is said about somebody.
    pub(crate) fn change(&mut self, id: OwnId, meta: &Meta, stamp: Stamp) {
        let Some(here) = self.here(id) else { return };
        here.track.meta = meta.clone();
        here.track.stamp = stamp;
        here.is_refused = false;
        if here.place.is_none() {
            let number = here.track.id;
            let place = self.last_place(number);
            if let Some(here) = self.here(id) {
                here.place = Some(place);
            }
        }
    }

    /// The track does not linger any more, if it did.
    pub(crate) fn stay(&mut self, id: OwnId) {
        if let Some((at, _)) = self.here(id).and_then(|here| here.lingering.take()) {
            self.lingering.remove(&(at, id));
        }
    }

    /// The track lingers until then, unless it does already and ends sooner.
    pub(crate) fn linger(&mut self, id: OwnId, until: Millis, why: LeaveReason) {
        let Some(here) = self.here(id) else { return };
        if here.lingering.is_some_and(|(before, _)| before <= until) {
            return;
        }
        if let Some((before, _)) = here.lingering.replace((until, why)) {
            self.lingering.remove(&(before, id));
        }
        self.lingering.insert((until, id));
    }

    pub(crate) fn end(&mut self, id: OwnId, why: LeaveReason) {
        self.stay(id);
        let Some(number) = self.numbers.remove(&id) else { return };
        let Some(Here { track, told, place, .. }) = self.tracks.remove(&number) else { return };
        if let Some(place) = place {
            self.untold.remove(&place);
        }
        match told {
            Some(told) => {
                let place = self.last_place(number);
                self.over.insert(number, Over { track, why, told, place });
            }
            None => self.defer_ends(&track, place.unwrap_or(self.next_place)),
        }
    }

    /// Ends those whose time is over.
    pub(crate) fn pass(&mut self, now: Millis) {
        while let Some((_, id)) = self.lingering.first().copied().filter(|(at, _)| *at <= now) {
            let why = self.here(id).and_then(|here| here.lingering).map_or(LeaveReason::Lost, |(_, why)| why);
            self.end(id, why);
        }
    }

    /// When the time of the next one is over.
    pub(crate) fn next_end(&self) -> Option<Millis> {
        self.lingering.first().map(|(at, _)| *at)
    }

    /// Gives a track the last place among what is untold.
    fn last_place(&mut self, number: TrackId) -> i64 {
        let place = self.next_place;
        self.next_place += 1;
        self.untold.insert(place, number);
        place
    }

    /// A track has come at that place, and gone untold. If another track of the same person ended meanwhile, the person
    /// is gone only now.
    fn defer_ends(&mut self, gone: &Track, from: i64) {
        let of_the_same = |number: &TrackId| {
            let over = self.over.get(number)?;
            (over.track.topic == gone.topic && over.track.key == gone.key).then_some((over.place, *number))
        };
        let ends: Vec<(i64, TrackId)> =
            self.untold.range(from..).filter_map(|(_, number)| of_the_same(number)).collect();
        for (place, number) in ends {
            self.untold.remove(&place);
            let place = self.last_place(number);
            if let Some(over) = self.over.get_mut(&number) {
                over.place = place;
            }
        }
    }

    // ---- states ----

    /// All that there is of this node is to be told, from here on in the log.
    pub(crate) fn tell_all(&mut self, stamp: Stamp) {
        self.round_began = stamp;
        if self.round.is_none() {
            self.halved = self.least_halved;
        }
        let next = self.round.map_or(0, |round| round.next);
        // Those that begin later are told of by themselves.
        self.round = Some(Round { next, end: self.last_number, again: next.checked_sub(1) });
    }

    /// When the last state was begun, or asked for once more.
    pub(crate) fn round_began(&self) -> Stamp {
        self.round_began
    }

    pub(crate) fn is_telling_all(&self) -> bool {
        self.round.is_some()
    }

    pub(crate) fn stop_telling(&mut self) {
        self.round = None;
    }

    /// The digest of what is in the log.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    // ---- telling ----

    pub(crate) fn has_more(&self) -> bool {
        !self.untold.is_empty() || self.round.is_some()
    }

    /// What is to be told next. It counts as told, unless it is given [back](Self::back).
    pub(crate) fn next(&mut self) -> Option<What> {
        self.next_change().or_else(|| self.next_part())
    }

    fn next_change(&mut self) -> Option<What> {
        let (_, number) = self.untold.pop_first()?;
        if let Some(over) = self.over.remove(&number) {
            self.digest = self.digest.wrapping_sub(over.told);
            let why = over.why;
            self.before = Before::Left(over);
            return Some(What::Left { track: number, why });
        }
        let here = self.tracks.get_mut(&number)?;
        here.place = None;
        self.before = Before::Joined(here.told);
        set_told(&mut self.digest, &mut here.told, Some(here.track.digest()));
        Some(What::Joined(here.track.clone()))
    }

    /// The next part of the round. No change is untold, so it is what the log should have.
    fn next_part(&mut self) -> Option<What> {
        let round = self.round?;
        let (mut tracks, mut size, mut to) = (Vec::new(), 0, round.end);
        let most = PART >> self.halved;
        for (id, here) in self.tracks.range_mut(round.next..=round.end) {
            if here.is_refused {
                set_told(&mut self.digest, &mut here.told, None);
                continue;
            }
            size += track_size(&here.track);
            if size > most && !tracks.is_empty() {
                // Where the next one begins.
                to = id - 1;
                break;
            }
            set_told(&mut self.digest, &mut here.told, Some(here.track.digest()));
            tracks.push(here.track.clone());
        }
        Some(What::State { from: round.next, to, tracks })
    }

    /// The log has taken what was to be told.
    pub(crate) fn taken(&mut self, what: &What) {
        let What::State { from, to, .. } = what else { return };
        self.round = self.round.and_then(|round| {
            if round.next != *from {
                // It was begun anew meanwhile.
                return Some(round);
            }
            if *to < round.end {
                return Some(Round { next: to + 1, ..round });
            }
            round.again.map(|end| Round { next: 0, end, again: None })
        });
    }

    /// The log has no room for what was to be told: it is told later.
    pub(crate) fn back(&mut self, what: &What) {
        match what {
            What::Joined(track) => self.untell(track),
            What::Left { track, .. } => {
                if let Before::Left(over) = std::mem::take(&mut self.before) {
                    let place = self.first_place(*track);
                    self.digest = self.digest.wrapping_add(over.told);
                    self.over.insert(*track, Over { place, ..over });
                }
            }
            // It is not told before it is taken. A smaller one may find room.
            What::State { tracks, .. } => self.halve(tracks.len()),
            _ => {}
        }
    }

    fn untell(&mut self, track: &Track) {
        let Before::Joined(before) = std::mem::take(&mut self.before) else { return };
        let number = track.id;
        if let Some(here) = self.tracks.get_mut(&number) {
            set_told(&mut self.digest, &mut here.told, before);
            if here.place.is_none() {
                let place = self.first_place(number);
                if let Some(here) = self.tracks.get_mut(&number) {
                    here.place = Some(place);
                }
            }
        } else if let Some(over) = self.over.get_mut(&number) {
            // It has ended meanwhile.
            self.digest = self.digest.wrapping_sub(over.told).wrapping_add(before.unwrap_or(0));
            match before {
                Some(before) => over.told = before,
                None => {
                    self.untold.remove(&over.place);
                    self.over.remove(&number);
                    self.defer_ends(track, i64::MIN);
                }
            }
        }
    }

    /// Gives a track the first place among what is untold.
    fn first_place(&mut self, number: TrackId) -> i64 {
        let place = self.untold.first_key_value().map_or(self.next_place, |(place, _)| *place) - 1;
        self.untold.insert(place, number);
        place
    }

    /// The log never takes what was to be told. If that is a single track, it is told no more until it changes, and is
    /// returned.
    pub(crate) fn refused(&mut self, what: &What) -> Option<Track> {
        let track = match what {
            What::Joined(track) => {
                self.back(what);
                track
            }
            What::State { tracks, .. } => match &tracks[..] {
                [track] => track,
                _ => {
                    self.halve(tracks.len());
                    self.least_halved = self.halved;
                    return None;
                }
            },
            _ => return None,
        };
        let here = self.tracks.get_mut(&track.id).filter(|here| here.track.stamp == track.stamp)?;
        here.is_refused = true;
        if let Some(place) = here.place.take() {
            self.untold.remove(&place);
        }
        Some(track.clone())
    }

    /// Has each part hold one track.
    #[cfg(test)]
    pub(crate) fn make_parts_small(&mut self) {
        self.halved = PART.ilog2();
        self.least_halved = self.halved;
    }

    fn halve(&mut self, tracks: usize) {
        if tracks > 1 {
            self.halved = (self.halved + 1).min(PART.ilog2());
        }
    }
}

/// Notes what is in the log of a track, in the digest too.
fn set_told(digest: &mut u64, told: &mut Option<u64>, now: Option<u64>) {
    *digest = digest.wrapping_sub(told.unwrap_or(0)).wrapping_add(now.unwrap_or(0));
    *told = now;
}

/// How many bytes a track takes in an event, about.
fn track_size(track: &Track) -> usize {
    track.topic.len() + track.key.len() + track.meta.json().len() + FRAME
}

impl What {
    /// How many bytes it takes in the log, about.
    pub(crate) fn size(&self) -> usize {
        let tracks: usize = match self {
            What::Joined(track) => track_size(track),
            What::State { tracks, .. } => tracks.iter().map(track_size).sum(),
            _ => 0,
        };
        tracks + FRAME
    }
}
