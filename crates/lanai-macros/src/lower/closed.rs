//! Decides whether a row of a loop depends only on its item. If so, the row is not rendered again unless its item is
//! touched.
//!
//! The macro sees tokens and not their meaning, so it answers yes only if it is certain; answering no costs only speed.
//! A row is closed if each name in its expressions is bound by the loop's pattern or inside the row, or is a path
//! (`Self::…`, `module::…`, a constant), a field or a method. A row is open if it uses `self`, another variable, a
//! function by its bare name (which could be a closure that captures something), or something that leaves the loop
//! (`?`, `return`, `break`, `continue`).

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::ir::{Arm, Piece, Row, Step, Template, TextArm};

/// See the [module](self).
pub(crate) fn is_closed(pattern: &TokenStream, row: &Row) -> bool {
    let mut names = Names::default();
    names.bind(pattern);
    row.lets.iter().for_each(|tokens| names.binding(tokens));
    if let Some(key) = &row.key {
        names.expressions.push(key.tokens.clone());
    }
    names.template(&row.content);
    let Names { bound, expressions } = names;
    expressions.iter().all(|tokens| expression(tokens, &bound))
}

/// Whether the loop is over a reference to a place expression such as `&self.lines`.
pub(crate) fn is_place(iterator: &TokenStream) -> bool {
    let mut tokens = iterator.clone().into_iter();
    let reference = matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&');
    reference
        && tokens.all(|token| match token {
            TokenTree::Ident(ident) => ident != "mut",
            TokenTree::Punct(punct) => punct.as_char() == '.',
            TokenTree::Literal(literal) => literal.to_string().bytes().all(|byte| byte.is_ascii_digit()),
            TokenTree::Group(_) => false,
        })
}

#[derive(Default)]
struct Names {
    bound: HashSet<String>,
    expressions: Vec<TokenStream>,
}

impl Names {
    /// Adds all names in a pattern. (Some may not be variables. That is harmless, since the names are the author's
    /// own.)
    fn bind(&mut self, pattern: &TokenStream) {
        for token in pattern.clone() {
            match token {
                TokenTree::Ident(ident) => {
                    self.bound.insert(ident.to_string());
                }
                TokenTree::Group(group) => self.bind(&group.stream()),
                _ => {}
            }
        }
    }

    /// Adds the names of `pattern = expression`, or of another form of `let`.
    fn binding(&mut self, tokens: &TokenStream) {
        let mut tokens = tokens.clone().into_iter();
        let pattern: TokenStream = tokens.by_ref().take_while(|token| !is_punct(token, '=')).collect();
        self.bind(&pattern);
        self.expressions.push(tokens.collect());
    }

    /// Adds the names of a condition: `let pattern = …` binds those of the pattern.
    fn condition(&mut self, head: &TokenStream) {
        let mut expression = TokenStream::new();
        let mut tokens = head.clone().into_iter();
        while let Some(token) = tokens.next() {
            if matches!(&token, TokenTree::Ident(ident) if ident == "let") {
                let pattern: TokenStream = tokens.by_ref().take_while(|token| !is_punct(token, '=')).collect();
                self.bind(&pattern);
            } else {
                expression.extend([token]);
            }
        }
        self.expressions.push(expression);
    }

