//! What the rendering around a child knows of it: its last rendering, and its page as long as no browser has it.

use lanai_core::{FirstPage, NestedPage, Tape};

/// The last rendering of a view with one page, for the view around it.
pub(crate) struct ChildSnapshot {
    /// Its page, until it is placed in one.
    first: Option<FirstPage>,
    /// Its last rendering, whole.
    tape: Tape<()>,
}

impl ChildSnapshot {
    pub(crate) fn new(first: FirstPage, tape: Tape<()>) -> Self {
        Self { first: Some(first), tape }
    }

    /// What a page gets of the child where it shows nothing of it yet. A child that was placed before gives nothing: it sends all of
    /// itself when the page attaches.
    pub(crate) fn page(&self) -> NestedPage {
        let Some(first) = &self.first else { return NestedPage { data: r#"{"t":[]}"#.into(), html: String::new() } };
        let mut data = format!(r#"{{"t":{}"#, first.templates);
        for (key, value) in [("h", &first.handlers), ("c", &first.views)] {
            if !value.is_empty() {
                data.push_str(&format!(",\"{key}\":{value}"));
            }
        }
        data.push('}');
        NestedPage { data, html: first.html.clone() }
    }

    /// A page gets the child. Returns whether it is the first time.
    pub(crate) fn placed(&mut self) -> bool {
        self.first.take().is_some()
    }

    /// Takes up another rendering. One that leaves out what the page has already is of no use to others.
    pub(crate) fn rendered(&mut self, tape: Tape<()>) {
        if !tape.is_partial() {
            self.tape = tape;
        }
    }

    pub(crate) fn to_html(&self) -> String {
        self.tape.to_html()
    }
}
