//! Presence: who is on a topic, on any node.
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
//! It is a replicated state machine. Each join and leave is published as an event on one topic that no text names.
//! Every process applies the events in the order of that topic, so all of them see the same joins and leaves. Within a
//! single process this is a function call. With a transport, nodes also send heartbeats.

mod event;
mod in_flight;
mod local_tracks;
mod meta;
mod node;
mod people;
mod person;
mod replica;
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
use crate::topic::Topic;
use crate::transport_state::TransportState;
use event::Millis;
use replica::Replica;

pub use event::LeaveReason;
pub use meta::{Meta, MetaError};
pub use person::{Change, Entry, JoinOrder, Person};
pub use track::Track;
pub use watch::Watch;

impl Broker {
    /// The presence of this broker.
    #[must_use]
    pub fn presence(&self) -> Presence {
        let replica =
            self.extension(|| Replica::new(self.downgrade(), self.transport_state() != TransportState::InProcess));
        replica.subscribe(self);
        Presence { _broker: self.clone(), replica }
    }
}

/// The handle to the presence of a [`Broker`]. Cloning it is cheap, and all handles of a broker are the same presence.
///
/// People are present on topics. Only the topic's name counts; the topic need not carry messages.
///
/// Something has to drive the passage of time for lingering tracks and for other nodes: [`run`](Self::run) does. A
/// Lanai `App` runs it by itself.
#[derive(Clone)]
pub struct Presence {
    /// Presence ends with the broker, so a handle keeps it alive.
    _broker: Broker,
    replica: Arc<Replica>,
}

impl Presence {
    /// Tracks a person: they are present for as long as the [`Track`] lives.
    ///
    /// `key` identifies the person: two tracks with the same key are one person in two places.
    ///
    /// # Errors
    ///
    /// If the metadata cannot be serialized as JSON, or if it or the key is too large.
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

    /// As [`track`](Self::track), but the person joins only at [`Track::resume`].
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
        Track::new(&self.replica, topic.topic_name(), key, meta)
    }

    /// All people on a topic, in the order of joining.
    ///
    /// A person whose metadata is not an `M` is left out, with a warning in the log.
    pub fn list<M: DeserializeOwned + Send + Sync + 'static>(&self, topic: impl TopicName) -> Vec<Person<M>> {
        let topic = topic.topic_name();
        let entries = self.replica.state().node.people.entries(&topic);
        entries.iter().filter_map(|entry| entry.read(&topic)).collect()
    }

    /// The number of people on a topic, each counted once.
    pub fn count(&self, topic: impl TopicName) -> usize {
        self.replica.state().node.people.count(&topic.topic_name())
    }

    /// The number of tracks on all topics and nodes. Each tab of each person has one.
    #[must_use]
    pub fn track_count(&self) -> usize {
        self.replica.state().node.people.tracks()
    }

    /// Calls `on_change` for each change on a topic, for as long as the [`Watch`] lives, and returns who is present
    /// now. There is no gap between the two, and no overlap.
    ///
    /// The thread that causes a change calls `on_change`, one call at a time. It should put the change somewhere and
    /// return.
    pub fn watch(
        &self,
        topic: impl TopicName,
        on_change: impl Fn(&Change) + Send + Sync + 'static,
    ) -> (Vec<Entry>, Watch) {
        Watch::new(&self.replica, topic.topic_name(), on_change)
    }

    /// Sets the heartbeat interval, by which this node tells the others that it is alive (default: 5 s). If three
    /// heartbeats are missing, the people of the node leave. All nodes should have the same interval. It has no effect
    /// without a transport.
    pub fn set_heartbeat(&self, every: Duration) {
        let every = every.as_millis().try_into().unwrap_or(Millis::MAX);
        self.replica.with_node(|node, now| node.set_heartbeat(now, every));
    }

    /// Drives presence until the future is dropped: ends lingering tracks, sends heartbeats and monitors other nodes.
    ///
    /// `sleep` is the runtime's function. A sleep that has ended counts as elapsed even if the system's clock disagrees: in
    /// tests, a runtime may have a virtual clock.
    ///
    /// ```no_run
    /// # async fn sleep(_: std::time::Duration) {}
    /// # async fn example(broker: lanai_pubsub::Broker) {
    /// broker.presence().run(sleep).await;
    /// # }
    /// ```
    pub async fn run<S: Future>(&self, mut sleep: impl FnMut(Duration) -> S) {
        loop {
            let (wait, until, deadline_changes) = self.replica.tick();
            let mut slept = pin!(sleep(wait));
            poll_fn(|context| {
                if self.replica.is_interrupted(deadline_changes, context) {
                    Poll::Ready(())
                } else {
                    slept.as_mut().poll(context).map(|_| self.replica.reached(until))
                }
            })
            .await;
        }
    }
}

/// For [transports](crate::Transport): whether this is the topic on which nodes exchange presence.
///
/// A transport may treat it specially, so that it does not take storage from other topics: its messages are large when
/// many people are present, they are useless to a node that starts later, and nobody requests their history.
#[must_use]
pub fn is_presence(topic: &str) -> bool {
    static NAME: LazyLock<String> = LazyLock::new(|| replica::log().name().into_owned());
    topic == *NAME
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("tracks", &self.track_count()).finish_non_exhaustive()
    }
}

/// A value that names a topic, whatever its messages are: a [`Topic`], a reference to one, or text as for
/// [`Topic::named`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic",
    label = "not a topic",
    note = "pass a `Topic<T>` or a reference to one, or the topic's name as `&str` or `String`",
    note = "to make the name depend on a value, use `TOPIC.at(value)`"
)]
pub trait TopicName {
    /// The name, as [`Topic::name`] returns it.
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
