//! Optimistic updates: what the answer to an event will probably be, shown from the event until its answer.
//!
//! All of them are undone before a frame is applied, and those that are not answered are shown again after it.

use std::collections::BTreeMap;

use super::Page;
use super::kept::{State, Value, changes};
use crate::commands::{Command, Place, Text};
use crate::dom::{Dom, Element, Id, Kind};
use crate::edits::Of;
use crate::event::Event;
use crate::form;

const MARK: &str = "data-lanai-optimistic";

/// Pending events, and how to undo what is shown for them.
#[derive(Debug, Default)]
pub(super) struct Advances {
    pending: Vec<Advance>,
    undos: Vec<Undo>,
}

/// A pending event, and what is shown until it is answered.
#[derive(Debug, Clone)]
struct Advance {
    of: Of,
    event: u64,
    owner: Id,
    commands: Vec<Command>,
    /// What was typed, by field. The control of the event has the empty name.
    typed: BTreeMap<String, String>,
}

/// How to undo one change.
#[derive(Debug)]
enum Undo {
    State { state: State, before: Value, after: Value },
    Children { element: Id, before: Vec<Id> },
    Checked { element: Id, before: Option<bool>, after: bool },
    Moved { element: Id, place: Id },
    Inserted { nodes: Vec<Id> },
    Marked { element: Id },
}

impl Page {
    /// Shows what the answer to an event will probably be.
    pub(super) fn show_in_advance(&mut self, of: &Of, number: u64, owner: Id, commands: Vec<Command>, event: &Event) {
        let advance = Advance { of: of.clone(), event: number, owner, commands, typed: self.typed(owner, event) };
        self.show_advance(&advance);
        self.advances.pending.push(advance);
    }

    /// Whether something is shown in advance.
    #[must_use]
    pub fn is_in_advance(&self) -> bool {
        !self.advances.pending.is_empty()
    }

    /// Undoes all that is shown in advance.
    pub(super) fn undo_advances(&mut self) {
        while let Some(undo) = self.advances.undos.pop() {
            self.undo(undo);
        }
    }

    /// Shows again what `is_pending` accepts, and forgets the rest.
    pub(super) fn redo_advances(&mut self, is_pending: impl Fn(&Of, u64) -> bool) {
        self.advances.pending.retain(|advance| is_pending(&advance.of, advance.event));
        for advance in self.advances.pending.clone() {
            self.show_advance(&advance);
        }
    }

    fn typed(&self, owner: Id, event: &Event) -> BTreeMap<String, String> {
        let dom = &self.dom;
        let control = [event.target, owner].into_iter().find(|&id| form::is_control(dom, id));
        let form = form::form_of(dom, owner).or_else(|| form::form_of(dom, control.unwrap_or(owner)));
        let fields = form.map(|form| form::fields(dom, form, event.submitter)).unwrap_or_default();
        let mut typed: BTreeMap<String, String> = fields.into_iter().collect();
        typed.extend(control.map(|control| (String::new(), form::value(dom, control))));
        typed
    }

    fn show_advance(&mut self, advance: &Advance) {
        for command in &advance.commands {
            for element in self.targets(command, advance.owner) {
                self.show_command(element, command, advance);
            }
        }
    }

    fn targets(&self, command: &Command, owner: Id) -> Vec<Id> {
        match command {
            Command::Show(target, _)
            | Command::Hide(target, _)
            | Command::Toggle(target, _)
            | Command::Class(target, ..)
            | Command::Attribute(target, ..)
            | Command::Flip(target, ..)
            | Command::Remove(target)
            | Command::Text(target, _)
            | Command::Check(target, _)
            | Command::Move(target, _)
            | Command::Insert(target, ..) => target.elements(&self.dom, self.document, Some(owner), self.focus),
            _ => Vec::new(),
        }
    }

    fn show_command(&mut self, element: Id, command: &Command, advance: &Advance) {
        if let Command::Insert(_, template, at_end) = command {
            return self.insert_in_advance(element, template, *at_end, &advance.typed);
        }
        if !self.dom.has_attribute(element, MARK) {
            self.dom.set_attribute(element, MARK, Some(""));
            self.advances.undos.push(Undo::Marked { element });
        }
        match command {
            Command::Text(_, text) => {
                let text = match text {
                    Text::Plain(text) => text.clone(),
                    Text::Typed(field) => advance.typed.get(field).cloned().unwrap_or_default(),
                };
                let before = self.dom.children(element).to_vec();
                self.dom.set_text(element, &text);
                self.advances.undos.push(Undo::Children { element, before });
            }
            Command::Check(_, switch) => {
                let before = self.dom.element(element).and_then(|element| element.checked);
                let after = switch.of(form::is_checked(&self.dom, element));
                self.set_raw_checked(element, Some(after));
                self.advances.undos.push(Undo::Checked { element, before, after });
            }
            Command::Move(_, place) => self.move_in_advance(element, place, advance.owner),
            command => {
                for (state, after) in changes(&self.dom, element, command) {
                    let before = state.read(&self.dom);
                    state.write(&mut self.dom, after.as_deref());
                    self.advances.undos.push(Undo::State { state, before, after });
                }
            }
        }
    }

