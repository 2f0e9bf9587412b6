//! Views.

use crate::close_reason::CloseReason;
use crate::cx::Cx;
use crate::error::Error;
use crate::html::Html;

/// A page, or the live part of one: a plain struct that renders itself.
///
/// A view is mounted by a function given to [`live`](crate::live) and lives until its page is left. Its methods handle events and
/// messages, one at a time; after them it is rendered again and the page gets the difference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view",
    label = "not a view",
    note = "a view has a rendering: `impl View for {Self} {{ fn render(&self) -> Html<Self> {{ … }} }}`"
)]
pub trait View: Sized + Send + 'static {
    /// The HTML of the present state.
    ///
    /// Called after messages have been handled, when the page can take a frame: any number of messages make one call.
    /// It must be a function of the state alone.
    fn render(&self) -> Html<Self>;

    /// A handler returned an error, which is in the log already. By default the page stays as it is; keep the error in the state
    /// to show it.
    fn failed(&mut self, error: &Error, cx: &Cx<Self>) {
        let _ = (error, cx);
    }

    /// The view has ended. Its subscriptions, timers and tasks end right after this.
    fn closed(&mut self, reason: CloseReason) {
        let _ = reason;
    }
}
