//! The diff of a list: compares the rows of the tape with the rows on the page.
//!
//! Rows are matched by key, or by index in a list without keys. A common beginning and a common end are matched first.
//! In between, as many rows as possible keep their order and are not moved (the longest increasing subsequence of their
//! old indices, by patience sorting, M. L. Fredman 1975). The others are moved, so the number of moves is minimal.
//!
//! The result is a list script (`docs/PROTOCOL.md`, section 4), written in the order of the new rows.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Diff;
use crate::baseline::BaselineEntry;
use crate::protocol::json;
use crate::tape::Entry;
use crate::template::Template;

/// A row on the page or on the tape: the position of its template, and its identity.
#[derive(Clone, Copy)]
struct Row {
    open: usize,
    key: u64,
    template: &'static Template,
}

impl Row {
    fn matches(self, other: Row) -> bool {
        self.key == other.key && std::ptr::eq(self.template, other.template)
    }
}

/// The origin of a row in the new list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    New,
    /// An old row that stays where it is.
    Stays(usize),
    /// An old row that moves.
    Moves(usize),
}

/// Writes the script that turns the list on the page into the one on the tape, or nothing if they are equal.
pub(super) fn diff<H>(diff: &mut Diff<'_, H>) {
    let keyed = !matches!(diff.tape.entries[diff.at], Entry::List { keyed: false, .. });
    let (new_rows, list) = open(diff);
    let BaselineEntry::List { rows: old_rows, end: old_end } = diff.old[diff.was] else {
        unreachable!("a list slot holds a list")
    };
    diff.was += 1;

    let mut script = Script::default();
    let (old_rows, new_rows) = (old_rows as usize, new_rows as usize);
    let shorter = old_rows.min(new_rows);
    let mut matched = 0;
    while matched < shorter && (old_row(diff, diff.was).matches(new_row(diff, diff.at)) || !keyed && same(diff)) {
        script.stays(diff);
        matched += 1;
    }
    if matched < old_rows || matched < new_rows {
        let old = collect(old_rows - matched, diff.was, |at| old_row(diff, at), |row| skip_old(diff, row));
        let new = collect(new_rows - matched, diff.at, |at| new_row(diff, at), |row| skip_new(diff, row));
        let sources = if keyed { keyed_sources(&old, &new) } else { indexed_sources(&old, &new) };
        script.run(diff, &old, &sources, matched);
    }
    diff.was = old_end as usize;
    diff.close(list);
}

/// Remembers the list at the tape's position: its rows and its position.
fn open<H>(diff: &mut Diff<'_, H>) -> (u32, usize) {
    let (rows, _) = diff.tape.list_head(diff.at);
    diff.at += 1;
    diff.entries.push(BaselineEntry::List { rows, end: 0 });
    (rows, diff.entries.len() - 1)
}

/// Writes the script that creates a new list.
pub(super) fn values<H>(diff: &mut Diff<'_, H>) {
    let (rows, list) = open(diff);
    let mut script = Script::default();
    for _ in 0..rows {
        script.insert(diff);
    }
    script.end_insert(diff);
    diff.close(list);
}

fn same<H>(diff: &Diff<'_, H>) -> bool {
    std::ptr::eq(old_row(diff, diff.was).template, new_row(diff, diff.at).template)
}

fn old_row<H>(diff: &Diff<'_, H>, at: usize) -> Row {
    match (diff.old[at], diff.old[at + 1]) {
        (BaselineEntry::Row { key }, BaselineEntry::Open { template, .. }) => Row { open: at + 1, key, template },
        _ => unreachable!("a list holds rows, and a row is a template"),
    }
}

fn new_row<H>(diff: &Diff<'_, H>, at: usize) -> Row {
    match (diff.tape.entries[at], diff.tape.entries[at + 1]) {
        (Entry::Row { key }, Entry::Open { template, .. }) => Row { open: at + 1, key, template },
        _ => unreachable!("a list holds rows, and a row is a template"),
    }
}

