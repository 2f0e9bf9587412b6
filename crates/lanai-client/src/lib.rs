//! A second implementation of Lanai's client, in Rust and without a browser: it reads pages, applies frames, and sends
//! what a person does.
//!
//! It implements the protocol of `docs/PROTOCOL.md` and shares no code with the server, so that the same mistake on
//! both sides cannot hide. Anything unexpected is a [`Violation`]: it is stricter than the client in a browser, which
//! would try to continue.
//!
//! | to | see |
//! |---|---|
//! | drive a page: messages in, messages out, events, time | [`Page`] |
//! | read and change a document | [`Dom`], [`Selector`], [`form`] |
//! | apply frames to a single view | [`Instance`] |
//!
//! It does no input or output. To test programs, use `lanai-test`, which connects pages to a server.
//!
//! ```
//! use lanai_client::{Event, Page, Held};
//!
//! // As the server writes it: a button with a handler, and a number in it.
//! let html = r#"<body><!--lanai--><button data-l="">0</button><!--/lanai-->
//!     <script type="application/json" id="lanai">{"v":4,"i":"7","s":"secret","t":[[[["@click","*"]]]]}</script>"#;
//! let mut page = Page::read(html, "page-1")?;
//! page.opened();
//! assert_eq!(page.take_output(), [r#"["7","secret","page-1",0,4,""]"#]);
//! page.receive(0, r#"{"attached":0}"#)?;
//!
//! let button = page.dom().elements(page.document()).into_iter().find(|&id| page.dom().name(id) == "button").unwrap();
//! page.dispatch(0, &Event::mouse("click", button, Held::default()));
//! assert_eq!(page.take_output(), ["[1,0,0]"]);
//! page.receive(0, r#"[1,4,"1"]"#)?;
//! assert_eq!(page.dom().text(button), "1");
//! # Ok::<_, lanai_client::Violation>(())
//! ```

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod channels;
mod commands;
mod dom;
mod edits;
mod event;
pub mod form;
mod instance;
mod page;
mod parse;
mod selector;
mod wire;

pub use channels::{Answer, ChannelFailure, ChannelMessage};
pub use dom::{Dom, Element, Id, Kind, Namespace};
pub use event::{Event, Held};
pub use instance::{Handler, Instance, Place};
pub use page::{
    Beside, Connection, Dispatched, Drop, FileData, Millis, Navigate, Page, StickyViews, Transfer, Verdict,
};
pub use selector::{Selector, SelectorError};
pub use wire::{Boot, EventSpec, Payload, VERSION, Violation};
