//! The elements that can be open at the end of the text.

use pulldown_cmark::{Alignment, CodeBlockKind, HeadingLevel, Tag};

/// An element that contains what is appended to the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Element {
    /// Around everything: no element.
    Root,
    Paragraph,
    Heading(HeadingLevel),
    Quote,
    Bullets,
    /// A list with numbers, and the first one.
    Numbers(u64),
    Item,
    /// A code block, and its language.
    Code(Option<String>),
    Table,
    TableBody,
    Row,
    Cell(Option<&'static str>),
}

impl Element {
    /// Returns the element of a tag, unless what is appended never stands in it. `align` is that of the next cell.
    pub(crate) fn of(tag: &Tag<'_>, align: Option<&'static str>) -> Option<Self> {
        Some(match tag {
            // Raw HTML is shown as text.
            Tag::Paragraph | Tag::HtmlBlock => Self::Paragraph,
            Tag::Heading { level, .. } => Self::Heading(*level),
            Tag::BlockQuote(_) => Self::Quote,
            Tag::List(None) => Self::Bullets,
            Tag::List(Some(first)) => Self::Numbers(*first),
            Tag::Item => Self::Item,
            Tag::CodeBlock(kind) => Self::Code(language(kind)),
            Tag::Table(_) => Self::Table,
            Tag::TableRow => Self::Row,
            Tag::TableCell => Self::Cell(align),
            _ => return None,
        })
    }

    /// Whether the element contains phrases, to which text without markup can be appended.
    pub(crate) fn has_phrases(&self) -> bool {
        matches!(self, Self::Paragraph | Self::Heading(_) | Self::Item | Self::Cell(_))
    }

    pub(crate) fn is_code(&self) -> bool {
        matches!(self, Self::Code(_))
    }
}

/// Returns the language that a code block names.
pub(crate) fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().filter(|name| !name.is_empty()).map(str::to_owned),
        CodeBlockKind::Indented => None,
    }
}

/// Returns the value of the attribute `align`. (A style would need a Content-Security-Policy that allows it.)
pub(crate) fn align(alignment: Option<&Alignment>) -> Option<&'static str> {
    match alignment? {
        Alignment::None => None,
        Alignment::Left => Some("left"),
        Alignment::Center => Some("center"),
        Alignment::Right => Some("right"),
    }
}
