//! Downloads that wait for the browser: each is served once, under a URL that nobody can guess.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Page;
use super::secret::Secret;

/// How long a download waits for the browser. (A page without a connection gets the URL when it returns.)
pub(crate) const LIFETIME: Duration = Duration::from_secs(300);

/// The downloads of one program that wait.
#[derive(Default)]
pub(crate) struct Downloads(Mutex<HashMap<String, Waiting>>);

struct Waiting {
    /// The page that may fetch it. When the page ends, so does the download.
    page: Weak<Page>,
    name: String,
    body: Body,
    /// How much memory the body takes, as far as it says.
    size: usize,
    expires: Instant,
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
        body: Body,
        count: usize,
        memory: usize,
    ) -> Result<String, DownloadError> {
        let size = body.size_hint().exact().and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
        self.drop_ended();
        let mut waiting = self.0.lock();
        let own = Arc::downgrade(page);
        if waiting.values().filter(|one| one.page.ptr_eq(&own)).count() >= count {
            return Err(DownloadError::Full(count));
        }
        if waiting.values().map(|one| one.size).sum::<usize>().saturating_add(size) > memory {
            return Err(DownloadError::Memory(memory));
        }
        let secret = Secret::random().as_str().to_owned();
        waiting.insert(secret.clone(), Waiting { page: own, name, body, size, expires: Instant::now() + LIFETIME });
        Ok(secret)
    }

    /// Takes a file, which nobody can take again, unless its page has ended.
    pub(crate) fn take(&self, secret: &str) -> Option<(String, Body)> {
        let one = self.0.lock().remove(secret)?;
        let page = one.page.upgrade()?;
        (one.expires > Instant::now() && !page.is_revoked()).then_some((one.name, one.body))
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
