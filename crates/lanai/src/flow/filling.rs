//! A form that a flow waits for.

use std::any::Any;
use std::ops::Deref;

use super::answers::Answers;
use super::screen::{Live, Screen};
use crate::form::{Fieldset, FormEvents, LiveForm};
use crate::html::Html;

/// Renders a form.
type Markup<T> = Box<dyn Fn(&Filling<T>) -> Html<Filling<T>> + Send>;

/// The form of [`Flow::fill`](super::Flow::fill), while a visitor fills it in. It dereferences to the [`LiveForm`].
pub struct Filling<T: 'static> {
    form: LiveForm<T>,
    markup: Markup<T>,
}

impl<T: Fieldset + Sync> Filling<T> {
    pub(super) fn new(form: LiveForm<T>, markup: impl Fn(&Self) -> Html<Self> + Send + 'static) -> Self {
        Self { form, markup: Box::new(markup) }
    }

    /// Returns the handlers for the `form` element: `form (form.events(at, |address| address)) { … }`.
    ///
    /// When the form is submitted and everything in it is right, `read` makes the answer of it. Otherwise all errors
    /// are shown, and the flow goes on waiting.
    pub fn events<A: Send + 'static>(
        &self,
        at: &Answers<A>,
        read: impl Fn(T) -> A + Send + Sync + 'static,
    ) -> FormEvents<Self> {
        let at = at.clone();
        let save = move |_: &mut Self, value: T| at.give(read(value));
        self.form.events(|filling: &mut Self| &mut filling.form, save)
    }
}

impl<T> Deref for Filling<T> {
    type Target = LiveForm<T>;

    fn deref(&self) -> &LiveForm<T> {
        &self.form
    }
}

impl<T> std::fmt::Debug for Filling<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Filling")
    }
}

impl<T: Fieldset + Sync> Live for Filling<T> {
    fn render(&self, number: u64) -> Html<Screen> {
        let html = (self.markup)(self);
        html.try_map(move |screen: &mut Screen| screen.live(number))
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
