//! The window of a virtual list: which of its rows are rendered.

use std::fmt;
use std::iter::{Chain, FusedIterator};
use std::ops::Range;
use std::option;

/// How high a viewport is assumed to be until the page asks for rows, in CSS pixels.
const VIEWPORT: usize = 1200;

/// Which rows of a virtual list are rendered.
///
/// Nothing that a page says makes it longer than `max_rows` and the one row that has the focus.
#[derive(Debug, Clone)]
pub(super) struct Window {
    len: usize,
    row_height: u32,
    max_rows: usize,
    range: Range<usize>,
    /// The row that has the focus.
    kept: Option<usize>,
    first_visible: usize,
    /// How many rows the page wants at once.
    wanted: Option<usize>,
    /// By how much the indices of the visible rows have moved because of rows that came and went above.
    shift: i64,
    /// The row that the view has jumped to last, and how often it has jumped.
    jump: (usize, u32),
}

impl Default for Window {
    fn default() -> Self {
        Self {
            len: 0,
            row_height: 40,
            max_rows: 300,
            range: 0..0,
            kept: None,
            first_visible: 0,
            wanted: None,
            shift: 0,
            jump: (0, 0),
        }
    }
}

impl Window {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    pub(super) fn first_visible(&self) -> usize {
        self.first_visible
    }

    pub(super) fn rows(&self) -> Rows {
        let before = self.kept.filter(|kept| *kept < self.range.start);
        let after = self.kept.filter(|kept| *kept >= self.range.end);
        Rows(before.into_iter().chain(self.range()).chain(after))
    }

    pub(super) fn set_row_height(&mut self, pixels: u32) {
        self.row_height = pixels;
        self.move_to(self.range.start);
    }

    pub(super) fn set_max_rows(&mut self, rows: usize) {
        self.max_rows = rows;
        self.move_to(self.range.start);
    }

    pub(super) fn set_len(&mut self, rows: usize) {
        self.len = rows;
        self.settle();
    }

    /// The page wants to show these rows. `top` is the first visible one.
    pub(super) fn show(&mut self, rows: Range<usize>, top: usize, kept: Option<usize>) {
        let wanted = rows.end.saturating_sub(rows.start).clamp(1, self.max_rows);
        self.wanted = Some(wanted);
        self.range = rows.start..rows.start.saturating_add(wanted);
        self.first_visible = top;
        self.kept = kept.filter(|kept| *kept < self.len);
        self.settle();
    }

    pub(super) fn insert(&mut self, at: usize, rows: usize) {
        let at = at.min(self.len);
        self.len = self.len.saturating_add(rows);
        self.kept = self.kept.map(|kept| if at <= kept { kept.saturating_add(rows) } else { kept });
        // At the very top, people see what is new.
        if at <= self.first_visible && self.first_visible > 0 {
            self.shift_by(i64::try_from(rows).unwrap_or(i64::MAX));
        }
        self.settle();
    }

    pub(super) fn remove(&mut self, rows: Range<usize>) {
        let rows = rows.start.min(self.len)..rows.end.min(self.len);
        if rows.is_empty() {
            return;
        }
        self.len -= rows.len();
        self.kept = self.kept.filter(|kept| !rows.contains(kept));
        self.kept = self.kept.map(|kept| if rows.end <= kept { kept - rows.len() } else { kept });
        let above = rows.start..rows.end.min(self.first_visible);
        self.shift_by(-i64::try_from(above.len()).unwrap_or(i64::MAX));
        self.settle();
    }

    /// Moves the window together with the rows in it.
    fn shift_by(&mut self, rows: i64) {
        let moved = |row: usize| row.saturating_add_signed(isize::try_from(rows).unwrap_or(isize::MAX));
        self.shift = self.shift.wrapping_add(rows);
        self.range = moved(self.range.start)..moved(self.range.end);
        self.first_visible = moved(self.first_visible);
    }

    pub(super) fn jump_to(&mut self, row: usize) {
        let row = row.min(self.len.saturating_sub(1));
        self.jump = (row, self.jump.1.wrapping_add(1));
        self.first_visible = row;
        self.move_to(row);
    }

    /// Moves the window so that it starts with `row`, or else ends with the last one.
    fn move_to(&mut self, row: usize) {
        self.range = row..row.saturating_add(self.size());
        self.settle();
    }

    /// Keeps the window inside the list.
    fn settle(&mut self) {
        let size = if self.range.is_empty() { self.size() } else { self.range.len().min(self.max_rows) };
        // A list that was short gets the rows for which there was no place before.
        let size = size.max(self.size().min(self.max_rows)).min(self.len);
        let start = self.range.start.min(self.len - size);
        self.range = start..start + size;
        self.first_visible = self.first_visible.min(self.len.saturating_sub(1));
        self.kept = self.kept.filter(|kept| *kept < self.len);
    }

