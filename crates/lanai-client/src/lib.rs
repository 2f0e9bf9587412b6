//! The client of Lanai once more, in Rust and without a browser: it reads pages, applies frames, and sends what a person does.
mod dom;
mod instance;
mod parse;
mod wire;

pub use dom::{Dom, Element, Id, Kind, Namespace};
pub use instance::{Handler, Instance, Place};
pub use wire::{Boot, EventSpec, Payload, Violation};
