//! Sessions and persons: which pages are theirs, and the end of all of them at once, on all nodes.

use std::fmt::Display;
use std::sync::Arc;

use lanai_pubsub::{Missed, PublishError, Receipt, Topic};
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::handle::Handle;
use crate::instance::runtime::Runtime;
use crate::instance::sessions::{Name, Whose};

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
        if !self.instance.is_root() {
            tracing::warn!(
                instance = self.instance.id,
                "`Cx::session` and `Cx::person` have no effect in a view inside another; call them in the `mount` of the page's own view"
            );
            return;
        }
        let runtime = &self.instance.runtime;
        listen(runtime);
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
        end_pages_of(&self.0, name);
        self.0.broker.publish_to_others(sessions.subscriber, Topic::broadcast(), Ended(name))
    }
}

/// What nodes tell each other.
#[derive(Serialize, Deserialize)]
struct Ended(Name);

/// Ends the pages of a session or a person on this node.
fn end_pages_of(runtime: &Runtime, name: Name) {
    for id in runtime.registry.sessions.end(name) {
        if let Some(instance) = runtime.registry.get(id) {
            instance.revoke();
        }
    }
}

/// Ends the pages here of whoever is ended on another node, from now on.
pub(crate) fn listen(runtime: &Arc<Runtime>) {
    let sessions = &runtime.registry.sessions;
    sessions.subscription.get_or_init(|| {
        let weak = Arc::downgrade(runtime);
        let deliver = move |ended: Result<Arc<Ended>, Missed>| {
            let Some(runtime) = weak.upgrade() else { return };
            match ended {
                Ok(ended) => end_pages_of(&runtime, ended.0),
                // Whose end it was is not known: all are asked again whether they may.
                Err(missed) => {
                    tracing::error!(%missed, "ends of sessions on other nodes were missed: every page with a session mounts again");
                    let names = runtime.registry.sessions.names();
                    names.into_iter().for_each(|name| end_pages_of(&runtime, name));
                }
            }
        };
        let subscribed = runtime.broker.subscribe_with_gaps(sessions.subscriber, Topic::broadcast(), deliver);
        subscribed.inspect_err(|error| tracing::error!(%error, "ends of sessions on other nodes are not heard")).ok()
    });
}
