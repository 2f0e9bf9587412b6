//! Infers the view of markup whose context does not name it.
//!
//! In `card("title", html! { (badge()) button onclick=(Self::up) { "+1" } })`, nothing names the view of the inner
//! markup when the compiler checks its first splice, and that splice alone would make it markup without handlers. But
//! handlers that mention `Self` tell the view, so the generated code tries this guess first. If the view is already
//! known, the guess changes nothing.

use std::marker::PhantomData;

use super::Tape;

/// Markup of the view `V`, which probably is `W`.
pub struct Guess<W: ?Sized, V>(PhantomData<fn() -> V>, PhantomData<fn(&W)>);

impl<W: ?Sized, V: 'static> Guess<W, V> {
    /// Guesses the view of a tape.
    pub fn new(_tape: &Tape<V>) -> Self {
        Self(PhantomData, PhantomData)
    }
}

/// Implemented if `V` is `W`, or is not known yet and becomes `W`.
pub trait GuessSame {
    /// Does nothing at run time.
    fn lanai_guess(&self) {}
}

impl<V> GuessSame for &Guess<V, V> {}

/// Implemented if the two views differ.
pub trait GuessOther {
    /// Does nothing at run time.
    fn lanai_guess(&self) {}
}

impl<W: ?Sized, V> GuessOther for Guess<W, V> {}
