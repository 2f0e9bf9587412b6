//! The pure part of Lanai.
//!
//! A rendering is a [`Tape`] of values for the slots of [`Template`]s. A [`Shadow`] remembers what a page shows of it;
//! the difference between the two is a [`Frame`](protocol::Frame). Nothing here knows of views, sockets or tasks;
//! nothing blocks, and nothing fails.

mod definitions;
mod diff;
mod escape;
mod first;
mod hash;
mod html;
mod json;
mod list;
mod nested;
pub mod nesting;
pub mod protocol;
mod raw;
mod shadow;
mod tape;
mod template;
pub mod tracked;
pub mod url;

pub use escape::escape;
pub use first::FirstPage;
pub use nested::{Nested, NestedPage};
pub use shadow::Shadow;
pub use tape::{OpenList, Size, Tape};
pub use template::{AttributeKind, Namespace, Part, Place, Slot, Template};
