//! Lists whose renderings contain only what has changed, so that the cost of an update does not depend on their length.
//!
//! A live list has an id and a version. A rendering may omit the rows that have not changed since the version that the
//! page shows ([`Baseline::bases`](crate::Baseline::bases)): it contains *kept* and *removed* counts, and the rows that
//! are new or were touched. The baselines of the rows are stored one by one, outside the flat baseline, and are changed
//! in place.
//!
//! Nothing changes until the whole rendering was compared. If a live list starts from a version that the page does not
//! show, everything stays as it was, and the view is rendered as a whole.

use std::cell::RefCell;

thread_local! {
    /// The versions of the live lists that a page shows, while a view is rendered for it. `None` outside such a
    /// rendering.
    static BASES: RefCell<Option<Vec<(u64, u64)>>> = const { RefCell::new(None) };
}

/// Renders a view for a page that shows these versions of live lists. Meanwhile [`base`] returns them.
pub fn against<T>(bases: impl Iterator<Item = (u64, u64)>, render: impl FnOnce() -> T) -> T {
    // Restores the previous value, also after a panic.
    let _before = Suspended(BASES.replace(Some(bases.collect())));
    render()
}

/// Renders live lists like ordinary lists until the guard is dropped. Rows of a live list use this, since their
/// baselines cannot contain another one.
#[must_use]
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

/// What the current rendering may contain of a live list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// All rows, as of an ordinary list: this rendering cannot contain changes only.
    Plain,
    /// All rows, since the page does not show the list.
    Whole,
    /// The changes since this version, which the page shows.
    Version(u64),
}

/// Returns what the current rendering may contain of a live list.
#[must_use]
pub fn base(id: u64) -> Base {
    BASES.with_borrow(|bases| match bases {
        None => Base::Plain,
        Some(bases) => {
            let mut versions = bases.iter().filter(|(known, _)| *known == id).map(|(_, version)| *version);
            match versions.next() {
                Some(first) if versions.all(|version| version == first) => Base::Version(first),
                _ => Base::Whole,
            }
        }
    })
}