    /// How many rows the page shows at once, as far as that is known.
    fn size(&self) -> usize {
        let rows = self.wanted.unwrap_or_else(|| VIEWPORT.div_ceil(self.row_height as usize));
        rows.clamp(1, self.max_rows)
    }
}

/// What the page has to know, in the order in which the client reads it.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, row_height, range: Range { start, end }, shift, jump: (row, jump), .. } = self;
        write!(f, "{start} {end} {len} {row_height} {shift} {row} {jump} ")?;
        match self.kept {
            Some(kept) => write!(f, "{kept}"),
            None => f.write_str("-1"),
        }
    }
}

/// An iterator over the indices of the rows of a [`VirtualList`](super::VirtualList) that are to be rendered, in
/// ascending order.
#[derive(Debug, Clone)]
pub struct Rows(Chain<Chain<option::IntoIter<usize>, Range<usize>>, option::IntoIter<usize>>);

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.clone().eq(other.clone())
    }
}

impl Iterator for Rows {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for Rows {
    fn next_back(&mut self) -> Option<usize> {
        self.0.next_back()
    }
}

impl FusedIterator for Rows {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(len: usize) -> Window {
        let mut window = Window::default();
        window.set_len(len);
        window
    }

    #[test]
    fn the_first_window_fills_a_viewport() {
        assert_eq!(window(1_000_000).range(), 0..30);
        assert_eq!(window(3).range(), 0..3);
        assert_eq!(window(0).range(), 0..0);
    }

    #[test]
    fn a_page_gets_no_more_rows_than_the_limit() {
        let mut window = window(1_000_000);
        window.show(0..usize::MAX, 0, Some(999_999));
        assert_eq!(window.rows().count(), 301);
        window.show(usize::MAX..usize::MAX, usize::MAX, Some(usize::MAX));
        assert_eq!(window.range(), 999_999..1_000_000);
        assert_eq!(window.first_visible(), 999_999);
    }

    #[test]
    fn a_jump_near_the_end_shows_the_last_rows() {
        let mut window = window(1_000_000);
        window.jump_to(999_999);
        assert_eq!(window.range(), 999_970..1_000_000);
        window.jump_to(usize::MAX);
        assert_eq!(window.first_visible(), 999_999);
    }

    #[test]
    fn what_is_visible_stays_when_rows_come_and_go_above() {
        let mut window = window(1000);
        window.show(90..130, 100, Some(5));
        window.insert(0, 7);
        assert_eq!((window.range(), window.first_visible(), window.kept), (97..137, 107, Some(12)));
        window.remove(0..7);
        assert_eq!((window.range(), window.first_visible(), window.kept), (90..130, 100, Some(5)));
        window.insert(110, 7);
        assert_eq!((window.range(), window.first_visible()), (90..130, 100));
        window.remove(5..6);
        assert_eq!((window.range(), window.kept), (89..129, None));
    }

    #[test]
    fn at_the_top_new_rows_are_seen() {
        let mut window = window(1000);
        window.insert(0, 1);
        assert_eq!((window.range(), window.first_visible()), (0..30, 0));
    }

    #[derive(Debug, Clone)]
    enum Action {
        Show(usize, usize, usize, Option<usize>),
        Insert(usize, usize),
        Remove(usize, usize),
        Len(usize),
        Jump(usize),
    }

    fn row() -> impl Strategy<Value = usize> + Clone {
        prop_oneof![0..200usize, any::<usize>()]
    }

    fn action() -> impl Strategy<Value = Action> {
        prop_oneof![
            (row(), row(), row(), proptest::option::of(row())).prop_map(|(a, b, c, d)| Action::Show(a, b, c, d)),
            (row(), 0..50usize).prop_map(|(a, b)| Action::Insert(a, b)),
            (row(), row()).prop_map(|(a, b)| Action::Remove(a, b)),
            (0..300usize).prop_map(Action::Len),
            row().prop_map(Action::Jump),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_window_is_inside_the_list_and_bounded(
            len in 0..300usize,
            max_rows in 1..80usize,
            actions in proptest::collection::vec(action(), 0..40),
        ) {
            let mut window = window(len);
            window.set_max_rows(max_rows);
            for action in actions {
                match action {
                    Action::Show(from, to, top, kept) => window.show(from..to, top, kept),
                    Action::Insert(at, rows) => window.insert(at, rows),
                    Action::Remove(from, to) => window.remove(from..to),
                    Action::Len(len) => window.set_len(len),
                    Action::Jump(row) => window.jump_to(row),
                }
                let rows: Vec<usize> = window.rows().collect();
                prop_assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
                prop_assert!(rows.len() <= max_rows + 1);
                prop_assert!(rows.iter().all(|row| *row < window.len()));
                prop_assert_eq!(window.range().is_empty(), window.len() == 0);
                prop_assert!(window.first_visible() < window.len().max(1));
            }
        }
    }
}
