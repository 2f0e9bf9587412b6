//! A document as text, which is equal for equal pages.

use lanai_client::{Dom, Id, Kind, Namespace};

use crate::aria;

/// Elements without an end.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Returns HTML with one element per line. The framework's markers, and everything that differs between runs, are
/// omitted.
pub(crate) fn html(dom: &Dom, id: Id) -> String {
    let mut lines = Vec::new();
    if dom.element(id).is_some() {
        write(dom, id, 0, &mut lines)
    } else {
        write_children(dom, id, 0, &mut lines)
    }
    lines.join("\n")
}

fn write_children(dom: &Dom, id: Id, depth: usize, lines: &mut Vec<String>) {
    let content = dom.element(id).and_then(|element| element.content).unwrap_or(id);
    let mut text = String::new();
    let flush = |text: &mut String, lines: &mut Vec<String>| {
        let line = aria::squeezed(text);
        if !line.is_empty() {
            lines.push(format!("{}{}", "  ".repeat(depth), escaped(&line)));
        }
        text.clear();
    };
    for &child in dom.children(content) {
        match dom.kind(child) {
            Kind::Text(more) => text.push_str(more),
            Kind::Comment(_) => {}
            Kind::Element(_) => {
                flush(&mut text, lines);
                write(dom, child, depth, lines);
            }
            Kind::Fragment => {}
        }
    }
    flush(&mut text, lines);
}

fn write(dom: &Dom, id: Id, depth: usize, lines: &mut Vec<String>) {
    let Some(element) = dom.element(id) else { return };
    let source = element.attribute("src").or_else(|| element.attribute("href")).unwrap_or_default();
    if source.contains("/_lanai/") || (element.name == "script" && element.attribute("id") == Some("lanai")) {
        return;
    }
    let indent = "  ".repeat(depth);
    let attributes = element.attributes.iter().filter(|(name, _)| !is_ours(name));
    let attributes: String = attributes
        .map(|(name, value)| {
            if value.is_empty() {
                format!(" {name}")
            } else {
                format!(" {name}=\"{}\"", escaped(value).replace('"', "&quot;"))
            }
        })
        .collect();
    let tag = format!("{indent}<{}{attributes}>", element.name);
    if element.namespace == Namespace::Html && VOID.contains(&element.name.as_str()) {
        lines.push(tag);
        return;
    }
    let mut inner = Vec::new();
    write_children(dom, id, depth + 1, &mut inner);
    let end = format!("</{}>", element.name);
    match &inner[..] {
        [] => lines.push(format!("{tag}{end}")),
        [text] if !text.trim_start().starts_with('<') => lines.push(format!("{tag}{}{end}", text.trim_start())),
        _ => {
            lines.push(tag);
            lines.extend(inner);
            lines.push(format!("{indent}{end}"));
        }
    }
}

/// Whether an attribute belongs to the framework.
fn is_ours(name: &str) -> bool {
    name == "data-l" || (name.starts_with("data-lanai-") && name != "data-lanai-hook")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
