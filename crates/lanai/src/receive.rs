//! Receiving the files that views expect.
//!
//! The requests are those of the core protocol of [tus](https://tus.io/protocols/resumable-upload), without its headers
//! for versions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, patch};

use crate::gate::Visitor;
use crate::page::uploads::Space;
use crate::page::uploads::incoming::Refused;
use crate::server::Server;

/// The route of files that are sent.
pub(crate) const PATH: &str = "/_lanai/upload/{secret}";

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

pub(crate) fn route() -> MethodRouter {
    patch(receive).head(received)
}

/// Says how much of a file has come.
async fn received(Extension(server): Extension<Arc<Server>>, Path(secret): Path<String>) -> Response {
    match server.uploads.find(&secret).filter(|file| !file.is_over()) {
        Some(file) => answer(StatusCode::OK, Some(file.received())),
        None => answer(StatusCode::GONE, None),
    }
}

/// Takes the next bytes of a file.
async fn receive(
    Extension(server): Extension<Arc<Server>>,
    Extension(visitor): Extension<Visitor>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(file) = server.uploads.find(&secret) else { return answer(StatusCode::GONE, None) };
    let offset = headers.get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(offset) = offset else { return answer(StatusCode::BAD_REQUEST, None) };
    let limits = &server.limits;
    let space = Space { per_address: limits.upload_space_per_address, in_all: limits.upload_space };
    let space = |size| server.uploads.space(size, space, visitor.address());
    match file.receive(offset, body.into_data_stream(), space).await {
        Ok(received) => answer(StatusCode::NO_CONTENT, Some(received)),
        Err(Refused::Offset(received)) => answer(StatusCode::CONFLICT, Some(received)),
        Err(Refused::Gone) => answer(StatusCode::GONE, None),
    }
}

fn answer(status: StatusCode, offset: Option<u64>) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(offset) = offset {
        response.headers_mut().insert(OFFSET, offset.into());
    }
    response
}
