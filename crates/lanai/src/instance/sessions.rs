//! The sessions and persons that the pages of this node belong to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use lanai_pubsub::{SubscriberId, Subscription};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::InstanceId;
use crate::limits::Limits;

/// A session or a person.
///
/// The key may be the secret in a cookie, so only its hash is stored and sent to other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Name {
    whose: Whose,
    key: [u8; 16],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Whose {
    Session,
    Person,
}

impl Name {
    pub(crate) fn new(whose: Whose, key: &impl Display) -> Self {
        let hash = Sha256::digest(key.to_string());
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Self { whose, key }
    }
}

/// The sessions and persons of this node's pages.
pub(crate) struct Sessions {
    state: Mutex<Pages>,
    pub(crate) subscriber: SubscriberId,
    /// The subscription to the ends on other nodes, once a page here has a session.
    pub(crate) subscription: OnceLock<Option<Subscription>>,
}

#[derive(Default)]
struct Pages {
    /// How many sessions and persons have ended.
    ends: u64,
    /// The requests in progress, by the number of ends when they arrived.
    requests: BTreeMap<u64, usize>,
    /// The names that ended during requests, each with the number of that end: a request from before it may still mount
    /// a page.
    ended: HashMap<Name, u64, RandomState>,
    mounting: HashMap<InstanceId, Mounting, RandomState>,
    pages: HashMap<Name, BTreeSet<InstanceId>, RandomState>,
    names: HashMap<InstanceId, Vec<Name>, RandomState>,
}

struct Mounting {
    /// The number of ends when its request arrived.
    came: u64,
    has_ended: bool,
}

/// Why a page must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotMounted {
    /// Its session or person has ended in the meantime.
    Ended,
    /// The session or person has too many pages.
    TooMany,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { state: Mutex::default(), subscriber: SubscriberId::new(), subscription: OnceLock::new() }
    }
}

impl Sessions {
    /// Returns the number of subscriptions that are not the program's own.
    pub(crate) fn subscriptions(&self) -> usize {
        usize::from(matches!(self.subscription.get(), Some(Some(_))))
    }

    /// Notes that a request has arrived.
    pub(crate) fn came(&self) -> Came<'_> {
        let mut state = self.state.lock();
        let ends = state.ends;
        *state.requests.entry(ends).or_default() += 1;
        Came { sessions: self, ends }
    }

    /// Notes that a page is being mounted. `came` is the number of ends when its request [arrived](Self::came).
    pub(crate) fn mounting(&self, id: InstanceId, came: u64) -> MountingGuard<'_> {
        self.state.lock().mounting.insert(id, Mounting { came, has_ended: false });
        MountingGuard { sessions: self, id }
    }

    pub(crate) fn name(&self, id: InstanceId, name: Name) {
        let mut state = self.state.lock();
        let ended = state.ended.get(&name).copied();
        if let Some(mounting) = state.mounting.get_mut(&id)
            && ended.is_some_and(|ended| ended > mounting.came)
        {
            mounting.has_ended = true;
        }
        if state.pages.entry(name).or_default().insert(id) {
            state.names.entry(id).or_default().push(name);
        }
    }

    /// Ends a session or person. Returns its pages; those that are being mounted learn of it when the mount ends.
    pub(crate) fn end(&self, name: Name) -> Vec<InstanceId> {
        let mut state = self.state.lock();
        state.ends += 1;
        let Pages { ends, requests, ended, mounting, pages, .. } = &mut *state;
        if !requests.is_empty() {
            ended.insert(name, *ends);
        }
        let pages = pages.get(&name).into_iter().flatten().copied();
        pages
            .filter(|id| match mounting.get_mut(id) {
                Some(mounting) => {
                    mounting.has_ended = true;
                    false
                }
                None => true,
            })
            .collect()
    }

    /// Returns the sessions and persons that have pages here.
    pub(crate) fn names(&self) -> Vec<Name> {
        self.state.lock().pages.keys().copied().collect()
    }

    /// Removes a page that has ended.
    pub(crate) fn removed(&self, id: InstanceId) {
        let mut state = self.state.lock();
        for name in state.names.remove(&id).unwrap_or_default() {
            if let Some(pages) = state.pages.get_mut(&name) {
                pages.remove(&id);
                if pages.is_empty() {
                    state.pages.remove(&name);
                }
            }
        }
    }
}

