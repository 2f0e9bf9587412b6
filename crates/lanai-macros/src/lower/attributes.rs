//! Attributes: literal ones become HTML, and each other one becomes a slot.

use super::{Lowering, spread};
use crate::ast::{Attribute, Element, Name, Node, Splice, Value};
use crate::ir::{Content, Piece, Slot, Step};
use crate::names::{self, Kind};

impl Lowering<'_> {
    /// Writes the attributes in maud's order: classes, the id, the rest.
    pub(super) fn attributes(&mut self, element: &Element, out: &mut Content) {
        self.classes(&element.attributes, out);
        for attribute in &element.attributes {
            if let Attribute::Id { value, .. } = attribute {
                self.attribute("id", Kind::Plain, value, out);
            }
        }
        if (is_handled_form(element) || spread::is_form(element)) && method_of(element).is_none() {
            // Before the client runs, and after the view has ended, the browser would send the form, including
            // passwords, to this page's URL. With the method `dialog`, it is not sent. (Inside a `dialog`, the client
            // keeps it from closing the dialog.)
            out.html(" method=\"dialog\"");
        }
        self.spread(element, out);
        for attribute in &element.attributes {
            if let Attribute::Named { name, value } = attribute {
                // The list uses the key; it is not an attribute.
                if !name.is_key() {
                    self.named(&element.name.text, method_of(element), name, value, out);
                }
            }
        }
    }

    /// Writes all classes as one attribute, as maud does: first those without a condition, each after a space except
    /// the one that was written first.
    fn classes(&mut self, attributes: &[Attribute], out: &mut Content) {
        let classes: Vec<(&Node, Option<&Splice>)> = attributes
            .iter()
            .filter_map(|attribute| match attribute {
                Attribute::Class { value, toggle, .. } => Some((value, toggle.as_ref())),
                _ => None,
            })
            .collect();
        if classes.is_empty() {
            return;
        }
        let mut pieces = Vec::new();
        let mut conditional = Vec::new();
        for (index, (class, toggle)) in classes.iter().enumerate() {
            // If the class that was written first has a condition, it comes after the others. Maud would join it to the
            // previous one.
            let others = classes.iter().any(|(_, toggle)| toggle.is_none());
            let mut class = self.text(std::slice::from_ref(class));
            if index > 0 || toggle.is_some() && others {
                class.insert(0, Piece::Text(" ".into()));
            }
            match toggle {
                Some(condition) => conditional.push(Piece::When((*condition).clone(), class)),
                None => pieces.extend(class),
            }
        }
        pieces.extend(conditional);
        write_attribute("class", Kind::Plain, pieces, out);
    }

    fn attribute(&mut self, name: &str, kind: Kind, value: &Node, out: &mut Content) {
        let pieces = self.text(std::slice::from_ref(value));
        write_attribute(name, kind, pieces, out);
    }

    /// A dynamic URL that starts with a literal `javascript:` would be refused in each rendering.
    fn check_scheme(&mut self, name: &Name, kind: Kind, value: &Node) {
        let Some(Node::Text(text)) = first(value) else { return };
        let scheme: String = text.trim_start().chars().take("javascript:".len()).collect();
        if kind == Kind::Url && value.is_dynamic() && scheme.eq_ignore_ascii_case("javascript:") {
            self.errors.help(
                name.span,
                "inline JavaScript cannot have a dynamic part",
                "let a `button` call a method of the view: `onclick=(Self::method)`",
            );
        }
    }

    pub(super) fn named(
        &mut self,
        element: &str,
        method: Option<&Name>,
        name: &Name,
        value: &Value,
        out: &mut Content,
    ) {
        let text = name.text.as_str();
        if let Some(event) = name.event().filter(|_| value.is_dynamic()) {
            // `ONCLICK` already has an error.
            return if text.starts_with("on") {
                let closes = event == "submit" && method.is_some();
                self.handler(name, event, value, closes, out)
            };
        }
        let kind = names::attribute_kind(element, text);
        match value {
            Value::Empty => {
                out.html(" ");
                out.text(text);
            }
            Value::Markup(node) => {
                self.check_scheme(name, kind, node);
                self.attribute(text, kind, node, out);
            }
            Value::Optional(option) => {
                out.slot(Slot::Attribute { name: text.into(), kind }, Step::Optional { option: option.clone(), kind });
            }
            Value::Toggle(condition) => {
                let property = names::is_toggle_property(element, text);
                out.slot(Slot::Toggle { name: text.into(), property }, Step::Toggle(condition.clone()));
            }
        }
    }

    /// `closes` says whether the author has written the method of a form that closes a dialog, so that the browser must
    /// handle it.
    fn handler(&mut self, name: &Name, event: &str, value: &Value, closes: bool, out: &mut Content) {
        let text = &name.text;
        let step = match value {
            Value::Markup(Node::Splice(handler)) => Step::Event(handler.clone()),
            Value::Optional(option) => Step::OptionalEvent(option.clone()),
            Value::Toggle(_) => {
                return self.errors.help(
                    name.span,
                    "a handler cannot be a toggle",
                    format!("write an optional handler as an option: `{text}=[condition.then_some(Self::method)]`"),
                );
            }
            Value::Markup(_) | Value::Empty => {
                return self.errors.help(
                    name.span,
                    "inline JavaScript cannot have a dynamic part",
                    format!(
                        "to call a method of the view, write `{text}=(Self::method)`; to pass it arguments, write a closure: \
                         `{text}=(move |this: &mut Self| this.method(id))`"
                    ),
                );
            }
        };
        if let Step::Event(handler) | Step::OptionalEvent(handler) = &step {
            let named = super::view::named_by(&handler.tokens);
            self.view = self.view.take().or(named);
        }
        let step = match step {
            Step::Event(handler) if closes => Step::Event(closing(handler)),
            Step::Event(handler) if event == "shortcut" => Step::Event(keyed(handler)),
            step => step,
        };
        out.slot(Slot::Event { name: event.into() }, step);
    }
}

