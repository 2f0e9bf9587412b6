//! A model of the browser's client: it reads first pages and frames as `docs/PROTOCOL.md` says, and shares no code with
//! the server's side. What it does not expect fails the test.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dom::{Dom, Id, Kind, Namespace};

/// A page.
#[derive(Debug)]
pub struct Client {
    dom: Dom,
    /// The container of the live part.
    live: Id,
    view: Content,
    page: Page,
}

/// What a page knows apart from its document.
#[derive(Debug, Default)]
struct Page {
    definitions: Vec<Definition>,
    next_handler: u64,
    /// The numbers of the first page's handlers, when they are not counted.
    given_handlers: Option<std::vec::IntoIter<u64>>,
    effects: Vec<(i64, Value)>,
    /// The page is one of many: what it knows may be said again, since the others may not know it.
    one_of_many: bool,
    /// Frames applied, as the last sync says.
    synced: Option<u64>,
    /// How often each kind of operation and step came.
    reached: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Clone)]
struct Definition {
    slots: Vec<Marker>,
    html: Option<String>,
    namespace: Namespace,
    single_root: bool,
}

#[derive(Debug, Clone)]
enum Marker {
    Node,
    List,
    Element(Vec<Value>),
}

/// What is in a node slot.
#[derive(Debug)]
enum Content {
    Plain,
    Instance(Instance),
}

#[derive(Debug)]
struct Instance {
    slots: Vec<Slot>,
}

#[derive(Debug)]
enum Slot {
    Attribute { element: Id, name: String },
    Toggle { element: Id, name: String },
    Event { number: u64, spec: EventSpec },
    Text { element: Id },
    Node { place: Place, content: Content },
    List { place: Place, rows: Vec<Row> },
}

/// What an event slot does: the type of its event, and the steps with their options as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSpec {
    name: String,
    steps: Vec<Value>,
}

/// Between two comments, or all of an element.
#[derive(Debug, Clone, Copy)]
struct Place {
    parent: Id,
    comments: Option<(Id, Id)>,
}

#[derive(Debug)]
struct Row {
    instance: Instance,
    single_root: bool,
    start: Id,
}

/// Where the content of the slots comes from: the page, or the values of a frame.
enum Source<'v> {
    Page,
    Values(std::slice::Iter<'v, Value>),
}

impl Client {
    /// A page as the server sent it: the live part, the definitions, and the handlers' numbers (empty: 0, 1, 2 …).
    pub fn boot(html: &str, templates: &str, handlers: &str) -> Self {
        let inner = html.strip_prefix("<!--lanai-->").and_then(|html| html.strip_suffix("<!--/lanai-->"));
        let mut dom = Dom::default();
        let live = dom.create(Kind::Fragment);
        for node in dom.parse(inner.expect("the live part stands between comments"), Namespace::Html) {
            dom.insert(live, node, None);
        }
        let templates: Vec<Value> = serde_json::from_str(templates).expect("the definitions are a JSON array");
        let mut page = Page { definitions: templates.iter().map(Definition::read).collect(), ..Page::default() };
        if !handlers.is_empty() {
            let numbers: Vec<u64> = serde_json::from_str(handlers).expect("the handlers are numbers");
            page.next_handler = numbers.iter().max().map_or(0, |last| last + 1);
            page.given_handlers = Some(numbers.into_iter());
        }
        let nodes = dom.children(live).to_vec();
        let view = if page.definitions.is_empty() {
            Content::Plain
        } else {
            Content::Instance(page.instance(&mut dom, 0, &nodes, &mut Source::Page))
        };
        if let Some(left) = page.given_handlers.take() {
            assert_eq!(left.len(), 0, "there are more handler numbers than event slots");
        }
        Self { dom, live, view, page }
    }

    /// A page of a view that has many: its HTML has no root comments, and it is told the next handler number.
    pub fn boot_late(html: &str, templates: &str, handlers: &str, next_handler: u64) -> Self {
        let mut client = Self::boot(&format!("<!--lanai-->{html}<!--/lanai-->"), templates, handlers);
        client.page.next_handler = next_handler;
        client.page.one_of_many = true;
        client
    }

