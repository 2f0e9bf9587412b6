//! Lists whose rendering says what has changed, so that the cost of an update does not depend on how long they are.
//!
//! A live list has a number and a version. A rendering may leave out the rows that are as they were in the version that the
//! page shows ([`Baseline::bases`](crate::Baseline::bases)): it says *kept*, *removed*, and has the rows that are new or were touched. Their baseline is
//! kept row by row outside of the flat one, and changed in place.
//!
//! Nothing is changed before the whole rendering was walked: if one collection is told against other rows than its place shows, all
//! is as it was, and the view is rendered whole.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::baseline::BaselineEntry;
use crate::diff::Diff;
use crate::list::{self, Script};
use crate::tape::{Entry, LiveListHead};

thread_local! {
    /// The versions of collections that a page shows, while it is rendered for; nothing outside of a rendering.
    static BASES: RefCell<Option<Vec<(u64, u64)>>> = const { RefCell::new(None) };
}

/// Renders for a page that shows these versions of collections: [`base`] knows them meanwhile.
pub fn against<T>(bases: impl Iterator<Item = (u64, u64)>, render: impl FnOnce() -> T) -> T {
    // What was there is put back, also after a panic.
    let _before = Suspended(BASES.replace(Some(bases.collect())));
    render()
}

/// Has everything be rendered like any other list, until the guard is dropped: inside of a row of a live list nothing else is tracked.
pub fn suspend() -> Suspended {
    Suspended(BASES.take())
}

/// See [`suspend`].
#[derive(Debug)]
pub struct Suspended(Option<Vec<(u64, u64)>>);

impl Drop for Suspended {
    fn drop(&mut self) {
        BASES.set(self.0.take());
    }
}

/// What the rendering under way may say of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// It is rendered like any other list: there is no page that could be told only what has changed.
    Untracked,
    /// The page does not show the collection: all rows are to be rendered.
    Whole,
    /// The page shows this version.
    Version(u64),
}

/// See [`Base`].
pub fn base(collection: u64) -> Base {
    BASES.with_borrow(|bases| match bases {
        None => Base::Untracked,
        Some(bases) => {
            let mut versions = bases.iter().filter(|(known, _)| *known == collection).map(|(_, version)| *version);
            match versions.next() {
                Some(first) if versions.all(|version| version == first) => Base::Version(first),
                _ => Base::Whole,
            }
        }
    })
}

/// Handlers of rows of live lists: they are on the page as long as their rows are, but only on the tape of the rendering that made them.
#[derive(Debug, Clone, Default)]
pub struct HandlerChanges {
    /// Numbers of handlers that the last rendering has, with their index among its events.
    pub fresh: Vec<(u64, usize)>,
    /// Numbers that are on the page no more.
    pub gone: Vec<u64>,
}

impl HandlerChanges {
    /// Adds those from `start` on.
    pub(crate) fn add_range(&mut self, handlers: &[u64], start: usize) {
        self.fresh.extend(handlers.iter().copied().enumerate().skip(start).map(|(index, number)| (number, index)));
    }
}

/// The rows of a collection that the page shows.
#[derive(Debug, Clone)]
pub(crate) struct LiveListRows {
    pub(crate) collection: u64,
    pub(crate) version: u64,
    rows: VecDeque<RowBaseline>,
    /// Whether any row has ever held another view.
    has_views: bool,
}

/// A row: its key, and the baseline of its template, with ends counted from its beginning.
#[derive(Debug, Clone)]
struct RowBaseline {
    key: u64,
    entries: Box<[BaselineEntry]>,
}

/// What becomes of the rows on the page.
pub(crate) enum Edits {
    /// Those of the list with this index are changed so.
    Change { list: usize, version: u64, steps: Vec<Step>, fresh: Vec<(u64, usize)> },
    /// There are new ones in their place, if there were any.
    Replace { list: Option<usize>, rows: LiveListRows, fresh: Vec<(u64, usize)> },
}

pub(crate) enum Step {
    Keep(usize),
    Remove(usize),
    Insert(RowOf),
    Touch(RowOf),
}

/// A row that was rendered.
pub(crate) struct RowOf(RowBaseline);

impl RowBaseline {
    /// Reads a row's baseline; `start` is where it stood among the others.
    fn read(key: u64, entries: &[BaselineEntry], start: u32) -> Self {
        let entries = entries.iter().map(|entry| shifted(*entry, 0_u32.wrapping_sub(start))).collect();
        Self { key, entries }
    }

