//! Renderings as splices: one, an optional one, or several.

use std::rc::Rc;
use std::sync::Arc;

use lanai_core::{FrozenHtml, Namespace, Part, Position, Slot, Tape, Template};

use crate::html::{Html, Inert};

/// One rendering of the view `W`, an optional one, or several.
pub trait Fragment<W: 'static> {
    /// Fills a node slot. `splice` fills it with one rendering.
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>));
}

/// A fragment of any view, for error messages.
pub trait Rendering {}

impl<W: 'static> Fragment<W> for Html<W> {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>)) {
        splice(tape, self);
    }
}

impl<W: 'static> Rendering for Html<W> {}

impl Fragment<Inert> for FrozenHtml {
    fn fill<H>(&self, tape: &mut Tape<H>, _splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
        tape.frozen(self);
    }
}

impl Rendering for FrozenHtml {}

macro_rules! pointers {
    ($($pointer:ty),*) => {
        $(
            impl<W: 'static, T: Fragment<W> + ?Sized> Fragment<W> for $pointer {
                fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>)) {
                    (**self).fill(tape, splice);
                }
            }

            impl<T: Rendering + ?Sized> Rendering for $pointer {}
        )*
    };
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<W: 'static, T: Fragment<W>> Fragment<W> for Option<T> {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>)) {
        match self {
            Some(fragment) => fragment.fill(tape, splice),
            None => tape.nothing(),
        }
    }
}

impl<T: Rendering> Rendering for Option<T> {}

/// The template of a list of fragments: rows without keys, each with one node slot.
static LIST: Template =
    Template { parts: &[Part::Slot(Slot::List(Position::Between))], namespace: Namespace::Html, single_root: false };

/// The template of a row.
static ITEM: Template =
    Template { parts: &[Part::Slot(Slot::Node(Position::Between))], namespace: Namespace::Html, single_root: false };

impl<W: 'static, T: Fragment<W>> Fragment<W> for [T] {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>)) {
        tape.open(&LIST);
        tape.begin_list(false);
        for fragment in self {
            tape.row(0);
            tape.open(&ITEM);
            fragment.fill(tape, splice);
            tape.close();
        }
        tape.end_list();
        tape.close();
    }
}

impl<T: Rendering> Rendering for [T] {}

impl<W: 'static, T: Fragment<W>> Fragment<W> for Vec<T> {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>)) {
        self[..].fill(tape, splice);
    }
}

impl<T: Rendering> Rendering for Vec<T> {}

impl<W: 'static, T: Fragment<W>, const N: usize> Fragment<W> for [T; N] {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<W>)) {
        self[..].fill(tape, splice);
    }
}

impl<T: Rendering, const N: usize> Rendering for [T; N] {}

/// Returns HTML that its author vouches for, as a rendering.
pub(crate) fn raw<W: 'static>(html: &str) -> Html<W> {
    let mut tape = super::Tape::new();
    tape.open(&ITEM);
    tape.raw(|out| out.push_str(html));
    tape.close();
    Html { tape }
}
