//! What the code that `html!` writes calls. Not part of the public interface.
//!
//! A splice `(value)` is written by the first rung of a ladder that fits its type, found by method look-up on a stack of references
//! (autoref specialization, [D. Tolnay 2019](https://github.com/dtolnay/case-studies/blob/master/autoref-specialization/README.md)):
//!
//! 1. a rendering without handlers, 2. a rendering with handlers of this view, 3. text, 4. what maud can render, 5. what can be displayed, 6. the error message.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;

pub use lanai_core::{AttributeKind, Namespace, Part, Place, Slot, Tape, Template};

use crate::handler::{Callback, Handler};
use crate::html::{Html, Inert};

/// The end of `html!`.
pub fn finish<V: 'static>(tape: Tape<Callback<V>>) -> Html<V> {
    Html { tape }
}

/// The hash of a row's key: the same for equal keys, in every run.
pub fn key(key: &(impl Hash + ?Sized)) -> u64 {
    foldhash::quality::FixedState::default().hash_one(key)
}

/// `onclick=(handler)`
pub fn event<V: 'static, M: 'static>(tape: &mut Tape<Callback<V>>, handler: impl Handler<V, M>) {
    let callback = Callback::new(handler);
    let spec = callback.spec();
    tape.event(callback, spec);
}

/// `onclick=[handler]`
pub fn optional_event<V: 'static, M: 'static>(tape: &mut Tape<Callback<V>>, handler: Option<impl Handler<V, M>>) {
    match handler {
        Some(handler) => event(tape, handler),
        None => tape.no_event(),
    }
}

/// A spliced value.
pub struct Splice<'a, T: ?Sized>(pub &'a T);

/// A rendering, or several, or perhaps one.
pub trait Fragment<V: 'static> {
    /// Fills a node slot with it.
    fn write(&self, tape: &mut Tape<Callback<V>>);
}

impl<V: 'static> Fragment<V> for Html<V> {
    fn write(&self, tape: &mut Tape<Callback<V>>) {
        tape.splice(&self.tape);
    }
}

impl<V: 'static, T: Fragment<V> + ?Sized> Fragment<V> for &T {
    fn write(&self, tape: &mut Tape<Callback<V>>) {
        (**self).write(tape);
    }
}

impl<V: 'static, T: Fragment<V>> Fragment<V> for Option<T> {
    fn write(&self, tape: &mut Tape<Callback<V>>) {
        match self {
            Some(fragment) => fragment.write(tape),
            None => tape.nothing(),
        }
    }
}

/// A list of renderings: rows without keys, each of one node slot.
static LIST: Template = Template { parts: &[Part::Slot(Slot::List(Place::Between))], namespace: Namespace::Html, single_root: false };
static ITEM: Template = Template { parts: &[Part::Slot(Slot::Node(Place::Between))], namespace: Namespace::Html, single_root: false };

impl<V: 'static, T: Fragment<V>> Fragment<V> for [T] {
    fn write(&self, tape: &mut Tape<Callback<V>>) {
        tape.open(&LIST);
        tape.begin_list(false);
        for item in self {
            tape.row(0);
            tape.open(&ITEM);
            item.write(tape);
            tape.close();
        }
        tape.end_list();
        tape.close();
    }
}

impl<V: 'static, T: Fragment<V>> Fragment<V> for Vec<T> {
    fn write(&self, tape: &mut Tape<Callback<V>>) {
        self[..].write(tape);
    }
}

impl<V: 'static, T: Fragment<V>, const N: usize> Fragment<V> for [T; N] {
    fn write(&self, tape: &mut Tape<Callback<V>>) {
        self[..].write(tape);
    }
}

/// Text that needs no HTML: it stays text on the wire.
pub trait Text {
    /// Calls `write` with the text.
    fn text(&self, write: &mut dyn FnMut(&dyn Display, Option<&str>));
}

macro_rules! text {
    (str: $($string:ty),*; display: $($display:ty),*; deref: $($pointer:ident),*) => {
        $(impl Text for $string {
            fn text(&self, write: &mut dyn FnMut(&dyn Display, Option<&str>)) {
                write(&"", Some(self));
            }
        })*
        $(impl Text for $display {
            fn text(&self, write: &mut dyn FnMut(&dyn Display, Option<&str>)) {
                write(self, None);
            }
        })*
        $(impl<T: Text + ?Sized> Text for $pointer<T> {
            fn text(&self, write: &mut dyn FnMut(&dyn Display, Option<&str>)) {
                (**self).text(write);
            }
        })*
    };
}

text! {
    str: str, String, Cow<'_, str>;
    display: char, bool, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, fmt::Arguments<'_>;
    deref: Box, Rc, Arc
}

impl<T: Text + ?Sized> Text for &T {
    fn text(&self, write: &mut dyn FnMut(&dyn Display, Option<&str>)) {
        (**self).text(write);
    }
}

impl<T: Text + ?Sized> Text for &mut T {
    fn text(&self, write: &mut dyn FnMut(&dyn Display, Option<&str>)) {
        (**self).text(write);
    }
}