    fn handlers(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().filter_map(|entry| match entry {
            BaselineEntry::Event { number, .. } => Some(*number),
            _ => None,
        })
    }

    fn views(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().filter_map(|entry| match entry {
            BaselineEntry::View { id } => Some(*id),
            _ => None,
        })
    }
}

/// An entry that has moved with all that is around it.
fn shifted(entry: BaselineEntry, by: u32) -> BaselineEntry {
    match entry {
        BaselineEntry::Open { template, end } => BaselineEntry::Open { template, end: end.wrapping_add(by) },
        BaselineEntry::List { rows, end } => BaselineEntry::List { rows, end: end.wrapping_add(by) },
        entry => entry,
    }
}

impl LiveListRows {
    /// Reads the rows of a list's flat baseline, which begins with its `List`.
    pub(crate) fn read(head: LiveListHead, flat: &[BaselineEntry]) -> Self {
        // The ends in it count from the beginning of the baseline that it stood in.
        let (Some(BaselineEntry::List { end, .. }), len) = (flat.first(), flat.len() as u32) else {
            unreachable!("the baseline of a list begins with it")
        };
        let start = end - len;
        let mut rows = VecDeque::new();
        let mut at = 1;
        while at < flat.len() {
            let (BaselineEntry::Row { key }, BaselineEntry::Open { end, .. }) = (flat[at], flat[at + 1]) else {
                unreachable!("a list holds rows, and a row is a template")
            };
            let end = (end - start) as usize;
            rows.push_back(RowBaseline::read(key, &flat[at + 1..end], start + at as u32 + 1));
            at = end;
        }
        let has_views = rows.iter().any(|row| row.views().next().is_some());
        Self { collection: head.collection, version: head.version, rows, has_views }
    }

    /// The flat baseline of the list: what it would be if it were not tracked.
    fn flat(&self) -> Vec<BaselineEntry> {
        let mut flat = vec![BaselineEntry::List { rows: self.rows.len() as u32, end: 0 }];
        for row in &self.rows {
            flat.push(BaselineEntry::Row { key: row.key });
            let start = flat.len() as u32;
            flat.extend(row.entries.iter().map(|entry| shifted(*entry, start)));
        }
        let end = flat.len() as u32;
        flat[0] = BaselineEntry::List { rows: self.rows.len() as u32, end };
        flat
    }
}

/// Writes the script that turns the list on the page into the one on the tape, at least one of which is tracked.
pub(crate) fn diff<H>(diff: &mut Diff<'_, H>) {
    let (index, head) = match diff.tape.entries[diff.at] {
        Entry::LiveList { index, .. } => (index, diff.tape.tracked[index as usize]),
        _ => unreachable!("a list that is tracked once always is: the type of what it shows does not change"),
    };
    let (before, after) = match diff.old[diff.was] {
        BaselineEntry::LiveList { index } => (Some(index as usize), diff.was + 1),
        BaselineEntry::List { end, .. } => (None, end as usize),
        _ => unreachable!("a list slot holds a list"),
    };
    match (before, head.from) {
        (Some(list), Some(from)) if shows(&diff.lists[list], head.collection, from) => change(diff, list, head),
        (_, Some(_)) => fail(diff),
        (before, None) => compare_whole(diff, before, head),
    }
    diff.was = after;
    let _ = index;
}

fn shows(list: &LiveListRows, collection: u64, version: u64) -> bool {
    (list.collection, list.version) == (collection, version)
}

/// Walks past a list that cannot be told.
fn fail<H>(diff: &mut Diff<'_, H>) {
    let (_, end) = diff.tape.list_head(diff.at);
    diff.at = end as usize;
    diff.failed = true;
    diff.entries.push(BaselineEntry::Nothing);
}

/// Remembers that the list at this place is the next of the tracked ones.
fn remember<H>(diff: &mut Diff<'_, H>, edits: Edits) {
    diff.entries.push(BaselineEntry::LiveList { index: diff.edits.len() as u32 });
    diff.edits.push(edits);
}

