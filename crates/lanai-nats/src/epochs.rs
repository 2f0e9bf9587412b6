//! [`Epochs`]: the mapping between positions and sequences.
//!
//! *Sequences* are the stream's own numbers. A stream that was recreated, or whose server has lost its end, assigns
//! sequences again. *Positions*, which the broker sees, only increase. So each such event begins an *epoch*, with its
//! own difference between positions and sequences.

use std::collections::VecDeque;

/// How many epochs are remembered.
const MAX_EPOCHS: usize = 16;

/// The mapping between positions and sequences.
#[derive(Debug, Clone)]
pub(crate) struct Epochs(VecDeque<Epoch>);

#[derive(Debug, Clone, Copy)]
struct Epoch {
    /// Its first sequence.
    first: u64,
    /// The difference between positions and sequences.
    base: u64,
}

impl Epochs {
    pub(crate) fn new() -> Self {
        Self(VecDeque::from([Epoch { first: 1, base: 0 }]))
    }

    fn current(&self) -> Epoch {
        self.0[self.0.len() - 1]
    }

    /// The first sequence of the current epoch.
    pub(crate) fn first(&self) -> u64 {
        self.current().first
    }

    /// The position of a sequence in the current epoch.
    pub(crate) fn position(&self, sequence: u64) -> u64 {
        self.current().base + sequence
    }

    /// The sequence at or before a position, as far as it still holds the same message and was not assigned again.
    pub(crate) fn sequence(&self, position: u64) -> u64 {
        let mut sequence = u64::MAX;
        for epoch in self.0.iter().rev() {
            if position >= epoch.base + epoch.first {
                return sequence.min(position - epoch.base);
            }
            // The position is from an earlier epoch, so its sequence is before the first of this one.
            sequence = sequence.min(epoch.first - 1);
        }
        sequence.min(position)
    }

    /// Begins an epoch at a sequence, whose position was never used before.
    pub(crate) fn begin(&mut self, first: u64, position: u64) {
        if self.0.len() == MAX_EPOCHS {
            self.0.pop_front();
        }
        // Positions only increase, and so does the difference.
        self.0.push_back(Epoch { first, base: position - first });
    }
}
