//! Channels: messages between a view and the JavaScript of its page.
//!
//! ```
//! use std::time::Duration;
//! use lanai::prelude::*;
//!
//! #[derive(Serialize, Deserialize, Clone, Copy)]
//! struct Place { lat: f64, lng: f64 }
//!
//! struct Map { cx: Cx<Self>, here: Option<Place>, clicked: Vec<Place> }
//!
//! impl Map {
//!     async fn mount(cx: Cx<Self>) -> Self {
//!         cx.channel("map").on("clicked", |map: &mut Self, place: Place| map.clicked.push(place));
//!         Self { cx, here: None, clicked: Vec::new() }
//!     }
//!
//!     // The view keeps handling events while the page answers.
//!     fn locate(&mut self, cx: &Cx<Self>) {
//!         cx.spawn(cx.channel("map").request("get_location", (), Duration::from_secs(5)), Self::located);
//!     }
//!
//!     fn located(&mut self, answer: Result<Place, RequestError>) {
//!         self.here = answer.ok();
//!         if let Some(place) = self.here {
//!             self.cx.channel("map").emit("fly_to", place);
//!         }
//!     }
//! }
//!
//! impl View for Map {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             div data-lanai-hook="map" {}
//!             button onclick=(Self::locate) { "Where am I?" }
//!         }
//!     }
//! }
//! ```
//!
//! ```js
//! import { lanai } from "/_lanai/lanai.js";
//!
//! lanai.hook("map", {
//!   mounted() {
//!     const map = drawMap(this.el);
//!     const channel = this.channel("map");
//!     channel.on("fly_to", ({ lat, lng }) => map.flyTo(lat, lng));
//!     channel.on("get_location", () => map.locate());
//!     map.onclick = (place) => channel.emit("clicked", place);
//!   },
//! });
//! ```
//!
//! Messages are JSON. In both directions they are in order with the page's events and patches, and each arrives exactly
//! once, whatever happens to the connection.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use lanai_core::protocol::{Failure, FailureKind};
use lanai_pubsub::{IntoSource, LocalMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::cx::Cx;
use crate::error::Error;
use crate::event::EventError;
use crate::handler::shapes::{Calls, Emitted, Shape};
use crate::handler::{Called, HandlerError};
use crate::instance::channels::{Answered, Listener};
use crate::instance::{Effect, Instance};

/// A named channel between a view and the JavaScript of its page; see the [module](self).
///
/// A `Channel` is a cheap handle: within one view, all channels with the same name are one. Its handlers end with the
/// view.
pub struct Channel<V> {
    cx: Cx<V>,
    name: Arc<str>,
}

impl<V> Clone for Channel<V> {
    fn clone(&self) -> Self {
        Self { cx: self.cx.clone(), name: self.name.clone() }
    }
}

impl<V> std::fmt::Debug for Channel<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Channel").field(&self.name).finish()
    }
}

impl<V: Send + 'static> Cx<V> {
    /// Returns the channel with this name to the JavaScript of the page. In the page it is `lanai.channel(name)`, or
    /// `this.channel(name)` in a hook.
    pub fn channel(&self, name: impl Into<String>) -> Channel<V> {
        let name: String = name.into();
        self.instance.channels.open();
        Channel { cx: self.clone(), name: name.into() }
    }
}

