//! Text as splices. Text without markup travels as text, not as HTML.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use lanai_core::{StreamedText, Tape};

/// Text, or optional text.
pub trait Text {
    /// Fills a node slot.
    fn node<H>(&self, tape: &mut Tape<H>);

    /// Appends to the value under construction.
    fn value<H>(&self, tape: &mut Tape<H>);
}

macro_rules! strings {
    ($($string:ty),*) => {
        $(impl Text for $string {
            fn node<H>(&self, tape: &mut Tape<H>) {
                tape.text(self);
            }

            fn value<H>(&self, tape: &mut Tape<H>) {
                tape.value_text(self);
            }
        })*
    };
}

macro_rules! displayed {
    ($($display:ty),*) => {
        $(impl Text for $display {
            fn node<H>(&self, tape: &mut Tape<H>) {
                tape.display(self);
            }

            fn value<H>(&self, tape: &mut Tape<H>) {
                tape.value_display(self);
            }
        })*
    };
}

macro_rules! pointers {
    ($($pointer:ty),*) => {
        $(impl<T: Text + ?Sized> Text for $pointer {
            fn node<H>(&self, tape: &mut Tape<H>) {
                (**self).node(tape);
            }

            fn value<H>(&self, tape: &mut Tape<H>) {
                (**self).value(tape);
            }
        })*
    };
}

strings!(str, String, Cow<'_, str>);
displayed!(char, bool, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, fmt::Arguments<'_>);
pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl Text for StreamedText {
    fn node<H>(&self, tape: &mut Tape<H>) {
        tape.streamed(self);
    }

    fn value<H>(&self, tape: &mut Tape<H>) {
        tape.value_display(self);
    }
}

impl<T: Text> Text for Option<T> {
    fn node<H>(&self, tape: &mut Tape<H>) {
        match self {
            Some(text) => text.node(tape),
            None => tape.nothing(),
        }
    }

    fn value<H>(&self, tape: &mut Tape<H>) {
        if let Some(text) = self {
            text.value(tape);
        }
    }
}
