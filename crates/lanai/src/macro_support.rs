//! The functions and types that the code written by `html!` uses. They are not part of the public interface.
//!
//! For a splice `(value)`, the compiler picks the first rung of a ladder that fits the type of the value. Each rung is
//! a trait implemented for references to [`Splice`], with one reference fewer from rung to rung. Method lookup tries
//! them in this order (autoref specialization, [D. Tolnay
//! 2019](https://github.com/dtolnay/case-studies/blob/master/autoref-specialization/README.md)).
//!
//! | rung | takes | in a node slot | in text |
//! |---|---|---|---|
//! | [`SpliceHtml`] | renderings with handlers of this view | the rendering | |
//! | [`SpliceInert`] | renderings without handlers | the rendering | |
//! | [`SpliceText`] | strings, characters, numbers, `bool` | text | text |
//! | [`SpliceTrusted`] | `PreEscaped` | raw HTML | the text of the HTML, unchecked |
//! | [`SpliceRender`] | `maud::Render` | raw HTML | the text of the HTML |
//! | [`SpliceOptionRender`] | options of these | raw HTML or nothing | the text of the HTML, or nothing |
//! | [`SpliceDisplay`] | `Display` | text | text |
//! | [`SpliceOptionDisplay`] | options of these | text or nothing | text or nothing |
//! | [`SpliceForeign`] | renderings of another view | an error | an error |
//! | [`Splice`] itself | everything else | an error | an error |
//!
//! The view is a parameter of [`Splice`], so that a rendering whose view is not known yet is inferred to be one of this
//! view.

// Only the code that `html!` writes calls these functions and holds these values.
#![expect(missing_debug_implementations, clippy::must_use_candidate)]

mod captured;
mod event;
mod fragment;
mod guess;
mod rows;
mod splice;
mod text;

use std::hash::{BuildHasher, Hash};

pub use captured::{Captured, Owned};
pub use event::{Event, Keyed, OptionalEvent, keyed};
pub(crate) use fragment::raw;
pub use fragment::{Fragment, Rendering};
pub use guess::{Guess, GuessOther, GuessSame};
pub use lanai_core::{AttributeKind, Namespace, Part, Position, Slot, Template};
pub use rows::{LiveListRows, PlainRows, RowSource, Rows, SharedListRows};
pub use splice::{
    Maybe, OnlyText, PartOf, Splice, SpliceDisplay, SpliceForeign, SpliceHtml, SpliceInert, SpliceOptionDisplay,
    SpliceOptionRender, SpliceRender, SpliceText, SpliceTrusted, Spliceable, SpliceableText,
};
pub use text::Text;

use crate::handler::Callback;
use crate::html::Html;

/// The tape of a view's rendering.
pub type Tape<V> = lanai_core::Tape<Callback<V>>;

/// Finishes an `html!`.
pub fn finish<V: 'static>(tape: Tape<V>) -> Html<V> {
    Html { tape }
}

/// Returns the hash of a row's key. Equal keys have equal hashes, in each run of the program.
pub fn key(key: &(impl Hash + ?Sized)) -> u64 {
    foldhash::quality::FixedState::default().hash_one(key)
}

/// `class[condition]`
pub fn on(condition: bool) -> bool {
    condition
}

/// `name=[option]`
pub fn option<T>(option: &Option<T>) -> Option<&T> {
    option.as_ref()
}
