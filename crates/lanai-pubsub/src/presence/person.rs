//! [`Person`]: someone who is present.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::event::{LeaveReason, Stamp};
use super::meta::Meta;

/// Someone who is present: one key, in one or more tabs.
pub struct Person<M> {
    /// Identifies the person.
    pub key: Arc<str>,
    /// The person's metadata. If tabs have different metadata, this is the newest.
    pub meta: Arc<M>,
    /// How many tabs (or other places) the person is present in.
    pub tabs: usize,
    since: Stamp,
}

impl<M> Person<M> {
    /// The sort key of people: when they joined and, for equal times, their key.
    #[must_use]
    pub fn join_order(&self) -> JoinOrder {
        JoinOrder { since: self.since, key: Arc::clone(&self.key) }
    }
}

/// The sort key of a person on a topic: people are ordered by when they joined, equally on every node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JoinOrder {
    since: Stamp,
    key: Arc<str>,
}

// Derived implementations would require the same of `M`.

impl<M> Clone for Person<M> {
    fn clone(&self) -> Self {
        Self { key: Arc::clone(&self.key), meta: Arc::clone(&self.meta), tabs: self.tabs, since: self.since }
    }
}

impl<M: PartialEq> PartialEq for Person<M> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.meta == other.meta && self.tabs == other.tabs
    }
}

impl<M: fmt::Debug> fmt::Debug for Person<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("key", &self.key)
            .field("meta", &self.meta)
            .field("tabs", &self.tabs)
            .finish_non_exhaustive()
    }
}

/// A [`Person`] whose metadata has not been read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifies the person.
    pub key: Arc<str>,
    /// The person's metadata.
    pub meta: Meta,
    /// How many tabs (or other places) the person is present in.
    pub tabs: usize,
    pub(crate) since: Stamp,
}

impl Entry {
    /// Reads the metadata as a type. Returns `None` if it does not fit, with a warning in the log that names `topic`.
    pub fn read<M: DeserializeOwned + Send + Sync + 'static>(&self, topic: &str) -> Option<Person<M>> {
        match self.meta.read() {
            Ok(meta) => Some(Person { key: Arc::clone(&self.key), meta, tabs: self.tabs, since: self.since }),
            Err(error) => {
                tracing::warn!(
                    topic,
                    key = &*self.key,
                    expected = type_name::<M>(),
                    %error,
                    "the metadata of a person cannot be deserialized as the expected type, so the person is left out; \
                     track and watch a topic with one type"
                );
                None
            }
        }
    }
}

/// A change on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Someone has joined.
    Joined(Entry),
    /// Someone's metadata has changed, or the number of their tabs.
    Updated(Entry),
    /// Someone has left.
    Left(Entry, LeaveReason),
}

impl Change {
    /// The person, as they are now or, if they have left, as they were.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        match self {
            Change::Joined(entry) | Change::Updated(entry) | Change::Left(entry, _) => entry,
        }
    }
}
