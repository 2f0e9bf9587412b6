//! A text, divided into what is finished and what is open at its end.

use std::ops::Range;

use pulldown_cmark::{Alignment, Event, Tag};

use crate::definitions::{Definitions, Located};
use crate::element::{Element, align};
use crate::growth::decided;
use crate::writer::Writer;

/// Elements that are nested more deeply are not open, but parts of the one around them.
const DEEPEST: usize = 12;

/// The length that joined pieces have at least, in bytes.
const JOINED: usize = 1_024;

/// The elements that are open at the end of a text, from the outermost to the innermost, and the text at its end.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) levels: Vec<Level>,
    /// The text at the end of the innermost element.
    pub(crate) tail: String,
    /// Where in the text the tail ends, if it is there as it is here.
    pub(crate) tail_end: Option<usize>,
    /// Where the outermost open block begins.
    pub(crate) start: usize,
}

/// An open element.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) element: Element,
    /// The HTML of what is finished in it, piece by piece.
    pub(crate) closed: Vec<String>,
}

impl Outline {
    /// Returns the outline of a text, as far as its meaning is known.
    pub(crate) fn of(text: &str, definitions: &Definitions) -> Self {
        let events: Vec<Located<'_>> = definitions.parse(decided(text)).collect();
        let mut outline = Self::default();
        outline.descend(&events, Element::Root, &[]);
        outline
    }

    /// Counts positions from the end of a text that was put before, with this length.
    pub(crate) fn after(mut self, before: usize) -> Self {
        self.tail_end = self.tail_end.and_then(|end| end.checked_sub(before));
        self.start = self.start.saturating_sub(before);
        self
    }

    /// Joins finished pieces to longer ones, so that a long block does not have thousands of them, each of which would
    /// cost a comparison for each token.
    pub(crate) fn joined(mut self) -> Self {
        for level in &mut self.levels {
            let mut joined: Vec<String> = Vec::new();
            for piece in level.closed.drain(..) {
                match joined.last_mut().filter(|last| last.len() < JOINED) {
                    Some(last) => last.push_str(&piece),
                    None => joined.push(piece),
                }
            }
            level.closed = joined;
        }
        self
    }

    pub(crate) fn innermost(&self) -> &Element {
        self.levels.last().map_or(&Element::Root, |level| &level.element)
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.levels.len() == 1 && self.levels[0].closed.is_empty()
    }

    /// Reads the content of an open element.
    fn descend(&mut self, events: &[Located<'_>], element: Element, alignments: &[Alignment]) {
        let mut content = Content::default();
        let mut cell = 0;
        let mut at = 0;
        while at < events.len() {
            let child = &events[at..end_of(events, at)];
            at += child.len();
            let (event, range) = &child[0];
            match event {
                Event::Text(text) => content.text(text, Some(range)),
                Event::SoftBreak => content.text("\n", None),
                Event::Html(text) | Event::InlineHtml(text) => content.text(text, None),
                Event::Start(tag)
                    if at == events.len()
                        && self.levels.len() < DEEPEST
                        && let Some(inner) = Element::of(tag, align(alignments.get(cell))) =>
                {
                    if element == Element::Root {
                        self.start = range.start;
                    }
                    self.levels.push(Level { element, closed: content.close() });
                    let inside = &child[1..child.len() - 1];
                    return match tag {
                        Tag::Table(alignments) => self.descend_table(inside, alignments),
                        _ => self.descend(inside, inner, alignments),
                    };
                }
                _ => content.finished(child, alignments, cell),
            }
            cell += usize::from(matches!(event, Event::Start(Tag::TableCell)));
        }
        if element.has_phrases() || element.is_code() {
            (self.tail, self.tail_end) = (std::mem::take(&mut content.tail), content.tail_end);
        }
        self.levels.push(Level { element, closed: content.close() });
    }

    /// Reads an open table. Its rows are in an element of their own.
    fn descend_table(&mut self, events: &[Located<'_>], alignments: &[Alignment]) {
        let (head, rows) = events.split_at(end_of(events, 0));
        let html = Writer::new(String::new(), alignments, 0).write(head.iter().map(|(event, _)| event));
        self.levels.push(Level { element: Element::Table, closed: vec![html] });
        self.descend(rows, Element::TableBody, alignments);
    }
}

/// The content of an element, while it is read.
#[derive(Default)]
struct Content {
    closed: Vec<String>,
    /// The text after the last finished piece.
    tail: String,
    tail_end: Option<usize>,
}

impl Content {
    fn text(&mut self, text: &str, range: Option<&Range<usize>>) {
        self.tail.push_str(text);
        self.tail_end = range.filter(|range| range.len() == text.len()).map(|range| range.end);
    }

    /// Adds an event or element that is finished.
    fn finished(&mut self, events: &[Located<'_>], alignments: &[Alignment], cell: usize) {
        let before = self.take_tail();
        self.closed.push(Writer::new(before, alignments, cell).write(events.iter().map(|(event, _)| event)));
    }

    fn close(mut self) -> Vec<String> {
        let rest = self.take_tail();
        if !rest.is_empty() {
            self.closed.push(rest);
        }
        self.closed
    }

    fn take_tail(&mut self) -> String {
        let mut html = String::new();
        lanai_core::escape(&std::mem::take(&mut self.tail), &mut html);
        self.tail_end = None;
        html
    }
}

/// Returns the index after the event at `start`, or after the element that it begins.
pub(crate) fn end_of(events: &[Located<'_>], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, (event, _)) in events.iter().enumerate().skip(start) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    events.len()
}
