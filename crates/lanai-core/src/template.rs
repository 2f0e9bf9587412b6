//! Templates: the constant part of one block of markup.
//!
//! For each block of markup (the whole of it, each arm of an `@if` or `@match`, each body of a loop), `html!` writes
//! one `static` [`Template`], and code that puts the values of its slots onto a [`Tape`](crate::Tape) in the same
//! order. The memory address identifies a template: two blocks are two templates, even if their content is equal.

/// The constant part of one block of markup: its literal HTML and its slots, in document order.
#[derive(Debug)]
pub struct Template {
    /// Literal HTML, marks and slots in document order.
    pub parts: &'static [Part],
    /// The namespace of the nodes at its root.
    pub namespace: Namespace,
    /// Whether the root consists of exactly one element. Rows of such a template need no marker.
    pub single_root: bool,
}

/// One piece of a [`Template`].
#[derive(Debug)]
pub enum Part {
    /// Literal HTML, already escaped.
    Static(&'static str),
    /// The position of the marker attribute of an element that has dynamic attributes, events or an only child: after
    /// all its attributes, before the `>`. If the next part after the `>` is a slot in [`Position::Only`] or a
    /// [`Slot::Text`], the marker describes it.
    Mark,
    /// A slot.
    Slot(Slot),
}

/// The kind of a slot, known at compile time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Text, raw HTML, a nested template, or nothing.
    Node(Position),
    /// Rows.
    List(Position),
    /// The whole text of an element that cannot hold comments (`title`, `textarea`).
    Text,
    /// An attribute with a dynamic part: its whole value, or none.
    Attribute {
        /// The attribute's name.
        name: &'static str,
        /// How its value is checked and applied.
        kind: AttributeKind,
    },
    /// A boolean attribute: present or absent.
    Toggle {
        /// The attribute's name.
        name: &'static str,
        /// Whether it is also a property that the browser changes independently (`checked`, `selected`, `muted`).
        property: bool,
    },
    /// An event handler.
    Event {
        /// The event's type without `on`: `click`.
        name: &'static str,
    },
}

/// Where a [`Slot::Node`] or [`Slot::List`] is in its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Among other content, between a pair of comments.
    Between,
    /// As the only content of a marked element.
    Only,
}

/// How the value of a [`Slot::Attribute`] is checked and applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// Text.
    Plain,
    /// A URL (`href`, `src`, `action` …): script schemes are refused.
    Url,
    /// Also a property that the browser changes independently (`value` of an `input`).
    Property,
    /// Declarations of CSS (`style`). A page gets them in another attribute, from which the client applies them, since
    /// a Content-Security-Policy may forbid `style`.
    Style,
}

/// The attribute in which a page gets the value of `style`.
pub(crate) const STYLE: &str = "data-lanai-style";

impl AttributeKind {
    /// Returns the name of the attribute in which a page gets the value of the attribute `name`.
    pub(crate) fn name_on_page(self, name: &'static str) -> &'static str {
        if self == AttributeKind::Style { STYLE } else { name }
    }
}

/// The namespace of the nodes at the root of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// HTML.
    Html,
    /// SVG.
    Svg,
    /// MathML.
    MathMl,
}
