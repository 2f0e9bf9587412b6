//! The error of mounts and handlers.

use std::fmt;
use std::panic::Location;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::error_page::{ErrorPage, Failed};
use crate::visitors::{Quoted, visitor_log};

/// What went wrong in a mount or a handler, with the status that an HTTP answer gets.
///
/// Any `std::error::Error` converts into it with `?`, as a 500; so do `anyhow::Error` and boxed errors. Its message goes to the log; the visitor sees
/// the error page of the status, with a message of yours only if the error was made by [`Error::new`].
///
/// A plain handler of axum returns it just as well: the answer is the same error page, inside the layout.
///
/// ```
/// use lanai::axum::routing::get;
/// use lanai::prelude::*;
///
/// async fn export() -> Result<String> {
///     let rows: u32 = "3".parse()?;
///     Ok(format!("{rows} rows"))
/// }
///
/// let app: App = App::new().route("/export", get(export));
/// ```
pub struct Error {
    status: StatusCode,
    /// What the visitor may read.
    message: Option<String>,
    source: Option<BoxError>,
    /// Where it was made, or became one of these: the place of the `?`.
    place: Option<&'static Location<'static>>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

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
    #[track_caller]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: Some(message.into()), source: None, place: Some(Location::caller()) }
    }

    /// An error with the message of its status.
    #[track_caller]
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self { status, message: None, source: None, place: Some(Location::caller()) }
    }

    /// 404: there is no such page.
    #[track_caller]
    pub fn not_found() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }

    /// 403: this visitor may not see the page.
    #[track_caller]
    pub fn forbidden() -> Self {
        Self::of_status(StatusCode::FORBIDDEN)
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

    /// Where it was made.
    pub(crate) fn place(&self) -> Option<&'static Location<'static>> {
        self.place
    }

    /// What a mount or a handler has returned. If it becomes an `Error` only here, its place is not known.
    pub(crate) fn returned(error: impl Into<Error>) -> Self {
        let mut error = error.into();
        error.place = error.place.filter(|place| place.file() != file!());
        error
    }

    /// The page that a visitor sees.
    pub(crate) fn page(&self) -> ErrorPage {
        ErrorPage::new(self.status, self.message()).with_detail(|| match self.place {
            Some(place) => format!("{self}\nat {place}"),
            None => self.to_string(),
        })
    }

    /// What the visitor may read, if there is anything.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl<E: Into<BoxError>> From<E> for Error {
    #[track_caller]
    fn from(source: E) -> Self {
        let place = Some(Location::caller());
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: None, source: Some(source.into()), place }
    }
}

/// An error page of the [`App`](crate::App), inside the route's layout; outside of an `App`, or where no HTML is accepted, the message alone.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            crate::log::essential(|| {
                let (error, place) = (Quoted(&self), self.place.map(tracing::field::display));
                visitor_log!(error, %error, place, "a handler of a plain route returned an error");
            });
        }
        let page = self.page();
        let mut response = (page.status, page.message.clone()).into_response();
        response.extensions_mut().insert(Failed(page));
        response
    }
}

/// The error type of a mount or a handler: whatever becomes a lanai [`Error`] by `?`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a mount function or a handler",
    label = "not an error that `lanai::Error` can be made from",
    note = "an error type implements `std::error::Error + Send + Sync + 'static` (derive it with `thiserror`), \
            or is `anyhow::Error`, `Box<dyn Error + Send + Sync>` or `String`",
    note = "or return `lanai::Error`: `.map_err(|error| lanai::Error::new(StatusCode::BAD_REQUEST, error.to_string()))`"
)]
pub trait IntoError: Sized {
    /// As Lanai's error.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> IntoError for E {
    fn into_error(self) -> Error {
        Error::returned(self)
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
