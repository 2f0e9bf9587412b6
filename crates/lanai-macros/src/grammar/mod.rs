//! The grammar: that of maud, plus handlers and keys, which are attributes in it.
//!
//! Parsing continues after an error, so that one compilation shows several errors. Everything that was parsed is
//! emitted, so that completion in editors works in the rest.

mod cursor;
mod element;
mod scan;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use syn::LitStr;

use crate::ast::{Block, Branch, LoopBody, Node};
use crate::error::Errors;
use cursor::Cursor;

/// Parses markup. Parts that cannot be parsed are left out, with an error.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Vec<Node> {
    Parser { errors }.nodes(&mut Cursor::new(input, Span::call_site()), Inside::Body)
}

/// What is allowed here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Body,
    /// An attribute's value, without elements.
    Value,
}

struct Parser<'e> {
    errors: &'e mut Errors,
}

impl Parser<'_> {
    /// Parses markup up to the end.
    fn nodes(&mut self, input: &mut Cursor, inside: Inside) -> Vec<Node> {
        let mut nodes = Vec::new();
        while !input.is_at_end() {
            if !input.eat_punct(';') {
                nodes.extend(self.node(input, inside));
            }
        }
        nodes
    }

    /// Parses one piece of markup outside a block, where a `@let` would bind nothing.
    fn lone_node(&mut self, input: &mut Cursor, inside: Inside) -> Option<Node> {
        let span = input.span();
        let node = self.node(input, inside);
        if let Some(Node::Let(_)) = node {
            self.errors.help(
                span,
                "`@let` is allowed only in a block",
                "put braces around it and the code that uses it: `{ @let … }`",
            );
        }
        node
    }

    /// Parses one piece of markup, or returns `None` after an error. Consumes at least one token.
    fn node(&mut self, input: &mut Cursor, inside: Inside) -> Option<Node> {
        let token = input.peek()?.clone();
        let span = token.span();
        match token {
            TokenTree::Group(group) => match group.delimiter() {
                // A fragment of another macro has invisible delimiters.
                Delimiter::Brace | Delimiter::None => {
                    input.next();
                    Some(Node::Block(self.nodes(&mut Cursor::inside(&group), inside)))
                }
                Delimiter::Parenthesis => input.eat_splice(Delimiter::Parenthesis).map(Node::Splice),
                Delimiter::Bracket => {
                    input.next();
                    self.errors.help(
                        span,
                        "brackets belong to an attribute: `checked[condition]`, `title=[option]`",
                        "put a splice in parentheses: `(expression)`",
                    );
                    None
                }
            },
            TokenTree::Literal(literal) => {
                input.next();
                self.text(&literal)
            }
            TokenTree::Punct(punct) if punct.as_char() == '@' => {
                input.next();
                self.control(input, inside, span)
            }
            TokenTree::Punct(punct) if inside == Inside::Body && matches!(punct.as_char(), '.' | '#') => {
                Some(Node::Element(self.element(input)))
            }
            TokenTree::Punct(punct) => {
                input.next();
                let element = if inside == Inside::Body { "an element, " } else { "" };
                self.errors.push(
                    span,
                    format!(
                        "unexpected `{}`: expected {element}a \"literal\", a splice `(…)`, a block `{{ … }}` or `@`",
                        punct.as_char()
                    ),
                );
                None
            }
            TokenTree::Ident(ident) => self.word(input, inside, &ident),
        }
    }

    /// Parses an element, unless it looks like something else.
    fn word(&mut self, input: &mut Cursor, inside: Inside, ident: &Ident) -> Option<Node> {
        let (word, span) = (ident.to_string(), ident.span());
        if matches!(word.as_str(), "if" | "else" | "for" | "while" | "match" | "let") {
            self.errors.help(span, format!("found keyword `{word}`"), format!("should this be `@{word}`?"));
            return self.control(input, inside, span);
        }
        if matches!(word.as_str(), "true" | "false") {
            input.next();
            self.errors.help(span, "a literal in markup must be a double-quoted string", format!("write `\"{word}\"`"));
            return None;
        }
        if inside == Inside::Body {
            return Some(Node::Element(self.element(input)));
        }
        input.next();
        self.errors.help(
            span,
            format!("expected a value, found `{word}`"),
            format!(
                "to insert the value of a variable, write `({word})`; to insert text, write a \"literal\"; \
                 an attribute cannot contain elements"
            ),
        );
        None
    }

    fn text(&mut self, literal: &Literal) -> Option<Node> {
        match string(literal) {
            Some(text) => Some(Node::Text(text)),
            None => {
                let source = literal.to_string();
                let text = source.trim_matches('\'');
                self.errors.help(
                    literal.span(),
                    "a literal in markup must be a double-quoted string",
                    format!("write `\"{text}\"`, or splice it: `({source})`"),
                );
                None
            }
        }
    }

    /// Parses what follows an `@`.
    fn control(&mut self, input: &mut Cursor, inside: Inside, at: Span) -> Option<Node> {
        let Some(TokenTree::Ident(keyword)) = input.peek().cloned() else {
            self.errors.push(at, "expected `if`, `for`, `while`, `match` or `let` after `@`");
            return None;
        };
        input.next();
        let span = keyword.span();
        match keyword.to_string().as_str() {
            "if" => self.if_else(input, inside, span),
            "for" => {
                let pattern = input.take(pattern(input.rest()));
                if !input.eat_ident("in") {
                    self.errors.help(
                        span,
                        "expected `in` after the pattern of `@for`",
                        "write `@for item in items { … }`",
                    );
                }
                let iterator = self.head(input, span, "@for item in items");
                let block = self.block(input, inside, "@for item in items", span);
                let body = LoopBody { block, keyword: span };
                iterator.filter(|_| !pattern.is_empty()).map(|iterator| Node::For { pattern, iterator, body })
            }
            "while" => {
                let condition = self.head(input, span, "@while condition");
                let block = self.block(input, inside, "@while condition", span);
                let body = LoopBody { block, keyword: span };
                condition.map(|condition| Node::While { condition, body })
            }
            "match" => {
                let subject = self.head(input, span, "@match value");
                let Some(group) = input.eat_group(Delimiter::Brace) else {
                    self.errors.help(span, "expected braces", "write `@match value { pattern => { … } }`");
                    return None;
                };
                let arms = self.arms(&mut Cursor::inside(&group), inside);
                subject.map(|subject| Node::Match { subject, arms })
            }
            "let" => {
                let tokens = input.take_until(|input| input.is_punct(0, ';'));
                if !input.eat_punct(';') {
                    self.errors.help(span, "expected `;` after `@let`", "write `@let name = expression;`");
                }
                Some(Node::Let(tokens))
            }
            "else" => {
                self.errors.push(span, "`@else` without an `@if` right before it");
                // The content is parsed for its own errors.
                let _condition = input.eat_ident("if").then(|| self.head(input, span, "@if condition"));
                self.block(input, inside, "@else", span);
                None
            }
            other => {
                self.errors.help(
                    span,
                    format!("unknown `@{other}`: expected `@if`, `@for`, `@while`, `@match` or `@let`"),
                    format!("if this is an attribute's name, put it in quotes: `\"@{other}\"=…`"),
                );
                None
            }
        }
    }

    fn if_else(&mut self, input: &mut Cursor, inside: Inside, keyword: Span) -> Option<Node> {
        let mut branches = Vec::new();
        loop {
            let head = self.head(input, keyword, "@if condition");
            let body = self.block(input, inside, "@if condition", keyword);
            branches.extend(head.map(|head| Branch { head, body }));
            if input.is_ident(0, "else") {
                self.errors.help(input.span(), "found keyword `else`", "should this be `@else`?");
                input.next();
            } else if input.is_punct(0, '@') && input.is_ident(1, "else") {
                input.take(2);
            } else {
                return (!branches.is_empty()).then_some(Node::If { branches, otherwise: None });
            }
            if input.is_punct(0, '@') && input.is_ident(1, "if") {
                self.errors.help(input.span(), "one `@` is enough", "write `@else if condition { … }`");
                input.next();
            }
            if !input.eat_ident("if") {
                let otherwise = self.block(input, inside, "@else", keyword);
                return (!branches.is_empty()).then_some(Node::If { branches, otherwise: Some(otherwise) });
            }
        }
    }

    fn arms(&mut self, input: &mut Cursor, inside: Inside) -> Vec<Branch> {
        let mut arms = Vec::new();
        while !input.is_at_end() {
            let start = input.span();
            let head = input.take_until(|input| input.is_punct(0, '=') && input.is_punct(1, '>'));
            if input.is_at_end() {
                self.errors.help(start, "expected `=>` after the pattern", "write `pattern => { … }`");
                break;
            }
            input.take(2);
            let span = input.span();
            let nodes = match input.eat_group(Delimiter::Brace) {
                Some(group) => self.nodes(&mut Cursor::inside(&group), inside),
                None if input.is_at_end() => {
                    self.errors.push(start, "expected markup after `=>`");
                    Vec::new()
                }
                None => self.lone_node(input, inside).into_iter().collect(),
            };
            input.eat_punct(',');
            arms.push(Branch { head, body: Block { nodes, span } });
        }
        arms
    }

    /// Parses a block in braces. If there is none, adds an error and returns an empty one.
    fn block(&mut self, input: &mut Cursor, inside: Inside, example: &str, keyword: Span) -> Block {
        let span = input.span();
        let nodes = match input.eat_group(Delimiter::Brace) {
            Some(group) => self.nodes(&mut Cursor::inside(&group), inside),
            None => {
                self.errors.help(keyword, "expected a block in braces", format!("write `{example} {{ … }}`"));
                Vec::new()
            }
        };
        Block { nodes, span }
    }

    /// Parses the expression before a block. If there is none, adds an error and returns `None`.
    fn head(&mut self, input: &mut Cursor, keyword: Span, example: &str) -> Option<TokenStream> {
        let end = scan::expression(input.rest());
        let tokens = input.take(end);
        if tokens.is_empty() {
            self.errors.help(keyword, "expected an expression before the braces", format!("write `{example} {{ … }}`"));
            return None;
        }
        Some(tokens)
    }
}

/// Returns the number of tokens in the pattern of a `@for`: those before the `in`, including braces as in `Point { x, y
/// }`. If the `in` is missing, those before the body.
fn pattern(tokens: &[TokenTree]) -> usize {
    let is_control = |ahead: &[TokenTree]| match ahead {
        [TokenTree::Punct(at), TokenTree::Ident(word)] => {
            at.as_char() == '@' && ["if", "for", "while", "match", "let", "else"].iter().any(|known| word == known)
        }
        _ => false,
    };
    let end = tokens.windows(2).position(is_control).unwrap_or(tokens.len());
    let is_in = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "in");
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    tokens[..end].iter().position(is_in).or_else(|| tokens[..end].iter().position(is_body)).unwrap_or(end)
}

/// Returns the value of a string literal.
fn string(literal: &Literal) -> Option<String> {
    let literal: LitStr = syn::parse2(TokenTree::Literal(literal.clone()).into()).ok()?;
    literal.suffix().is_empty().then(|| literal.value())
}
