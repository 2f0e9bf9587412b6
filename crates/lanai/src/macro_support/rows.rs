//! Loops over what may be a live list: `@for item in &self.items`, where the rows depend on nothing but the item.
//!
//! As with splices, method lookup picks the trait: [`LiveListRows`] for a [`LiveList`], [`SharedListRows`] for a
//! [`SharedList`], and [`PlainRows`] for any other iterable value.

use lanai_core::OpenList;

use super::Tape;
use crate::live_list::{LiveList, LiveListSource, SharedList, SharedSource};

/// A value to loop over.
pub struct Rows<T>(Option<T>);

impl<T> Rows<T> {
    /// Wraps a value to loop over.
    pub fn new(rows: T) -> Self {
        Self(Some(rows))
    }

    fn take(&mut self) -> T {
        self.0.take().expect("the rows are iterated only once")
    }
}

/// The rows of a list slot, in order.
pub trait RowSource<V: 'static> {
    /// The type that a row is made from.
    type Item;

    /// Returns the next row to render.
    fn lanai_next(&mut self, tape: &mut Tape<V>) -> Option<Self::Item>;

    /// Begins this row. Its template follows.
    fn lanai_row(&mut self, tape: &mut Tape<V>, key: u64);

    /// Ends the list.
    fn lanai_end(self, tape: &mut Tape<V>);
}

/// A loop over a [`LiveList`].
pub trait LiveListRows<'a, T, V: 'static> {
    /// Begins its list.
    fn lanai_rows(
        &mut self,
        tape: &mut Tape<V>,
        keyed: bool,
    ) -> LiveListSource<&'a T, std::collections::vec_deque::Iter<'a, (u64, T)>>;
}

impl<'a, T, V: 'static> LiveListRows<'a, T, V> for &mut &mut Rows<&'a LiveList<T>> {
    fn lanai_rows(
        &mut self,
        tape: &mut Tape<V>,
        keyed: bool,
    ) -> LiveListSource<&'a T, std::collections::vec_deque::Iter<'a, (u64, T)>> {
        self.take().source(tape, keyed)
    }
}

/// A loop over a [`SharedList`].
pub trait SharedListRows<T, V: 'static> {
    /// Begins its list.
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> SharedSource<T>;
}

impl<T, V: 'static> SharedListRows<T, V> for &mut Rows<&SharedList<T>> {
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> SharedSource<T> {
        self.take().source(tape, keyed)
    }
}

/// A loop over any other value.
pub trait PlainRows<T: IntoIterator, V: 'static> {
    /// Begins its list.
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> PlainSource<T::IntoIter>;
}

impl<T: IntoIterator, V: 'static> PlainRows<T, V> for Rows<T> {
    fn lanai_rows(&mut self, tape: &mut Tape<V>, keyed: bool) -> PlainSource<T::IntoIter> {
        PlainSource { rows: self.take().into_iter(), list: tape.begin_list(keyed) }
    }
}

/// See [`PlainRows`].
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
