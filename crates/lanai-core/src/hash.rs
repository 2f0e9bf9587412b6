//! The hash of a slot's value.
//!
//! The diff compares 64 bits of a keyed hash and the length of the value. The key is random for each process, so nobody
//! can prepare two values that look the same to the diff.

use std::hash::{BuildHasher, Hash, Hasher as _};
use std::sync::LazyLock;

use foldhash::quality::RandomState;

/// The hash function of the process.
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

    /// Returns half a hash, for a specification that the program's author writes and no visitor can choose.
    pub(crate) fn hash_spec(&self, spec: &impl Hash) -> u32 {
        self.0.hash_one(spec) as u32
    }

    pub(crate) fn combine_spec(&self, before: u64, spec: &impl Hash) -> u64 {
        self.0.hash_one((before, spec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_equal_hashes_and_others_others() {
        let hasher = Hasher::get();
        assert_eq!(hasher.hash("a"), Hasher::get().hash("a"), "one key for the process");
        let texts: Vec<String> =
            (0..10_000).map(|number| number.to_string()).chain([String::new(), "\0".into()]).collect();
        let hashes: std::collections::HashSet<u64> = texts.iter().map(|text| hasher.hash(text)).collect();
        assert_eq!(hashes.len(), texts.len());
    }

    #[test]
    fn a_combined_hash_tells_how_texts_are_divided() {
        let hasher = Hasher::get();
        let all =
            |payloads: &[&'static str]| payloads.iter().fold(0, |before, payload| hasher.combine_spec(before, payload));
        let divisions: [&[&str]; 6] = [&[], &[""], &["", ""], &["ab", "c"], &["a", "bc"], &["c", "ab"]];
        let hashes: std::collections::HashSet<u64> = divisions.iter().map(|payloads| all(payloads)).collect();
        assert_eq!(hashes.len(), divisions.len());
    }
}
