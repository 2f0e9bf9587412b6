//! The changes of a live list, and what has become of its rows since a version.

use std::collections::VecDeque;

/// The number of changes that are kept. For a page that is further behind, the whole list is compared.
const REMEMBERED: usize = 1024;

/// The number of runs from which on it is cheaper to compare the whole list.
const RUNS: usize = 1024;

/// The most recent changes of a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    changes: VecDeque<Change>,
    /// The version after the last change.
    version: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Insert(usize),
    Remove(usize, usize),
    Touch(usize),
}

/// Consecutive rows to which the same has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) kind: Kind,
    pub(super) count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Kept,
    Removed,
    Fresh,
    Touched,
}

impl Journal {
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn note(&mut self, change: Change) {
        self.version += 1;
        if self.changes.len() == REMEMBERED {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    /// Forgets all changes, because they affect too many rows to describe.
    pub(super) fn forget_all(&mut self) {
        self.version += 1;
        self.changes.clear();
    }

    /// Forgets the changes before a version, because no rendering starts from an earlier one.
    pub(super) fn forget_before(&mut self, version: u64) {
        let needed = usize::try_from(self.version.saturating_sub(version)).unwrap_or(usize::MAX);
        let forgotten = self.changes.len().saturating_sub(needed);
        self.changes.drain(..forgotten);
        if self.changes.capacity() > 64 && self.changes.len() < self.changes.capacity() / 4 {
            self.changes.shrink_to(self.changes.len() * 2);
        }
    }

    /// Returns what has become of the rows of a version, in their order. `len` is the current number of rows. Returns
    /// `None` if the version is too old.
    pub(super) fn since(&self, version: u64, len: usize) -> Option<Vec<Run>> {
        let back = usize::try_from(self.version.checked_sub(version)?).ok()?;
        let start = self.changes.len().checked_sub(back)?;
        let changes = self.changes.range(start..);
        let before = changes.clone().fold(len, |len, change| match change {
            Change::Insert(_) => len.wrapping_sub(1),
            Change::Remove(_, count) => len.wrapping_add(*count),
            Change::Touch(_) => len,
        });
        let mut runs = Runs(vec![Run { kind: Kind::Kept, count: before }]);
        for change in changes {
            match *change {
                Change::Insert(at) => runs.insert(at),
                Change::Remove(at, count) => runs.remove(at, count),
                Change::Touch(at) => runs.touch(at),
            }
            if runs.0.len() > RUNS {
                return None;
            }
        }
        Some(runs.tidied())
    }
}

/// A list as runs. Positions count only the rows that still exist, and not the removed ones.
struct Runs(Vec<Run>);

impl Runs {
    /// Returns the index of the run that begins with the row at `at`, and splits a run if necessary. Removed rows come
    /// before the row that follows them.
    fn split(&mut self, at: usize) -> usize {
        let mut left = at;
        for index in 0..self.0.len() {
            let Run { kind, count } = self.0[index];
            if kind == Kind::Removed {
                continue;
            }
            if left == 0 {
                return index;
            }
            if left < count {
                self.0[index].count = left;
                self.0.insert(index + 1, Run { kind, count: count - left });
                return index + 1;
            }
            left -= count;
        }
        self.0.len()
    }

    fn insert(&mut self, at: usize) {
        let index = self.split(at);
        match index.checked_sub(1).map(|before| &mut self.0[before]) {
            Some(Run { kind: Kind::Fresh, count }) => *count += 1,
            _ => self.0.insert(index, Run { kind: Kind::Fresh, count: 1 }),
        }
    }

    fn remove(&mut self, at: usize, count: usize) {
        let start = self.split(at);
        let mut end = self.split(at + count);
        // The range may end with rows that were removed before.
        while end > start && end <= self.0.len() && self.0[end - 1].kind == Kind::Removed {
            end -= 1;
        }
        for run in &mut self.0[start..end] {
            match run.kind {
                Kind::Kept | Kind::Touched => run.kind = Kind::Removed,
                Kind::Fresh => run.count = 0,
                Kind::Removed => {}
            }
        }
        self.0.retain(|run| run.count > 0);
    }

    fn touch(&mut self, at: usize) {
        let start = self.split(at);
        self.split(at + 1);
        if self.0[start].kind == Kind::Kept {
            self.0[start].kind = Kind::Touched;
        }
    }

    /// Joins adjacent runs of one kind.
    fn tidied(self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::with_capacity(self.0.len());
        for run in self.0.into_iter().filter(|run| run.count > 0) {
            match runs.last_mut() {
                Some(last) if last.kind == run.kind => last.count += run.count,
                _ => runs.push(run),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_runs_lead_from_any_version_to_the_present(
            start in 0_usize..6,
            changes in prop::collection::vec((0_u8..4, any::<usize>(), any::<usize>()), 0..40),
            back in 0_usize..40,
        ) {
            // Each row has a number that identifies it, and a second one that changes when the row is touched.
            let mut next = start;
            let mut rows: Vec<(usize, usize)> = (0..start).map(|row| (row, 0)).collect();
            let mut journal = Journal::default();
            let mut versions = vec![rows.clone()];
            for (step, (kind, one, other)) in changes.into_iter().enumerate() {
                match kind {
                    0 | 1 => {
                        let at = one % (rows.len() + 1);
                        rows.insert(at, (next, 0));
                        next += 1;
                        journal.note(Change::Insert(at));
                    }
                    2 if !rows.is_empty() => {
                        let at = one % rows.len();
                        let count = 1 + other % (rows.len() - at);
                        rows.drain(at..at + count);
                        journal.note(Change::Remove(at, count));
                    }
                    3 if !rows.is_empty() => {
                        let at = one % rows.len();
                        rows[at].1 = step + 1;
                        journal.note(Change::Touch(at));
                    }
                    _ => continue,
                }
                versions.push(rows.clone());
            }
            let version = (versions.len() - 1).saturating_sub(back);
            let runs = journal.since(version as u64, rows.len()).expect("it is not far back");
            let (mut old, mut new) = (versions[version].iter(), rows.iter());
            for Run { kind, count } in runs {
                for _ in 0..count {
                    match kind {
                        Kind::Kept => prop_assert_eq!(old.next(), new.next()),
                        Kind::Touched => prop_assert_eq!(old.next().map(|row| row.0), new.next().map(|row| row.0)),
                        Kind::Removed => {
                            let gone = old.next().map(|row| row.0);
                            prop_assert!(!rows.iter().any(|row| Some(row.0) == gone));
                        }
                        Kind::Fresh => {
                            let fresh = new.next().map(|row| row.0);
                            prop_assert!(!versions[version].iter().any(|row| Some(row.0) == fresh));
                        }
                    }
                }
            }
            prop_assert_eq!((old.next(), new.next()), (None, None));
        }
    }

    #[test]
    fn changes_since_a_forgotten_version_are_unknown() {
        let mut journal = Journal::default();
        for at in 0..REMEMBERED + 1 {
            journal.note(Change::Insert(at));
        }
        assert_eq!(journal.since(0, REMEMBERED + 1), None);
        assert_eq!(
            journal.since(1, REMEMBERED + 1),
            Some(vec![Run { kind: Kind::Kept, count: 1 }, Run { kind: Kind::Fresh, count: REMEMBERED }])
        );
        journal.forget_before(1000);
        assert_eq!(journal.since(999, REMEMBERED + 1), None);
        assert!(journal.since(1000, REMEMBERED + 1).is_some());
        journal.forget_all();
        assert_eq!(journal.since(1025, 0), None);
    }
}
