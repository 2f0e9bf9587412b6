//! What the code that `html!` writes calls. Not part of the public interface.
//!
//! A splice `(value)` is written by the first rung of a ladder that fits its type. The rungs are implementations for a stack of
//! references to [`Splice`], one reference less from rung to rung; method look-up takes them off one by one
//! (autoref specialization, [D. Tolnay 2019](https://github.com/dtolnay/case-studies/blob/master/autoref-specialization/README.md)).
//!
//! | rung | takes | in a node slot | in text |
//! |---|---|---|---|
//! | [`SpliceHtml`] | renderings with handlers of this view | the rendering | |
//! | [`SpliceInert`] | renderings without handlers | the rendering | |
//! | [`SpliceText`] | strings, characters, numbers, `bool` | text | text |
//! | [`SpliceTrusted`] | `PreEscaped` | raw HTML | what it stands for, unchecked |
//! | [`SpliceRender`] | `maud::Render` | raw HTML | what it stands for |
//! | [`SpliceOptionRender`] | options of these | raw HTML or nothing | what it stands for, or nothing |
//! | [`SpliceDisplay`] | `Display` | text | text |
//! | [`SpliceOptionDisplay`] | options of these | text or nothing | text or nothing |
//! | [`SpliceForeign`] | renderings of another view | an error | an error |
//! | [`Splice`] itself | all else | an error | an error |
//!
//! The view is a parameter of [`Splice`], so that a rendering whose view is not known yet becomes one of this view.

mod captured;
mod event;
mod fragment;
mod guess;
mod rows;
mod splice;
mod text;

use std::hash::{BuildHasher, Hash};

pub use captured::{Captured, Owned};
pub use event::{Event, OptionalEvent};
pub(crate) use fragment::raw;
pub use fragment::{Fragment, Rendering};
pub use guess::{Guess, GuessOther, GuessSame};
pub use lanai_core::{AttributeKind, Namespace, Part, Place, Slot, Template};
pub use rows::{RowSource, Rows, RowsOfLiveList, RowsPlain, RowsShared};
pub use splice::{
    Maybe, OnlyText, PartOf, Splice, SpliceDisplay, SpliceForeign, SpliceHtml, SpliceInert, SpliceOptionDisplay,
    SpliceOptionRender, SpliceRender, SpliceText, SpliceTrusted, Spliceable, SpliceableText,
};
pub use text::Text;

use crate::handler::Callback;
use crate::html::Html;

/// The tape of a view's rendering.
pub type Tape<V> = lanai_core::Tape<Callback<V>>;

/// The end of `html!`.
pub fn finish<V: 'static>(tape: Tape<V>) -> Html<V> {
    Html { tape }
}

/// The hash of a row's key: the same for equal keys, in every run.
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
