//! A mounted view as its page knows it: its slots, the positions of their content in the document, and the frames that
//! change it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::dom::{Dom, Element, Id, Kind, Namespace};
use crate::wire::{Boot, Definition, EventSpec, Marker, Result, array, ensure, signed, string, unsigned, violation};

/// A mounted view.
#[derive(Debug)]
pub struct Instance {
    /// The position of the view.
    live: Place,
    view: Content,
    known: Known,
}

/// What a page knows about an instance, apart from its document.
#[derive(Debug, Default)]
struct Known {
    definitions: Vec<Definition>,
    next_handler: u64,
    /// The numbers of the first page's handlers, unless they are counted.
    given_handlers: Option<std::vec::IntoIter<u64>>,
    /// Whether the view may have other pages. Then this page may receive again what it already knows, since others may
    /// not know it.
    one_of_many: bool,
    /// The number of applied frames, according to the last sync.
    synced: Option<u64>,
    /// The number of handlers created so far. (A sync changes their numbers.)
    handlers: u64,
    /// New inner views on the page, with their data and their positions.
    arrived: Vec<(String, Option<Value>, Place)>,
    /// The properties of controls and options that the view controls.
    served: HashMap<Id, Aspects>,
    /// Controls and options for which the server has set an attribute.
    written: Vec<Id>,
    /// How often each kind of operation and step has occurred.
    reached: BTreeMap<&'static str, usize>,
}

/// The part of a control that the server sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Aspects {
    pub(crate) value: bool,
    pub(crate) checked: bool,
}

/// The content of a node slot.
#[derive(Debug)]
enum Content {
    Plain,
    Block(Block),
    /// Another view, by its number.
    Inside(String),
}

/// The slots of a template in use.
#[derive(Debug, Default)]
struct Block {
    slots: Vec<Slot>,
}

#[derive(Debug)]
enum Slot {
    Attribute { element: Id, name: String, is_property: bool },
    Toggle { element: Id, name: String, is_property: bool },
    Event(Handler),
    Text { element: Id },
    Node { place: Place, content: Content },
    List { place: Place, rows: Vec<Row> },
}

/// An event slot on the page.
#[derive(Debug, Clone)]
pub struct Handler {
    /// The number by which the server knows it.
    pub number: u64,
    /// The element.
    pub element: Id,
    /// What it listens to and sends.
    pub spec: EventSpec,
    /// The index among the instance's handlers, which never changes.
    pub(crate) made: u64,
}

/// A range of the document: between two comments, or the whole content of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The parent node.
    pub parent: Id,
    /// The comments around the range, unless it is the whole content of its parent.
    pub comments: Option<(Id, Id)>,
}

#[derive(Debug)]
struct Row {
    block: Block,
    single_root: bool,
    start: Id,
}

/// The source of the slots' content: the page, or the values of a frame.
enum Source<'v> {
    Page,
    Values(std::slice::Iter<'v, Value>),
}

impl Instance {
    /// Finds the slots of a view whose HTML is in `live`.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTML does not match its data.
    pub fn hydrate(dom: &mut Dom, live: Place, boot: &Boot, one_of_many: bool) -> Result<Self> {
        let mut known = Known { definitions: boot.templates.clone(), one_of_many, ..Known::default() };
        if let Some(numbers) = &boot.handlers {
            known.next_handler = numbers.iter().max().map_or(0, |last| last + 1);
            known.given_handlers = Some(numbers.clone().into_iter());
        }
        let view = if known.definitions.is_empty() {
            Content::Plain
        } else {
            Content::Block(known.block(dom, 0, &live.nodes(dom)?, &mut Source::Page)?)
        };
        if let Some(left) = known.given_handlers.take() {
            ensure!(left.len() == 0, "there are more handler numbers than event slots");
        }
        if let Some(next) = boot.next_handler {
            known.next_handler = next;
        }
        for (number, data, _) in &mut known.arrived {
            *data = boot.inside(number).cloned();
        }
        Ok(Self { live, view, known })
    }

    /// Returns the position of the view.
    pub fn place(&self) -> Place {
        self.live
    }

