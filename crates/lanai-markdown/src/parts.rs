//! The parts of a long list or table.
//!
//! A list is one block, however long it is, so each item would have the whole list parsed again. Therefore a long one is
//! divided: the items before the last part are finished. (Whether the items of a list are paragraphs, since there are
//! blank lines between them, is decided for each part.)

use pulldown_cmark::{Alignment, Event, Tag};

use crate::definitions::{Definitions, Located};
use crate::outline::end_of;
use crate::writer::Writer;

/// The length from which a list or table is divided, in bytes.
pub(crate) const LONG: usize = 2_048;

/// Where a list or table can be divided.
#[derive(Debug, Default)]
pub(crate) struct Divisible {
    /// Where its items or rows begin: the beginnings of their first lines.
    pub(crate) starts: Vec<usize>,
    /// The end of what comes before the first row of a table, and before each part of it when that is parsed. 0 for a
    /// list.
    pub(crate) head: usize,
}

impl Divisible {
    /// Returns where a text can be divided, if its only block is a list or a table.
    pub(crate) fn of(text: &str, definitions: &Definitions) -> Self {
        let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
        let mut divisible = Self::default();
        let mut depth = 0_usize;
        for (event, range) in definitions.parse(text) {
            match (&event, depth) {
                (Event::Start(Tag::List(_) | Tag::Table(_)), 0) => {}
                (_, 0) => return Self::default(),
                (Event::Start(Tag::Item), 1) => divisible.starts.push(line_of(range.start)),
                (Event::Start(Tag::TableRow), 1) => {
                    let start = line_of(range.start);
                    if divisible.starts.is_empty() {
                        divisible.head = start;
                    }
                    divisible.starts.push(start);
                }
                _ => {}
            }
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
        divisible
    }
}

/// Returns the HTML of each item of the list, or each row of the table, that a text is.
pub(crate) fn pieces(text: &str, definitions: &Definitions) -> Vec<String> {
    let events: Vec<Located<'_>> = definitions.parse(text).collect();
    let (alignments, mut at): (&[Alignment], usize) = match events.first() {
        Some((Event::Start(Tag::Table(alignments)), _)) => (alignments, end_of(&events, 1)),
        _ => (&[], 1),
    };
    let mut pieces = Vec::new();
    while at < events.len() && matches!(events[at].0, Event::Start(_)) {
        let end = end_of(&events, at);
        let events = events[at..end].iter().map(|(event, _)| event);
        pieces.push(Writer::new(String::new(), alignments, 0).write(events));
        at = end;
    }
    pieces
}
