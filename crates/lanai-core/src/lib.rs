//! The pure part of Lanai.
//!
//! A rendering is a [`Tape`] of values for the slots of [`Template`]s. Nothing here knows of views, sockets or tasks;
//! nothing blocks, and nothing fails.

mod escape;
mod html;
mod tape;
mod template;
pub mod url;

pub use escape::escape;
pub use tape::Tape;
pub use template::{AttributeKind, Namespace, Part, Place, Slot, Template};
