//! Finds mistakes that a browser would not report: wrong names, and markup that its parser would read differently.

mod content;
mod nesting;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, TokenTree};

use crate::ast::{Attribute, Body, Element, Name, NameSource, Node, Splice, Value};
use crate::error::Errors;
use crate::lower::attributes::is_handled_form;
use crate::names::{self, similar};

/// Checks markup.
pub(crate) fn check(nodes: &[Node], errors: &mut Errors) {
    for node in nodes {
        check_node(node, false, errors);
    }
    nesting::check(nodes, errors);
}

/// `row` says whether the node is the first of a row, so that it may have a key.
fn check_node(node: &Node, row: bool, errors: &mut Errors) {
    match node {
        Node::Element(element) => check_element(element, row, errors),
        Node::Block(nodes) => nodes.iter().for_each(|node| check_node(node, false, errors)),
        Node::For { body, .. } | Node::While { body, .. } => {
            let (_, rest) = body.split();
            for (index, node) in rest.iter().enumerate() {
                check_node(node, index == 0, errors);
            }
        }
        node => node.branches().into_iter().flatten().for_each(|node| check_node(node, false, errors)),
    }
}

fn check_element(element: &Element, row: bool, errors: &mut Errors) {
    check_element_name(&element.name, errors);
    check_end(element, errors);
    for attribute in &element.attributes {
        let Attribute::Named { name, value } = attribute else { continue };
        if name.is_key() {
            check_key(name, value, row, errors);
        } else {
            check_attribute_name(name, element, errors);
            check_value(name, value, element, errors);
        }
    }
    check_method(element, errors);
    check_spreads(element, errors);
    check_twice(element, errors);
    content::check(element, errors);
    element.nodes().iter().for_each(|node| check_node(node, false, errors));
}

fn check_element_name(name: &Name, errors: &mut Errors) {
    // A name with a `-` is that of a custom element.
    if name.source != NameSource::Written || name.text.contains(['-', ':']) || names::is_element(&name.text) {
        return;
    }
    let help = match similar(&name.text, names::elements()) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => "a custom element has a `-` in its name".into(),
    };
    errors.help(name.span, format!("unknown element `{}`", name.text), help);
}

/// Void elements have no content, and all other elements need an end.
fn check_end(element: &Element, errors: &mut Errors) {
    let name = &element.name;
    let text = &name.text;
    match &element.body {
        Body::Nodes(_) if names::is_void(text) => {
            errors.help(
                name.span,
                format!("the void element `{text}` cannot have content"),
                format!("end it with a semicolon: `{text};`"),
            );
        }
        Body::Void if !names::is_void(text) && (names::is_element(text) || text.contains('-')) => errors.help(
            name.span,
            format!("`{text}` is not a void element: without an end tag, everything after it would be inside it"),
            format!("give it a body, which may be empty: `{text} {{}}`"),
        ),
        _ => {}
    }
}

fn check_key(name: &Name, value: &Value, row: bool, errors: &mut Errors) {
    if !row {
        errors.help(
            name.span,
            "`key` belongs on the first element in the body of a `@for` or `@while`",
            "if the body begins with something else, put it into an element with the key; \
             to write an attribute with this name, put it in quotes: `\"key\"=…`",
        );
    } else if value.splice().is_none() {
        errors.help(name.span, "a key must be an expression", "write `key=(item.id)`");
    }
}

fn check_attribute_name(name: &Name, element: &Element, errors: &mut Errors) {
    let text = name.text.as_str();
    let lower = text.to_ascii_lowercase();
    if lower == "data-l" {
        return errors.push(name.span, "the attribute `data-l` is reserved: Lanai uses it to mark dynamic elements");
    }
    if let Some(wrong) = text.chars().find(|c| c.is_whitespace() || c.is_control() || "\"'<>/=".contains(*c)) {
        return errors.push(name.span, format!("the name of an attribute cannot contain {wrong:?}"));
    }
    if lower != text && names::HANDLERS.contains(&lower.as_str()) {
        return errors.help(name.span, format!("unknown attribute `{text}`"), format!("did you mean `{lower}`?"));
    }
    // A custom element may have any attributes.
    if name.source == NameSource::Quoted || text.contains(['-', ':']) || element.name.text.contains('-') {
        return;
    }
    let known = if name.event().is_some() { names::HANDLERS } else { names::ATTRIBUTES };
    let at_window = names::at_window(text);
    let base = at_window.as_deref().unwrap_or(text);
    if known.contains(&base) || names::OF_WINDOW.contains(&base) {
        return;
    }
    let help = match similar(base, known.iter().copied()) {
        Some(similar) if at_window.is_some() => format!("did you mean `onwindow{}`?", &similar[2..]),
        Some(similar) => format!("did you mean `{similar}`?"),
        None if name.event().is_some() => format!("put the name of a custom event in quotes: `\"{text}\"=(…)`"),
        None => format!("name a custom attribute `data-{text}`, or put any other name in quotes: `\"{text}\"=…`"),
    };
    errors.help(name.span, format!("unknown attribute `{text}`"), help);
}

