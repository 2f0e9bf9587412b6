//! Elements that a browser's parser would move out of each other.
//!
//! [The standard](https://html.spec.whatwg.org/multipage/parsing.html#tree-construction) says that some elements end
//! others, and that some missing elements are added. A patch would then look for an element at the wrong position. Only
//! nesting within one piece of markup is checked.

use proc_macro2::Span;

use crate::ast::{Element, Node};
use crate::error::Errors;
use crate::names;

/// Checks markup from its root.
pub(super) fn check(nodes: &[Node], errors: &mut Errors) {
    let mut checker = Checker { ancestors: Vec::new(), errors };
    checker.nodes(nodes, false);
}

/// Elements that close an open `p`.
#[rustfmt::skip]
const CLOSES_P: &[&str] = &[
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "listing",
    "main", "menu", "nav", "ol", "p", "plaintext", "pre", "search", "section", "summary", "table", "ul", "xmp",
];

/// Elements that hide the open elements around them from the parser.
#[rustfmt::skip]
const SCOPES: &[&str] = &[
    "applet", "caption", "html", "table", "td", "th", "marquee", "object", "template", "foreignObject", "desc", "svg", "math",
];

/// Elements that do not hide an open list item around them. All other block elements do.
const TRANSPARENT_TO_ITEMS: &[&str] = &["address", "div", "p"];

const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];

struct Checker<'n, 'e> {
    /// The names of the elements around the current one, outermost first.
    ancestors: Vec<&'n str>,
    errors: &'e mut Errors,
}

impl<'n> Checker<'n, '_> {
    /// `slot` says whether the nodes are dynamic.
    fn nodes(&mut self, nodes: &'n [Node], slot: bool) {
        for node in nodes {
            match node {
                Node::Element(element) => self.element(element, slot),
                Node::Block(nodes) => self.nodes(nodes, slot),
                node => node.branches().into_iter().for_each(|nodes| self.nodes(nodes, true)),
            }
        }
    }

    fn element(&mut self, element: &'n Element, slot: bool) {
        let name = element.name.text.as_str();
        let span = element.name.span;
        if !self.ancestors.iter().any(|ancestor| matches!(*ancestor, "svg" | "math")) || self.is_html_again() {
            if slot {
                self.implied(name, span);
            }
            self.moved(name, span);
        }
        self.ancestors.push(name);
        self.nodes(element.nodes(), false);
        self.ancestors.pop();
    }

    /// Whether the innermost foreign element is one in which HTML begins again.
    fn is_html_again(&self) -> bool {
        self.ancestors.iter().rev().find(|name| matches!(**name, "svg" | "math" | "foreignObject"))
            == Some(&"foreignObject")
    }

    /// Checks dynamic parts of a table which the parser would put into another element.
    fn implied(&mut self, name: &str, span: Span) {
        let Some(parent) = self.ancestors.last() else { return };
        let implied = match (*parent, name) {
            ("table", "tr") => "tbody",
            ("table", "col") => "colgroup",
            ("table" | "tbody" | "thead" | "tfoot", "td" | "th") => "tr",
            _ => return,
        };
        let rows = if name == "tr" { "put the rows in" } else { "write" };
        self.errors.help(
            span,
            format!("`{name}` is dynamic and directly inside `{parent}`, where a browser puts `{implied}` around it"),
            format!("{rows} `{implied} {{ … }}`, as the browser would"),
        );
    }

    /// Checks elements that make the parser close another one first.
    fn moved(&mut self, name: &str, span: Span) {
        if let ("html" | "head" | "body", Some(parent)) =
            (name, self.ancestors.last().filter(|parent| **parent != "html"))
        {
            return self.errors.help(
                span,
                format!("`{name}` cannot be inside `{parent}`: a page has only one, and a browser ignores this one"),
                "put it into the layout, the document around views: see `App::layout`",
            );
        }
        let outer = match name {
            "a" | "nobr" => self.open(name, &[]),
            "button" => self.open(name, &[]),
            "form" => self.ancestors.contains(&"form").then_some("form"),
            "option" | "optgroup" => self.parent_is(&["option"]),
            "li" => self.open_item(&["li"]),
            "dd" | "dt" => self.open_item(&["dd", "dt"]),
            _ if HEADINGS.contains(&name) => self.parent_is(HEADINGS),
            _ => None,
        };
        let outer = outer.or_else(|| if CLOSES_P.contains(&name) { self.open("p", &["button"]) } else { None });
        let Some(outer) = outer else { return };
        let help = match outer {
            "p" => format!("make the outer one a `div`, or end the `p` before the `{name}`"),
            "li" | "dd" | "dt" => "end the outer one first, or put the inner one into its own list".into(),
            "form" => "end the outer form first; a control outside a form can belong to it with `form=\"…\"`".into(),
            _ => format!("end the `{outer}` before the `{name}`, or use another element for one of them"),
        };
        let verb = if name == "form" { "ignores the inner one" } else { "closes the outer one first" };
        self.errors.help(span, format!("`{name}` cannot be inside `{outer}`: a browser {verb}"), help);
    }

    /// Returns the open element `name`, if it is visible from here.
    fn open(&self, name: &str, walls: &[&str]) -> Option<&'n str> {
        self.ancestors
            .iter()
            .rev()
            .take_while(|ancestor| !SCOPES.contains(ancestor) && !walls.contains(ancestor))
            .find(|ancestor| **ancestor == name)
            .copied()
    }

    /// Returns an open list item that a new one closes.
    fn open_item(&self, names: &[&str]) -> Option<&'n str> {
        self.ancestors
            .iter()
            .rev()
            .take_while(|ancestor| names.contains(ancestor) || !is_special(ancestor))
            .find(|ancestor| names.contains(ancestor))
            .copied()
    }

    fn parent_is(&self, names: &[&str]) -> Option<&'n str> {
        self.ancestors.last().copied().filter(|parent| names.contains(parent))
    }
}

/// The standard's "special" elements, except those that do not stop the search for an open list item.
fn is_special(name: &str) -> bool {
    let special = CLOSES_P.contains(&name)
        || SCOPES.contains(&name)
        || names::is_void(name)
        || matches!(
            name,
            "body" | "button" | "colgroup" | "frameset" | "head" | "iframe" | "noscript" | "script" | "select"
        )
        || matches!(name, "style" | "tbody" | "textarea" | "tfoot" | "thead" | "title" | "tr");
    special && !TRANSPARENT_TO_ITEMS.contains(&name)
}
