//! The limit on the depth of markup.
//!
//! Code that walks a tape recurses at each level, and so does most code that writes one. A stack overflow would end the
//! whole process. So writing panics long before, which ends only one rendering.

use std::cell::Cell;

/// How many templates and lists may be nested in each other. (A browser's parser allows 512 nested elements.)
pub const DEPTH: usize = 256;

thread_local! {
    /// The number of tapes being written on this thread. A tape to be spliced is written while the tape around it is
    /// open.
    static OPEN_TAPES: Cell<usize> = const { Cell::new(0) };
}

/// The open entries of a tape, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Open {
    positions: Vec<u32>,
    /// The depth of the deepest entry written so far.
    deepest: usize,
}

impl Open {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { positions: Vec::with_capacity(capacity), deepest: 0 }
    }

    #[inline]
    #[track_caller]
    pub(crate) fn push(&mut self, position: u32) {
        // Only splices can nest deeply within one tape, and `splice` checks them.
        if self.positions.is_empty() {
            let open_tapes = OPEN_TAPES.get() + 1;
            check(open_tapes);
            OPEN_TAPES.set(open_tapes);
        }
        self.positions.push(position);
        self.deepest = self.deepest.max(self.positions.len());
    }

    /// Splices a tape with the depth of `inner` into the innermost open entry.
    #[track_caller]
    pub(crate) fn splice(&mut self, inner: &Self) {
        self.deepest = self.deepest.max(self.positions.len() + inner.deepest);
        check(self.deepest);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u32> {
        let position = self.positions.pop()?;
        if self.positions.is_empty() {
            ended();
        }
        Some(position)
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        if len == 0 && !self.positions.is_empty() {
            ended();
        }
        self.positions.truncate(len);
    }

    pub(crate) fn positions(&self) -> &[u32] {
        &self.positions
    }
}

/// Notes that a tape is no longer being written.
#[inline]
fn ended() {
    OPEN_TAPES.set(OPEN_TAPES.get().saturating_sub(1));
}

#[inline]
#[track_caller]
fn check(depth: usize) {
    assert!(
        depth <= DEPTH,
        "markup is nested more than {DEPTH} templates and lists deep (the limit is `lanai_core::nesting::DEPTH`): \
         check whether a part contains itself; if the data really is a tree this deep, show its deeper levels \
         on another page or as a flat list"
    );
}

impl Clone for Open {
    fn clone(&self) -> Self {
        OPEN_TAPES.set(OPEN_TAPES.get() + usize::from(!self.positions.is_empty()));
        Self { positions: self.positions.clone(), deepest: self.deepest }
    }
}

/// Closes what a panic has left open.
impl Drop for Open {
    fn drop(&mut self) {
        self.truncate(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_left_open_by_a_panic_do_not_count_later() {
        for _ in 0..3 {
            let outcome = std::panic::catch_unwind(|| {
                let mut tapes: Vec<Open> = (0..=DEPTH).map(|_| Open::default()).collect();
                tapes.iter_mut().for_each(|open| open.push(0));
            });
            assert!(outcome.is_err());
        }
        assert_eq!(OPEN_TAPES.get(), 0);
    }

    #[test]
    fn a_spliced_tape_counts_with_the_tape_around_it() {
        let mut inner = Open::default();
        (0..DEPTH as u32).for_each(|position| inner.push(position));
        inner.truncate(0);
        let mut outer = Open::default();
        outer.splice(&inner);
        outer.push(0);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| outer.splice(&inner))).is_err());
    }
}
