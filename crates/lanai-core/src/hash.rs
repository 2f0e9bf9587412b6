//! The hash of a slot's value.
//!
//! 64 bits of a keyed, well-mixed hash, beside the length. The key is drawn once a process, so nobody can prepare two values
//! that look the same to the diff.

use std::hash::{BuildHasher, Hasher as _};
use std::sync::LazyLock;

use foldhash::quality::RandomState;

/// The process's hash function.
#[derive(Clone)]
pub(crate) struct Hasher(RandomState);

impl Hasher {
    pub(crate) fn get() -> Self {
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::default);
        Self(STATE.clone())
    }

    pub(crate) fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    pub(crate) fn combine(&self, before: u64, text: &str) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(before);
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}
