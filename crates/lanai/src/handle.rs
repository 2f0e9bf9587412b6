//! The handle to a running program.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use lanai_pubsub::Broker;

use crate::close_reason::CloseReason;
use crate::cx::Cx;
use crate::error::Error;
use crate::instance::mailbox::Mail;
use crate::instance::runtime::Stats;
use crate::nested::{LooksMountedInside, MountedInside, Shared};
use crate::server::Server;
use crate::view::View;

/// A handle to a running program.
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Server>);

impl Handle {
    /// Returns the state of the program in numbers.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// Returns the broker of the program, to publish and listen from anywhere.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.0.broker
    }

    /// Finds a [daemon](crate::Cx::daemon), or starts it before any page asks for it.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime.
    pub fn daemon<W, R, M>(&self, key: impl std::fmt::Display, mount: impl FnOnce(Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::daemon(&self.0.runtime, key.to_string(), mount)
    }

    /// Ends every view, as a stopping server does, and tells the pages, which connect to the next process.
    /// [`ended`](Self::ended) waits for the end.
    pub fn shut_down(&self) {
        self.0.stopping.send_replace(true);
        for instance in self.0.registry.all() {
            instance.send(Mail::Close(CloseReason::Shutdown));
        }
    }
}

/// A plain handler of a route in the [`App`](crate::App) can take it as an argument.
impl<S: Send + Sync> FromRequestParts<S> for Handle {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Arc<Server>>().cloned().map(Self).ok_or_else(|| {
            tracing::error!("a handler takes `lanai::Handle` in a router that is not part of a `lanai::App`");
            Error::of_status(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}

impl Handle {
    /// Waits until every view has ended and every socket has written its last messages. Call it after
    /// [`shut_down`](Self::shut_down) in a program that runs its own server, with a timeout.
    ///
    /// ```
    /// # async fn run(handle: lanai::Handle) {
    /// handle.shut_down();
    /// let _ = tokio::time::timeout(std::time::Duration::from_secs(10), handle.ended()).await;
    /// # }
    /// ```
    pub async fn ended(&self) {
        self.0.stopping.closed().await;
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Handle").field(&self.stats()).finish()
    }
}
