//! Markdown that arrives piece by piece, such as the answer of a language model.
//!
//! ```
//! use lanai::prelude::*;
//! use lanai_markdown::Markdown;
//!
//! struct Answer { text: Markdown }
//!
//! impl Answer {
//!     fn token(&mut self, token: String) {
//!         self.text.push_str(&token);
//!     }
//! }
//!
//! impl View for Answer {
//!     fn render(&self) -> Html<Self> {
//!         html! { article { (self.text) } }
//!     }
//! }
//! ```
//!
//! The dialect is [CommonMark](https://spec.commonmark.org) with tables, task lists and text that is ~~struck~~ out.
//!
//! # What an update costs
//!
//! The text is divided into its outermost blocks. A block that is finished is never parsed, rendered or compared again.
//! In the block that is still open, text without markup goes to the end of the text on the page, and a line of a code
//! block to the end of the code, without a look at what is before it. Other text has the open block parsed again, and
//! the page receives the items, rows, cells and phrases of it that are new.
//!
//! An open block of more than 4 KiB is parsed only each time it has grown by a sixteenth. Until then, its newest text is
//! shown as it was written, with its markup. So no text costs the square of its length, not even `[[[[…`. Long lists and
//! tables are divided into parts, and fenced code is not parsed at all, so this concerns what is rare: a paragraph, a quote
//! or a single item as long as several pages.
//!
//! # What is safe
//!
//! The text may come from anybody:
//!
//! - Raw HTML is shown as text.
//! - Links and images with a script scheme are replaced, as `html!` does it. Links to other sites get
//!   `rel="noopener nofollow"`.
//! - Deep nesting is cut off.
//! - A definition of more than 1 KiB is not kept for later links, which would multiply it.
//!
//! An image is loaded from wherever the text says, which tells that server who reads the text and when. The
//! Content-Security-Policy decides about this: `img-src 'self'` loads none from elsewhere.
//!
//! # Links by reference
//!
//! A link may refer to a definition, `[text][label]`, that comes before it or in the same block. What a finished block
//! shows does not change, so later definitions have no effect on it.

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod block;
mod definitions;
mod element;
mod finished;
mod growth;
mod markdown;
mod outline;
mod parts;
mod writer;

pub use markdown::Markdown;

#[cfg(test)]
mod tests;
