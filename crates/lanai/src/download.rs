//! Serving the downloads that views have started.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::error::Error;
use crate::page::downloads::Content;
use crate::server::Server;

/// The route of downloads.
pub(crate) const PATH: &str = "/_lanai/download/{secret}";

/// Serves what waits for a page.
pub(crate) async fn serve(
    Extension(server): Extension<Arc<Server>>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let Some((name, content)) = server.downloads.take(&secret) else { return Error::not_found().into_response() };
    let mut response = match content {
        Content::Body(body) => Response::new(body),
        Content::File(path) => file(&path, request).await,
    };
    if response.status().is_client_error() && response.status() != StatusCode::RANGE_NOT_SATISFIABLE {
        return Error::not_found().into_response();
    }
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

/// Serves a file on disk, or a part of it.
async fn file(path: &std::path::Path, mut request: Request) -> Response {
    // A part goes with the parts before it only if the file has not changed.
    if let Some(condition) = request.headers_mut().remove(header::IF_RANGE) {
        let mut whole = Request::new(Body::empty());
        *whole.method_mut() = Method::HEAD;
        if served(path, whole).await.headers().get(header::LAST_MODIFIED) != Some(&condition) {
            request.headers_mut().remove(header::RANGE);
        }
    }
    served(path, request).await
}

async fn served(path: &std::path::Path, request: Request) -> Response {
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    }
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
