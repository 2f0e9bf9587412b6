//! Directories of files: serves what is in them and nothing else, and creates URLs that change with the content.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::base;
use crate::error::Error;

/// URLs of the files that the program serves with [`App::assets`](crate::App::assets), each with a hash of the file's
/// content. A browser requests such a URL only once, and a changed file gets a new URL.
///
/// `Assets` is an extractor for mounts and plain handlers. A layout uses [`Document::asset`](crate::Document::asset).
///
/// ```
/// use lanai::Assets;
/// use lanai::prelude::*;
///
/// struct Page { logo: String }
///
/// impl Page {
///     async fn mount(_cx: Cx<Self>, assets: Assets) -> Self {
///         Self { logo: assets.address("/assets/logo.svg") }
///     }
/// }
///
/// impl View for Page {
///     fn render(&self) -> Html<Self> {
///         html! { img src=(self.logo) alt="Lanai"; }
///     }
/// }
///
/// let app: App = App::new().route("/", live(Page::mount)).assets("/assets", "assets");
/// ```
#[derive(Clone)]
pub struct Assets {
    directories: Arc<Directories>,
    base: Arc<str>,
}

impl Assets {
    /// Returns the URL of a file, for the browser: `/assets/logo.svg?v=0123456789abcdef`.
    ///
    /// `path` is the path of [`App::assets`](crate::App::assets) followed by the path of the file in the directory. If
    /// there is no such file, the method logs a warning and returns a URL without a hash.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        self.directories.address(&self.base, path)
    }
}

impl std::fmt::Debug for Assets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assets").field("base", &self.base).finish_non_exhaustive()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Assets {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Some(directories) = parts.extensions.get::<Arc<Directories>>().cloned() else {
            tracing::error!("`lanai::Assets` is extracted in a router that is not part of a `lanai::App`");
            return Err(Error::of_status(StatusCode::INTERNAL_SERVER_ERROR));
        };
        let base = base::of(&directories.base, parts).into();
        Ok(Self { directories, base })
    }
}

/// All directories of a program, stored in the extensions of its requests.
pub(crate) struct Directories {
    /// The base path of the program.
    base: String,
    directories: Vec<Arc<Directory>>,
}

impl Directories {
    pub(crate) fn new(base: String, directories: Vec<Arc<Directory>>) -> Arc<Self> {
        Arc::new(Self { base, directories })
    }

    /// Returns the URL of a file below a base path.
    pub(crate) fn address(&self, base: &str, path: &str) -> String {
        let found = self.directories.iter().find_map(|directory| directory.hash_of(path));
        if found.is_none() {
            tracing::warn!(path, "there is no such file in the directories of `App::assets`");
        }
        let query = found.map(|hash| format!("?v={hash}")).unwrap_or_default();
        format!("{base}{path}{query}")
    }
}

/// A directory whose files are served below a path.
pub(crate) struct Directory {
    /// `/assets`
    path: String,
    root: PathBuf,
    hashes: Mutex<HashMap<PathBuf, Hashed>>,
}

/// The hash of a file's content, as it was last read.
struct Hashed {
    modified: Option<SystemTime>,
    len: u64,
    hash: Arc<str>,
}

/// What a path in a directory refers to.
enum Found {
    File(PathBuf),
    /// A directory with an `index.html`, requested without the final slash that the links in the page need.
    Index,
}

impl Directory {
    pub(crate) fn new(path: &str, root: &Path) -> Self {
        Self { path: path.trim_end_matches('/').into(), root: root.into(), hashes: Mutex::default() }
    }

    /// Finds the file at a path, which is percent-encoded, if it is public: not hidden, and not outside the directory,
    /// wherever symbolic links lead.
    fn find(&self, path: &str) -> Option<Found> {
        let root = fs::canonicalize(&self.root).ok()?;
        let mut inside = PathBuf::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let name = percent_decode_str(segment).decode_utf8().ok()?;
            // Each component must be one file name: not `..`, not `C:`, and not `a/b` or `a\b` with an encoded
            // separator.
            let mut components = Path::new(&*name).components();
            let is_name = matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if *only == *name);
            if !is_name || name.starts_with('.') || name.contains(['\\', '\0', ':']) {
                return None;
            }
            inside.push(&*name);
        }
        let asked = root.join(inside);
        let (is_directory, file) = match fs::metadata(&asked) {
            Ok(metadata) if metadata.is_dir() => (true, asked.join("index.html")),
            _ => (false, asked),
        };
        let file = fs::canonicalize(file).ok()?;
        let below = file.strip_prefix(&root).ok()?;
        let is_hidden = below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
        if is_hidden || !fs::metadata(&file).ok()?.is_file() {
            return None;
        }
        match (is_directory, path.ends_with('/')) {
            (true, false) if !path.is_empty() => Some(Found::Index),
            (false, true) => None,
            _ => Some(Found::File(file)),
        }
    }

    /// Returns the hash of the file at a path of the program, if the file is in this directory.
    fn hash_of(&self, path: &str) -> Option<Arc<str>> {
        let path = path.strip_prefix(&self.path)?;
        match self.find(path.strip_prefix('/')?)? {
            Found::File(file) => self.hash(&file),
            Found::Index => None,
        }
    }

    /// Returns the hash of a file's content, and reads the file again only if it has changed.
    fn hash(&self, file: &Path) -> Option<Arc<str>> {
        let metadata = fs::metadata(file).ok()?;
        let (modified, len) = (metadata.modified().ok(), metadata.len());
        if let Some(known) = self.hashes.lock().get(file)
            && (known.modified, known.len) == (modified, len)
        {
            return Some(known.hash.clone());
        }
        let mut hasher = Sha256::new();
        std::io::copy(&mut fs::File::open(file).ok()?, &mut hasher).ok()?;
        let mut hash = String::new();
        hasher.finalize()[..8]
            .iter()
            .for_each(|byte| write!(hash, "{byte:02x}").expect("writing to a string does not fail"));
        let hash: Arc<str> = hash.into();
        self.hashes.lock().insert(file.into(), Hashed { modified, len, hash: hash.clone() });
        Some(hash)
    }
}

/// A service that serves a directory.
#[derive(Clone)]
pub(crate) struct Files(pub(crate) Arc<Directory>);

impl tower::Service<Request> for Files {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let directory = self.0.clone();
        Box::pin(async move { Ok(serve(directory, request).await) })
    }
}

async fn serve(directory: Arc<Directory>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let found = tokio::task::spawn_blocking(move || match directory.find(&path)? {
        Found::File(file) => Some((Some(file.clone()), directory.hash(&file)?)),
        Found::Index => Some((None, "".into())),
    });
    let Ok(Some((file, hash))) = found.await else { return Error::not_found().into_response() };
    let Some(file) = file else {
        // The redirect is relative and names one directory, so it can never begin with two slashes.
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("./{name}/"))]).into_response();
    };
    let tag = format!("\"{hash}\"");
    let is_known = request.headers().get_all(header::IF_NONE_MATCH).iter().any(|known| {
        let known = known.to_str().unwrap_or("").split(',').map(|tag| tag.trim().trim_start_matches("W/"));
        known.into_iter().any(|known| known == tag || known == "*")
    });
    let has_hash = request.uri().query().is_some_and(|query| {
        query.split('&').any(|pair| pair.strip_prefix("v=").is_some_and(|version| *version == *hash))
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match ServeFile::new(file).oneshot(request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        }
    };
    let headers = response.headers_mut();
    // A browser that guesses the type may run a text file as a script.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let caching = if has_hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = tag.parse() {
        headers.insert(header::ETAG, tag);
    }
    response
}