impl<V: Send + 'static> Channel<V> {
    /// Calls `handler` for each message that the page emits as `event`. The view is rendered afterwards.
    ///
    /// A handler is a method `fn(&mut self, T)` or `fn(&mut self, T, &Cx<Self>)`, `async` or not, for any `T` that
    /// serde can deserialize. It returns `()` or a `Result`. A message that cannot be deserialized as `T` is refused
    /// and logged. A second handler for the same event replaces the first.
    pub fn on<T: DeserializeOwned + Send + 'static, M: 'static>(
        &self,
        event: impl Into<String>,
        handler: impl ChannelHandler<V, T, M>,
    ) {
        self.listen(event.into(), false, handler);
    }

    /// Calls `handler` for each request that the page makes as `event`. Its return value is the answer.
    ///
    /// The handler returns anything that serde can serialize, or a `Result` of it. If it returns an `Err`, or if the
    /// payload cannot be deserialized, the page's request fails. The page receives the error's message only if
    /// [`Error::new`] made it for the visitor.
    pub fn answer<T: DeserializeOwned + Send + 'static, M: 'static>(
        &self,
        event: impl Into<String>,
        handler: impl ChannelHandler<V, T, M>,
    ) {
        self.listen(event.into(), true, handler);
    }

    fn listen<T: DeserializeOwned + Send + 'static, M: 'static>(
        &self,
        event: String,
        answers: bool,
        handler: impl ChannelHandler<V, T, M>,
    ) {
        let read = |payload: &str| serde_json::from_str(payload).map_err(|error| error.to_string());
        let listener = Typed { handler, read, cx: self.cx.clone(), shape: PhantomData };
        self.cx.instance.channels.listen(self.name.to_string(), event, answers, Arc::new(listener));
    }

    /// Sends a message to the page's JavaScript, without waiting for an answer. If the view is [shared](Cx::shared),
    /// the message goes to all of its pages.
    ///
    /// The message waits until the page can take it. If too many messages wait
    /// ([`Limits::channel_messages`](crate::Limits::channel_messages)), or if `payload` cannot be serialized as JSON,
    /// the message is not sent: the error is logged, and [`View::failed`](crate::View::failed) is called with it. To
    /// handle the error at the call, use [`try_emit`](Self::try_emit).
    pub fn emit(&self, event: impl Into<String>, payload: impl Serialize) {
        let event = event.into();
        if let Err(error) = self.try_emit(event.clone(), payload) {
            tracing::error!(instance = self.cx.instance.id, channel = %self.name, event, %error, "a message to the page was not sent");
            self.cx.fail(error);
        }
    }

    /// Like [`emit`](Self::emit), but returns the error.
    ///
    /// # Errors
    ///
    /// Returns an error if too many messages wait for the page, or if `payload` cannot be serialized as JSON.
    pub fn try_emit(&self, event: impl Into<String>, payload: impl Serialize) -> Result<(), EmitError> {
        let payload = serde_json::to_string(&payload).map_err(EmitError::Payload)?;
        self.send(event.into(), payload, None)
    }

    fn send(&self, event: String, payload: String, request: Option<u64>) -> Result<(), EmitError> {
        let instance = &self.cx.instance;
        if instance.channel_effect(Effect::Channel { channel: self.name.clone(), event, payload, request }) {
            Ok(())
        } else {
            Err(EmitError::Full(instance.runtime.limits.channel_messages))
        }
    }

    /// Sends a request to the page's JavaScript, and returns a future of the answer from its handler for `event`.
    ///
    /// The request is sent at once, not when the future is first polled. In a method that must not wait, pass the
    /// future to [`Cx::spawn`]. An `async` handler may await it, but the view handles nothing else until then. A lost
    /// connection does not matter as long as the page reconnects before the timeout. Dropping the future cancels the
    /// request.
    ///
    /// # Errors
    ///
    /// Each reason for not getting an answer has its own variant of [`RequestError`].
    pub fn request<R: DeserializeOwned + Send + 'static>(
        &self,
        event: impl Into<String>,
        payload: impl Serialize,
        timeout: Duration,
    ) -> Request<R> {
        let started = self.start_request(event.into(), payload);
        Request(Box::pin(async move {
            let (pending, answer) = started?;
            let answered = match tokio::time::timeout(timeout, answer).await {
                Ok(Ok(answered)) => answered,
                Ok(Err(_)) => return Err(RequestError::Closed),
                Err(_) => return Err(RequestError::Timeout(timeout)),
            };
            drop(pending);
            match answered {
                Ok(payload) => serde_json::from_str(&payload).map_err(RequestError::Answer),
                Err(Failure { kind: FailureKind::None, .. }) => Err(RequestError::NoHandler),
                Err(Failure { kind: FailureKind::Failed, message }) => {
                    Err(RequestError::Failed(message.unwrap_or_default()))
                }
                Err(Failure { kind: FailureKind::Gone | FailureKind::Panicked, .. }) => Err(RequestError::Gone),
            }
        }))
    }

    fn start_request(
        &self,
        event: String,
        payload: impl Serialize,
    ) -> Result<(Pending, oneshot::Receiver<Answered>), RequestError> {
        let instance = &self.cx.instance;
        if instance.page.is_none() {
            return Err(RequestError::ManyPages);
        }
        let payload = serde_json::to_string(&payload).map_err(|error| RequestError::Emit(EmitError::Payload(error)))?;
        let (id, answer) = instance.channels.expect().ok_or(RequestError::Closed)?;
        let pending = Pending { instance: instance.clone(), id };
        self.send(event, payload, Some(id)).map_err(RequestError::Emit)?;
        Ok((pending, answer))
    }

    /// Forwards each message of a topic to the page's JavaScript, as `event`. When several views do so, publishing to
    /// the topic reaches the JavaScript of all their pages.
    ///
    /// This is an ordinary [subscription](Cx::subscribe) of the view.
    ///
    /// # Panics
    ///
    /// Panics in the same cases as [`Cx::subscribe`].
    #[track_caller]
    pub fn relay<T: LocalMessage + Serialize>(&self, topic: impl IntoSource<T>, event: impl Into<String>) {
        let (channel, event) = (self.clone(), event.into());
        self.cx.subscribe(topic, move |_: &mut V, message: &T| channel.emit(event.clone(), message));
    }
}

/// A pending request; see [`Channel::request`].
#[must_use = "dropping a request cancels it"]
pub struct Request<R>(std::pin::Pin<Box<dyn Future<Output = Result<R, RequestError>> + Send>>);

impl<R> Request<R> {
    pub(crate) fn new(answer: impl Future<Output = Result<R, RequestError>> + Send + 'static) -> Self {
        Self(Box::pin(answer))
    }
}

impl<R> Future for Request<R> {
    type Output = Result<R, RequestError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<R> std::fmt::Debug for Request<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request")
    }
}