    /// How many frames the last sync says are applied.
    pub fn synced(&mut self) -> Option<u64> {
        self.page.synced.take()
    }

    /// Applies a frame; returns the event that it acknowledges.
    pub fn apply(&mut self, frame: &str) -> u64 {
        let frame: Vec<Value> = serde_json::from_str(frame).expect("a frame is a JSON array");
        let (ack, ops) = frame.split_first().expect("a frame begins with an acknowledgement");
        assert_eq!(ops.len() % 2, 0, "each operation has an argument");
        for op in ops.chunks(2) {
            self.operation(op[0].as_i64().expect("an operation is a number"), &op[1]);
        }
        ack.as_u64().expect("an acknowledgement is a number")
    }

    fn operation(&mut self, op: i64, argument: &Value) {
        let whole = Place { parent: self.live, comments: None };
        match op {
            0.. => {
                let Content::Instance(view) = &mut self.view else { panic!("a patch for a page without a template") };
                self.page.operation(&mut self.dom, view, op, argument);
            }
            -1 => {
                let [number, definition] = &array(argument)[..] else { panic!("a definition has a number") };
                self.page.define(number.as_u64().expect("a template has a number") as usize, definition);
            }
            -7 => {
                self.page.reach("root");
                let value = argument.clone();
                self.view = self.page.set(&mut self.dom, whole, &value);
            }
            -8 => {
                let numbers = array(argument).iter().map(|number| number.as_u64().expect("a number"));
                let [frames, next] = [0, 1].map(|at| numbers.clone().nth(at).expect("frames and the next handler"));
                let mut handlers = numbers.skip(2);
                self.view.renumber(&mut handlers);
                assert_eq!(handlers.next(), None, "there are more handler numbers than event slots");
                self.page.next_handler = next;
                self.page.synced = Some(frames);
                self.page.reach("sync");
            }
            -14 => assert!((1..4).contains(&argument.as_u64().expect("parts are a number")), "no parts: {argument}"),
            -6..=-2 => self.page.effects.push((op, argument.clone())),
            _ => panic!("there is no operation {op}"),
        }
    }

    /// The present document, for comparison.
    pub fn document(&self) -> String {
        self.dom.canonical(self.live, true)
    }

    /// The present document without comments.
    pub fn visible(&self) -> String {
        self.dom.canonical(self.live, false)
    }

    /// The handlers on the page in document order: number, and specification.
    pub fn handlers(&self) -> Vec<(u64, EventSpec)> {
        let mut out = Vec::new();
        self.view.handlers(&mut out);
        out
    }

    /// How often each kind of operation, step and value came.
    pub fn reached(&self) -> &BTreeMap<&'static str, usize> {
        &self.page.reached
    }

    /// The effects so far: operation and argument.
    pub fn effects(&self) -> &[(i64, Value)] {
        &self.page.effects
    }
}

impl Content {
    fn renumber(&mut self, numbers: &mut impl Iterator<Item = u64>) {
        if let Content::Instance(instance) = self {
            instance.renumber(numbers);
        }
    }

    fn handlers(&self, out: &mut Vec<(u64, EventSpec)>) {
        if let Content::Instance(instance) = self {
            instance.handlers(out);
        }
    }
}

impl Instance {
    fn renumber<I: Iterator<Item = u64>>(&mut self, numbers: &mut I) {
        for slot in &mut self.slots {
            match slot {
                Slot::Event { number, .. } => {
                    *number = numbers.next().expect("there are fewer handler numbers than event slots");
                }
                Slot::Node { content, .. } => content.renumber(numbers),
                Slot::List { rows, .. } => rows.iter_mut().for_each(|row| row.instance.renumber(numbers)),
                _ => {}
            }
        }
    }

    fn handlers(&self, out: &mut Vec<(u64, EventSpec)>) {
        for slot in &self.slots {
            match slot {
                Slot::Event { number, spec } => out.push((*number, spec.clone())),
                Slot::Node { content, .. } => content.handlers(out),
                Slot::List { rows, .. } => rows.iter().for_each(|row| row.instance.handlers(out)),
                _ => {}
            }
        }
    }
}

