//! A file of an upload, as the view sees it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use crate::page::uploads::name::{file_name, file_path};

/// The number of a file, by which a view tells the files of an upload apart: as a key, and to
/// [cancel](super::Upload::cancel) one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(pub(super) u64);

/// For `key=(…)` and `data-lanai-preview=(…)`.
impl std::fmt::Display for UploadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a browser says of a file that a person has chosen.
#[derive(Debug)]
pub(super) struct Info {
    pub(super) id: UploadId,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
}

/// A file, as the page tells it: number, name, media type, size, when it was modified, and path in its directory.
#[derive(Deserialize)]
pub(super) struct Chosen(u64, String, String, u64, i64, String);

impl From<Chosen> for Info {
    fn from(Chosen(id, name, media_type, size, modified, path): Chosen) -> Self {
        let modified = u64::try_from(modified).ok().map(Duration::from_millis);
        Self {
            id: UploadId(id),
            name: file_name(&name),
            path: file_path(&path),
            media_type: media_type.chars().filter(|c| !c.is_control()).take(127).collect(),
            size,
            modified: modified.and_then(|modified| SystemTime::UNIX_EPOCH.checked_add(modified)),
        }
    }
}

/// A file that a person has chosen for an [`Upload`](super::Upload), and what has come of it.
///
/// What the browser says of it is not to be trusted, apart from the size, which the server enforces.
#[derive(Debug, Clone)]
pub struct UploadEntry {
    pub(super) info: Arc<Info>,
    pub(super) received: u64,
    pub(super) state: EntryState,
}

/// Where a file of an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryState {
    /// It waits for [`Upload::start`](super::Upload::start) or [`Upload::submit`](super::Upload::submit).
    Waiting,
    /// It is being sent.
    Sending,
    /// It is here.
    Complete,
    /// It was refused, or did not come.
    Failed(UploadError),
}

impl UploadEntry {
    /// The number of the file.
    #[must_use]
    pub fn id(&self) -> UploadId {
        self.info.id
    }

    /// The name of the file, without directories, and without what a name of a file must not contain.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// The path inside the directory that the person has chosen or dropped, with `/` between its parts. Empty for a
    /// file that was chosen by itself. It contains no `..`, and does not begin with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.info.path
    }

    /// The media type as the browser guesses it from the name, such as `image/png`; often empty.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.info.media_type
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.info.size
    }

    /// When the file was modified, as the browser says.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.info.modified
    }

    /// How many bytes have come.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How much of it has come, from 0 to 100, for `progress max="100"`.
    #[must_use]
    pub fn percent(&self) -> u8 {
        match (self.state, self.info.size) {
            (EntryState::Complete, _) => 100,
            (_, 0) => 0,
            (_, size) => (u128::from(self.received) * 100 / u128::from(size)).min(100) as u8,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> EntryState {
        self.state
    }

    /// Why it was refused, or did not come.
    #[must_use]
    pub fn error(&self) -> Option<UploadError> {
        match self.state {
            EntryState::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// Why a file was refused, or did not come. The text is for the person who has chosen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// It has more bytes than [`max_size`](super::Upload::max_size) allows.
    #[error("The file is larger than {}.", size(*.0))]
    TooLarge(u64),
    /// There are as many files as [`max_files`](super::Upload::max_files) allows.
    #[error("{}", too_many(*.0))]
    TooMany(usize),
    /// It is of a type that [`accept`](super::Upload::accept) does not allow, or its content is not what its name says.
    #[error("Files of this type are not accepted.")]
    NotAccepted,
    /// The server has no space for it: see [`Limits::upload_space`](crate::Limits::upload_space).
    #[error("There is no space for this file at the moment.")]
    Full,
    /// The browser cannot read it any longer: it was moved, changed, or is a directory.
    #[error("The file cannot be read.")]
    Unreadable,
    /// It could not be stored. The reason is in the log.
    #[error("The file could not be stored.")]
    Storage,
    /// Nothing has come of it for a long time: see [`Limits::upload_idle`](crate::Limits::upload_idle).
    #[error("The file did not arrive.")]
    Idle,
}

fn too_many(max: usize) -> String {
    match max {
        1 => "There can be only one file.".into(),
        max => format!("There can be only {max} files."),
    }
}

/// Writes a number of bytes as people do.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    let Some(unit) = bytes.checked_ilog(1024).filter(|unit| *unit > 0) else {
        return if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") };
    };
    let unit = (unit as usize).min(UNITS.len());
    let tenths = u128::from(bytes) * 10 / 1024_u128.pow(unit as u32);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {}", UNITS[unit - 1]),
        (whole, tenths) => format!("{whole}.{tenths} {}", UNITS[unit - 1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_for_people() {
        for (bytes, text) in [
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (2048, "2 KB"),
            (1_572_864, "1.5 MB"),
            (8 << 20, "8 MB"),
            (u64::MAX, "16383.9 PB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(UploadError::TooLarge(8 << 20).to_string(), "The file is larger than 8 MB.");
        assert_eq!(UploadError::TooMany(1).to_string(), "There can be only one file.");
        assert_eq!(UploadError::TooMany(3).to_string(), "There can be only 3 files.");
    }
}
