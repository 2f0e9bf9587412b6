//! The rows of a virtual list that were loaded.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many pages are kept on each side of those that are shown.
const MARGIN: usize = 2;

/// Rows that are loaded page by page, such as from a database, for a [`VirtualList`](super::VirtualList).
///
/// It keeps the pages around the rows that are shown, and forgets the others.
///
/// ```
/// use std::ops::Range;
/// use lanai::prelude::*;
/// use lanai::virtual_list::{Pages, VirtualList};
///
/// struct Orders { rows: VirtualList<Self>, orders: Pages<String> }
///
/// impl Orders {
///     async fn mount(cx: Cx<Self>) -> Self {
///         Self { rows: cx.virtual_list("orders").count(1_000_000).on_rows(Self::load), orders: Pages::new(100) }
///     }
///
///     fn load(&mut self, _: Range<usize>, cx: &Cx<Self>) {
///         for page in self.orders.missing(&self.rows) {
///             cx.spawn(query(page.rows()), move |this: &mut Self, loaded: Result<Vec<String>>| {
///                 this.orders.fill(page, loaded);
///             });
///         }
///     }
/// }
///
/// impl View for Orders {
///     fn render(&self) -> Html<Self> {
///         html! {
///             ul data-lanai-rows=(self.rows) {
///                 @for row in &self.rows {
///                     li key=(row) { @if let Some(order) = self.orders.get(row) { (order) } @else { "…" } }
///                 }
///             }
///         }
///     }
/// }
///
/// async fn query(rows: Range<usize>) -> Result<Vec<String>> {
///     Ok(rows.map(|row| format!("Order {row}")).collect())
/// }
/// ```
#[derive(Debug)]
pub struct Pages<T> {
    size: usize,
    pages: BTreeMap<usize, Page<T>>,
}

#[derive(Debug)]
enum Page<T> {
    /// With the number of the one query whose result counts.
    Loading(u64),
    Loaded(Vec<T>),
}

/// A page that is to be loaded: see [`Pages::missing`].
#[derive(Debug)]
#[must_use = "a page that is not filled stays empty"]
pub struct MissingPage {
    rows: Range<usize>,
    query: u64,
}

impl MissingPage {
    /// Returns the rows to load. The last page may reach beyond the end of the list.
    #[must_use]
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }
}

impl<T> Pages<T> {
    /// Creates an empty cache with pages of so many rows.
    ///
    /// # Panics
    ///
    /// Panics if `rows` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(rows: usize) -> Self {
        assert!(rows > 0, "a page has at least one row; load about as many rows at once as a screen shows");
        Self { size: rows, pages: BTreeMap::new() }
    }

    /// Returns the pages that are neither loaded nor being loaded, of those that contain `rows`: usually those of a
    /// [`VirtualList`](super::VirtualList). Forgets the pages that are far from all of them.
    #[must_use = "these pages are now considered to be loading"]
    pub fn missing(&mut self, rows: impl IntoIterator<Item = usize>) -> Vec<MissingPage> {
        let pages: BTreeSet<usize> = rows.into_iter().map(|row| row / self.size).collect();
        self.pages.retain(|page, _| {
            let near = page.saturating_sub(MARGIN)..=page.saturating_add(MARGIN);
            pages.range(near).next().is_some()
        });
        let mut missing = Vec::new();
        for page in pages {
            if let Entry::Vacant(entry) = self.pages.entry(page) {
                let query = next_query();
                entry.insert(Page::Loading(query));
                let start = page * self.size;
                missing.push(MissingPage { rows: start..start.saturating_add(self.size), query });
            }
        }
        missing
    }

    /// Stores the rows of a page. After an error, the page is missing again. What was cleared or forgotten meanwhile is
    /// not stored.
    #[expect(clippy::needless_pass_by_value, reason = "a page is filled once")]
    pub fn fill<E>(&mut self, page: MissingPage, rows: Result<Vec<T>, E>) {
        let number = page.rows.start / self.size;
        if !matches!(self.pages.get(&number), Some(Page::Loading(query)) if *query == page.query) {
            return;
        }
        match rows {
            Ok(rows) => self.pages.insert(number, Page::Loaded(rows)),
            Err(_) => self.pages.remove(&number),
        };
    }

    /// Returns a row, if it is loaded.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&T> {
        match self.pages.get(&(row / self.size))? {
            Page::Loaded(rows) => rows.get(row % self.size),
            Page::Loading(_) => None,
        }
    }

    /// Returns a row to change it, if it is loaded.
    #[must_use]
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        match self.pages.get_mut(&(row / self.size))? {
            Page::Loaded(rows) => rows.get_mut(row % self.size),
            Page::Loading(_) => None,
        }
    }

    /// Forgets all rows: after another sort order or filter. Results of queries that are under way no longer count.
    pub fn clear(&mut self) {
        self.pages.clear();
    }
}

/// A number that no other query of the process has, so that a page never goes to another cache.
fn next_query() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(pages: &mut Pages<usize>, page: MissingPage) {
        let rows = page.rows().collect();
        pages.fill(page, Ok::<_, ()>(rows));
    }

    #[test]
    fn each_page_is_loaded_once() {
        let mut pages = Pages::new(10);
        let missing = pages.missing(5..25);
        assert_eq!(missing.iter().map(MissingPage::rows).collect::<Vec<_>>(), [0..10, 10..20, 20..30]);
        assert!(pages.missing(5..25).is_empty());
        missing.into_iter().for_each(|page| fill(&mut pages, page));
        assert_eq!([pages.get(0), pages.get(29), pages.get(30)], [Some(&0), Some(&29), None]);
        assert!(pages.missing(0..30).is_empty());
    }

    #[test]
    fn a_page_that_failed_is_loaded_again() {
        let mut pages = Pages::<usize>::new(10);
        let page = pages.missing(0..10).remove(0);
        pages.fill(page, Err(()));
        assert_eq!(pages.missing(0..10).len(), 1);
    }

    #[test]
    fn the_result_of_an_old_query_is_not_stored_after_a_change_of_the_order() {
        let mut pages = Pages::new(10);
        let old = pages.missing(0..10).remove(0);
        pages.clear();
        let new = pages.missing(0..10).remove(0);
        pages.fill(old, Ok::<_, ()>(vec![99; 10]));
        assert_eq!(pages.get(0), None);
        fill(&mut pages, new);
        assert_eq!(pages.get(0), Some(&0));
    }

    #[test]
    fn pages_that_are_far_away_are_forgotten() {
        let mut pages = Pages::new(10);
        for start in (0..100_000).step_by(1000) {
            for page in pages.missing(start..start + 30) {
                fill(&mut pages, page);
            }
            assert!(pages.pages.len() <= 3 + 2 * MARGIN);
        }
    }
}
