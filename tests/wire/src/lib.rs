//! A server under test, and a client that speaks the protocol without a browser.
//!
//! The client sends exactly what it is told to, also what a browser never would: it is the attacker of the tests too.

pub mod raw;
mod server;
mod visitor;

pub use server::Server;
pub use visitor::{Boot, Received, Socket, Visitor, get, get_with};
