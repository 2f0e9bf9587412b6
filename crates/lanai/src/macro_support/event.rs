//! Handlers as the values of attributes.
//!
//! The bound `F: Handler` is on a method and not on a function that takes the handler, so that a compile error points
//! at the handler alone. The view is a parameter of the type, so that the error names it.

use std::marker::PhantomData;

use super::Tape;
use crate::handler::{Callback, Handler, Shortcut};

/// `onclick=(handler)`
pub struct Event<F, V>(F, PhantomData<fn() -> V>);

impl<F, V: 'static> Event<F, V> {
    /// Wraps a value that should be a handler of a view.
    pub fn new(handler: F, _tape: &Tape<V>) -> Self {
        Self(handler, PhantomData)
    }

    /// Fills an event slot.
    pub fn lanai_event<M: 'static>(self, tape: &mut Tape<V>)
    where
        F: Handler<V, M>,
    {
        let callback = Callback::new(self.0);
        let spec = callback.spec();
        tape.event(callback, spec);
    }
}

/// A value of `onshortcut`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no keys",
    label = "not a shortcut",
    note = "write `onshortcut=(shortcut(\"Ctrl+K\", \"Search\").then(Self::search))`"
)]
pub trait Keyed {}

#[diagnostic::do_not_recommend]
impl<F> Keyed for Shortcut<F> {}

/// `onshortcut=(shortcut)`
pub fn keyed<F: Keyed>(shortcut: F) -> F {
    shortcut
}

/// `onclick=[handler]`
pub struct OptionalEvent<F, V>(Option<F>, PhantomData<fn() -> V>);

impl<F, V: 'static> OptionalEvent<F, V> {
    /// Wraps an optional value that should be a handler of a view.
    pub fn new(handler: Option<F>, _tape: &Tape<V>) -> Self {
        Self(handler, PhantomData)
    }

    /// Fills an event slot.
    pub fn lanai_event<M: 'static>(self, tape: &mut Tape<V>)
    where
        F: Handler<V, M>,
    {
        match self.0 {
            Some(handler) => Event(handler, PhantomData).lanai_event(tape),
            None => tape.no_event(),
        }
    }
}
