//! The grammar: maud's, plus handlers and keys, which are attributes to it.
//!
//! Reading goes on after an error where that makes sense, so that one compile shows several.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use syn::LitStr;

use crate::ast::{Attribute, Branch, Element, Name, Node, Splice, Value};
use crate::error::Errors;

/// Reads markup. What cannot be read is left out, with an error.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Vec<Node> {
    Parser::new(input, Span::call_site(), errors).nodes(Inside::Body)
}

/// What may stand here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Body,
    /// An attribute's value: no elements.
    Value,
}

struct Parser<'e> {
    tokens: Vec<TokenTree>,
    at: usize,
    /// Where the tokens end.
    end: Span,
    errors: &'e mut Errors,
}

impl<'e> Parser<'e> {
    fn new(tokens: TokenStream, end: Span, errors: &'e mut Errors) -> Self {
        Self { tokens: tokens.into_iter().collect(), at: 0, end, errors }
    }

    fn inner(&mut self, group: &Group) -> Parser<'_> {
        Parser::new(group.stream(), group.span_close(), self.errors)
    }

    fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    fn peek_at(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.at + ahead)
    }

    fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn span(&self) -> Span {
        self.peek().map_or(self.end, TokenTree::span)
    }

    fn is_punct(&self, ahead: usize, punct: char) -> bool {
        matches!(self.peek_at(ahead), Some(TokenTree::Punct(found)) if found.as_char() == punct)
    }

    fn is_ident(&self, ahead: usize, text: &str) -> bool {
        matches!(self.peek_at(ahead), Some(TokenTree::Ident(ident)) if ident == text)
    }

    fn eat_punct(&mut self, punct: char) -> bool {
        let found = self.is_punct(0, punct);
        self.at += usize::from(found);
        found
    }

    fn eat_ident(&mut self, text: &str) -> bool {
        let found = self.is_ident(0, text);
        self.at += usize::from(found);
        found
    }

    fn group(&self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.clone()),
            _ => None,
        }
    }

    fn eat_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        let group = self.group(delimiter);
        self.at += usize::from(group.is_some());
        group
    }

    fn splice(&mut self, delimiter: Delimiter) -> Option<Splice> {
        self.eat_group(delimiter).map(|group| Splice { tokens: group.stream(), span: group.span() })
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(span, message);
    }

    /// Markup up to the end.
    fn nodes(&mut self, inside: Inside) -> Vec<Node> {
        let mut nodes = Vec::new();
        while self.peek().is_some() {
            if self.eat_punct(';') {
                continue;
            }
            if self.is_punct(0, '@') && self.is_ident(1, "let") {
                self.at += 2;
                nodes.push(self.let_statement());
                continue;
            }
            nodes.extend(self.node(inside));
        }
        nodes
    }

    /// One piece of markup; `None` if there is an error or nothing.
    fn node(&mut self, inside: Inside) -> Option<Node> {
        match self.peek()? {
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Brace => {
                    let group = self.eat_group(Delimiter::Brace)?;
                    Some(Node::Block(self.inner(&group).nodes(inside)))
                }
                Delimiter::Parenthesis => self.splice(Delimiter::Parenthesis).map(Node::Splice),
                // Invisible delimiters: a fragment of another macro.
                Delimiter::None => {
                    let group = self.eat_group(Delimiter::None)?;
                    Some(Node::Block(self.inner(&group).nodes(inside)))
                }
                Delimiter::Bracket => {
                    let span = group.span();
                    self.at += 1;
                    self.error(span, "brackets stand after an attribute, `checked[condition]` or `title=[option]`; for a splice write `(expression)`");
                    None
                }
            },
            TokenTree::Literal(literal) => {
                let literal = literal.clone();
                // A quoted name of an attribute is read with its element.
                self.at += 1;
                self.text(literal)
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                '@' => {
                    let at = punct.span();
                    self.at += 1;
                    self.control(inside, at)
                }
                '.' | '#' if inside == Inside::Body => self.element(),
                _ => {
                    let (span, found) = (punct.span(), punct.as_char());
                    self.at += 1;
                    let expected = match inside {
                        Inside::Body => "an element, a \"literal\", a splice `(…)`, a block `{ … }`, `@` or `;`",
                        Inside::Value => "a \"literal\", a splice `(…)`, a block `{ … }`, `@` or `;`",
                    };
                    self.error(span, format!("unexpected `{found}`; expected {expected}"));
                    None
                }
            },
            TokenTree::Ident(ident) => {
                let ident = ident.clone();
                if inside == Inside::Value {
                    self.at += 1;
                    self.error(
                        ident.span(),
                        format!("an attribute's value cannot hold the element `{ident}`; write a \"literal\", a splice `(…)`, or a block `{{ … }}` of these"),
                    );
                    return None;
                }
                if self.forgotten_at(&ident) {
                    return self.control(inside, ident.span());
                }
                self.element()
            }
        }
    }

    /// A keyword without its `@`. (`for` and the like are no elements; `let` neither.)
    fn forgotten_at(&mut self, ident: &Ident) -> bool {
        let keyword = ident.to_string();
        let is_keyword = matches!(keyword.as_str(), "if" | "for" | "match" | "while" | "let" | "else");
        if is_keyword {
            self.error(ident.span(), format!("found the keyword `{keyword}`; should this be `@{keyword}`?"));
        }
        is_keyword
    }

    fn text(&mut self, literal: Literal) -> Option<Node> {
        let span = literal.span();
        match syn::parse2::<LitStr>(TokenTree::Literal(literal.clone()).into()) {
            Ok(text) if text.suffix().is_empty() => Some(Node::Text(text.value())),
            _ => {
                self.error(span, format!("a literal in markup is a double-quoted string: write `\"{}\"`, or `({literal})`", literal.to_string().trim_matches('\'')));
                None
            }
        }
    }

    /// What follows an `@`.
    fn control(&mut self, inside: Inside, at: Span) -> Option<Node> {
        let Some(TokenTree::Ident(keyword)) = self.next() else {
            self.error(at, "expected `if`, `for`, `while`, `match` or `let` after `@`");
            return None;
        };
        let span = keyword.span();
        match keyword.to_string().as_str() {
            "if" => self.if_chain(inside, span),
            "for" => {
                let pattern = self.until(|parser| parser.is_ident(0, "in"));
                if !self.eat_ident("in") {
                    self.error(span, "expected `in`: `@for item in items { … }`");
                    return None;
                }
                let iterator = self.until_body();
                let body = self.body(inside, "@for item in items", span)?;
                Some(Node::For { pattern, iterator, body, span })
            }
            "while" => {
                let condition = self.until_body();
                let body = self.body(inside, "@while condition", span)?;
                Some(Node::While { condition, body, span })
            }
            "match" => {
                let subject = self.until_body();
                let Some(group) = self.eat_group(Delimiter::Brace) else {
                    self.error(span, "expected `{ pattern => markup … }` after `@match value`");
                    return None;
                };
                let arms = self.inner(&group).arms(inside);
                Some(Node::Match { subject, arms })
            }
            "let" => Some(self.let_statement()),
            "else" => {
                self.error(span, "`@else` without an `@if` before it");
                if self.group(Delimiter::Brace).is_some() {
                    self.at += 1;
                }
                None
            }
            other => {
                self.error(span, format!("unknown `@{other}`; expected `@if`, `@for`, `@while`, `@match` or `@let`"));
                None
            }
        }
    }

    fn if_chain(&mut self, inside: Inside, span: Span) -> Option<Node> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let head = self.until_body();
            let body = self.body(inside, "@if condition", span)?;
            branches.push(Branch { head, body });
            let forgotten = self.is_ident(0, "else");
            if forgotten {
                let span = self.span();
                self.error(span, "found the keyword `else`; should this be `@else`?");
            } else if !(self.is_punct(0, '@') && self.is_ident(1, "else")) {
                break;
            }
            self.at += if forgotten { 1 } else { 2 };
            if self.eat_ident("if") {
                continue;
            }
            otherwise = Some(self.body(inside, "@else", span)?);
            break;
        }
        Some(Node::If { branches, otherwise })
    }

    fn arms(&mut self, inside: Inside) -> Vec<Branch> {
        let mut arms = Vec::new();
        while self.peek().is_some() {
            let start = self.span();
            let head = self.until(|parser| parser.is_punct(0, '=') && parser.is_punct(1, '>'));
            if self.peek().is_none() {
                self.error(start, "expected `=>` after the pattern");
                break;
            }
            self.at += 2;
            let body = match self.group(Delimiter::Brace) {
                Some(group) => {
                    self.at += 1;
                    self.inner(&group).nodes(inside)
                }
                None => self.node(inside).into_iter().collect(),
            };
            self.eat_punct(',');
            arms.push(Branch { head, body });
        }
        arms
    }

    /// The tokens of a `let` with its semicolon.
    fn let_statement(&mut self) -> Node {
        let start = self.span();
        let tokens = self.until(|parser| parser.is_punct(0, ';'));
        if !self.eat_punct(';') {
            self.error(start, "expected `;` at the end of the `@let`");
        }
        Node::Let(tokens)
    }

    fn until(&mut self, end: impl Fn(&Self) -> bool) -> TokenStream {
        let start = self.at;
        while self.peek().is_some() && !end(self) {
            self.at += 1;
        }
        self.tokens[start..self.at].iter().cloned().collect()
    }

    fn until_body(&mut self) -> TokenStream {
        // `match x {}` and blocks in a condition are put in parentheses, as a struct literal is in Rust.
        self.until(|parser| parser.group(Delimiter::Brace).is_some())
    }

    fn body(&mut self, inside: Inside, example: &str, span: Span) -> Option<Vec<Node>> {
        let Some(group) = self.eat_group(Delimiter::Brace) else {
            self.error(span, format!("expected a body in braces: `{example} {{ … }}`"));
            return None;
        };
        Some(self.inner(&group).nodes(inside))
    }

    fn element(&mut self) -> Option<Node> {
        let name = match self.peek() {
            Some(TokenTree::Ident(_)) => self.name()?,
            _ => Name { text: "div".into(), span: self.span(), quoted: true },
        };
        let attributes = self.attributes();
        if let Some(group) = self.eat_group(Delimiter::Brace) {
            let body = self.inner(&group).nodes(Inside::Body);
            return Some(Node::Element(Element { name, attributes, body: Some(body) }));
        }
        let span = self.span();
        if self.eat_punct('/') {
            self.error(span, format!("an element without content ends in `;`: `{};`", name.text));
        } else if !self.eat_punct(';') {
            let what = match self.peek() {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                    "; a splice stands inside the braces: `{ (…) }`"
                }
                _ => "",
            };
            self.error(name.span, format!("expected `{{ … }}` or `;` after `{}`{what}", name.text));
        }
        Some(Node::Element(Element { name, attributes, body: None }))
    }

    /// `a`, `data-index`, `xlink:href`, `"quoted"`
    fn name(&mut self) -> Option<Name> {
        let span = self.span();
        let mut text = String::new();
        let mut quoted = false;
        loop {
            match self.peek() {
                Some(TokenTree::Ident(ident)) => text.push_str(ident.to_string().trim_start_matches("r#")),
                Some(TokenTree::Literal(literal)) => {
                    let literal = literal.clone();
                    match syn::parse2::<LitStr>(TokenTree::Literal(literal.clone()).into()) {
                        Ok(string) => {
                            quoted = true;
                            text.push_str(&string.value());
                        }
                        Err(_) => text.push_str(&literal.to_string()),
                    }
                }
                // An empty fragment, as in `a--b`.
                _ if !text.is_empty() => {
                    if !self.name_goes_on() {
                        break;
                    }
                    text.push(self.punct());
                    continue;
                }
                _ => return None,
            }
            self.at += 1;
            if !self.name_goes_on() {
                break;
            }
            text.push(self.punct());
        }
        Some(Name { text, span, quoted })
    }

    fn name_goes_on(&self) -> bool {
        self.is_punct(0, '-') || self.is_punct(0, ':')
    }

    fn punct(&mut self) -> char {
        match self.next() {
            Some(TokenTree::Punct(punct)) => punct.as_char(),
            _ => unreachable!("the name goes on with a punctuation"),
        }
    }

    fn attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        let mut id = false;
        loop {
            let span = self.span();
            if self.eat_punct('.') {
                let Some(value) = self.shorthand("class", span) else { continue };
                let toggle = self.splice(Delimiter::Bracket);
                attributes.push(Attribute::Class { value, toggle });
            } else if self.eat_punct('#') {
                let Some(value) = self.shorthand("id", span) else { continue };
                if std::mem::replace(&mut id, true) {
                    self.error(span, "this element has an id already: an element has one `#id`");
                }
                attributes.push(Attribute::Id(value));
            } else if matches!(self.peek(), Some(TokenTree::Ident(_) | TokenTree::Literal(_))) {
                let Some(name) = self.name() else {
                    self.at += 1;
                    continue;
                };
                self.eat_punct('?');
                let value = self.value(&name);
                attributes.push(Attribute::Named { name, value });
            } else if self.group(Delimiter::Parenthesis).is_some() && self.is_punct(1, '=') {
                self.at += 2;
                let _ = self.node(Inside::Value);
                self.error(span, "an attribute's name cannot be an expression");
            } else {
                return attributes;
            }
        }
    }

    /// The name or markup after `.` or `#`.
    fn shorthand(&mut self, what: &str, span: Span) -> Option<Vec<Node>> {
        match self.peek() {
            Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => {
                let name = self.name()?;
                Some(vec![Node::Text(name.text)])
            }
            Some(TokenTree::Group(_)) | Some(TokenTree::Punct(_)) if self.group(Delimiter::Bracket).is_none() => {
                self.node(Inside::Value).map(|node| vec![node])
            }
            _ => {
                self.error(span, format!("expected the {what}: a name, a \"literal\" or a splice `(…)`"));
                None
            }
        }
    }

    fn value(&mut self, name: &Name) -> Value {
        if let Some(toggle) = self.splice(Delimiter::Bracket) {
            return Value::Toggle(toggle);
        }
        if !self.eat_punct('=') {
            return Value::Empty;
        }
        if let Some(option) = self.splice(Delimiter::Bracket) {
            return Value::Optional(option);
        }
        match self.node(Inside::Value) {
            Some(node) => Value::Markup(vec![node]),
            None => {
                if self.peek().is_none() {
                    self.error(name.span, format!("expected a value after `{}=`: a \"literal\", a splice `(…)`, an option `[…]`", name.text));
                }
                Value::Empty
            }
        }
    }
}
