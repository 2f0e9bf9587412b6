//! [`Spans`]: how positions and places belong together.

use std::collections::VecDeque;

/// How many epochs are remembered.
const MAX_EPOCHS: usize = 16;
/// How positions and places belong together.
#[derive(Debug, Clone)]
pub(crate) struct Epochs(VecDeque<Epoch>);

#[derive(Debug, Clone, Copy)]
struct Epoch {
    /// Its first place.
    first: u64,
    /// What is to be added to a place.
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

    /// The position of a place.
    pub(crate) fn position(&self, sequence: u64) -> u64 {
        self.current().base + sequence
    }

    /// The place at or before a position, as far as it is still that of the same message: places that were given again
    /// are not.
    pub(crate) fn sequence(&self, position: u64) -> u64 {
        let mut sequence = u64::MAX;
        for epoch in self.0.iter().rev() {
            if position >= epoch.base + epoch.first {
                return sequence.min(position - epoch.base);
            }
            // It is before this span, so at a place before the span's first.
            sequence = sequence.min(epoch.first - 1);
        }
        sequence.min(position)
    }

    /// Begins a new span at a place, whose position is one that was never given.
    pub(crate) fn begin(&mut self, first: u64, position: u64) {
        if self.0.len() == MAX_EPOCHS {
            self.0.pop_front();
        }
        // Positions only grow, and so does what is added.
        self.0.push_back(Epoch { first, base: position - first });
    }
}
