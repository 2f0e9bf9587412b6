//! Turns the tree into templates.

pub(crate) mod attributes;
mod closed;
mod spread;
#[cfg(test)]
mod tests;
mod text;
mod view;

use proc_macro2::TokenStream;

use crate::ast::{Attribute, Body, Branch, Element, LoopBody, Node, Value};
use crate::error::Errors;
use crate::ir::{Arm, Content, Markup, Namespace, Position, Row, Slot, Step, Template};
use crate::names;

/// Returns the templates of the whole markup.
pub(crate) fn lower(nodes: &[Node], errors: &mut Errors) -> Markup {
    let mut lowering = Lowering { errors, view: None };
    let template = lowering.template(nodes, Namespace::Html);
    Markup { template, view: lowering.view }
}

struct Lowering<'e> {
    errors: &'e mut Errors,
    /// See [`Markup::view`].
    view: Option<TokenStream>,
}

impl Lowering<'_> {
    /// Returns the template of a block of markup in `namespace`.
    fn template(&mut self, nodes: &[Node], namespace: Namespace) -> Template {
        let namespace = namespace.of(nodes);
        let mut content = Content::default();
        self.nodes(nodes, namespace, &mut content);
        Template { parts: content.parts, namespace, single_root: is_one_element(nodes), steps: content.steps }
    }

    fn nodes(&mut self, nodes: &[Node], namespace: Namespace, out: &mut Content) {
        for node in nodes {
            self.node(node, namespace, out);
        }
    }

    fn node(&mut self, node: &Node, namespace: Namespace, out: &mut Content) {
        match node {
            Node::Text(text) => out.text(text),
            Node::Element(element) => self.element(element, namespace, out),
            Node::Let(tokens) => out.steps.push(Step::Let(tokens.clone())),
            Node::Block(nodes) if has_let(nodes) => {
                let mut block = Content::default();
                self.nodes(nodes, namespace, &mut block);
                let steps = std::mem::take(&mut block.steps);
                out.append(block);
                out.steps.push(Step::Scope(steps));
            }
            Node::Block(nodes) => self.nodes(nodes, namespace, out),
            Node::Splice(splice) => out.slot(Slot::Node(Position::Between), Step::Splice(splice.clone())),
            Node::If { branches, otherwise } => {
                let branches = self.arms(branches, namespace);
                let otherwise = otherwise.as_ref().map(|block| self.template(&block.nodes, namespace));
                out.slot(Slot::Node(Position::Between), Step::If { branches, otherwise });
            }
            Node::Match { subject, arms } => {
                let arms = self.arms(arms, namespace);
                out.slot(Slot::Node(Position::Between), Step::Match { subject: subject.clone(), arms });
            }
            Node::For { pattern, iterator, body } => {
                let row = self.row(body, namespace);
                let closed = closed::is_place(iterator) && closed::is_closed(pattern, &row);
                let step = Step::For { pattern: pattern.clone(), iterator: iterator.clone(), row, closed };
                out.slot(Slot::List(Position::Between), step);
            }
            Node::While { condition, body } => {
                let row = self.row(body, namespace);
                out.slot(Slot::List(Position::Between), Step::While { condition: condition.clone(), row });
            }
        }
    }

    fn arms(&mut self, branches: &[Branch], namespace: Namespace) -> Vec<Arm> {
        branches
            .iter()
            .map(|branch| {
                let Branch { head, body } = branch;
                Arm { head: head.clone(), content: self.template(&body.nodes, namespace), span: body.span }
            })
            .collect()
    }

    fn row(&mut self, body: &LoopBody, namespace: Namespace) -> Row {
        let (lets, rest) = body.split();
        let key = body.first_element().and_then(key);
        // A key that is not written as `key=(…)` already has an error.
        let reason = if rest.iter().any(has_handler) {
            Some(
                "the rows of this list have handlers, so they need a `key`: \
                 without one, a click in flight while the list changes would reach another row"
                    .to_owned(),
            )
        } else {
            rest.iter().find_map(holds_state).map(|name| {
                format!(
                    "the rows of this list contain `{name}`, so they need a `key`: \
                     without one, what a person has typed, chosen or opened would end up in another row when the list changes"
                )
            })
        };
        if let Some(message) = reason.filter(|_| key.is_none()) {
            let (span, help) = match body.first_element() {
                Some(element) => {
                    let name = &element.name.text;
                    (element.name.span, format!("identify each row, for example by an id: `{name} key=(item.id) …`"))
                }
                None => {
                    (body.keyword, "put the whole body into one element with a key: `div key=(item.id) { … }`".into())
                }
            };
            self.errors.help(span, message, help);
        }
        let key = key.and_then(Value::splice).cloned();
        Row {
            lets: lets.iter().filter_map(let_tokens).collect(),
            key,
            content: self.template(rest, namespace),
            span: body.block.span,
        }
    }

    fn element(&mut self, element: &Element, namespace: Namespace, out: &mut Content) {
        let name = element.name.text.as_str();
        out.html("<");
        out.text(name);
        let slots = out.steps.len();
        self.attributes(element, out);
        let dynamic = out.steps.len() > slots;

        let mut content = Content::default();
        let spread = spread::content(element);
        let nodes = if spread.is_empty() { element.nodes() } else { &spread };
        let text_only = names::is_text_only(name) && nodes.iter().any(Node::is_dynamic);
        if text_only {
            let pieces = self.text(nodes);
            content.slot(Slot::Text, Step::Value { pieces, kind: names::Kind::Plain });
        } else {
            self.nodes(nodes, namespace.inside(name), &mut content);
        }
        // The parser would drop a newline at the beginning of such an element, unless a comment comes first.
        let only = match content.only_position() {
            Some(position) if !names::drops_newline(name) => {
                *position = Position::Only;
                true
            }
            _ => false,
        };
        if dynamic || only || text_only {
            out.mark();
        }
        out.html(">");
        out.append(content);
        if !matches!(element.body, Body::Void) {
            out.html("</");
            out.text(name);
            out.html(">");
        }
    }
}

