//! Ranges of a document that slots fill, and the rows in them.

use super::Row;
use crate::dom::{Dom, Element, Id};
use crate::wire::{Result, ensure, violation};

/// A range of the document: between two comments, or the whole content of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The parent node.
    pub parent: Id,
    /// The comments around the range, unless it is the whole content of its parent.
    pub comments: Option<(Id, Id)>,
}

impl Place {
    pub(super) fn end(self) -> Option<Id> {
        self.comments.map(|(_, end)| end)
    }

    pub(super) fn append(self, dom: &mut Dom, node: Id) {
        dom.insert(self.parent, node, self.end());
    }

    pub(super) fn append_html(self, dom: &mut Dom, html: &str) {
        let namespace = dom.inner_namespace(self.parent);
        for node in dom.parse(html, namespace) {
            self.append(dom, node);
        }
    }

    /// Returns the nodes in the range.
    ///
    /// # Errors
    ///
    /// Returns an error if its comments are gone.
    pub fn nodes(self, dom: &Dom) -> Result<Vec<Id>> {
        let children = dom.children(self.parent);
        let Some((start, end)) = self.comments else { return Ok(children.to_vec()) };
        let at = |comment| children.iter().position(|&node| node == comment);
        let (Some(start), Some(end)) = (at(start), at(end)) else { violation!("the comments around a slot are gone") };
        Ok(children[start + 1..end].to_vec())
    }
}

/// Returns the nodes of each row.
pub(super) fn rows_nodes(dom: &Dom, place: Place, rows: &[Row]) -> Result<Vec<Vec<Id>>> {
    let nodes = place.nodes(dom)?;
    let mut starts = Vec::new();
    let mut from = 0;
    for row in rows {
        let Some(at) = nodes[from..].iter().position(|&node| node == row.start) else {
            violation!("a row is not in its list")
        };
        from += at;
        starts.push(from);
    }
    ensure!(starts.first().copied().unwrap_or(nodes.len()) == 0, "there is something before the first row");
    let ends = starts.iter().skip(1).copied().chain([nodes.len()]);
    let ranges: Vec<Vec<Id>> = starts.iter().zip(ends).map(|(&start, end)| nodes[start..end].to_vec()).collect();
    for (row, nodes) in rows.iter().zip(&ranges) {
        ensure!(!row.single_root || nodes.len() == 1, "a row of one element has {} nodes", nodes.len());
    }
    Ok(ranges)
}

/// Returns the template of each row in a list's descriptor.
pub(super) fn row_templates(descriptor: &str, most: usize) -> Result<Vec<usize>> {
    let read = || -> Option<Vec<usize>> {
        let runs = descriptor.strip_prefix('*')?;
        if runs.is_empty() {
            return Some(Vec::new());
        }
        if !runs.contains('x') {
            // All rows, which are counted while reading.
            return Some(vec![runs.parse().ok()?; most]);
        }
        let mut templates = Vec::new();
        for run in runs.split(',') {
            let (template, count) = run.split_once('x')?;
            templates.resize(templates.len() + count.parse::<usize>().ok()?, template.parse().ok()?);
        }
        Some(templates)
    };
    match read() {
        Some(templates) => Ok(templates),
        None => violation!("{descriptor:?} describes no list"),
    }
}

/// Returns the distance to the comment that closes the one at the beginning of these siblings.
pub(super) fn closing(dom: &Dom, siblings: &[Id]) -> Option<usize> {
    let mut depth = 0;
    for (at, &node) in siblings.iter().enumerate() {
        match dom.comment(node) {
            Some("]") => depth -= 1,
            Some(text) if text.starts_with('[') => depth += 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Returns the distance to the next marked row after the one at the beginning, or to the end.
pub(super) fn next_row(dom: &Dom, siblings: &[Id]) -> usize {
    let mut depth = 0;
    for (at, &node) in siblings.iter().enumerate().skip(1) {
        match dom.comment(node) {
            Some("]") => depth -= 1,
            Some("|") if depth == 0 => return at,
            Some(text) if text.starts_with('[') => depth += 1,
            _ => {}
        }
    }
    siblings.len()
}

/// Moves the comments at the beginning of these siblings into the `tbody` after them, if there is one.
pub(super) fn into_body(dom: &mut Dom, siblings: &[Id]) -> bool {
    let comments: Vec<Id> = siblings.iter().copied().take_while(|&node| dom.comment(node).is_some()).collect();
    let Some(&body) = siblings.get(comments.len()).filter(|&&node| dom.name(node) == "tbody") else { return false };
    let first = dom.children(body).first().copied();
    comments.iter().for_each(|&comment| dom.insert(body, comment, first));
    true
}

/// The `tbody` that only the parser makes, without attributes, where rows stand in a table that is a list.
pub(super) fn made_body(dom: &mut Dom, place: Place, descriptor: &str) -> Option<Id> {
    if dom.name(place.parent) != "table" || place.comments.is_some() || descriptor == "*" {
        return None;
    }
    let siblings = dom.children(place.parent).to_vec();
    let mut bodies = siblings.iter().copied().filter(|&node| dom.name(node) == "tbody");
    let (body, None) = (bodies.next()?, bodies.next()) else { return None };
    let is_made = dom.element(body).is_some_and(|Element { attributes, .. }| attributes.is_empty());
    if is_made && siblings.first() != Some(&body) {
        into_body(dom, &siblings);
    }
    is_made.then_some(body)
}