    /// Applies the operations of a frame. Returns those that do not change the view's own markup, the effects, in their
    /// order.
    ///
    /// # Errors
    ///
    /// Returns an error if the operations cannot be applied. Then the page's content can no longer be trusted.
    pub fn apply(&mut self, dom: &mut Dom, operations: &[Value]) -> Result<Vec<(i64, Value)>> {
        let mut effects = Vec::new();
        for operation in operations.chunks(2) {
            let [op, argument] = operation else { violation!("an operation has no argument") };
            let op = signed(op)?;
            match op {
                0.. => {
                    let Content::Block(view) = &mut self.view else {
                        violation!("a patch for a page without a template")
                    };
                    self.known.operation(dom, view, op, argument)?;
                }
                -1 => {
                    let [number, definition] = &array(argument)?[..] else { violation!("a definition has a number") };
                    self.known.define(unsigned(number)? as usize, definition)?;
                }
                -7 => {
                    self.known.reach("root");
                    self.view = self.known.set(dom, self.live, argument)?;
                }
                -8 => {
                    let numbers = array(argument)?.iter().map(unsigned).collect::<Result<Vec<_>>>()?;
                    let [frames, next, handlers @ ..] = &numbers[..] else { violation!("a sync has two numbers") };
                    let mut handlers = handlers.iter().copied();
                    self.view.renumber(&mut handlers)?;
                    ensure!(handlers.next().is_none(), "there are more handler numbers than event slots");
                    self.known.next_handler = *next;
                    self.known.synced = Some(*frames);
                    self.known.reach("sync");
                }
                -6 => {
                    self.view = self.known.set(dom, self.live, &Value::Array(vec![argument.clone()]))?;
                    effects.push((op, argument.clone()));
                }
                // The page reads it before the frame; here, all parts of the client are always loaded.
                -14 => ensure!((1..4).contains(&unsigned(argument)?), "there are no such parts: {argument}"),
                -13..=-2 => effects.push((op, argument.clone())),
                _ => violation!("there is no operation {op}"),
            }
        }
        Ok(effects)
    }

    /// Returns the number of applied frames according to the last sync.
    pub fn synced(&mut self) -> Option<u64> {
        self.known.synced.take()
    }

    /// Returns the handlers on the page in document order, without those of inner views.
    pub fn handlers(&self) -> Vec<&Handler> {
        let mut out = Vec::new();
        self.view.handlers(&mut out);
        out
    }

    /// Returns the inner views that are on the page now, by number.
    pub fn inside(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.view.inside(&mut out);
        out
    }

    /// Returns how often each kind of operation, step and value has occurred.
    pub fn reached(&self) -> &BTreeMap<&'static str, usize> {
        &self.known.reached
    }

    /// Takes the inner views that are new since the last call.
    pub(crate) fn arrived(&mut self) -> Vec<(String, Option<Value>, Place)> {
        std::mem::take(&mut self.known.arrived)
    }

    /// Takes the elements for which the server has set an attribute with a property since the last call.
    pub(crate) fn written(&mut self) -> Vec<Id> {
        std::mem::take(&mut self.known.written)
    }

    /// Returns the parts of an element that this view controls.
    pub(crate) fn serves(&self, element: Id) -> Aspects {
        self.known.served.get(&element).copied().unwrap_or_default()
    }
}

impl Content {
    fn renumber(&mut self, numbers: &mut impl Iterator<Item = u64>) -> Result<()> {
        match self {
            Content::Block(block) => block.renumber(numbers),
            Content::Plain | Content::Inside(_) => Ok(()),
        }
    }

    fn handlers<'a>(&'a self, out: &mut Vec<&'a Handler>) {
        if let Content::Block(block) = self {
            block.handlers(out);
        }
    }

    fn inside<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Content::Block(block) => block.inside(out),
            Content::Inside(number) => out.push(number),
            Content::Plain => {}
        }
    }
}

