//! Templates in use: finding their slots in a document, building them, and changing them.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::place::{Place, closing, into_body, made_body, next_row, row_templates, rows_nodes};
use super::{Aspects, Block, Content, Handler, Row, Slot};
use crate::dom::{Dom, Id, Kind, Namespace};
use crate::wire::{Definition, EventSpec, Marker, Result, array, ensure, signed, string, unsigned, violation};

/// The source of the slots' content: the page, or the values of a frame.
pub(super) enum Source<'v> {
    Page,
    Values(std::slice::Iter<'v, Value>),
}

/// What a page knows about an instance, apart from its document.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) definitions: Vec<Definition>,
    pub(super) next_handler: u64,
    /// The numbers of the first page's handlers, unless they are counted.
    pub(super) given_handlers: Option<std::vec::IntoIter<u64>>,
    /// Whether the view may have other pages. Then this page may receive again what it already knows, since others may
    /// not know it.
    pub(super) one_of_many: bool,
    /// The number of applied frames, according to the last sync.
    pub(super) synced: Option<u64>,
    /// The number of handlers created so far. (A sync changes their numbers.)
    pub(super) handlers: u64,
    /// New inner views on the page, with their data and their positions.
    pub(super) arrived: Vec<(String, Option<Value>, Place)>,
    /// The properties of controls and options that the view controls.
    pub(super) served: HashMap<Id, Aspects>,
    /// Controls and options for which the server has set an attribute.
    pub(super) written: Vec<Id>,
    /// Attributes that the server has written.
    pub(super) attributes: Vec<(Id, String)>,
    /// How often each kind of operation and step has occurred.
    pub(super) reached: BTreeMap<&'static str, usize>,
}

impl Known {
    pub(super) fn reach(&mut self, what: &'static str) {
        *self.reached.entry(what).or_default() += 1;
    }

    pub(super) fn define(&mut self, number: usize, definition: &Value) -> Result<()> {
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
    pub(super) fn block(
        &mut self,
        dom: &mut Dom,
        number: usize,
        nodes: &[Id],
        source: &mut Source<'_>,
    ) -> Result<Block> {
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
    pub(super) fn set(&mut self, dom: &mut Dom, place: Place, value: &Value) -> Result<Content> {
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

    pub(super) fn operation(&mut self, dom: &mut Dom, block: &mut Block, op: i64, argument: &Value) -> Result<()> {
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
                if let Slot::Attribute { element, name, .. } | Slot::Toggle { element, name, .. } = slot {
                    self.attributes.push((*element, name.clone()));
                }
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

fn next<'v>(values: &mut std::slice::Iter<'v, Value>) -> Result<&'v Value> {
    match values.next() {
        Some(value) => Ok(value),
        None => violation!("there are fewer values than slots"),
    }
}
