//! What a parent knows of a child: its last rendering, and its page until a browser has it.

use lanai_core::{FirstPage, NestedPage, Tape};

/// The last rendering of a child, for its parent.
pub(crate) struct ChildSnapshot {
    /// Its page, until the child is placed for the first time.
    first: Option<FirstPage>,
    /// Its last whole rendering.
    tape: Tape<()>,
}

impl ChildSnapshot {
    pub(crate) fn new(first: FirstPage, tape: Tape<()>) -> Self {
        Self { first: Some(first), tape }
    }

    /// Returns what a page needs where it shows nothing of the child. A child that was placed before is blank there,
    /// and sends everything when the page attaches.
    pub(crate) fn page(&self) -> NestedPage {
        match &self.first {
            Some(first) => NestedPage { data: first.data().inside(None), html: first.html.clone() },
            None => NestedPage::blank(),
        }
    }

    /// Notes that a page gets the child. Returns whether it is the first time.
    pub(crate) fn placed(&mut self) -> bool {
        self.first.take().is_some()
    }

    /// Takes up another rendering, unless it leaves out what the page shows already.
    pub(crate) fn rendered(&mut self, tape: Tape<()>) {
        if !tape.is_partial() {
            self.tape = tape;
        }
    }

    pub(crate) fn to_html(&self) -> String {
        self.tape.to_html()
    }
}