impl Block {
    fn renumber<I: Iterator<Item = u64>>(&mut self, numbers: &mut I) -> Result<()> {
        for slot in &mut self.slots {
            match slot {
                Slot::Event(handler) => match numbers.next() {
                    Some(number) => handler.number = number,
                    None => violation!("there are fewer handler numbers than event slots"),
                },
                Slot::Node { content, .. } => content.renumber(numbers)?,
                Slot::List { rows, .. } => {
                    for row in rows {
                        row.block.renumber(numbers)?;
                    }
                }
                Slot::Attribute { .. } | Slot::Toggle { .. } | Slot::Text { .. } => {}
            }
        }
        Ok(())
    }

    fn handlers<'a>(&'a self, out: &mut Vec<&'a Handler>) {
        for slot in &self.slots {
            match slot {
                Slot::Event(handler) => out.push(handler),
                Slot::Node { content, .. } => content.handlers(out),
                Slot::List { rows, .. } => rows.iter().for_each(|row| row.block.handlers(out)),
                Slot::Attribute { .. } | Slot::Toggle { .. } | Slot::Text { .. } => {}
            }
        }
    }

    fn inside<'a>(&'a self, out: &mut Vec<&'a str>) {
        for slot in &self.slots {
            match slot {
                Slot::Node { content, .. } => content.inside(out),
                Slot::List { rows, .. } => rows.iter().for_each(|row| row.block.inside(out)),
                Slot::Event(_) | Slot::Attribute { .. } | Slot::Toggle { .. } | Slot::Text { .. } => {}
            }
        }
    }
}

impl Known {
    fn reach(&mut self, what: &'static str) {
        *self.reached.entry(what).or_default() += 1;
    }

    fn define(&mut self, number: usize, definition: &Value) -> Result<()> {
        let mut new = Definition::read(definition)?;
        ensure!(new.html.is_some(), "a template is defined without its literal HTML: {definition}");
        if definition[0] == 0 {
            let Some(known) = self.definitions.get(number) else { violation!("template {number} has no slots yet") };
            ensure!(known.html.is_none() || self.one_of_many, "template {number} is sent twice");
            ensure!(
                (known.namespace, known.single_root) == (new.namespace, new.single_root),
                "template {number} has other flags than before"
            );
            new.slots = known.slots.clone();
            self.reach("define html");
            self.definitions[number] = new;
        } else if self.one_of_many {
            // Other pages may have received it before, or may have one that this page never needs.
            self.definitions.resize(self.definitions.len().max(number + 1), Definition::unknown());
            self.definitions[number] = new;
            self.reach("define");
        } else {
            ensure!(number == self.definitions.len(), "template numbers are given out in order, not {number}");
            self.definitions.push(new);
            self.reach("define");
        }
        Ok(())
    }

    fn next_handler(&mut self) -> Result<u64> {
        if let Some(given) = &mut self.given_handlers {
            let Some(number) = given.next() else { violation!("there are fewer handler numbers than event slots") };
            return Ok(number);
        }
        self.next_handler += 1;
        Ok(self.next_handler - 1)
    }

    fn definition(&self, number: usize) -> Result<&Definition> {
        match self.definitions.get(number) {
            Some(definition) => Ok(definition),
            None => violation!("template {number} is unknown"),
        }
    }

    /// Returns the block of a template whose nodes are in the document.
    fn block(&mut self, dom: &mut Dom, number: usize, nodes: &[Id], source: &mut Source<'_>) -> Result<Block> {
        let slots = self.definition(number)?.slots.clone();
        let mut markers = slots.iter();
        let mut block = Block::default();
        self.walk(dom, nodes, &mut markers, source, &mut block)?;
        ensure!(markers.len() == 0, "template {number} has more slots than its markup has marks");
        if let Source::Values(values) = source {
            ensure!(values.len() == 0, "template {number} has fewer slots than there are values");
        }
        Ok(block)
    }

