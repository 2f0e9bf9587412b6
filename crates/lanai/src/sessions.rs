//! Sessions and persons: the pages that belong to them, and ending all of these pages, on all nodes.

use std::fmt::Display;
use std::sync::Arc;

use lanai_pubsub::{Missed, PublishError, Receipt, Topic};
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::handle::Handle;
use crate::instance::runtime::Runtime;
use crate::instance::sessions::{Name, Whose};

impl<V: Send + 'static> Cx<V> {
    /// Sets the session that the page belongs to. Call it in `mount`, with the id that the session layer uses.
    /// [`Handle::end_session`] then ends the page.
    ///
    /// An extractor finds the session of the request that `mount` handles. Views inside the page need no session, since
    /// they end with the page.
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
    ///     // First ends the session for requests, and then the open pages.
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
    /// If one session has more pages than [`Limits::instances_per_session`](crate::Limits::instances_per_session),
    /// further pages get an error page with status 429.
    pub fn session(&self, key: impl Display) {
        self.belongs_to(Name::new(Whose::Session, &key));
    }

    /// Sets the person that the page belongs to, for example by the account's number. Call it in `mount`.
    /// [`Handle::end_person`] then ends the page. A person may have several [sessions](Self::session).
    ///
    /// If one person has more pages than [`Limits::instances_per_person`](crate::Limits::instances_per_person), further
    /// pages get an error page with status 429.
    pub fn person(&self, key: impl Display) {
        self.belongs_to(Name::new(Whose::Person, &key));
    }

    fn belongs_to(&self, name: Name) {
        if !self.instance.is_root() {
            tracing::warn!(
                instance = self.instance.id,
                "`Cx::session` and `Cx::person` have no effect in a view inside another one; \
                 call them in the `mount` of the page's root view"
            );
            return;
        }
        let runtime = &self.instance.runtime;
        listen(runtime);
        runtime.registry.sessions.name(self.instance.id, name);
    }
}

impl Handle {
    /// Ends every page of a [session](Cx::session), on all nodes. Call it after a logout.
    ///
    /// The views are [`closed`](crate::View::closed) with
    /// [`CloseReason::SessionEnded`](crate::CloseReason::SessionEnded), no later event is executed, and each page
    /// requests its own URL again, so that the program's middleware redirects it to the login. **End the session in the
    /// session store first**; otherwise the page mounts again as before. A page that is being mounted at the moment
    /// ends, too.
    ///
    /// # Errors
    ///
    /// Returns an error if the other nodes cannot be notified; see [`Broker::publish`](crate::Broker::publish). The
    /// pages of this node end in any case.
    pub fn end_session(&self, key: impl Display) -> Result<Receipt, PublishError> {
        self.end(Name::new(Whose::Session, &key))
    }

    /// Ends every page of a [person](Cx::person), on all nodes. Call it after a change of the password, or of what the
    /// person may do. Everything else is as in [`end_session`](Self::end_session).
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`end_session`](Self::end_session).
    pub fn end_person(&self, key: impl Display) -> Result<Receipt, PublishError> {
        self.end(Name::new(Whose::Person, &key))
    }

    fn end(&self, name: Name) -> Result<Receipt, PublishError> {
        let sessions = &self.0.registry.sessions;
        end_pages_of(&self.0, name);
        self.0.broker.publish_to_others(sessions.subscriber, Topic::broadcast(), Ended(name))
    }
}

/// Tells the other nodes that a session or a person has ended.
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

/// From now on, ends the pages of sessions and persons that other nodes end.
pub(crate) fn listen(runtime: &Arc<Runtime>) {
    let sessions = &runtime.registry.sessions;
    sessions.subscription.get_or_init(|| {
        let weak = Arc::downgrade(runtime);
        let deliver = move |ended: Result<Arc<Ended>, Missed>| {
            let Some(runtime) = weak.upgrade() else { return };
            match ended {
                Ok(ended) => end_pages_of(&runtime, ended.0),
                // It is unknown which session or person has ended, so all pages mount again.
                Err(missed) => {
                    tracing::error!(
                        %missed,
                        "missed that sessions ended on other nodes; every page with a session or person mounts again"
                    );
                    let names = runtime.registry.sessions.names();
                    names.into_iter().for_each(|name| end_pages_of(&runtime, name));
                }
            }
        };
        let subscribed = runtime.broker.subscribe_with_gaps(sessions.subscriber, Topic::broadcast(), deliver);
        subscribed
            .inspect_err(|error| tracing::error!(%error, "this node will not notice when sessions end on other nodes"))
            .ok()
    });
}
