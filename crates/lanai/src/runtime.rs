//! What the instances, sockets and pages of one program share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use lanai_pubsub::Broker;
use tokio::sync::{Semaphore, watch};

use crate::document::{ErrorPage, ErrorRenderer, Layout};
use crate::error::Error;
use crate::files::Directory;
use crate::hosts::Hosts;
use crate::instance::registry::Registry;
use crate::instance::shared_views::SharedViews;
use crate::limits::Limits;
use crate::nested::{LooksMountedInside, MountedInside, Shared};
use crate::origin::Allowed;
use crate::proxy::TrustedProxies;
use crate::view::View;

/// The shared part of an [`App`](crate::App).
pub(crate) struct Runtime {
    pub(crate) limits: Limits,
    pub(crate) broker: Broker,
    pub(crate) presence: crate::presence::Timers,
    pub(crate) registry: Registry,
    pub(crate) shared: SharedViews,
    pub(crate) counters: Counters,
    /// Whether all is to end. Views and sockets listen as long as they live, so there is nobody left when they have ended.
    pub(crate) stopping: watch::Sender<bool>,
    /// Memory for messages that come in parts.
    pub(crate) message_memory: Arc<Semaphore>,
    /// Sockets that have not attached yet: so many more may be.
    pub(crate) unattached: Arc<Semaphore>,
    pub(crate) layout: Layout,
    pub(crate) error_page: ErrorRenderer,
    /// Origins that may connect beside the server's own.
    pub(crate) origins: Vec<Allowed>,
    pub(crate) hosts: Hosts,
    pub(crate) proxies: TrustedProxies,
    /// The path below which browsers see the program: `/app`, or nothing.
    pub(crate) base: String,
    pub(crate) files: Vec<Arc<Directory>>,
}

impl Runtime {
    pub(crate) fn error_markup(&self, page: &ErrorPage) -> maud::Markup {
        (self.error_page)(page)
    }
}

/// Declares the counters, each with its snapshot field of the same name.
macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// What happened so far, counted.
        #[derive(Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter,)+ }

        /// The state of the program in numbers: what is there, and what happened since the start.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            /// Views that live now.
            pub instances: usize,
            /// Those of them that have no page now.
            pub detached: usize,
            /// Subscriptions to topics now.
            pub subscriptions: usize,
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Runtime {
            pub(crate) fn stats(&self) -> Stats {
                Stats {
                    instances: self.registry.len(),
                    detached: self.registry.detached_len(),
                    subscriptions: self.broker.subscriber_count() - self.registry.sessions.subscriptions(),
                    $($name: self.counters.$name.get(),)+
                }
            }
        }
    };
}

counters! {
    /// Views mounted.
    mounts,
    /// Visitors who got an error page in place of a view, because a limit was reached.
    turned_away,
    /// Sockets attached to a view, each reconnect counted.
    attaches,
    /// Attaches that were not granted: an unknown view, a wrong secret, another page's view, a foreign origin.
    refused_attaches,
    /// Events executed, and messages, ticks and results handled.
    events,
    /// Events that were sent again and had been executed.
    repeated_events,
    /// Events that were refused: no such handler on the page, or a payload that does not fit.
    refused_events,
    /// Messages that broke the protocol and ended their connection.
    malformed_messages,
    /// Times that a socket had to wait because it sent events too fast.
    throttled_sockets,
    /// Renderings.
    renders,
    /// Frames sent, not counting those sent again.
    frames,
    /// Handlers that returned an error.
    errors,
    /// Panics of mounts, handlers and renderings.
    panics,
}

/// A number that grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A handle to the numbers of a running program.
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Runtime>);

impl Handle {
    /// The state of the program in numbers.
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// The broker of the program: publish and listen from anywhere.
    pub fn broker(&self) -> &Broker {
        &self.0.broker
    }

    /// Starts a [daemon](crate::Cx::daemon) that no page has asked for yet, or finds it if it is there.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn daemon<W, R, M>(&self, key: impl std::fmt::Display, mount: impl FnOnce(crate::Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::daemon(&self.0, key.to_string(), mount)
    }

    /// Ends every view, as a stopping server does, and tells the pages, which come back to the next process. [`ended`](Self::ended) waits for it.
    pub fn shut_down(&self) {
        self.0.stopping.send_replace(true);
        for instance in self.0.registry.all() {
            instance.send(crate::instance::mailbox::Mail::Close(crate::view::CloseReason::Shutdown));
        }
    }
}

/// A plain handler of a route in the [`App`](crate::App) takes it as an argument.
impl<S: Send + Sync> FromRequestParts<S> for Handle {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Arc<Runtime>>().cloned().map(Self).ok_or_else(|| {
            tracing::error!("a handler takes `lanai::Handle` in a router that is not part of a `lanai::App`");
            Error::of_status(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}

impl Handle {
    /// Waits until every view has ended and every socket has written what it had to say: after [`shut_down`](Self::shut_down), in a program with
    /// a server of its own. How long to wait at most is for the caller to say.
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
