//! A page without a server, to test what the core writes. [`lanai_client`] reads it, and shares no code with the core.
//! Anything that it does not expect fails the test.

use std::collections::BTreeMap;

use lanai_client::{Boot, Dom, EventSpec, Instance, Kind, Namespace, Place};
use serde_json::Value;

/// A page.
#[derive(Debug)]
pub struct Client {
    dom: Dom,
    live: Place,
    instance: Instance,
    effects: Vec<(i64, Value)>,
}

impl Client {
    /// Opens a page as the server sent it: the live part, the definitions, and the handlers' numbers (empty: 0, 1, 2
    /// …).
    pub fn boot(html: &str, templates: &str, handlers: &str) -> Self {
        let inner = html.strip_prefix("<!--lanai-->").and_then(|html| html.strip_suffix("<!--/lanai-->"));
        Self::read(inner.expect("the live part stands between comments"), templates, handlers, None)
    }

    /// Opens a page of a view with many pages: its HTML has no root comments, and it receives the next handler number.
    pub fn boot_late(html: &str, templates: &str, handlers: &str, next_handler: u64) -> Self {
        Self::read(html, templates, handlers, Some(next_handler))
    }

    fn read(html: &str, templates: &str, handlers: &str, next_handler: Option<u64>) -> Self {
        let json = |text: &str| serde_json::from_str::<Value>(text).expect("the data is JSON");
        let mut data = serde_json::json!({ "t": json(templates) });
        if !handlers.is_empty() {
            data["h"] = json(handlers);
        }
        if let Some(next) = next_handler {
            data["n"] = next.into();
        }
        let mut dom = Dom::default();
        let parent = dom.create(Kind::Fragment);
        for node in parse(&mut dom, html) {
            dom.insert(parent, node, None);
        }
        let live = Place { parent, comments: None };
        let boot = Boot::read(&data, None).unwrap_or_else(|error| panic!("{error}: {data}"));
        let instance = Instance::hydrate(&mut dom, live, &boot, next_handler.is_some())
            .unwrap_or_else(|error| panic!("{error}: {html} {data}"));
        Self { dom, live, instance, effects: Vec::new() }
    }

    /// Returns the number of applied frames according to the last sync.
    pub fn synced(&mut self) -> Option<u64> {
        self.instance.synced()
    }

    /// Applies a frame, and returns the event that it acknowledges.
    pub fn apply(&mut self, frame: &str) -> u64 {
        let parts: Vec<Value> = serde_json::from_str(frame).expect("a frame is a JSON array");
        let (ack, ops) = parts.split_first().expect("a frame begins with an acknowledgement");
        let effects = self.instance.apply(&mut self.dom, ops).unwrap_or_else(|error| panic!("{error}: {frame}"));
        self.effects.extend(effects);
        check(&self.dom, frame);
        ack.as_u64().expect("an acknowledgement is a number")
    }

    /// Returns the current document, for comparison.
    pub fn document(&self) -> String {
        self.dom.canonical(self.live.parent, true)
    }

    /// Returns the current document without comments.
    pub fn visible(&self) -> String {
        self.dom.canonical(self.live.parent, false)
    }

    /// Returns the handlers on the page in document order, with their numbers and specifications.
    pub fn handlers(&self) -> Vec<(u64, EventSpec)> {
        self.instance.handlers().into_iter().map(|handler| (handler.number, handler.spec.clone())).collect()
    }

    /// Returns how often each kind of operation, step and value has occurred.
    pub fn reached(&self) -> &BTreeMap<&'static str, usize> {
        self.instance.reached()
    }

    /// Returns the effects so far: operations and arguments.
    pub fn effects(&self) -> &[(i64, Value)] {
        &self.effects
    }
}

/// Parses markup that a browser does not need to repair.
fn parse(dom: &mut Dom, html: &str) -> Vec<usize> {
    // A browser drops NUL in some contexts and replaces it in others.
    assert!(!html.contains('\0'), "a NUL in {html:?}");
    let nodes = dom.parse(html, Namespace::Html);
    check(dom, html);
    nodes
}

/// Fails if a browser would repair the markup.
fn check(dom: &Dom, html: &str) {
    // A carriage return is written as `&#13;`, because the parser would read a plain one as the end of a line. The
    // standard reports that as an error, too.
    let mistakes = dom.mistakes().iter().filter(|mistake| *mistake != "Invalid numeric character reference");
    assert_eq!(mistakes.collect::<Vec<_>>(), [""; 0], "a browser repairs {html}");
}

/// Returns HTML without comments in a normalized form, so that equal documents are equal.
pub fn canonical(html: &str) -> String {
    let mut dom = Dom::default();
    let root = dom.create(Kind::Fragment);
    for node in parse(&mut dom, html) {
        dom.insert(root, node, None);
    }
    dom.canonical(root, false)
}
