//! The state that all instances of one program share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lanai_pubsub::Broker;
use tokio::sync::{Semaphore, watch};

use super::registry::Registry;
use super::shared_views::SharedViews;
use super::tracks::Timers;
use crate::error_page::{ErrorPage, ErrorRenderer};
use crate::limits::Limits;
use crate::page::downloads::Downloads;
use crate::page::uploads::Uploads;

/// The shared state of the instances of one program.
pub(crate) struct Runtime {
    pub(crate) limits: Limits,
    pub(crate) broker: Broker,
    pub(crate) presence: Timers,
    pub(crate) registry: Registry,
    pub(crate) shared: SharedViews,
    pub(crate) counters: Counters,
    /// Whether everything must end. Views and connections hold a receiver for as long as they live, so they have all
    /// ended once no receiver is left.
    pub(crate) stopping: watch::Sender<bool>,
    /// The memory for messages that arrive in parts.
    pub(crate) message_memory: Arc<Semaphore>,
    pub(crate) error_page: ErrorRenderer,
    /// The files that wait for their page to save them.
    pub(crate) downloads: Downloads,
    /// The files that pages are sending.
    pub(crate) uploads: Arc<Uploads>,
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
            /// Bytes in temporary files of [uploads](crate::Cx::upload) that exist now.
            pub upload_space: u64,
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Runtime {
            pub(crate) fn stats(&self) -> Stats {
                Stats {
                    instances: self.registry.len(),
                    detached: self.registry.detached_len(),
                    subscriptions: self.broker.subscriber_count() - self.registry.sessions.subscriptions(),
                    upload_space: self.uploads.used(),
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
