//! Elements: names, attributes, bodies.

use proc_macro2::{Delimiter, Span, TokenTree};

use super::{Cursor, Inside, Parser, string};
use crate::ast::{Attribute, Body, Element, Name, NameSource, Node, Value};
use crate::names;

impl Parser<'_> {
    /// Parses an element, which starts with a word, `.` or `#`.
    pub(super) fn element(&mut self, input: &mut Cursor) -> Element {
        let name = match input.peek() {
            Some(TokenTree::Ident(_)) => self.name(input),
            _ => None,
        };
        let name = name.unwrap_or_else(|| Name { text: "div".into(), span: input.span(), source: NameSource::Implied });
        let attributes = self.attributes(input, &name);
        let body = self.body(input, &name);
        Element { name, attributes, body }
    }

    fn body(&mut self, input: &mut Cursor, name: &Name) -> Body {
        if let Some(group) = input.eat_group(Delimiter::Brace) {
            return Body::Nodes(self.nodes(&mut Cursor::inside(&group), Inside::Body));
        }
        if input.eat_punct(';') {
            return Body::Void;
        }
        let span = input.span();
        if input.eat_punct('/') {
            self.errors.help(span, "void elements end in `;`, not `/`", "change this to `;`");
            return Body::Void;
        }
        let (at, found) = match input.peek() {
            Some(token @ TokenTree::Punct(punct)) => (token.span(), format!(", found `{}`", punct.as_char())),
            Some(token @ TokenTree::Group(_)) => (token.span(), String::new()),
            // Words and literals were parsed as attributes.
            _ => (name.span, String::new()),
        };
        let name = &name.text;
        let help = match input.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                format!("put the content in braces: `{name} {{ (…) }}`")
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '@' => {
                format!(
                    "put the content in braces: `{name} {{ @… }}`; put a name with an `@` in quotes: `{name} \"@…\"=\"…\" {{}}`"
                )
            }
            _ => format!("put text in braces: `{name} {{ \"…\" }}`; end a void element with a semicolon: `br;`"),
        };
        self.errors.help(at, format!("expected `{{ … }}` or `;` after the element `{name}`{found}"), help);
        Body::Missing
    }

    /// `a`, `data-index`, `xlink:href`, `col-2`, `"quoted"`
    fn name(&mut self, input: &mut Cursor) -> Option<Name> {
        let span = input.span();
        let mut text = String::new();
        let mut source = NameSource::Written;
        loop {
            let fragment = input.span();
            match input.peek().cloned() {
                Some(TokenTree::Ident(ident)) => {
                    input.next();
                    text.push_str(&ident.to_string());
                }
                Some(TokenTree::Literal(literal)) => {
                    input.next();
                    let number = literal.to_string();
                    if let Some(string) = string(&literal) {
                        source = NameSource::Quoted;
                        text.push_str(&string);
                    } else if number.starts_with(|c: char| c.is_ascii_digit()) && !number.contains('.') {
                        text.push_str(&number);
                    } else {
                        self.errors.help(
                            fragment,
                            "a name cannot contain this literal",
                            "put the whole name in quotes: `\"…\"`",
                        );
                    }
                }
                // An empty segment, as in `a--b`.
                _ if !text.is_empty() && (input.is_punct(0, '-') || input.is_punct(0, ':')) => {}
                _ if text.is_empty() => return None,
                _ => {
                    self.errors.help(
                        fragment,
                        format!("the name ends with `{text}`, but another part should follow"),
                        "if the name really ends like this, put it in quotes: `\"…\"`",
                    );
                    break;
                }
            }
            match input.peek() {
                Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '-' | ':') => {
                    text.push(punct.as_char());
                    input.next();
                }
                _ => break,
            }
        }
        if text.is_empty() && source == NameSource::Quoted {
            self.errors.push(span, "a name cannot be empty");
        }
        (!text.is_empty()).then_some(Name { text, span, source })
    }

    fn attributes(&mut self, input: &mut Cursor, element: &Name) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        loop {
            let span = input.span();
            if input.eat_punct('.') {
                let Some(value) = self.shorthand(input, "class", span) else { continue };
                let toggle = input.eat_splice(Delimiter::Bracket);
                attributes.push(Attribute::Class { value, toggle, dot: span });
            } else if input.eat_punct('#') {
                let Some(value) = self.shorthand(input, "id", span) else { continue };
                if input.is_group(Delimiter::Bracket) {
                    let toggle = input.span();
                    input.next();
                    self.errors.help(toggle, "an id cannot have a condition", "write `id=[option]`");
                }
                attributes.push(Attribute::Id { value, pound: span });
            } else if matches!(input.peek(), Some(TokenTree::Ident(_) | TokenTree::Literal(_))) {
                let Some(name) = self.name(input) else { continue };
                // An old syntax for toggles, which maud still accepts.
                input.eat_punct('?');
                let value = self.value(input, &name);
                attributes.push(Attribute::Named { name, value });
            } else if input.is_group(Delimiter::Parenthesis) && input.is_punct(1, '=') {
                input.take(2);
                self.node(input, Inside::Value);
                self.errors.help(
                    span,
                    "an attribute's name cannot be dynamic",
                    "write each attribute that may be present as an option: `name=[option]`",
                );
            } else if names::takes_spread(&element.text)
                && let Some(splice) = input.eat_splice(Delimiter::Parenthesis)
            {
                attributes.push(Attribute::Spread(splice));
            } else {
                return attributes;
            }
        }
    }

    /// Parses the name or markup after `.` or `#`.
    fn shorthand(&mut self, input: &mut Cursor, what: &str, sign: Span) -> Option<Node> {
        match input.peek() {
            Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => self.name(input).map(|name| Node::Text(name.text)),
            Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Bracket => {
                self.lone_node(input, Inside::Value)
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '@' => self.lone_node(input, Inside::Value),
            _ => {
                self.errors.push(sign, format!("expected the {what}: a name, a \"literal\" or a splice `(…)`"));
                None
            }
        }
    }

    fn value(&mut self, input: &mut Cursor, name: &Name) -> Value {
        if let Some(toggle) = input.eat_splice(Delimiter::Bracket) {
            return Value::Toggle(toggle);
        }
        if !input.eat_punct('=') {
            return Value::Empty;
        }
        if let Some(option) = input.eat_splice(Delimiter::Bracket) {
            return Value::Optional(option);
        }
        let text = &name.text;
        let span = input.span();
        if input.is_ident(0, "true") || input.is_ident(0, "false") {
            input.next();
            self.errors.help(
                span,
                "an attribute's value is text",
                format!(
                    "to set the attribute, omit the value: `{text}`; to toggle it, use brackets: `{text}[condition]`"
                ),
            );
            return Value::Empty;
        }
        let ends = match input.peek() {
            None => true,
            Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
            Some(_) => false,
        };
        if ends {
            self.errors.push(
                name.span,
                format!("expected a value after `{text}=`: a \"literal\", a splice `(…)` or an option `[…]`"),
            );
            return Value::Empty;
        }
        match self.lone_node(input, Inside::Value) {
            Some(node) => Value::Markup(node),
            None => Value::Empty,
        }
    }
}
