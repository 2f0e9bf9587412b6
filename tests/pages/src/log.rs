//! What views have done, for the tests.

use std::sync::{Mutex, PoisonError};

/// The log of a module's views.
pub(crate) struct Log(Mutex<Vec<String>>);

impl Log {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn write(&self, entry: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Returns the entries, one in each line.
    pub(crate) fn read(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }
}