    /// `pattern` or `pattern if guard`
    fn arm(&mut self, head: &TokenStream) {
        let mut tokens = head.clone().into_iter();
        let is_if = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "if");
        let pattern: TokenStream = tokens.by_ref().take_while(|token| !is_if(token)).collect();
        self.bind(&pattern);
        self.condition(&tokens.collect());
    }

    fn template(&mut self, template: &Template) {
        template.steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Let(tokens) => self.binding(tokens),
            Step::Scope(steps) => steps.iter().for_each(|step| self.step(step)),
            Step::Splice(splice)
            | Step::Optional { option: splice, .. }
            | Step::Toggle(splice)
            | Step::Event(splice)
            | Step::OptionalEvent(splice) => self.expressions.push(splice.tokens.clone()),
            Step::If { branches, otherwise } => {
                for Arm { head, content, .. } in branches {
                    self.condition(head);
                    self.template(content);
                }
                otherwise.iter().for_each(|template| self.template(template));
            }
            Step::Match { subject, arms } => {
                self.expressions.push(subject.clone());
                for Arm { head, content, .. } in arms {
                    self.arm(head);
                    self.template(content);
                }
            }
            Step::For { pattern, iterator, row, .. } => {
                self.bind(pattern);
                self.expressions.push(iterator.clone());
                self.row(row);
            }
            Step::While { condition, row } => {
                self.condition(condition);
                self.row(row);
            }
            Step::Value { pieces, .. } => self.pieces(pieces),
        }
    }

    fn row(&mut self, row: &Row) {
        row.lets.iter().for_each(|tokens| self.binding(tokens));
        self.expressions.extend(row.key.as_ref().map(|key| key.tokens.clone()));
        self.template(&row.content);
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Text(_) => {}
                Piece::Splice(splice) => self.expressions.push(splice.tokens.clone()),
                Piece::Let(tokens) => self.binding(tokens),
                Piece::Scope(pieces) => self.pieces(pieces),
                Piece::When(splice, pieces) => {
                    self.expressions.push(splice.tokens.clone());
                    self.pieces(pieces);
                }
                Piece::If { branches, otherwise } => {
                    for TextArm { head, pieces, .. } in branches {
                        self.condition(head);
                        self.pieces(pieces);
                    }
                    otherwise.iter().for_each(|pieces| self.pieces(pieces));
                }
                Piece::Match { subject, arms } => {
                    self.expressions.push(subject.clone());
                    for TextArm { head, pieces, .. } in arms {
                        self.arm(head);
                        self.pieces(pieces);
                    }
                }
                Piece::For { pattern, iterator, body, .. } => {
                    self.bind(pattern);
                    self.expressions.push(iterator.clone());
                    self.pieces(body);
                }
                Piece::While { condition, body, .. } => {
                    self.condition(condition);
                    self.pieces(body);
                }
            }
        }
    }
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Whether all names in an expression are bound, or are not variables.
fn expression(tokens: &TokenStream, bound: &HashSet<String>) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut bound = std::borrow::Cow::Borrowed(bound);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        match token {
            TokenTree::Group(group) => {
                if !expression(&group.stream(), &bound) {
                    return false;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '?' => return false,
            // The arguments of a closure, if an expression can begin here.
            TokenTree::Punct(punct) if punct.as_char() == '|' && begins_expression(before) => {
                let names = tokens[at + 1..].iter().take_while(|token| !is_punct(token, '|'));
                let arguments: Vec<&TokenTree> = names.collect();
                at += arguments.len() + 1;
                let mut inner = Names { bound: bound.into_owned(), expressions: Vec::new() };
                inner.bind(&arguments.into_iter().cloned().collect());
                bound = std::borrow::Cow::Owned(inner.bound);
            }
            TokenTree::Punct(_) => {}
            TokenTree::Literal(literal) => {
                if !captures_nothing_else(&literal.to_string(), &bound) {
                    return false;
                }
            }
            TokenTree::Ident(ident) => {
                if !name(&ident.to_string(), &tokens, at, &bound) {
                    return false;
                }
            }
        }
        at += 1;
    }
    true
}

fn begins_expression(before: Option<&TokenTree>) -> bool {
    match before {
        None => true,
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | '=' | ';' | '&' | '('),
        Some(TokenTree::Ident(ident)) => ident == "move" || ident == "return" || ident == "else",
        Some(_) => false,
    }
}

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "dyn", "else", "false", "fn", "if", "in", "let", "loop", "match", "move", "mut", "ref",
    "true", "Self", "crate", "super", "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16",
    "i32", "i64", "i128", "isize", "f32", "f64", "_",
];

/// Whether a name is bound, or is not a variable.
fn name(name: &str, tokens: &[TokenTree], at: usize, bound: &HashSet<String>) -> bool {
    let is = |index: Option<usize>, char| {
        index.and_then(|index| tokens.get(index)).is_some_and(|token| is_punct(token, char))
    };
    let colon_after = is(Some(at + 1), ':');
    let path_after = colon_after && is(Some(at + 2), ':');
    let path_before = is(at.checked_sub(1), ':') && is(at.checked_sub(2), ':');
    let field = is(at.checked_sub(1), '.') && !is(at.checked_sub(2), '.');
    bound.contains(name)
        || KEYWORDS.contains(&name)
        // Constants and types. `self` and variables are in lower case.
        || name.starts_with(|first: char| first.is_uppercase())
        // Fields and methods, segments of a path, macros, and fields in a struct expression.
        || field
        || path_before
        || path_after
        || is(Some(at + 1), '!') && !is(Some(at + 2), '=')
        || colon_after && name != "self"
}

