//! Collections for large lists: one model with `Vec`, at a cost that does not depend on their length.

mod journal;
mod shared;

use std::collections::VecDeque;
use std::ops::Index;
use std::sync::atomic::{AtomicU64, Ordering};

use lanai_core::OpenList;
use lanai_core::live_list::{Base, Suspended, base, suspend};

use crate::macro_support::{RowSource, Tape};
use journal::{Change, Journal, Kind, Run};
pub use shared::{SharedList, SharedSource};

/// A list that knows what has changed in it: a field of a view, in place of a `Vec`.
///
/// It is rendered by the same `@for`. Whatever its length, an update costs what has changed: appending to it, removing from either end, and
/// rendering again the rows that were touched.
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
///         // The last 10,000 lines; older ones leave at the top.
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
/// # When rows are left out
///
/// A row is not rendered again if its item was not touched, so it must depend on the item alone. [`html!`](crate::html!) sees to that: it leaves
/// rows out only of a loop over a place (`&self.lines`) in whose body every name is bound by the loop or inside of it, or is a
/// path: `Self::remove`, `Self::time(line.at)`, a constant. A body that uses `self`, a variable from outside, or a function by its bare name
/// (which could be a closure) is rendered for all rows, as with a `Vec`: nothing is ever stale, it only costs more. What an item refers to and
/// others change (through an `Arc<Mutex<…>>`) is for you to [touch](Self::get_mut).
///
/// Rows need no `key`, unless they have handlers: the list knows them. One that you write is used as with a `Vec`. Inside of a [shared view](crate::Cx::shared) all
/// rows are rendered, once for all pages.
pub struct LiveList<T> {
    /// Which collection it is.
    id: u64,
    /// The rows, each with a number that it keeps.
    rows: VecDeque<(u64, T)>,
    next_row: u64,
    limit: usize,
    journal: Journal,
    /// The version that was last rendered against: from earlier ones nobody will ask for the way.
    rendered: AtomicU64,
}

impl<T> LiveList<T> {
    /// An empty list.
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

    /// Keeps the last `limit` items alone: when more are appended, the first ones leave.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self.keep_limit();
        self
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The item at an index.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.rows.get(index).map(|(_, item)| item)
    }

    /// The item at an index, to be changed: its row is rendered again.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (_, item) = self.rows.get_mut(index)?;
        self.journal.note(Change::Touch(index));
        Some(item)
    }

    /// The first item.
    pub fn first(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last item.
    pub fn last(&self) -> Option<&T> {
        self.rows.back().map(|(_, item)| item)
    }

    /// The last item, to be changed: its row is rendered again.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.get_mut(self.len().checked_sub(1)?)
    }

    /// All items, from first to last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.rows.iter().map(|(_, item)| item)
    }

    /// The first item that `which` is true for, to be changed: its row is rendered again.
    pub fn find_mut(&mut self, mut which: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let index = self.rows.iter().position(|(_, item)| which(item))?;
        self.get_mut(index)
    }

    /// Calls `change` with each item that `which` is true for, whose rows are rendered again.
    pub fn change_all(&mut self, mut which: impl FnMut(&T) -> bool, mut change: impl FnMut(&mut T)) {
        for index in 0..self.rows.len() {
            if which(&self.rows[index].1) {
                change(&mut self.rows[index].1);
                self.journal.note(Change::Touch(index));
            }
        }
    }

    /// Appends an item. The first one leaves if there are more than the [limit](Self::limit) then.
    pub fn push(&mut self, item: T) {
        self.insert(self.len(), item);
    }

    /// Puts an item at an index, before what is there.
    ///
    /// # Panics
    ///
    /// If the index is greater than the length.
    #[track_caller]
    pub fn insert(&mut self, index: usize, item: T) {
        assert!(index <= self.len(), "insertion at {index} into {} items", self.len());
        // Changes that no rendering needs any more are not kept.
        self.journal.forget_before(self.rendered.load(Ordering::Relaxed));
        self.rows.insert(index, (self.next_row, item));
        self.next_row += 1;
        self.journal.note(Change::Insert(index));
        self.keep_limit();
    }

    /// Takes out the item at an index.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn remove(&mut self, index: usize) -> T {
        let len = self.len();
        let Some((_, item)) = self.rows.remove(index) else { panic!("removal of {index} from {len} items") };
        self.journal.note(Change::Remove(index, 1));
        item
    }

    /// Takes out the last item.
    pub fn pop(&mut self) -> Option<T> {
        let last = self.len().checked_sub(1)?;
        Some(self.remove(last))
    }

    /// Keeps the first `len` items alone.
    pub fn truncate(&mut self, len: usize) {
        let count = self.len().saturating_sub(len);
        if count > 0 {
            self.rows.truncate(len);
            self.journal.note(Change::Remove(len, count));
        }
    }

    /// Takes out all items.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Keeps the items alone that `keep` is true for.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for index in (0..self.len()).rev() {
            if !keep(&self.rows[index].1) {
                self.remove(index);
            }
        }
    }

    /// Sorts the items, stably. The page moves as few rows as it can.
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

    /// Begins its list on a tape: what the page need be told of it.
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

/// What is to be rendered of a collection.
enum Plan {
    /// It is a list like any other.
    Plain(OpenList),
    /// All rows.
    Whole,
    /// What has changed since a version.
    Changes(u64, Vec<Run>),
}

impl Plan {
    fn new<T, V: 'static>(list: &LiveList<T>, tape: &mut Tape<V>) -> Self {
        let version = list.journal.version();
        match base(list.id) {
            Base::Untracked => Self::Plain(tape.begin_list(true)),
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

/// The rows of a live list that are to be rendered. `I` gives all rows, each with its number.
pub struct LiveListSource<Item, I> {
    plan: Plan,
    /// Of the runs, the one that comes next, and how many of its rows were rendered.
    run: usize,
    rendered: usize,
    rows: I,
    /// The number of the row that is being rendered.
    row: u64,
    keyed: bool,
    /// Inside of a row nothing else is tracked.
    suspended: Option<Suspended>,
    item: std::marker::PhantomData<fn() -> Item>,
}

impl<Item, I> LiveListSource<Item, I> {
    fn new<V: 'static>(plan: Plan, rows: I, _tape: &mut Tape<V>, keyed: bool) -> Self {
        let suspended = Some(suspend());
        Self { plan, run: 0, rendered: 0, rows, row: 0, keyed, suspended, item: std::marker::PhantomData }
    }
}

/// A row of a collection, as its iterator gives it.
pub trait LiveListItem {
    /// What the author's pattern is for.
    type Item;
    /// The number of the row, and its item.
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
                        // The iterator of a deque skips in one step.
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

/// The copy is another list.
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
