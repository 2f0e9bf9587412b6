//! The base path: where browsers see the program, if not at the root of its host.

use axum::extract::OriginalUri;
use axum::http::request::Parts;

/// Brings a base path into the form `/app`, or nothing.
///
/// # Panics
///
/// If it cannot be one.
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

/// The base path of the pages that answer this request: the program's own, and that of the router that it is nested in.
pub(crate) fn of(base: &str, request: &Parts) -> String {
    let nested = request.extensions.get::<OriginalUri>().map_or("", |OriginalUri(asked)| {
        // A nested router has taken its part off the front.
        let (asked, inner) = (asked.path(), request.uri.path());
        asked.strip_suffix(inner).or_else(|| (inner == "/").then_some(asked)).unwrap_or("").trim_end_matches('/')
    });
    // What would name another host in an address is never taken into one.
    let nested = if nested.starts_with("//") { "" } else { nested };
    let is_kept = nested.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // A proxy that passes the base path on has it in the address already.
    if is_kept { nested.to_owned() } else { format!("{base}{nested}") }
}
