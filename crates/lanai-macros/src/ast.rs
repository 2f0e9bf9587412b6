//! The markup as a tree. Splices are kept as the tokens that the author wrote: nothing in them is parsed.

use proc_macro2::{Span, TokenStream};

/// One piece of markup.
#[derive(Debug)]
pub(crate) enum Node {
    /// `"text"`
    Text(String),
    /// `(expression)`
    Splice(Splice),
    /// `name attributes { body }`
    Element(Element),
    /// `{ … }`
    Block(Vec<Node>),
    /// `@let pattern = expression;`, without the `@`
    Let(TokenStream),
    /// `@if … { … } @else …`
    If { branches: Vec<Branch>, otherwise: Option<Vec<Node>> },
    /// `@match … { … }`
    Match { subject: TokenStream, arms: Vec<Branch> },
    /// `@for … in … { … }`
    For { pattern: TokenStream, iterator: TokenStream, body: Vec<Node>, span: Span },
    /// `@while … { … }`
    While { condition: TokenStream, body: Vec<Node>, span: Span },
}

/// An arm of an `@if` or `@match`.
#[derive(Debug)]
pub(crate) struct Branch {
    /// The condition, or the pattern with its guard.
    pub(crate) head: TokenStream,
    pub(crate) body: Vec<Node>,
}

/// `(expression)`, or `[expression]`.
#[derive(Debug, Clone)]
pub(crate) struct Splice {
    pub(crate) tokens: TokenStream,
    /// The brackets.
    pub(crate) span: Span,
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: Name,
    pub(crate) attributes: Vec<Attribute>,
    /// `None`: ended by `;`.
    pub(crate) body: Option<Vec<Node>>,
}

/// A name as it is printed.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Written as a string literal, or not written at all: not checked.
    pub(crate) quoted: bool,
}

/// An attribute as it was written.
#[derive(Debug)]
pub(crate) enum Attribute {
    /// `.name[toggle]`
    Class { value: Vec<Node>, toggle: Option<Splice> },
    /// `#name`
    Id(Vec<Node>),
    /// `name…`
    Named { name: Name, value: Value },
}

/// The value of a named attribute.
#[derive(Debug)]
pub(crate) enum Value {
    /// Nothing: `disabled`
    Empty,
    /// `=markup`
    Markup(Vec<Node>),
    /// `=[option]`
    Optional(Splice),
    /// `[condition]`
    Toggle(Splice),
}

/// The only node of markup that is one splice.
pub(crate) fn single_splice(nodes: &[Node]) -> Option<&Splice> {
    match nodes {
        [Node::Splice(splice)] => Some(splice),
        _ => None,
    }
}

/// Whether anything in the markup is known only at run time.
pub(crate) fn is_dynamic(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Block(nodes) => is_dynamic(nodes),
        _ => true,
    })
}
