//! Random renderings of random templates, and random changes to them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lanai_core::protocol::{EventOptions, EventSpec};
use lanai_core::{FrozenHtml, StreamedText, Tape};

use super::Choices;
use super::schema::{Schema, SlotSchema};

/// The value of a slot.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Nothing,
    Text(String),
    /// A text that grows, with a number that tells it from others: it is equal to itself only.
    Streamed(u64, StreamedText),
    Raw(&'static str),
    Frozen(&'static str),
    Toggle(bool),
    /// A handler's specification, or none.
    Event(Option<EventSpec>),
    Instance(Instance),
    Rows(Vec<(u64, Instance)>),
}

/// An instance of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    pub block: usize,
    pub values: Vec<Value>,
}

const TEXTS: &[&str] = &[
    "a",
    "",
    "Tom & Jerry",
    "<b>no tag</b>",
    "\"double\" 'single'",
    "\nleading newline",
    "two\nlines",
    "cr\ralone, cr\r\nlf\r\n",
    "日本語 ü",
    "😀",
    "-->",
    "<!--]-->",
    "</textarea></title>",
    "&amp;",
    "\n",
    "\r\n",
    " \t ",
    "\u{2028}\\u003c\u{7f}",
    "3",
    "nul\0",
];
/// The payload of an event, and its options.
const SPECS: &[fn() -> EventSpec] = &[
    || EventSpec::send(""),
    || EventSpec::send("v"),
    || {
        let options = EventOptions { debounce: Some(Duration::from_millis(300)), ..EventOptions::default() };
        EventSpec::send("v").with(options)
    },
    || EventSpec::send("key,shiftKey"),
    || {
        let options = EventOptions { keys: vec!["Enter".into(), "|".into()], ..EventOptions::default() };
        EventSpec::send("").with(options)
    },
    || EventSpec::send("f"),
    || EventSpec::send("c").with(EventOptions { once: true, prevent: true, ..EventOptions::default() }),
];
const DEEPEST: usize = 6;

/// A random rendering.
pub fn random(schema: &Schema, choices: &mut Choices) -> Option<Instance> {
    let root = choices.below(schema.roots.len() * 8 + 1);
    (root < schema.roots.len() * 8).then(|| instance(schema, choices, schema.roots[root / 8], 0))
}

fn instance(schema: &Schema, choices: &mut Choices, block: usize, depth: usize) -> Instance {
    let values = schema.blocks[block].slots.iter().map(|slot| value(schema, choices, slot, depth)).collect();
    Instance { block, values }
}

fn value(schema: &Schema, choices: &mut Choices, slot: &SlotSchema, depth: usize) -> Value {
    match slot {
        SlotSchema::Node { context, blocks } => {
            if !blocks.is_empty() && depth < DEEPEST && choices.below(3) != 0 {
                let block = choices.pick(blocks);
                return Value::Instance(instance(schema, choices, block, depth + 1));
            }
            match choices.below(8) {
                0..=2 if context.has_text() => Value::Text(choices.pick(TEXTS).into()),
                3 => Value::Raw(choices.pick(context.raw())),
                5 => Value::Frozen(choices.pick(context.raw())),
                6 | 7 if context.has_text() => streamed(choices.pick(TEXTS)),
                _ => Value::Nothing,
            }
        }
        SlotSchema::List { keyed, blocks } => {
            let count = if blocks.is_empty() || depth >= DEEPEST { 0 } else { choices.below(6) };
            let rows = (0..count as u64).map(|key| {
                let key = if *keyed { key } else { 0 };
                (key, row(schema, choices, blocks, depth))
            });
            Value::Rows(rows.collect())
        }
        SlotSchema::Text => Value::Text(choices.pick(TEXTS).into()),
        SlotSchema::Attribute if choices.one_in(3) => Value::Nothing,
        SlotSchema::Attribute => Value::Text(choices.pick(TEXTS).into()),
        SlotSchema::Toggle => Value::Toggle(choices.below(2) == 1),
        SlotSchema::Event => Value::Event((!choices.one_in(8)).then(|| choices.pick(SPECS)())),
    }
}

fn streamed(text: &str) -> Value {
    Value::Streamed(next_streamed(), text.into())
}

fn next_streamed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn row(schema: &Schema, choices: &mut Choices, blocks: &[usize], depth: usize) -> Instance {
    let block = choices.pick(blocks);
    instance(schema, choices, block, depth + 1)
}

/// Creates the next rendering: with a few changes, with none, or a different one.
pub fn change(schema: &Schema, choices: &mut Choices, view: &mut Option<Instance>) {
    match view {
        Some(root) if choices.below(20) != 19 => {
            for _ in 0..choices.below(6) {
                change_instance(schema, choices, root, 0);
            }
        }
        view => *view = random(schema, choices),
    }
}

