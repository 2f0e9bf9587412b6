//! Mistakes that a browser would not tell of.

use crate::ast::{Attribute, Element, Name, Node, Value};
use crate::error::Errors;
use crate::names;

/// Checks names, and content that a browser's parser would move elsewhere.
pub(crate) fn check(nodes: &[Node], errors: &mut Errors) {
    for node in nodes {
        match node {
            Node::Element(found) => element(found, errors),
            Node::Block(nodes) => check(nodes, errors),
            Node::If { branches, otherwise } => {
                branches.iter().for_each(|branch| check(&branch.body, errors));
                check(otherwise.as_deref().unwrap_or_default(), errors);
            }
            Node::Match { arms, .. } => arms.iter().for_each(|arm| check(&arm.body, errors)),
            Node::For { body, .. } | Node::While { body, .. } => {
                // Keys are read from the first element of a row.
                let first = body.iter().find(|node| !matches!(node, Node::Let(_)));
                for node in body {
                    match node {
                        Node::Element(found) if first.is_some_and(|first| std::ptr::eq(first, node)) => {
                            element_of_row(found, errors);
                        }
                        node => check(std::slice::from_ref(node), errors),
                    }
                }
            }
            Node::Text(_) | Node::Splice(_) | Node::Let(_) => {}
        }
    }
}

fn element(element: &Element, errors: &mut Errors) {
    if let Some(name) = keyed(element) {
        errors.push(name.span, "`key=(…)` belongs on the first element in the body of an `@for`");
    }
    element_of_row(element, errors);
}

fn keyed(element: &Element) -> Option<&Name> {
    element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Named { name, .. } if name.text == "key" && !name.quoted => Some(name),
        _ => None,
    })
}

fn element_of_row(element: &Element, errors: &mut Errors) {
    let name = &element.name;
    element_name(name, errors);
    for attribute in &element.attributes {
        if let Attribute::Named { name, value } = attribute {
            if name.text == "key" && !name.quoted {
                if !matches!(value, Value::Markup(nodes) if crate::ast::single_splice(nodes).is_some()) {
                    errors.push(name.span, "a key is an expression: `key=(item.id)`");
                }
            } else {
                attribute_name(name, errors);
            }
        }
    }
    match &element.body {
        Some(_) if names::is_void(&name.text) => {
            errors.push(name.span, format!("`{0}` has no content: write `{0};`", name.text));
        }
        None if !name.quoted && names::HTML.contains(&name.text.as_str()) && !names::is_void(&name.text) => {
            errors.push(
                name.span,
                format!("`{0};` would leave the element open, and all that follows inside it: write `{0} {{}}`", name.text),
            );
        }
        None if name.quoted && name.text == "div" => {
            errors.push(name.span, "a `div` ends in braces, also when it is empty: write `{}` in place of `;`");
        }
        _ => {}
    }
    let body = element.body.as_deref().unwrap_or_default();
    if name.text == "table" {
        body.iter().for_each(|node| table_rows(node, false, errors));
    }
    check(body, errors);
}

/// Rows that come and go need the `tbody` that the parser would put around them.
fn table_rows(node: &Node, dynamic: bool, errors: &mut Errors) {
    match node {
        Node::Element(row) if dynamic && row.name.text == "tr" => errors.push(
            row.name.span,
            "rows that come and go cannot stand in `table` itself, where browsers put a `tbody` around them: write `tbody { … }` around the list",
        ),
        Node::Block(nodes) => nodes.iter().for_each(|node| table_rows(node, dynamic, errors)),
        Node::If { branches, otherwise } => {
            branches.iter().flat_map(|branch| &branch.body).for_each(|node| table_rows(node, true, errors));
            otherwise.iter().flatten().for_each(|node| table_rows(node, true, errors));
        }
        Node::Match { arms, .. } => {
            arms.iter().flat_map(|arm| &arm.body).for_each(|node| table_rows(node, true, errors));
        }
        Node::For { body, .. } | Node::While { body, .. } => body.iter().for_each(|node| table_rows(node, true, errors)),
        _ => {}
    }
}

fn element_name(name: &Name, errors: &mut Errors) {
    // A `-` makes a custom element.
    if name.quoted || name.text.contains('-') || name.text.contains(':') || names::is_element(&name.text) {
        return;
    }
    let known = names::HTML.iter().chain(names::SVG).chain(names::MATHML).chain(&["svg", "math"]);
    let hint = match names::similar(&name.text, known.copied()) {
        Some(similar) => format!("; did you mean `{similar}`?"),
        None => "; a custom element has a `-` in its name".into(),
    };
    errors.push(name.span, format!("there is no element `{}`{hint}", name.text));
}

fn attribute_name(name: &Name, errors: &mut Errors) {
    let text = name.text.as_str();
    let free = name.quoted || text.contains(['-', ':', '.', '@']) || text.starts_with("on");
    if free || names::ATTRIBUTES.contains(&text) {
        return;
    }
    let hint = match names::similar(text, names::ATTRIBUTES.iter().copied()) {
        Some(similar) => format!("; did you mean `{similar}`?"),
        None => format!("; one of your own is `data-{text}`, or in quotes: `\"{text}\"=…`"),
    };
    errors.push(name.span, format!("there is no attribute `{text}`{hint}"));
}
