//! The ladder of splices; see the [module above](super).

use std::fmt::Display;
use std::marker::PhantomData;

use maud::{PreEscaped, Render};

use super::Tape;
use super::fragment::{Fragment, Rendering};
use super::text::Text;
use crate::html::Inert;

/// A value in a splice, in a rendering of the view `V`.
pub struct Splice<'a, T: ?Sized, V> {
    value: &'a T,
    view: PhantomData<fn() -> V>,
}

impl<'a, T: ?Sized, V: 'static> Splice<'a, T, V> {
    /// Wraps a value that is written onto a tape.
    pub fn new(value: &'a T, _tape: &Tape<V>) -> Self {
        Self { value, view: PhantomData }
    }
}

/// A rendering with handlers of this view.
pub trait SpliceHtml<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
}

impl<T: Fragment<V> + ?Sized, V: 'static> SpliceHtml<V> for &&&&&&&&&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        self.value.fill(tape, &mut |tape, html| tape.splice(&html.tape));
    }
}

/// A rendering without handlers.
pub trait SpliceInert<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
}

impl<T: Fragment<Inert> + ?Sized, V: 'static> SpliceInert<V> for &&&&&&&&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        self.value.fill(tape, &mut |tape, html| tape.splice_inert(&html.tape));
    }
}

/// Text.
pub trait SpliceText<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
    /// Appends to the value under construction.
    fn lanai_value(&self, tape: &mut Tape<V>);
}

impl<T: Text + ?Sized, V: 'static> SpliceText<V> for &&&&&&&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        self.value.node(tape);
    }

    fn lanai_value(&self, tape: &mut Tape<V>) {
        self.value.value(tape);
    }
}

/// HTML that its author vouches for. Only this bypasses the check of URLs.
pub trait SpliceTrusted<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
    /// Appends to the value under construction.
    fn lanai_value(&self, tape: &mut Tape<V>);
}

impl<T: AsRef<str>, V: 'static> SpliceTrusted<V> for &&&&&&Splice<'_, PreEscaped<T>, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        tape.raw(|html| html.push_str(self.value.0.as_ref()));
    }

    fn lanai_value(&self, tape: &mut Tape<V>) {
        tape.value_trusted(|html| html.push_str(self.value.0.as_ref()));
    }
}

/// A value that maud can render.
pub trait SpliceRender<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
    /// Appends to the value under construction.
    fn lanai_value(&self, tape: &mut Tape<V>);
}

impl<T: Render + ?Sized, V: 'static> SpliceRender<V> for &&&&&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        tape.raw(|html| self.value.render_to(html));
    }

    fn lanai_value(&self, tape: &mut Tape<V>) {
        tape.value_raw(|html| self.value.render_to(html));
    }
}

/// An option, or a reference to one.
pub trait Maybe {
    /// The type of the value inside.
    type Inner;
    /// Converts the value to an option.
    fn get(&self) -> Option<&Self::Inner>;
}

impl<T> Maybe for Option<T> {
    type Inner = T;
    fn get(&self) -> Option<&T> {
        self.as_ref()
    }
}

impl<M: Maybe> Maybe for &M {
    type Inner = M::Inner;
    fn get(&self) -> Option<&M::Inner> {
        (**self).get()
    }
}

/// An optional value that maud can render.
pub trait SpliceOptionRender<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
    /// Appends to the value under construction.
    fn lanai_value(&self, tape: &mut Tape<V>);
}

impl<T: Maybe<Inner: Render>, V: 'static> SpliceOptionRender<V> for &&&&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        match self.value.get() {
            Some(value) => tape.raw(|html| value.render_to(html)),
            None => tape.nothing(),
        }
    }

    fn lanai_value(&self, tape: &mut Tape<V>) {
        if let Some(value) = self.value.get() {
            tape.value_raw(|html| value.render_to(html));
        }
    }
}

