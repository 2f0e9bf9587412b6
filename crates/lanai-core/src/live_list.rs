//! Lists whose rendering says what has changed, so that the cost of an update does not depend on how long they are.
//!
//! A live list has a number and a version. A rendering may leave out the rows that are as they were in the version that the
//! page shows ([`Baseline::bases`](crate::Baseline::bases)): it says *kept*, *removed*, and has the rows that are new or were touched. Their baseline is
//! kept row by row outside of the flat one, and changed in place.
//!
//! Nothing is changed before the whole rendering was walked: if one collection is told against other rows than its place shows, all
//! is as it was, and the view is rendered whole.

use std::cell::RefCell;

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
    Plain,
    /// The page does not show the collection: all rows are to be rendered.
    Whole,
    /// The page shows this version.
    Version(u64),
}

/// See [`Base`].
pub fn base(collection: u64) -> Base {
    BASES.with_borrow(|bases| match bases {
        None => Base::Plain,
        Some(bases) => {
            let mut versions = bases.iter().filter(|(known, _)| *known == collection).map(|(_, version)| *version);
            match versions.next() {
                Some(first) if versions.all(|version| version == first) => Base::Version(first),
                _ => Base::Whole,
            }
        }
    })
}
