//! What the browser shows, as far as the server must remember it.
//!
//! A [`Baseline`] is the tape of the last rendering with hashes in place of values, entry by entry. It holds no HTML.
//! The next rendering is compared with it slot by slot ([`diff`](crate::diff)), and becomes the next baseline.

mod changes;
mod entry;
mod rows;

pub use changes::Changes;
pub(crate) use entry::{BaselineEntry, shifted};
pub(crate) use rows::{Edits, LiveListRows, RowBaseline, Step, commit};

use crate::protocol::Frame;
use crate::protocol::definitions::Definitions;

/// What one page shows: templates, a hash per slot, the keys of lists, the numbers of handlers, and the templates it
/// knows.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    pub(crate) entries: Box<[BaselineEntry]>,
    /// The numbers of the handlers on the page, in document order: the order of the tape's events.
    pub(crate) handlers: Box<[u64]>,
    /// The instances of the views inside this one, in document order.
    pub(crate) views: Box<[u64]>,
    /// The rows of live lists, in document order.
    pub(crate) lists: Vec<LiveListRows>,
    pub(crate) next_handler: u64,
    pub(crate) definitions: Definitions,
}

impl Baseline {
    /// The baseline of a page that shows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The baseline of a view with many pages: it can tell all of it to a page that comes [later](Self::page).
    pub fn for_many() -> Self {
        Self { definitions: Definitions::for_many(), ..Self::default() }
    }

    /// The baseline of the same view on a page that shows nothing of it yet. Handler numbers go on, so that none is
    /// used twice.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self { next_handler: self.next_handler, definitions: self.definitions.emptied(), ..Self::default() }
    }

    /// Tells a page how to count from here on, at the end of its frame with this number: it cannot count what it has
    /// not seen.
    pub fn sync(&self, frames: u64, frame: &mut Frame) {
        frame.sync(frames, self.next_handler, &self.handlers);
    }

    /// The numbers of the handlers on the page, in document order.
    pub fn handler_numbers(&self) -> &[u64] {
        &self.handlers
    }

    /// The instances of the views inside this one, in document order.
    pub fn views(&self) -> &[u64] {
        &self.views
    }

    /// The live lists on the page, each with the version that the page shows: what the next rendering may be told
    /// against.
    pub fn bases(&self) -> impl Iterator<Item = (u64, u64)> {
        self.lists.iter().map(|list| (list.collection, list.version))
    }

    /// Where the handler with this number stands among the events of the last rendering, if it is on the page. (One in
    /// a row of a tracked collection may be on the page and on no tape any more.)
    pub fn handler(&self, number: u64) -> Option<usize> {
        self.handlers.iter().position(|&on_page| on_page == number)
    }

    /// The number that the next event slot gets: what a page rendered by [`first`](Self::first) after other renderings
    /// must be told (`n` in `docs/PROTOCOL.md`, section 2), as it may show no handler to count on from.
    pub fn next_handler(&self) -> u64 {
        self.next_handler
    }

    /// How many slots, rows and templates are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the page shows nothing yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
