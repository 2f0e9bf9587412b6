//! Presence, as far as an instance is concerned: whom its view tracks while it has a page, and its handlers of joins and leaves.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lanai_pubsub::TransportState;
use lanai_pubsub::presence::{LeaveReason, MetaError, TopicName, Track, Watch};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::task::AbortHandle;

use super::runtime::Runtime;
use crate::close_reason::CloseReason;

/// The presence of one instance: it is told when its page comes and goes.
///
/// No lock is held when a track begins or ends: that is told at once to whoever watches, which may be anybody's code.
#[derive(Default)]
pub(crate) struct Tracks {
    state: Mutex<Presence>,
}

#[derive(Default)]
struct Presence {
    page: Page,
    tracks: Vec<Arc<Track>>,
    handlers: Vec<Handler>,
}

/// Whether there is a page.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// Not yet, or not now.
    #[default]
    Away,
    Attached,
    /// Never again: the view has ended.
    Ended,
}

impl Tracks {
    pub(crate) fn track(
        &self,
        runtime: &Runtime,
        topic: &impl TopicName,
        key: impl Display,
        meta: &impl Serialize,
    ) -> Result<(), MetaError> {
        let topic = topic.topic_name();
        let known = self.state.lock().find(&topic);
        if let Some(track) = known {
            return track.update(key, meta);
        }
        let presence = runtime.broker.presence();
        let track = Arc::new(presence.prepare(TopicOf(&topic), key, meta)?);
        let mut state = self.state.lock();
        // Another thread may have been faster: then its track is replaced, and ends.
        let replaced = state.find(&topic);
        state.tracks.retain(|track| track.topic() != topic);
        if state.page != Page::Ended {
            state.tracks.push(track.clone());
        }
        let page = state.page;
        drop(state);
        drop(replaced);
        if page == Page::Attached {
            runtime.presence.start(runtime);
            track.resume();
            // The page may have gone in between, without this track.
            if self.state.lock().page != Page::Attached {
                track.pause(runtime.limits.presence_lost, LeaveReason::Lost);
            }
        }
        Ok(())
    }

    pub(crate) fn untrack(&self, topic: &str) {
        let mut state = self.state.lock();
        let track = state.find(topic);
        state.tracks.retain(|track| track.topic() != topic);
        drop(state);
        if let Some(track) = track {
            track.end(Duration::ZERO, LeaveReason::Untracked);
        }
    }

    pub(crate) fn add_handler(&self, handler: Handler) {
        let mut state = self.state.lock();
        if state.page != Page::Ended {
            state.handlers.push(handler);
        }
    }

    /// Ends the handlers of joins and leaves on some topics.
    pub(crate) fn end_handlers(&self, which: impl Fn(&str) -> bool) {
        let ended: Vec<Handler> = self.state.lock().handlers.extract_if(.., |handler| which(handler.topic())).collect();
        drop(ended);
    }

    /// The page has connected.
    pub(crate) fn attached(&self, runtime: &Runtime) {
        let mut state = self.state.lock();
        state.page = Page::Attached;
        let tracks = state.tracks.clone();
        drop(state);
        if !tracks.is_empty() {
            runtime.presence.start(runtime);
        }
        tracks.iter().for_each(|track| track.resume());
    }

    /// The page has lost its connection.
    pub(crate) fn detached(&self, runtime: &Runtime) {
        let mut state = self.state.lock();
        if state.page != Page::Attached {
            return;
        }
        state.page = Page::Away;
        let tracks = state.tracks.clone();
        drop(state);
        tracks.iter().for_each(|track| track.pause(runtime.limits.presence_lost, LeaveReason::Lost));
    }

    /// The view has ended.
    pub(crate) fn ended(&self, reason: CloseReason, runtime: &Runtime) {
        let mut state = self.state.lock();
        state.page = Page::Ended;
        let tracks = std::mem::take(&mut state.tracks);
        let handlers = std::mem::take(&mut state.handlers);
        drop(state);
        drop(handlers);
        let (after, why) = match reason {
            CloseReason::Left => (runtime.limits.presence_left, LeaveReason::Left),
            // The page will be served by what comes after this server, or by another one.
            CloseReason::Shutdown => (runtime.limits.presence_lost, LeaveReason::Lost),
            CloseReason::Expired | CloseReason::Evicted => (Duration::ZERO, LeaveReason::Lost),
            _ => (Duration::ZERO, LeaveReason::Ended),
        };
        tracks.iter().for_each(|track| track.end(after, why));
    }
}

impl Presence {
    fn find(&self, topic: &str) -> Option<Arc<Track>> {
        self.tracks.iter().find(|track| track.topic() == topic).cloned()
    }
}

/// A handler of joins or leaves, for as long as this is kept. When it goes, what waits in the mailbox is not handled either.
pub(crate) struct Handler {
    pub(crate) watch: Watch,
    pub(crate) active: Arc<AtomicBool>,
}

impl Handler {
    fn topic(&self) -> &str {
        self.watch.topic()
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.active.store(false, Ordering::Relaxed);
    }
}

/// A name that is the name of a topic already.
struct TopicOf<'a>(&'a str);

impl TopicName for TopicOf<'_> {
    fn topic_name(&self) -> String {
        self.0.to_owned()
    }
}

/// The task in which time passes for those who linger. It is started by the first who is tracked, and ends with the program.
#[derive(Default)]
pub(crate) struct Timers(OnceLock<AbortHandle>);

impl Timers {
    /// Starts at once on a node among others: it learns who is with them, and they learn that it is there.
    pub(crate) fn start_among_others(&self, runtime: &Runtime) {
        if runtime.broker.transport_state() != TransportState::InProcess {
            runtime.broker.presence().set_heartbeat(runtime.limits.node_heartbeat);
            self.start(runtime);
        }
    }

    pub(crate) fn start(&self, runtime: &Runtime) {
        // Outside of a tokio runtime nothing can be spawned: a page that connects, or goes, starts it later.
        let Ok(tokio) = tokio::runtime::Handle::try_current() else { return };
        self.0.get_or_init(|| {
            let presence = runtime.broker.presence();
            tokio.spawn(async move { presence.run(tokio::time::sleep).await }).abort_handle()
        });
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        if let Some(task) = self.0.get() {
            task.abort();
        }
    }
}
