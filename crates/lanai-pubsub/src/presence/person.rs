//! [`Person`]: someone who is here.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::event::{LeaveReason, Stamp};
use super::meta::Meta;

/// Someone who is here: one key, however many tabs.
pub struct Person<M> {
    /// Who it is: what tells people apart.
    pub key: Arc<str>,
    /// What is said about them. If tabs say different things, this is what was said last.
    pub meta: Arc<M>,
    /// In how many tabs (or other places) they are here.
    pub tabs: usize,
    since: Stamp,
}

impl<M> Person<M> {
    /// What people are ordered by: by their arrival, and those of one moment by key.
    pub fn place(&self) -> Place {
        Place { since: self.since, key: Arc::clone(&self.key) }
    }
}

/// The place of a person among those who are here. They are ordered by arrival, on every node alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    since: Stamp,
    key: Arc<str>,
}

// Derives would ask the same of `M`.

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

/// A [`Person`] whose meta nobody has read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who it is.
    pub key: Arc<str>,
    /// What is said about them.
    pub meta: Meta,
    /// In how many tabs (or other places) they are here.
    pub tabs: usize,
    pub(crate) since: Stamp,
}

impl Entry {
    /// With the meta as a type. If it does not fit, `None`, and the log says so: `topic` is for that.
    pub fn read<M: DeserializeOwned + Send + Sync + 'static>(&self, topic: &str) -> Option<Person<M>> {
        match self.meta.read() {
            Ok(meta) => Some(Person { key: Arc::clone(&self.key), meta, tabs: self.tabs, since: self.since }),
            Err(error) => {
                tracing::warn!(
                    topic,
                    key = &*self.key,
                    expected = type_name::<M>(),
                    %error,
                    "what is said about a person does not fit the type that is asked for, so the person is left out; \
                     track and watch a topic with one type"
                );
                None
            }
        }
    }
}

/// What has changed on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Someone has come.
    Joined(Entry),
    /// Something else is said about someone, or they are in more or fewer tabs.
    Updated(Entry),
    /// Someone has left.
    Left(Entry, LeaveReason),
}

impl Change {
    /// Who it is about: as they are now, or were at last.
    pub fn entry(&self) -> &Entry {
        match self {
            Change::Joined(entry) | Change::Updated(entry) | Change::Left(entry, _) => entry,
        }
    }
}
