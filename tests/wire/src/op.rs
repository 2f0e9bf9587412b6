//! The operations of frames, by the names that section 4 of `docs/PROTOCOL.md` gives them.

/// Defines a template.
pub const DEFINE: i64 = -1;
/// Sets the title of the page.
pub const TITLE: i64 = -2;
/// Resets the form that an event came from.
pub const RESET: i64 = -3;
/// Focuses an element.
pub const FOCUS: i64 = -4;
/// Says that the view has ended.
pub const CLOSE: i64 = -5;
/// Says that the view has ended with an error, with the HTML that replaces it.
pub const FAIL: i64 = -6;
/// Replaces everything that the view shows.
pub const ROOT: i64 = -7;
/// Says how many frames and handlers the page has counted with this frame.
pub const SYNC: i64 = -8;
/// Sends a message or a request to the JavaScript of the page.
pub const MESSAGE: i64 = -9;
/// Answers a request of the page's JavaScript.
pub const ANSWER: i64 = -10;
/// Tells the page to forget a request of the server.
pub const FORGET: i64 = -11;
/// Names the parts of the client that the frame needs.
pub const NEED: i64 = -14;
/// Scrolls to an element.
pub const SCROLL: i64 = -15;

/// The argument of [`NEED`] for the parts `navigation` and `history`.
pub const HISTORY: i64 = 12;
/// The argument of [`NEED`] for the part `elements`.
pub const ELEMENTS: i64 = 1;
/// The argument of [`NEED`] for the part `extras`.
pub const EXTRAS: i64 = 2;

/// Sets a slot of the root template.
pub const fn set(slot: i64) -> i64 {
    slot * 4
}

/// Changes what is in a slot of the root template: a nested template or a list.
pub const fn patch(slot: i64) -> i64 {
    slot * 4 + 1
}

/// Appends to the text in a slot of the root template.
pub const fn append(slot: i64) -> i64 {
    slot * 4 + 2
}
