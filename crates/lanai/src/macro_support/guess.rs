//! Which view markup is of, where its surroundings do not tell.
//!
//! In `card("title", html! { (badge()) button onclick=(Self::up) { "+1" } })` nothing says what the inner markup is of when
//! its first splice is looked at, and that alone would make it markup without handlers. Handlers that mention `Self`
//! tell more: this is tried first. Where the view is known already, nothing happens.

use std::marker::PhantomData;

use super::Tape;

/// Markup of the view `V`, probably `W`.
pub struct Guess<W: ?Sized, V>(PhantomData<fn() -> V>, PhantomData<fn(&W)>);

impl<W: ?Sized, V: 'static> Guess<W, V> {
    /// A guess about the view of a tape.
    pub fn new(_tape: &Tape<V>) -> Self {
        Self(PhantomData, PhantomData)
    }
}

/// The two are the same, or `V` is not known yet and becomes `W`.
pub trait GuessSame {
    /// Does nothing when run.
    fn lanai_guess(&self) {}
}

impl<V> GuessSame for &Guess<V, V> {}

/// They differ.
pub trait GuessOther {
    /// Does nothing when run.
    fn lanai_guess(&self) {}
}

impl<W: ?Sized, V> GuessOther for Guess<W, V> {}
