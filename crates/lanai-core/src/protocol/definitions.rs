//! The templates that a page knows, and their numbers.
//!
//! A page receives a template's slots when it first needs it, but its literal HTML only when the client has to build
//! the template: what was part of the first HTML is not sent again. The events' payloads are part of a definition, so a
//! template whose event slots need other payloads gets another number.

use std::sync::Arc;

use super::{EventSpec, Frame, Op, Parts, json, markers};
use crate::hash::Hasher;
use crate::tape::{Entry, Tape};
use crate::template::{AttributeKind, Namespace, Part, Position, Slot, Template};

/// The templates that one page knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Definitions {
    known: Vec<Known>,
    /// Whether definitions are stored in their written form, for pages that come later.
    for_many: bool,
}

#[derive(Debug, Clone)]
struct Known {
    template: &'static Template,
    /// The hash of its events' payloads and modifiers.
    specs: u64,
    /// Whether the page has the literal HTML.
    html: bool,
    /// Whether all pages have received it. (If a view has many pages, one page may need a template in another form.)
    told: bool,
    /// The slots in their written form, for pages that come later.
    slots: Option<Arc<[u8]>>,
}

impl Definitions {
    pub(crate) fn for_many() -> Self {
        Self { known: Vec::new(), for_many: true }
    }

    /// Returns an empty value of the same kind.
    pub(crate) fn emptied(&self) -> Self {
        Self { known: Vec::new(), for_many: self.for_many }
    }

