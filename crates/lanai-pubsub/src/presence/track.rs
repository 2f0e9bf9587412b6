//! [`Track`]: one presence of one person.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::event::LeaveReason;
use super::meta::{Meta, MetaError};
use super::node::Millis;
use super::own::OwnId;
use super::shared::Shared;

/// The largest key, in bytes.
const LARGEST_KEY: usize = 1024;

/// Someone who is here, for as long as this value lives.
///
/// Dropping it is [`end`](Self::end) at once, with [`LeaveReason::Untracked`].
#[must_use = "the person leaves when this is dropped"]
pub struct Track {
    shared: Arc<Shared>,
    id: OwnId,
    topic: Arc<str>,
    /// Locked only for moments, and after the lock of `shared`.
    said: Mutex<Said>,
    /// Whether it was ended by [`Track::end`].
    has_end: AtomicBool,
}

/// Who someone is, and what is said about them.
#[derive(Clone)]
struct Said {
    key: Arc<str>,
    meta: Meta,
}

impl Said {
    fn new(key: impl fmt::Display, meta: &impl Serialize) -> Result<Self, MetaError> {
        let key = key.to_string();
        if key.len() > LARGEST_KEY {
            return Err(MetaError::LongKey { size: key.len() });
        }
        Ok(Self { key: key.into(), meta: Meta::new(meta)? })
    }
}

impl Track {
    pub(super) fn new(
        shared: &Arc<Shared>,
        topic: String,
        key: impl fmt::Display,
        meta: &impl Serialize,
    ) -> Result<Self, MetaError> {
        let said = Mutex::new(Said::new(key, meta)?);
        let has_end = AtomicBool::new(false);
        Ok(Self { shared: Arc::clone(shared), id: shared.next_id(), topic: topic.into(), said, has_end })
    }

    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Says something else about the person, or that it is someone else. If the track is paused or was not begun yet, this shows
    /// when it is [resumed](Self::resume).
    ///
    /// # Errors
    ///
    /// As [`Presence::track`](super::Presence::track); then all is as before.
    pub fn update(&self, key: impl fmt::Display, meta: &impl Serialize) -> Result<(), MetaError> {
        let new = Said::new(key, meta)?;
        self.shared.with_node(|node, now| {
            let mut said = self.said();
            *said = new;
            if node.is_here(self.id) {
                node.put(now, self.id, &self.topic, &said.key, &said.meta);
            }
        });
        Ok(())
    }

    /// The person is here (again). If the track was [paused](Self::pause) and its time is not over, they have never been away.
    pub fn resume(&self) {
        self.has_end.store(false, Ordering::Relaxed);
        self.shared.with_node(|node, now| {
            let said = self.said();
            node.put(now, self.id, &self.topic, &said.key, &said.meta);
        });
    }

    /// Has the person leave after a while, unless the track is [resumed](Self::resume) before.
    pub fn pause(&self, after: Duration, why: LeaveReason) {
        let after = after.as_millis().try_into().unwrap_or(Millis::MAX);
        self.shared.with_node(|node, now| node.leave(now, self.id, after, why));
    }

    /// Has the person leave after a while, also if this value is dropped before. If they come back meanwhile, with this track or
    /// another, they have never been away.
    pub fn end(&self, after: Duration, why: LeaveReason) {
        self.has_end.store(true, Ordering::Relaxed);
        self.pause(after, why);
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        if !self.has_end.load(Ordering::Relaxed) {
            self.pause(Duration::ZERO, LeaveReason::Untracked);
        }
    }
}

impl fmt::Debug for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.said().clone();
        f.debug_struct("Track").field("topic", &self.topic).field("key", &said.key).field("meta", &said.meta).finish()
    }
}
