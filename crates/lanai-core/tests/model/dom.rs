//! A small document: enough of a browser's DOM and HTML parser for what Lanai writes.
//!
//! The parser is strict where a browser repairs: markup that is not well-formed fails the test. It follows the browser where
//! that matters to Lanai: newlines are normalised, the first one of a `textarea` or `pre` is dropped, namespaces are known.

use std::collections::BTreeMap;

/// A node's place in its [`Dom`].
pub type Id = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    Html,
    Svg,
    MathMl,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Fragment,
    Element { name: String, namespace: Namespace, attributes: BTreeMap<String, String> },
    Text(String),
    Comment(String),
}

#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    parent: Option<Id>,
    children: Vec<Id>,
}

/// Nodes, each known by its number. What is removed stays in the arena.
#[derive(Debug, Clone, Default)]
pub struct Dom {
    nodes: Vec<Node>,
}

impl Dom {
    pub fn create(&mut self, kind: Kind) -> Id {
        self.nodes.push(Node { kind, parent: None, children: Vec::new() });
        self.nodes.len() - 1
    }

    pub fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id].kind
    }

    pub fn kind_mut(&mut self, id: Id) -> &mut Kind {
        &mut self.nodes[id].kind
    }

    pub fn parent(&self, id: Id) -> Id {
        self.nodes[id].parent.expect("the node is in a document")
    }

    pub fn children(&self, id: Id) -> &[Id] {
        &self.nodes[id].children
    }

    pub fn comment(&self, id: Id) -> Option<&str> {
        match self.kind(id) {
            Kind::Comment(text) => Some(text),
            _ => None,
        }
    }

    pub fn attributes(&mut self, id: Id) -> &mut BTreeMap<String, String> {
        match self.kind_mut(id) {
            Kind::Element { attributes, .. } => attributes,
            kind => panic!("{kind:?} has no attributes"),
        }
    }

    /// The namespace that markup inside the node is parsed in.
    pub fn inner_namespace(&self, id: Id) -> Namespace {
        match self.kind(id) {
            Kind::Element { name, .. } if name == "foreignObject" => Namespace::Html,
            Kind::Element { namespace, .. } => *namespace,
            _ => Namespace::Html,
        }
    }

    /// Inserts `node` into `parent` before `next`, or at the end.
    pub fn insert(&mut self, parent: Id, node: Id, next: Option<Id>) {
        self.remove(node);
        let siblings = &mut self.nodes[parent].children;
        let at = match next {
            Some(next) => siblings.iter().position(|&id| id == next).expect("the next node is a sibling"),
            None => siblings.len(),
        };
        siblings.insert(at, node);
        self.nodes[node].parent = Some(parent);
    }

    /// Takes a node out of its parent, if it has one.
    pub fn remove(&mut self, node: Id) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|&id| id != node);
        }
    }

    /// Parses a fragment; its nodes have no parent yet.
    pub fn parse(&mut self, html: &str, namespace: Namespace) -> Vec<Id> {
        // A browser drops it here and replaces it there.
        assert!(!html.contains('\0'), "a NUL in {html:?}");
        let html = html.replace("\r\n", "\n").replace('\r', "\n");
        let root = self.create(Kind::Fragment);
        let mut parser = Parser { dom: self, rest: &html, whole: &html };
        parser.content(root, namespace, None);
        assert!(parser.rest.is_empty(), "{:?} is left of {html:?}", parser.rest);
        let nodes = self.nodes[root].children.clone();
        nodes.iter().for_each(|&node| self.remove(node));
        nodes
    }

    /// The node's content in a form in which equal documents are equal: attributes in order, marks removed, texts joined,
    /// descriptors dropped.
    pub fn canonical(&self, id: Id, comments: bool) -> String {
        let mut out = String::new();
        self.write_children(id, comments, &mut out);
        out
    }

    fn write_children(&self, id: Id, comments: bool, out: &mut String) {
        // Adjacent texts are one text, and an empty one is none.
        let mut text = String::new();
        let flush = |text: &mut String, out: &mut String| {
            if !text.is_empty() {
                out.push_str(&format!("{text:?}\n"));
                text.clear();
            }
        };
        for &child in self.children(id) {
            match self.kind(child) {
                Kind::Text(more) => text.push_str(more),
                Kind::Comment(_) if !comments => {}
                Kind::Comment(content) => {
                    flush(&mut text, out);
                    out.push_str(&format!("<!--{}-->\n", if content.starts_with('[') { "[" } else { content }));
                }
                Kind::Element { name, namespace, attributes } => {
                    flush(&mut text, out);
                    out.push_str(&format!("<{name} {namespace:?}"));
                    for (name, value) in attributes {
                        if name != "data-l" {
                            out.push_str(&format!(" {name}={value:?}"));
                        }
                    }
                    out.push_str(">\n");
                    self.write_children(child, comments, out);
                    out.push_str(&format!("</{name}>\n"));
                }
                Kind::Fragment => unreachable!("a fragment is not a child"),
            }
        }
        flush(&mut text, out);
    }
}