fn change_instance(schema: &Schema, choices: &mut Choices, target: &mut Instance, depth: usize) {
    let slots = &schema.blocks[target.block].slots;
    if slots.is_empty() {
        return;
    }
    let at = choices.below(slots.len());
    let slot = &slots[at];
    match (&mut target.values[at], slot) {
        (Value::Instance(inner), _) if choices.below(4) != 3 => change_instance(schema, choices, inner, depth + 1),
        (Value::Rows(rows), SlotSchema::List { keyed, blocks }) => {
            for _ in 0..=choices.below(3) {
                change_rows(schema, choices, rows, *keyed, blocks, depth);
            }
        }
        (Value::Text(text), SlotSchema::Node { .. } | SlotSchema::Text) if choices.below(2) == 1 => {
            text.push_str(choices.pick(TEXTS));
        }
        (Value::Streamed(number, text), SlotSchema::Node { .. }) if choices.below(4) != 3 => match choices.below(8) {
            0 => {
                text.clear();
                *number = next_streamed();
            }
            // The clone that grows second gets a copy.
            1 => text.clone().push_str(choices.pick(TEXTS)),
            _ => text.push_str(choices.pick(TEXTS)),
        },
        (old, slot) => *old = value(schema, choices, slot, depth),
    }
}

fn change_rows(
    schema: &Schema,
    choices: &mut Choices,
    rows: &mut Vec<(u64, Instance)>,
    keyed: bool,
    blocks: &[usize],
    depth: usize,
) {
    if blocks.is_empty() || depth >= DEEPEST {
        return;
    }
    let length = rows.len();
    let next_key = rows.iter().map(|(key, _)| key + 1).max().unwrap_or(0);
    match choices.below(11) {
        0 | 1 => {
            let at = choices.below(length + 1);
            rows.insert(at, (if keyed { next_key } else { 0 }, row(schema, choices, blocks, depth)));
        }
        2 if length > 0 => {
            rows.remove(choices.below(length));
        }
        3 if length > 0 => {
            let moved = rows.remove(choices.below(length));
            rows.insert(choices.below(length), moved);
        }
        4 if length > 0 => {
            let (one, other) = (choices.below(length), choices.below(length));
            rows.swap(one, other);
        }
        5 if length > 0 => {
            // A duplicate key.
            let twin = rows[choices.below(length)].clone();
            rows.insert(choices.below(length + 1), twin);
        }
        6 => rows.reverse(),
        7 if length > 0 => {
            for at in (1..length).rev() {
                rows.swap(at, choices.below(at + 1));
            }
        }
        8 => rows.truncate(choices.below(length + 1)),
        _ if length > 0 => {
            let at = choices.below(length);
            change_instance(schema, choices, &mut rows[at].1, depth + 1);
        }
        _ => {}
    }
}

/// Writes the rendering onto a tape. Handlers are numbered in document order.
pub fn tape(schema: &Schema, view: Option<&Instance>) -> Tape<usize> {
    let mut tape = Tape::new();
    let mut handlers = 0;
    if let Some(root) = view {
        write(schema, root, &mut tape, &mut handlers);
    }
    tape
}

fn write(schema: &Schema, instance: &Instance, tape: &mut Tape<usize>, handlers: &mut usize) {
    let block = &schema.blocks[instance.block];
    tape.open(block.template);
    for (slot, value) in block.slots.iter().zip(&instance.values) {
        match (slot, value) {
            (SlotSchema::Node { .. }, Value::Nothing) => tape.nothing(),
            (SlotSchema::Node { .. }, Value::Text(text)) => tape.text(text),
            (SlotSchema::Node { .. }, Value::Streamed(_, text)) => tape.streamed(text),
            (SlotSchema::Text | SlotSchema::Attribute, Value::Text(text)) => {
                tape.begin_value();
                tape.value_text(text);
                tape.end_value();
            }
            (SlotSchema::Attribute, Value::Nothing) => tape.no_value(),
            (_, Value::Raw(html)) => tape.raw(|out| out.push_str(html)),
            (_, Value::Frozen(html)) => tape.frozen(&FrozenHtml::new((*html).into())),
            (_, Value::Toggle(on)) => tape.toggle(*on),
            (_, Value::Event(spec)) => {
                match spec {
                    Some(spec) => tape.event(*handlers, spec.clone()),
                    None => tape.no_event(),
                }
                *handlers += 1;
            }
            (_, Value::Instance(inner)) if inner.values.len() % 2 == 1 => {
                // Parts of a view are separate renderings.
                let mut part = Tape::new();
                write(schema, inner, &mut part, handlers);
                tape.splice(&part);
            }
            (_, Value::Instance(inner)) => write(schema, inner, tape, handlers),
            (SlotSchema::List { keyed, .. }, Value::Rows(rows)) => {
                tape.begin_list(*keyed);
                for (key, row) in rows {
                    tape.row(*key);
                    write(schema, row, tape, handlers);
                }
                tape.end_list();
            }
            (slot, value) => unreachable!("{value:?} in {slot:?}"),
        }
    }
    tape.close();
}
