//! The client: a few scripts, built from `client-js` and served under names that change with their content.
//!
//! There are two builds. Release builds of programs serve the small one, which is compressed in advance. Debug builds
//! serve the development one, which is readable, has full error messages, and warns about mistakes.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// A script, with its compressed versions and its source map.
struct Script {
    /// The name without the hash: `client`.
    name: &'static str,
    plain: &'static [u8],
    compressed: Option<Compressed>,
    /// The source map, for the browser's developer tools.
    map: Option<&'static [u8]>,
}

/// A script in the encodings that browsers accept.
struct Compressed {
    brotli: &'static [u8],
    gzip: &'static [u8],
}

macro_rules! small {
    ($name:literal) => {
        Script {
            name: $name,
            plain: include_bytes!(concat!("../assets/", $name, ".js")),
            compressed: Some(Compressed {
                brotli: include_bytes!(concat!("../assets/", $name, ".js.br")),
                gzip: include_bytes!(concat!("../assets/", $name, ".js.gz")),
            }),
            map: None,
        }
    };
}

#[cfg(debug_assertions)]
macro_rules! readable {
    ($name:literal) => {
        Script {
            name: $name,
            plain: include_bytes!(concat!("../assets/development/", $name, ".js")),
            compressed: None,
            map: Some(include_bytes!(concat!("../assets/development/", $name, ".js.map"))),
        }
    };
}

/// The scripts of release builds: `early` records events until the client runs, every live page needs `client`, pages
/// with stateful elements (controls, forms, dialogs, `details`, media) need `elements`, and pages with channels to
/// JavaScript or views inside views need `extras`. `navigation` follows links in place, and `history` serves views that
/// use the URL, or messages that are shown once. Pages with commands need `commands`, and those whose view asks
/// something of the browser need `browser`. `events` handles events that need more than a listener, and `shortcuts`
/// those of the keyboard. Layouts with sticky views need `sticky`, and links whose pages are fetched in advance need
/// `prefetch`. `style` applies styles, `uploads` sends files, `rows` shows virtual lists, and `sort`
/// lets people sort lists by hand, with `sort-moves` and `sort-keys` once somebody does.
static PRODUCTION: [Script; 18] = [
    small!("early"),
    small!("client"),
    small!("elements"),
    small!("extras"),
    small!("navigation"),
    small!("history"),
    small!("commands"),
    small!("browser"),
    small!("sticky"),
    small!("prefetch"),
    small!("style"),
    small!("events"),
    small!("shortcuts"),
    small!("uploads"),
    small!("rows"),
    small!("sort"),
    small!("sort-moves"),
    small!("sort-keys"),
];

/// The scripts of debug builds. `development` looks for mistakes in a view's markup.
#[cfg(debug_assertions)]
static DEVELOPMENT: [Script; 19] = [
    small!("early"),
    readable!("client"),
    readable!("elements"),
    readable!("extras"),
    readable!("navigation"),
    readable!("history"),
    readable!("commands"),
    readable!("browser"),
    readable!("sticky"),
    readable!("prefetch"),
    readable!("style"),
    readable!("events"),
    readable!("shortcuts"),
    readable!("uploads"),
    readable!("rows"),
    readable!("sort"),
    readable!("sort-moves"),
    readable!("sort-keys"),
    readable!("development"),
];

/// Whether pages load the development client: in debug builds, unless `LANAI_CLIENT=production` is set, which tests the
/// small one without a release build.
pub(crate) fn is_development() -> bool {
    static IS_DEVELOPMENT: LazyLock<bool> = LazyLock::new(|| {
        cfg!(debug_assertions) && std::env::var_os("LANAI_CLIENT").is_none_or(|name| name != "production")
    });
    *IS_DEVELOPMENT
}

fn scripts() -> &'static [Script] {
    #[cfg(debug_assertions)]
    if is_development() {
        return &DEVELOPMENT;
    }
    &PRODUCTION
}

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
    /// `/_lanai/commands-<hash>.js`
    pub(crate) commands: String,
    /// `/_lanai/style-<hash>.js`
    pub(crate) style: String,
    /// `/_lanai/events-<hash>.js`
    pub(crate) events: String,
    /// `/_lanai/shortcuts-<hash>.js`
    pub(crate) shortcuts: String,
    /// `/_lanai/sort-<hash>.js`
    pub(crate) sort: String,
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
        commands: address("commands", "js"),
        style: address("style", "js"),
        events: address("events", "js"),
        shortcuts: address("shortcuts", "js"),
        sort: address("sort", "js"),
        picture: address("found", "svg"),
    }
}

/// Distinguishes one version of the scripts from another: it is part of their URLs, and a page names it when it
/// attaches.
pub(crate) fn build() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        format!("{:016x}", scripts().iter().fold(0xcbf2_9ce4_8422_2325, |hash, script| fnv1a(hash, script.plain)))
    });
    &HASH
}

/// The routes of the scripts.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let Addresses { picture, .. } = addresses("");
    let router = Router::new()
        .route(&picture, get(async || answer(PICTURE, "image/svg+xml", IMMUTABLE)))
        .route(STABLE, get(serve_stable));
    scripts().iter().fold(router, |router, script| {
        let path = format!("/_lanai/{}-{}.js", script.name, build());
        let router = router.route(&path, get(move |headers: HeaderMap| async move { serve(script, &headers) }));
        match script.map {
            Some(map) => router.route(&map_of(&path), get(async move || answer(map, "application/json", IMMUTABLE))),
            None => router,
        }
    })
}

/// The path of a script's source map.
fn map_of(path: &str) -> String {
    format!("{path}.map")
}

/// Responds with a script in the best encoding that the browser accepts.
fn serve(script: &'static Script, headers: &HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let accepts = |encoding: &str| {
        accepted.split(',').any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            parts.next() == Some(encoding) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
    };
    let (encoding, body) = match &script.compressed {
        Some(compressed) if accepts("br") => (Some("br"), compressed.brotli),
        Some(compressed) if accepts("gzip") => (Some("gzip"), compressed.gzip),
        _ => (None, script.plain),
    };
    let mut response = answer(body, JAVASCRIPT, IMMUTABLE);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if script.map.is_some()
        && let Ok(map) = HeaderValue::try_from(map_of(&format!("{}-{}.js", script.name, build())))
    {
        headers.insert("sourcemap", map);
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