/// The reason why a message was not sent to the page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The page takes no messages, and the allowed number of them already wait.
    #[error(
        "{0} messages already wait for the page, which is not taking them; \
         send fewer, or raise `Limits::channel_messages`"
    )]
    Full(usize),
    /// The payload cannot be serialized as JSON.
    #[error("the payload cannot be serialized as JSON: {0}")]
    Payload(#[source] serde_json::Error),
}

/// The reason why a request to the page's JavaScript got no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The page did not answer before the timeout.
    #[error("the page did not answer within {0:?}")]
    Timeout(Duration),
    /// The channel is open on the page, but it has no handler for the event.
    #[error("the page has no handler for this event of the channel")]
    NoHandler,
    /// The handler on the page threw an error with this message.
    #[error("the handler on the page failed: {0}")]
    Failed(String),
    /// The element that the channel belongs to was removed.
    #[error("the element that the channel belongs to was removed from the page")]
    Gone,
    /// The view has ended, or the visitor left the page.
    #[error("the page was closed")]
    Closed,
    /// The answer cannot be deserialized as the requested type.
    #[error("the page's answer has another type: {0}")]
    Answer(#[source] serde_json::Error),
    /// The request could not be sent.
    #[error(transparent)]
    Emit(EmitError),
    /// The view is shared by many pages. Send requests from the private view around it.
    #[error("a shared view has many pages; send the request from the private view around it")]
    ManyPages,
}

/// A request that waits for its answer. Dropping it tells the page that no answer is needed.
struct Pending {
    instance: Arc<Instance>,
    id: u64,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.instance.channels.give_up(self.id);
        self.instance.forget_request(self.id);
    }
}

/// A [`ChannelHandler`] of a view or a part.
pub(crate) struct Typed<V, T, H, M> {
    pub(crate) handler: H,
    /// Reads the payload.
    pub(crate) read: fn(&str) -> Result<T, String>,
    pub(crate) cx: Cx<V>,
    pub(crate) shape: PhantomData<fn() -> M>,
}

impl<V: Send + 'static, T: Send, M, H: ChannelHandler<V, T, M>> Listener for Typed<V, T, H, M> {
    fn call<'a>(&'a self, view: &'a mut dyn Any, payload: &'a str) -> Called<'a, String> {
        let refused = |error: &dyn std::fmt::Display| Called::Ready(Err(HandlerError::Payload(EventError::new(error))));
        let message = match (self.read)(payload) {
            Ok(message) => message,
            Err(error) => return refused(&error),
        };
        match self.cx.focus_on(view) {
            Some(view) => self.handler.call(view, message, &self.cx),
            None => refused(&"the part that this handler belongs to is gone"),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }
}

/// A handler of messages of type `T` from the page's JavaScript to the view `V`: a method `fn(&mut self, T)` or
/// `fn(&mut self, T, &Cx<Self>)`, `async` or not. The parameter `M` only distinguishes the shapes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle messages from the page's JavaScript for `{V}`",
    label = "not a handler of channel messages",
    note = "such a handler is a method of the view in one of these shapes, `async` or not:\n\
            `fn(&mut self, T)`\n`fn(&mut self, T, &Cx<Self>)`\n\
            where serde can deserialize `T`; it returns anything that serde can serialize, or a `Result` of it",
    note = "a closure names the types: `|this: &mut Self, message: Message| this.received(message)`"
)]
pub trait ChannelHandler<V, T, M>: Send + Sync + 'static {
    /// Handles one message. The outcome is the answer, as JSON.
    fn call<'a>(&'a self, view: &'a mut V, message: T, cx: &'a Cx<V>) -> Called<'a, String>;
}

impl<V, T, M, A, F> ChannelHandler<V, T, (M, A)> for F
where
    F: Shape<V, Emitted<T>, M> + Sync,
    F::Returned: Answer<A>,
    F: Calls<V, Emitted<T>, M>,
{
    fn call<'a>(&'a self, view: &'a mut V, message: T, cx: &'a Cx<V>) -> Called<'a, String> {
        F::start(self, view, message, cx, Answer::into_json)
    }
}

/// A type that a handler of channel messages may return: anything that serde can serialize, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to the page as an answer",
    label = "neither a type that serde can serialize, nor a `Result` of one",
    note = "derive `Serialize` for it"
)]
pub trait Answer<M> {
    /// Converts the value to JSON.
    fn into_json(self) -> Result<String, HandlerError>;
}

fn to_json(value: &impl Serialize) -> Result<String, HandlerError> {
    serde_json::to_string(value).map_err(|error| HandlerError::Failed(error.into()))
}

/// Marks an [`Answer`] that cannot fail.
#[derive(Debug)]
pub struct Infallible;

/// Marks an [`Answer`] that is a `Result`.
#[derive(Debug)]
pub struct Fallible;

#[diagnostic::do_not_recommend]
impl<R: Serialize> Answer<Infallible> for R {
    fn into_json(self) -> Result<String, HandlerError> {
        to_json(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<R: Serialize, E: Into<Error>> Answer<Fallible> for Result<R, E> {
    fn into_json(self) -> Result<String, HandlerError> {
        self.map_err(|error| HandlerError::Failed(error.into())).and_then(|value| to_json(&value))
    }
}
