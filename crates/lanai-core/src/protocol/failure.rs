//! The reason why a request on a channel got no answer.

/// The reason why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened on the other side.
    pub kind: FailureKind,
    /// The other side's error message.
    pub message: Option<String>,
}

/// What can happen to a request on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// There is no handler for such requests.
    None,
    /// The handler failed.
    Failed,
    /// The handler panicked, and the view has ended. (Only a server sends this.)
    Panicked,
    /// The element, channel or view that would answer is gone.
    Gone,
}

impl FailureKind {
    /// Returns the name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FailureKind::None => "none",
            FailureKind::Failed => "failed",
            FailureKind::Panicked => "panicked",
            FailureKind::Gone => "gone",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [FailureKind::None, FailureKind::Failed, FailureKind::Gone].into_iter().find(|kind| kind.as_str() == text)
    }
}
