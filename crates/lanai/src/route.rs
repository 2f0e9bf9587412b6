//! Typed routes: a struct is the address of a page, and a link to a page is a value of it.
//!
//! ```
//! use lanai::prelude::*;
//!
//! /// The page of an issue.
//! #[derive(Route)]
//! #[route("/issues/{id}")]
//! struct IssuePage { id: u64 }
//!
//! struct Issue { id: u64 }
//!
//! impl Issue {
//!     // As an argument of a mount, the address is read from the request.
//!     async fn mount(_cx: Cx<Self>, IssuePage { id }: IssuePage) -> Self {
//!         Self { id }
//!     }
//!
//!     fn next(&mut self, cx: &Cx<Self>) {
//!         cx.navigate(IssuePage { id: self.id + 1 });
//!     }
//! }
//!
//! impl View for Issue {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             h1 { "Issue " (self.id) }
//!             a href=(IssuePage { id: 1 }) { "The first" }
//!             button onclick=(Self::next) { "The next" }
//!         }
//!     }
//! }
//!
//! let app: App = App::new().route(IssuePage::PATH, live(Issue::mount));
//! assert_eq!(IssuePage { id: 7 }.url(), "/issues/7");
//! ```
//!
//! A link does not compile if its page has other parameters, or none of this name; if the path changes, all links
//! change with it.
//!
//! The fields have the names of the parameters, and implement [`Display`] and
//! [`Deserialize`](serde::Deserialize). (A parameter that is empty, `.` or `..` has no URL, since browsers and routers
//! read another path.) `{*rest}` is everything that follows, and may contain slashes. One more field can be the query,
//! a struct whose fields are the parameters of the query:
//!
//! ```
//! # use lanai::prelude::*;
//! #[derive(Serialize, Deserialize, Default)]
//! #[serde(default)]
//! struct Filter { text: String, #[serde(skip_serializing_if = "Option::is_none")] page: Option<u32> }
//!
//! #[derive(Route)]
//! #[route("/issues")]
//! struct IssuesPage { #[route(query)] filter: Filter }
//!
//! let found = IssuesPage { filter: Filter { text: "a b".into(), page: None } };
//! assert_eq!(found.url(), "/issues?text=a+b");
//! ```

use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::extract::path::{Path, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::Document;

/// The address of a page; see the [module](crate::route). Derive it with `#[derive(Route)]` and `#[route("/path")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a route",
    label = "not a route",
    note = "derive it: `#[derive(Route)] #[route(\"/issues/{{id}}\")] struct IssuePage {{ id: u64 }}`"
)]
pub trait Route: Sized {
    /// The path for [`App::route`](crate::App::route), with its parameters in braces.
    const PATH: &'static str;

    /// Returns the URL of the page, with its query, without the [base path](crate::App::base_path).
    fn url(&self) -> String;

    /// Returns the URL for places outside of the program, such as mails. `origin` is the scheme and the host, followed
    /// by the [base path](crate::App::base_path) if there is one: `https://example.org/app`.
    fn absolute(&self, origin: &str) -> String {
        format!("{}{}", origin.trim_end_matches('/'), self.url())
    }
}

impl Document {
    /// Returns the URL of a page as the browser has to request it, below the [base path](Self::base).
    #[must_use]
    pub fn href(&self, route: &impl Route) -> String {
        self.address(&route.url())
    }

    /// Whether this is the page of a route, with any query.
    #[must_use]
    pub fn is_current(&self, route: &impl Route) -> bool {
        let url = route.url();
        let path = url.split('?').next().unwrap_or_default();
        percent_decode_str(path).eq(percent_decode_str(self.path()))
    }

    /// Returns `"page"` if this is the page of a route, for the `aria-current` of the links in a navigation bar.
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// #[derive(Route)]
    /// #[route("/about")]
    /// struct About;
    ///
    /// fn layout(document: Document) -> maud::Markup {
    ///     maud::html! {
    ///         head { (document.head) }
    ///         body {
    ///             nav { a href=(document.href(&About)) aria-current=[document.aria_current(&About)] { "About" } }
    ///             (document.body)
    ///         }
    ///     }
    /// }
    /// # let _: App = App::new().layout(layout);
    /// ```
    #[must_use]
    pub fn aria_current(&self, route: &impl Route) -> Option<&'static str> {
        self.is_current(route).then_some("page")
    }
}

/// The response to a request whose path or query does not fit a route: a 404 for a path, and a 400 for a query.
#[derive(Debug)]
pub struct RouteRejection(Box<Response>);

impl IntoResponse for RouteRejection {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// The characters that are encoded in a segment of a path: all but those that are never special.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The same, for several segments.
const REST: &AsciiSet = &SEGMENT.remove(b'/');

/// Appends a parameter to a URL.
#[doc(hidden)]
pub fn push_parameter(url: &mut String, value: &impl Display, is_rest: bool) {
    let text = value.to_string();
    let set = if is_rest { REST } else { SEGMENT };
    url.extend(utf8_percent_encode(&text, set));
}

/// Appends a query to a URL.
///
/// # Panics
///
/// Panics if the value cannot be a query: if it is not a struct with fields of simple types.
#[doc(hidden)]
#[track_caller]
pub fn push_query(url: &mut String, query: &impl Serialize) {
    let query = serde_html_form::to_string(query).unwrap_or_else(|error| {
        panic!("the query of a route is a struct whose fields are texts, numbers, lists of these, or options: {error}")
    });
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query);
    }
}

/// Reads the parameters of a path.
#[doc(hidden)]
pub async fn parameters<T: DeserializeOwned + Send, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<T, RouteRejection> {
    match Path::<T>::from_request_parts(parts, state).await {
        Ok(Path(parameters)) => Ok(parameters),
        Err(rejection) => {
            // The path is that of a route, but not of a page.
            let is_visitors = RawPathParams::from_request_parts(parts, state).await.is_ok()
                && rejection.status() == StatusCode::BAD_REQUEST;
            let response =
                if is_visitors { crate::error::Error::not_found().into_response() } else { rejection.into_response() };
            Err(RouteRejection(Box::new(response)))
        }
    }
}

/// Reads the query.
#[doc(hidden)]
pub fn query<T: DeserializeOwned>(parts: &Parts) -> Result<T, RouteRejection> {
    let query = parts.uri.query().unwrap_or_default();
    serde_html_form::from_str(query).map_err(|error| {
        tracing::debug!(%error, "a query does not fit its route");
        RouteRejection(Box::new(crate::error::Error::of_status(StatusCode::BAD_REQUEST).into_response()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(value: &str, is_rest: bool) -> String {
        let mut url = String::from("/");
        push_parameter(&mut url, &value, is_rest);
        url
    }

    #[test]
    fn a_parameter_stays_one_segment() {
        assert_eq!(parameter("a b/c?d#e%", false), "/a%20b%2Fc%3Fd%23e%25");
        assert_eq!(parameter("\u{e4}.x-_~", false), "/%C3%A4.x-_~");
        assert_eq!(parameter("a/../b c/.", true), "/a/../b%20c/.");
    }
}