/// Whether the captures of a format string (`"{name:>width$}"`) are bound. Each string is treated as one.
fn captures_nothing_else(literal: &str, bound: &HashSet<String>) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let fits = |name: &str| name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || bound.contains(name);
    literal.split('{').skip(1).all(|capture| {
        let capture = capture.split('}').next().unwrap_or_default();
        let argument = capture.split(|c| !is_name(c)).next().unwrap_or_default();
        let mut widths =
            capture.split('$').rev().skip(1).map(|before| before.rsplit(|c| !is_name(c)).next().unwrap_or_default());
        fits(argument) && widths.all(fits)
    })
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::error::Errors;
    use crate::ir::Step;

    /// Whether the rows of the first loop in some markup are closed.
    fn rows_are_closed(markup: &str) -> bool {
        let mut errors = Errors::default();
        let nodes = crate::grammar::parse(TokenStream::from_str(markup).expect("tokens"), &mut errors);
        let markup = crate::lower::lower(&nodes, &mut errors);
        assert!(errors.into_tokens().is_empty(), "the markup has mistakes");
        markup.template.steps.iter().any(|step| matches!(step, Step::For { closed: true, .. }))
    }

    #[test]
    fn a_row_is_closed_only_if_that_is_certain() {
        for body in [
            "p { (line.text) }",
            "p class=(line.kind) hidden[line.hidden] { (line.at.time()) \" \" (format!(\"{:>5}\", line.count)) }",
            "@let id = line.id; li key=(id) { button onclick=(move |this: &mut Self| this.remove(id)) {} }",
            "li key=(line.id) onclick=(Self::open) { (Self::time(line)) (icons::STAR) (crate::short(&line.text)) }",
            "@if let Some(name) = &line.name { b { (name) } } @else { (Name::default()) }",
            "@match line.kind { Kind::Note(text) if text.len() > 3 => (text), _ => \"none\" }",
            "@for tag in &line.tags { i { (tag) } }",
            "p { (format!(\"{line}\")) (format!(\"{{}}\")) }",
            "p { (line.items.iter().map(|item| item.price as f64).sum::<f64>()) }",
            "p { (Place { x: line.x }) }",
        ] {
            assert!(rows_are_closed(&format!("@for line in &self.lines {{ {body} }}")), "{body}");
        }
        for body in [
            "p { (line.text) (self.name) }",
            "p class[line.id == selected] {}",
            "p { (badge(line)) }",
            "p { (format!(\"{selected}\")) }",
            "p { (format!(\"{:>width$}\", line.count, width = width)) }",
            "p { (format!(\"{:>width$}\", line.count)) }",
            "p key=(line.id) onclick=(move |this: &mut Self| this.remove(other)) {}",
            "@if *editing { p {} }",
            "@let x = y; p { (x) }",
            "p { (line.parse()?) }",
            "@match mode { _ => \"none\" }",
            "@for tag in &tags { i { (tag) } }",
            "p { (Place { x: line.x, y }) }",
            "p { (Place { x: other.x }) }",
            "p { (line.range(0..last)) }",
            "p key=(index) {}",
        ] {
            assert!(!rows_are_closed(&format!("@for line in &self.lines {{ {body} }}")), "{body}");
        }
    }

    #[test]
    fn only_a_reference_to_a_place_is_a_live_list() {
        for place in ["&self.lines", "&lines", "&self.chat.lines", "&self.0"] {
            assert!(rows_are_closed(&format!("@for line in {place} {{ p {{ (line) }} }}")), "{place}");
        }
        for other in ["self.lines.iter()", "lines", "&mut self.lines", "&self.lines()", "&self.lines[1..]", "0..3"] {
            assert!(!rows_are_closed(&format!("@for line in {other} {{ p {{ (line) }} }}")), "{other}");
        }
    }
}
