//! [`LocalTracks`]: the tracks of this node, and which of their changes are published.
//!
//! Changes are published as fast as the log accepts them. Until then, this keeps the tracks that changed and not the
//! events: a track that changes ten times is published once, a track that came and went is not published at all, and
//! memory is bounded by the number of tracks.
//!
//! **Order.** Changes are published in the order in which they happened, so a person who moves from one tab to another
//! never seems to leave. A track may come and go unpublished while another track of the same person ends. The end of
//! that other track is then published at the point where the unpublished one went.
//!
//! **State transfer.** A node sends its state by iterating over its tracks in the order of their numbers, one part at a
//! time. A request that arrives during a transfer extends it by one more pass up to the current track. So every
//! requester receives the full state, and no request restarts the transfer.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::event::{EventKind, LeaveReason, Millis, Stamp, Track, TrackId};
use super::meta::Meta;

/// The approximate size of the tracks in one part of a state transfer, since message servers limit the size of a
/// message.
const PART_BYTES: usize = 128 * 1024;

/// The size of an event apart from the texts of its track.
const EVENT_OVERHEAD: usize = 128;

/// Identifies a track to the code that begins and ends it. In the log a track has a [`TrackId`], and a new one each
/// time that it begins.
pub(crate) type LocalId = u64;

#[derive(Default)]
pub(crate) struct LocalTracks {
    numbers: HashMap<LocalId, TrackId>,
    /// The number of the newest track.
    last_number: TrackId,
    tracks: BTreeMap<TrackId, LocalTrack>,
    /// The lingering ones, by when they end.
    lingering: BTreeSet<(Millis, LocalId)>,
    /// Tracks that have ended while the log still contains them.
    ended: HashMap<TrackId, EndedTrack>,
    /// The tracks and ended tracks with unpublished changes, in the order of publication.
    unpublished: BTreeMap<i64, TrackId>,
    next_order: i64,
    /// The digest of the published tracks.
    digest: u64,
    transfer: Option<StateTransfer>,
    /// When the last state transfer was started or extended.
    transfer_started: Stamp,
    /// Parts have a size of [`PART_BYTES`] shifted right by this.
    part_shift: u32,
    /// The least shift, since larger parts were rejected.
    min_part_shift: u32,
    /// How to undo the last published change.
    undo: Undo,
}

/// A track of this node.
struct LocalTrack {
    track: Track,
    /// When and why it ends, unless it is put again before.
    lingering: Option<(Millis, LeaveReason)>,
    /// The digest of the published track.
    published: Option<u64>,
    /// Its key in `unpublished`, if it has changed since it was published.
    order: Option<i64>,
    /// Whether the log rejects it as it is.
    is_rejected: bool,
}

struct EndedTrack {
    track: Track,
    reason: LeaveReason,
    published: u64,
    order: i64,
}

#[derive(Default)]
enum Undo {
    #[default]
    Nothing,
    /// The digest of the track before, if it was published.
    Joined(Option<u64>),
    Left(EndedTrack),
}

/// A state transfer in progress.
#[derive(Clone, Copy)]
struct StateTransfer {
    /// The number of the next track to send.
    next: TrackId,
    /// The number of the last track to send.
    end: TrackId,
    /// Afterwards, the transfer continues with the tracks from the first to this one.
    restart_to: Option<TrackId>,
}

impl LocalTracks {
    // ---- changes ----

    fn local(&mut self, id: LocalId) -> Option<&mut LocalTrack> {
        self.tracks.get_mut(self.numbers.get(&id)?)
    }

    /// A track, whether it lingers or not.
    pub(crate) fn get(&self, id: LocalId) -> Option<&Track> {
        self.tracks.get(self.numbers.get(&id)?).map(|local| &local.track)
    }

    /// Whether a track exists and does not linger.
    pub(crate) fn is_here(&self, id: LocalId) -> bool {
        let local = self.numbers.get(&id).and_then(|number| self.tracks.get(number));
        local.is_some_and(|local| local.lingering.is_none())
    }

    /// Begins a track.
    pub(crate) fn begin(
        &mut self,
        id: LocalId,
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
        let order = Some(self.enqueue_last(number));
        self.numbers.insert(id, number);
        self.tracks.insert(number, LocalTrack { track, lingering: None, published: None, order, is_rejected: false });
    }

    /// Changes the metadata of a track.
    pub(crate) fn change(&mut self, id: LocalId, meta: &Meta, stamp: Stamp) {
        let Some(local) = self.local(id) else { return };
        local.track.meta = meta.clone();
        local.track.stamp = stamp;
        local.is_rejected = false;
        if local.order.is_none() {
            let number = local.track.id;
            let order = self.enqueue_last(number);
            if let Some(local) = self.local(id) {
                local.order = Some(order);
            }
        }
    }

    /// Makes the track stop lingering, if it does.
    pub(crate) fn stop_lingering(&mut self, id: LocalId) {
        if let Some((at, _)) = self.local(id).and_then(|local| local.lingering.take()) {
            self.lingering.remove(&(at, id));
        }
    }