impl Definition {
    fn read(definition: &Value) -> Self {
        let parts = array(definition);
        assert!((1..=3).contains(&parts.len()), "a definition has one to three parts: {definition}");
        let flags = parts.get(2).map_or(0, |flags| flags.as_u64().expect("flags are a number"));
        assert!(flags < 8 && parts.get(2).is_none_or(|_| flags != 0), "odd flags: {definition}");
        Self {
            slots: match &parts[0] {
                Value::Array(slots) => slots.iter().map(Marker::read).collect(),
                _ => Vec::new(),
            },
            html: parts.get(1).and_then(Value::as_str).map(Into::into),
            namespace: [Namespace::Html, Namespace::Svg, Namespace::MathMl][(flags & 3) as usize],
            single_root: flags & 4 == 0,
        }
    }
}

impl Marker {
    fn read(marker: &Value) -> Self {
        match marker {
            Value::Array(slots) => Marker::Element(slots.clone()),
            number if number == 0 => Marker::Node,
            number if number == 1 => Marker::List,
            other => panic!("there is no slot {other}"),
        }
    }
}

impl EventSpec {
    /// Reads `"@type"` or `["type", step, options]`.
    fn read(spec: &Value) -> Self {
        match spec {
            Value::String(short) => {
                let name = short.strip_prefix('@').unwrap_or_else(|| panic!("no event slot: {short}"));
                Self { name: name.into(), steps: vec!["".into()] }
            }
            spec => {
                let (name, steps) = array(spec).split_first().expect("an event slot has a type");
                match steps {
                    [] => {}
                    [Value::String(payload)] => assert_ne!(payload, "", "`@type` is shorter"),
                    [Value::String(_), Value::Object(options)] => {
                        assert!(!options.is_empty(), "options that say nothing are left out");
                        for (key, value) in options {
                            let fits = match key.as_str() {
                                "d" | "t" => value.is_u64(),
                                "o" | "p" | "n" | "s" => value == 1,
                                "k" => array(value).iter().all(Value::is_string),
                                _ => false,
                            };
                            assert!(fits, "there is no such option: {key} {value}");
                        }
                    }
                    other => panic!("there are no such steps: {other:?}"),
                }
                Self { name: string(name).into(), steps: steps.to_vec() }
            }
        }
    }
}

impl Page {
    fn reach(&mut self, what: &'static str) {
        *self.reached.entry(what).or_default() += 1;
    }

    fn define(&mut self, number: usize, definition: &Value) {
        let mut new = Definition::read(definition);
        assert!(new.html.is_some(), "a template is defined without its literal HTML: {definition}");
        if definition[0] == 0 {
            let known = self.definitions.get(number).expect("the page has the slots already");
            assert!(known.html.is_none() || self.one_of_many, "template {number} is sent twice");
            assert_eq!(
                (known.namespace, known.single_root),
                (new.namespace, new.single_root),
                "other flags than before"
            );
            new.slots = known.slots.clone();
            self.reach("define html");
            self.definitions[number] = new;
        } else if self.one_of_many {
            // Others may have been told before, or may have one that this page never needs.
            let nothing = Definition { slots: Vec::new(), html: None, namespace: Namespace::Html, single_root: true };
            self.definitions.resize(self.definitions.len().max(number + 1), nothing);
            self.definitions[number] = new;
            self.reach("define");
        } else {
            assert_eq!(number, self.definitions.len(), "template numbers are given out in order");
            self.definitions.push(new);
            self.reach("define");
        }
    }

    fn next_handler(&mut self) -> u64 {
        if let Some(given) = &mut self.given_handlers {
            return given.next().expect("there are fewer handler numbers than event slots");
        }
        self.next_handler += 1;
        self.next_handler - 1
    }

