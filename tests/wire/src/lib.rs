//! A server under test, and a client that speaks the protocol without a browser.
//!
//! The client sends exactly what a test tells it to send, so it can also be an attacker. Use it for tests of the messages
//! themselves, and `lanai-test` for tests of what people do and see.

mod frame;
mod inner;
pub mod op;
pub mod raw;
mod server;
mod visitor;

pub use frame::Frame;
pub use inner::Inner;
pub use server::Server;
pub use visitor::{Boot, Received, Socket, Visitor, get, get_with};
