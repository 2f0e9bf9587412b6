//! The client: four scripts, and one more in debug builds. They are built from `client-js`, precompressed, and served
//! under names that change with their content.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// A file, in each encoding that it is served in.
struct File {
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

macro_rules! file {
    ($name:literal) => {
        File {
            plain: include_bytes!(concat!("../assets/", $name)),
            brotli: include_bytes!(concat!("../assets/", $name, ".br")),
            gzip: include_bytes!(concat!("../assets/", $name, ".gz")),
        }
    };
}

/// Records events until the client runs. Every live page has it in its head; it is only a few bytes, so it delays
/// nothing.
static EARLY: File = file!("early.js");

/// The script that every live page needs.
static CLIENT: File = file!("client.js");

/// The script for pages with stateful elements: controls, forms, dialogs, `details` and media.
static ELEMENTS: File = file!("elements.js");

/// The script for pages with channels to JavaScript, or with views inside views.
static EXTRAS: File = file!("extras.js");

/// Warns about mistakes in a view's markup. Release builds neither contain it nor ask pages to load it.
#[cfg(debug_assertions)]
static DEVELOPMENT: File = file!("development.js");

static PICTURE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>"#;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// For a URL whose content never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Where a browser finds the scripts. The client derives the names of the others from its own, so the hash covers all
/// of them.
pub(crate) struct Addresses {
    /// `/_lanai/early-<hash>.js`
    pub(crate) early: String,
    /// `/_lanai/client-<hash>.js`
    pub(crate) client: String,
    /// `/_lanai/elements-<hash>.js`
    pub(crate) elements: String,
    /// `/_lanai/extras-<hash>.js`
    pub(crate) extras: String,
    /// `/_lanai/found-<hash>.svg`: an empty picture, which exists wherever the scripts do.
    pub(crate) picture: String,
}

/// The URL from which a page's own scripts import the extras, in any version.
const STABLE: &str = "/_lanai/lanai.js";

/// The URLs of the scripts for pages below a base path, which may be empty.
pub(crate) fn addresses(base: &str) -> Addresses {
    let address = |name, kind| format!("{base}/_lanai/{name}-{}.{kind}", build());
    Addresses {
        early: address("early", "js"),
        client: address("client", "js"),
        elements: address("elements", "js"),
        extras: address("extras", "js"),
        picture: address("found", "svg"),
    }
}

/// Distinguishes one version of the scripts from another: it is part of their URLs, and a page names it when it attaches.
pub(crate) fn build() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let all = [
            &EARLY,
            &CLIENT,
            &ELEMENTS,
            &EXTRAS,
            #[cfg(debug_assertions)]
            &DEVELOPMENT,
        ];
        format!("{:016x}", all.iter().fold(0xcbf2_9ce4_8422_2325, |hash, file| fnv1a(hash, file.plain)))
    });
    &HASH
}

/// The routes of the scripts.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let Addresses { early, client, elements, extras, picture } = addresses("");
    let router = Router::new();
    #[cfg(debug_assertions)]
    let router = router.route(
        &format!("/_lanai/development-{}.js", build()),
        get(|headers: HeaderMap| async move { serve(&DEVELOPMENT, &headers) }),
    );
    router
        .route(&early, get(|headers: HeaderMap| async move { serve(&EARLY, &headers) }))
        .route(&client, get(|headers: HeaderMap| async move { serve(&CLIENT, &headers) }))
        .route(&elements, get(|headers: HeaderMap| async move { serve(&ELEMENTS, &headers) }))
        .route(&extras, get(|headers: HeaderMap| async move { serve(&EXTRAS, &headers) }))
        .route(&picture, get(async || answer(PICTURE, "image/svg+xml", IMMUTABLE)))
        .route(STABLE, get(serve_stable))
}

/// Responds with a script in the best encoding that the browser accepts.
fn serve(file: &'static File, headers: &HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let accepts = |encoding: &str| {
        accepted.split(',').any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            parts.next() == Some(encoding) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
    };
    let (encoding, body) = if accepts("br") {
        (Some("br"), file.brotli)
    } else if accepts("gzip") {
        (Some("gzip"), file.gzip)
    } else {
        (None, file.plain)
    };
    let mut response = answer(body, JAVASCRIPT, IMMUTABLE);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Serves the extras under a URL that does not change.
async fn serve_stable() -> Response {
    answer(format!("export * from \"./extras-{}.js\";\n", build()), JAVASCRIPT, "no-cache")
}

fn answer(body: impl IntoResponse, kind: &'static str, caching: &'static str) -> Response {
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    for (name, value) in
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// [FNV-1a](http://www.isthe.com/chongo/tech/comp/fnv/): enough to distinguish two versions of a file.
fn fnv1a(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
