//! Presence in views: who is here, on which topic.
//!
//! ```
//! use lanai::prelude::*;
//! use lanai::presence::{Join, Leave};
//!
//! const ROOM: Topic<String> = Topic::new("room");
//!
//! struct Room { here: Present<Mood>, news: String }
//!
//! #[derive(Serialize, Deserialize)]
//! struct Mood { mood: String }
//!
//! impl Room {
//!     async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
//!         cx.track(ROOM, &name, Mood { mood: "fine".into() });
//!         cx.on_join(ROOM, Self::joined);
//!         cx.on_leave(ROOM, Self::left);
//!         Self { here: cx.presence(ROOM), news: String::new() }
//!     }
//!
//!     fn joined(&mut self, join: &Join<Mood>) {
//!         self.news = format!("{} joined", join.key);
//!     }
//!
//!     fn left(&mut self, leave: &Leave<Mood>) {
//!         self.news = format!("{} left: {:?}", leave.key, leave.why);
//!     }
//! }
//!
//! impl View for Room {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             p { (self.here.len()) " here. " (self.news) }
//!             ul { @for person in &self.here { li key=(person.key) { (person.key) " feels " (person.meta.mood) } } }
//!         }
//!     }
//! }
//! ```
//!
//! Outside a view, ask the [`Broker`](crate::Broker): `broker.presence().list::<Mood>(ROOM)`.

mod handlers;
mod present;

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use lanai_pubsub::presence::{Change, Entry, LeaveReason, MetaError, Person, Presence, TopicName, Track, Watch};
pub use present::Present;

use crate::cx::Cx;
use crate::message::{MessageHandler, SubscriptionHandle};

/// Someone has joined.
#[derive(Debug)]
#[non_exhaustive]
pub struct Join<M> {
    /// The person's key.
    pub key: Arc<str>,
    /// The person's metadata.
    pub meta: Arc<M>,
}

/// Someone has left, with their last tab if there were several.
#[derive(Debug)]
#[non_exhaustive]
pub struct Leave<M> {
    /// The person's key.
    pub key: Arc<str>,
    /// The person's last metadata.
    pub meta: Arc<M>,
    /// Why the person left.
    pub why: LeaveReason,
}

impl<V: Send + 'static> Cx<V> {
    /// Marks a person as present on `topic` while this view's page is connected.
    ///
    /// `key` identifies the person: two tabs with one key are one person. `meta` describes the person: any value that
    /// serde can serialize, or `()` for nothing. To change it, track again. A view tracks one person per topic; if you
    /// track another key, the previous person leaves.
    ///
    /// The person is present as soon as the page connects. A crawler that only fetches HTML is nobody, and the first
    /// HTML does not include its own visitor yet. The person leaves
    ///
    /// - at once, with [`untrack`](Self::untrack) and when the server ends the view;
    /// - after [`Limits::presence_left`](crate::Limits::presence_left), when they leave the page (a reload does not
    ///   count);
    /// - after [`Limits::presence_lost`](crate::Limits::presence_lost), when the connection is lost; if it returns
    ///   later, they join again;
    /// - when their server stops responding, unless they are connected to another one by then.
    ///
    /// If `meta` cannot be serialized as JSON, or if it or the key is too large, [`View::failed`](crate::View::failed)
    /// is called with the error, and nothing changes.
    pub fn track(&self, topic: impl TopicName, key: impl Display, meta: impl Serialize) {
        if let Err(error) = self.instance.presence.track(&self.instance.runtime, &topic, key, &meta) {
            self.update(move |_| Err::<(), _>(error));
        }
    }

    /// Makes the person that this view tracks on `topic` leave at once, unless they are present in another tab.
    pub fn untrack(&self, topic: impl TopicName) {
        self.instance.presence.untrack(&topic.topic_name());
    }

    /// Returns who is present on `topic`: a collection to keep in the view and to render from.
    ///
    /// It is filled at once, so the first HTML shows these people. Later changes behave like handlers of the view: they
    /// never run while a handler does, and the view is rendered again.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # const ROOM: Topic<String> = Topic::new("room");
    /// struct Lobby { readers: Present<()> }
    ///
    /// impl Lobby {
    ///     async fn mount(cx: Cx<Self>) -> Self {
    ///         Self { readers: cx.presence(ROOM) }
    ///     }
    /// }
    ///
    /// impl View for Lobby {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { p { (self.readers.len()) " are reading" } }
    ///     }
    /// }
    /// ```
    ///
    /// A person whose metadata is not an `M` is left out, with a warning in the log. If a person's metadata changes to
    /// something that is not an `M`, the collection keeps the old metadata.
    pub fn presence<M>(&self, topic: impl TopicName) -> Present<M>
    where
        M: DeserializeOwned + Send + Sync + 'static,
    {
        Present::new(&self.instance, topic)
    }

    /// Calls `handler` when someone joins `topic`, from now on. This includes the view's own visitor, who joins when
    /// the page connects.
    ///
    /// A handler takes `&Join<M>`, and otherwise has the shapes that [`subscribe`](Self::subscribe) lists. It ends with
    /// [`unsubscribe`](Self::unsubscribe), or with the view. It is not called for a person whose metadata is not an
    /// `M`; the log has a warning.
    pub fn on_join<M, S>(
        &self,
        topic: impl TopicName,
        handler: impl MessageHandler<V, Join<M>, S>,
    ) -> SubscriptionHandle
    where
        M: DeserializeOwned + Send + Sync + 'static,
        S: 'static,
    {
        handlers::on(self, topic, handler, |topic, change| match change {
            Change::Joined(entry) => {
                let person = entry.read(topic)?;
                Some(Join { key: person.key, meta: person.meta })
            }
            _ => None,
        })
    }

    /// Calls `handler` when someone leaves `topic`, from now on.
    ///
    /// A handler takes `&Leave<M>`, and otherwise is like that of [`on_join`](Self::on_join).
    pub fn on_leave<M, S>(
        &self,
        topic: impl TopicName,
        handler: impl MessageHandler<V, Leave<M>, S>,
    ) -> SubscriptionHandle
    where
        M: DeserializeOwned + Send + Sync + 'static,
        S: 'static,
    {
        handlers::on(self, topic, handler, |topic, change| match change {
            Change::Left(entry, why) => {
                let person = entry.read(topic)?;
                Some(Leave { key: person.key, meta: person.meta, why: *why })
            }
            _ => None,
        })
    }
}
