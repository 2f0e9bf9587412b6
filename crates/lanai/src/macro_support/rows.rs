//! Loops over what may be a live list: `@for item in &self.items` whose rows depend on nothing but the item.
//!
//! As with splices, the look-up of a method tells which it is: [`RowsOfLiveList`] fits a [`LiveList`], [`RowsShared`] a [`SharedList`], [`RowsPlain`]
//! anything that can be looped over.

use lanai_core::OpenList;

use super::Tape;
use crate::live_list::{LiveList, LiveListSource, SharedList, SharedSource};

/// What is looped over.
pub struct Rows<T>(Option<T>);

impl<T> Rows<T> {
    /// Something to loop over.
    pub fn new(rows: T) -> Self {
        Self(Some(rows))
    }

    fn take(&mut self) -> T {
        self.0.take().expect("it is looped over once")
    }
}

/// The rows of a list slot, one after the other.
pub trait RowSource<V: 'static> {
    /// What a row is made of.
    type Item;

    /// The next row that is to be rendered.
    fn lanai_next(&mut self, tape: &mut Tape<V>) -> Option<Self::Item>;

    /// Begins this row; its template follows.
    fn lanai_row(&mut self, tape: &mut Tape<V>, key: u64);

    /// Ends the list.
    fn lanai_end(self, tape: &mut Tape<V>);
}

/// A live list.
pub trait RowsOfLiveList<'a, T, V: 'static> {
    /// Begins its list.
    fn lanai_rows(
        &mut self,
        tape: &mut Tape<V>,
        keyed: bool,
    ) -> LiveListSource<&'a T, std::collections::vec_deque::Iter<'a, (u64, T)>>;
}

impl<'a, T, V: 'static> RowsOfLiveList<'a, T, V> for &mut &mut Rows<&'a LiveList<T>> {
    fn lanai_rows(
        &mut self,
        tape: &mut Tape<V>,
        keyed: bool,
    ) -> LiveListSource<&'a T, std::collections::vec_deque::Iter<'a, (u64, T)>> {
        self.take().source(tape, keyed)
    }
}

/// A collection that several views render.
pub trait RowsShared<T, V: 'static> {
    /// Begins its list.
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> SharedSource<T>;
}

impl<T, V: 'static> RowsShared<T, V> for &mut Rows<&SharedList<T>> {
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> SharedSource<T> {
        self.take().source(tape, keyed)
    }
}

/// Anything else.
pub trait RowsPlain<T: IntoIterator, V: 'static> {
    /// Begins its list.
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> PlainSource<T::IntoIter>;
}

impl<T: IntoIterator, V: 'static> RowsPlain<T, V> for Rows<T> {
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> PlainSource<T::IntoIter> {
        PlainSource { rows: self.take().into_iter(), list: tape.begin_list(keyed) }
    }
}

/// See [`RowsPlain`].
pub struct PlainSource<I> {
    rows: I,
    list: OpenList,
}

impl<I: Iterator, V: 'static> RowSource<V> for PlainSource<I> {
    type Item = I::Item;

    fn lanai_next(&mut self, _tape: &mut Tape<V>) -> Option<I::Item> {
        self.rows.next()
    }

    fn lanai_row(&mut self, tape: &mut Tape<V>, key: u64) {
        tape.row_of(self.list, key);
    }

    fn lanai_end(self, tape: &mut Tape<V>) {
        tape.end_list_at(self.list);
    }
}
