//! The reason why a view has ended.

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
    /// The view called [`Cx::close`](crate::Cx::close).
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
