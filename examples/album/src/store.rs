//! The photos of all visitors, in memory: the last ones.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;

/// How many photos there are at most. The oldest goes first.
const PHOTOS: usize = 24;

/// The photos, oldest first.
#[derive(Default)]
pub(crate) struct Store(Mutex<Photos>);

#[derive(Default)]
struct Photos {
    last: u64,
    photos: VecDeque<Photo>,
}

#[derive(Clone)]
pub(crate) struct Photo {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Bytes,
}

impl Store {
    fn photos<R>(&self, change: impl FnOnce(&mut Photos) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Adds a photo. Returns its number, unless it is of a format that not all browsers show.
    pub(crate) fn add(&self, name: String, bytes: Vec<u8>) -> Option<u64> {
        let media_type = media_type(&bytes)?;
        Some(self.photos(|all| {
            all.last += 1;
            all.photos.push_back(Photo { id: all.last, name, media_type, bytes: bytes.into() });
            if all.photos.len() > PHOTOS {
                all.photos.pop_front();
            }
            all.last
        }))
    }

    pub(crate) fn find(&self, id: u64) -> Option<Photo> {
        self.photos(|all| all.photos.iter().find(|photo| photo.id == id).cloned())
    }

    pub(crate) fn remove(&self, id: u64) {
        self.photos(|all| all.photos.retain(|photo| photo.id != id));
    }

    /// Returns the numbers and the names, newest first.
    pub(crate) fn list(&self) -> Vec<(u64, String)> {
        self.photos(|all| all.photos.iter().rev().map(|photo| (photo.id, photo.name.clone())).collect())
    }
}

/// What a picture is served as is said by its content, and not by its name.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
