//! The state that all instances, sockets and pages of one program share.

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

/// The shared state of an [`App`](crate::App).
pub(crate) struct Runtime {
    pub(crate) limits: Limits,
    pub(crate) broker: Broker,
    pub(crate) presence: crate::presence::Timers,
    pub(crate) registry: Registry,
    pub(crate) shared: SharedViews,
    pub(crate) counters: Counters,
    /// Whether everything must end. Views and sockets hold a receiver for as long as they live, so they have all ended
    /// once no receiver is left.
    pub(crate) stopping: watch::Sender<bool>,
    /// The memory for messages that arrive in parts.
    pub(crate) message_memory: Arc<Semaphore>,
    /// One permit for each further socket that may be open without having attached.
    pub(crate) unattached: Arc<Semaphore>,
    pub(crate) layout: Layout,
    pub(crate) error_page: ErrorRenderer,
    /// Origins that may connect besides the server's own.
    pub(crate) origins: Vec<Allowed>,
    pub(crate) hosts: Hosts,
    pub(crate) proxies: TrustedProxies,
    /// The path below which browsers see the program: `/app`, or an empty string.
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
        /// Counts what has happened so far.
        #[derive(Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter,)+ }

        /// The state of the program in numbers: what exists now, and what has happened since the start.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            /// Views that exist now.
            pub instances: usize,
            /// Views that have no page now.
            pub detached: usize,
            /// Subscriptions to topics that exist now.
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
    /// Sockets that attached to a view, including every reconnect.
    attaches,
    /// Refused attaches: an unknown view, a wrong secret, another page's view, a foreign origin.
    refused_attaches,
    /// Executed events, and handled messages, ticks and results.
    events,
    /// Repeated events that had already been executed.
    repeated_events,
    /// Refused events: no such handler on the page, or a payload that does not match.
    refused_events,
    /// Messages that violated the protocol and ended their connection.
    malformed_messages,
    /// How often a socket had to wait because it sent events too fast.
    throttled_sockets,
    /// Renderings.
    renders,
    /// Frames sent, without replays.
    frames,
    /// Handlers that returned an error.
    errors,
    /// Panics of mounts, handlers and renderings.
    panics,
}

/// A counter.
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

/// A handle to a running program.
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Runtime>);

impl Handle {
    /// Returns the state of the program in numbers.
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// Returns the broker of the program, to publish and listen from anywhere.
    pub fn broker(&self) -> &Broker {
        &self.0.broker
    }

    /// Finds a [daemon](crate::Cx::daemon), or starts it before any page asks for it.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime.
    pub fn daemon<W, R, M>(&self, key: impl std::fmt::Display, mount: impl FnOnce(crate::Cx<W>) -> R) -> Shared<W>
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        Shared::daemon(&self.0, key.to_string(), mount)
    }

    /// Ends every view, as a stopping server does, and tells the pages, which connect to the next process.
    /// [`ended`](Self::ended) waits for the end.
    pub fn shut_down(&self) {
        self.0.stopping.send_replace(true);
        for instance in self.0.registry.all() {
            instance.send(crate::instance::mailbox::Mail::Close(crate::view::CloseReason::Shutdown));
        }
    }
}

/// A plain handler of a route in the [`App`](crate::App) can take it as an argument.
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
