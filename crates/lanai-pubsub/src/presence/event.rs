//! [`Event`]: what nodes publish about who is present.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::meta::Meta;

/// A process that takes part in presence, identified by a random number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct NodeId(pub(crate) u64);

impl NodeId {
    pub(crate) fn random() -> Self {
        // The seeds of hash maps are random enough to tell nodes apart, and no further dependency is needed.
        Self(RandomState::new().hash_one("a node"))
    }
}

/// The number of a track on its node. Numbers increase and are never reused.
pub(crate) type TrackId = u64;

/// A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): a time in milliseconds that is greater
/// than the stamps of all events known when it was given.
pub(crate) type Stamp = u64;

/// A point in time, in milliseconds since an arbitrary start.
pub(crate) type Millis = u64;

/// An entry of the log that all nodes read in the same order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) node: NodeId,
    pub(crate) stamp: Stamp,
    pub(crate) kind: EventKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    /// The node has started, and needs the state of the others.
    Hello,
    /// A part of the node's state: of the tracks in this range of numbers, exactly these exist. Each part is true at
    /// its place in the log, regardless of what came before. Together, the parts are the full state.
    State { from: TrackId, to: TrackId, tracks: Vec<Track> },
    /// The node is alive. The digest is that of its tracks; a node that computes a different one has missed something.
    /// It is `None` while the node is sending its state, which repairs what was missed.
    Heartbeat { digest: Option<u64> },
    /// Requests the state of a node, unless the node has begun to send it after its heartbeat with the stamp `seen`.
    RequestState { of: NodeId, seen: Stamp },
    /// A node is silent: its people leave, unless a stamp later than `seen` was read from it.
    NodeGone { of: NodeId, seen: Stamp },
    /// A track begins, or changes if there is one of this number already.
    Joined(Track),
    /// A track ends.
    Left { track: TrackId, reason: LeaveReason },
}

/// One track of one person: a page in a browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Track {
    pub(crate) id: TrackId,
    pub(crate) topic: Arc<str>,
    pub(crate) key: Arc<str>,
    pub(crate) meta: Meta,
    /// When the person joined, with this track or an earlier one.
    pub(crate) since: Stamp,
    /// When the track began or its metadata changed.
    pub(crate) stamp: Stamp,
}

impl Track {
    /// Its part of the digest of its node, which is the sum over all tracks.
    pub(crate) fn digest(&self) -> u64 {
        // The finalizer of splitmix64, so that similar numbers and stamps do not cancel each other out.
        let mut bits = self.id.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.stamp;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

/// Why someone left. If they had several tracks, this is why the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LeaveReason {
    /// They left the page, and did not return in time, as they do when they reload it.
    Left,
    /// Their connection was lost and not restored in time.
    Lost,
    /// They are no longer tracked, though their page may still be open.
    Untracked,
    /// The server ended their page.
    Ended,
    /// The node that they were connected to fell silent.
    NodeLost,
}
