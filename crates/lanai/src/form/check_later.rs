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

type Start = dyn Fn(&State) -> Option<Outcome> + Send + Sync;

/// An asynchronous check of a field.
pub(crate) struct Check {
    pub(crate) index: usize,
    pub(crate) name: &'static str,
    start: Arc<Start>,
    /// The content that was checked last, and the result.
    known: Option<(Node, Result<(), String>)>,
    /// The content that is being checked.
    running: Option<(Node, Task)>,
}

impl Check {
    pub(crate) fn new(index: usize, name: &'static str, start: Arc<Start>) -> Self {
        Self { index, name, start, known: None, running: None }
    }

    /// Cancels the running check if the content has changed. Returns the check to start, if there is one.
    pub(crate) fn due(&mut self, state: &State) -> Option<(Node, Outcome)> {
        let node = state.node.fields().get(self.index)?;
        if self.running.as_ref().is_some_and(|(running, _)| running == node) {
            return None;
        }
        self.cancel();
        if self.known.as_ref().is_some_and(|(known, _)| known == node) || node.is_blank() {
            return None;
        }
        // What is wrong anyway need not be checked.
        if state.found.get(self.name).is_some() {
            return None;
        }
        (self.start)(state).map(|outcome| (node.clone(), outcome))
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
        let node = state.node.fields().get(self.index)?;
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
