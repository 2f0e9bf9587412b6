//! Lanai: server-driven UI for Rust.

pub mod cx;
mod error;
pub mod event;
pub mod handler;
mod html;
#[doc(hidden)]
pub mod macro_support;
mod view;

pub use axum;
pub use cx::Cx;
pub use error::{Error, Result};
pub use html::{Html, Inert};
pub use lanai_macros::html;
pub use maud;
pub use view::View;

/// What most programs need: `use lanai::prelude::*;`.
pub mod prelude {
    pub use crate::event::{Checked, Click, Form, FromEvent, Key, Value};
    pub use crate::handler::{Callback, on};
    pub use crate::{Cx, Error, Html, Result, View, html};
    pub use axum::extract::{Path, Query, State};
    pub use serde::{Deserialize, Serialize};
}
