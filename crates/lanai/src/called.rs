//! What calling a handler comes to.

use std::future::Future;
use std::pin::Pin;

use crate::error::Error;
use crate::event::EventError;

/// The outcome of a handler, now or later.
#[must_use]
pub enum Called<'a> {
    /// The handler has returned.
    Ready(Result<(), HandlerError>),
    /// The handler is `async`.
    Pending(Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>),
}

impl Called<'_> {
    /// The outcome, when there is one.
    pub(crate) async fn settle(self) -> Result<(), HandlerError> {
        match self {
            Called::Ready(result) => result,
            Called::Pending(future) => future.await,
        }
    }
}

/// Why an event had no, or not the whole, effect.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The payload does not fit; the handler was not called.
    #[error("the event was refused: {0}")]
    Payload(#[from] EventError),
    /// The handler returned an error.
    #[error("{0}")]
    Failed(Error),
}