/// A request in progress.
pub(crate) struct Came<'s> {
    sessions: &'s Sessions,
    /// The number of ends when it arrived.
    pub(crate) ends: u64,
}

impl Drop for Came<'_> {
    fn drop(&mut self) {
        let mut state = self.sessions.state.lock();
        let Pages { requests, ended, .. } = &mut *state;
        if let Some(count) = requests.get_mut(&self.ends) {
            *count -= 1;
            if *count == 0 {
                requests.remove(&self.ends);
            }
        }
        if !ended.is_empty() {
            let oldest = requests.first_key_value().map_or(u64::MAX, |(ends, _)| *ends);
            ended.retain(|_, end| *end > oldest);
        }
    }
}

/// A page that is being mounted. If it is dropped before [`mounted`](Self::mounted), it leaves nothing behind.
pub(crate) struct MountingGuard<'s> {
    sessions: &'s Sessions,
    id: InstanceId,
}

impl MountingGuard<'_> {
    /// Notes that the page is mounted and registered, so that from now on an end finds it.
    ///
    /// # Errors
    ///
    /// Returns an error if the page must not be shown.
    pub(crate) fn mounted(&self, limits: &Limits) -> Result<(), NotMounted> {
        let mut state = self.sessions.state.lock();
        if state.mounting.remove(&self.id).is_some_and(|mounting| mounting.has_ended) {
            return Err(NotMounted::Ended);
        }
        let has_too_many = |name: &Name| {
            let limit = match name.whose {
                Whose::Session => limits.instances_per_session,
                Whose::Person => limits.instances_per_person,
            };
            state.pages.get(name).is_some_and(|pages| pages.len() > limit)
        };
        let is_over = state.names.get(&self.id).is_some_and(|names| names.iter().any(has_too_many));
        if is_over { Err(NotMounted::TooMany) } else { Ok(()) }
    }
}

impl Drop for MountingGuard<'_> {
    fn drop(&mut self) {
        // Otherwise it was mounted, and the registry removes it when it ends.
        if self.sessions.state.lock().mounting.remove(&self.id).is_some() {
            self.sessions.removed(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(key: &str) -> Name {
        Name::new(Whose::Session, &key)
    }

    #[test]
    fn an_end_reaches_pages_that_are_open_and_those_being_mounted() {
        let sessions = Sessions::default();
        let limits = Limits::default();
        let came = sessions.came();
        let open = sessions.mounting(1, came.ends);
        sessions.name(1, name("a"));
        assert_eq!(open.mounted(&limits), Ok(()));
        let named = sessions.mounting(2, came.ends);
        sessions.name(2, name("a"));
        let late = sessions.mounting(3, came.ends);
        assert_eq!(sessions.end(name("a")), [1]);
        // It says whose it is after the end, and came before it.
        sessions.name(3, name("a"));
        assert_eq!(named.mounted(&limits), Err(NotMounted::Ended));
        assert_eq!(late.mounted(&limits), Err(NotMounted::Ended));
        // One that came after the end lives, whoever has ended before.
        let next = sessions.came();
        let again = sessions.mounting(4, next.ends);
        sessions.name(4, name("a"));
        assert_eq!(again.mounted(&limits), Ok(()));
    }

    #[test]
    fn another_key_or_kind_is_another_name() {
        assert_ne!(name("a"), name("b"));
        assert_ne!(name("a"), Name::new(Whose::Person, &"a"));
        assert_eq!(name("7"), Name::new(Whose::Session, &7));
    }

    #[test]
    fn nothing_is_kept_of_what_has_gone() {
        let sessions = Sessions::default();
        let first = sessions.came();
        drop(sessions.mounting(1, first.ends));
        let failed = sessions.mounting(2, first.ends);
        sessions.name(2, name("a"));
        drop(failed);
        sessions.end(name("a"));
        let second = sessions.came();
        sessions.end(name("b"));
        assert_eq!(sessions.state.lock().ended.len(), 2);
        drop(first);
        assert_eq!(sessions.state.lock().ended.len(), 1);
        drop(second);
        let state = sessions.state.lock();
        assert!(state.ended.is_empty() && state.requests.is_empty() && state.mounting.is_empty());
        assert!(state.pages.is_empty() && state.names.is_empty());
    }
}
