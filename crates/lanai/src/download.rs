//! Serving the downloads that views have started.

use std::sync::Arc;

use axum::extract::{Extension, Path};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;
use crate::server::Server;

/// The route of downloads.
pub(crate) const PATH: &str = "/_lanai/download/{secret}";

/// Serves a file that waits for a page, once.
pub(crate) async fn serve(Extension(server): Extension<Arc<Server>>, Path(secret): Path<String>) -> Response {
    let Some((name, body)) = server.downloads.take(&secret) else { return Error::not_found().into_response() };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    // The browser must never show it as a page of this program, whatever it contains.
    for (name, value) in [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox"),
        (header::CACHE_CONTROL, "private, no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
    response
}

/// Names the file, as [RFC 6266](https://www.rfc-editor.org/rfc/rfc6266) says.
fn disposition(name: &str) -> HeaderValue {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    let value = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, KEPT));
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_of_a_file_is_data_in_the_header() {
        assert_eq!(disposition("report.csv"), "attachment; filename*=UTF-8''report.csv");
        assert_eq!(disposition("a\"; b\r\nä"), "attachment; filename*=UTF-8''a%22%3B%20b%0D%0A%C3%A4");
    }
}
