//! A text in Markdown, as a view holds it.

use std::borrow::Cow;
use std::fmt;

use lanai::macro_support::{Fragment, Rendering};
use lanai::{Html, Inert, LiveList, html};
use lanai_core::Tape;

use crate::block::Block;
use crate::definitions::Definitions;
use crate::finished::finished;
use crate::growth::Growth;
use crate::outline::Outline;
use crate::parts::{Divisible, LONG, pieces};

/// The length from which an open block is no longer parsed for each token, in bytes. Then it is parsed each time it has
/// grown by one [part](GROWN) of its length, so that all its parses together cost a multiple of its length.
const LONGEST: usize = 4_096;
const GROWN: usize = 16;

/// Markdown that grows at its end.
///
/// A view holds it as a field, and renders it with `(self.answer)`. See the [crate](crate).
#[derive(Clone)]
pub struct Markdown {
    source: String,
    blocks: LiveList<Block>,
    /// Where the block that is open begins, or the last part of it. It is the last one of `blocks`, if there is anything to
    /// show of it.
    open: usize,
    shows_open: bool,
    /// The head of the open block, if that is a table whose first rows are finished.
    head: String,
    growth: Growth,
    /// The length of the text at which the open block is parsed, whatever it is. It depends on the text alone, and not
    /// on how it is divided.
    parse_at: usize,
    definitions: Definitions,
    /// Whether the last character was a carriage return, which was added as a newline.
    after_return: bool,
    parsed: usize,
}

impl Markdown {
    /// Creates an empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends to the text. A piece may end anywhere, also within markup.
    pub fn push_str(&mut self, text: &str) {
        let mut from = self.source.len();
        for c in text.chars() {
            match c {
                '\n' if self.after_return => {}
                '\r' => self.source.push('\n'),
                '\0' => self.source.push(char::REPLACEMENT_CHARACTER),
                c => self.source.push(c),
            }
            self.after_return = c == '\r';
            if self.must_parse() {
                self.parse(from);
                from = self.source.len();
            }
        }
        if self.source.len() > from {
            self.grow(from);
        }
    }

    /// Whether the open block has reached a length at which it is parsed.
    fn must_parse(&self) -> bool {
        self.source.len() >= self.parse_at && !self.growth.is_code()
    }

    /// Shows what was appended from `from` on.
    fn grow(&mut self, from: usize) {
        let was_code = self.growth.is_code();
        let mut appended = self.growth.grow(&self.source, from);
        if appended.is_none() && self.is_long() && !was_code {
            self.growth.stop_parsing();
            appended = self.growth.grow(&self.source, from);
        }
        match appended {
            Some(appended) => {
                if !appended.is_empty()
                    && let Some(block) = self.blocks.last_mut()
                {
                    block.append(&self.source[appended]);
                }
            }
            None => self.parse(from),
        }
    }

    /// Whether the open block was so long when it was parsed that it is not parsed for each token.
    fn is_long(&self) -> bool {
        self.parse_at > self.open + LONGEST
    }

    /// Returns the text as it was appended, but with newlines as its only line breaks.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Removes the text.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns how many bytes were parsed so far. The tests compare it with the length of the text.
    #[doc(hidden)]
    #[must_use]
    pub fn parsed(&self) -> usize {
        self.parsed
    }

    fn parse(&mut self, from: usize) {
        // Only a new line, or its beginning, can finish a block.
        if self.source[from..].contains('\n') || self.source[..from].ends_with('\n') {
            self.finish_blocks();
        }
        let outline = self.outline(self.source.len());
        let length = self.source.len() - self.open;
        self.parse_at = self.open + if length < LONGEST { LONGEST } else { length + length / GROWN };
        self.growth = Growth::of(&self.source, self.open, &outline);
        if self.is_long() {
            self.growth = std::mem::take(&mut self.growth).of_long(&self.source, &outline);
        }
        self.show_open(outline);
    }

