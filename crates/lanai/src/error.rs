//! The error type of mounts and handlers.

use std::fmt;
use std::panic::Location as CodeLocation;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error_page::{ErrorPage, Failed};
use crate::location::{IntoLocation, Location};
use crate::visitors::{Quoted, visitor_log};

/// An error of a mount or a handler, with the status of the HTTP response.
///
/// `?` converts any `std::error::Error` into it, as a 500, and also `anyhow::Error` and boxed errors. The message goes
/// to the log; the visitor sees the error page of the status, with your message only if [`Error::new`] created the
/// error.
///
/// A plain axum handler can return it too; the response is the same error page, inside the layout.
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
    /// The message for the visitor.
    message: Option<String>,
    source: Option<BoxError>,
    /// Where the error was created, or converted by `?`.
    location: Option<&'static CodeLocation<'static>>,
}

/// The source of an error that is a redirect.
#[derive(Debug, thiserror::Error)]
#[error("a redirect to {}", .0.as_str())]
struct Redirect(Location);

/// The location of a redirect, in the extensions of a response that does not know the base path yet.
#[derive(Clone)]
pub(crate) struct Redirected(pub(crate) Location);

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
        Self { status, message: Some(message.into()), source: None, location: Some(CodeLocation::caller()) }
    }

    /// An error with the standard message of its status.
    #[track_caller]
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self { status, message: None, source: None, location: Some(CodeLocation::caller()) }
    }

    /// 404: there is no such page.
    #[track_caller]
    #[must_use]
    pub fn not_found() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }

    /// 403: this visitor may not see the page.
    #[track_caller]
    #[must_use]
    pub fn forbidden() -> Self {
        Self::of_status(StatusCode::FORBIDDEN)
    }

    /// A redirect, as the error of whatever cannot go on here: a mount, a handler, an extractor, a plain axum handler.
    ///
    /// The visitor of a mount or a plain handler is redirected with status 303, and the page of a handler
    /// [navigates](crate::Cx::navigate). It is neither logged nor counted as an error.
    ///
    /// A text that comes from outside is safe as an argument: if a browser could read it as the address of another
    /// site, the error is a 400 instead. Another site is named with [`External`](crate::External).
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// # #[derive(Clone)] struct Person { name: String }
    /// struct Account { person: Person }
    ///
    /// impl Account {
    ///     async fn mount(_cx: Cx<Self>, person: Option<lanai::axum::Extension<Person>>) -> Result<Self> {
    ///         let Some(lanai::axum::Extension(person)) = person else {
    ///             return Err(Error::redirect("/sign-in?next=/account"));
    ///         };
    ///         Ok(Self { person })
    ///     }
    /// }
    /// # impl View for Account { fn render(&self) -> Html<Self> { html! { (self.person.name) } } }
    /// # let _: App = App::new().route("/account", live(Account::mount));
    /// ```
    #[track_caller]
    pub fn redirect(to: impl IntoLocation) -> Self {
        let (status, source): (_, BoxError) = match to.into_location() {
            Ok(location) => (StatusCode::SEE_OTHER, Box::new(Redirect(location))),
            Err(error) => (StatusCode::BAD_REQUEST, Box::new(error)),
        };
        Self { status, message: None, source: Some(source), location: Some(CodeLocation::caller()) }
    }

    /// Returns where this error redirects to, if it is a [`redirect`](Self::redirect).
    #[must_use]
    pub fn redirects_to(&self) -> Option<&Location> {
        self.downcast_ref::<Redirect>().map(|Redirect(location)| location)
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the error that this one was created from, if it has type `E`, for instance to recognize a
    /// [`Missed`](crate::Missed) or a [`PublishError`](crate::PublishError) in [`View::failed`](crate::View::failed).
    #[must_use]
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.source.as_deref()?.downcast_ref()
    }

    /// Where the error was created.
    pub(crate) fn location(&self) -> Option<&'static CodeLocation<'static>> {
        self.location
    }

    /// Converts what a mount or a handler returned. The location is unknown if the error only becomes an `Error` here.
    pub(crate) fn returned(error: impl Into<Error>) -> Self {
        let mut error = error.into();
        error.location = error.location.filter(|location| location.file() != file!());
        error
    }

    /// Returns the page that a visitor sees.
    pub(crate) fn page(&self) -> ErrorPage {
        ErrorPage::new(self.status, self.message()).with_detail(|| match self.location {
            Some(location) => format!("{self}\nat {location}"),
            None => self.to_string(),
        })
    }

    /// Returns the message for the visitor, if there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl<E: Into<BoxError>> From<E> for Error {
    #[track_caller]
    fn from(source: E) -> Self {
        let location = Some(CodeLocation::caller());
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: None, source: Some(source.into()), location }
    }
}

/// Responds with the [`App`](crate::App)'s error page, inside the route's layout. Outside an `App`, or if the client
/// does not accept HTML, responds with the message alone.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Some(location) = self.redirects_to() {
            let headers = [(header::LOCATION, location.as_str()), (header::CACHE_CONTROL, "no-store")];
            let mut response = (StatusCode::SEE_OTHER, headers).into_response();
            response.extensions_mut().insert(Redirected(location.clone()));
            return response;
        }
        if self.status.is_server_error() {
            crate::log::essential(|| {
                let (error, location) = (Quoted(&self), self.location.map(tracing::field::display));
                visitor_log!(error, %error, location, "a handler of a plain route returned an error");
            });
        }
        let page = self.page();
        let mut response = (page.status, page.message.clone()).into_response();
        response.extensions_mut().insert(Failed(page));
        response
    }
}

/// The error type of a mount or a handler: anything that `?` converts into Lanai's [`Error`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a mount function or a handler",
    label = "not an error that `lanai::Error` can be made from",
    note = "an error type implements `std::error::Error + Send + Sync + 'static` (derive it with `thiserror`), \
            or is `anyhow::Error`, `Box<dyn Error + Send + Sync>` or `String`",
    note = "or return `lanai::Error`: `.map_err(|error| lanai::Error::new(StatusCode::BAD_REQUEST, error.to_string()))`"
)]
pub trait IntoError: Sized {
    /// Converts this into Lanai's error.
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

/// Prints the same as `Display`, so that `main() -> lanai::Result` prints something readable.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
