//! Attributes: literal ones become HTML, any other becomes one slot.

use super::Lowering;
use crate::ast::{Attribute, Element, Name, Node, Splice, Value};
use crate::ir::{Content, Piece, Slot, Step};
use crate::names::{self, Kind};

impl Lowering<'_> {
    /// Writes the attributes in maud's order: classes, id, the rest.
    pub(super) fn attributes(&mut self, element: &Element, out: &mut Content) {
        self.classes(&element.attributes, out);
        for attribute in &element.attributes {
            if let Attribute::Id { value, .. } = attribute {
                self.attribute("id", Kind::Plain, value, out);
            }
        }
        for attribute in &element.attributes {
            if let Attribute::Named { name, value } = attribute {
                // A key is read by the list.
                if !name.is_key() {
                    self.named(&element.name.text, name, value, out);
                }
            }
        }
    }

    /// All classes as one attribute, as maud prints them: those without a condition first, and a space before each but the
    /// one that was written first.
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
            // Where the one written first has a condition, it comes after the others; maud would glue it to the one before it.
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
        self.value("class", Kind::Plain, pieces, out);
    }

    fn attribute(&mut self, name: &str, kind: Kind, value: &Node, out: &mut Content) {
        let pieces = self.text(std::slice::from_ref(value));
        self.value(name, kind, pieces, out);
    }

    fn value(&mut self, name: &str, kind: Kind, pieces: Vec<Piece>, out: &mut Content) {
        let literal: Option<Vec<&str>> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        match literal {
            Some(texts) => {
                out.html(" ");
                out.text(name);
                out.html("=\"");
                texts.into_iter().for_each(|text| out.text(text));
                out.html("\"");
            }
            None => out.slot(Slot::Attribute { name: name.into(), kind }, Step::Value { pieces, kind }),
        }
    }

    /// An address with a literal beginning `javascript:` would be refused each time that it is rendered.
    fn check_scheme(&mut self, name: &Name, kind: Kind, value: &Node) {
        let Some(Node::Text(text)) = first(value) else { return };
        let scheme: String = text.trim_start().chars().take("javascript:".len()).collect();
        if kind == Kind::Url && value.is_dynamic() && scheme.eq_ignore_ascii_case("javascript:") {
            self.errors.help(
                name.span,
                "dynamic inline JavaScript cannot be written",
                "let a `button` call a method of the view: `onclick=(Self::method)`",
            );
        }
    }

    fn named(&mut self, element: &str, name: &Name, value: &Value, out: &mut Content) {
        let text = name.text.as_str();
        if let Some(event) = name.event().filter(|_| value.is_dynamic()) {
            // `ONCLICK` has its error already.
            return if text.starts_with("on") {
                self.handler(name, event, value, out)
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

    fn handler(&mut self, name: &Name, event: &str, value: &Value, out: &mut Content) {
        let text = &name.text;
        let step = match value {
            Value::Markup(Node::Splice(handler)) => Step::Event(handler.clone()),
            Value::Optional(option) => Step::OptionalEvent(option.clone()),
            Value::Toggle(_) => {
                return self.errors.help(
                    name.span,
                    "a handler is no toggle",
                    format!("a handler that comes and goes is an option: `{text}=[condition.then_some(Self::method)]`"),
                );
            }
            Value::Markup(_) | Value::Empty => {
                return self.errors.help(
                    name.span,
                    "dynamic inline JavaScript cannot be written",
                    format!(
                        "`{text}=(Self::method)` calls a method of the view; what the method needs stands in a closure: \
                         `{text}=(move |this: &mut Self| this.method(id))`"
                    ),
                );
            }
        };
        if let Step::Event(handler) | Step::OptionalEvent(handler) = &step {
            let named = super::view::named_by(&handler.tokens);
            self.view = self.view.take().or(named);
        }
        out.slot(Slot::Event { name: event.into() }, step);
    }
}

/// What a value begins with.
fn first(value: &Node) -> Option<&Node> {
    match value {
        Node::Block(nodes) => nodes.iter().find(|node| !matches!(node, Node::Let(_))).and_then(first),
        node => Some(node),
    }
}
