//! [`Event`]: what nodes tell each other about who is here.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::meta::Meta;

/// A process that takes part, under a random number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct NodeId(pub(crate) u64);

impl NodeId {
    pub(crate) fn random() -> Self {
        // The seeds of hash maps are random enough to tell nodes apart, and need no crate for it.
        Self(RandomState::new().hash_one("a node"))
    }
}

/// The number of a track on its node. A later one has a greater number, and none has that of one before.
pub(crate) type TrackId = u64;

/// A time in milliseconds, which also counts: it is never less than that of an event which was known when this one happened. (A hybrid
/// logical clock: Kulkarni et al., "Logical Physical Clocks", 2014.)
pub(crate) type Stamp = u64;

/// An entry of the log that all nodes read in the same order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) node: NodeId,
    pub(crate) stamp: Stamp,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The node has started, and wants to know of the others' people.
    Hello,
    /// A part of the node's state: of its tracks with numbers in this range, there are these and no others. Each part
    /// is true at its place in the log, whatever came before it; together they make up the whole.
    State { from: TrackId, to: TrackId, tracks: Vec<Track> },
    /// The node is there. The digest is that of its tracks: who computes another one has missed something. There is
    /// none while the node's state is on its way, since that repairs what was missed.
    Alive { digest: Option<u64> },
    /// A node is to send its state, unless it has begun to do so after it said this sign of life.
    Ask { of: NodeId, seen: Stamp },
    /// A node is silent: its people are gone, unless a stamp later than `seen` was heard of it.
    Gone { of: NodeId, seen: Stamp },
    /// Someone is here. If there is a track of this number already, something else is said about them.
    Joined(Track),
    /// Someone is not here any more.
    Left { track: TrackId, why: LeaveReason },
}

/// One presence of one person: a page in a browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Track {
    pub(crate) id: TrackId,
    pub(crate) topic: Arc<str>,
    pub(crate) key: Arc<str>,
    pub(crate) meta: Meta,
    /// When the person came, with this track or an earlier one.
    pub(crate) since: Stamp,
    /// When the track came or its meta changed.
    pub(crate) stamp: Stamp,
}

impl Track {
    /// Its part in the digest of its node, which is the sum of all.
    pub(crate) fn digest(&self) -> u64 {
        // The finalizer of splitmix64: neighbouring numbers and stamps shall not cancel each other out.
        let mut bits = self.id.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.stamp;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

/// Why someone is not here any more. If they were here several times, the last of these ended so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LeaveReason {
    /// They left the page, and did not come back at once as who reloads it does.
    Left,
    /// Their connection was lost, and not found again in time.
    Lost,
    /// They are not tracked any more, though their page may still be there.
    Untracked,
    /// The server has ended their page.
    Ended,
    /// The server that they were connected to has fallen silent.
    NodeLost,
}
