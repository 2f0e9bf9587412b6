//! Presence: who is here, on which topic, on any node.
//!
//! ```
//! use lanai_pubsub::{Broker, Topic};
//! use lanai_pubsub::presence::Person;
//!
//! const ROOM: Topic<String> = Topic::new("room");
//!
//! let broker = Broker::new();
//! let presence = broker.presence();
//! let ann = presence.track(ROOM.at("lobby"), "Ann", &"reading")?;
//! let ann_in_another_tab = presence.track(ROOM.at("lobby"), "Ann", &"writing")?;
//!
//! let here: Vec<Person<String>> = presence.list(ROOM.at("lobby"));
//! assert_eq!(here.len(), 1);
//! assert_eq!((&*here[0].key, here[0].meta.as_str(), here[0].tabs), ("Ann", "writing", 2));
//!
//! drop(ann);
//! assert_eq!(presence.count(ROOM.at("lobby")), 1);
//! drop(ann_in_another_tab);
//! assert_eq!(presence.count(ROOM.at("lobby")), 0);
//! # Ok::<_, lanai_pubsub::presence::MetaError>(())
//! ```
//!
//! It is a replicated state machine. Who comes and who goes is published as an event on one topic that no text names; every
//! process applies the events in the order of that topic, so all of them see the same joins and leaves. Within one process that
//! is a function call; over an engine that connects processes it is the same events, and signs of life besides.

mod event;
mod meta;
mod node;
mod on_the_way;
mod own;
mod people;
mod person;
mod shared;
#[cfg(test)]
mod tests;
mod track;
mod watch;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::broker::Broker;
use crate::engine::TransportState;
use crate::topic::Topic;
use node::Millis;
use shared::Shared;

pub use event::LeaveReason;
pub use meta::{Meta, MetaError};
pub use person::{Change, Entry, Person, Place};
pub use track::Track;
pub use watch::Watch;

impl Broker {
    /// Who is here.
    pub fn presence(&self) -> Presence {
        let shared =
            self.extension(|| Shared::new(self.downgrade(), self.transport_state() != TransportState::InProcess));
        shared.subscribe(self);
        Presence { _broker: self.clone(), shared }
    }
}

/// Who is here: the handle to the presence of a [`Broker`]. Cloning it is cheap, and all handles of one broker are one presence.
///
/// People are on topics; only the name of a topic counts here, and a topic need not have messages.
///
/// Tracks that linger, and other nodes, need time to pass: [`run`](Self::run) sees to that. (A Lanai `App` does it for its own.)
#[derive(Clone)]
pub struct Presence {
    /// Nobody is here when there is no broker any more.
    _broker: Broker,
    shared: Arc<Shared>,
}

impl Presence {
    /// Has someone be here for as long as the [`Track`] is kept.
    ///
    /// `key` tells people apart: two tracks with one key are one person in two places.
    ///
    /// # Errors
    ///
    /// If the meta is not expressible as JSON, or it or the key is too large.
    pub fn track(
        &self,
        topic: impl TopicName,
        key: impl fmt::Display,
        meta: &impl Serialize,
    ) -> Result<Track, MetaError> {
        let track = self.prepare(topic, key, meta)?;
        track.resume();
        Ok(track)
    }

    /// As [`track`](Self::track), but the person is not here before [`Track::resume`].
    ///
    /// # Errors
    ///
    /// As [`track`](Self::track).
    pub fn prepare(
        &self,
        topic: impl TopicName,
        key: impl fmt::Display,
        meta: &impl Serialize,
    ) -> Result<Track, MetaError> {
        Track::new(&self.shared, topic.topic_name(), key, meta)
    }

