//! Sessions and persons: which pages are theirs, and the end of all of them at once, on all nodes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use lanai_pubsub::{Missed, PublishError, Receipt, SubscriberId, Subscription, Topic};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cx::Cx;
use crate::instance::{InstanceId, Kind};
use crate::limits::Limits;
use crate::runtime::{Handle, Runtime};

impl<V: Send + 'static> Cx<V> {
    /// Says in `mount` to which session the page belongs, so that [`Handle::end_session`] ends it: the id that the session layer gives it.
    ///
    /// The page's session is that of the request which `mount` answers, which an extractor has found. Views inside the page need not say
    /// it, they end with it.
    ///
    /// ```
    /// use lanai::prelude::*;
    /// # use lanai::Handle;
    /// # struct Session;
    /// # impl Session { fn id(&self) -> u32 { 7 } async fn delete(&self) {} }
    /// # impl<S: Sync> lanai::axum::extract::FromRequestParts<S> for Session {
    /// #     type Rejection = std::convert::Infallible;
    /// #     async fn from_request_parts(_: &mut lanai::axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> { Ok(Self) }
    /// # }
    /// # impl View for Account { fn render(&self) -> Html<Self> { html! {} } }
    ///
    /// struct Account;
    ///
    /// impl Account {
    ///     async fn mount(cx: Cx<Self>, session: Session) -> Self {
    ///         cx.session(session.id());
    ///         Self
    ///     }
    /// }
    ///
    /// async fn log_out(session: Session, handle: Handle) -> Result<&'static str> {
    ///     let id = session.id();
    ///     // First where requests look, then for what is open.
    ///     session.delete().await;
    ///     handle.end_session(id)?;
    ///     Ok("Goodbye.")
    /// }
    ///
    /// let app: App = App::new()
    ///     .route("/account", live(Account::mount))
    ///     .route("/log-out", lanai::axum::routing::post(log_out));
    /// ```
    ///
    /// More than [`Limits::instances_per_session`] pages of one session get an error page with status 429.
    pub fn session(&self, key: impl Display) {
        self.belongs_to(Name::new(Whose::Session, &key));
    }

    /// Says in `mount` to which person the page belongs, so that [`Handle::end_person`] ends it: the number of the account, say. A
    /// person may have many [sessions](Self::session).
    ///
    /// More than [`Limits::instances_per_person`] pages of one person get an error page with status 429.
    pub fn person(&self, key: impl Display) {
        self.belongs_to(Name::new(Whose::Person, &key));
    }

    fn belongs_to(&self, name: Name) {
        if self.instance.kind != Kind::Root {
            tracing::warn!(
                instance = self.instance.id,
                "`Cx::session` and `Cx::person` have no effect in a view inside another; call them in the `mount` of the page's own view"
            );
            return;
        }
        let runtime = &self.instance.runtime;
        runtime.registry.sessions.listen(runtime);
        runtime.registry.sessions.name(self.instance.id, name);
    }
}

impl Handle {
    /// Ends every page of a [session](Cx::session), on all nodes: after a logout.
    ///
    /// The views are [`closed`](crate::View::closed) with [`CloseReason::SessionEnded`](crate::CloseReason::SessionEnded), no event that comes
    /// later is executed, and each page mounts again by its own address, so that the program's middleware sends it to the login. **End the session
    /// where requests look for it first**, or it mounts again as before. A page that is being mounted meanwhile is ended too.
    ///
    /// # Errors
    ///
    /// If the other nodes cannot be told, see [`Broker::publish`](crate::Broker::publish). The pages of this one are ended all the same.
    pub fn end_session(&self, key: impl Display) -> Result<Receipt, PublishError> {
        self.end(Name::new(Whose::Session, &key))
    }

    /// Ends every page of a [person](Cx::person), on all nodes: after a change of password, or of what they may do. As
    /// [`end_session`](Self::end_session) in everything else.
    ///
    /// # Errors
    ///
    /// As [`end_session`](Self::end_session).
    pub fn end_person(&self, key: impl Display) -> Result<Receipt, PublishError> {
        self.end(Name::new(Whose::Person, &key))
    }

    fn end(&self, name: Name) -> Result<Receipt, PublishError> {
        let sessions = &self.0.registry.sessions;
        self.0.end_pages_of(name);
        self.0.broker.publish_to_others(sessions.subscriber, Topic::broadcast(), Ended(name))
    }
}

impl Runtime {
    /// Ends the pages of a session or a person on this node.
    fn end_pages_of(&self, name: Name) {
        for id in self.registry.sessions.end(name) {
            if let Some(instance) = self.registry.get(id) {
                instance.revoke();
            }
        }
    }
}

