//! The results of several rounds of one measurement.

use crate::table::number;

/// The results of the rounds, in ascending order.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, sample: f64) {
        let at = self.0.partition_point(|&before| before < sample);
        self.0.insert(at, sample);
    }

    /// Returns the median.
    ///
    /// # Panics
    ///
    /// Panics if there are no samples.
    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len().is_multiple_of(2) { (self.0[middle - 1] + self.0[middle]) / 2.0 } else { self.0[middle] }
    }

    /// Formats the samples as `median unit (least to most)`.
    pub(crate) fn show(&self, unit: &str) -> String {
        let (least, most) = (self.0[0], self.0[self.0.len() - 1]);
        format!("{}{unit} ({} to {})", number(self.median()), number(least), number(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_shown_with_the_least_and_the_most() {
        let mut samples = Samples::default();
        for sample in [3.0, 1.0, 2.0] {
            samples.push(sample);
        }
        assert_eq!(samples.show(" us"), "2 us (1 to 3)");
        samples.push(4.0);
        assert_eq!(samples.median(), 2.5);
    }
}
