//! Views.

use crate::cx::Cx;
use crate::error::Error;
use crate::html::Html;

/// A page, or the live part of one: a plain struct that renders itself.
///
/// The function that you pass to [`live`](crate::live) mounts a view, which then lives until its page is left. Its
/// methods handle events and messages, one at a time; afterwards Lanai renders it again, and the page gets the
/// difference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view",
    label = "not a view",
    note = "a view has a rendering: `impl View for {Self} {{ fn render(&self) -> Html<Self> {{ … }} }}`"
)]
pub trait View: Sized + Send + 'static {
    /// Renders the current state as HTML.
    ///
    /// Lanai calls it after messages have been handled and the page can take a frame, so any number of messages cause
    /// one call. The result must depend on the state alone.
    fn render(&self) -> Html<Self>;

    /// Called when a handler returned an error, which is already in the log. By default the page stays as it is; to
    /// show the error, keep it in the state.
    fn failed(&mut self, error: &Error, cx: &Cx<Self>) {
        let _ = (error, cx);
    }

    /// Called when the view has ended. Its subscriptions, timers and tasks end right after this.
    fn closed(&mut self, reason: CloseReason) {
        let _ = reason;
    }
}

/// The reason why a view has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The visitor left the page.
    Left,
    /// The page did not attach, or did not return, within its [grace period](crate::Limits::grace).
    Expired,
    /// More pages were disconnected than [`Limits::detached`](crate::Limits::detached) or
    /// [`Limits::unattached`](field@crate::Limits::unattached) allow, and this was the oldest.
    Evicted,
    /// The view called [`Cx::close`].
    Closed,
    /// The parent view has ended, or no longer shows this one.
    Removed,
    /// [`Handle::end_session`](crate::Handle::end_session) or [`end_person`](crate::Handle::end_person) ended the
    /// session or person of the page.
    SessionEnded,
    /// The server is stopping.
    Shutdown,
    /// More messages waited for the view than [`Limits::mailbox`](crate::Limits::mailbox) allows.
    Overflowed,
    /// A handler or the rendering panicked. (`closed` is not called, since the state cannot be trusted.)
    Panicked,
}
