//! A document: nodes in an arena, and the state of controls that a browser keeps apart from their attributes.

use std::collections::BTreeMap;

/// A node's number in its [`Dom`].
pub type Id = usize;

/// The namespace of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// HTML.
    Html,
    /// SVG.
    Svg,
    /// MathML.
    MathMl,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A document, a fragment, or the content of a `template`.
    Fragment,
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
    /// A comment.
    Comment(String),
}

/// An element.
#[derive(Debug, Clone)]
pub struct Element {
    /// The name, in lower case if it is an HTML element.
    pub name: String,
    /// The namespace.
    pub namespace: Namespace,
    /// The attributes.
    pub attributes: BTreeMap<String, String>,
    /// In a control, the text that it shows, if it differs from the attribute.
    pub value: Option<String>,
    /// In a checkbox or radio button, whether it is checked; in an option, whether it is selected; if it differs from
    /// the attribute.
    pub checked: Option<bool>,
    /// In a `template`, its content.
    pub content: Option<Id>,
}

impl Element {
    /// Creates an element without attributes.
    pub fn new(name: impl Into<String>, namespace: Namespace) -> Self {
        Self { name: name.into(), namespace, attributes: BTreeMap::new(), value: None, checked: None, content: None }
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Whether there is such an attribute.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }
}

#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    parent: Option<Id>,
    children: Vec<Id>,
}

/// Nodes, identified by numbers. A removed node stays in the arena.
#[derive(Debug, Clone, Default)]
pub struct Dom {
    nodes: Vec<Node>,
    /// What the parser has found wrong with markup so far.
    pub(crate) mistakes: Vec<String>,
}

