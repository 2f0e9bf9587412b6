//! Where the bytes of a file go.

use std::fs::File as StdFile;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tempfile::{Builder, NamedTempFile, TempDir, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt as _, BufWriter};

use crate::error::{Error, Result};

/// How many bytes are collected before they are written.
const BUFFER: usize = 128 * 1024;

/// Opens a writer of the program.
pub(crate) type OpenWriter = Box<dyn FnOnce() -> BoxFuture<'static, Result<Writer>> + Send>;

/// A writer of the program.
pub(crate) type Writer = Pin<Box<dyn AsyncWrite + Send>>;

/// Where the bytes go, before the first one has come.
pub(crate) enum Target {
    /// A temporary file in this directory, or in that of the process.
    Temporary(Option<PathBuf>),
    Writer(OpenWriter),
}

/// Where the bytes go.
pub(crate) enum Sink {
    Temporary(BufWriter<File>, Temporary),
    Writer(BufWriter<Writer>),
}

/// What became of a file of which all bytes have come.
pub(crate) enum Stored {
    Temporary(Temporary),
    Written,
}

/// A temporary file, which is removed when this is dropped.
pub(crate) struct Temporary {
    pub(crate) path: TempPath,
    /// The directory goes with the last file in it.
    pub(crate) directory: Option<Arc<Directory>>,
}

impl Target {
    pub(crate) async fn open(self) -> Result<Sink> {
        match self {
            Self::Temporary(directory) => {
                let (file, temporary) = blocking(move || temporary(directory.as_deref())).await?;
                Ok(Sink::Temporary(BufWriter::with_capacity(BUFFER, File::from_std(file)), temporary))
            }
            Self::Writer(open) => Ok(Sink::Writer(BufWriter::with_capacity(BUFFER, open().await?))),
        }
    }
}

impl Sink {
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result {
        match self {
            Self::Temporary(file, _) => file.write_all(bytes).await?,
            Self::Writer(writer) => writer.write_all(bytes).await?,
        }
        Ok(())
    }

    /// All bytes have come.
    pub(crate) async fn finish(self) -> Result<Stored> {
        match self {
            Self::Temporary(mut file, temporary) => {
                file.flush().await?;
                Ok(Stored::Temporary(temporary))
            }
            Self::Writer(mut writer) => {
                writer.shutdown().await?;
                Ok(Stored::Written)
            }
        }
    }
}

/// Creates a temporary file that only this user can read.
fn temporary(directory: Option<&Path>) -> Result<(StdFile, Temporary)> {
    let (created, directory) = match directory {
        Some(directory) => (Builder::new().prefix("upload-").tempfile_in(directory)?, None),
        None => {
            let directory = Directory::of_process()?;
            (directory.create()?, Some(directory))
        }
    };
    let (file, path) = created.into_parts();
    Ok((file, Temporary { path, directory }))
}

/// Runs what blocks on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(f).await.unwrap_or_else(|panic| Err(Error::from(panic)))
}

/// The directory of this process for temporary files. A lock tells other processes that it is in use: each removes the
/// directories of those that were killed.
pub(crate) struct Directory {
    directory: TempDir,
    _lock: StdFile,
}

const PREFIX: &str = "lanai-uploads-";
const LOCK: &str = "lock";

impl Directory {
    fn of_process() -> Result<Arc<Self>> {
        static CURRENT: Mutex<Weak<Directory>> = Mutex::new(Weak::new());
        static SWEPT: OnceLock<()> = OnceLock::new();
        let mut current = CURRENT.lock();
        SWEPT.get_or_init(|| sweep(&std::env::temp_dir()));
        // Something may tidy up the directory of temporary files while the program runs.
        if let Some(directory) = current.upgrade().filter(|directory| directory.directory.path().is_dir()) {
            return Ok(directory);
        }
        let directory = Arc::new(Self::create_in(&std::env::temp_dir())?);
        *current = Arc::downgrade(&directory);
        Ok(directory)
    }

    fn create_in(parent: &Path) -> std::io::Result<Self> {
        let directory = Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let lock = StdFile::create(directory.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { directory, _lock: lock })
    }

    fn create(&self) -> std::io::Result<NamedTempFile> {
        Builder::new().prefix("upload-").tempfile_in(self.directory.path())
    }
}

/// Removes the directories of processes that have ended without removing them.
fn sweep(parent: &Path) {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let is_one = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        // (A directory without a lock is being made.)
        let Some(lock) = is_one.then(|| StdFile::open(path.join(LOCK)).ok()).flatten() else { continue };
        if lock.try_lock().is_ok() {
            // Another process may remove it at the same time.
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_a_process_that_was_killed_is_removed_and_no_other() {
        let parent = tempfile::tempdir().unwrap();
        let own = Directory::create_in(parent.path()).unwrap();
        let file = own.create().unwrap();
        let left = parent.path().join(format!("{PREFIX}left"));
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(LOCK), "").unwrap();
        std::fs::write(left.join("upload-1"), "secret").unwrap();
        let other = parent.path().join("other");
        std::fs::create_dir(&other).unwrap();
        sweep(parent.path());
        assert!(file.path().exists() && other.exists() && !left.exists());
    }
}
