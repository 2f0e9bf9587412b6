#![doc = include_str!("../README.md")]
// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod act;
mod app;
mod aria;
mod channel;
mod error;
mod network;
mod page;
mod person;
mod snapshot;
mod tab;
mod target;
mod view;
mod wire;

pub use app::{Program, TestApp, app};
pub use channel::{Channel, NoAnswer};
pub use error::{Error, Result};
#[doc(no_inline)]
pub use expect_test::{Expect, ExpectFile, expect, expect_file};
pub use lanai_client::Held;
pub use network::Response;
pub use page::Page;
pub use person::Person;
pub use target::{Target, css, focused, label, placeholder, role, test_id, text};
pub use view::{Published, ViewPage, mount, view};
pub use wire::{Handler, Wire};
