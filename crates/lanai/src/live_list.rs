//! Lists for many rows: they are used like a `Vec`, but an update costs the same however long the list is.

mod journal;
mod log;
mod shared;

use std::collections::VecDeque;
use std::ops::Index;
use std::sync::atomic::{AtomicU64, Ordering};

use lanai_core::OpenList;
use lanai_core::live_list::{Base, Suspended, base, suspend};

use crate::macro_support::{RowSource, Tape};
use journal::{Change, Journal, Kind, Run};
pub use log::Log;
pub use shared::{SharedList, SharedSource};

/// A list that records its changes, to be used in a view instead of a `Vec`.
///
/// The same `@for` renders it. The cost of an update depends on what has changed, and not on the length of the list:
/// items that were appended, rows that were removed at either end, and rows that were touched.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Line { from: String, text: String }
///
/// struct Chat { lines: LiveList<Line> }
///
/// impl Chat {
///     async fn mount(cx: Cx<Self>) -> Self {
///         // Keeps the last 10,000 lines.
///         Self { lines: LiveList::new().limit(10_000) }
///     }
///
///     fn received(&mut self, from: String, text: String) {
///         self.lines.push(Line { from, text });
///     }
/// }
///
/// impl View for Chat {
///     fn render(&self) -> Html<Self> {
///         html! {
///             @for line in &self.lines { p { b { (line.from) } " " (line.text) } }
///         }
///     }
/// }
/// ```
///
/// # Which rows are rendered
///
/// A row is not rendered again if its item was not touched, so a row must depend on its item alone.
/// [`html!`](crate::html!) ensures this. It skips rows only in a loop over a place expression (`&self.lines`), and only
/// if each name in the body is bound by the loop or inside the body, or is a path: `Self::remove`,
/// `Self::time(line.at)`, a constant. If the body uses `self`, a variable from outside the loop, or a function by its
/// bare name (which could be a closure), all rows are rendered, as with a `Vec`. So the page is never out of date;
/// rendering only costs more. If an item refers to data that others change (through an `Arc<Mutex<…>>`), call
/// [`get_mut`](Self::get_mut) to have its row rendered again.
///
/// Rows need no `key` unless they have handlers, because the list identifies them. A key that you write works as with a
/// `Vec`. Inside a [shared view](crate::Cx::shared), all rows are rendered, once for all pages.
pub struct LiveList<T> {
    /// Identifies the list.
    id: u64,
    /// The rows, each with a number that never changes.
    rows: VecDeque<(u64, T)>,
    next_row: u64,
    limit: usize,
    journal: Journal,
    /// The version that the last rendering started from. No rendering will ask for the changes since an earlier one.
    rendered: AtomicU64,
}