/// What can be placed in markup; the trait exists for its message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be placed in `html!`",
    label = "this splice is neither markup nor text",
    note = "a splice takes a rendering from `html!` (of this view, or without handlers), a `maud::Render` value or a `Display` value",
    note = "for a list, write `@for item in list {{ … }}`; for an `Option`, `@if let Some(x) = option {{ (x) }}`",
    note = "a part of another view is embedded with `.map(|view: &mut Self| &mut view.part)`"
)]
pub trait Spliceable {}

/// What can be placed in an attribute's value, a `title` or a `textarea`; the trait exists for its message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be placed in an attribute, a `title` or a `textarea`",
    label = "this splice is not text",
    note = "text takes a `Display` value or a `maud::Render` value; a rendering from `html!` has no place in it",
    note = "for an attribute that may be absent, write `name=[option]`"
)]
pub trait TextSpliceable {}

/// The ladder for node slots.
pub mod nodes {
    use super::*;

    /// Rung 1.
    pub trait ViaInert {
        /// Fills a node slot.
        fn node<V: 'static>(&mut self, tape: &mut Tape<Callback<V>>);
    }
    impl<T: Fragment<Inert>> ViaInert for &mut &mut &mut &mut &mut Splice<'_, T> {
        fn node<V: 'static>(&mut self, tape: &mut Tape<Callback<V>>) {
            let mut inert = Tape::new();
            self.0.write(&mut inert);
            tape.splice_inert(&inert);
        }
    }

    /// Rung 2.
    pub trait ViaHtml<V: 'static> {
        /// Fills a node slot.
        fn node(&mut self, tape: &mut Tape<Callback<V>>);
    }
    impl<V: 'static, T: Fragment<V>> ViaHtml<V> for &mut &mut &mut &mut Splice<'_, T> {
        fn node(&mut self, tape: &mut Tape<Callback<V>>) {
            self.0.write(tape);
        }
    }

    /// Rung 3.
    pub trait ViaText {
        /// Fills a node slot.
        fn node<H>(&mut self, tape: &mut Tape<H>);
    }
    impl<T: Text + ?Sized> ViaText for &mut &mut &mut Splice<'_, T> {
        fn node<H>(&mut self, tape: &mut Tape<H>) {
            self.0.text(&mut |display, text| match text {
                Some(text) => tape.text(text),
                None => tape.display(display),
            });
        }
    }

    /// Rung 4.
    pub trait ViaRender {
        /// Fills a node slot.
        fn node<H>(&mut self, tape: &mut Tape<H>);
    }
    impl<T: maud::Render + ?Sized> ViaRender for &mut &mut Splice<'_, T> {
        fn node<H>(&mut self, tape: &mut Tape<H>) {
            tape.raw(|html| self.0.render_to(html));
        }
    }

    /// Rung 5.
    pub trait ViaDisplay {
        /// Fills a node slot.
        fn node<H>(&mut self, tape: &mut Tape<H>);
    }
    impl<T: Display + ?Sized> ViaDisplay for &mut Splice<'_, T> {
        fn node<H>(&mut self, tape: &mut Tape<H>) {
            tape.display(self.0);
        }
    }

    /// Rung 6: the message.
    pub trait ViaNothing<T: ?Sized> {
        /// Cannot be called.
        fn node<H>(&mut self, tape: &mut Tape<H>)
        where
            T: Spliceable;
    }
    impl<T: ?Sized> ViaNothing<T> for Splice<'_, T> {
        fn node<H>(&mut self, _tape: &mut Tape<H>)
        where
            T: Spliceable,
        {
            unreachable!("nothing implements `Spliceable`")
        }
    }
}

/// The ladder for attributes' values and other text.
pub mod values {
    use super::*;

    /// Rung 3.
    pub trait ViaText {
        /// Appends to the value under construction.
        fn value<H>(&mut self, tape: &mut Tape<H>);
    }
    impl<T: Text + ?Sized> ViaText for &mut &mut &mut Splice<'_, T> {
        fn value<H>(&mut self, tape: &mut Tape<H>) {
            self.0.text(&mut |display, text| match text {
                Some(text) => tape.value_text(text),
                None => tape.value_display(display),
            });
        }
    }

    /// Rung 4.
    pub trait ViaRender {
        /// Appends to the value under construction.
        fn value<H>(&mut self, tape: &mut Tape<H>);
    }
    impl<T: maud::Render + ?Sized> ViaRender for &mut &mut Splice<'_, T> {
        fn value<H>(&mut self, tape: &mut Tape<H>) {
            tape.value_raw(|html| self.0.render_to(html));
        }
    }

    /// Rung 5.
    pub trait ViaDisplay {
        /// Appends to the value under construction.
        fn value<H>(&mut self, tape: &mut Tape<H>);
    }
    impl<T: Display + ?Sized> ViaDisplay for &mut Splice<'_, T> {
        fn value<H>(&mut self, tape: &mut Tape<H>) {
            tape.value_display(self.0);
        }
    }

    /// Rung 6: the message.
    pub trait ViaNothing<T: ?Sized> {
        /// Cannot be called.
        fn value<H>(&mut self, tape: &mut Tape<H>)
        where
            T: TextSpliceable;
    }
    impl<T: ?Sized> ViaNothing<T> for Splice<'_, T> {
        fn value<H>(&mut self, _tape: &mut Tape<H>)
        where
            T: TextSpliceable,
        {
            unreachable!("nothing implements `TextSpliceable`")
        }
    }
}
