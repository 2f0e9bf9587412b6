//! What can be appended to a text without parsing it again.

use std::ops::Range;

use crate::outline::Outline;

/// How the text may grow so that only the end of the innermost element changes. Positions are those in the whole text.
#[derive(Debug, Clone, Default)]
pub(crate) enum Growth {
    /// What is appended may change anything in the open block.
    #[default]
    Unknown,
    /// The text ends in a line of phrases, to which characters without a meaning may be appended.
    Phrase {
        /// The end of what is shown. Spaces follow it, which are shown when something follows them.
        shown: usize,
        /// Whether parentheses, quotes and colons have no meaning, since there is no link that they could belong to.
        has_no_link: bool,
    },
    /// The text ends in a fenced code block that is not inside of anything.
    Code {
        fence: Fence,
        shown: usize,
        /// The beginning of the last line.
        line: usize,
    },
    /// The text is too long to be parsed now. What is appended is shown as it is, until it is parsed.
    Unparsed {
        /// The end of what is shown, or `None` if nothing can be shown at the end of the innermost element.
        shown: Option<usize>,
    },
}

/// What ends a code block: at least as many of these characters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fence {
    character: u8,
    count: usize,
}

impl Growth {
    /// Returns how the text may grow. Its open block begins at `open`, and has this outline.
    pub(crate) fn of(source: &str, open: usize, outline: &Outline) -> Self {
        let innermost = outline.innermost();
        let growth = if innermost.has_phrases() {
            Self::phrase(source, open, outline)
        } else if let [_, level] = &*outline.levels
            && level.element.is_code()
        {
            Self::code(source, open, outline)
        } else {
            None
        };
        growth.unwrap_or_default()
    }

    /// Returns how a text may grow that is too long to be parsed for each token.
    pub(crate) fn of_long(self, source: &str, outline: &Outline) -> Self {
        let innermost = outline.innermost();
        match self {
            Self::Unknown => {
                let has_text = !outline.is_empty() && (innermost.has_phrases() || innermost.is_code());
                Self::Unparsed { shown: has_text.then_some(source.len()) }
            }
            known => known,
        }
    }

    pub(crate) fn is_code(&self) -> bool {
        matches!(self, Self::Code { .. })
    }

    /// Shows everything that follows as it is, if the text ends in a line of phrases.
    pub(crate) fn stop_parsing(&mut self) {
        if let Self::Phrase { shown, .. } = *self {
            *self = Self::Unparsed { shown: Some(shown) };
        }
    }

    fn phrase(source: &str, open: usize, outline: &Outline) -> Option<Self> {
        let shown = source.trim_end_matches(' ').len();
        if outline.tail_end? + open != shown {
            return None;
        }
        let block = &source[open..];
        let line = &block[block.rfind('\n').map_or(0, |at| at + 1)..];
        let has_no_link = !block.contains('[');
        // After a letter, nothing makes another block of the line, such as an item. A tag could.
        let is_settled = line.contains(char::is_alphabetic) && !line.contains('<');
        (is_settled && line.trim_end_matches(' ').chars().next_back().is_some_and(|last| is_plain(last, has_no_link)))
            .then_some(Self::Phrase { shown, has_no_link })
    }

    fn code(source: &str, open: usize, outline: &Outline) -> Option<Self> {
        let start = open + outline.start;
        let fence = Fence::at(&source[start..])?;
        if start != 0 && source.as_bytes()[start - 1] != b'\n' {
            return None;
        }
        let code = start + source[start..].find('\n')? + 1;
        let line = source.rfind('\n')? + 1;
        let shown = if is_undecided(&source[line..]) { line } else { source.len() };
        (source.get(code..shown)? == outline.tail).then_some(Self::Code { fence, shown, line })
    }

    /// Returns the part of the text that goes to the end of the innermost element, or `None` if the block must be
    /// parsed. The text was appended from `from` on.
    pub(crate) fn grow(&mut self, source: &str, from: usize) -> Option<Range<usize>> {
        match self {
            Self::Unknown => None,
            Self::Phrase { shown, has_no_link } => {
                if !source[from..].chars().all(|c| is_plain(c, *has_no_link)) {
                    return None;
                }
                let before = *shown;
                *shown = before.max(source.trim_end_matches(' ').len());
                Some(before..*shown)
            }
            Self::Unparsed { shown: None } => Some(from..from),
            Self::Unparsed { shown: Some(shown) } => {
                let before = *shown;
                *shown = before.max(source.trim_end_matches(' ').len());
                Some(before..*shown)
            }
            Self::Code { fence, shown, line } => {
                let mut at = from;
                while let Some(length) = source[at..].find('\n') {
                    let end = at + length;
                    if fence.is_closed_by(&source[*line..end]) {
                        return None;
                    }
                    at = end + 1;
                    *line = at;
                }
                let before = *shown;
                *shown = before.max(if is_undecided(&source[*line..]) { *line } else { source.len() });
                Some(before..*shown)
            }
        }
    }
}

impl Fence {
    /// Returns the fence at the beginning of a text.
    pub(crate) fn at(text: &str) -> Option<Self> {
        let character = *text.as_bytes().first().filter(|first| matches!(first, b'`' | b'~'))?;
        let count = text.bytes().take_while(|byte| *byte == character).count();
        (count >= 3).then_some(Self { character, count })
    }

    /// Whether a complete line ends the code block.
    pub(crate) fn is_closed_by(self, line: &str) -> bool {
        let fence = line.trim_start_matches(' ');
        let indentation = line.len() - fence.len();
        let fence = fence.trim_end_matches([' ', '\t']);
        indentation < 4 && fence.len() >= self.count && fence.bytes().all(|byte| byte == self.character)
    }
}

/// Returns the part of a text whose meaning is known: all but a last line that is not complete, if it may become nearly
/// anything, such as an item, a row, or the end of a code block.
pub(crate) fn decided(text: &str) -> &str {
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    if is_undecided(&text[line..]) { &text[..line] } else { text }
}

fn is_undecided(line: &str) -> bool {
    line.chars().all(|c| " \t|>#*+-=_`~:".contains(c))
}

/// Whether a character within a line never has a meaning, whatever is before and after it.
fn is_plain(c: char, has_no_link: bool) -> bool {
    match c {
        ' ' | ',' | '.' | '?' | '!' | '%' | '/' | '+' | '-' | '=' => true,
        // An entity ends with a semicolon; a title in a definition is in quotes.
        '(' | ')' | '\'' | '"' | ':' => has_no_link,
        c => c.is_alphanumeric(),
    }
}
