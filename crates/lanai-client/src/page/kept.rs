//! What commands have changed: kept when patches come, until another command undoes it, the server renders the same, or
//! the element goes.

use std::collections::BTreeMap;

use super::Page;
use crate::commands::{Command, Switch};
use crate::dom::{Dom, Id};

/// A state of an element: an attribute, or one class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    pub(super) element: Id,
    pub(super) attribute: String,
    pub(super) class: Option<String>,
}

/// The value of a state: `None` if the attribute or the class is absent.
pub(super) type Value = Option<String>;

/// The states that are kept: what the command has set, and what the server has rendered.
#[derive(Debug, Default)]
pub(super) struct Kept(BTreeMap<State, (Value, Value)>);

impl State {
    fn new(element: Id, attribute: &str, class: Option<&str>) -> Self {
        Self { element, attribute: attribute.into(), class: class.map(Into::into) }
    }

    pub(super) fn read(&self, dom: &Dom) -> Value {
        let value = dom.attribute(self.element, &self.attribute);
        match &self.class {
            None => value.map(Into::into),
            Some(class) => value?.split_whitespace().any(|one| one == class).then(String::new),
        }
    }

    pub(super) fn write(&self, dom: &mut Dom, value: Option<&str>) {
        let Some(class) = &self.class else { return dom.set_attribute(self.element, &self.attribute, value) };
        let before = dom.attribute(self.element, "class").unwrap_or_default().to_owned();
        let others = before.split_whitespace().filter(|one| one != class);
        let classes: Vec<&str> = others.chain(value.map(|_| class.as_str())).collect();
        let classes = classes.join(" ");
        dom.set_attribute(self.element, "class", Some(&*classes).filter(|classes| !classes.is_empty()));
    }
}

/// Returns what a command changes in an element.
pub(super) fn changes(dom: &Dom, element: Id, command: &Command) -> Vec<(State, Value)> {
    let hidden = |value| vec![(State::new(element, "hidden", None), value)];
    match command {
        Command::Show(..) => hidden(None),
        Command::Hide(..) | Command::Remove(_) => hidden(Some(String::new())),
        Command::Toggle(..) => hidden((!dom.has_attribute(element, "hidden")).then(String::new)),
        Command::Class(_, names, switch) => names.iter().map(|name| class(dom, element, name, *switch)).collect(),
        Command::Attribute(_, name, value) => vec![(State::new(element, name, None), value.clone())],
        Command::Flip(_, name, first, second) => {
            let has_first = dom.attribute(element, name) == Some(first);
            vec![(State::new(element, name, None), if has_first { second.clone() } else { Some(first.clone()) })]
        }
        _ => Vec::new(),
    }
}

fn class(dom: &Dom, element: Id, name: &str, switch: Switch) -> (State, Value) {
    let state = State::new(element, "class", Some(name));
    let value = switch.of(state.read(dom).is_some()).then(String::new);
    (state, value)
}

impl Page {
    /// Changes a state, and keeps it.
    pub(super) fn keep(&mut self, state: State, value: Value) {
        let kept = self.kept.0.get(&state);
        let rendered = kept.map_or_else(|| state.read(&self.dom), |(_, rendered)| rendered.clone());
        state.write(&mut self.dom, value.as_deref());
        if rendered == value {
            self.kept.0.remove(&state);
        } else {
            self.kept.0.insert(state, (value, rendered));
        }
    }

    /// Restores what a patch has overwritten. `written` lists the attributes that it has written.
    pub(super) fn restore_kept(&mut self, written: &[(Id, String)]) {
        let (dom, document) = (&mut self.dom, self.document);
        self.kept.0.retain(|state, (value, rendered)| {
            if !dom.contains(document, state.element) {
                return false;
            }
            if written.iter().any(|(element, name)| *element == state.element && *name == state.attribute) {
                *rendered = state.read(dom);
                if rendered == value {
                    return false;
                }
                state.write(dom, value.as_deref());
            }
            true
        });
    }
}
