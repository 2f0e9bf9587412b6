//! Who is here: people on topics, as views see them.
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
//!         self.news = format!("{} has come", join.key);
//!     }
//!
//!     fn left(&mut self, leave: &Leave<Mood>) {
//!         self.news = format!("{} has gone: {:?}", leave.key, leave.why);
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
//! Without a view, the [`Broker`](crate::Broker) can be asked: `broker.presence().list::<Mood>(ROOM)`.

mod handlers;
mod present;

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use lanai_pubsub::presence::{Change, Entry, LeaveReason, MetaError, Person, Presence, TopicName, Track, Watch};
pub use present::Present;

use crate::cx::Cx;
use crate::message::MessageHandler;

/// Someone has come.
#[derive(Debug)]
#[non_exhaustive]
pub struct Join<M> {
    /// Who it is.
    pub key: Arc<str>,
    /// What is said about them.
    pub meta: Arc<M>,
}

/// Someone has left: their last tab, if there were several.
#[derive(Debug)]
#[non_exhaustive]
pub struct Leave<M> {
    /// Who it was.
    pub key: Arc<str>,
    /// What was said about them at last.
    pub meta: Arc<M>,
    /// How it came that they are not here any more.
    pub why: LeaveReason,
}

impl<V: Send + 'static> Cx<V> {
    /// Has a person be present on `topic` while this view's page is connected.
    ///
    /// `key` tells people apart: two tabs with one key are one person. `meta` is what is said about them, anything that serde can write, `()` for
    /// nothing. To say something else, track again. A view tracks one person on a topic; with another key, the one before leaves.
    ///
    /// The person is present from the moment that the page connects: a crawler that fetches HTML is nobody, and the first HTML does not have its own visitor yet.
    /// They leave
    ///
    /// - with [`untrack`](Self::untrack), and when the server ends the view, at once;
    /// - when the page is left, after [`Limits::presence_left`](crate::Limits::presence_left): who reloads it has never been away;
    /// - when the connection is lost, after [`Limits::presence_lost`](crate::Limits::presence_lost). If it is found again later, they join again;
    /// - when their server falls silent, unless they are connected to another one by then.
    ///
    /// If `meta` cannot be written as JSON, or it or the key is too large, the error goes to [`View::failed`](crate::View::failed), and nothing changes.
    pub fn track(&self, topic: impl TopicName, key: impl Display, meta: impl Serialize) {
        if let Err(error) = self.instance.presence.track(&self.instance.runtime, &topic, key, &meta) {
            self.update(move |_| Err::<(), _>(error));
        }
    }

    /// Has the person that this view tracks on `topic` leave at once, unless they are there in another tab.
    pub fn untrack(&self, topic: impl TopicName) {
        self.instance.presence.untrack(&topic.topic_name());
    }

    /// Who is present on `topic`: a collection to keep in the view and to render from.
    ///
    /// It is filled at once, so the first HTML has them. After that it changes as if by a handler of the view: never while another one
    /// runs, and the view is rendered again.
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
    /// Someone whose meta is not an `M` is left out, with a warning in the log. If what is said about someone changes to something that is
    /// not an `M`, what was said before stays.
    pub fn presence<M>(&self, topic: impl TopicName) -> Present<M>
    where
        M: DeserializeOwned + Send + Sync + 'static,
    {
        Present::new(&self.instance, topic)
    }

    /// Has `handler` called when someone comes to `topic`, from now on: this view's own visitor too, when the page connects.
    ///
    /// A handler takes `&Join<M>`, and otherwise is as for [`subscribe`](Self::subscribe). It ends with [`unsubscribe`](Self::unsubscribe), or with the view. It is
    /// not called for someone whose meta is not an `M`; the log warns of that.
    pub fn on_join<M, S>(&self, topic: impl TopicName, handler: impl MessageHandler<V, Join<M>, S>)
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
        });
    }

    /// Has `handler` called when someone leaves `topic`, from now on.
    ///
    /// A handler takes `&Leave<M>`, and otherwise is as for [`on_join`](Self::on_join).
    pub fn on_leave<M, S>(&self, topic: impl TopicName, handler: impl MessageHandler<V, Leave<M>, S>)
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
        });
    }
}
