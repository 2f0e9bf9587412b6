//! The presence of one instance: the people that its view tracks while it has a page.

use std::fmt::Display;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lanai_pubsub::TransportState;
use lanai_pubsub::presence::{LeaveReason, MetaError, TopicName, Track};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::task::AbortHandle;

use super::runtime::Runtime;
use crate::close_reason::CloseReason;

/// The presence of one instance, which learns when its page attaches and detaches.
///
/// It holds no lock while a track begins or ends, since watchers run then, and their code is unknown.
#[derive(Default)]
pub(crate) struct Tracks {
    state: Mutex<Presence>,
}

#[derive(Default)]
struct Presence {
    page: Page,
    tracks: Vec<Arc<Track>>,
}

/// Whether the instance has a page.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// Not yet, or not at the moment.
    #[default]
    Away,
    Attached,
    /// Never again, since the view has ended.
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
        // Another thread may have been faster; then this track replaces its track, which ends.
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
            // The page may have detached in the meantime, without this track.
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

    /// The page has attached.
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
        drop(state);
        let (after, why) = match reason {
            CloseReason::Left => (runtime.limits.presence_left, LeaveReason::Left),
            // This server's successor, or another server, will serve the page.
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

/// The name of an existing topic.
struct TopicOf<'a>(&'a str);

impl TopicName for TopicOf<'_> {
    fn topic_name(&self) -> String {
        self.0.to_owned()
    }
}

/// The task that ends tracks after their linger time. The first track starts it, and it ends with the program.
#[derive(Default)]
pub(crate) struct Timers(OnceLock<AbortHandle>);

impl Timers {
    /// Starts the presence of a node among others at once, so that it learns who is on the other nodes, and they learn
    /// that it exists.
    pub(crate) fn start_among_others(&self, runtime: &Runtime) {
        if runtime.broker.transport_state() != TransportState::InProcess {
            runtime.broker.presence().set_heartbeat(runtime.limits.node_heartbeat);
            self.start(runtime);
        }
    }

    pub(crate) fn start(&self, runtime: &Runtime) {
        // Tracked from a thread outside the runtime: the page starts the task when it attaches or detaches.
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
