//! The error of a step in a test.

use std::fmt;
use std::panic::Location;

/// The error of a failed step: what failed and why, what the page shows, and where the test is.
///
/// `Debug` prints the same text as `Display`, because that is what a test prints that returns an error.
#[derive(Clone)]
pub struct Error(Box<Failed>);

#[derive(Clone)]
struct Failed {
    message: String,
    page: Option<String>,
    at: &'static Location<'static>,
}

/// The result of a step.
pub type Result<T = ()> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(at: &'static Location<'static>, message: impl Into<String>) -> Self {
        Self(Box::new(Failed { message: message.into(), page: None, at }))
    }

    /// Adds what the page shows.
    pub(crate) fn on(mut self, page: impl Into<String>) -> Self {
        self.0.page = Some(page.into());
        self
    }

    /// Returns what failed and why, without the page.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the position in the test.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.0.at
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.message)?;
        if let Some(page) = &self.0.page {
            write!(f, "\n\n{page}")?;
        }
        write!(f, "\n\nat {}:{}:{}", self.0.at.file(), self.0.at.line(), self.0.at.column())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
