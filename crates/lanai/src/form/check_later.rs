//! Asynchronous checks of fields.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::node::Node;
use super::state::State;
use crate::task::Task;

/// The result of a check, later.
pub(crate) type Outcome = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Starts a check of the content that a field has now.
pub(crate) type Start = dyn Fn(&Node, &State) -> Option<Outcome> + Send + Sync;

/// Where a field is: in the form itself, or in a row of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The index of the list, and the key of the row.
    pub(crate) row: Option<(usize, u32)>,
    /// The index of the field.
    pub(crate) field: usize,
}

impl Place {
    /// Returns the content of the field, if the row is there.
    fn find(self, state: &State) -> Option<&Node> {
        let around = match self.row {
            None => &state.node,
            Some((list, key)) => {
                let rows = state.node.fields().get(list)?.rows();
                rows.iter().find_map(|(row, node)| (*row == key).then_some(node))?
            }
        };
        around.fields().get(self.field)
    }
}

/// A check of a field in each row of a list.
#[derive(Clone)]
pub(crate) struct RowCheck {
    pub(crate) list: usize,
    pub(crate) list_name: &'static str,
    pub(crate) field: usize,
    pub(crate) field_name: &'static str,
    pub(crate) start: Arc<Start>,
}

impl RowCheck {
    /// Returns the check of the field in one row.
    fn of_row(&self, id: usize, key: u32) -> Check {
        let name = format!("{}[{key}][{}]", self.list_name, self.field_name);
        Check::new(id, Place { row: Some((self.list, key)), field: self.field }, name, self.start.clone())
    }
}

/// The asynchronous checks of a form.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    all: Vec<Check>,
    of_rows: Vec<RowCheck>,
    next: usize,
}

impl Checks {
    pub(crate) fn add(&mut self, field: usize, name: &str, start: Arc<Start>) {
        let id = self.next_id();
        self.all.push(Check::new(id, Place { row: None, field }, name.to_owned(), start));
    }

    pub(crate) fn add_for_rows(&mut self, check: RowCheck) {
        self.of_rows.push(check);
    }

    fn next_id(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    /// Returns the check with a number, unless its row is gone.
    pub(crate) fn get(&mut self, id: usize) -> Option<&mut Check> {
        self.all.iter_mut().find(|check| check.id == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Check> {
        self.all.iter()
    }

    /// Returns all checks of what the form contains now: those of rows come and go with their rows.
    pub(crate) fn of(&mut self, state: &State) -> impl Iterator<Item = &mut Check> {
        self.all.retain_mut(|check| {
            let stays = check.place.find(state).is_some();
            if !stays {
                check.cancel();
            }
            stays
        });
        for at in 0..self.of_rows.len() {
            let of_rows = self.of_rows[at].clone();
            let rows = state.node.fields().get(of_rows.list).map(Node::rows).unwrap_or_default();
            for &(key, _) in rows {
                let is_new = !self.all.iter().any(|check| check.is_of(&of_rows, key));
                if is_new {
                    let id = self.next_id();
                    self.all.push(of_rows.of_row(id, key));
                }
            }
        }
        self.all.iter_mut()
    }
}

impl fmt::Debug for RowCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowCheck")
            .field("list", &self.list_name)
            .field("field", &self.field_name)
            .finish_non_exhaustive()
    }
}

/// An asynchronous check of a field.
pub(crate) struct Check {
    /// Its number in the form.
    pub(crate) id: usize,
    place: Place,
    /// The full name of the field.
    pub(crate) name: String,
    start: Arc<Start>,
    /// The content that was checked last, and the result.
    known: Option<(Node, Result<(), String>)>,
    /// The content that is being checked.
    running: Option<(Node, Task)>,
}

impl Check {
    fn new(id: usize, place: Place, name: String, start: Arc<Start>) -> Self {
        Self { id, place, name, start, known: None, running: None }
    }

    fn is_of(&self, check: &RowCheck, key: u32) -> bool {
        self.place == Place { row: Some((check.list, key)), field: check.field }
            && Arc::ptr_eq(&self.start, &check.start)
    }

    /// Cancels the running check if the content has changed. Returns the check to start, if there is one.
    pub(crate) fn due(&mut self, state: &State) -> Option<(Node, Outcome)> {
        let node = self.place.find(state)?;
        if self.running.as_ref().is_some_and(|(running, _)| running == node) {
            return None;
        }
        self.cancel();
        if self.known.as_ref().is_some_and(|(known, _)| known == node) || node.is_blank() {
            return None;
        }
        // What is wrong anyway need not be checked.
        if state.found.get(&self.name).is_some() {
            return None;
        }
        (self.start)(node, state).map(|outcome| (node.clone(), outcome))
    }

    pub(crate) fn cancel(&mut self) {
        if let Some((_, task)) = self.running.take() {
            task.cancel();
        }
    }

    /// Forgets a result that is an error, so that the check runs again.
    pub(crate) fn forget_error(&mut self) {
        self.known.take_if(|(_, result)| result.is_err());
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn started(&mut self, node: Node, task: Task) {
        self.running = Some((node, task));
    }

    /// Records a result.
    pub(crate) fn finished(&mut self, node: Node, result: Result<(), String>) {
        self.running = None;
        self.known = Some((node, result));
    }

    /// Returns what is wrong with this content, if that is known.
    pub(crate) fn error(&self, state: &State) -> Option<&str> {
        let node = self.place.find(state)?;
        match &self.known {
            Some((known, Err(message))) if known == node => Some(message),
            _ => None,
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("field", &self.name).finish_non_exhaustive()
    }
}
