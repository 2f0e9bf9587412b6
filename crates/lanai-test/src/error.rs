//! Why a step of a test failed.

use std::fmt;
use std::panic::Location;

/// A step that failed: what, why, what the page shows, and where the test says it.
///
/// `Debug` is the same text as `Display`, since that is what a test that returns an error prints.
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

    /// With what the page shows.
    pub(crate) fn on(mut self, page: impl Into<String>) -> Self {
        self.0.page = Some(page.into());
        self
    }

    /// What failed and why, without the page.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where the test says what failed.
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