    fn walk(
        &mut self,
        dom: &mut Dom,
        nodes: &[Id],
        markers: &mut std::slice::Iter<'_, Marker>,
        source: &mut Source<'_>,
        block: &mut Block,
    ) -> Result<()> {
        let mut at = 0;
        while at < nodes.len() {
            let node = nodes[at];
            if let Some(descriptor) = dom.comment(node).and_then(|text| text.strip_prefix('[')).map(str::to_owned) {
                let Some(end) = closing(dom, &nodes[at..]) else {
                    // In a table without `tbody`, the parser has moved the rows and the end comment into one, which
                    // comes next.
                    ensure!(into_body(dom, &nodes[at..]), "a slot is not closed");
                    at += 1;
                    continue;
                };
                let Some(parent) = dom.parent(node) else { violation!("a slot is outside of the document") };
                let place = Place { parent, comments: Some((node, nodes[at + end])) };
                let slot = match markers.next() {
                    Some(Marker::Node) => self.node_slot(dom, place, &descriptor, source)?,
                    Some(Marker::List) => self.list_slot(dom, place, &descriptor, source)?,
                    other => violation!("{other:?} stands between comments"),
                };
                block.slots.push(slot);
                at += end + 1;
                continue;
            }
            if let Some(text) = dom.comment(node) {
                ensure!(text != "]" && text != "|", "<!--{text}--> is out of place");
            }
            let mut content = None;
            if let Some(descriptor) = dom.element_mut(node).and_then(|element| element.attributes.remove("data-l")) {
                let Some(Marker::Element(slots)) = markers.next() else {
                    violation!("an element is marked without slots")
                };
                for slot in slots {
                    ensure!(content.is_none(), "the content of an element is its last slot");
                    content = self.element_slot(dom, node, slot, source, block)?;
                }
                let place = Place { parent: node, comments: None };
                match content {
                    Some('*') => {
                        let slot = self.node_slot(dom, place, &descriptor, source)?;
                        block.slots.push(slot);
                    }
                    Some('#') => {
                        let slot = self.list_slot(dom, place, &descriptor, source)?;
                        block.slots.push(slot);
                    }
                    _ => ensure!(descriptor.is_empty(), "an element without a content slot has a descriptor"),
                }
            }
            if content.is_none() {
                let children = dom.children(node).to_vec();
                self.walk(dom, &children, markers, source, block)?;
            }
            at += 1;
        }
        Ok(())
    }

    /// Reads the slots of a marked element, and returns the sign of its content slot.
    fn element_slot(
        &mut self,
        dom: &mut Dom,
        element: Id,
        slot: &Value,
        source: &mut Source<'_>,
        block: &mut Block,
    ) -> Result<Option<char>> {
        if slot.is_array() || string(slot)?.starts_with('@') {
            self.handlers += 1;
            let (number, spec) = (self.next_handler()?, EventSpec::read(slot)?);
            block.slots.push(Slot::Event(Handler { number, element, spec, made: self.handlers }));
            return Ok(None);
        }
        let slot = string(slot)?;
        let rest = || slot[1..].to_owned();
        let sign = slot.chars().next().unwrap_or_default();
        let new = match sign {
            '*' | '#' => return Ok(Some(sign)),
            '$' => Slot::Text { element },
            '?' | '!' => Slot::Toggle { element, name: rest(), is_property: sign == '!' },
            '.' => Slot::Attribute { element, name: rest(), is_property: true },
            _ => Slot::Attribute { element, name: slot.into(), is_property: false },
        };
        if let Some(property) = new.property() {
            // The value of an option does not say whether it is selected.
            if dom.name(element) != "option" || property != "value" {
                let aspects = self.served.entry(element).or_default();
                if property == "checked" { aspects.checked = true } else { aspects.value = true }
            }
        }
        if let Source::Values(values) = source {
            set_scalar(dom, &new, next(values)?)?;
        }
        block.slots.push(new);
        Ok((sign == '$').then_some('$'))
    }

    fn node_slot(&mut self, dom: &mut Dom, place: Place, descriptor: &str, source: &mut Source<'_>) -> Result<Slot> {
        let content = match source {
            Source::Page if descriptor.is_empty() => Content::Plain,
            Source::Page => {
                if let Some(number) = descriptor.strip_prefix('@') {
                    self.arrived.push((number.into(), None, place));
                    return Ok(Slot::Node { place, content: Content::Inside(number.into()) });
                }
                let Ok(number) = descriptor.parse() else { violation!("{descriptor:?} describes no node") };
                let nodes = place.nodes(dom)?;
                Content::Block(self.block(dom, number, &nodes, &mut Source::Page)?)
            }
            Source::Values(values) => {
                ensure!(
                    place.nodes(dom)?.is_empty() && descriptor.is_empty(),
                    "the literal HTML has a slot that is not empty"
                );
                self.set(dom, place, next(values)?)?
            }
        };
        Ok(Slot::Node { place, content })
    }

