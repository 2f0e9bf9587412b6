//! The diff of a live list: writes the changes on the tape, or compares all rows with those on the page.

use super::Diff;
use super::list::{self, Script};
use crate::baseline::{BaselineEntry, Edits, LiveListRows, RowBaseline, Step, shifted};
use crate::tape::{Entry, LiveListHead};

/// Writes the script that turns the list on the page into the one on the tape, at least one of which is live.
pub(super) fn diff<H>(diff: &mut Diff<'_, H>) {
    let Entry::LiveList { index, .. } = diff.tape.entries[diff.at] else {
        unreachable!("a slot with a live list always has one, because the type of the list does not change")
    };
    let head = diff.tape.live_lists[index as usize];
    let (before, after) = match diff.old[diff.was] {
        BaselineEntry::LiveList { index } => (Some(index as usize), diff.was + 1),
        BaselineEntry::List { end, .. } => (None, end as usize),
        _ => unreachable!("a list slot holds a list"),
    };
    match (before, head.from) {
        (Some(list), Some(from)) if shows(&diff.lists[list], head.id, from) => change(diff, list, head),
        (_, Some(_)) => fail(diff),
        (before, None) => compare_whole(diff, before, head),
    }
    diff.was = after;
}

fn shows(list: &LiveListRows, id: u64, version: u64) -> bool {
    (list.id, list.version) == (id, version)
}

/// Skips a list whose changes start from rows that the page does not show.
fn fail<H>(diff: &mut Diff<'_, H>) {
    let (_, end) = diff.tape.list_head(diff.at);
    diff.at = end as usize;
    diff.failed = true;
    diff.entries.push(BaselineEntry::Nothing);
}

/// Remembers that the list in this slot is the next live one.
fn remember<H>(diff: &mut Diff<'_, H>, edits: Edits) {
    diff.entries.push(BaselineEntry::LiveList { index: diff.edits.len() as u32 });
    diff.edits.push(edits);
}

/// Writes the changes on the tape to the rows that the page shows.
fn change<H>(diff: &mut Diff<'_, H>, list: usize, head: LiveListHead) {
    let (_, end) = diff.tape.list_head(diff.at);
    diff.at += 1;
    let mut script = Script::default();
    let mut steps = Vec::new();
    let mut added = Vec::new();
    // The index of the next old row.
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
                steps.push(Step::Update(touched(diff, &mut script, before, key, &mut added)));
                row += 1;
            }
            Entry::Row { key } => {
                let (entry, handler) = (diff.entries.len(), diff.handlers.len());
                script.insert(diff);
                let entries = diff.entries.split_off(entry);
                // The entry before the template is the row itself.
                steps.push(Step::Insert(RowBaseline::read(key, &entries[1..], entry as u32 + 1)));
                note_added(diff, handler, &mut added);
            }
            entry => unreachable!("{entry:?} in a live list"),
        }
    }
    script.end_insert(diff);
    remember(diff, Edits::Change { list, version: head.version, steps, added_handlers: added });
}

fn note_added<H>(diff: &Diff<'_, H>, start: usize, added: &mut Vec<(u64, usize)>) {
    added.extend(diff.handlers.iter().copied().enumerate().skip(start).map(|(index, number)| (number, index)));
}

/// Writes the patch of a row. The tape is at its template.
fn touched<H>(
    diff: &mut Diff<'_, H>,
    script: &mut Script,
    before: &RowBaseline,
    key: u64,
    added: &mut Vec<(u64, usize)>,
) -> RowBaseline {
    let Entry::Open { template, .. } = diff.tape.entries[diff.at] else { unreachable!("a row is a template") };
    let same = matches!(before.entries[0], BaselineEntry::Open { template: old, .. } if std::ptr::eq(old, template));
    debug_assert!(same, "all rows of a loop have its template");
    script.end_insert(diff);
    let handler = diff.handlers.len();
    let entries = script.patch(diff, |diff| {
        let mut row = nested(diff, &before.entries);
        row.same_template(template);
        let entries = std::mem::take(&mut row.entries);
        resume(row.into_progress(), diff);
        entries
    });
    note_added(diff, handler, added);
    RowBaseline::read(key, &entries, 0)
}

/// Writes the differences between the rows on the page and all rows of a live list.
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
    resume(whole.into_progress(), diff);
    let mut added = Vec::new();
    note_added(diff, handler, &mut added);
    remember(diff, Edits::Replace { list: before, rows: LiveListRows::read(head, &entries), added_handlers: added });
}

/// Writes the script that creates a new live list.
pub(super) fn values<H>(diff: &mut Diff<'_, H>) {
    let Entry::LiveList { index, .. } = diff.tape.entries[diff.at] else { unreachable!("a live list") };
    let head = diff.tape.live_lists[index as usize];
    if head.from.is_some() {
        return fail(diff);
    }
    let (entry, handler) = (diff.entries.len(), diff.handlers.len());
    list::values(diff);
    let entries = diff.entries.split_off(entry);
    let mut added = Vec::new();
    note_added(diff, handler, &mut added);
    remember(diff, Edits::Replace { list: None, rows: LiveListRows::read(head, &entries), added_handlers: added });
}

/// Starts a walk along another baseline, from the tape's position.
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
        placed_views: std::mem::take(&mut diff.placed_views),
        next_handler: diff.next_handler,
        was: 0,
        at: diff.at,
    }
}

/// The results of a nested walk.
struct Progress {
    handlers: Vec<u64>,
    views: Vec<u64>,
    placed_views: Vec<u64>,
    next_handler: u64,
    at: usize,
    failed: bool,
}

impl<H> Diff<'_, H> {
    fn into_progress(self) -> Progress {
        let Self { handlers, views, placed_views, next_handler, at, failed, .. } = self;
        Progress { handlers, views, placed_views, next_handler, at, failed }
    }
}

/// Continues from the end of a nested walk.
fn resume<H>(progress: Progress, diff: &mut Diff<'_, H>) {
    let Progress { handlers, views, placed_views, next_handler, at, failed } = progress;
    (diff.handlers, diff.views, diff.placed_views) = (handlers, views, placed_views);
    (diff.next_handler, diff.at, diff.failed) = (next_handler, at, failed);
}
