//! Views.

use crate::close_reason::CloseReason;
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
