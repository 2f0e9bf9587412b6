//! Why a view has ended.

/// Why a view has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The visitor left the page.
    Left,
    /// The page did not come, or did not come back, within its [grace](crate::Limits::grace).
    Expired,
    /// There were more pages without a connection than [`Limits::detached`](crate::Limits::detached) or
    /// [`Limits::unattached`](field@crate::Limits::unattached) allow, and this was the oldest.
    Evicted,
    /// The view itself called [`Cx::close`].
    Closed,
    /// The view that it stands in has ended, or shows it no more.
    Removed,
    /// The session or person that the page belonged to was ended, by [`Handle::end_session`](crate::Handle::end_session) or
    /// [`end_person`](crate::Handle::end_person).
    SessionEnded,
    /// The server is stopping.
    Shutdown,
    /// More messages waited for the view than [`Limits::mailbox`](crate::Limits::mailbox) allows.
    Overflowed,
    /// A handler or the rendering panicked. (`closed` is not called: the state cannot be trusted.)
    Panicked,
}