struct Parser<'a> {
    dom: &'a mut Dom,
    rest: &'a str,
    whole: &'a str,
}

impl<'a> Parser<'a> {
    fn fail(&self, what: &str) -> ! {
        panic!("{what} at {:?} of {:?}", self.rest, self.whole)
    }

    fn eat(&mut self, start: &str) -> bool {
        let found = self.rest.strip_prefix(start);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn until(&mut self, end: &str) -> &'a str {
        let Some((before, after)) = self.rest.split_once(end) else { self.fail(&format!("{end:?} is missing")) };
        self.rest = after;
        before
    }

    fn name(&mut self) -> String {
        let stop = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
        let (name, rest) = self.rest.split_at(self.rest.find(stop).unwrap_or(self.rest.len()));
        if name.is_empty() {
            self.fail("a name is missing");
        }
        self.rest = rest;
        name.into()
    }

    fn content(&mut self, parent: Id, namespace: Namespace, open: Option<&str>) {
        loop {
            if self.rest.is_empty() {
                return open.map_or((), |name| self.fail(&format!("<{name}> is not closed")));
            }
            let node = if self.eat("<!--") {
                let text = self.until("-->");
                self.dom.create(Kind::Comment(text.into()))
            } else if self.eat("</") {
                let name = self.name();
                if open != Some(&name) || !self.eat(">") {
                    self.fail(&format!("</{name}> closes nothing"));
                }
                return;
            } else if self.eat("<") {
                self.element(namespace)
            } else {
                let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
                self.rest = rest;
                self.dom.create(Kind::Text(decode(text)))
            };
            self.dom.insert(parent, node, None);
        }
    }

    fn element(&mut self, outer: Namespace) -> Id {
        let name = self.name();
        let namespace = match name.as_str() {
            "svg" => Namespace::Svg,
            "math" => Namespace::MathMl,
            _ => outer,
        };
        let mut attributes = BTreeMap::new();
        while !self.eat(">") {
            if !self.eat(" ") {
                self.fail("a space is missing");
            }
            let name = self.name();
            let value = if self.eat("=\"") { decode(self.until("\"")) } else { String::new() };
            if attributes.insert(name, value).is_some() {
                self.fail("an attribute stands twice");
            }
        }
        let element = self.dom.create(Kind::Element { name: name.clone(), namespace, attributes });
        if namespace == Namespace::Html {
            match name.as_str() {
                "input" | "br" | "img" | "hr" => return element,
                "pre" | "listing" | "textarea" => {
                    self.eat("\n");
                }
                _ => {}
            }
            if matches!(name.as_str(), "textarea" | "title") {
                let text = decode(self.until(&format!("</{name}>")));
                let text = self.dom.create(Kind::Text(text));
                self.dom.insert(element, text, None);
                return element;
            }
        }
        let inner = self.dom.inner_namespace(element);
        self.content(element, inner, Some(&name));
        element
    }
}

/// The character references that Lanai writes, and no others.
fn decode(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut out = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once(';').unwrap_or_else(|| panic!("a bare & in {text:?}"));
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#13" => '\r',
            _ => panic!("&{name}; in {text:?}"),
        });
        out.push_str(rest);
    }
    out
}
