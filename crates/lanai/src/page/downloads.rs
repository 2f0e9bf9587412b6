//! Downloads that wait for the browser, each under a URL that nobody can guess. A body is served once; a file on disk
//! can be asked for again, in parts, so that browsers go on where they were cut.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Page;
use super::secret::Secret;

/// How long a download waits for the browser. (A page without a connection gets the URL when it returns.)
pub(crate) const LIFETIME: Duration = Duration::from_secs(300);

/// How long a browser may go on with a file on disk after it has last asked for it.
pub(crate) const FILE_LIFETIME: Duration = Duration::from_secs(3600);

/// How many files on disk that were asked for are kept for one page.
const FILES: usize = 64;

/// The downloads of one program that wait.
#[derive(Default)]
pub(crate) struct Downloads(Mutex<HashMap<String, Waiting>>);

struct Waiting {
    /// The page that may fetch it. When the page ends, so does the download.
    page: Weak<Page>,
    name: String,
    content: Content,
    /// How much memory the body takes, as far as it says.
    size: usize,
    /// Whether the browser has asked for it.
    is_fetched: bool,
    expires: Instant,
}

/// What is downloaded.
pub(crate) enum Content {
    Body(Body),
    File(PathBuf),
}

/// The reason why a file was not offered for download.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// As many downloads as allowed wait for the page already.
    #[error("{0} downloads already wait for the page, which is not taking them; raise `Limits::downloads`")]
    Full(usize),
    /// The downloads that wait would need too much memory.
    #[error(
        "the downloads that wait would need more than {0} bytes of memory; \
         pass a large file as a stream, or raise `Limits::download_memory`"
    )]
    Memory(usize),
    /// There is no such file, or it cannot be read.
    #[error("the file {} cannot be downloaded: {}", .0.display(), .1)]
    File(PathBuf, #[source] std::io::Error),
    /// The view is shared by many pages.
    #[error("a shared view has many pages; start the download in the private view around it")]
    ManyPages,
}

impl Downloads {
    /// Keeps a file for a page. Returns the secret in its URL.
    pub(crate) fn offer(
        &self,
        page: &Arc<Page>,
        name: String,
        content: Content,
        count: usize,
        memory: usize,
    ) -> Result<String, DownloadError> {
        let size = match &content {
            Content::Body(body) => {
                body.size_hint().exact().and_then(|size| usize::try_from(size).ok()).unwrap_or_default()
            }
            Content::File(_) => 0,
        };
        self.drop_ended();
        let mut waiting = self.0.lock();
        let own = Arc::downgrade(page);
        if waiting.values().filter(|one| one.page.ptr_eq(&own) && !one.is_fetched).count() >= count {
            return Err(DownloadError::Full(count));
        }
        let mut fetched: Vec<_> = waiting
            .iter()
            .filter(|(_, one)| one.page.ptr_eq(&own) && one.is_fetched)
            .map(|(secret, one)| (one.expires, secret.clone()))
            .collect();
        if fetched.len() >= FILES {
            fetched.sort_unstable();
            waiting.remove(&fetched[0].1);
        }
        if waiting.values().map(|one| one.size).sum::<usize>().saturating_add(size) > memory {
            return Err(DownloadError::Memory(memory));
        }
        let secret = Secret::random().as_str().to_owned();
        let expires = Instant::now() + LIFETIME;
        waiting.insert(secret.clone(), Waiting { page: own, name, content, size, is_fetched: false, expires });
        Ok(secret)
    }

    /// Takes what waits, unless its page has ended. Nobody can take a body again.
    pub(crate) fn take(&self, secret: &str) -> Option<(String, Content)> {
        let mut waiting = self.0.lock();
        let mut one = waiting.remove(secret)?;
        let page = one.page.upgrade()?;
        if one.expires <= Instant::now() || page.is_revoked() {
            return None;
        }
        let Content::File(path) = &one.content else { return Some((one.name, one.content)) };
        let taken = (one.name.clone(), Content::File(path.clone()));
        (one.is_fetched, one.expires) = (true, Instant::now() + FILE_LIFETIME);
        waiting.insert(secret.to_owned(), one);
        Some(taken)
    }

    /// Drops what nobody can fetch any longer.
    pub(crate) fn drop_ended(&self) {
        let now = Instant::now();
        let is_over = |one: &Waiting| one.expires <= now || one.page.strong_count() == 0;
        let ended: Vec<Waiting> = self.0.lock().extract_if(|_, one| is_over(one)).map(|(_, one)| one).collect();
        // Outside of the lock, since dropping a stream may run code of the program.
        drop(ended);
    }
}
