//! The client: one script, built from `client-js`, compressed beforehand, served under a name that changes with its content.

use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

static SCRIPT: &[u8] = include_bytes!("../assets/client.js");
static BROTLI: &[u8] = include_bytes!("../assets/client.js.br");
static GZIP: &[u8] = include_bytes!("../assets/client.js.gz");

/// The client and its address.
pub(crate) struct Client {
    /// `/_lanai/client-<hash>.js`
    pub(crate) path: String,
}

pub(crate) fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> =
        LazyLock::new(|| Client { path: format!("/_lanai/client-{:016x}.js", fnv1a(SCRIPT)) });
    &CLIENT
}

/// Answers with the script in the best encoding that the browser takes.
pub(crate) async fn serve_client(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let accepts = |encoding: &str| {
        accepted.split(',').any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            parts.next() == Some(encoding) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
    };
    let (encoding, body) = if accepts("br") {
        (Some("br"), BROTLI)
    } else if accepts("gzip") {
        (Some("gzip"), GZIP)
    } else {
        (None, SCRIPT)
    };
    let mut response = (
        StatusCode::OK,
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::VARY, "accept-encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        body,
    )
        .into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(encoding));
    }
    response
}

/// [FNV-1a](http://www.isthe.com/chongo/tech/comp/fnv/): enough to tell two versions of one file apart.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
