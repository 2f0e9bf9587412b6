//! Parses HTML as a browser does, into a [`Dom`].

use std::borrow::Cow;
use std::cell::{Ref, RefCell};

use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, ParseOpts, QualName, ns};

use crate::dom::{Dom, Element, Id, Kind, Namespace};

impl Dom {
    /// Parses a document, and returns its root, which contains `html`.
    pub fn parse_document(&mut self, html: &str) -> Id {
        let sink = Sink::new(std::mem::take(self));
        let root = sink.root;
        *self = html5ever::parse_document(sink, ParseOpts::default()).one(html);
        root
    }

    /// Parses a fragment of a document like the content of a `template`. Its nodes have no parent yet.
    pub fn parse(&mut self, html: &str, namespace: Namespace) -> Vec<Id> {
        let sink = Sink::new(std::mem::take(self));
        let root = sink.root;
        let (space, context) = match namespace {
            Namespace::Html => (ns!(html), "template"),
            Namespace::Svg => (ns!(svg), "svg"),
            Namespace::MathMl => (ns!(mathml), "math"),
        };
        let context = QualName::new(None, space, LocalName::from(context));
        *self = html5ever::parse_fragment(sink, ParseOpts::default(), context, Vec::new(), false).one(html);
        // The parser puts the nodes into an `html` element.
        let holder = self.children(root).first().copied().unwrap_or(root);
        let nodes = self.children(holder).to_vec();
        nodes.iter().for_each(|&node| self.remove(node));
        nodes
    }
}

/// The sink that html5ever writes to.
struct Sink {
    dom: RefCell<Dom>,
    names: RefCell<Vec<(Id, QualName)>>,
    root: Id,
}

impl Sink {
    fn new(mut dom: Dom) -> Self {
        let root = dom.create(Kind::Fragment);
        Self { dom: RefCell::new(dom), names: RefCell::default(), root }
    }

    /// Inserts a node, or a text, which joins the one before it.
    fn put(&self, parent: Id, child: NodeOrText<Id>, next: Option<Id>) {
        let mut dom = self.dom.borrow_mut();
        let node = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => {
                let siblings = dom.children(parent);
                let at = next.and_then(|next| siblings.iter().position(|&id| id == next)).unwrap_or(siblings.len());
                let before = at.checked_sub(1).map(|at| siblings[at]);
                if let Some(before) = before
                    && let Kind::Text(old) = dom.kind_mut(before)
                {
                    old.push_str(&text);
                    return;
                }
                dom.create(Kind::Text(text.to_string()))
            }
        };
        dom.insert(parent, node, next);
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Dom;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Dom {
        self.dom.into_inner()
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.dom.borrow_mut().mistakes.push(message.into_owned());
    }

    fn get_document(&self) -> Id {
        self.root
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Ref<'a, QualName> {
        Ref::map(self.names.borrow(), |names| {
            let at = names
                .binary_search_by_key(target, |(id, _)| *id)
                .expect("the parser asks for elements that it has made");
            &names[at].1
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Id {
        let namespace = match name.ns {
            ns!(svg) => Namespace::Svg,
            ns!(mathml) => Namespace::MathMl,
            _ => Namespace::Html,
        };
        let mut element = Element::new(&*name.local, namespace);
        element.attributes = attributes.into_iter().map(read_attribute).collect();
        let mut dom = self.dom.borrow_mut();
        element.content = flags.template.then(|| dom.create(Kind::Fragment));
        let id = dom.create(Kind::Element(element));
        self.names.borrow_mut().push((id, name));
        id
    }

    fn create_comment(&self, text: StrTendril) -> Id {
        self.dom.borrow_mut().create(Kind::Comment(text.to_string()))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Id {
        self.dom.borrow_mut().create(Kind::Comment(format!("?{target} {data}")))
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.put(*parent, child, None);
    }

    fn append_based_on_parent_node(&self, element: &Id, before: &Id, child: NodeOrText<Id>) {
        let parent = self.dom.borrow().parent(*element);
        match parent {
            Some(parent) => self.put(parent, child, Some(*element)),
            None => self.put(*before, child, None),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Id) -> Id {
        let mut dom = self.dom.borrow_mut();
        if let Some(content) = dom.element(*target).and_then(|element| element.content) {
            return content;
        }
        let content = dom.create(Kind::Fragment);
        if let Some(element) = dom.element_mut(*target) {
            element.content = Some(content);
        }
        content
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        let parent = self.dom.borrow().parent(*sibling);
        if let Some(parent) = parent {
            self.put(parent, child, Some(*sibling));
        }
    }

    fn add_attrs_if_missing(&self, target: &Id, attributes: Vec<Attribute>) {
        if let Some(element) = self.dom.borrow_mut().element_mut(*target) {
            for (name, value) in attributes.into_iter().map(read_attribute) {
                element.attributes.entry(name).or_insert(value);
            }
        }
    }

    fn remove_from_parent(&self, target: &Id) {
        self.dom.borrow_mut().remove(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        let mut dom = self.dom.borrow_mut();
        for child in dom.children(*node).to_vec() {
            dom.insert(*new_parent, child, None);
        }
    }
}

fn read_attribute(attribute: Attribute) -> (String, String) {
    let name = match attribute.name.prefix {
        Some(prefix) => format!("{prefix}:{}", attribute.name.local),
        None => attribute.name.local.to_string(),
    };
    (name, attribute.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(html: &str, namespace: Namespace) -> String {
        let mut dom = Dom::default();
        let root = dom.create(Kind::Fragment);
        for node in dom.parse(html, namespace) {
            dom.insert(root, node, None);
        }
        dom.canonical(root, true)
    }

    #[test]
    fn rows_are_parsed_without_a_table_around_them() {
        assert_eq!(parsed("<tr><td>1</td></tr>", Namespace::Html), "<tr Html>\n<td Html>\n\"1\"\n</td>\n</tr>\n");
    }

    #[test]
    fn the_parts_of_a_drawing_are_no_html() {
        assert_eq!(parsed("<circle r=\"1\"></circle>", Namespace::Svg), "<circle Svg r=\"1\">\n</circle>\n");
    }

    #[test]
    fn a_document_has_what_its_author_has_left_out() {
        let mut dom = Dom::default();
        let root = dom.parse_document("<table><tr><td>1</table>");
        assert!(dom.elements(root).iter().any(|&id| dom.name(id) == "tbody"), "{}", dom.canonical(root, true));
    }
}
