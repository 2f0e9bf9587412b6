//! What the tests share: a model of the client, random templates, and random renderings of them.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test uses a part of it")]

pub mod client;
pub mod rows;
pub mod schema;
pub mod value;

/// Decisions as numbers, from a seed or from proptest, which simplifies a failing case by removing and reducing
/// numbers. When they run out, each decision is 0, so 0 is always the simplest choice.
pub struct Choices {
    numbers: Vec<u32>,
    at: usize,
}

impl Choices {
    pub fn new(numbers: Vec<u32>) -> Self {
        Self { numbers, at: 0 }
    }

    /// Many decisions, which depend only on the seed (SplitMix64, G. L. Steele 2014).
    pub fn seeded(seed: u64, count: usize) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((mixed ^ (mixed >> 31)) >> 16) as u32
        };
        Self::new((0..count).map(|_| next()).collect())
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number as usize % end.max(1)
    }

    /// Returns true in one of `n` cases.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
