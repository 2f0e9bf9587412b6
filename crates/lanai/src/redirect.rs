//! Redirects: how an answer leads elsewhere, for browsers and for pages that navigate.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::base;
use crate::location::Location;
use crate::server::Server;

/// Says in a request of the client what it is for, and in the answer that it is a live page. A file that looks like one
/// does not have it, so that a page that navigates never takes over HTML that the server would not run as its own, such
/// as an upload that is served with `Content-Disposition: attachment`.
pub(crate) const REQUESTED: HeaderName = HeaderName::from_static("lanai");

/// Where a page that navigates has to go next. A script cannot see the fragment of an HTTP redirect, nor follow one to
/// another site.
const NEXT: HeaderName = HeaderName::from_static("lanai-location");

/// Whether a page that navigates has sent the request.
pub(crate) fn is_navigation(server: &Server, headers: &HeaderMap) -> bool {
    server.navigation && headers.get(REQUESTED).is_some_and(|value| value == "navigate")
}

/// Whether a page has sent the request before the person went there, and perhaps never will.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    headers.get(REQUESTED).is_some_and(|value| value == "prefetch")
}

/// Makes a response into a redirect.
pub(crate) fn redirect(response: &mut Response, location: &Location, server: &Server, request: &Parts) {
    let base = base::of(&server.base, request);
    let url = HeaderValue::from_str(&location.below(&base)).expect("a location fits into a header");
    let headers = response.headers_mut();
    if is_prefetch(&request.headers) {
        // Nobody has gone there yet, so nobody is led elsewhere, and nothing is handed over to the next page.
        *headers = HeaderMap::new();
        *response.status_mut() = StatusCode::NO_CONTENT;
    } else if is_navigation(server, &request.headers) {
        headers.remove(header::LOCATION);
        headers.insert(NEXT, url);
        *response.status_mut() = StatusCode::NO_CONTENT;
    } else {
        headers.insert(header::LOCATION, url);
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
}