    /// The instance of a template whose nodes are in the document.
    fn instance(&mut self, dom: &mut Dom, number: usize, nodes: &[Id], source: &mut Source<'_>) -> Instance {
        let definition = self.definitions.get(number).unwrap_or_else(|| panic!("template {number} is unknown")).clone();
        let mut markers = definition.slots.iter();
        let mut instance = Instance { slots: Vec::new() };
        self.walk(dom, nodes, &mut markers, source, &mut instance);
        assert_eq!(markers.len(), 0, "template {number} has more slots than its markup has marks");
        if let Source::Values(values) = source {
            assert_eq!(values.len(), 0, "template {number} has fewer slots than there are values");
        }
        instance
    }

    fn walk(
        &mut self,
        dom: &mut Dom,
        nodes: &[Id],
        markers: &mut std::slice::Iter<'_, Marker>,
        source: &mut Source<'_>,
        instance: &mut Instance,
    ) {
        let mut at = 0;
        while at < nodes.len() {
            let node = nodes[at];
            if let Some(descriptor) = dom.comment(node).and_then(|text| text.strip_prefix('[')).map(str::to_owned) {
                let end = at + closing(dom, &nodes[at..]);
                let place = Place { parent: dom.parent(node), comments: Some((node, nodes[end])) };
                let slot = match markers.next() {
                    Some(Marker::Node) => self.node_slot(dom, place, &descriptor, source),
                    Some(Marker::List) => self.list_slot(dom, place, &descriptor, source),
                    other => panic!("{other:?} stands between comments"),
                };
                instance.slots.push(slot);
                at = end + 1;
                continue;
            }
            if let Some(text) = dom.comment(node) {
                assert!(text != "]" && text != "|", "<!--{text}--> out of place");
            }
            let marked =
                matches!(dom.kind(node), Kind::Element { attributes, .. } if attributes.contains_key("data-l"));
            let mut content = None;
            if marked {
                let descriptor = dom.attributes(node).remove("data-l").unwrap_or_default();
                let Some(Marker::Element(slots)) = markers.next() else { panic!("an element is marked without slots") };
                for slot in slots {
                    assert!(content.is_none(), "the content of an element is its last slot");
                    content = self.element_slot(dom, node, slot, source, instance);
                }
                let place = Place { parent: node, comments: None };
                match content {
                    Some('*') => {
                        let slot = self.node_slot(dom, place, &descriptor, source);
                        instance.slots.push(slot);
                    }
                    Some('#') => {
                        let slot = self.list_slot(dom, place, &descriptor, source);
                        instance.slots.push(slot);
                    }
                    _ => assert_eq!(descriptor, "", "an element without a content slot has a descriptor"),
                }
            }
            if content.is_none() {
                let children = dom.children(node).to_vec();
                self.walk(dom, &children, markers, source, instance);
            }
            at += 1;
        }
    }

    /// A slot of a marked element; the sign of its content slot is returned.
    fn element_slot(
        &mut self,
        dom: &mut Dom,
        element: Id,
        slot: &Value,
        source: &mut Source<'_>,
        instance: &mut Instance,
    ) -> Option<char> {
        if slot.is_array() || string(slot).starts_with('@') {
            instance.slots.push(Slot::Event { number: self.next_handler(), spec: EventSpec::read(slot) });
            return None;
        }
        let slot = string(slot);
        let name = || slot[1..].to_owned();
        let new = match slot.as_bytes()[0] {
            b'*' | b'#' => return slot.chars().next(),
            b'$' => Slot::Text { element },
            b'?' | b'!' => Slot::Toggle { element, name: name() },
            b'.' => Slot::Attribute { element, name: name() },
            _ => Slot::Attribute { element, name: slot.into() },
        };
        if let Source::Values(values) = source {
            set_scalar(dom, &new, next(values));
        }
        instance.slots.push(new);
        (slot == "$").then_some('$')
    }

    fn node_slot(&mut self, dom: &mut Dom, place: Place, descriptor: &str, source: &mut Source<'_>) -> Slot {
        let content = match source {
            Source::Page if descriptor.is_empty() => Content::Plain,
            Source::Page => {
                let number = descriptor.parse().unwrap_or_else(|_| panic!("{descriptor:?} describes no node"));
                let nodes = place.nodes(dom);
                Content::Instance(self.instance(dom, number, &nodes, &mut Source::Page))
            }
            Source::Values(values) => {
                assert!(place.nodes(dom).is_empty() && descriptor.is_empty(), "the literal HTML has an empty slot");
                self.set(dom, place, next(values))
            }
        };
        Slot::Node { place, content }
    }

