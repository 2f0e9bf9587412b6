//! Views inside other views: a node slot may contain another instance, which has its own frames.
//!
//! This crate knows only the instance's number, which identifies it in the diff, and how to get its first page for a
//! frame. Getting it changes nothing, so a rendering may be compared and discarded.

use std::fmt::Debug;

use crate::protocol::InstanceData;

/// A live view in a node slot of another view's rendering.
pub trait Nested: Debug + Send + Sync {
    /// Returns the number of the instance. While it is the same, the slot has not changed.
    fn id(&self) -> u64;

    /// Returns what a page needs to show the view in a slot where it is not shown yet.
    ///
    /// Until [`placed`](Self::placed) is called, each call returns the same.
    fn page(&self) -> NestedPage;

    /// Notes that a rendering which contains this view's page is on its way to a browser, as one of its [placed
    /// views](crate::Changes::placed_views). The diff does not call this; the code that sends the frame
    /// [does](crate::Changes::tell_placed_views).
    fn placed(&self);

    /// Returns the HTML of the last rendering without markers, for browsers without JavaScript and for maud.
    fn to_html(&self) -> String;
}

/// The first page of a nested view; see `docs/PROTOCOL.md`, section 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedPage {
    /// The data: a JSON object without `i`, the number of the instance.
    pub data: String,
    /// The HTML with markers, without root comments.
    pub html: String,
}

impl NestedPage {
    /// Returns the page of a view that shows nothing yet.
    #[must_use]
    pub fn blank() -> Self {
        let nothing = InstanceData { templates: "[]", handlers: "", views: "" };
        Self { data: nothing.inside(None), html: String::new() }
    }
}