    fn list_slot(
        &mut self,
        dom: &mut Dom,
        mut place: Place,
        descriptor: &str,
        source: &mut Source<'_>,
    ) -> Result<Slot> {
        let mut rows = Vec::new();
        match source {
            Source::Page => {
                if let Some(body) = made_body(dom, place, descriptor) {
                    place.parent = body;
                }
                let nodes = place.nodes(dom)?;
                let numbers = row_templates(descriptor, nodes.len())?;
                if descriptor.contains('x') {
                    self.reach("runs");
                }
                let mut rest = &nodes[..];
                for &number in &numbers {
                    if rest.is_empty() && !descriptor.contains('x') {
                        break;
                    }
                    let single_root = self.definition(number)?.single_root;
                    let Some(&start) = rest.first() else { violation!("a row of {descriptor:?} has no node") };
                    let own = if single_root {
                        ensure!(dom.element(start).is_some(), "a row is not an element");
                        1
                    } else {
                        ensure!(dom.comment(start) == Some("|"), "a row's start is not marked");
                        next_row(dom, rest)
                    };
                    let content = &rest[usize::from(!single_root)..own];
                    let block = self.block(dom, number, content, &mut Source::Page)?;
                    rows.push(Row { block, single_root, start });
                    rest = &rest[own..];
                }
                ensure!(rest.is_empty(), "there is more than the rows of {descriptor:?}");
            }
            Source::Values(values) => self.script(dom, place, &mut rows, array(next(values)?)?)?,
        }
        Ok(Slot::List { place, rows })
    }

    /// Fills a node slot.
    fn set(&mut self, dom: &mut Dom, place: Place, value: &Value) -> Result<Content> {
        for node in place.nodes(dom)? {
            dom.remove(node);
        }
        match value {
            Value::String(text) => {
                let text = dom.create(Kind::Text(text.clone()));
                place.append(dom, text);
                Ok(Content::Plain)
            }
            Value::Array(parts) => match &parts[..] {
                [Value::String(html)] => {
                    self.reach("raw");
                    place.append_html(dom, html);
                    Ok(Content::Plain)
                }
                [Value::Object(data), Value::String(html)] => {
                    let number = string(data.get("i").unwrap_or(&Value::Null))?.to_owned();
                    self.reach("inside");
                    place.append_html(dom, html);
                    self.arrived.push((number.clone(), Some(parts[0].clone()), place));
                    Ok(Content::Inside(number))
                }
                [number, values @ ..] => {
                    let number = unsigned(number)? as usize;
                    Ok(Content::Block(self.build(dom, number, values, place.parent, place.end())?.1))
                }
                [] => violation!("an empty array is no value of a node slot"),
            },
            value => {
                ensure!(*value == 0, "{value} is no value of a node slot");
                Ok(Content::Plain)
            }
        }
    }

    /// Builds a block of a template before a node. Returns its first node, too.
    fn build(
        &mut self,
        dom: &mut Dom,
        number: usize,
        values: &[Value],
        parent: Id,
        next: Option<Id>,
    ) -> Result<(Option<Id>, Block)> {
        let definition = self.definition(number)?;
        let namespace = definition.namespace;
        let Some(html) = definition.html.clone() else { violation!("template {number} has no literal HTML") };
        if namespace != Namespace::Html {
            self.reach("foreign");
        }
        let nodes = dom.parse(&html, namespace);
        for &node in &nodes {
            dom.insert(parent, node, next);
        }
        let first = nodes.first().copied();
        Ok((first, self.block(dom, number, &nodes, &mut Source::Values(values.iter()))?))
    }