impl Namespace {
    /// Returns the namespace of markup in `self`. If the context is unknown, as in a function that renders a part of a
    /// drawing, the first element decides.
    fn of(self, nodes: &[Node]) -> Self {
        match first_element(nodes).map(|element| element.name.text.as_str()) {
            Some(name) if self == Self::Html && names::is_svg_only(name) => Self::Svg,
            Some(name) if self == Self::Html && names::is_mathml_only(name) => Self::MathMl,
            _ => self,
        }
    }

    /// Returns the namespace of an element's content.
    fn inside(self, element: &str) -> Self {
        match (self, element) {
            (_, "svg") => Self::Svg,
            (_, "math") => Self::MathMl,
            // Inside these, the HTML parser returns to HTML.
            (Self::Svg, "foreignObject" | "desc" | "title") => Self::Html,
            (Self::MathMl, "annotation-xml" | "mi" | "mo" | "mn" | "ms" | "mtext") => Self::Html,
            _ => self,
        }
    }
}

fn first_element(nodes: &[Node]) -> Option<&Element> {
    nodes.iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Block(nodes) => first_element(nodes),
        node => node.branches().into_iter().find_map(first_element),
    })
}

fn is_one_element(nodes: &[Node]) -> bool {
    fn count(nodes: &[Node], elements: &mut usize, others: &mut usize) {
        for node in nodes {
            match node {
                Node::Element(_) => *elements += 1,
                Node::Let(_) => {}
                Node::Text(text) if text.is_empty() => {}
                Node::Block(nodes) => count(nodes, elements, others),
                _ => *others += 1,
            }
        }
    }
    let (mut elements, mut others) = (0, 0);
    count(nodes, &mut elements, &mut others);
    elements == 1 && others == 0
}

fn has_let(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| matches!(node, Node::Let(_)))
}

fn let_tokens(node: &Node) -> Option<TokenStream> {
    match node {
        Node::Let(tokens) => Some(tokens.clone()),
        _ => None,
    }
}

/// Returns the key of a row.
fn key(element: &Element) -> Option<&Value> {
    element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Named { name, value } if name.is_key() => Some(value),
        _ => None,
    })
}

/// Whether markup has handlers. (Handlers in a nested list count too, although its rows have their own keys.)
fn has_handler(node: &Node) -> bool {
    match node {
        Node::Element(element) => {
            let has = |attribute: &Attribute| match attribute {
                Attribute::Named { name, value } => name.event().is_some() && value.is_dynamic(),
                Attribute::Spread(_) => element.name.text == "form",
                _ => false,
            };
            element.attributes.iter().any(has) || element.nodes().iter().any(has_handler)
        }
        Node::Block(nodes) => nodes.iter().any(has_handler),
        node => node.branches().into_iter().flatten().any(has_handler),
    }
}

/// Returns the first element in markup with state of its own in the browser: what was typed, chosen, opened or played.
/// (Rows of a nested list have their own keys.)
fn holds_state(node: &Node) -> Option<&str> {
    const STATEFUL: &[&str] = &["input", "textarea", "select", "option", "details", "dialog", "audio", "video"];
    match node {
        Node::Element(element) => match element.name.text.as_str() {
            name if STATEFUL.contains(&name) => Some(name),
            _ => element.nodes().iter().find_map(holds_state),
        },
        Node::Block(nodes) => nodes.iter().find_map(holds_state),
        Node::For { .. } | Node::While { .. } => None,
        node => node.branches().into_iter().flatten().find_map(holds_state),
    }
}