    fn list_slot(&mut self, dom: &mut Dom, place: Place, descriptor: &str, source: &mut Source<'_>) -> Slot {
        let mut rows = Vec::new();
        match source {
            Source::Page => {
                let nodes = place.nodes(dom);
                let numbers = row_templates(descriptor, nodes.len());
                if descriptor.contains('x') {
                    self.reach("runs");
                }
                let mut rest = &nodes[..];
                for &number in &numbers {
                    if rest.is_empty() && !descriptor.contains('x') {
                        break;
                    }
                    let single_root = self.definitions[number].single_root;
                    let start = *rest.first().expect("each row has a node");
                    let own = if single_root {
                        1
                    } else {
                        assert_eq!(dom.comment(start), Some("|"), "a row's start is not marked");
                        next_row(dom, rest)
                    };
                    let content = &rest[usize::from(!single_root)..own];
                    assert!(!single_root || matches!(dom.kind(start), Kind::Element { .. }), "a row is an element");
                    let instance = self.instance(dom, number, content, &mut Source::Page);
                    rows.push(Row { instance, single_root, start });
                    rest = &rest[own..];
                }
                assert!(rest.is_empty(), "there is more than the rows of {descriptor:?}");
            }
            Source::Values(values) => self.script(dom, place, &mut rows, array(next(values))),
        }
        Slot::List { place, rows }
    }

    /// Fills a node slot.
    fn set(&mut self, dom: &mut Dom, place: Place, value: &Value) -> Content {
        for node in place.nodes(dom) {
            dom.remove(node);
        }
        match value {
            Value::String(text) => {
                let text = dom.create(Kind::Text(text.clone()));
                place.append(dom, text);
                Content::Plain
            }
            Value::Array(parts) if parts.first().is_some_and(Value::is_string) => {
                self.reach("raw");
                assert_eq!(parts.len(), 1, "raw HTML is one string");
                let namespace = dom.inner_namespace(place.parent);
                for node in dom.parse(string(&parts[0]), namespace) {
                    place.append(dom, node);
                }
                Content::Plain
            }
            Value::Array(parts) => {
                let (number, values) = parts.split_first().expect("an instance names its template");
                let number = number.as_u64().expect("a template has a number") as usize;
                Content::Instance(self.build(dom, number, values, place.parent, place.end()).1)
            }
            value => {
                assert_eq!(*value, 0, "no value of a node slot");
                Content::Plain
            }
        }
    }

    /// Builds an instance of a template before a node; returns its first node too.
    fn build(
        &mut self,
        dom: &mut Dom,
        number: usize,
        values: &[Value],
        parent: Id,
        next: Option<Id>,
    ) -> (Option<Id>, Instance) {
        let definition = self.definitions.get(number).unwrap_or_else(|| panic!("template {number} is not defined"));
        let html = definition.html.clone().unwrap_or_else(|| panic!("template {number} has no literal HTML"));
        let namespace = definition.namespace;
        if namespace != Namespace::Html {
            self.reach("foreign");
        }
        let nodes = dom.parse(&html, namespace);
        for &node in &nodes {
            dom.insert(parent, node, next);
        }
        let first = nodes.first().copied();
        (first, self.instance(dom, number, &nodes, &mut Source::Values(values.iter())))
    }

    fn patch(&mut self, dom: &mut Dom, instance: &mut Instance, ops: &[Value]) {
        assert!(!ops.is_empty() && ops.len().is_multiple_of(2), "a patch has operations: {ops:?}");
        for op in ops.chunks(2) {
            self.operation(dom, instance, op[0].as_i64().expect("an operation is a number"), &op[1]);
        }
    }