impl<T> LiveList<T> {
    /// Creates an empty list.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            rows: VecDeque::new(),
            next_row: 0,
            limit: usize::MAX,
            journal: Journal::default(),
            rendered: AtomicU64::new(0),
        }
    }

    /// Keeps only the last `limit` items: when more are appended, the first ones are removed.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self.keep_limit();
        self
    }

    /// Returns the number of items.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the item at an index.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.rows.get(index).map(|(_, item)| item)
    }

    /// Returns the item at an index for a change. Its row is rendered again.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (_, item) = self.rows.get_mut(index)?;
        self.journal.note(Change::Touch(index));
        Some(item)
    }

    /// Returns the first item.
    pub fn first(&self) -> Option<&T> {
        self.get(0)
    }

    /// Returns the last item.
    pub fn last(&self) -> Option<&T> {
        self.rows.back().map(|(_, item)| item)
    }

    /// Returns the last item for a change. Its row is rendered again.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.get_mut(self.len().checked_sub(1)?)
    }

    /// Iterates over the items, from first to last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.rows.iter().map(|(_, item)| item)
    }

    /// Returns the first item that `which` is true for, for a change. Its row is rendered again.
    pub fn find_mut(&mut self, mut which: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let index = self.rows.iter().position(|(_, item)| which(item))?;
        self.get_mut(index)
    }

    /// Calls `change` with each item that `which` is true for. Their rows are rendered again.
    pub fn change_all(&mut self, mut which: impl FnMut(&T) -> bool, mut change: impl FnMut(&mut T)) {
        for index in 0..self.rows.len() {
            if which(&self.rows[index].1) {
                change(&mut self.rows[index].1);
                self.journal.note(Change::Touch(index));
            }
        }
    }

    /// Appends an item. If this exceeds the [limit](Self::limit), the first item is removed.
    pub fn push(&mut self, item: T) {
        self.insert(self.len(), item);
    }

    /// Inserts an item at an index, before the item that is there.
    ///
    /// # Panics
    ///
    /// Panics if the index is greater than the length.
    #[track_caller]
    pub fn insert(&mut self, index: usize, item: T) {
        assert!(index <= self.len(), "cannot insert at index {index}: the list has {} items", self.len());
        // Drops the changes that no rendering needs.
        self.journal.forget_before(self.rendered.load(Ordering::Relaxed));
        self.rows.insert(index, (self.next_row, item));
        self.next_row += 1;
        self.journal.note(Change::Insert(index));
        self.keep_limit();
    }

    /// Removes the item at an index, and returns it.
    ///
    /// # Panics
    ///
    /// Panics if there is no item at the index.
    #[track_caller]
    pub fn remove(&mut self, index: usize) -> T {
        let len = self.len();
        let Some((_, item)) = self.rows.remove(index) else {
            panic!("cannot remove index {index}: the list has {len} items")
        };
        self.journal.note(Change::Remove(index, 1));
        item
    }

    /// Removes the last item, and returns it.
    pub fn pop(&mut self) -> Option<T> {
        let last = self.len().checked_sub(1)?;
        Some(self.remove(last))
    }

    /// Keeps only the first `len` items.
    pub fn truncate(&mut self, len: usize) {
        let count = self.len().saturating_sub(len);
        if count > 0 {
            self.rows.truncate(len);
            self.journal.note(Change::Remove(len, count));
        }
    }

    /// Removes all items.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Keeps only the items that `keep` is true for.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for index in (0..self.len()).rev() {
            if !keep(&self.rows[index].1) {
                self.remove(index);
            }
        }
    }

    /// Sorts the items with a stable sort. The page moves as few rows as possible.
    pub fn sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> std::cmp::Ordering) {
        self.rows.make_contiguous().sort_by(|(_, one), (_, other)| compare(one, other));
        self.journal.forget_all();
    }

    fn keep_limit(&mut self) {
        let over = self.len().saturating_sub(self.limit);
        if over > 0 {
            self.rows.drain(..over);
            self.journal.note(Change::Remove(0, over));
        }
    }

    /// Begins the list on a tape, and returns the rows that the page needs.
    pub(crate) fn source<'a, V: 'static>(
        &'a self,
        tape: &mut Tape<V>,
        keyed: bool,
    ) -> LiveListSource<&'a T, std::collections::vec_deque::Iter<'a, (u64, T)>> {
        let plan = Plan::new(self, tape);
        if let Plan::Changes(base, _) = plan {
            self.rendered.store(base, Ordering::Relaxed);
        }
        LiveListSource::new(plan, self.rows.iter(), tape, keyed)
    }
}

/// Which rows of a list a rendering contains.
enum Plan {
    /// All rows, as of an ordinary list.
    Plain(OpenList),
    /// All rows of a live list.
    Whole,
    /// The rows that have changed since a version.
    Changes(u64, Vec<Run>),
}

impl Plan {
    fn new<T, V: 'static>(list: &LiveList<T>, tape: &mut Tape<V>) -> Self {
        let version = list.journal.version();
        match base(list.id) {
            Base::Plain => Self::Plain(tape.begin_list(true)),
            Base::Version(base) if let Some(runs) = list.journal.since(base, list.len()) => {
                tape.begin_live_list(list.id, Some(base), version);
                Self::Changes(base, runs)
            }
            _ => {
                tape.begin_live_list(list.id, None, version);
                Self::Whole
            }
        }
    }
}

