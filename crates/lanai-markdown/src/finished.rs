//! Where blocks are finished, whatever follows.

use pulldown_cmark::{Event, Tag};

use crate::definitions::Definitions;
use crate::growth::Fence;

/// The last of the outermost blocks of a text.
struct Last {
    kind: Kind,
    start: usize,
    end: usize,
}

/// What ends a block, besides a line that begins another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The end of its last line.
    Line,
    /// A blank line.
    Blank,
    /// A blank line and then a line that is not a part of it.
    List,
    /// Its own end.
    Code,
    /// Hard to say.
    Other,
}

/// Returns where the outermost blocks of a text end that are finished.
///
/// Only complete lines tell: what begins like another block may become a line of the last one.
pub(crate) fn finished(text: &str, definitions: &Definitions) -> Vec<usize> {
    let (lines, line) = text.split_at(text.rfind('\n').map_or(0, |at| at + 1));
    let mut ends = Vec::new();
    let mut last: Option<Last> = None;
    let mut depth = 0_usize;
    for (event, range) in definitions.parse(lines) {
        if depth == 0 {
            if last.is_some() {
                ends.push(lines[..range.start].rfind('\n').map_or(0, |at| at + 1));
            }
            last = Some(Last { kind: Kind::of(&event), start: range.start, end: range.end });
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    if last.is_some_and(|last| last.is_finished(lines, line)) {
        ends.push(lines.len());
    }
    ends
}

impl Kind {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Rule | Event::Start(Tag::Heading { .. }) => Self::Line,
            Event::Start(Tag::Paragraph | Tag::BlockQuote(_) | Tag::Table(_)) => Self::Blank,
            Event::Start(Tag::List(_)) => Self::List,
            Event::Start(Tag::CodeBlock(_)) => Self::Code,
            _ => Self::Other,
        }
    }
}

impl Last {
    /// Whether nothing can become a part of the block. `lines` are complete, and `line` is not.
    fn is_finished(&self, lines: &str, line: &str) -> bool {
        let is_blank = lines.lines().next_back().is_some_and(|line| line.trim().is_empty());
        match self.kind {
            Kind::Line => true,
            Kind::Blank => is_blank,
            // What is not indented and does not begin like an item is not a part of the list.
            Kind::List => {
                is_blank
                    && line
                        .chars()
                        .next()
                        .is_some_and(|c| !c.is_whitespace() && !c.is_ascii_digit() && !"-+*".contains(c))
            }
            Kind::Code => Fence::at(&lines[self.start..]).is_some_and(|fence| {
                let block = lines[self.start..self.end].trim_end_matches('\n');
                block.rfind('\n').is_some_and(|at| fence.is_closed_by(&block[at + 1..]))
            }),
            Kind::Other => false,
        }
    }
}
