//! [`Track`]: keeps a person present.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::event::LeaveReason;
use super::event::Millis;
use super::local_tracks::LocalId;
use super::meta::{Meta, MetaError};
use super::replica::Replica;

/// The largest size of a key, in bytes.
const MAX_KEY_SIZE: usize = 1024;

/// Keeps a person present for as long as this value lives.
///
/// Dropping it calls [`end`](Self::end) without delay, with [`LeaveReason::Untracked`].
#[must_use = "the person leaves when this is dropped"]
pub struct Track {
    replica: Arc<Replica>,
    id: LocalId,
    topic: Arc<str>,
    /// Only locked briefly, and after the lock of `replica`.
    details: Mutex<Details>,
    /// Whether it was ended by [`Track::end`].
    is_ended: AtomicBool,
}

/// The person's key and metadata.
#[derive(Clone)]
struct Details {
    key: Arc<str>,
    meta: Meta,
}

impl Details {
    fn new(key: impl fmt::Display, meta: &impl Serialize) -> Result<Self, MetaError> {
        let key = key.to_string();
        if key.len() > MAX_KEY_SIZE {
            return Err(MetaError::LongKey { size: key.len() });
        }
        Ok(Self { key: key.into(), meta: Meta::new(meta)? })
    }
}

impl Track {
    pub(super) fn new(
        replica: &Arc<Replica>,
        topic: String,
        key: impl fmt::Display,
        meta: &impl Serialize,
    ) -> Result<Self, MetaError> {
        let details = Mutex::new(Details::new(key, meta)?);
        let is_ended = AtomicBool::new(false);
        Ok(Self { replica: Arc::clone(replica), id: replica.next_id(), topic: topic.into(), details, is_ended })
    }

    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Changes the key and the metadata. If the track is paused or has not begun, the change takes effect when it is
    /// [resumed](Self::resume).
    ///
    /// # Errors
    ///
    /// As [`Presence::track`](super::Presence::track). The track is then unchanged.
    pub fn update(&self, key: impl fmt::Display, meta: &impl Serialize) -> Result<(), MetaError> {
        let new = Details::new(key, meta)?;
        self.replica.with_node(|node, now| {
            let mut details = self.details();
            *details = new;
            if node.is_here(self.id) {
                node.put(now, self.id, &self.topic, &details.key, &details.meta);
            }
        });
        Ok(())
    }

    /// Begins the track, or continues it. If it was [paused](Self::pause) and its time is not over, the person never
    /// left.
    pub fn resume(&self) {
        self.is_ended.store(false, Ordering::Relaxed);
        self.replica.with_node(|node, now| {
            let details = self.details();
            node.put(now, self.id, &self.topic, &details.key, &details.meta);
        });
    }

    /// Ends the track after a delay, unless it is [resumed](Self::resume) before.
    pub fn pause(&self, after: Duration, reason: LeaveReason) {
        let after = after.as_millis().try_into().unwrap_or(Millis::MAX);
        self.replica.with_node(|node, now| node.leave(now, self.id, after, reason));
    }

    /// Ends the track after a delay, even if this value is dropped before. If the person returns meanwhile, with this
    /// track or another, they never left.
    pub fn end(&self, after: Duration, reason: LeaveReason) {
        self.is_ended.store(true, Ordering::Relaxed);
        self.pause(after, reason);
    }

    fn details(&self) -> MutexGuard<'_, Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        if !self.is_ended.load(Ordering::Relaxed) {
            self.pause(Duration::ZERO, LeaveReason::Untracked);
        }
    }
}

impl fmt::Debug for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.details().clone();
        f.debug_struct("Track")
            .field("topic", &self.topic)
            .field("key", &details.key)
            .field("meta", &details.meta)
            .finish()
    }
}
