//! A file that has come.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{Info, UploadId};
use crate::page::uploads::Taken;
use crate::page::uploads::sink::{Stored, Temporary};

/// A file that has come whole.
///
/// It is in a temporary file, which is removed when this is dropped: [`save`](Self::save) keeps it. (What went to a
/// [writer](super::Upload::to_writer) or to [another server](super::Upload::to_url) is there, and has no temporary
/// file.)
pub struct UploadedFile {
    info: Arc<Info>,
    stored: Option<Temporary>,
    _space: Option<Taken>,
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadedFile").field("name", &self.name()).field("size", &self.size()).finish_non_exhaustive()
    }
}

impl UploadedFile {
    pub(super) fn new(info: Arc<Info>, stored: Stored, space: Option<Taken>) -> Self {
        let stored = match stored {
            Stored::Temporary(temporary) => Some(temporary),
            Stored::Written => None,
        };
        Self { info, stored, _space: space }
    }

    /// The number of the file.
    #[must_use]
    pub fn id(&self) -> UploadId {
        self.info.id
    }

    /// The name of the file: see [`UploadEntry::name`](super::UploadEntry::name).
    ///
    /// Two people may have files of the same name. As the name of a file on the server, choose one of your own.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// The path inside a directory: see [`UploadEntry::path`](super::UploadEntry::path).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.info.path
    }

    /// The media type as the browser guesses it from the name; often empty.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.info.media_type
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.info.size
    }

    /// Where the temporary file is, as long as this exists, to read it with anything that takes a path. `None` for what
    /// went to a writer or to another server.
    #[must_use]
    pub fn temporary(&self) -> Option<&Path> {
        self.stored.as_ref().map(|stored| &*stored.path)
    }

    /// Reads the whole file into memory.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if it went to a writer or to another server.
    pub async fn bytes(&self) -> io::Result<Vec<u8>> {
        tokio::fs::read(self.temporary().ok_or_else(elsewhere)?).await
    }

    /// Keeps the file at `path`, in place of a file that is there. On the same file system it is moved, otherwise
    /// copied; nobody ever sees a part of it. Only the user that runs the program can read it, until you change that.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory does not exist or cannot be written to, or if the file went to a writer or to
    /// another server.
    pub async fn save(self, path: impl Into<PathBuf>) -> io::Result<()> {
        let (to, stored) = (path.into(), self.stored.ok_or_else(elsewhere)?);
        let moved = tokio::task::spawn_blocking(move || keep(stored, &to)).await;
        moved.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }
}

fn elsewhere() -> io::Error {
    io::Error::other("the file is not here: it went to the writer or the server that the upload names")
}

fn keep(Temporary { path, directory: _directory }: Temporary, to: &Path) -> io::Result<()> {
    let Err(error) = path.persist(to) else { return Ok(()) };
    if error.error.kind() != io::ErrorKind::CrossesDevices {
        return Err(error.error);
    }
    // The copy is moved into place when it is complete.
    let directory = to.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut copy = tempfile::Builder::new().prefix(".upload-").tempfile_in(directory)?;
    io::copy(&mut std::fs::File::open(&error.path)?, &mut copy)?;
    copy.persist(to)?;
    Ok(())
}
