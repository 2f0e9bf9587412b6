//! Views inside other views: a node slot may hold another instance, which has frames of its own.
//!
//! This crate knows only its number, by which the diff tells it from another one, and how to ask for its page when one
//! is to be written. Asking changes nothing: a rendering may be compared and thrown away.

use std::fmt::Debug;

use crate::protocol::InstanceData;

/// A live view that stands in a node slot of another one's rendering.
pub trait Nested: Debug + Send + Sync {
    /// The number of its instance: as long as it is the same, the slot has not changed.
    fn id(&self) -> u64;

    /// What a page needs to bring it to life, for a place where nothing of it is shown yet.
    ///
    /// Until the view is told that it was [placed](Self::placed), this is the same for each call.
    fn page(&self) -> NestedPage;

    /// The rendering around it, which wrote its page, is on its way to a browser: it is among the
    /// [placed views](crate::Changes::placed_views). The diff does not call this; whoever sends the frame
    /// [does](crate::Changes::tell_placed_views).
    fn placed(&self);

    /// The HTML of its last rendering without markers: for a browser without script, and for maud.
    fn to_html(&self) -> String;
}

/// The first page of a nested view, see `docs/PROTOCOL.md`, section 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedPage {
    /// Its data: a JSON object without `i`, which is its number.
    pub data: String,
    /// Its HTML with markers, without root comments.
    pub html: String,
}

impl NestedPage {
    /// The page of a view that shows nothing yet.
    pub fn blank() -> Self {
        let nothing = InstanceData { templates: "[]", handlers: "", views: "" };
        Self { data: nothing.inside(None), html: String::new() }
    }
}
