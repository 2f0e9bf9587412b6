//! How deep markup may be nested.
//!
//! What walks a tape calls itself for each level, and so does most code that writes one. A stack has an end, and to run over it ends the
//! whole process; so writing panics long before, which ends one rendering.

use std::cell::Cell;

/// How many templates and lists may stand in one another. (A browser's parser goes to 512 elements.)
pub const DEPTH: usize = 256;

thread_local! {
    /// How many tapes are being written on this thread: one that is spliced is written while the one around it is open.
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
}

/// What is open on a tape, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Open {
    places: Vec<u32>,
    /// How deep the tape is, as far as it is written.
    deepest: usize,
}

impl Open {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { places: Vec::with_capacity(capacity), deepest: 0 }
    }

    #[inline]
    #[track_caller]
    pub(crate) fn push(&mut self, place: u32) {
        // Within one tape, only splices go deep.
        if self.places.is_empty() {
            let written = WRITTEN.get() + 1;
            check(written);
            WRITTEN.set(written);
        }
        self.places.push(place);
        self.deepest = self.deepest.max(self.places.len());
    }

    /// Something that is so deep is put into what is open.
    #[track_caller]
    pub(crate) fn splice(&mut self, inner: &Self) {
        self.deepest = self.deepest.max(self.places.len() + inner.deepest);
        check(self.deepest);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u32> {
        let place = self.places.pop()?;
        if self.places.is_empty() {
            ended();
        }
        Some(place)
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        if len == 0 && !self.places.is_empty() {
            ended();
        }
        self.places.truncate(len);
    }

    pub(crate) fn places(&self) -> &[u32] {
        &self.places
    }
}

/// A tape is written no more.
#[inline]
fn ended() {
    WRITTEN.set(WRITTEN.get().saturating_sub(1));
}

#[inline]
#[track_caller]
fn check(depth: usize) {
    assert!(
        depth <= DEPTH,
        "markup is nested more than {DEPTH} templates and lists deep (the limit is `lanai_core::nesting::DEPTH`): \
         does a part contain itself, or is a tree of data so deep? show the deeper levels on a page of their own, or in a flat list"
    );
}

impl Clone for Open {
    fn clone(&self) -> Self {
        WRITTEN.set(WRITTEN.get() + usize::from(!self.places.is_empty()));
        Self { places: self.places.clone(), deepest: self.deepest }
    }
}

/// A panic may have left something open.
impl Drop for Open {
    fn drop(&mut self) {
        self.truncate(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_leaves_open_does_not_count_later() {
        for _ in 0..3 {
            let outcome = std::panic::catch_unwind(|| {
                let mut tapes: Vec<Open> = (0..=DEPTH).map(|_| Open::default()).collect();
                tapes.iter_mut().for_each(|open| open.push(0));
            });
            assert!(outcome.is_err());
        }
        assert_eq!(WRITTEN.get(), 0);
    }

    #[test]
    fn what_is_spliced_counts_with_what_is_around_it() {
        let mut inner = Open::default();
        (0..DEPTH as u32).for_each(|place| inner.push(place));
        inner.truncate(0);
        let mut outer = Open::default();
        outer.splice(&inner);
        outer.push(0);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| outer.splice(&inner))).is_err());
    }
}