    fn move_in_advance(&mut self, element: Id, place: &Place, owner: Id) {
        let dom = &self.dom;
        let Some(parent) = dom.parent(element) else { return };
        let siblings: Vec<Id> = dom.children(parent).iter().copied().filter(|&id| dom.element(id).is_some()).collect();
        let at = siblings.iter().position(|&id| id == element);
        let reference = match place {
            Place::Up => at.and_then(|at| at.checked_sub(1)).map(|at| siblings[at]),
            Place::Down => at.and_then(|at| siblings.get(at + 1)).copied(),
            Place::Before(target) | Place::After(target) | Place::Into(target) => {
                target.elements(dom, self.document, Some(owner), self.focus).first().copied()
            }
        };
        let Some(reference) = reference.filter(|&reference| !dom.contains(element, reference)) else { return };
        let mark = self.dom.create(Kind::Comment(String::new()));
        self.dom.insert(parent, mark, Some(element));
        match place {
            Place::Into(_) => self.dom.insert(reference, element, None),
            Place::Up | Place::Before(_) => {
                if let Some(parent) = self.dom.parent(reference) {
                    self.dom.insert(parent, element, Some(reference));
                }
            }
            Place::Down | Place::After(_) => {
                if let Some(parent) = self.dom.parent(reference) {
                    let siblings = self.dom.children(parent);
                    let at = siblings.iter().position(|&id| id == reference);
                    let next = at.and_then(|at| siblings.get(at + 1)).copied().filter(|&next| next != element);
                    self.dom.insert(parent, element, next);
                }
            }
        }
        self.advances.undos.push(Undo::Moved { element, place: mark });
    }

    fn insert_in_advance(&mut self, into: Id, template: &str, at_end: bool, typed: &BTreeMap<String, String>) {
        let Some(content) = self.find(template).and_then(|id| self.dom.element(id)?.content) else { return };
        let nodes: Vec<Id> =
            self.dom.children(content).to_vec().into_iter().filter(|&id| self.dom.element(id).is_some()).collect();
        let copies: Vec<Id> = nodes.into_iter().map(|node| copy(&mut self.dom, node)).collect();
        let before = self.dom.children(into).first().copied().filter(|_| !at_end);
        for &node in &copies {
            for element in std::iter::once(node).chain(self.dom.elements(node)).collect::<Vec<_>>() {
                if let Some(field) = self.dom.attribute(element, "data-lanai-value").map(str::to_owned) {
                    self.dom.set_text(element, typed.get(&field).map(String::as_str).unwrap_or_default());
                }
            }
            self.dom.set_attribute(node, MARK, Some(""));
            self.dom.insert(into, node, before);
        }
        self.advances.undos.push(Undo::Inserted { nodes: copies });
    }

    fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::State { state, before, after } => {
                // Meanwhile, a command may have changed it.
                if state.read(&self.dom) == after {
                    state.write(&mut self.dom, before.as_deref());
                }
            }
            Undo::Children { element, before } => {
                self.dom.set_text(element, "");
                for node in before {
                    self.dom.insert(element, node, None);
                }
            }
            Undo::Checked { element, before, after } => {
                // Meanwhile, the person may have clicked it.
                if form::is_checked(&self.dom, element) == after {
                    self.set_raw_checked(element, before);
                }
            }
            Undo::Moved { element, place } => {
                match self.dom.parent(place) {
                    Some(parent) => self.dom.insert(parent, element, Some(place)),
                    None => self.dom.remove(element),
                }
                self.dom.remove(place);
            }
            Undo::Inserted { nodes } => nodes.into_iter().for_each(|node| self.dom.remove(node)),
            Undo::Marked { element } => self.dom.set_attribute(element, MARK, None),
        }
    }

    fn set_raw_checked(&mut self, element: Id, checked: Option<bool>) {
        if let Some(element) = self.dom.element_mut(element) {
            element.checked = checked;
        }
    }
}

/// Returns a copy of a node and what is in it.
fn copy(dom: &mut Dom, node: Id) -> Id {
    let kind = match dom.kind(node) {
        Kind::Element(element) => Kind::Element(Element { content: None, ..element.clone() }),
        kind => kind.clone(),
    };
    let copied = dom.create(kind);
    for child in dom.children(node).to_vec() {
        let child = copy(dom, child);
        dom.insert(copied, child, None);
    }
    copied
}
