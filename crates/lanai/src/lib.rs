//! Lanai: server-driven UI for Rust.
//!
//! A *view* is a plain Rust struct that renders HTML on the server. The browser shows the HTML and sends events back to
//! methods of the struct; the server answers with a patch of a few bytes. Any view can [subscribe](Cx::subscribe) to
//! topics, and is rendered again when messages arrive.
//!
//! ```no_run
//! use lanai::prelude::*;
//!
//! struct Counter { count: i64 }
//!
//! impl Counter {
//!     async fn mount(_cx: Cx<Self>) -> Self {
//!         Self { count: 0 }
//!     }
//!
//!     fn up(&mut self) {
//!         self.count += 1;
//!     }
//! }
//!
//! impl View for Counter {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             p { "Count: " (self.count) }
//!             button onclick=(Self::up) { "+1" }
//!         }
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> lanai::Result {
//!     App::new().route("/", live(Counter::mount)).serve("127.0.0.1:3000").await
//! }
//! ```
//!
//! | to learn about | see |
//! |---|---|
//! | everything, in order | [`guide`] |
//! | markup | [`html!`] |
//! | views and their life | [`View`], [`live`] |
//! | handlers | [`handler`], [`event`], [`on`](handler::on) |
//! | commands for the browser, optimistic updates | [`js`], [`On::optimistic`](handler::On::optimistic) |
//! | files to save, storage, the clipboard | [`browser`], [`Cx::browser`] |
//! | files that people send | [`upload`], [`Cx::upload`] |
//! | lists of any length | [`virtual_list`], [`Cx::virtual_list`] |
//! | what a view can do | [`Cx`] |
//! | publish and subscribe | [`Topic`], [`Broker`], [`Cx::subscribe`] |
//! | who is here | [`presence`], [`Cx::track`], [`Present`] |
//! | the program | [`App`], [`Limits`], [`Document`] |

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

// `html!` names this crate, in its own code too.
extern crate self as lanai;

mod app;
mod assets;
mod authority;
mod base;
pub mod browser;
mod called;
pub mod channel;
mod close_reason;
mod connection;
mod cx;
mod document;
mod download;
mod error;
mod error_page;
mod error_response;
pub mod event;
mod files;
mod flash;
pub mod flow;
pub mod form;
mod gate;
// Only for the documentation, so no build of a program reads it. `tests/guide` compiles its snippets.
#[cfg(all(doc, not(doctest)))]
pub mod guide;
mod handle;
pub mod handler;
mod hosts;
mod html;
mod instance;
pub mod js;
mod limits;
mod live;
pub mod live_list;
mod live_navigation;
mod loadable;
mod location;
mod log;
#[doc(hidden)]
pub mod macro_support;
pub mod message;
mod mount;
mod mounted;
mod navigation;
mod nested;
mod notify;
mod origin;
mod page;
mod panic;
pub mod presence;
mod proxy;
mod receive;
mod redirect;
pub mod replicated;
pub mod route;
mod serve;
mod server;
mod sessions;
mod socket;
mod stall;
mod sticky;
pub mod task;
pub mod upload;
mod view;
pub mod virtual_list;
mod visitors;

pub use app::App;
pub use axum;
pub use channel::Channel;
pub use close_reason::CloseReason;
pub use cx::Cx;
pub use document::{Document, LayoutLayer, LayoutService, layout};
pub use error::{Error, IntoError, Result};
pub use error_page::ErrorPage;
pub use files::Assets;
pub use flash::{Flash, Level};
pub use handle::Handle;
pub use html::{Html, Inert};
pub use instance::runtime::Stats;
pub use lanai_core::{FrozenHtml, StreamedText};
#[doc = include_str!("docs/form.md")]
pub use lanai_macros::Form;
pub use lanai_macros::Route;
#[doc = include_str!("docs/html.md")]
pub use lanai_macros::html;
pub use lanai_pubsub::{
    Address, Broker, Listener, LocalMessage, Message, Missed, PublishError, Receipt, Routed, SubscriberId,
    Subscription, Topic, TransportState, Wildcard,
};
pub use limits::Limits;
pub use live::{Mount, MountCalls, MountShape, live};
pub use live_list::{LiveList, Log, SharedList};
pub use live_navigation::{LiveNavigationLayer, LiveNavigationService, live_navigation};
pub use loadable::Loadable;
pub use location::{External, IntoLocation, Location, LocationError};
pub use maud;
pub use mount::{IntoMounted, LooksMounted, MountError};
pub use navigation::QueryHandler;
pub use nested::{Child, LooksMountedInside, MountedInside, Mounting, Shared};
pub use presence::Present;
pub use proxy::TrustedProxies;
pub use replicated::{Replicate, Replicated};
pub use route::Route;
pub use view::View;

/// What most programs need: `use lanai::prelude::*;`.
pub mod prelude {
    pub use crate::channel::RequestError;
    pub use crate::event::{Checked, Click, Form, FromEvent, Key, Value};
    pub use crate::form::LiveForm;
    pub use crate::handler::{Callback, drag, on, shortcut};
    pub use crate::{
        App, Broker, Channel, Child, Cx, Document, Error, Html, LiveList, Loadable, Present, Replicate, Replicated,
        Result, Route, Routed, Shared, SharedList, StreamedText, Topic, View, html, live,
    };
    pub use axum::extract::{Path, Query, State};
    #[doc(no_inline)]
    pub use lanai_macros::Form;
    pub use maud::PreEscaped;
    pub use serde::{Deserialize, Serialize};
}
