//! The rows of live lists on a page. They are stored one by one, because a rendering contains only the changed ones.

use std::collections::{HashSet, VecDeque};

use super::changes::Changes;
use super::entry::{BaselineEntry, shifted};
use crate::tape::LiveListHead;

/// The rows of a live list that the page shows.
#[derive(Debug, Clone)]
pub(crate) struct LiveListRows {
    pub(crate) id: u64,
    pub(crate) version: u64,
    pub(crate) rows: VecDeque<RowBaseline>,
    /// Whether any row has ever held a view.
    has_views: bool,
}

/// A row: its key, and the baseline of its template, whose ends count from the row's beginning.
#[derive(Debug, Clone)]
pub(crate) struct RowBaseline {
    key: u64,
    pub(crate) entries: Box<[BaselineEntry]>,
}

/// What a rendering does to the rows on the page.
pub(crate) enum Edits {
    /// It changes the rows of the list with this index.
    Change { list: usize, version: u64, steps: Vec<Step>, added_handlers: Vec<(u64, usize)> },
    /// It replaces the rows of the list with this index, or adds a list.
    Replace { list: Option<usize>, rows: LiveListRows, added_handlers: Vec<(u64, usize)> },
}

/// A step of a change, in the order of the rows.
pub(crate) enum Step {
    Keep(usize),
    Remove(usize),
    Insert(RowBaseline),
    Update(RowBaseline),
}

impl RowBaseline {
    /// Reads a row's baseline. `start` was its index in the flat baseline.
    pub(crate) fn read(key: u64, entries: &[BaselineEntry], start: u32) -> Self {
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

impl LiveListRows {
    /// Reads the rows of a list's flat baseline, which begins with its `List`.
    pub(crate) fn read(head: LiveListHead, flat: &[BaselineEntry]) -> Self {
        // Its ends count from the beginning of the baseline that contained it.
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
        Self { id: head.id, version: head.version, rows, has_views }
    }

    /// Returns the flat baseline that the list would have if it were an ordinary one.
    pub(crate) fn flat(&self) -> Vec<BaselineEntry> {
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

/// Applies the edits, in the order of the lists in the next baseline, and returns these lists.
pub(crate) fn commit(
    old: Vec<LiveListRows>,
    edits: Vec<Edits>,
    changes: &mut Changes,
    views: &mut Vec<u64>,
) -> Vec<LiveListRows> {
    let mut old: Vec<Option<LiveListRows>> = old.into_iter().map(Some).collect();
    let mut lists = Vec::with_capacity(edits.len());
    for edit in edits {
        match edit {
            Edits::Change { list, version, steps, added_handlers } => {
                let mut rows = old[list].take().expect("a list changes once");
                rows.version = version;
                rows.apply(steps, changes);
                changes.added_handlers.extend(added_handlers);
                lists.push(rows);
            }
            Edits::Replace { list, rows, added_handlers } => {
                if let Some(before) = list.and_then(|list| old[list].take()) {
                    let kept: HashSet<u64> = rows.rows.iter().flat_map(RowBaseline::handlers).collect();
                    let all = before.rows.iter().flat_map(RowBaseline::handlers);
                    changes.removed_handlers.extend(all.filter(|number| !kept.contains(number)));
                }
                changes.added_handlers.extend(added_handlers);
                lists.push(rows);
            }
        }
    }
    for gone in old.into_iter().flatten() {
        changes.removed_handlers.extend(gone.rows.iter().flat_map(RowBaseline::handlers));
    }
    // Rows that this rendering omits may contain views that are on the page, too.
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
    fn apply(&mut self, steps: Vec<Step>, changes: &mut Changes) {
        let mut at = 0;
        for step in steps {
            match step {
                Step::Keep(count) => at += count,
                Step::Remove(count) => {
                    for row in self.rows.drain(at..at + count) {
                        changes.removed_handlers.extend(row.handlers());
                    }
                }
                Step::Insert(row) => {
                    self.has_views |= row.views().next().is_some();
                    self.rows.insert(at, row);
                    at += 1;
                }
                Step::Update(row) => {
                    self.has_views |= row.views().next().is_some();
                    let before = std::mem::replace(&mut self.rows[at], row);
                    let now: Vec<u64> = self.rows[at].handlers().collect();
                    changes.removed_handlers.extend(before.handlers().filter(|number| !now.contains(number)));
                    at += 1;
                }
            }
        }
    }
}
