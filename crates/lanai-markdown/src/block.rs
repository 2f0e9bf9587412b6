//! A block as it is shown.

use lanai::macro_support::{Fragment, Rendering};
use lanai::{FrozenHtml, Html, Inert, StreamedText, html};
use lanai_core::Tape;
use pulldown_cmark::HeadingLevel;

use crate::element::Element;
use crate::outline::Outline;

/// A block of the text: its open elements, as they were when it was finished, and the text at its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    levels: Vec<Level>,
    tail: StreamedText,
    /// In the list or table with this index among the levels, so many pieces are finished and stay as they are.
    kept: Option<(usize, usize)>,
}

/// An element that is, or was, open at the end of the block.
#[derive(Debug, Clone)]
struct Level {
    element: Element,
    closed: Vec<FrozenHtml>,
}

impl Block {
    /// Shows another outline. What is the same stays.
    pub(crate) fn show(&mut self, outline: Outline) {
        let count = outline.levels.len();
        for (index, new) in outline.levels.into_iter().enumerate() {
            match self.levels.get_mut(index) {
                Some(old) => {
                    let kept = self.kept.filter(|(level, _)| *level == index).map_or(0, |(_, count)| count);
                    old.show(new, kept);
                }
                None => self.levels.push(Level::new(new)),
            }
        }
        self.levels.truncate(count);
        let appended = self.tail.with(|before| outline.tail.strip_prefix(before).map(str::to_owned));
        match appended {
            Some(appended) => self.tail.push_str(&appended),
            None => self.tail = outline.tail.into(),
        }
    }

    /// Finishes all items of the list, or rows of the table, that the block is. `pieces` are those since the last time.
    pub(crate) fn keep(&mut self, pieces: Vec<String>) {
        let is_list =
            |level: &Level| matches!(level.element, Element::Bullets | Element::Numbers(_) | Element::TableBody);
        let Some(level) = self.levels.iter().position(is_list) else { return };
        self.levels.truncate(level + 1);
        self.tail.clear();
        let kept = self.kept.map_or(0, |(_, count)| count);
        let closed = crate::outline::Level { element: self.levels[level].element.clone(), closed: pieces };
        self.levels[level].show(closed, kept);
        self.kept = Some((level, self.levels[level].closed.len()));
    }

    /// Whether a part of the block was finished before the rest.
    pub(crate) fn is_divided(&self) -> bool {
        self.kept.is_some()
    }

    /// Appends to the text at the end.
    pub(crate) fn append(&mut self, text: &str) {
        self.tail.push_str(text);
    }

    /// Returns what is in the element around this level.
    fn content(&self, index: usize) -> Content<'_> {
        Content { block: self, index }
    }
}

/// What is in an element: the next one, or the text at the end.
struct Content<'b> {
    block: &'b Block,
    index: usize,
}

impl Content<'_> {
    fn render(&self, level: &Level) -> Html {
        let Level { element, closed } = level;
        let rest = self.block.content(self.index + 1);
        // The elements are written one by one, so that each is a template of its own and a patch passes through few.
        macro_rules! within {
            ($element:ident) => {
                html! { $element { @for piece in closed { (piece) } (rest) } }
            };
        }
        match element {
            Element::Root => html! { @for piece in closed { (piece) } (rest) },
            Element::Paragraph => within!(p),
            Element::Heading(HeadingLevel::H1) => within!(h1),
            Element::Heading(HeadingLevel::H2) => within!(h2),
            Element::Heading(HeadingLevel::H3) => within!(h3),
            Element::Heading(HeadingLevel::H4) => within!(h4),
            Element::Heading(HeadingLevel::H5) => within!(h5),
            Element::Heading(HeadingLevel::H6) => within!(h6),
            Element::Quote => within!(blockquote),
            Element::Bullets => within!(ul),
            Element::Numbers(first) => html! { ol start=(first) { @for piece in closed { (piece) } (rest) } },
            Element::Item => within!(li),
            Element::Code(language) => {
                let class = language.as_ref().map(|language| format!("language-{language}"));
                html! { pre tabindex="0" { code class=[class] { (rest) } } }
            }
            Element::Table => within!(table),
            Element::TableBody => within!(tbody),
            Element::Row => within!(tr),
            Element::Cell(align) => html! { td align=[align] { @for piece in closed { (piece) } (rest) } },
        }
    }
}

impl Fragment<Inert> for Content<'_> {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
        match self.block.levels.get(self.index) {
            None => tape.streamed(&self.block.tail),
            // Nearly always, one block is open, and there is nothing next to it.
            Some(Level { element: Element::Root, closed }) if closed.is_empty() => {
                self.block.content(self.index + 1).fill(tape, splice);
            }
            Some(level) => splice(tape, &self.render(level)),
        }
    }
}

impl Rendering for Content<'_> {}

impl Level {
    fn new(level: crate::outline::Level) -> Self {
        Self { element: level.element, closed: level.closed.into_iter().map(FrozenHtml::new).collect() }
    }

    /// Shows what is in `new`, after the pieces that are kept.
    fn show(&mut self, new: crate::outline::Level, kept: usize) {
        if kept == 0 {
            // A part of a list with numbers begins with the number that its source has.
            self.element = new.element;
        }
        let old = self.closed.iter().skip(kept);
        let same = old.zip(&new.closed).take_while(|(old, new)| old.as_str() == **new).count();
        self.closed.truncate(kept + same);
        self.closed.extend(new.closed.into_iter().skip(same).map(FrozenHtml::new));
    }
}

impl Fragment<Inert> for Block {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
        self.content(0).fill(tape, splice);
    }
}

impl Rendering for Block {}