fn check_value(name: &Name, value: &Value, element: &Element, errors: &mut Errors) {
    let text = name.text.as_str();
    match (element.name.text.as_str(), text) {
        ("textarea", "value") => errors.help(
            name.span,
            "a `textarea` has no attribute `value`",
            "write the text as its content: `textarea { (text) }`",
        ),
        ("select", "value") => errors.help(
            name.span,
            "a `select` has no attribute `value`",
            "mark the selected option: `option value=(id) selected[id == chosen] { … }`",
        ),
        _ => {}
    }
    if names::is_boolean(text) && matches!(value, Value::Markup(node) if node.is_dynamic()) {
        errors.help(
            name.span,
            format!("`{text}` is a boolean attribute: a browser treats even `{text}=\"false\"` as true"),
            format!("write the condition in brackets: `{text}[condition]`"),
        );
    }
    if text.eq_ignore_ascii_case("srcdoc") && value.is_dynamic() {
        errors.help(
            name.span,
            "`srcdoc` cannot contain dynamic text, because it would be markup of another document",
            "set the URL of the frame with `src`",
        );
    }
    if names::OF_WINDOW.contains(&text) && value.is_dynamic() {
        errors.help(
            name.span,
            format!("`{text}` happens at the window, and no element receives it"),
            format!("write `onwindow{}=(…)`, on any element", &text[2..]),
        );
    }
    for (function, attribute) in [("shortcut", "onshortcut"), ("drag", "ondragstart")] {
        if text != attribute && name.event().is_some() && value.splice().is_some_and(|splice| calls(splice, function)) {
            errors.help(
                name.span,
                format!("`{function}(…)` is not for `{text}`"),
                format!("write `{attribute}=({function}(…))`"),
            );
        }
    }
    // `on:click`, `on-click`
    if let Some(event) = text.strip_prefix("on").and_then(|rest| rest.strip_prefix([':', '-']))
        && value.is_dynamic()
    {
        errors.help(name.span, format!("`{text}` is not an event"), format!("write `on{event}=(…)`"));
    }
}

/// Whether a splice is a call of a function with this name.
fn calls(splice: &Splice, function: &str) -> bool {
    let mut tokens = splice.tokens.clone().into_iter();
    matches!(
        (tokens.next(), tokens.next()),
        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(group)))
            if name == function && group.delimiter() == Delimiter::Parenthesis
    )
}

/// The browser never sends a form with a handler: that would put what was typed into the URL, or lose it.
fn check_method(element: &Element, errors: &mut Errors) {
    if !is_handled_form(element) {
        return;
    }
    for attribute in &element.attributes {
        let Attribute::Named { name, value } = attribute else { continue };
        let is_dialog = matches!(value, Value::Markup(Node::Text(text)) if text.eq_ignore_ascii_case("dialog"));
        if name.text.eq_ignore_ascii_case("method") && !is_dialog {
            errors.help(
                name.span,
                "a form with `onsubmit` goes to its handler and is never sent by the browser, so it has no `method`",
                "remove `method`, or write `method=\"dialog\"` if submitting should close the dialog around the form",
            );
        }
    }
}

/// Two fields have the same attributes.
fn check_spreads(element: &Element, errors: &mut Errors) {
    let spreads = element.attributes.iter().filter_map(|attribute| match attribute {
        Attribute::Spread(splice) => Some(splice),
        _ => None,
    });
    for splice in spreads.skip(1) {
        let name = &element.name.text;
        errors.help(
            splice.span,
            format!("the attributes of `{name}` come from two values"),
            format!("remove one of them; put the content of the element in braces: `{name} (…) {{ … }}`"),
        );
    }
}

/// A browser keeps only the first of two attributes with the same name.
fn check_twice(element: &Element, errors: &mut Errors) {
    let mut seen: Vec<String> = Vec::new();
    for attribute in &element.attributes {
        let (name, span) = match attribute {
            // All `.class`es together are one attribute.
            Attribute::Class { .. } if seen.iter().any(|name| name == ".") => continue,
            Attribute::Class { dot, .. } => {
                seen.push(".".into());
                ("class".to_owned(), *dot)
            }
            Attribute::Id { pound, .. } => ("id".to_owned(), *pound),
            // An element may have several shortcuts.
            Attribute::Named { name, .. } if name.text == "onshortcut" => continue,
            Attribute::Named { name, .. } => (name.text.to_ascii_lowercase(), name.span),
            Attribute::Spread(_) => continue,
        };
        if seen.contains(&name) {
            let help = match name.as_str() {
                "class" => {
                    "write all classes in one way: `.one.two[condition].{ (three) }`, or `class={ \"one \" (three) }`"
                }
                "id" => "write one id: `#name`, `#(expression)` or `id=…`",
                _ => "remove one of them",
            };
            errors.help(span, format!("duplicate attribute `{name}`: a browser would ignore this one"), help);
        }
        seen.push(name);
    }
}
