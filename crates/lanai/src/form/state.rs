//! The state of a form, apart from the type of its value.

use std::collections::{BTreeSet, HashMap};

use percent_encoding::percent_decode_str;

use super::errors::Found;
use super::info::{Choice, Control, FieldInfo, FormInfo, Shape};
use super::node::{NewRows, Node, Path, child};
use super::problem::{Messages, Problem, in_english};
use super::value::{Outside, choices_of};
use crate::event::EventError;

/// The number of values that a message may have.
const MOST_PAIRS: usize = 10_000;

/// The state of a form.
pub(crate) struct State {
    pub(crate) info: &'static FormInfo,
    /// The prefix of all ids.
    pub(crate) id: String,
    pub(crate) node: Node,
    pub(crate) initial: Node,
    /// The fields that a person has left.
    pub(crate) touched: BTreeSet<String>,
    /// Whether the page is about to tell what was edited before the view was mounted again.
    pub(crate) is_recovering: bool,
    /// Whether the form was submitted, and refused.
    pub(crate) is_refused: bool,
    pub(crate) found: Found,
    /// What the program says: by [`LiveForm::set_error`](super::LiveForm::set_error), or as the result of a check.
    pub(crate) said: Vec<(String, String)>,
    /// The fields whose asynchronous checks run.
    pub(crate) checking: BTreeSet<String>,
    pub(crate) is_busy: bool,
    pub(crate) outside: Outside,
    pub(crate) messages: Messages,
    next_key: u32,
}

impl State {
    pub(crate) fn new(info: &'static FormInfo, node: Node) -> Self {
        Self {
            info,
            id: info.id.into(),
            next_key: node.last_key() + 1,
            initial: node.clone(),
            node,
            touched: BTreeSet::new(),
            is_recovering: false,
            is_refused: false,
            found: Found::default(),
            said: Vec::new(),
            checking: BTreeSet::new(),
            is_busy: false,
            outside: HashMap::new(),
            messages: in_english,
        }
    }

    pub(crate) fn new_key(&mut self) -> u32 {
        self.next_key = self.next_key.wrapping_add(1);
        self.next_key - 1
    }

    /// Takes over what a page has sent. Fields that it does not mention stay as they are.
    pub(crate) fn take(&mut self, fields: &str, new: NewRows) -> Result<(), EventError> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (count, pair) in fields.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if count == MOST_PAIRS {
                return Err(EventError::new(format_args!("the form has more than {MOST_PAIRS} values")));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            let Some(path) = Path::parse(&name) else { continue };
            let is_first = !seen.contains(&name);
            if self.node.take(self.info, &path, &decoded(value), is_first, new) && is_first {
                seen.insert(name);
            }
        }
        self.next_key = self.next_key.max(self.node.last_key().saturating_add(1));
        Ok(())
    }

    /// Returns the names of the fields whose content is not what it was before.
    pub(crate) fn changed_since(&self, before: &Node) -> Vec<String> {
        let mut changed = Vec::new();
        before.differences(&self.node, self.info.fields, &mut |name| changed.push(name));
        changed
    }

    /// What the program has said about a field holds until its content changes.
    pub(crate) fn forget_said(&mut self, changed: &[String]) {
        self.said.retain(|(name, _)| name.is_empty() || !changed.contains(name));
    }

    pub(crate) fn is_dirty(&self) -> bool {
        self.node != self.initial
    }

    /// Marks a field as left, and all those that were changed, except the one that the person is in.
    pub(crate) fn left(&mut self, name: String) {
        self.touched.extend(self.changed_since(&self.initial));
        if Path::parse(&name).is_some_and(|_| name.len() < 1_000) && self.touched.len() < MOST_PAIRS {
            self.touched.insert(name.strip_suffix("[]").map(str::to_owned).unwrap_or(name));
        }
    }

    /// Returns the error of a field, whether or not people should see it yet.
    pub(crate) fn problem(&self, name: &str, info: &FieldInfo) -> Option<String> {
        let said = self.said.iter().find_map(|(at, message)| (at == name).then(|| message.clone()));
        said.or_else(|| self.found.get(name).map(|problem| (self.messages)(problem, info)))
    }

    /// Returns the error of a field that people should see.
    pub(crate) fn error(&self, name: &str, info: &FieldInfo) -> Option<String> {
        let is_said = self.said.iter().any(|(at, _)| at == name);
        (is_said || self.is_refused || self.touched.contains(name)).then(|| self.problem(name, info)).flatten()
    }

    /// Returns the errors that belong to no field.
    pub(crate) fn form_errors(&self) -> Vec<&str> {
        let said = self.said.iter().filter(|(name, _)| name.is_empty()).map(|(_, message)| message.as_str());
        let found = self.found.0.iter().filter_map(|(name, problem)| match problem {
            Problem::Custom(message) if name.is_empty() && self.is_refused => Some(message.as_str()),
            _ => None,
        });
        said.chain(found).collect()
    }

    pub(crate) fn has_problem(&self) -> bool {
        !self.found.0.is_empty() || !self.said.is_empty()
    }

    /// Returns the `id` of the first control with an error.
    pub(crate) fn first_invalid(&self) -> Option<String> {
        self.first_invalid_in(self.info, &self.node, "")
    }

    fn first_invalid_in(&self, form: &'static FormInfo, node: &Node, prefix: &str) -> Option<String> {
        form.fields.iter().zip(node.fields()).enumerate().find_map(|(index, (info, node))| {
            let name = child(prefix, info.name);
            if self.problem(&name, info).is_some() {
                let id = self.id_of(&name);
                let has_choices = matches!(info.control(), Control::Radios | Control::Checkboxes)
                    && !choices_of(&self.outside, form, index).is_empty();
                return Some(if has_choices { format!("{id}-0") } else { id });
            }
            match (node, (info.shape)()) {
                (node, Shape::Group(inner)) => self.first_invalid_in(inner, node, &name),
                (Node::Rows(rows), Shape::Rows(inner)) => {
                    rows.iter().find_map(|(key, row)| self.first_invalid_in(inner, row, &format!("{name}[{key}]")))
                }
                _ => None,
            }
        })
    }

    /// Returns the `id` of the control with this name: `sign-up-addresses-3-street` for `addresses[3][street]`.
    pub(crate) fn id_of(&self, name: &str) -> String {
        let mut id = format!("{}-", self.id);
        id.extend(name.chars().filter(|c| *c != ']').map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }));
        id
    }

    pub(crate) fn set_choices(&mut self, form: &'static FormInfo, index: usize, choices: Vec<Choice>) {
        self.outside.insert((form.path, index), choices);
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("id", &self.id).field("found", &self.found).finish_non_exhaustive()
    }
}

/// Decodes a name or a value of `application/x-www-form-urlencoded`.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