/// A session or a person.
///
/// The key may be what a cookie proves its owner by. It is kept, and told to other nodes, as a hash only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Name {
    whose: Whose,
    key: [u8; 16],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
enum Whose {
    Session,
    Person,
}

impl Name {
    fn new(whose: Whose, key: &impl Display) -> Self {
        let hash = Sha256::digest(key.to_string());
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Self { whose, key }
    }
}

/// What nodes tell each other.
#[derive(Serialize, Deserialize)]
struct Ended(Name);

/// The sessions and persons of this node's pages.
pub(crate) struct Sessions {
    state: Mutex<State>,
    subscriber: SubscriberId,
    /// To what other nodes say, as soon as a page here has a session.
    subscription: OnceLock<Option<Subscription>>,
}

#[derive(Default)]
struct State {
    /// How many ends there were.
    ends: u64,
    /// The requests under way, by how many ends there were when they came.
    requests: BTreeMap<u64, usize>,
    /// Who has ended while requests were under way, and the how-manieth end it was: a request from before that may still mount a page.
    ended: HashMap<Name, u64, RandomState>,
    mounting: HashMap<InstanceId, Mounting, RandomState>,
    pages: HashMap<Name, BTreeSet<InstanceId>, RandomState>,
    names: HashMap<InstanceId, Vec<Name>, RandomState>,
}

struct Mounting {
    /// How many ends there were when its request came.
    came: u64,
    has_ended: bool,
}

/// Why a page is not to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotMounted {
    /// Its session or person has ended meanwhile.
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
    /// Hears of ends on other nodes from now on.
    pub(crate) fn listen(&self, runtime: &Arc<Runtime>) {
        self.subscription.get_or_init(|| {
            let weak = Arc::downgrade(runtime);
            let deliver = move |ended: Result<Arc<Ended>, Missed>| {
                let Some(runtime) = weak.upgrade() else { return };
                match ended {
                    Ok(ended) => runtime.end_pages_of(ended.0),
                    // Whose end it was is not known: all are asked again whether they may.
                    Err(missed) => {
                        tracing::error!(%missed, "ends of sessions on other nodes were missed: every page with a session mounts again");
                        let names: Vec<_> = runtime.registry.sessions.state.lock().pages.keys().copied().collect();
                        names.into_iter().for_each(|name| runtime.end_pages_of(name));
                    }
                }
            };
            let subscribed = runtime.broker.subscribe_with_gaps(self.subscriber, Topic::broadcast(), deliver);
            subscribed.inspect_err(|error| tracing::error!(%error, "ends of sessions on other nodes are not heard")).ok()
        });
    }

    /// How many subscriptions this takes, which are none of the program's.
    pub(crate) fn subscriptions(&self) -> usize {
        usize::from(matches!(self.subscription.get(), Some(Some(_))))
    }

    /// A request has come.
    pub(crate) fn came(&self) -> Came<'_> {
        let mut state = self.state.lock();
        let ends = state.ends;
        *state.requests.entry(ends).or_default() += 1;
        Came { sessions: self, ends }
    }

    /// A view is being mounted for a request that [came](Self::came) so.
    pub(crate) fn mounting(&self, id: InstanceId, came: u64) -> MountingGuard<'_> {
        self.state.lock().mounting.insert(id, Mounting { came, has_ended: false });
        MountingGuard { sessions: self, id }
    }

    fn name(&self, id: InstanceId, name: Name) {
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

    /// Somebody has ended: whose pages are these? Those that are being mounted learn it when they are.
    fn end(&self, name: Name) -> Vec<InstanceId> {
        let mut state = self.state.lock();
        state.ends += 1;
        let State { ends, requests, ended, mounting, pages, .. } = &mut *state;
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

    /// An instance has ended.
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

/// A request under way.
pub(crate) struct Came<'s> {
    sessions: &'s Sessions,
    /// How many ends there were when it came.
    pub(crate) ends: u64,
}

impl Drop for Came<'_> {
    fn drop(&mut self) {
        let mut state = self.sessions.state.lock();
        let State { requests, ended, .. } = &mut *state;
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

/// A view that is being mounted. When this is dropped before it [has been](Self::mounted), nothing is left of it.
pub(crate) struct MountingGuard<'s> {
    sessions: &'s Sessions,
    id: InstanceId,
}

impl MountingGuard<'_> {
    /// The view is mounted, and registered: from now on an end finds it.
    ///
    /// # Errors
    ///
    /// If it is not to be shown.
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
        // Otherwise it was taken out, and the registry says when the view has ended.
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