/// Writes an attribute: as markup if its value is literal, otherwise as a slot.
fn write_attribute(name: &str, kind: Kind, pieces: Vec<Piece>, out: &mut Content) {
    let literal: Option<Vec<&str>> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    match literal {
        // The browser applies a style by a script, since a Content-Security-Policy may forbid the attribute.
        Some(texts) if kind != Kind::Style => {
            out.html(" ");
            out.text(name);
            out.html("=\"");
            texts.into_iter().for_each(|text| out.text(text));
            out.html("\"");
        }
        _ => out.slot(Slot::Attribute { name: name.into(), kind }, Step::Value { pieces, kind }),
    }
}

/// Returns the first node of a value.
fn first(value: &Node) -> Option<&Node> {
    match value {
        Node::Block(nodes) => nodes.iter().find(|node| !matches!(node, Node::Let(_))).and_then(first),
        node => Some(node),
    }
}

/// Whether the element is a form that a handler receives.
pub(crate) fn is_handled_form(element: &Element) -> bool {
    let submits = |attribute: &Attribute| matches!(attribute, Attribute::Named { name, value } if name.event() == Some("submit") && value.is_dynamic());
    element.name.text == "form" && element.attributes.iter().any(submits)
}

/// Returns the attribute `method` of an element.
pub(super) fn method_of(element: &Element) -> Option<&Name> {
    element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Named { name, .. } if name.text.eq_ignore_ascii_case("method") => Some(name),
        _ => None,
    })
}

/// A handler that has keys.
fn keyed(handler: Splice) -> Splice {
    let tokens = handler.tokens;
    Splice { tokens: quote::quote_spanned!(handler.span=> ::lanai::macro_support::keyed(#tokens)), ..handler }
}

/// A handler of a submit that the browser handles too.
fn closing(handler: Splice) -> Splice {
    let tokens = handler.tokens;
    Splice { tokens: quote::quote_spanned!(handler.span=> ::lanai::prelude::on(#tokens).keep_default()), ..handler }
}
