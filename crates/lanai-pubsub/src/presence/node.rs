//! [`Node`]: what one process writes to the presence log, and how it interprets the log. It has neither a clock nor a
//! broker; its caller passes in the time and the events.
//!
//! **Local tracks** begin and end here. A track that ends may linger. Until its time is over nothing is published; if
//! it is put again before, nothing ever was. [`LocalTracks`] keeps unpublished changes until the log accepts them.
//!
//! **Peers** are monitored by heartbeats. Each node sends one every few seconds, but never a second one before it has
//! read its own previous one in the log. A peer is silent if this node has read three heartbeats of its own since it
//! last read anything of the peer. So a node that was disconnected does not consider the others silent, whose events
//! wait in the log. A silent peer is declared gone in the log, so that all nodes agree. A node that reads this about
//! itself sends its state.
//!
//! **Lost events** are detected by the digest in each heartbeat. A node that computes a different digest requests the
//! state.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::event::{Event, EventKind, LeaveReason, Millis, NodeId, Stamp, Track, TrackId};
use super::local_tracks::{LocalId, LocalTracks};
use super::meta::Meta;
use super::people::{People, TopicChange};

/// After how many of its own heartbeats a node considers a peer silent.
const MAX_MISSED_HEARTBEATS: u32 = 3;

/// The longest delay before a postponed event is published again.
const RETRY_DELAY: Millis = 1000;

/// How often the delay before a lost state is sent again is doubled, at most.
const MAX_DOUBLINGS: u32 = 6;

/// The longest heartbeat interval, so that sums cannot overflow.
const MAX_HEARTBEAT: Millis = 1 << 40;

pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) people: People,
    pub(super) local: LocalTracks,
    /// The greatest stamp that was given or seen.
    stamp: Stamp,
    /// All nodes in the log, including this one.
    peers: HashMap<NodeId, Peer>,
    /// `None` if there are no other nodes.
    heartbeat: Option<HeartbeatTimer>,
    /// Events to publish before those about people.
    controls: VecDeque<Control>,
    /// The log is full: nothing is published before this time.
    retry_at: Option<Millis>,
    /// Events were lost: the state is sent again at this time.
    resend_at: Option<Millis>,
    /// How many losses there were in a row.
    failures: u32,
}

/// An event that is not about people. It gets its stamp when it is published.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Control {
    Hello,
    Heartbeat,
    RequestState { of: NodeId, seen: Stamp },
    NodeGone { of: NodeId, seen: Stamp },
}

/// What is known of a node.
struct Peer {
    /// Its latest stamp.
    stamp: Stamp,
    /// When its latest event was read.
    at: Millis,
    /// How many heartbeats of this node were read since.
    heartbeats_since: u32,
}

struct HeartbeatTimer {
    every: Millis,
    next: Millis,
    /// The stamp and time of the last heartbeat, until it is read in the log.
    unconfirmed: Option<(Stamp, Millis)>,
}

impl Node {
    /// Creates a node. Without a heartbeat interval, it is the only node.
    pub(crate) fn new(id: NodeId, heartbeat: Option<Millis>, now: Millis) -> Self {
        Self {
            id,
            people: People::default(),
            local: LocalTracks::default(),
            stamp: 0,
            peers: HashMap::new(),
            controls: heartbeat.is_some().then_some(Control::Hello).into_iter().collect(),
            heartbeat: heartbeat.map(|every| HeartbeatTimer { every, next: now, unconfirmed: None }),
            retry_at: None,
            resend_at: None,
            failures: 0,
        }
    }