/// Writes what the tape says of a list whose rows the page has.
fn change<H>(diff: &mut Diff<'_, H>, list: usize, head: LiveListHead) {
    let (_, end) = diff.tape.list_head(diff.at);
    diff.at += 1;
    let mut script = Script::default();
    let mut steps = Vec::new();
    let mut fresh = Vec::new();
    // Among the rows before.
    let mut row = 0;
    while diff.at < end as usize {
        match diff.tape.entries[diff.at] {
            Entry::Kept { count } => {
                diff.at += 1;
                script.end_insert(diff);
                script.kept += i64::from(count);
                row += count as usize;
                steps.push(Step::Keep(count as usize));
            }
            Entry::Removed { count } => {
                diff.at += 1;
                script.remove(diff, count as usize);
                row += count as usize;
                steps.push(Step::Remove(count as usize));
            }
            Entry::Touched => {
                diff.at += 1;
                let before = &diff.lists[list].rows[row];
                let Entry::Row { key } = diff.next() else { unreachable!("a row follows") };
                steps.push(Step::Touch(touched(diff, &mut script, before, key, &mut fresh)));
                row += 1;
            }
            Entry::Row { key } => {
                let (entry, handler) = (diff.entries.len(), diff.handlers.len());
                script.insert(diff);
                let entries = diff.entries.split_off(entry);
                // The row itself stands before its template.
                steps.push(Step::Insert(RowOf(RowBaseline::read(key, &entries[1..], entry as u32 + 1))));
                note_fresh(diff, handler, &mut fresh);
            }
            entry => unreachable!("{entry:?} in a live list"),
        }
    }
    script.end_insert(diff);
    remember(diff, Edits::Change { list, version: head.version, steps, fresh });
}

fn note_fresh<H>(diff: &Diff<'_, H>, start: usize, fresh: &mut Vec<(u64, usize)>) {
    fresh.extend(diff.handlers.iter().copied().enumerate().skip(start).map(|(index, number)| (number, index)));
}

/// Writes the patch of a row; the tape stands at its template.
fn touched<H>(
    diff: &mut Diff<'_, H>,
    script: &mut Script,
    before: &RowBaseline,
    key: u64,
    fresh: &mut Vec<(u64, usize)>,
) -> RowOf {
    let Entry::Open { template, .. } = diff.tape.entries[diff.at] else { unreachable!("a row is a template") };
    let same = matches!(before.entries[0], BaselineEntry::Open { template: old, .. } if std::ptr::eq(old, template));
    debug_assert!(same, "the rows of a loop are all of its template");
    script.end_insert(diff);
    let mark = diff.frame.mark();
    script.flush_kept(diff);
    diff.frame.raw(b"[");
    let empty = diff.frame.mark();
    let handler = diff.handlers.len();
    let mut row = nested(diff, &before.entries);
    row.same_template(template);
    let entries = std::mem::take(&mut row.entries);
    take_back(row.into_progress(), diff);
    if diff.frame.mark() == empty {
        diff.frame.rewind(mark);
        script.kept += 1;
    } else {
        diff.frame.close(b"],");
        script.kept = 0;
    }
    note_fresh(diff, handler, fresh);
    RowOf(RowBaseline::read(key, &entries, 0))
}

/// Writes what differs between the rows on the page and all rows of a collection.
fn compare_whole<H>(diff: &mut Diff<'_, H>, before: Option<usize>, head: LiveListHead) {
    let flat = match before {
        Some(list) => diff.lists[list].flat(),
        None => {
            let BaselineEntry::List { end, .. } = diff.old[diff.was] else { unreachable!("a list slot holds a list") };
            let start = diff.was as u32;
            diff.old[diff.was..end as usize].iter().map(|entry| shifted(*entry, 0_u32.wrapping_sub(start))).collect()
        }
    };
    let handler = diff.handlers.len();
    let mut whole = nested(diff, &flat);
    list::diff(&mut whole);
    let entries = std::mem::take(&mut whole.entries);
    take_back(whole.into_progress(), diff);
    let mut fresh = Vec::new();
    note_fresh(diff, handler, &mut fresh);
    remember(diff, Edits::Replace { list: before, rows: LiveListRows::read(head, &entries), fresh });
}

