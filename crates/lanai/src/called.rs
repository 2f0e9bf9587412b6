//! The outcome of calling a handler.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::error::Error;
use crate::event::EventError;

/// The outcome of a handler, available now or later.
#[must_use]
pub enum Called<'a, T = ()> {
    /// The handler has returned.
    Ready(Result<T, HandlerError>),
    /// The handler is `async`.
    Pending(Pin<Box<dyn Future<Output = Result<T, HandlerError>> + Send + 'a>>),
}

impl<T> Called<'_, T> {
    /// Waits for the outcome.
    pub(crate) async fn settle(self) -> Result<T, HandlerError> {
        match self {
            Called::Ready(result) => result,
            Called::Pending(future) => future.await,
        }
    }
}

impl<T> fmt::Debug for Called<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready(Ok(_)) => "Ready(Ok)",
            Self::Ready(Err(_)) => "Ready(Err)",
            Self::Pending(_) => "Pending",
        })
    }
}

/// The reason why an event had no effect, or only part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandlerError {
    /// The payload does not match the handler's argument; the handler was not called.
    #[error("the event was refused: {0}")]
    Payload(#[from] EventError),
    /// The handler returned an error.
    #[error("{0}")]
    Failed(Error),
}
