//! A mounted view as its page knows it: its slots, the positions of their content in the document, and the frames that
//! change it.

mod known;
mod place;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::dom::{Dom, Id};
use crate::wire::{Boot, EventSpec, Result, array, ensure, signed, unsigned, violation};

use known::{Known, Source};

pub use place::Place;

/// A mounted view.
#[derive(Debug)]
pub struct Instance {
    /// The position of the view.
    live: Place,
    view: Content,
    known: Known,
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

#[derive(Debug)]
struct Row {
    block: Block,
    single_root: bool,
    start: Id,
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
    #[must_use]
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
                -14 => {
                    let parts = unsigned(argument)?;
                    ensure!(parts != 0 && parts & !(127 | 512) == 0, "there are no such parts: {argument}");
                }
                -20 | -18..=-15 | -13..=-2 => effects.push((op, argument.clone())),
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
    #[must_use]
    pub fn handlers(&self) -> Vec<&Handler> {
        let mut out = Vec::new();
        self.view.handlers(&mut out);
        out
    }

    /// Returns the inner views that are on the page now, by number.
    #[must_use]
    pub fn inside(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.view.inside(&mut out);
        out
    }

    /// Returns how often each kind of operation, step and value has occurred.
    #[must_use]
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

    /// Takes the attributes that the server has written since the last call.
    pub(crate) fn attributes(&mut self) -> Vec<(Id, String)> {
        std::mem::take(&mut self.known.attributes)
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
