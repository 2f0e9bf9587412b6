//! What the browser shows, as far as the server must remember it.
//!
//! A [`Baseline`] is the tape of the last rendering, entry by entry, with hashes instead of values. It contains no
//! HTML. The next rendering is compared with it slot by slot ([`diff`](crate::diff)), and becomes the next baseline.

mod changes;
mod entry;
mod rows;

pub use changes::Changes;
pub(crate) use entry::{BaselineEntry, shifted};
pub(crate) use rows::{Edits, LiveListRows, RowBaseline, Step, commit};

use crate::protocol::Frame;
use crate::protocol::definitions::Definitions;

/// What a page shows: its templates, a hash for each slot, the keys of lists, the numbers of handlers, and the
/// templates that it knows.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    pub(crate) entries: Box<[BaselineEntry]>,
    /// The numbers of the handlers on the page, in document order, like the tape's events.
    pub(crate) handlers: Box<[u64]>,
    /// The instances of the views inside this one, in document order.
    pub(crate) views: Box<[u64]>,
    /// The rows of live lists, in document order.
    pub(crate) lists: Vec<LiveListRows>,
    pub(crate) next_handler: u64,
    pub(crate) definitions: Definitions,
}

impl Baseline {
    /// Creates the baseline of a page that shows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates the baseline of a view with many pages. It can describe everything to a page that comes
    /// [later](Self::page).
    #[must_use]
    pub fn for_many() -> Self {
        Self { definitions: Definitions::for_many(), ..Self::default() }
    }

    /// Returns the baseline of the same view on a page that does not show it yet. Handler numbers continue, so that
    /// none is used twice.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self { next_handler: self.next_handler, definitions: self.definitions.emptied(), ..Self::default() }
    }

    /// Tells a page how to continue counting, at the end of its frame with this number, since it cannot count what it
    /// has not seen.
    pub fn sync(&self, frames: u64, frame: &mut Frame) {
        frame.sync(frames, self.next_handler, &self.handlers);
    }

    /// The numbers of the handlers on the page, in document order.
    #[must_use]
    pub fn handler_numbers(&self) -> &[u64] {
        &self.handlers
    }

    /// The instances of the views inside this one, in document order.
    #[must_use]
    pub fn views(&self) -> &[u64] {
        &self.views
    }

    /// Returns the live lists on the page, each with the version that the page shows. The next rendering may contain
    /// only the changes since these versions.
    pub fn bases(&self) -> impl Iterator<Item = (u64, u64)> {
        self.lists.iter().map(|list| (list.id, list.version))
    }

    /// Returns the index of the handler with this number among the events of the last rendering, if it is on the page.
    /// (A handler in a row of a live list may be on the page and on no tape.)
    #[must_use]
    pub fn handler(&self, number: u64) -> Option<usize> {
        self.handlers.iter().position(|&on_page| on_page == number)
    }

    /// Returns the number that the next event slot gets. If [`first`](Self::first) rendered a page after other
    /// renderings, the page needs it (`n` in `docs/PROTOCOL.md`, section 2), as it may show no handler from which to
    /// continue counting.
    #[must_use]
    pub fn next_handler(&self) -> u64 {
        self.next_handler
    }

    /// Returns the number of slots, rows and templates that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the page shows nothing yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
