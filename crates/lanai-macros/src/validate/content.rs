//! Elements whose content a browser does not treat as markup of the page, so that nothing in it can change.

use crate::ast::{Attribute, Element, Node};
use crate::error::Errors;

/// Checks that the content of such an element is literal.
pub(super) fn check(element: &Element, errors: &mut Errors) {
    let name = element.name.text.as_str();
    let Some((why, help)) = reason(name) else { return };
    if element.nodes().iter().any(is_live) {
        return errors.help(element.name.span, format!("`{name}` cannot contain dynamic content: {why}"), help);
    }
    // Text is escaped, and the parser does not unescape it in code.
    if matches!(name, "script" | "style")
        && let Some(wrong) = element.nodes().iter().find_map(escaped)
    {
        errors.help(
            element.name.span,
            format!("`{wrong}` in this `{name}` would be escaped, and a browser does not unescape it here"),
            "put the code into a file, or write the element in the layout with `maud::html!`",
        );
    }
}

/// Returns the first character of literal text that is escaped.
fn escaped(node: &Node) -> Option<char> {
    match node {
        Node::Text(text) => text.chars().find(|c| matches!(c, '&' | '<' | '>' | '"')),
        Node::Block(nodes) => nodes.iter().find_map(escaped),
        _ => None,
    }
}

fn reason(element: &str) -> Option<(&'static str, &'static str)> {
    Some(match element {
        "script" => (
            "text in it is code",
            "put values into `data-…` attributes that a script file reads, \
             or write the element in the layout with `maud::html!`",
        ),
        "style" => (
            "text in it is code",
            "use classes and a stylesheet file, or an attribute with custom properties: `style={ \"--size: \" (size) }`",
        ),
        "noscript" => (
            "a browser with JavaScript treats its content as text",
            "use only literal markup in it, or write the element in the layout with `maud::html!`",
        ),
        "template" => {
            ("its content is not part of the page", "write the markup where it should appear, in an `@if` or a `@for`")
        }
        "iframe" | "noembed" | "noframes" | "plaintext" | "xmp" => {
            ("a browser treats its content as text", "use another element, such as `pre`")
        }
        _ => return None,
    })
}

/// Whether anything in the markup, including attributes, is known only at run time.
fn is_live(node: &Node) -> bool {
    match node {
        Node::Text(_) => false,
        Node::Block(nodes) => nodes.iter().any(is_live),
        Node::Element(element) => {
            let dynamic = |attribute: &Attribute| match attribute {
                Attribute::Class { value, toggle, .. } => toggle.is_some() || value.is_dynamic(),
                Attribute::Id { value, .. } => value.is_dynamic(),
                Attribute::Named { value, .. } => value.is_dynamic(),
                Attribute::Spread(_) => true,
            };
            element.attributes.iter().any(dynamic) || element.nodes().iter().any(is_live)
        }
        _ => true,
    }
}