    fn patch(&mut self, dom: &mut Dom, block: &mut Block, ops: &[Value]) -> Result<()> {
        ensure!(!ops.is_empty() && ops.len().is_multiple_of(2), "a patch has operations: {ops:?}");
        ops.chunks(2).try_for_each(|op| self.operation(dom, block, signed(&op[0])?, &op[1]))
    }

    fn operation(&mut self, dom: &mut Dom, block: &mut Block, op: i64, argument: &Value) -> Result<()> {
        let Some(slot) = block.slots.get_mut((op / 4) as usize) else { violation!("there is no slot for {op}") };
        match (op % 4, slot) {
            (0, Slot::Node { place, content }) => {
                self.reach("set node");
                *content = self.set(dom, *place, argument)?;
            }
            (0, Slot::Event(handler)) => {
                let new = EventSpec::read(argument)?;
                self.reach("set event");
                ensure!(new.event == handler.spec.event, "an event slot changes its type: {argument}");
                handler.spec = new;
            }
            (0, slot) => {
                self.reach("set scalar");
                set_scalar(dom, slot, argument)?;
                if slot.property().is_some() {
                    self.written.extend(slot.element());
                }
            }
            (1, Slot::Node { content: Content::Block(inner), .. }) => {
                self.reach("patch node");
                self.patch(dom, inner, array(argument)?)?;
            }
            (1, Slot::List { place, rows }) => {
                ensure!(!array(argument)?.is_empty(), "an empty script is sent");
                self.script(dom, *place, rows, array(argument)?)?;
            }
            (2, Slot::Node { place, content: Content::Plain }) => {
                self.reach("append");
                let nodes = place.nodes(dom)?;
                let [text] = nodes[..] else { violation!("text is appended to {} nodes", nodes.len()) };
                let Kind::Text(text) = dom.kind_mut(text) else { violation!("text is appended to something else") };
                text.push_str(string(argument)?);
            }
            (kind, slot) => violation!("operation {kind} does not fit {slot:?}"),
        }
        Ok(())
    }

    /// Applies a list script.
    fn script(&mut self, dom: &mut Dom, place: Place, rows: &mut Vec<Row>, steps: &[Value]) -> Result<()> {
        let mut taken: Vec<Option<(Row, Vec<Id>)>> = Vec::new();
        let mut old = Vec::new();
        let nodes = rows_nodes(dom, place, rows)?;
        let named = steps.iter().filter_map(|step| moved(step).transpose()).collect::<Result<Vec<_>>>()?;
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
            // Rows are inserted before the one at the cursor.
            let before = old.peek().map(|(_, nodes)| nodes[0]).or(place.end());
            if let Some(from) = moved(step)? {
                let Some((mut row, nodes)) = taken.get_mut(from).and_then(Option::take) else {
                    violation!("row {from} is not there to be moved")
                };
                nodes.iter().for_each(|&node| dom.insert(place.parent, node, before));
                self.reach("move");
                if let Value::Array(ops) = step {
                    self.reach("move and patch");
                    self.patch(dom, &mut row.block, &ops[1..])?;
                }
                rows.push(row);
                continue;
            }
            match step {
                Value::Number(_) => {
                    let count = signed(step)?;
                    ensure!(count != 0, "a step over no rows");
                    self.reach(if count > 0 { "keep" } else { "remove" });
                    for _ in 0..count.unsigned_abs() {
                        let Some((row, nodes)) = old.next() else { violation!("the cursor has left the list") };
                        if count > 0 {
                            rows.push(row);
                        } else {
                            nodes.iter().for_each(|&node| dom.remove(node));
                        }
                    }
                }
                Value::Object(insert) => {
                    let (1, Some((number, values))) = (insert.len(), insert.iter().next()) else {
                        violation!("rows of one template are inserted at a time: {step}")
                    };
                    self.reach("insert");
                    let Ok(number) = number.parse::<usize>() else { violation!("a template has a number: {step}") };
                    ensure!(!array(values)?.is_empty(), "an insertion of no rows");
                    for values in array(values)? {
                        let single_root = self.definition(number)?.single_root;
                        let mark = (!single_root).then(|| {
                            let mark = dom.create(Kind::Comment("|".into()));
                            dom.insert(place.parent, mark, before);
                            mark
                        });
                        let (first, block) = self.build(dom, number, array(values)?, place.parent, before)?;
                        let Some(start) = mark.or(first) else { violation!("a row of template {number} has no node") };
                        rows.push(Row { block, single_root, start });
                    }
                }
                Value::Array(ops) => {
                    let Some((mut row, _)) = old.next() else { violation!("the cursor has left the list") };
                    self.reach("patch row");
                    self.patch(dom, &mut row.block, ops)?;
                    rows.push(row);
                }
                step => violation!("there is no step {step}"),
            }
        }
        rows.extend(old.map(|(row, _)| row));
        Ok(())
    }
}

