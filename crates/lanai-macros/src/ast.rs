//! The markup as a tree. Splices keep the tokens that the author wrote, and nothing in them is parsed.

use proc_macro2::{Ident, Span, TokenStream};

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
    /// `@let pattern = expression;`, without the `@let` and the `;`
    Let(TokenStream),
    /// `@if … { … } @else …`
    If { branches: Vec<Branch>, otherwise: Option<Block> },
    /// `@match … { … }`
    Match { subject: TokenStream, arms: Vec<Branch> },
    /// `@for … in … { … }`
    For { pattern: TokenStream, iterator: TokenStream, body: LoopBody },
    /// `@while … { … }`
    While { condition: TokenStream, body: LoopBody },
}

/// An arm of an `@if` or `@match`.
#[derive(Debug)]
pub(crate) struct Branch {
    /// The condition, or the pattern with its guard.
    pub(crate) head: TokenStream,
    pub(crate) body: Block,
}

/// The block `{ … }` of a control structure.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) nodes: Vec<Node>,
    /// The braces with their content.
    pub(crate) span: Span,
}

/// The body of a `@for` or `@while`.
#[derive(Debug)]
pub(crate) struct LoopBody {
    pub(crate) block: Block,
    /// The keyword of the loop.
    pub(crate) keyword: Span,
}

/// `(expression)`, or `[expression]`.
#[derive(Debug, Clone)]
pub(crate) struct Splice {
    pub(crate) tokens: TokenStream,
    /// The brackets with their content.
    pub(crate) span: Span,
    /// In a handler, the variables that may be borrowed from the view.
    pub(crate) borrowed: Vec<Ident>,
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: Name,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) body: Body,
}

/// What follows the attributes of an element.
#[derive(Debug)]
pub(crate) enum Body {
    /// `{ … }`
    Nodes(Vec<Node>),
    /// `;`
    Void,
    /// Neither, which already caused an error.
    Missing,
}

/// A name as it is printed.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Where the name comes from.
    pub(crate) source: NameSource,
}

/// Where a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameSource {
    /// Plain tokens.
    Written,
    /// A string literal, at least in part, with which the author insists on the name.
    Quoted,
    /// Omitted: the `div` of `.class { … }`.
    Implied,
}

/// An attribute as it was written.
#[derive(Debug)]
pub(crate) enum Attribute {
    /// `.name[toggle]`
    Class { value: Node, toggle: Option<Splice>, dot: Span },
    /// `#name`
    Id { value: Node, pound: Span },
    /// `name…`
    Named { name: Name, value: Value },
    /// `(field)`: the attributes that a value sets.
    Spread(Splice),
}

/// The value of a named attribute.
#[derive(Debug)]
pub(crate) enum Value {
    /// No value: `disabled`
    Empty,
    /// `=markup`
    Markup(Node),
    /// `=[option]`
    Optional(Splice),
    /// `[condition]`
    Toggle(Splice),
}

impl Node {
    /// Whether anything in this markup, which has no elements, is known only at run time.
    pub(crate) fn is_dynamic(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Block(nodes) => nodes.iter().any(Self::is_dynamic),
            _ => true,
        }
    }

    /// Returns the blocks of markup inside that are separate alternatives or rows. A plain block is not one.
    pub(crate) fn branches(&self) -> Vec<&[Self]> {
        match self {
            Self::If { branches, otherwise } => {
                branches.iter().map(|branch| &branch.body).chain(otherwise).map(|block| &block.nodes[..]).collect()
            }
            Self::Match { arms, .. } => arms.iter().map(|arm| &arm.body.nodes[..]).collect(),
            Self::For { body, .. } | Self::While { body, .. } => vec![&body.block.nodes],
            _ => Vec::new(),
        }
    }
}

impl Element {
    pub(crate) fn nodes(&self) -> &[Node] {
        match &self.body {
            Body::Nodes(nodes) => nodes,
            Body::Void | Body::Missing => &[],
        }
    }
}

impl LoopBody {
    /// Splits the leading `@let`s from the rest.
    pub(crate) fn split(&self) -> (&[Node], &[Node]) {
        let nodes = &self.block.nodes;
        let first = nodes.iter().position(|node| !matches!(node, Node::Let(_))).unwrap_or(nodes.len());
        nodes.split_at(first)
    }

    /// Returns the element that a row begins with, which may have a key.
    pub(crate) fn first_element(&self) -> Option<&Element> {
        match self.split().1.first() {
            Some(Node::Element(element)) => Some(element),
            _ => None,
        }
    }
}

impl Value {
    /// Returns the splice in `=(…)`.
    pub(crate) fn splice(&self) -> Option<&Splice> {
        match self {
            Self::Markup(Node::Splice(splice)) => Some(splice),
            _ => None,
        }
    }

    /// Whether the value is known only at run time.
    pub(crate) fn is_dynamic(&self) -> bool {
        match self {
            Self::Empty => false,
            Self::Markup(node) => node.is_dynamic(),
            Self::Optional(_) | Self::Toggle(_) => true,
        }
    }
}

impl Name {
    /// Returns the name of the event, if the attribute is a handler.
    pub(crate) fn event(&self) -> Option<&str> {
        let (on, event) = self.text.split_at_checked(2)?;
        // Browsers treat `onclick` and `ONCLICK` alike.
        (on.eq_ignore_ascii_case("on") && event.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(event)
    }

    /// Whether this is the key of a row.
    pub(crate) fn is_key(&self) -> bool {
        self.text == "key" && self.source == NameSource::Written
    }
}