impl Dom {
    /// Creates a node without a parent.
    pub fn create(&mut self, kind: Kind) -> Id {
        self.nodes.push(Node { kind, parent: None, children: Vec::new() });
        self.nodes.len() - 1
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id].kind
    }

    /// What a node is.
    pub fn kind_mut(&mut self, id: Id) -> &mut Kind {
        &mut self.nodes[id].kind
    }

    /// What the parser has found wrong with the markup so far.
    #[must_use]
    pub fn mistakes(&self) -> &[String] {
        &self.mistakes
    }

    /// The element, if the node is one.
    #[must_use]
    pub fn element(&self, id: Id) -> Option<&Element> {
        match self.kind(id) {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The element, if the node is one.
    pub fn element_mut(&mut self, id: Id) -> Option<&mut Element> {
        match self.kind_mut(id) {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Returns the name of an HTML element, or an empty string for all other nodes.
    #[must_use]
    pub fn name(&self, id: Id) -> &str {
        match self.kind(id) {
            Kind::Element(element) if element.namespace == Namespace::Html => &element.name,
            _ => "",
        }
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, id: Id, name: &str) -> Option<&str> {
        self.element(id)?.attribute(name)
    }

    /// Whether there is such an attribute.
    #[must_use]
    pub fn has_attribute(&self, id: Id, name: &str) -> bool {
        self.element(id).is_some_and(|element| element.has(name))
    }

    /// Sets an attribute, or removes it.
    pub fn set_attribute(&mut self, id: Id, name: &str, value: Option<&str>) {
        if let Some(element) = self.element_mut(id) {
            match value {
                Some(value) => element.attributes.insert(name.into(), value.into()),
                None => element.attributes.remove(name),
            };
        }
    }

    /// Returns the parent of a node.
    #[must_use]
    pub fn parent(&self, id: Id) -> Option<Id> {
        self.nodes[id].parent
    }

    /// Returns the children of a node.
    #[must_use]
    pub fn children(&self, id: Id) -> &[Id] {
        &self.nodes[id].children
    }

    /// Returns the text of a comment.
    #[must_use]
    pub fn comment(&self, id: Id) -> Option<&str> {
        match self.kind(id) {
            Kind::Comment(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the ancestors of a node, the nearest first.
    pub fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(self.parent(id), |&node| self.parent(node))
    }

    /// Returns the nearest element that matches: the node itself, or an ancestor.
    pub fn closest(&self, id: Id, fits: impl Fn(&Element) -> bool) -> Option<Id> {
        std::iter::once(id).chain(self.ancestors(id)).find(|&node| self.element(node).is_some_and(&fits))
    }

    /// Whether `inner` is `outer`, or is inside it.
    #[must_use]
    pub fn contains(&self, outer: Id, inner: Id) -> bool {
        inner == outer || self.ancestors(inner).any(|node| node == outer)
    }

    /// Returns all descendants of a node, in document order. The content of a `template` is not part of the document.
    #[must_use]
    pub fn descendants(&self, id: Id) -> Vec<Id> {
        let mut out = Vec::new();
        let mut rest: Vec<Id> = self.children(id).iter().rev().copied().collect();
        while let Some(node) = rest.pop() {
            out.push(node);
            rest.extend(self.children(node).iter().rev());
        }
        out
    }

    /// Returns the elements in a node, in document order.
    #[must_use]
    pub fn elements(&self, id: Id) -> Vec<Id> {
        self.descendants(id).into_iter().filter(|&node| self.element(node).is_some()).collect()
    }

    /// Returns the HTML elements of a name in a node, in document order.
    pub fn named<'a>(&'a self, id: Id, name: &'a str) -> impl Iterator<Item = Id> + 'a {
        self.elements(id).into_iter().filter(move |&element| self.name(element) == name)
    }

    /// Returns all text in a node, as in the source.
    #[must_use]
    pub fn text(&self, id: Id) -> String {
        let texts = self.descendants(id).into_iter().filter_map(|node| match self.kind(node) {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Returns the namespace in which markup inside the node is parsed.
    #[must_use]
    pub fn inner_namespace(&self, id: Id) -> Namespace {
        match self.kind(id) {
            Kind::Element(element) if element.name == "foreignObject" => Namespace::Html,
            Kind::Element(element) => element.namespace,
            _ => Namespace::Html,
        }
    }

    /// Inserts `node` into `parent` before `next`, or at the end.
    pub fn insert(&mut self, parent: Id, node: Id, next: Option<Id>) {
        self.remove(node);
        let siblings = &mut self.nodes[parent].children;
        let at = next.and_then(|next| siblings.iter().position(|&id| id == next)).unwrap_or(siblings.len());
        siblings.insert(at, node);
        self.nodes[node].parent = Some(parent);
    }

    /// Removes a node from its parent, if it has one.
    pub fn remove(&mut self, node: Id) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|&id| id != node);
        }
    }

    /// Replaces the content of a node by a text.
    pub fn set_text(&mut self, id: Id, text: &str) {
        for node in self.children(id).to_vec() {
            self.remove(node);
        }
        if !text.is_empty() {
            let text = self.create(Kind::Text(text.into()));
            self.insert(id, text, None);
        }
    }

    /// Returns the node's content in a normalized form, so that equal documents are equal: attributes are sorted, marks
    /// and descriptors are removed, and texts are joined.
    #[must_use]
    pub fn canonical(&self, id: Id, comments: bool) -> String {
        let mut out = String::new();
        self.write_children(id, comments, &mut out);
        out
    }

    fn write_children(&self, id: Id, comments: bool, out: &mut String) {
        // Adjacent texts are one text, and an empty text is none.
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
                Kind::Element(Element { name, namespace, attributes, content, .. }) => {
                    flush(&mut text, out);
                    out.push_str(&format!("<{name} {namespace:?}"));
                    for (name, value) in attributes.iter().filter(|(name, _)| *name != "data-l") {
                        out.push_str(&format!(" {name}={value:?}"));
                    }
                    out.push_str(">\n");
                    self.write_children(content.unwrap_or(child), comments, out);
                    out.push_str(&format!("</{name}>\n"));
                }
                Kind::Fragment => {}
            }
        }
        flush(&mut text, out);
    }
}
