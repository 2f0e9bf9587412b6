//! Attributes that come from a value: `input (field);`. Each becomes a slot of its own, unless the author has written
//! an attribute with this name.

use proc_macro2::{Ident, Span};
use quote::{format_ident, quote, quote_spanned};

use super::Lowering;
use super::attributes::method_of;
use super::view::named_by;
use crate::ast::{Attribute, Body, Element, Name, NameSource, Node, Splice, Value};
use crate::ir::{Content, Step};

/// How the value of an attribute is read.
#[derive(Clone, Copy)]
enum Kind {
    Always,
    Optional,
    Toggle,
    /// Without a value, always.
    Fixed,
}

/// The name of an attribute, and the method that returns its value.
type Set = (&'static str, &'static str, Kind);

const DESCRIBED: [Set; 2] =
    [("aria-describedby", "described_by", Kind::Optional), ("aria-invalid", "invalid", Kind::Optional)];

/// The attributes of an element. An input has its type before its limits, and these before its value, since the value
/// is adjusted to them.
fn attributes_of(element: &str) -> Vec<Set> {
    use Kind::{Always, Fixed, Optional, Toggle};
    let mut sets: Vec<Set> = match element {
        "form" => vec![
            ("id", "id", Always),
            ("novalidate", "", Fixed),
            ("onsubmit", "submit", Always),
            ("oninput", "input", Always),
            ("onfocusout", "leave", Always),
            ("onreset", "reset", Always),
            ("onlanai:recover", "recover", Always),
        ],
        "label" => vec![("for", "target", Always)],
        "button" => vec![("disabled", "disabled", Toggle)],
        "fieldset" => vec![("id", "id", Always), ("tabindex", "-1", Fixed)],
        "select" => vec![("multiple", "multiple", Toggle)],
        "file" => vec![
            ("accept", "accept", Optional),
            ("multiple", "multiple", Toggle),
            ("webkitdirectory", "directory", Toggle),
            ("data-lanai-upload", "upload", Always),
        ],
        "input" => vec![
            ("type", "kind", Optional),
            ("min", "min", Optional),
            ("max", "max", Optional),
            ("step", "step", Optional),
            ("pattern", "pattern", Optional),
        ],
        _ => Vec::new(),
    };
    if matches!(element, "input" | "textarea") {
        sets.extend([
            ("minlength", "min_length", Optional),
            ("maxlength", "max_length", Optional),
            ("placeholder", "placeholder", Optional),
        ]);
    }
    if matches!(element, "input" | "select" | "textarea") {
        sets.extend([
            ("id", "id", Always),
            ("name", "name", Always),
            ("required", "required", Toggle),
            ("autocomplete", "autocomplete", Optional),
        ]);
    }
    if matches!(element, "input" | "select" | "textarea" | "fieldset") {
        sets.extend(DESCRIBED);
    }
    if element == "input" {
        sets.extend([("value", "value", Optional), ("checked", "checked", Toggle)]);
    }
    sets
}

impl Lowering<'_> {
    /// Writes the attributes that a value sets.
    pub(super) fn spread(&mut self, element: &Element, out: &mut Content) {
        let Some(splice) = spread_of(element) else { return };
        let name = element.name.text.as_str();
        let group = group_of(element);
        let span = splice.span.resolved_at(Span::mixed_site());
        let (value, attributes, tokens) = (value(splice), ident(), &splice.tokens);
        let read = Ident::new(&format!("{group}_attributes"), Span::mixed_site());
        let kind = format_ident!("Spread{}", capitalized(group));
        out.steps.push(Step::Let(quote!(#value = &(#tokens))));
        out.steps.push(Step::Let(quote_spanned!(span=> #attributes = ::lanai::form::#kind::#read(#value))));
        if name == "form" {
            self.view = self.view.take().or(named_by(tokens));
        }
        let written = |attribute: &str| {
            element.attributes.iter().any(|other| match other {
                Attribute::Named { name, .. } => name.text.eq_ignore_ascii_case(attribute),
                Attribute::Id { .. } => attribute == "id",
                Attribute::Class { .. } | Attribute::Spread(_) => false,
            })
        };
        // Only the author's own `method="dialog"` lets the browser close the dialog.
        let method = method_of(element).filter(|_| has(element, "method", "dialog"));
        for (attribute, method_name, kind) in attributes_of(if group == "file" { group } else { name }) {
            if written(attribute) {
                continue;
            }
            let read = Ident::new(if matches!(kind, Kind::Fixed) { "id" } else { method_name }, Span::mixed_site());
            let value = Splice { tokens: quote!(#attributes.#read()), span: splice.span, borrowed: Vec::new() };
            let value = match kind {
                Kind::Always => Value::Markup(Node::Splice(value)),
                Kind::Optional => Value::Optional(value),
                Kind::Toggle => Value::Toggle(value),
                Kind::Fixed if method_name.is_empty() => Value::Empty,
                Kind::Fixed => Value::Markup(Node::Text(method_name.into())),
            };
            let attribute = Name { text: attribute.into(), span: splice.span, source: NameSource::Quoted };
            self.named(name, method, &attribute, &value, out);
        }
    }
}

/// Returns the content that an element has from its field, if the author has left it empty.
pub(super) fn content(element: &Element) -> Vec<Node> {
    let (Some(splice), Body::Nodes(nodes)) = (spread_of(element), &element.body) else { return Vec::new() };
    let method = match element.name.text.as_str() {
        "label" | "textarea" => "text",
        "select" => "options",
        _ => return Vec::new(),
    };
    if !nodes.is_empty() {
        return Vec::new();
    }
    let (attributes, method) = (ident(), Ident::new(method, Span::mixed_site()));
    vec![Node::Splice(Splice { tokens: quote!(#attributes.#method()), span: splice.span, borrowed: Vec::new() })]
}

/// Whether the handlers of a form come from a value.
pub(super) fn is_form(element: &Element) -> bool {
    element.name.text == "form" && spread_of(element).is_some()
}

fn spread_of(element: &Element) -> Option<&Splice> {
    element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Spread(splice) => Some(splice),
        _ => None,
    })
}

/// Whether the author has written an attribute with this value.
fn has(element: &Element, attribute: &str, value: &str) -> bool {
    element.attributes.iter().any(|one| match one {
        Attribute::Named { name, value: Value::Markup(Node::Text(text)) } => {
            name.text.eq_ignore_ascii_case(attribute) && text.eq_ignore_ascii_case(value)
        }
        _ => false,
    })
}

/// Returns what an element is to a form.
fn group_of(element: &Element) -> &'static str {
    match element.name.text.as_str() {
        "input" if has(element, "type", "file") => "file",
        "form" => "form",
        "label" => "label",
        "button" => "button",
        "fieldset" => "group",
        _ => "control",
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Its span is that of the author's brackets, so that errors are reported there.
fn value(splice: &Splice) -> Ident {
    Ident::new("spread", splice.span.resolved_at(Span::mixed_site()))
}

fn ident() -> Ident {
    Ident::new("attributes", Span::mixed_site())
}