    /// All who are on a topic, in order of arrival.
    ///
    /// Someone whose meta is not an `M` is left out, and the log says so.
    pub fn list<M: DeserializeOwned + Send + Sync + 'static>(&self, topic: impl TopicName) -> Vec<Person<M>> {
        let topic = topic.topic_name();
        let entries = self.shared.state().node.people.entries(&topic);
        entries.iter().filter_map(|entry| entry.read(&topic)).collect()
    }

    /// How many people are on a topic, each counted once.
    pub fn count(&self, topic: impl TopicName) -> usize {
        self.shared.state().node.people.count(&topic.topic_name())
    }

    /// How many tracks there are on all topics and nodes: each tab of each person.
    pub fn track_count(&self) -> usize {
        self.shared.state().node.people.tracks()
    }

    /// Has `on_change` called with each change on a topic, for as long as the [`Watch`] is kept, and returns who is there now.
    /// Nothing is missed between the two, and nothing told twice.
    ///
    /// `on_change` is called by the thread that brings the change about, one call at a time. It should put it somewhere and return.
    pub fn watch(
        &self,
        topic: impl TopicName,
        on_change: impl Fn(&Change) + Send + Sync + 'static,
    ) -> (Vec<Entry>, Watch) {
        Watch::new(&self.shared, topic.topic_name(), on_change)
    }

    /// Sets how often this node tells the others that it is there: every 5 s, unless you say otherwise. When three of these words are
    /// missing, its people are taken for gone. All nodes should have the same. Without an engine that connects processes it has no effect.
    pub fn set_heartbeat(&self, every: Duration) {
        let every = every.as_millis().try_into().unwrap_or(Millis::MAX);
        self.shared.with_node(|node, now| node.set_heartbeat(now, every));
    }

    /// Lets time pass, until the future is dropped: without it nobody who lingers ever leaves, and other nodes are not looked after.
    ///
    /// `sleep` is that of the runtime. When a sleep ends, its time has passed, whatever the machine's clock says: in a test, the runtime may
    /// have a clock of its own.
    ///
    /// ```no_run
    /// # async fn sleep(_: std::time::Duration) {}
    /// # async fn example(broker: lanai_pubsub::Broker) {
    /// broker.presence().run(sleep).await;
    /// # }
    /// ```
    pub async fn run<S: Future>(&self, mut sleep: impl FnMut(Duration) -> S) {
        loop {
            let (wait, until, alarm) = self.shared.tick();
            let mut slept = pin!(sleep(wait));
            poll_fn(|context| {
                if self.shared.is_alarmed(alarm, context) {
                    Poll::Ready(())
                } else {
                    slept.as_mut().poll(context).map(|_| self.shared.reached(until))
                }
            })
            .await;
        }
    }
}

/// For [transports](crate::Transport): whether a topic is the one on which nodes tell each other who is here.
///
/// It may be treated apart. Its messages are large when many people are there, they are of no use to a node that starts
/// later, and nobody asks for their past: so they need not take room from what topics keep.
pub fn is_presence(topic: &str) -> bool {
    static NAME: LazyLock<String> = LazyLock::new(|| shared::log().name().into_owned());
    topic == *NAME
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("tracks", &self.track_count()).finish_non_exhaustive()
    }
}

/// What names a topic, whatever its messages are: a [`Topic`], a reference to one, or text as for [`Topic::named`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic",
    label = "not a topic",
    note = "a topic is given as a `Topic<T>` or a reference to one, or by name, as `&str` or `String`",
    note = "to make a name from a value, narrow a topic: `TOPIC.at(value)`"
)]
pub trait TopicName {
    /// The name, as [`Topic::name`] has it.
    fn topic_name(&self) -> String;
}

impl<T> TopicName for Topic<T> {
    fn topic_name(&self) -> String {
        self.name().into_owned()
    }
}

impl TopicName for str {
    fn topic_name(&self) -> String {
        Topic::<()>::named(self).topic_name()
    }
}

impl TopicName for String {
    fn topic_name(&self) -> String {
        self.as_str().topic_name()
    }
}

impl<N: TopicName + ?Sized> TopicName for &N {
    fn topic_name(&self) -> String {
        (**self).topic_name()
    }
}