fn skip_old<H>(diff: &Diff<'_, H>, row: Row) -> usize {
    let BaselineEntry::Open { end, .. } = diff.old[row.open] else { unreachable!("a row is a template") };
    end as usize
}

fn skip_new<H>(diff: &Diff<'_, H>, row: Row) -> usize {
    let Entry::Open { end, .. } = diff.tape.entries[row.open] else { unreachable!("a row is a template") };
    end as usize
}

fn collect(count: usize, start: usize, row: impl Fn(usize) -> Row, skip: impl Fn(Row) -> usize) -> Vec<Row> {
    let mut at = start;
    (0..count)
        .map(|_| {
            let row = row(at);
            at = skip(row);
            row
        })
        .collect()
}

fn indexed_sources(old: &[Row], new: &[Row]) -> Vec<Source> {
    new.iter()
        .enumerate()
        .map(|(index, row)| match old.get(index) {
            Some(before) if std::ptr::eq(before.template, row.template) => Source::Stays(index),
            _ => Source::New,
        })
        .collect()
}

fn keyed_sources(old: &[Row], new: &[Row]) -> Vec<Source> {
    let mut sources = vec![Source::New; new.len()];
    // The common end.
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old.matches(**new)).count();
    for back in 1..=tail {
        sources[new.len() - back] = Source::Stays(old.len() - back);
    }
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    if old.is_empty() || new.is_empty() {
        return sources;
    }

    // A row is removed from the map when it is matched, so that several rows with one key are each matched once.
    let mut by_key: HashMap<u64, usize, RandomState> =
        HashMap::with_capacity_and_hasher(old.len(), RandomState::default());
    for (index, row) in old.iter().enumerate().rev() {
        by_key.insert(row.key, index);
    }
    let mut ordered = true;
    let mut last = None;
    for (source, row) in sources.iter_mut().zip(new) {
        if let Some(&index) = by_key.get(&row.key)
            && old[index].matches(*row)
        {
            by_key.remove(&row.key);
            *source = Source::Moves(index);
            ordered &= last.is_none_or(|last| last < index);
            last = Some(index);
        }
    }
    let stay = |source: &mut Source| {
        if let Source::Moves(index) = *source {
            *source = Source::Stays(index);
        }
    };
    if ordered {
        sources[..new.len()].iter_mut().for_each(stay);
    } else {
        for at in longest_increasing(&sources[..new.len()]) {
            stay(&mut sources[at]);
        }
    }
    sources
}

