//! Tables with aligned columns: description, measurement, comparison, ratio, target.

use std::fmt;

/// A table with aligned columns.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 6]>,
    notes: Vec<String>,
}

/// A row under construction.
pub(crate) struct Row<'t> {
    cells: &'t mut [String; 6],
}

const HEAD: [&str; 6] = ["what", "measured", "compared", "ratio", "target", ""];

impl Table {
    /// Begins a row.
    pub(crate) fn row(&mut self, what: impl Into<String>, measured: impl Into<String>) -> Row<'_> {
        self.rows.push([what.into(), measured.into(), String::new(), String::new(), String::new(), String::new()]);
        Row { cells: self.rows.last_mut().expect("a row was just pushed") }
    }

    /// Adds a line below the table that explains the measurement.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl Row<'_> {
    /// Sets the figure to compare with.
    pub(crate) fn compared(self, peer: impl Into<String>) -> Self {
        self.cells[2] = peer.into();
        self
    }

    /// Sets the ratio of Lanai's figure to the peer's.
    pub(crate) fn ratio(self, ratio: f64) -> Self {
        self.cells[3] = format!("{ratio:.2}");
        self
    }

    /// Sets a target: `measured` must not exceed `limit`.
    pub(crate) fn at_most(self, measured: f64, limit: f64, unit: &str) -> Self {
        self.target(format!("≤ {}{unit}", number(limit)), measured <= limit)
    }

    /// Sets a target: `measured` must not be below `limit`.
    pub(crate) fn at_least(self, measured: f64, limit: f64) -> Self {
        self.target(format!("≥ {}", number(limit)), measured >= limit)
    }

    fn target(self, target: String, met: bool) -> Self {
        self.cells[4] = target;
        self.cells[5] = if met { "✓" } else { "✗" }.into();
        self
    }
}

/// Formats a number for people: `1,234`, `12.5`, `0.034`.
pub(crate) fn number(value: f64) -> String {
    let decimals = match value.abs() {
        _ if value.fract() == 0.0 => 0,
        size if size < 10.0 => 2,
        size if size < 100.0 => 1,
        _ => 0,
    };
    let plain = format!("{value:.decimals$}");
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left.is_multiple_of(3) && digit != '-' && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = HEAD.map(String::from);
        let lines = || std::iter::once(&head).chain(&self.rows);
        let widths: [usize; 6] =
            std::array::from_fn(|column| lines().map(|cells| cells[column].chars().count()).max().unwrap_or(0));
        for cells in lines() {
            let mut line = String::from(" ");
            for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
                if width > 0 {
                    // Ratios are aligned to the right.
                    line += &if column == 3 { format!(" {cell:>width$} ") } else { format!(" {cell:<width$} ") };
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        for note in &self.notes {
            writeln!(f, "  · {note}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        let shown = [0.5, 0.034, 1.25, 12.0, 99.94, 1234.0, 1234.5, 1_000_000.0, -1234.0].map(number);
        assert_eq!(shown, ["0.50", "0.03", "1.25", "12", "99.9", "1,234", "1,234", "1,000,000", "-1,234"]);
    }

    #[test]
    fn columns_are_aligned_and_targets_are_checked() {
        let mut table = Table::default();
        table.row("a", "12 B").at_most(12.0, 12.0, " B");
        table.row("longer", "3").compared("peer 4").ratio(0.75).at_least(0.75, 0.8);
        table.note("how");
        let expected = "  what    measured  compared  ratio  target\n  a       12 B                       ≤ 12 B  ✓\n  \
                        longer  3         peer 4     0.75  ≥ 0.80  ✗\n  · how\n";
        assert_eq!(table.to_string(), expected);
    }
}