    /// Makes the track linger until a point in time, unless it already lingers and ends sooner.
    pub(crate) fn linger(&mut self, id: LocalId, until: Millis, reason: LeaveReason) {
        let Some(local) = self.local(id) else { return };
        if local.lingering.is_some_and(|(before, _)| before <= until) {
            return;
        }
        if let Some((before, _)) = local.lingering.replace((until, reason)) {
            self.lingering.remove(&(before, id));
        }
        self.lingering.insert((until, id));
    }

    pub(crate) fn end(&mut self, id: LocalId, reason: LeaveReason) {
        self.stop_lingering(id);
        let Some(number) = self.numbers.remove(&id) else { return };
        let Some(LocalTrack { track, published, order, .. }) = self.tracks.remove(&number) else { return };
        if let Some(order) = order {
            self.unpublished.remove(&order);
        }
        match published {
            Some(published) => {
                let order = self.enqueue_last(number);
                self.ended.insert(number, EndedTrack { track, reason, published, order });
            }
            None => self.defer_ends(&track, order.unwrap_or(self.next_order)),
        }
    }

    /// Ends the lingering tracks whose time is over.
    pub(crate) fn end_lingering(&mut self, now: Millis) {
        while let Some((_, id)) = self.lingering.first().copied().filter(|(at, _)| *at <= now) {
            let reason =
                self.local(id).and_then(|local| local.lingering).map_or(LeaveReason::Lost, |(_, reason)| reason);
            self.end(id, reason);
        }
    }

    /// When the next lingering track ends.
    pub(crate) fn next_end(&self) -> Option<Millis> {
        self.lingering.first().map(|(at, _)| *at)
    }

    /// Adds a track at the end of the publication order.
    fn enqueue_last(&mut self, number: TrackId) -> i64 {
        let order = self.next_order;
        self.next_order += 1;
        self.unpublished.insert(order, number);
        order
    }

    /// Handles a track that came at `from` and went unpublished. If another track of the same person ended meanwhile,
    /// the person leaves only now.
    fn defer_ends(&mut self, gone: &Track, from: i64) {
        let same_person = |number: &TrackId| {
            let ended = self.ended.get(number)?;
            (ended.track.topic == gone.topic && ended.track.key == gone.key).then_some((ended.order, *number))
        };
        let ends: Vec<(i64, TrackId)> =
            self.unpublished.range(from..).filter_map(|(_, number)| same_person(number)).collect();
        for (order, number) in ends {
            self.unpublished.remove(&order);
            let order = self.enqueue_last(number);
            if let Some(ended) = self.ended.get_mut(&number) {
                ended.order = order;
            }
        }
    }

    // ---- state transfer ----

    /// Starts to send all tracks, or extends the transfer in progress.
    pub(crate) fn start_state_transfer(&mut self, stamp: Stamp) {
        self.transfer_started = stamp;
        if self.transfer.is_none() {
            self.part_shift = self.min_part_shift;
        }
        let next = self.transfer.map_or(0, |transfer| transfer.next);
        // Tracks that begin later are published on their own.
        self.transfer = Some(StateTransfer { next, end: self.last_number, restart_to: next.checked_sub(1) });
    }

    /// When the last transfer was started or extended.
    pub(crate) fn transfer_started(&self) -> Stamp {
        self.transfer_started
    }

    pub(crate) fn is_transferring(&self) -> bool {
        self.transfer.is_some()
    }

    pub(crate) fn stop_transfer(&mut self) {
        self.transfer = None;
    }

    /// The digest of the published tracks.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    // ---- publishing ----

    pub(crate) fn has_more(&self) -> bool {
        !self.unpublished.is_empty() || self.transfer.is_some()
    }

    /// The next event to publish. It counts as published unless it is [put back](Self::put_back).
    pub(crate) fn next(&mut self) -> Option<EventKind> {
        self.next_change().or_else(|| self.next_part())
    }

    fn next_change(&mut self) -> Option<EventKind> {
        let (_, number) = self.unpublished.pop_first()?;
        if let Some(ended) = self.ended.remove(&number) {
            self.digest = self.digest.wrapping_sub(ended.published);
            let reason = ended.reason;
            self.undo = Undo::Left(ended);
            return Some(EventKind::Left { track: number, reason });
        }
        let local = self.tracks.get_mut(&number)?;
        local.order = None;
        self.undo = Undo::Joined(local.published);
        set_published(&mut self.digest, &mut local.published, Some(local.track.digest()));
        Some(EventKind::Joined(local.track.clone()))
    }

