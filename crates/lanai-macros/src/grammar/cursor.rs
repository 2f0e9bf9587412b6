//! A position in a stream of tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::ast::Splice;

/// The tokens of one group, with the current position.
pub(super) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    /// The span at the end of the tokens.
    end: Span,
}

impl Cursor {
    pub(super) fn new(tokens: TokenStream, end: Span) -> Self {
        Self { tokens: tokens.into_iter().collect(), at: 0, end }
    }

    pub(super) fn inside(group: &Group) -> Self {
        Self::new(group.stream(), group.span_close())
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.tokens.len()
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    pub(super) fn rest(&self) -> &[TokenTree] {
        &self.tokens[self.at..]
    }

    pub(super) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    /// Returns the next tokens.
    pub(super) fn take(&mut self, count: usize) -> TokenStream {
        let start = self.at;
        self.at += count;
        self.tokens[start..self.at].iter().cloned().collect()
    }

    /// Returns the tokens up to the first position where `end` is true, or all tokens.
    pub(super) fn take_until(&mut self, end: impl Fn(&Self) -> bool) -> TokenStream {
        let start = self.at;
        while !self.is_at_end() && !end(self) {
            self.at += 1;
        }
        self.tokens[start..self.at].iter().cloned().collect()
    }

    /// Returns the span of the next token.
    pub(super) fn span(&self) -> Span {
        self.peek().map_or(self.end, TokenTree::span)
    }

    pub(super) fn is_punct(&self, ahead: usize, punct: char) -> bool {
        matches!(self.rest().get(ahead), Some(TokenTree::Punct(found)) if found.as_char() == punct)
    }

    pub(super) fn is_ident(&self, ahead: usize, text: &str) -> bool {
        matches!(self.rest().get(ahead), Some(TokenTree::Ident(ident)) if ident == text)
    }

    pub(super) fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self.peek(), Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
    }

    pub(super) fn eat_punct(&mut self, punct: char) -> bool {
        let found = self.is_punct(0, punct);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_ident(&mut self, text: &str) -> bool {
        let found = self.is_ident(0, text);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
                let group = group.clone();
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    pub(super) fn eat_splice(&mut self, delimiter: Delimiter) -> Option<Splice> {
        self.eat_group(delimiter).map(|group| Splice {
            tokens: group.stream(),
            span: group.span(),
            borrowed: Vec::new(),
        })
    }
}
