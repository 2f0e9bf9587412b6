//! Log messages about visitors.
//!
//! Everything that a stranger can write to the log repeatedly, or in their own words, passes through here: text is
//! escaped and truncated ([`Quoted`]), and each kind of line is written only a few times in a period, with a count of
//! the lines left out (`visitor_log!`).

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How many lines of one kind are written in each [`PERIOD`].
const LINES: u32 = 10;

const PERIOD: Duration = Duration::from_secs(10);

/// The largest length of a text, in bytes.
const LENGTH: usize = 200;

/// Text that a visitor may have influenced, on one line: invisible characters are escaped, and a long text is
/// truncated.
pub(crate) struct Quoted<T>(pub(crate) T);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line { out, room: LENGTH, left_out: 0 };
        write!(line, "{}", self.0)?;
        let Line { out, left_out, .. } = line;
        if left_out > 0 { write!(out, "… and {left_out} more bytes") } else { Ok(()) }
    }
}

/// Escapes what is written to it, and counts what exceeds the limit.
struct Line<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    room: usize,
    left_out: usize,
}

impl fmt::Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (at, character) in text.char_indices() {
            if self.room == 0 {
                self.left_out += text.len() - at;
                break;
            }
            self.room = self.room.saturating_sub(character.len_utf8());
            match character {
                // Outside a literal, quotes need no escape.
                '"' | '\'' => self.out.write_char(character)?,
                _ => write!(self.out, "{}", character.escape_debug())?,
            }
        }
        Ok(())
    }
}

/// One kind of line, or one for each view and function.
pub(crate) struct Sample(Mutex<BTreeMap<Kind, Taken>>);

/// Both are strings from the program, so their number is limited.
pub(crate) type Kind = (&'static str, &'static str);

struct Taken {
    since: Instant,
    lines: u32,
    left_out: u64,
}

impl Sample {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Whether to write the line now; if so, how many lines were left out since the last one.
    pub(crate) fn take(&self, kind: Kind) -> Option<u64> {
        self.take_at(kind, Instant::now())
    }

    fn take_at(&self, kind: Kind, now: Instant) -> Option<u64> {
        let mut kinds = self.0.lock();
        let taken = kinds.entry(kind).or_insert(Taken { since: now, lines: 0, left_out: 0 });
        if now.saturating_duration_since(taken.since) >= PERIOD {
            (taken.since, taken.lines) = (now, 0);
        }
        taken.lines += 1;
        if taken.lines > LINES {
            taken.left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut taken.left_out))
    }
}

/// Writes a line to the log, unless too many lines of its kind were written; `of` distinguishes kinds that share one
/// place in the code.
macro_rules! visitor_log {
    ($level:ident, of $kind:expr, $($line:tt)+) => {{
        static SAMPLE: $crate::visitors::Sample = $crate::visitors::Sample::new();
        match SAMPLE.take($kind) {
            None => {}
            Some(0) => tracing::$level!($($line)+),
            Some(left_out) => tracing::$level!(left_out, $($line)+),
        }
    }};
    ($level:ident, $($line:tt)+) => {
        $crate::visitors::visitor_log!($level, of ("", ""), $($line)+)
    };
}

pub(crate) use visitor_log;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_line_or_hides_on_it() {
        let text = "a\n2026-01-01 INFO all is well\r\u{1b}[2J\u{202e}\u{0}\u{85}\u{2028}\u{200b}\"'ü";
        let quoted = Quoted(text).to_string();
        assert_eq!(quoted, r#"a\n2026-01-01 INFO all is well\r\u{1b}[2J\u{202e}\0\u{85}\u{2028}\u{200b}"'ü"#,);
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(Quoted("x".repeat(200)).to_string(), "x".repeat(200));
        let quoted = Quoted("ü".repeat(1_000_000)).to_string();
        assert_eq!(quoted, format!("{}… and 1999800 more bytes", "ü".repeat(100)));
    }

    #[test]
    fn repeats_are_counted_and_left_out() {
        let (sample, start) = (Sample::new(), Instant::now());
        let take = |kind, seconds| sample.take_at((kind, ""), start + Duration::from_secs(seconds));
        for _ in 0..LINES {
            assert_eq!(take("a", 0), Some(0));
        }
        for _ in 0..600 {
            assert_eq!(take("a", 1), None);
        }
        assert_eq!(take("b", 1), Some(0), "another kind");
        assert_eq!(take("a", 11), Some(600));
        assert_eq!(take("a", 11), Some(0));
    }
}
