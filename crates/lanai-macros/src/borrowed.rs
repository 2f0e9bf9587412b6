//! Finds the variables in a handler's closure that may be borrowed from the view: those of a loop over its state, or of
//! a pattern that destructures it.
//!
//! A handler outlives the rendering, so it must own what it captures. The compiler only says that "borrowed data
//! escapes", and not what to do. So the variables found here are passed to `lanai::macro_support::Captured`, which
//! warns with the fix if their type is a reference. Only variables whose type is certain to be known by then are found:
//! paths of fields, and calls without arguments.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::ast::{Attribute, Body, Node, Splice, Value};

/// Records in each handler of the markup what it may have borrowed.
pub(crate) fn note(nodes: &mut [Node]) {
    nodes_in(nodes, &mut Vec::new());
}

/// `scope` contains the variables that may be borrowed, innermost last.
fn nodes_in(nodes: &mut [Node], scope: &mut Vec<String>) {
    let outer = scope.len();
    let mut shadowed = Vec::new();
    for node in nodes {
        match node {
            Node::Text(_) | Node::Splice(_) => {}
            Node::Element(element) => {
                for attribute in &mut element.attributes {
                    if let Attribute::Named { name, value: Value::Markup(Node::Splice(splice)) } = attribute
                        && name.event().is_some()
                    {
                        record_in(splice, scope);
                    }
                }
                if let Body::Nodes(nodes) = &mut element.body {
                    nodes_in(nodes, scope);
                }
            }
            Node::Block(nodes) => nodes_in(nodes, scope),
            Node::Let(tokens) => {
                let names = bound_by(before_equals(tokens.clone()));
                shadowed.extend(scope.extract_if(.., |name| names.contains(name)));
            }
            Node::If { branches, otherwise } => {
                for branch in branches {
                    let subject = after_equals(branch.head.clone());
                    let pattern = before_equals(branch.head.clone());
                    inside(pattern, subject, &mut branch.body.nodes, scope);
                }
                if let Some(block) = otherwise {
                    nodes_in(&mut block.nodes, scope);
                }
            }
            Node::Match { subject, arms } => {
                for arm in arms {
                    inside(arm.head.clone(), subject.clone(), &mut arm.body.nodes, scope);
                }
            }
            Node::For { pattern, iterator, body } => {
                inside(pattern.clone(), iterator.clone(), &mut body.block.nodes, scope);
            }
            Node::While { body, .. } => nodes_in(&mut body.block.nodes, scope),
        }
    }
    scope.truncate(outer);
    scope.extend(shadowed);
}

/// Visits a block whose pattern destructures `subject`.
fn inside(pattern: TokenStream, subject: TokenStream, nodes: &mut [Node], scope: &[String]) {
    let names = bound_by(pattern);
    let mut inner: Vec<String> = scope.iter().filter(|name| !names.contains(name)).cloned().collect();
    if is_place(subject, scope) {
        inner.extend(names);
    }
    nodes_in(nodes, &mut inner);
}

/// Whether this is a place expression in borrowed data: `&self.rows`, `self.rows.iter()`, `row.cells`.
fn is_place(tokens: TokenStream, scope: &[String]) -> bool {
    let mut tokens =
        tokens.into_iter().skip_while(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '&'));
    let starts = matches!(tokens.next(), Some(TokenTree::Ident(name)) if name == "self" || scope.iter().any(|known| name == known));
    starts
        && tokens.all(|token| match token {
            TokenTree::Punct(punct) => punct.as_char() == '.',
            TokenTree::Ident(_) | TokenTree::Literal(_) => true,
            TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty(),
        })
}

/// Returns the tokens before the first `=` of a `let`.
fn before_equals(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().take_while(|token| !is_equals(token)).collect()
}

fn after_equals(tokens: TokenStream) -> TokenStream {
    let is_let = matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(keyword)) if keyword == "let");
    tokens.into_iter().skip_while(|token| !is_equals(token)).skip(1).filter(|_| is_let).collect()
}

fn is_equals(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=')
}

/// Returns the variables that a pattern binds.
fn bound_by(pattern: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    for_each_name(pattern, &mut |name, is_value| {
        let text = name.to_string();
        if is_value
            && text.starts_with(|c: char| c.is_lowercase())
            && !["let", "mut", "ref", "if"].contains(&text.as_str())
        {
            names.push(text);
        }
    });
    names
}

/// Records the variables of `scope` that a handler uses, if it is a closure.
fn record_in(handler: &mut Splice, scope: &[String]) {
    let is_bar = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '|');
    let tokens: Vec<TokenTree> = flat(handler.tokens.clone());
    let Some(start) = tokens.iter().position(is_bar) else { return };
    let Some(end) = tokens[start + 1..].iter().position(is_bar).map(|end| start + 1 + end) else { return };
    let mut own = bound_by(tokens[start..end].iter().cloned().collect());
    for (index, token) in tokens.iter().enumerate() {
        if matches!(token, TokenTree::Ident(keyword) if keyword == "let") {
            own.extend(bound_by(before_equals(tokens[index..].iter().cloned().collect())));
        }
    }
    let mut used: Vec<Ident> = Vec::new();
    for_each_name(tokens[end..].iter().cloned().collect(), &mut |name, is_value| {
        let text = name.to_string();
        if is_value && scope.contains(&text) && !own.contains(&text) && !used.iter().any(|known| known == name) {
            used.push(name.clone());
        }
    });
    handler.borrowed = used;
}

/// Returns all tokens, without their brackets.
fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => flat(group.stream()),
            token => vec![token],
        })
        .collect()
}

/// Calls `f` with each name, and with whether it is a value and not a field, a path or a macro.
fn for_each_name(tokens: TokenStream, f: &mut impl FnMut(&Ident, bool)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let punct = |index: Option<usize>| match index.and_then(|index| tokens.get(index)) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    };
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) => {
                let before = (punct(index.checked_sub(2)), punct(index.checked_sub(1)));
                let after = (punct(Some(index + 1)), punct(Some(index + 2)));
                let is_part = match before {
                    // The end of a range is a value.
                    (inner, Some('.')) => inner != Some('.'),
                    (Some(':'), Some(':')) | (_, Some('\'')) => true,
                    _ => false,
                };
                let is_name = matches!(after, (Some(':'), _)) || after.0 == Some('!') && after.1 != Some('=');
                f(name, !is_part && !is_name);
            }
            TokenTree::Group(group) => for_each_name(group.stream(), f),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