/// Returns the positions of a longest increasing subsequence of the old indices.
fn longest_increasing(sources: &[Source]) -> Vec<usize> {
    let index = |at: usize| match sources[at] {
        Source::Moves(index) => index,
        _ => unreachable!("only matched rows are in a pile"),
    };
    // For each length, the position where a subsequence of that length ends with the smallest index; and the
    // predecessor of each position.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; sources.len()];
    for (at, source) in sources.iter().enumerate() {
        let Source::Moves(old) = *source else { continue };
        let length = ends.partition_point(|&end| index(end) < old);
        if length > 0 {
            before[at] = ends[length - 1];
        }
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut positions = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(here) = at {
        positions.push(here);
        at = (before[here] != usize::MAX).then_some(before[here]);
    }
    positions.reverse();
    positions
}

/// Writes a list script. Consecutive steps of one kind are joined.
#[derive(Default)]
pub(super) struct Script {
    /// The number of rows that stay and are not written yet. A script does not end with them.
    pub(super) kept: i64,
    /// The template of the rows being inserted.
    inserting: Option<u32>,
}

impl Script {
    /// Handles a row that is at both positions and stays.
    fn stays<H>(&mut self, diff: &mut Diff<'_, H>) {
        self.end_insert(diff);
        if diff.unchanged_row() {
            self.kept += 1;
            return;
        }
        self.patch(diff, Self::same_row);
    }

    /// Writes the patch of a row that stays. A row whose patch is empty is kept.
    pub(super) fn patch<'d, H, R>(&mut self, diff: &mut Diff<'d, H>, write: impl FnOnce(&mut Diff<'d, H>) -> R) -> R {
        let before = diff.frame.mark();
        self.flush_kept(diff);
        diff.frame.raw(b"[");
        let empty = diff.frame.mark();
        let written = write(diff);
        if diff.frame.mark() == empty {
            diff.frame.rewind(before);
            self.kept += 1;
        } else {
            diff.frame.close(b"],");
            self.kept = 0;
        }
        written
    }

    /// Handles the row at both positions, which moves here from the old index `from`.
    fn moves<H>(&mut self, diff: &mut Diff<'_, H>, from: usize) {
        self.end_insert(diff);
        self.flush_kept(diff);
        self.kept = 0;
        let before = diff.frame.mark();
        diff.frame.raw(b"[");
        diff.frame.string(&from.to_string());
        let empty = diff.frame.mark();
        Self::same_row(diff);
        if diff.frame.mark() == empty {
            diff.frame.rewind(before);
            diff.frame.string(&from.to_string());
        } else {
            diff.frame.close(b"],");
        }
    }

    fn same_row<H>(diff: &mut Diff<'_, H>) {
        let Entry::Row { key } = diff.next() else { unreachable!("a list holds rows") };
        diff.entries.push(BaselineEntry::Row { key });
        diff.was += 1;
        let Entry::Open { template, .. } = diff.tape.entries[diff.at] else { unreachable!("a row is a template") };
        diff.same_template(template);
    }

    pub(super) fn insert<H>(&mut self, diff: &mut Diff<'_, H>) {
        self.flush_kept(diff);
        self.kept = 0;
        let Entry::Row { key } = diff.next() else { unreachable!("a list holds rows") };
        diff.entries.push(BaselineEntry::Row { key });
        let number = diff.number();
        if self.inserting != Some(number) {
            self.end_insert(diff);
            diff.frame.raw(b"{\"");
            json::number(diff.frame.out(), number);
            diff.frame.raw(b"\":[");
            self.inserting = Some(number);
        }
        diff.frame.raw(b"[");
        diff.values();
        diff.frame.close(b"],");
    }

    pub(super) fn end_insert<H>(&mut self, diff: &mut Diff<'_, H>) {
        if self.inserting.take().is_some() {
            diff.frame.close(b"]},");
        }
    }

    pub(super) fn remove<H>(&mut self, diff: &mut Diff<'_, H>, count: usize) {
        if count > 0 {
            self.end_insert(diff);
            self.flush_kept(diff);
            self.kept = 0;
            json::number(diff.frame.out(), -(count as i64));
            diff.frame.raw(b",");
        }
    }

    pub(super) fn flush_kept<H>(&self, diff: &mut Diff<'_, H>) {
        if self.kept > 0 {
            json::number(diff.frame.out(), self.kept);
            diff.frame.raw(b",");
        }
    }

    /// Writes the rest of the script, for the rows after the first `matched`.
    fn run<H>(&mut self, diff: &mut Diff<'_, H>, old: &[Row], sources: &[Source], matched: usize) {
        let mut moved = vec![false; old.len()];
        for source in sources {
            if let Source::Moves(index) = *source {
                moved[index] = true;
            }
        }
        // Walks over the old rows that do not move. Those between two that stay are removed.
        let mut cursor = 0;
        let removed = |from: usize, to: usize| moved[from..to].iter().filter(|moved| !**moved).count();
        for source in sources {
            match *source {
                Source::New => self.insert(diff),
                Source::Stays(index) => {
                    self.remove(diff, removed(cursor, index));
                    cursor = index + 1;
                    diff.was = old[index].open - 1;
                    self.stays(diff);
                }
                Source::Moves(index) => {
                    diff.was = old[index].open - 1;
                    self.moves(diff, matched + index);
                }
            }
        }
        self.remove(diff, removed(cursor, old.len()));
        self.end_insert(diff);
    }
}
