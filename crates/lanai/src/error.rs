//! The error of mounts and handlers.

use std::fmt;

use axum::http::StatusCode;

/// What went wrong in a mount or a handler, with the status that an HTTP answer gets.
///
/// Any `std::error::Error` converts into it with `?`, as a 500. Its message goes to the log; the visitor sees the error page of the
/// status, with a message of yours only if the error was made by [`Error::new`].
pub struct Error {
    status: StatusCode,
    /// What the visitor may read.
    message: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result with Lanai's [`Error`].
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with a status and a message for the visitor.
    ///
    /// ```
    /// use lanai::Error;
    /// use lanai::axum::http::StatusCode;
    ///
    /// let error = Error::new(StatusCode::CONFLICT, "This room is full.");
    /// assert_eq!(error.status(), StatusCode::CONFLICT);
    /// ```
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: Some(message.into()), source: None }
    }

    /// 404: there is no such page.
    pub fn not_found() -> Self {
        Self { status: StatusCode::NOT_FOUND, message: None, source: None }
    }

    /// 403: this visitor may not see the page.
    pub fn forbidden() -> Self {
        Self { status: StatusCode::FORBIDDEN, message: None, source: None }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The error that this one was made from, if it is of type `E`: to tell a [`Missed`](crate::Missed) or a
    /// [`PublishError`](crate::PublishError) from others in [`View::failed`](crate::View::failed).
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.source.as_deref()?.downcast_ref()
    }

    /// What the visitor may read, if there is anything.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: None, source: Some(Box::new(source)) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, &self.source) {
            (Some(message), _) => f.write_str(message)?,
            (None, Some(source)) => write!(f, "{source}")?,
            (None, None) => write!(f, "{}", self.status)?,
        }
        let mut source = self.source.as_deref().and_then(std::error::Error::source);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// The same as `Display`, so that `main() -> lanai::Result` prints something readable.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