    /// Returns all definitions as the array of a data block, with the literal HTML that pages have so far, since a page
    /// that comes later does not receive it again.
    pub(crate) fn to_array(&self) -> String {
        let mut out = vec![b'['];
        for known in &self.known {
            let slots = known.slots.as_deref().expect("a view with many pages remembers its definitions");
            out.push(b'[');
            out.extend_from_slice(slots);
            match (known.html, flags(known.template)) {
                (false, 0) => {}
                (false, flags) => {
                    out.extend_from_slice(b",0,");
                    json::number(&mut out, flags);
                }
                (true, flags) => {
                    out.push(b',');
                    json::string(&mut out, &markup(known.template));
                    if flags != 0 {
                        out.push(b',');
                        json::number(&mut out, flags);
                    }
                }
            }
            out.extend_from_slice(b"],");
        }
        json::close(&mut out, b']');
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    /// Writes the definitions that a page lacks which knows those of `before`, an earlier state.
    pub(crate) fn since(&self, before: &Self, frame: &mut Frame) {
        for (number, known) in self.known.iter().enumerate() {
            let had = before.known.get(number).filter(|had| had.told);
            if !known.told || had.is_some_and(|had| had.html || !known.html) {
                continue;
            }
            let slots = known.slots.as_deref().expect("a view with many pages remembers its definitions");
            define(frame, number as u32, had.is_none().then_some(slots), known.template);
        }
    }

    /// Adopts the numbers of additional templates in `other`, which only one page has received.
    pub(crate) fn adopt(&mut self, other: Self) {
        let more = other.known.into_iter().skip(self.known.len());
        self.known.extend(more.map(|known| Known { html: false, told: false, ..known }));
    }

    /// Returns the number of the template opened at `at`, for HTML that the page receives as a whole. The slots of a
    /// new template are written to `out` as the next element of an array.
    pub(crate) fn for_html<H>(&mut self, tape: &Tape<H>, at: usize, hasher: &Hasher, out: &mut Vec<u8>) -> u32 {
        let (template, specs) = identity(tape, at, hasher);
        if let Some(number) = self.find(template, specs) {
            return number;
        }
        out.push(b'[');
        let start = out.len();
        slots(tape, at, out);
        let kept = self.for_many.then(|| out[start..].into());
        if flags(template) != 0 {
            out.extend_from_slice(b",0,");
            json::number(out, flags(template));
        }
        out.extend_from_slice(b"],");
        self.add(template, specs, kept)
    }

    /// Returns the number of the template opened at `at`, for a page that has to build it. The frame defines what the
    /// page lacks.
    pub(crate) fn for_patch<H>(&mut self, tape: &Tape<H>, at: usize, hasher: &Hasher, frame: &mut Frame) -> u32 {
        let (template, specs) = identity(tape, at, hasher);
        if let Some(number) = self.find(template, specs) {
            let known = &mut self.known[number as usize];
            if !known.html || !known.told {
                let slots = known.slots.clone().filter(|_| !known.told);
                (known.html, known.told) = (true, true);
                define(frame, number, slots.as_deref(), template);
            }
            return number;
        }
        let mut written = Vec::new();
        slots(tape, at, &mut written);
        let number = self.add(template, specs, self.for_many.then(|| written[..].into()));
        self.known[number as usize].html = true;
        define(frame, number, Some(&written), template);
        number
    }

    fn find(&self, template: &'static Template, specs: u64) -> Option<u32> {
        let same = |known: &Known| std::ptr::eq(known.template, template) && known.specs == specs;
        // Rows with one template often follow each other, so the latest template is the most likely.
        self.known.iter().rposition(same).map(|at| at as u32)
    }

    fn add(&mut self, template: &'static Template, specs: u64, slots: Option<Arc<[u8]>>) -> u32 {
        self.known.push(Known { template, specs, html: false, told: true, slots });
        self.known.len() as u32 - 1
    }
}

/// Writes `-1,[number,definition],` with the literal HTML, and with the slots if the page lacks them.
fn define(frame: &mut Frame, number: u32, slots: Option<&[u8]>, template: &Template) {
    frame.need(Parts::of_template(template));
    let out = frame.definitions();
    json::number(out, Op::Define.code());
    out.extend_from_slice(b",[");
    json::number(out, number);
    out.extend_from_slice(b",[");
    out.extend_from_slice(slots.unwrap_or(b"0"));
    out.push(b',');
    json::string(out, &markup(template));
    if flags(template) != 0 {
        out.push(b',');
        json::number(out, flags(template));
    }
    out.extend_from_slice(b"]],");
}

/// Returns the template opened at `at`, and the hash of its events' payloads and modifiers.
fn identity<H>(tape: &Tape<H>, at: usize, hasher: &Hasher) -> (&'static Template, u64) {
    let Entry::Open { template, .. } = tape.entries[at] else { unreachable!("a template is opened here") };
    let mut specs = 0;
    for_each_event(tape, template, at, |_, spec| specs = hasher.combine_spec(specs, spec));
    (template, specs)
}

/// Calls `each` with the event slots of the template opened at `at`, but not with those of nested templates.
fn for_each_event<'t, H>(
    tape: &'t Tape<H>,
    template: &'static Template,
    at: usize,
    mut each: impl FnMut(&'static str, &'t EventSpec),
) {
    let mut at = at + 1;
    for part in template.parts {
        let Part::Slot(slot) = part else { continue };
        match (slot, tape.entries[at]) {
            (_, Entry::Open { end, .. } | Entry::List { end, .. } | Entry::LiveList { end, .. }) => at = end as usize,
            (Slot::Event { name }, Entry::Event { index }) => {
                each(name, &tape.events[index as usize].spec);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

fn flags(template: &Template) -> u32 {
    let namespace = match template.namespace {
        Namespace::Html => 0,
        Namespace::Svg => 1,
        Namespace::MathMl => 2,
    };
    namespace | if template.single_root { 0 } else { 4 }
}

/// Returns the literal HTML with markers, without values.
fn markup(template: &Template) -> String {
    let mut html = String::new();
    for part in template.parts {
        match part {
            Part::Static(literal) => html.push_str(literal),
            Part::Mark => html.push_str(markers::ELEMENT),
            Part::Slot(Slot::Node(Position::Between) | Slot::List(Position::Between)) => {
                html.push_str(markers::SLOT_START);
                html.push_str(markers::SLOT_STARTED);
                html.push_str(markers::SLOT_END);
            }
            Part::Slot(_) => {}
        }
    }
    html
}

/// Writes the slots in document order, elements as arrays.
fn slots<H>(tape: &Tape<H>, at: usize, out: &mut Vec<u8>) {
    let Entry::Open { template, .. } = tape.entries[at] else { unreachable!("a template is opened here") };
    let mut events = Vec::new();
    for_each_event(tape, template, at, |name, spec| events.push((name, spec)));
    let mut events = events.into_iter();

    out.push(b'[');
    // The slots of the element whose mark comes next, each followed by a comma.
    let mut element = Vec::new();
    for (index, part) in template.parts.iter().enumerate() {
        match part {
            Part::Static(_) => {}
            Part::Mark => {
                // The `>` and the content follow the mark.
                match template.parts.get(index + 2) {
                    Some(Part::Slot(Slot::Node(Position::Only))) => element.extend_from_slice(br#""*","#),
                    Some(Part::Slot(Slot::List(Position::Only))) => element.extend_from_slice(br##""#","##),
                    Some(Part::Slot(Slot::Text)) => element.extend_from_slice(br#""$","#),
                    _ => {}
                }
                out.push(b'[');
                out.append(&mut element);
                json::close(out, b']');
                out.push(b',');
            }
            Part::Slot(slot) => match slot {
                Slot::Node(Position::Between) => out.extend_from_slice(b"0,"),
                Slot::List(Position::Between) => out.extend_from_slice(b"1,"),
                // Written together with the mark of their element.
                Slot::Node(Position::Only) | Slot::List(Position::Only) | Slot::Text => {}
                Slot::Attribute { name, kind } => {
                    let sign = if *kind == AttributeKind::Property { "." } else { "" };
                    attribute(&mut element, sign, kind.name_on_page(name));
                }
                Slot::Toggle { name, property } => attribute(&mut element, if *property { "!" } else { "?" }, name),
                Slot::Event { .. } => {
                    let (name, spec) = events.next().expect("each event slot was visited");
                    spec.write(name, &mut element);
                    element.push(b',');
                }
            },
        }
    }
    debug_assert!(element.is_empty(), "an element with slots has a mark");
    json::close(out, b']');
}

/// Writes the slot of an attribute: a sign for its kind, and its name.
fn attribute(element: &mut Vec<u8>, sign: &str, name: &str) {
    json::string(element, &format!("{sign}{name}"));
    element.push(b',');
}