impl Slot {
    /// Returns the property of its element that the slot sets, if a person can change that.
    fn property(&self) -> Option<&str> {
        match self {
            Slot::Attribute { name, is_property: true, .. } | Slot::Toggle { name, is_property: true, .. } => {
                Some(name)
            }
            Slot::Text { .. } => Some("value"),
            _ => None,
        }
    }

    fn element(&self) -> Option<Id> {
        match self {
            Slot::Attribute { element, .. } | Slot::Toggle { element, .. } | Slot::Text { element } => Some(*element),
            _ => None,
        }
    }
}

impl Place {
    fn end(self) -> Option<Id> {
        self.comments.map(|(_, end)| end)
    }

    fn append(self, dom: &mut Dom, node: Id) {
        dom.insert(self.parent, node, self.end());
    }

    fn append_html(self, dom: &mut Dom, html: &str) {
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

fn set_scalar(dom: &mut Dom, slot: &Slot, value: &Value) -> Result<()> {
    match slot {
        Slot::Attribute { element, name, .. } => {
            let value = if *value == 0 { None } else { Some(string(value)?) };
            dom.set_attribute(*element, name, value);
        }
        Slot::Toggle { element, name, .. } => {
            ensure!(*value == 0 || *value == 1, "a toggle is 0 or 1, not {value}");
            dom.set_attribute(*element, name, (*value == 1).then_some(""));
        }
        Slot::Text { element } => {
            dom.set_text(*element, string(value)?);
        }
        slot => violation!("{slot:?} is not set to {value}"),
    }
    Ok(())
}

/// Returns the row that a step moves.
fn moved(step: &Value) -> Result<Option<usize>> {
    let from = match step {
        Value::String(from) => Some(from.as_str()),
        Value::Array(ops) => ops.first().and_then(Value::as_str),
        _ => None,
    };
    match from.map(str::parse) {
        None => Ok(None),
        Some(Ok(from)) => Ok(Some(from)),
        Some(Err(_)) => violation!("{step} does not name a row"),
    }
}

/// Returns the nodes of each row.
fn rows_nodes(dom: &Dom, place: Place, rows: &[Row]) -> Result<Vec<Vec<Id>>> {
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
fn row_templates(descriptor: &str, most: usize) -> Result<Vec<usize>> {
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
fn closing(dom: &Dom, siblings: &[Id]) -> Option<usize> {
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

/// Moves the comments at the beginning of these siblings into the `tbody` after them, if there is one.
fn into_body(dom: &mut Dom, siblings: &[Id]) -> bool {
    let comments: Vec<Id> = siblings.iter().copied().take_while(|&node| dom.comment(node).is_some()).collect();
    let Some(&body) = siblings.get(comments.len()).filter(|&&node| dom.name(node) == "tbody") else { return false };
    let first = dom.children(body).first().copied();
    comments.iter().for_each(|&comment| dom.insert(body, comment, first));
    true
}

/// The `tbody` that only the parser makes, without attributes, where rows stand in a table that is a list.
fn made_body(dom: &mut Dom, place: Place, descriptor: &str) -> Option<Id> {
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

fn next<'v>(values: &mut std::slice::Iter<'v, Value>) -> Result<&'v Value> {
    match values.next() {
        Some(value) => Ok(value),
        None => violation!("there are fewer values than slots"),
    }
}
