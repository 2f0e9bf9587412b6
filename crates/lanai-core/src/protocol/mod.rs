//! The protocol: every byte that a page and its server exchange.
//!
//! `docs/PROTOCOL.md` describes the protocol, and `client-js/src/protocol.ts` is the other end. The three change
//! together: `cargo xtask tidy` compares their fingerprints, and the tests in `tables` compare their numbers and names.
//!
//! | module | contents |
//! |---|---|
//! | `boot` | the data block of the first page, and the data of a view inside another one |
//! | `markers` | the comments and attributes by which the client finds slots in the first HTML |
//! | `definitions` | templates as the page knows them, and which of them it knows |
//! | `events` | what the browser does when an event occurs |
//! | `frame` | frames: definitions, a patch, and effects |
//! | `commands` | what the browser does without the server |
//! | `control` | messages about the connection |
//! | `received` | messages from the page |
//! | `failure` | why a request on a channel got no answer |
//! | `parts` | the parts of the client that a page loads only when it needs them |
//! | `json` | JSON, written piece by piece |

pub(crate) mod boot;
pub(crate) mod commands;
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
pub use commands::{Command, Place, Source, Step, Switch, Target};
pub use control::Control;
pub use events::{EventOptions, EventSpec, Shortcut, event_type};
pub use failure::{Failure, FailureKind};
pub(crate) use frame::Op;
pub use frame::{BROWSER, Frame, ROWS, UPLOAD};
pub use parts::Parts;
pub use received::{MalformedMessage, Message, Piece, Received};

/// The version of the protocol in this crate. The data block and the attach contain it.
pub const VERSION: u32 = 4;