    fn operation(&mut self, dom: &mut Dom, instance: &mut Instance, op: i64, argument: &Value) {
        let slot = instance.slots.get_mut((op / 4) as usize).unwrap_or_else(|| panic!("there is no slot for {op}"));
        match (op % 4, slot) {
            (0, Slot::Node { place, content }) => {
                self.reach("set node");
                *content = self.set(dom, *place, argument);
            }
            (0, Slot::Event { spec, .. }) => {
                let new = EventSpec::read(argument);
                self.reach("set event");
                assert_eq!(new.name, spec.name, "an event slot changed its type");
                *spec = new;
            }
            (0, slot) => {
                self.reach("set scalar");
                set_scalar(dom, slot, argument);
            }
            (1, Slot::Node { content: Content::Instance(inner), .. }) => {
                self.reach("patch node");
                self.patch(dom, inner, array(argument));
            }
            (1, Slot::List { place, rows }) => {
                assert!(!array(argument).is_empty(), "an empty script is not sent");
                self.script(dom, *place, rows, array(argument));
            }
            (2, Slot::Node { place, content: Content::Plain }) => {
                self.reach("append");
                let nodes = place.nodes(dom);
                let [text] = nodes[..] else { panic!("text is appended to {} nodes", nodes.len()) };
                let Kind::Text(text) = dom.kind_mut(text) else { panic!("text is appended to something else") };
                text.push_str(string(argument));
            }
            (kind, slot) => panic!("operation {kind} does not fit {slot:?}"),
        }
    }

    /// Walks a list script.
    fn script(&mut self, dom: &mut Dom, place: Place, rows: &mut Vec<Row>, steps: &[Value]) {
        let moved = |step: &Value| match step {
            Value::String(from) => Some(from.parse::<usize>().expect("a row's index")),
            Value::Array(ops) => ops.first().and_then(Value::as_str).map(|from| from.parse().expect("a row's index")),
            _ => None,
        };
        let mut taken: Vec<Option<(Row, Vec<Id>)>> = Vec::new();
        let mut old = Vec::new();
        let nodes = rows_nodes(dom, place, rows);
        let named: Vec<usize> = steps.iter().filter_map(moved).collect();
        for (index, (row, nodes)) in rows.drain(..).zip(nodes).enumerate() {
            if named.contains(&index) {
                nodes.iter().for_each(|&node| dom.remove(node));
                taken.push(Some((row, nodes)));
            } else {
                taken.push(None);
                old.push((row, nodes));
            }
        }
        let mut old = old.into_iter().peekable();
        for step in steps {
            // Rows go before the one under the cursor.
            let before = old.peek().map(|(_, nodes)| nodes[0]).or(place.end());
            if let Some(from) = moved(step) {
                let (mut row, nodes) = taken[from].take().expect("a row is moved once");
                nodes.iter().for_each(|&node| dom.insert(place.parent, node, before));
                self.reach("move");
                if let Value::Array(ops) = step {
                    self.reach("move and patch");
                    self.patch(dom, &mut row.instance, &ops[1..]);
                }
                rows.push(row);
                continue;
            }
            match step {
                Value::Number(count) => {
                    let count = count.as_i64().expect("a count of rows");
                    assert_ne!(count, 0, "a step over no rows");
                    self.reach(if count > 0 { "keep" } else { "remove" });
                    for _ in 0..count.abs() {
                        let (row, nodes) = old.next().expect("the cursor is inside the list");
                        if count > 0 {
                            rows.push(row);
                        } else {
                            nodes.iter().for_each(|&node| dom.remove(node));
                        }
                    }
                }
                Value::Object(insert) => {
                    assert_eq!(insert.len(), 1, "rows of one template are inserted");
                    let (number, values) = insert.iter().next().expect("there is one");
                    self.reach("insert");
                    let number: usize = number.parse().expect("a template has a number");
                    assert!(!array(values).is_empty(), "an insertion of no rows");
                    for values in array(values) {
                        let single_root = self.definitions[number].single_root;
                        let mark = (!single_root).then(|| {
                            let mark = dom.create(Kind::Comment("|".into()));
                            dom.insert(place.parent, mark, before);
                            mark
                        });
                        let (first, instance) = self.build(dom, number, array(values), place.parent, before);
                        let start = mark.or(first).expect("a single root is a node");
                        rows.push(Row { instance, single_root, start });
                    }
                }
                Value::Array(ops) => {
                    let (mut row, _) = old.next().expect("the cursor is inside the list");
                    self.reach("patch row");
                    self.patch(dom, &mut row.instance, ops);
                    rows.push(row);
                }
                step => panic!("there is no step {step}"),
            }
        }
        rows.extend(old.map(|(row, _)| row));
    }
}

