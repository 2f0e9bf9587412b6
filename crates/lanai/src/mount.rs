//! The return types of mount functions, and the errors of mounts.

use axum::response::Response;

use crate::error::{Error, IntoError};
use crate::instance::runtime::Runtime;
use crate::log;
use crate::panic::Panic;
use crate::view::View;
use crate::visitors::{Quoted, visitor_log};

/// A return type that has the form of one that a mount function without `async` may have: a view or a `Result`.
pub trait LooksMounted<V> {}

impl<V: View> LooksMounted<V> for V {}

impl<V, E> LooksMounted<V> for Result<V, E> {}

/// The reason why a mount has failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum MountError {
    /// The function returned an error.
    Failed(Error),
    /// An extractor refused the request.
    Rejected(Box<Response>),
}

/// A type that a mount function may return: the view, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "a mount function returns the view or a `Result` of it, not `{Self}`",
    label = "not a view, nor a `Result` of one",
    note = "`Cx` names the view `{V}`: return `{V}` or `lanai::Result<{V}>`"
)]
pub trait IntoMounted<V> {
    /// Converts the value to a result.
    fn into_mounted(self) -> Result<V, MountError>;
}

impl<V: View> IntoMounted<V> for V {
    fn into_mounted(self) -> Result<V, MountError> {
        Ok(self)
    }
}

impl<V: View, E: IntoError> IntoMounted<V> for Result<V, E> {
    fn into_mounted(self) -> Result<V, MountError> {
        self.map_err(|error| MountError::Failed(error.into_error()))
    }
}

/// Counts and logs the error of a mount.
pub(crate) fn note_error(runtime: &Runtime, error: &Error, view: &'static str) {
    if error.status().is_server_error() {
        runtime.counters.errors.add_one();
        log::essential(|| {
            let location = error.location().map(tracing::field::display);
            visitor_log!(error, of(view, ""), view, error = %Quoted(error), location, "a view could not be mounted");
        });
    } else {
        visitor_log!(info, of (view, ""), view, error = %Quoted(error), "a view was not mounted");
    }
}

/// Counts and logs the panic of a mount.
pub(crate) fn note_panic(runtime: &Runtime, panic: &Panic, view: &'static str) {
    runtime.counters.panics.add_one();
    log::essential(|| visitor_log!(error, of(view, ""), view, "a mount panicked: {panic}"));
}