    /// The next part of the state transfer. There are no unpublished changes, so the tracks are as the log should have
    /// them.
    fn next_part(&mut self) -> Option<EventKind> {
        let transfer = self.transfer?;
        let (mut tracks, mut size, mut to) = (Vec::new(), 0, transfer.end);
        let most = PART_BYTES >> self.part_shift;
        for (id, local) in self.tracks.range_mut(transfer.next..=transfer.end) {
            if local.is_rejected {
                set_published(&mut self.digest, &mut local.published, None);
                continue;
            }
            size += track_size(&local.track);
            if size > most && !tracks.is_empty() {
                // The next part begins with this track.
                to = id - 1;
                break;
            }
            set_published(&mut self.digest, &mut local.published, Some(local.track.digest()));
            tracks.push(local.track.clone());
        }
        Some(EventKind::State { from: transfer.next, to, tracks })
    }

    /// Notes that the log has accepted an event.
    pub(crate) fn accepted(&mut self, kind: &EventKind) {
        let EventKind::State { from, to, .. } = kind else { return };
        self.transfer = self.transfer.and_then(|transfer| {
            if transfer.next != *from {
                // The transfer was restarted meanwhile.
                return Some(transfer);
            }
            if *to < transfer.end {
                return Some(StateTransfer { next: to + 1, ..transfer });
            }
            transfer.restart_to.map(|end| StateTransfer { next: 0, end, restart_to: None })
        });
    }

    /// Takes back an event that the log has no room for, to be published later.
    pub(crate) fn put_back(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Joined(track) => self.undo_join(track),
            EventKind::Left { track, .. } => {
                if let Undo::Left(ended) = std::mem::take(&mut self.undo) {
                    let order = self.enqueue_first(*track);
                    self.digest = self.digest.wrapping_add(ended.published);
                    self.ended.insert(*track, EndedTrack { order, ..ended });
                }
            }
            // The transfer does not advance before the log accepts a part. A smaller part may fit.
            EventKind::State { tracks, .. } => self.halve_parts(tracks.len()),
            _ => {}
        }
    }

    fn undo_join(&mut self, track: &Track) {
        let Undo::Joined(before) = std::mem::take(&mut self.undo) else { return };
        let number = track.id;
        if let Some(local) = self.tracks.get_mut(&number) {
            set_published(&mut self.digest, &mut local.published, before);
            if local.order.is_none() {
                let order = self.enqueue_first(number);
                if let Some(local) = self.tracks.get_mut(&number) {
                    local.order = Some(order);
                }
            }
        } else if let Some(ended) = self.ended.get_mut(&number) {
            // The track has ended meanwhile.
            self.digest = self.digest.wrapping_sub(ended.published).wrapping_add(before.unwrap_or(0));
            match before {
                Some(before) => ended.published = before,
                None => {
                    self.unpublished.remove(&ended.order);
                    self.ended.remove(&number);
                    self.defer_ends(track, i64::MIN);
                }
            }
        }
    }

    /// Adds a track at the beginning of the publication order.
    fn enqueue_first(&mut self, number: TrackId) -> i64 {
        let order = self.unpublished.first_key_value().map_or(self.next_order, |(order, _)| *order) - 1;
        self.unpublished.insert(order, number);
        order
    }

    /// Handles an event that the log will never accept. If it is about a single track, that track is not published
    /// until it changes, and is returned.
    pub(crate) fn rejected(&mut self, kind: &EventKind) -> Option<Track> {
        let track = match kind {
            EventKind::Joined(track) => {
                self.put_back(kind);
                track
            }
            EventKind::State { tracks, .. } => match &tracks[..] {
                [track] => track,
                _ => {
                    self.halve_parts(tracks.len());
                    self.min_part_shift = self.part_shift;
                    return None;
                }
            },
            _ => return None,
        };
        let local = self.tracks.get_mut(&track.id).filter(|local| local.track.stamp == track.stamp)?;
        local.is_rejected = true;
        if let Some(order) = local.order.take() {
            self.unpublished.remove(&order);
        }
        Some(track.clone())
    }

    /// Makes each part contain one track.
    #[cfg(test)]
    pub(crate) fn make_parts_minimal(&mut self) {
        self.part_shift = PART_BYTES.ilog2();
        self.min_part_shift = self.part_shift;
    }

    fn halve_parts(&mut self, tracks: usize) {
        if tracks > 1 {
            self.part_shift = (self.part_shift + 1).min(PART_BYTES.ilog2());
        }
    }
}

/// Sets the digest of a published track, and updates the digest of all.
fn set_published(digest: &mut u64, published: &mut Option<u64>, now: Option<u64>) {
    *digest = digest.wrapping_sub(published.unwrap_or(0)).wrapping_add(now.unwrap_or(0));
    *published = now;
}

/// The approximate size of a track in an event.
fn track_size(track: &Track) -> usize {
    track.topic.len() + track.key.len() + track.meta.json().len() + EVENT_OVERHEAD
}

impl EventKind {
    /// Its approximate size in the log.
    pub(crate) fn size(&self) -> usize {
        let tracks: usize = match self {
            EventKind::Joined(track) => track_size(track),
            EventKind::State { tracks, .. } => tracks.iter().map(track_size).sum(),
            _ => 0,
        };
        tracks + EVENT_OVERHEAD
    }
}