impl Place {
    fn end(self) -> Option<Id> {
        self.comments.map(|(_, end)| end)
    }

    fn append(self, dom: &mut Dom, node: Id) {
        dom.insert(self.parent, node, self.end());
    }

    fn nodes(self, dom: &Dom) -> Vec<Id> {
        let children = dom.children(self.parent);
        let at = |comment| children.iter().position(|&node| node == comment).expect("the comments stay");
        match self.comments {
            Some((start, end)) => children[at(start) + 1..at(end)].to_vec(),
            None => children.to_vec(),
        }
    }
}

fn set_scalar(dom: &mut Dom, slot: &Slot, value: &Value) {
    match slot {
        Slot::Attribute { element, name } => {
            if *value == 0 {
                dom.attributes(*element).remove(name);
            } else {
                dom.attributes(*element).insert(name.clone(), string(value).into());
            }
        }
        Slot::Toggle { element, name } => {
            if *value == 0 {
                dom.attributes(*element).remove(name);
            } else {
                assert_eq!(*value, 1, "a toggle is 0 or 1");
                dom.attributes(*element).insert(name.clone(), String::new());
            }
        }
        Slot::Text { element } => {
            for node in dom.children(*element).to_vec() {
                dom.remove(node);
            }
            let text = dom.create(Kind::Text(string(value).into()));
            dom.insert(*element, text, None);
        }
        slot => panic!("{slot:?} is not set to {value}"),
    }
}

/// The nodes of each row.
fn rows_nodes(dom: &Dom, place: Place, rows: &[Row]) -> Vec<Vec<Id>> {
    let nodes = place.nodes(dom);
    let starts: Vec<usize> = {
        let mut from = 0;
        rows.iter()
            .map(|row| {
                from += nodes[from..].iter().position(|&node| node == row.start).expect("the rows are in order");
                from
            })
            .collect()
    };
    assert_eq!(starts.first().copied().unwrap_or(nodes.len()), 0, "there is something before the first row");
    let ends = starts.iter().skip(1).copied().chain([nodes.len()]);
    let ranges: Vec<Vec<Id>> = starts.iter().zip(ends).map(|(&start, end)| nodes[start..end].to_vec()).collect();
    for (row, nodes) in rows.iter().zip(&ranges) {
        assert!(!row.single_root || nodes.len() == 1, "a row of one element has {} nodes", nodes.len());
    }
    ranges
}

/// The template of each row of a list that is described.
fn row_templates(descriptor: &str, most: usize) -> Vec<usize> {
    let number = |text: &str| text.parse::<usize>().unwrap_or_else(|_| panic!("{descriptor:?} describes no list"));
    match descriptor.strip_prefix('*').unwrap_or_else(|| panic!("{descriptor:?} describes no list")) {
        "" => Vec::new(),
        runs if runs.contains('x') => runs
            .split(',')
            .flat_map(|run| {
                let (template, count) = run.split_once('x').expect("a run has a length");
                vec![number(template); number(count)]
            })
            .collect(),
        // All the rows there are: counted by the reader.
        one => vec![number(one); most],
    }
}

/// How far it is to the comment that closes the one at the beginning of these siblings.
fn closing(dom: &Dom, siblings: &[Id]) -> usize {
    let mut depth = 0;
    for (at, &node) in siblings.iter().enumerate() {
        match dom.comment(node) {
            Some("]") => depth -= 1,
            Some(text) if text.starts_with('[') => depth += 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("a slot is not closed")
}

/// How far it is to the next marked row behind the one at the beginning, or to the end.
fn next_row(dom: &Dom, siblings: &[Id]) -> usize {
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

fn next<'v>(values: &mut std::slice::Iter<'v, Value>) -> &'v Value {
    values.next().expect("there is a value for each slot")
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is not an array"))
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}
