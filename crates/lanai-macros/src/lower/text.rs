//! Markup without elements: the value of an attribute, or the content of a `title` or `textarea`.

use super::{Lowering, has_let};
use crate::ast::{Branch, Node};
use crate::ir::{Piece, TextArm};

impl Lowering<'_> {
    pub(super) fn text(&mut self, nodes: &[Node]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.pieces(nodes, &mut pieces);
        pieces
    }

    fn pieces(&mut self, nodes: &[Node], out: &mut Vec<Piece>) {
        for node in nodes {
            match node {
                Node::Text(text) => match out.last_mut() {
                    Some(Piece::Text(last)) => last.push_str(text),
                    _ => out.push(Piece::Text(text.clone())),
                },
                Node::Splice(splice) => out.push(Piece::Splice(splice.clone())),
                Node::Let(tokens) => out.push(Piece::Let(tokens.clone())),
                Node::Block(nodes) if has_let(nodes) => out.push(Piece::Scope(self.text(nodes))),
                Node::Block(nodes) => self.pieces(nodes, out),
                Node::If { branches, otherwise } => out.push(Piece::If {
                    branches: self.text_arms(branches),
                    otherwise: otherwise.as_ref().map(|block| self.text(&block.nodes)),
                }),
                Node::Match { subject, arms } => {
                    out.push(Piece::Match { subject: subject.clone(), arms: self.text_arms(arms) });
                }
                Node::For { pattern, iterator, body } => out.push(Piece::For {
                    pattern: pattern.clone(),
                    iterator: iterator.clone(),
                    body: self.text(&body.block.nodes),
                    span: body.block.span,
                }),
                Node::While { condition, body } => {
                    out.push(Piece::While {
                        condition: condition.clone(),
                        body: self.text(&body.block.nodes),
                        span: body.block.span,
                    });
                }
                Node::Element(element) => self.errors.help(
                    element.name.span,
                    format!("`{}` is not allowed here: a `title` or `textarea` contains only text", element.name.text),
                    "write only text, with splices and control structures where necessary",
                ),
            }
        }
    }

    fn text_arms(&mut self, branches: &[Branch]) -> Vec<TextArm> {
        branches
            .iter()
            .map(|Branch { head, body }| TextArm {
                head: head.clone(),
                pieces: self.text(&body.nodes),
                span: body.span,
            })
            .collect()
    }
}
