//! The pure part of Lanai.
//!
//! A rendering is a [`Tape`] of values for the slots of [`Template`]s. A [`Baseline`] remembers what a page shows of it;
//! the difference between the two is a [`Frame`](protocol::Frame). Nothing here knows of views, sockets or tasks;
//! nothing blocks, and nothing fails.

mod baseline;
mod definitions;
mod diff;
mod escape;
mod first;
mod hash;
mod html;
mod json;
pub mod live_list;
mod nested;
pub mod nesting;
pub mod protocol;
mod raw;
mod tape;
mod template;
pub mod url;

pub use baseline::{Baseline, Changes};
pub use escape::escape;
pub use first::FirstPage;
pub use nested::{Nested, NestedPage};
pub use tape::{OpenList, Size, Tape};
pub use template::{AttributeKind, Namespace, Part, Place, Slot, Template};