    /// Returns the outline of the open block up to `end`.
    fn outline(&mut self, end: usize) -> Outline {
        let text = self.text(end);
        let (outline, parsed) = (Outline::of(&text, &self.definitions).after(self.head.len()), text.len());
        self.parsed += parsed;
        if parsed < LONGEST { outline } else { outline.joined() }
    }

    /// Returns what is parsed of the open block up to `end`.
    fn text(&self, end: usize) -> Cow<'_, str> {
        let text = &self.source[self.open..end];
        if self.head.is_empty() { text.into() } else { [&self.head, text].concat().into() }
    }

    /// Finishes the blocks that nothing can become a part of.
    fn finish_blocks(&mut self) {
        let unfinished = self.text(self.source.len());
        let (offset, parsed) = (self.open, unfinished.len());
        let ends: Vec<_> =
            finished(&unfinished, &self.definitions).iter().map(|end| offset + end - self.head.len()).collect();
        self.parsed += parsed;
        for end in ends {
            self.divide(end);
            let outline = self.outline(end);
            self.show_open(outline);
            self.shows_open = false;
            self.definitions.add_from(&self.source[self.open..end]);
            self.head.clear();
            self.open = end;
        }
        self.divide(self.source.rfind('\n').map_or(0, |at| at + 1));
    }

    /// Finishes all parts but the last one of a long list or table, which ends at `end` or goes on there.
    fn divide(&mut self, end: usize) {
        if end < self.open + LONG {
            return;
        }
        let text = self.text(end);
        let Divisible { starts, head } = Divisible::of(&text, &self.definitions);
        let (offset, before, parsed) = (self.open, self.head.len(), text.len());
        let head = text[..head].to_owned();
        self.parsed += parsed;
        for start in starts {
            // The rows of a table come after its head, which only the first part has in the source.
            let Some(start) = (offset + start).checked_sub(before).filter(|start| *start >= self.open + LONG) else {
                continue;
            };
            let outline = self.outline(start);
            self.show_open(outline);
            let text = self.text(start);
            let (pieces, parsed) = (pieces(&text, &self.definitions), text.len());
            self.parsed += parsed;
            if let Some(block) = self.blocks.last_mut() {
                block.keep(pieces);
            }
            self.definitions.add_from(&self.source[self.open..start]);
            self.head.clone_from(&head);
            self.open = start;
        }
    }

    fn show_open(&mut self, outline: Outline) {
        if outline.is_empty() {
            if self.shows_open && self.blocks.last().is_some_and(Block::is_divided) {
                return;
            }
            if self.shows_open {
                self.blocks.pop();
            }
            self.shows_open = false;
            return;
        }
        if !self.shows_open {
            self.blocks.push(Block::default());
        }
        self.shows_open = true;
        if let Some(block) = self.blocks.last_mut() {
            block.show(outline);
        }
    }
}

impl Default for Markdown {
    fn default() -> Self {
        Self {
            source: String::new(),
            blocks: LiveList::default(),
            open: 0,
            shows_open: false,
            head: String::new(),
            growth: Growth::default(),
            parse_at: LONGEST,
            definitions: Definitions::default(),
            after_return: false,
            parsed: 0,
        }
    }
}

impl From<&str> for Markdown {
    fn from(text: &str) -> Self {
        let mut markdown = Self::new();
        markdown.push_str(text);
        markdown
    }
}

impl From<String> for Markdown {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl<'a> Extend<&'a str> for Markdown {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, texts: I) {
        texts.into_iter().for_each(|text| self.push_str(text));
    }
}

impl fmt::Write for Markdown {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl fmt::Debug for Markdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Markdown").field(&self.source).finish()
    }
}

impl PartialEq for Markdown {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Markdown {}

impl Fragment<Inert> for Markdown {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
        let blocks: Html = html! { @for block in &self.blocks { (block) } };
        splice(tape, &blocks);
    }
}

impl Rendering for Markdown {}
