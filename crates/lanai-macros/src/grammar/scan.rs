//! Finds the end of an expression before a block.
//!
//! In `@if match x { … } { body }` the first braces belong to the condition. As in Rust, braces where an operand is
//! expected are part of the expression, and braces after a complete operand begin the body. Nothing else of the
//! expression matters here, so nothing else is parsed, and an unfinished expression is accepted.

use proc_macro2::{Delimiter, Spacing, TokenTree};

/// Returns the number of tokens in the expression. A group in braces follows it, if there is one.
pub(super) fn expression(tokens: &[TokenTree]) -> usize {
    let end = Scanner { tokens, at: 0 }.expression();
    if is_braces(tokens.get(end)) {
        return end;
    }
    // Something is missing, as in `@if x == { body }`. The braces are more likely the body than the operand.
    tokens.iter().position(|token| is_braces(Some(token))).unwrap_or(tokens.len())
}

fn is_braces(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

struct Scanner<'t> {
    tokens: &'t [TokenTree],
    at: usize,
}

impl Scanner<'_> {
    fn expression(&mut self) -> usize {
        while self.at < self.tokens.len() {
            self.operand();
            if !self.operators() {
                break;
            }
        }
        self.at
    }

    fn punct(&self, ahead: usize) -> Option<char> {
        match self.tokens.get(self.at + ahead) {
            Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
            _ => None,
        }
    }

    fn ident(&self) -> Option<String> {
        match self.tokens.get(self.at) {
            Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
            _ => None,
        }
    }

    /// Scans one operand with its prefixes: `-x`, `&mut x`, `if a { b } else { c }`, `|x| x`.
    fn operand(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '|' => {
                    self.at += 1;
                    self.skip_past(|scanner| scanner.punct(0) == Some('|'));
                }
                TokenTree::Punct(_) => self.at += 1,
                TokenTree::Group(_) | TokenTree::Literal(_) => {
                    self.at += 1;
                    return;
                }
                TokenTree::Ident(_) => {
                    let word = self.ident().unwrap_or_default();
                    self.at += 1;
                    match word.as_str() {
                        "mut" | "move" | "return" | "break" | "raw" | "static" => {}
                        "let" => self.skip_past(|scanner| {
                            scanner.punct(0) == Some('=') && !matches!(scanner.punct(1), Some('=' | '>'))
                        }),
                        "if" => return self.if_else(),
                        "match" | "while" => return self.headed(),
                        "for" => {
                            self.skip_past(|scanner| scanner.ident().as_deref() == Some("in"));
                            return self.headed();
                        }
                        "unsafe" | "loop" | "async" | "const" => {
                            self.at += usize::from(self.ident().as_deref() == Some("move"));
                            self.at += usize::from(is_braces(self.tokens.get(self.at)));
                            return;
                        }
                        _ => return,
                    }
                }
            }
        }
    }

    /// Scans an expression with its block.
    fn headed(&mut self) {
        self.expression();
        self.at += usize::from(is_braces(self.tokens.get(self.at)));
    }

    fn if_else(&mut self) {
        self.headed();
        while self.ident().as_deref() == Some("else") {
            self.at += 1;
            if self.ident().as_deref() == Some("if") {
                self.at += 1;
                self.headed();
            } else {
                self.at += usize::from(is_braces(self.tokens.get(self.at)));
            }
        }
    }

    /// Scans what can follow an operand: up to where another operand is expected (true), or to the end of the
    /// expression (false).
    fn operators(&mut self) -> bool {
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return false,
                // A call, an index.
                TokenTree::Group(_) => self.at += 1,
                TokenTree::Ident(ident) if ident == "as" => {
                    self.at += 1;
                    return true;
                }
                // Two operands in a row are not valid Rust.
                TokenTree::Ident(_) | TokenTree::Literal(_) => return true,
                TokenTree::Punct(punct) => {
                    let (first, second) = (punct.as_char(), self.punct(1));
                    self.at += 1;
                    match first {
                        '?' => {}
                        // A macro.
                        '!' if second != Some('=') => {
                            self.at += usize::from(matches!(self.tokens.get(self.at), Some(TokenTree::Group(_))));
                        }
                        '.' => {
                            while matches!(self.punct(0), Some('.' | '=')) {
                                self.at += 1;
                            }
                            // `0.. { body }`, and `self. { body }` while it is being written.
                            return !is_braces(self.tokens.get(self.at));
                        }
                        // The second half of `||` does not begin a closure.
                        '|' => {
                            self.at += usize::from(punct.spacing() == Spacing::Joint && second == Some('|'));
                            return true;
                        }
                        _ => return true,
                    }
                }
            }
        }
        false
    }

    fn skip_past(&mut self, end: impl Fn(&Self) -> bool) {
        while self.at < self.tokens.len() && !end(self) {
            self.at += 1;
        }
        self.at = (self.at + 1).min(self.tokens.len());
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    /// Returns the expression before the body, which is `{ body }`.
    fn head(source: &str) -> String {
        let tokens: Vec<_> = source.parse::<TokenStream>().expect("these are tokens").into_iter().collect();
        let end = super::expression(&tokens);
        tokens[..end].iter().cloned().collect::<TokenStream>().to_string()
    }

    #[test]
    fn the_body_is_told_from_braces_in_the_expression() {
        for expression in [
            "x",
            "self.open && !self.items.is_empty()",
            "match x { A => true, B => false }",
            "let Some(x) = y",
            "let Some(x) = match y { A => Some(1), B => None } && x == 1",
            "let A { x, .. } = y",
            "x == { 5 }",
            "if a { b } else if c { d } else { e }",
            "unsafe { x }",
            "0..",
            "0..10",
            "0..=self.n",
            "Vec::<u8>::new()",
            "vec! { 1, 2 }",
            "xs.iter().map(|x| { x + 1 }).collect::<Vec<_>>()",
            "&mut xs",
            "x as u8",
            "(A { x: 1 }).x == 1",
            "xs.next()?.y[0]",
            "-1 < *x",
            "{ let y = 1; y }",
            "|| true",
            "a || b",
            "const { N } > 1",
            "x.0.1",
            "loop { break 5 }",
            "x != y",
            "for x in xs { y }",
        ] {
            let whole: TokenStream = expression.parse().expect("these are tokens");
            assert_eq!(head(&format!("{expression} {{ body }}")), whole.to_string());
        }
    }

    #[test]
    fn the_body_is_found_after_an_unfinished_expression() {
        assert_eq!(head("self. { body }"), "self .");
        assert_eq!(head("x == { body }"), "x ==");
        assert_eq!(head("{ body }"), "");
        assert_eq!(head("x +"), "x +");
    }
}
