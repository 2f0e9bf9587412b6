//! The pure part of Lanai: templates, renderings, the diff and the protocol.
//!
//! A rendering is a [`Tape`] of values for the slots of [`Template`]s. A [`Baseline`] remembers what a page shows, and
//! a [`Frame`](protocol::Frame) contains the difference between the two. This crate knows nothing of views, sockets or
//! tasks; it never blocks and never fails.

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod baseline;
mod diff;
mod escape;
mod first;
mod frozen_html;
mod hash;
mod html;
pub mod live_list;
mod nested;
pub mod nesting;
pub mod protocol;
mod raw;
mod streamed_text;
pub mod style;
mod tape;
mod template;
pub mod url;

pub use baseline::{Baseline, Changes};
pub use escape::escape;
pub use first::FirstPage;
pub use frozen_html::FrozenHtml;
pub use nested::{Nested, NestedPage};
pub use streamed_text::StreamedText;
pub use tape::{OpenList, Size, Tape};
pub use template::{AttributeKind, Namespace, Part, Position, Slot, Template};