    /// Sets the heartbeat interval, if there are other nodes.
    pub(crate) fn set_heartbeat(&mut self, now: Millis, every: Millis) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.every = every.clamp(1, MAX_HEARTBEAT);
            heartbeat.next = now;
        }
    }

    // ---- local tracks ----

    /// Puts a track: begins it, stops its lingering, or changes its topic, person or metadata.
    pub(crate) fn put(&mut self, now: Millis, id: LocalId, topic: &Arc<str>, key: &Arc<str>, meta: &Meta) {
        self.local.stop_lingering(id);
        if let Some(track) = self.local.get(id) {
            if track.topic == *topic && track.key == *key {
                if track.meta != *meta {
                    let stamp = self.tick_stamp(now);
                    self.local.change(id, meta, stamp);
                }
                return;
            }
            self.local.end(id, LeaveReason::Untracked);
        }
        let stamp = self.tick_stamp(now);
        // Someone who is already here keeps the time of joining, whichever tab is closed first.
        let since = self.people.entry(topic, key).map_or(stamp, |entry| entry.since);
        self.local.begin(id, topic, key, meta, since, stamp);
    }

    /// Ends a track after a delay, unless it is put again before. If it already lingers, the earlier end applies.
    pub(crate) fn leave(&mut self, now: Millis, id: LocalId, after: Millis, reason: LeaveReason) {
        if after == 0 {
            self.local.end(id, reason);
        } else {
            self.local.linger(id, now.saturating_add(after), reason);
        }
    }

    /// Whether a track exists and does not linger.
    pub(crate) fn is_here(&self, id: LocalId) -> bool {
        self.local.is_here(id)
    }

    // ---- the log ----

    /// The next event to publish. The caller reports the result by [`accepted`](Self::accepted),
    /// [`postpone`](Self::postpone) or [`rejected`](Self::rejected).
    pub(crate) fn next_event(&mut self, now: Millis) -> Option<Event> {
        if self.retry_at.is_some_and(|at| now < at) {
            return None;
        }
        let kind = match self.controls.pop_front() {
            Some(Control::Hello) => EventKind::Hello,
            Some(Control::Heartbeat) => {
                // Without a digest while the state is being sent, which repairs what others have missed.
                let is_complete = !self.local.is_transferring() && self.resend_at.is_none();
                EventKind::Heartbeat { digest: is_complete.then(|| self.local.digest()) }
            }
            Some(Control::RequestState { of, seen }) => EventKind::RequestState { of, seen },
            Some(Control::NodeGone { of, seen }) => EventKind::NodeGone { of, seen },
            None => self.local.next()?,
        };
        let stamp = self.tick_stamp(now);
        if let (EventKind::Heartbeat { .. }, Some(heartbeat)) = (&kind, &mut self.heartbeat) {
            heartbeat.unconfirmed = Some((stamp, now));
        }
        Some(Event { node: self.id, stamp, kind })
    }

    /// Whether there are more events to publish.
    pub(crate) fn has_more(&self) -> bool {
        !self.controls.is_empty() || self.local.has_more()
    }

    /// Notes that the log has accepted an event.
    pub(crate) fn accepted(&mut self, event: &Event) {
        self.local.accepted(&event.kind);
    }

    /// Takes back an event that the log has no room for at the moment.
    pub(crate) fn postpone(&mut self, now: Millis, event: Event) {
        self.retry_at = Some(now + self.retry_delay());
        let control = match event.kind {
            EventKind::Hello => Control::Hello,
            EventKind::Heartbeat { .. } => {
                if let Some(heartbeat) = &mut self.heartbeat {
                    heartbeat.unconfirmed = None;
                }
                Control::Heartbeat
            }
            EventKind::RequestState { of, seen } => Control::RequestState { of, seen },
            EventKind::NodeGone { of, seen } => Control::NodeGone { of, seen },
            kind => return self.local.put_back(&kind),
        };
        self.controls.retain(|other| *other != control);
        self.controls.push_front(control);
    }

    /// Handles an event that the log will never accept. If it is about a single person, that track is not published,
    /// and is returned.
    pub(crate) fn rejected(&mut self, event: &Event) -> Option<Track> {
        self.local.rejected(&event.kind)
    }

    /// Notes that an accepted event was stored, so there may be room again.
    pub(crate) fn confirmed(&mut self) {
        self.failures = 0;
        self.retry_at = None;
    }

    /// Handles an accepted event that was, or may have been, lost: the state is sent again after a delay. Returns true
    /// if this is the first of several losses.
    pub(crate) fn lost(&mut self, now: Millis) -> bool {
        self.local.stop_transfer();
        let is_first = self.resend_at.is_none();
        if is_first {
            self.resend_at = Some(now + (self.retry_delay() << self.failures));
            self.failures = (self.failures + 1).min(MAX_DOUBLINGS);
        }
        is_first
    }

    /// The delay after a failure.
    fn retry_delay(&self) -> Millis {
        self.heartbeat.as_ref().map_or(RETRY_DELAY, |heartbeat| (heartbeat.every / 5 + 1).min(RETRY_DELAY))
    }

    /// Applies an event of the log.
    pub(crate) fn apply(&mut self, now: Millis, event: &Event) -> Vec<TopicChange> {
        let mut changes = Vec::new();
        let from = event.node;
        self.stamp = self.stamp.max(event.stamp);
        let peer = self.peers.entry(from).or_insert_with(|| Peer { stamp: 0, at: now, heartbeats_since: 0 });
        peer.stamp = peer.stamp.max(event.stamp);
        peer.at = now;
        peer.heartbeats_since = 0;
        match &event.kind {
            EventKind::Hello if from != self.id => self.start_state_transfer(now),
            EventKind::Hello => {}
            EventKind::State { from: first, to, tracks } => {
                self.people.replace(from, *first..=*to, tracks, LeaveReason::Lost, &mut changes);
            }
            EventKind::Heartbeat { digest } => {
                let is_missing = digest.is_some_and(|digest| digest != self.people.digest(from));
                if from == self.id {
                    self.own_heartbeat_received(event.stamp);
                    if is_missing && self.local.transfer_started() <= event.stamp {
                        self.start_state_transfer(now);
                    }
                } else if is_missing {
                    self.queue_control(Control::RequestState { of: from, seen: event.stamp });
                }
            }
            // Several nodes that miss the same event request the state one after the other; the first request is
            // enough.
            EventKind::RequestState { of, seen } if *of == self.id && self.local.transfer_started() <= *seen => {
                self.start_state_transfer(now)
            }
            EventKind::RequestState { .. } => {}
            EventKind::NodeGone { of, seen } => {
                if self.peers.get(of).is_some_and(|peer| peer.stamp <= *seen) {
                    if *of != self.id {
                        self.peers.remove(of);
                    }
                    self.people.replace(*of, 0..=TrackId::MAX, &[], LeaveReason::NodeLost, &mut changes);
                    if *of == self.id {
                        self.start_state_transfer(now);
                    }
                }
            }
            EventKind::Joined(track) => self.people.put(from, track.clone(), &mut changes),
            EventKind::Left { track, reason } => self.people.remove(from, *track, *reason, &mut changes),
        }
        changes
    }

    fn own_heartbeat_received(&mut self, stamp: Stamp) {
        // An earlier heartbeat was delayed, so the events of others may be delayed too.
        let is_last =
            |heartbeat: &mut HeartbeatTimer| heartbeat.unconfirmed.take_if(|(last, _)| *last == stamp).is_some();
        if !self.heartbeat.as_mut().is_some_and(is_last) {
            return;
        }
        for (node, peer) in &mut self.peers {
            if *node != self.id {
                peer.heartbeats_since += 1;
            }
        }
    }

    // ---- time ----

    /// Does what is due, and returns when something is due next.
    pub(crate) fn tick(&mut self, now: Millis) -> Option<Millis> {
        self.local.end_lingering(now);
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
        }
        if self.resend_at.is_some_and(|at| at <= now) {
            self.resend_at = None;
            self.start_state_transfer(now);
        }
        if let Some(heartbeat) = &mut self.heartbeat
            && heartbeat.next <= now
        {
            let every = heartbeat.every;
            heartbeat.next = now + every;
            // A heartbeat that was sent long ago may be lost.
            if heartbeat.unconfirmed.is_none_or(|(_, sent)| now >= sent + every * u64::from(MAX_MISSED_HEARTBEATS)) {
                self.queue_control(Control::Heartbeat);
            }
            self.declare_gone(now, every);
        }
        self.next_tick()
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn next_tick(&self) -> Option<Millis> {
        let heartbeat = self.heartbeat.as_ref().map(|heartbeat| heartbeat.next);
        [self.local.next_end(), heartbeat, self.retry_at, self.resend_at].into_iter().flatten().min()
    }

    fn declare_gone(&mut self, now: Millis, every: Millis) {
        let mut silent: Vec<(NodeId, Stamp)> = Vec::new();
        for (node, peer) in &mut self.peers {
            let is_silent = peer.heartbeats_since >= MAX_MISSED_HEARTBEATS
                && now >= peer.at + every * u64::from(MAX_MISSED_HEARTBEATS);
            if *node != self.id && is_silent {
                // Declare it again only if this declaration is lost, not after each heartbeat.
                peer.heartbeats_since = 0;
                silent.push((*node, peer.stamp));
            }
        }
        silent.sort_unstable();
        for (of, seen) in silent {
            tracing::warn!(
                node = of.0,
                "a node has fallen silent; its people leave unless they are present on other nodes"
            );
            self.queue_control(Control::NodeGone { of, seen });
        }
    }

    // ---- queueing ----

    fn tick_stamp(&mut self, now: Millis) -> Stamp {
        self.stamp = now.max(self.stamp + 1);
        self.stamp
    }

    /// Queues an event, unless the same one is already queued.
    fn queue_control(&mut self, control: Control) {
        if let Control::RequestState { of, .. } = control {
            self.controls.retain(|other| !matches!(other, Control::RequestState { of: other, .. } if *other == of));
        }
        if !self.controls.contains(&control) {
            self.controls.push_back(control);
        }
    }

    fn start_state_transfer(&mut self, now: Millis) {
        let stamp = self.tick_stamp(now);
        self.local.start_state_transfer(stamp);
    }
}
