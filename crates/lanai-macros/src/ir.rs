//! What a block of markup becomes: the parts of its template, and the steps that write the values of its slots onto the
//! tape.
//!
//! Parts and steps are in the same order: the n-th step that fills a slot fills the n-th slot of the parts. See
//! `lanai_core::Template` for the meaning of the parts.

use proc_macro2::{Span, TokenStream};

use crate::ast::Splice;
use crate::names::Kind;

/// The whole markup.
#[derive(Debug)]
pub(crate) struct Markup {
    pub(crate) template: Template,
    /// The view that any handler in it names: `Self`, or the type of a closure's first argument.
    pub(crate) view: Option<TokenStream>,
}

/// A block of markup.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) parts: Vec<Part>,
    pub(crate) namespace: Namespace,
    /// Whether the block is exactly one element.
    pub(crate) single_root: bool,
    pub(crate) steps: Vec<Step>,
}

/// A piece of a template.
#[derive(Debug)]
pub(crate) enum Part {
    /// Literal HTML, escaped.
    Static(String),
    /// The position of an element's marker.
    Mark,
    /// A slot.
    Slot(Slot),
}

/// A slot of a template.
#[derive(Debug)]
pub(crate) enum Slot {
    Node(Position),
    List(Position),
    /// The whole text of a `title` or `textarea`.
    Text,
    Attribute {
        name: String,
        kind: Kind,
    },
    Toggle {
        name: String,
        property: bool,
    },
    Event {
        name: String,
    },
}

/// Where a node or list slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Between,
    Only,
}

/// The namespace of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Html,
    Svg,
    MathMl,
}

/// A piece of the code.
#[derive(Debug)]
pub(crate) enum Step {
    /// `let …;`
    Let(TokenStream),
    /// Steps in their own scope.
    Scope(Vec<Step>),
    /// Fills a node slot with a value.
    Splice(Splice),
    /// Fills a node slot with the taken branch.
    If { branches: Vec<Arm>, otherwise: Option<Template> },
    /// Fills a node slot with the taken arm.
    Match { subject: TokenStream, arms: Vec<Arm> },
    /// Fills a list slot. If `closed` is true, a live list need not render rows again whose items were not touched.
    For { pattern: TokenStream, iterator: TokenStream, row: Row, closed: bool },
    /// Fills a list slot.
    While { condition: TokenStream, row: Row },
    /// Fills an attribute slot or a text slot.
    Value { pieces: Vec<Piece>, kind: Kind },
    /// Fills an attribute slot with an option.
    Optional { option: Splice, kind: Kind },
    /// Fills a toggle slot.
    Toggle(Splice),
    /// Fills an event slot with a handler.
    Event(Splice),
    /// Fills an event slot with an option of a handler.
    OptionalEvent(Splice),
}

/// A branch or an arm.
#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) head: TokenStream,
    pub(crate) content: Template,
    /// The author's braces.
    pub(crate) span: Span,
}

/// The body of a loop.
#[derive(Debug)]
pub(crate) struct Row {
    /// The `let`s that the key may use.
    pub(crate) lets: Vec<TokenStream>,
    pub(crate) key: Option<Splice>,
    pub(crate) content: Template,
    /// The author's braces.
    pub(crate) span: Span,
}

/// A piece of a text: of the value of an attribute, or of a `title` or `textarea`.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Literal text, not escaped.
    Text(String),
    Splice(Splice),
    Let(TokenStream),
    Scope(Vec<Piece>),
    /// Pieces with a condition in brackets: an optional class.
    When(Splice, Vec<Piece>),
    If {
        branches: Vec<TextArm>,
        otherwise: Option<Vec<Piece>>,
    },
    Match {
        subject: TokenStream,
        arms: Vec<TextArm>,
    },
    For {
        pattern: TokenStream,
        iterator: TokenStream,
        body: Vec<Piece>,
        span: Span,
    },
    While {
        condition: TokenStream,
        body: Vec<Piece>,
        span: Span,
    },
}

/// A branch or an arm of a text.
#[derive(Debug)]
pub(crate) struct TextArm {
    pub(crate) head: TokenStream,
    pub(crate) pieces: Vec<Piece>,
    /// The author's braces.
    pub(crate) span: Span,
}

/// Parts and steps under construction.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) parts: Vec<Part>,
    pub(crate) steps: Vec<Step>,
}

impl Content {
    /// Appends literal HTML.
    pub(crate) fn html(&mut self, html: &str) {
        match self.parts.last_mut() {
            Some(Part::Static(last)) => last.push_str(html),
            _ if html.is_empty() => {}
            _ => self.parts.push(Part::Static(html.into())),
        }
    }

    /// Appends literal text.
    pub(crate) fn text(&mut self, text: &str) {
        let mut html = String::with_capacity(text.len());
        escape(text, &mut html);
        self.html(&html);
    }

    pub(crate) fn mark(&mut self) {
        self.parts.push(Part::Mark);
    }

    /// Appends a slot with the step that fills it.
    pub(crate) fn slot(&mut self, slot: Slot, step: Step) {
        self.parts.push(Part::Slot(slot));
        self.steps.push(step);
    }

    pub(crate) fn append(&mut self, other: Self) {
        for part in other.parts {
            match part {
                Part::Static(html) => self.html(&html),
                part => self.parts.push(part),
            }
        }
        self.steps.extend(other.steps);
    }

    /// Returns the position of the only slot, if it is a node or list slot without other content.
    pub(crate) fn only_position(&mut self) -> Option<&mut Position> {
        match &mut self.parts[..] {
            [Part::Slot(Slot::Node(position) | Slot::List(position))] => Some(position),
            _ => None,
        }
    }
}

/// Escapes literal text, byte for byte as maud does.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