/// A value that implements `Display`.
pub trait SpliceDisplay<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
    /// Appends to the value under construction.
    fn lanai_value(&self, tape: &mut Tape<V>);
}

impl<T: Display + ?Sized, V: 'static> SpliceDisplay<V> for &&&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        tape.display(self.value);
    }

    fn lanai_value(&self, tape: &mut Tape<V>) {
        tape.value_display(self.value);
    }
}

/// An optional value that implements `Display`.
pub trait SpliceOptionDisplay<V: 'static> {
    /// Fills a node slot.
    fn lanai_node(&self, tape: &mut Tape<V>);
    /// Appends to the value under construction.
    fn lanai_value(&self, tape: &mut Tape<V>);
}

impl<T: Maybe<Inner: Display>, V: 'static> SpliceOptionDisplay<V> for &&Splice<'_, T, V> {
    fn lanai_node(&self, tape: &mut Tape<V>) {
        match self.value.get() {
            Some(value) => tape.display(value),
            None => tape.nothing(),
        }
    }

    fn lanai_value(&self, tape: &mut Tape<V>) {
        if let Some(value) = self.value.get() {
            tape.value_display(value);
        }
    }
}

/// A rendering of another view. Its methods cannot be called; they exist for their error messages.
pub trait SpliceForeign<T: ?Sized, V: 'static> {
    /// Cannot be called.
    fn lanai_node(&self, tape: &mut Tape<V>)
    where
        T: PartOf<V>;
    /// Cannot be called.
    fn lanai_value(&self, tape: &mut Tape<V>)
    where
        T: OnlyText;
}

impl<T: Rendering + ?Sized, V: 'static> SpliceForeign<T, V> for &Splice<'_, T, V> {
    fn lanai_node(&self, _tape: &mut Tape<V>)
    where
        T: PartOf<V>,
    {
        unreachable!("nothing implements `PartOf`")
    }

    fn lanai_value(&self, _tape: &mut Tape<V>)
    where
        T: OnlyText,
    {
        unreachable!("nothing implements `OnlyText`")
    }
}

/// Not implemented for any type; it exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` contains handlers of another view than `{V}`",
    label = "these handlers belong to another view",
    note = "to embed a part of this view, say where it is: \
            `(self.part.render().map(|view: &mut Self| &mut view.part))`",
    note = "to write a function for any view, take its handlers as `Callback<V>` and return `Html<V>`"
)]
pub trait PartOf<V> {}

/// Not implemented for any type; it exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is markup, which cannot be placed in an attribute, a `title` or a `textarea`",
    label = "text is needed here",
    note = "these take text only: splice a string, a number, or a `Display` value"
)]
pub trait OnlyText {}

/// Not implemented for any type; it exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be placed in `html!`",
    label = "neither markup nor text",
    note = "a splice takes `Html`, text, a number, any `Display` or `maud::Render` value, \
            an `Option` of these, or a list of `Html`",
    note = "for a list, write `@for item in list {{ … }}`; \
            for an `Option` of another type, `@if let Some(x) = option {{ … }}`"
)]
pub trait Spliceable {}

/// Not implemented for any type; it exists for its error message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be placed in an attribute, a `title` or a `textarea`",
    label = "not text",
    note = "text takes a string, a number, any `Display` or `maud::Render` value, or an `Option` of these",
    note = "write an attribute that may be absent as `name=[option]`, and one without a value as `name[condition]`"
)]
pub trait SpliceableText {}

impl<T: ?Sized, V: 'static> Splice<'_, T, V> {
    /// Cannot be called.
    pub fn lanai_node(&self, _tape: &mut Tape<V>)
    where
        T: Spliceable,
    {
        unreachable!("nothing implements `Spliceable`")
    }

    /// Cannot be called.
    pub fn lanai_value(&self, _tape: &mut Tape<V>)
    where
        T: SpliceableText,
    {
        unreachable!("nothing implements `SpliceableText`")
    }
}