/// Writes the script that makes a new list of a collection.
pub(crate) fn values<H>(diff: &mut Diff<'_, H>) {
    let Entry::LiveList { index, .. } = diff.tape.entries[diff.at] else { unreachable!("a live list") };
    let head = diff.tape.tracked[index as usize];
    if head.from.is_some() {
        return fail(diff);
    }
    let (entry, handler) = (diff.entries.len(), diff.handlers.len());
    list::values(diff);
    let entries = diff.entries.split_off(entry);
    let mut fresh = Vec::new();
    note_fresh(diff, handler, &mut fresh);
    remember(diff, Edits::Replace { list: None, rows: LiveListRows::read(head, &entries), fresh });
}

/// A walk beside another baseline, from the present position of the tape on.
fn nested<'b, H>(diff: &'b mut Diff<'_, H>, old: &'b [BaselineEntry]) -> Diff<'b, H> {
    Diff {
        old,
        tape: diff.tape,
        hasher: diff.hasher.clone(),
        definitions: &mut *diff.definitions,
        frame: &mut *diff.frame,
        lists: diff.lists,
        edits: &mut *diff.edits,
        failed: diff.failed,
        entries: Vec::new(),
        handlers: std::mem::take(&mut diff.handlers),
        views: std::mem::take(&mut diff.views),
        next_handler: diff.next_handler,
        was: 0,
        at: diff.at,
    }
}

/// How far a nested walk has come.
pub(crate) struct Progress {
    handlers: Vec<u64>,
    views: Vec<u64>,
    next_handler: u64,
    at: usize,
    failed: bool,
}

impl<H> Diff<'_, H> {
    fn into_progress(self) -> Progress {
        let Self { handlers, views, next_handler, at, failed, .. } = self;
        Progress { handlers, views, next_handler, at, failed }
    }
}

fn take_back<H>(progress: Progress, diff: &mut Diff<'_, H>) {
    let Progress { handlers, views, next_handler, at, failed } = progress;
    (diff.handlers, diff.views) = (handlers, views);
    (diff.next_handler, diff.at, diff.failed) = (next_handler, at, failed);
}

/// Makes the edits: the lists of the next baseline.
pub(crate) fn commit(
    old: Vec<LiveListRows>,
    edits: Vec<Edits>,
    changes: &mut HandlerChanges,
    views: &mut Vec<u64>,
) -> Vec<LiveListRows> {
    let mut old: Vec<Option<LiveListRows>> = old.into_iter().map(Some).collect();
    let mut lists = Vec::with_capacity(edits.len());
    for edit in edits {
        match edit {
            Edits::Change { list, version, steps, fresh } => {
                let mut rows = old[list].take().expect("a list is at one place");
                rows.version = version;
                rows.apply(steps, changes);
                changes.fresh.extend(fresh);
                lists.push(rows);
            }
            Edits::Replace { list, rows, fresh } => {
                if let Some(before) = list.and_then(|list| old[list].take()) {
                    let kept: std::collections::HashSet<u64> =
                        rows.rows.iter().flat_map(RowBaseline::handlers).collect();
                    let all = before.rows.iter().flat_map(RowBaseline::handlers);
                    changes.gone.extend(all.filter(|number| !kept.contains(number)));
                }
                changes.fresh.extend(fresh);
                lists.push(rows);
            }
        }
    }
    for gone in old.into_iter().flatten() {
        changes.gone.extend(gone.rows.iter().flat_map(RowBaseline::handlers));
    }
    // Rows that were not rendered now have views on the page too.
    for list in lists.iter().filter(|list| list.has_views) {
        for view in list.rows.iter().flat_map(RowBaseline::views) {
            if !views.contains(&view) {
                views.push(view);
            }
        }
    }
    lists
}

impl LiveListRows {
    fn apply(&mut self, steps: Vec<Step>, changes: &mut HandlerChanges) {
        let mut at = 0;
        for step in steps {
            match step {
                Step::Keep(count) => at += count,
                Step::Remove(count) => {
                    for row in self.rows.drain(at..at + count) {
                        changes.gone.extend(row.handlers());
                    }
                }
                Step::Insert(RowOf(row)) => {
                    self.has_views |= row.views().next().is_some();
                    self.rows.insert(at, row);
                    at += 1;
                }
                Step::Touch(RowOf(row)) => {
                    self.has_views |= row.views().next().is_some();
                    let before = std::mem::replace(&mut self.rows[at], row);
                    let now: Vec<u64> = self.rows[at].handlers().collect();
                    changes.gone.extend(before.handlers().filter(|number| !now.contains(number)));
                    at += 1;
                }
            }
        }
    }
}
