//! The base path: the path below which browsers see the program, if it is not at the root of its host.

use axum::extract::OriginalUri;
use axum::http::request::Parts;

/// Normalizes a base path to the form `/app`, or to an empty string.
///
/// # Panics
///
/// Panics if the text is not a base path.
#[track_caller]
pub(crate) fn normal(path: &str) -> String {
    let path = path.trim_end_matches('/');
    assert!(
        path.is_empty()
            || path.starts_with('/') && !path.contains("//") && !path.contains(['?', '#', '{', '}', '\\', '"', ' ']),
        "`{path}` is not a base path: write it as in an address, such as `/app`"
    );
    path.to_owned()
}

/// Returns the base path of the pages that answer this request: the program's own base path, followed by the path of
/// the router that it is nested in.
pub(crate) fn of(base: &str, request: &Parts) -> String {
    let nested = request.extensions.get::<OriginalUri>().map_or("", |OriginalUri(asked)| {
        // A nested router has removed its prefix from the path.
        let (asked, inner) = (asked.path(), request.uri.path());
        asked.strip_suffix(inner).or_else(|| (inner == "/").then_some(asked)).unwrap_or("").trim_end_matches('/')
    });
    // Never use a prefix that a browser would read as another host.
    let nested = if nested.starts_with("//") { "" } else { nested };
    let is_kept = nested.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // If a proxy keeps the base path, the request's path already contains it.
    if is_kept { nested.to_owned() } else { format!("{base}{nested}") }
}
