//! The protocol: every byte that a page and its server say to each other.
//!
//! `docs/PROTOCOL.md` describes it, and `client-js/src/protocol.ts` is the other end. The three change together: `cargo xtask tidy`
//! compares fingerprints of them, and the tests in `tables` compare their numbers and names.
//!
//! | module | holds |
//! |---|---|
//! | [`boot`] | the data block of the first page, and the data of a view inside another one |
//! | [`markers`] | the comments and attributes by which the client finds slots in the first HTML |
//! | [`definitions`] | templates as the page knows them, and which of them it knows |
//! | [`events`] | what an event slot does when its event happens |
//! | [`frame`] | frames: definitions, a patch, and effects |
//! | [`control`] | messages about the connection |
//! | [`received`] | messages from the page |
//! | [`failure`] | why a request on a channel has no answer |
//! | [`parts`] | the parts of the client that a page loads only when it needs them |
//! | [`json`] | JSON, written piece by piece |

pub(crate) mod boot;
pub(crate) mod control;
pub(crate) mod definitions;
pub(crate) mod events;
pub(crate) mod failure;
pub(crate) mod frame;
pub(crate) mod json;
pub(crate) mod markers;
pub(crate) mod parts;
pub(crate) mod received;
#[cfg(test)]
mod tables;

pub use boot::{Boot, InstanceData};
pub use control::Control;
pub use events::{EventOptions, EventSpec};
pub use failure::{Failure, FailureKind};
pub use frame::Frame;
pub(crate) use frame::Op;
pub use parts::Parts;
pub use received::{MalformedMessage, Message, Piece, Received};

/// The version of the protocol that this crate speaks. The data block and the attach carry it.
pub const VERSION: u32 = 3;