/// The rows of a live list to render. `I` yields all rows, each with its number.
pub struct LiveListSource<Item, I> {
    plan: Plan,
    /// The index of the next run, and how many of its rows were rendered.
    run: usize,
    rendered: usize,
    rows: I,
    /// The number of the row being rendered.
    row: u64,
    keyed: bool,
    /// Inside a row, other live lists are rendered like ordinary lists.
    suspended: Option<Suspended>,
    item: std::marker::PhantomData<fn() -> Item>,
}

impl<Item, I> LiveListSource<Item, I> {
    fn new<V: 'static>(plan: Plan, rows: I, _tape: &mut Tape<V>, keyed: bool) -> Self {
        let suspended = Some(suspend());
        Self { plan, run: 0, rendered: 0, rows, row: 0, keyed, suspended, item: std::marker::PhantomData }
    }
}

impl<Item, I> std::fmt::Debug for LiveListSource<Item, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveListSource").finish_non_exhaustive()
    }
}

/// A row as the iterator of a live list yields it.
pub trait LiveListItem {
    /// The type that the pattern of the loop matches.
    type Item;
    /// Splits the row into its number and its item.
    fn split(self) -> (u64, Self::Item);
}

impl<'a, T> LiveListItem for &'a (u64, T) {
    type Item = &'a T;
    fn split(self) -> (u64, &'a T) {
        (self.0, &self.1)
    }
}

impl<Item, I, V: 'static> RowSource<V> for LiveListSource<Item, I>
where
    I: Iterator<Item: LiveListItem<Item = Item>>,
{
    type Item = Item;

    fn lanai_next(&mut self, tape: &mut Tape<V>) -> Option<Item> {
        if let Plan::Changes(_, runs) = &self.plan {
            loop {
                let Run { kind, count } = *runs.get(self.run)?;
                match kind {
                    Kind::Kept => {
                        // `nth` skips any number of items of a deque in one step.
                        if count > 0 {
                            self.rows.nth(count - 1);
                        }
                        tape.kept(u32::try_from(count).expect("a list has less than 4 billion rows"));
                    }
                    Kind::Removed => tape.removed(u32::try_from(count).expect("a list has less than 4 billion rows")),
                    Kind::Fresh | Kind::Touched if self.rendered < count => {
                        self.rendered += 1;
                        if kind == Kind::Touched {
                            tape.touched();
                        }
                        break;
                    }
                    Kind::Fresh | Kind::Touched => self.rendered = 0,
                }
                self.run += 1;
            }
        }
        let (row, item) = self.rows.next()?.split();
        self.row = row;
        Some(item)
    }

    fn lanai_row(&mut self, tape: &mut Tape<V>, key: u64) {
        let key = if self.keyed { key } else { self.row };
        match self.plan {
            Plan::Plain(list) => tape.row_of(list, key),
            _ => tape.row(key),
        }
    }

    fn lanai_end(mut self, tape: &mut Tape<V>) {
        match self.plan {
            Plan::Plain(list) => tape.end_list_at(list),
            _ => tape.end_list(),
        }
        drop(self.suspended.take());
    }
}

impl<T> Default for LiveList<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The clone is a new list with its own identity.
impl<T: Clone> Clone for LiveList<T> {
    fn clone(&self) -> Self {
        self.iter().cloned().collect::<Self>().limit(self.limit)
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for LiveList<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: PartialEq> PartialEq for LiveList<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T> Index<usize> for LiveList<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        &self.rows[index].1
    }
}

impl<T> Extend<T> for LiveList<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> FromIterator<T> for LiveList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::new();
        list.rows = items.into_iter().enumerate().map(|(row, item)| (row as u64, item)).collect();
        list.next_row = list.rows.len() as u64;
        list
    }
}

impl<T> From<Vec<T>> for LiveList<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<'a, T> IntoIterator for &'a LiveList<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        Iter(self.rows.iter())
    }
}

/// The items of a [`LiveList`], from first to last.
#[derive(Debug)]
pub struct Iter<'a, T>(std::collections::vec_deque::Iter<'a, (u64, T)>);

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        self.0.next().map(|(_, item)| item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
