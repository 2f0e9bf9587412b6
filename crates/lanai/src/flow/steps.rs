//! The steps of a flow: where the visitor is, and what was answered.

use std::any::Any;
use std::collections::{HashMap, HashSet};

/// The steps of a flow, over all runs of its function.
#[derive(Default)]
pub(super) struct Steps {
    /// The names of the steps, in the order of the page's history. It may go on after the current step, because Forward
    /// leads there.
    trail: Vec<String>,
    /// How many steps of the trail the current run has entered; the last of them is the current step.
    entered: usize,
    /// The index of the step that the current run is on the way to. The steps before it are passed.
    target: Option<usize>,
    /// The index of the step that the next run goes to.
    wanted: Option<usize>,
    /// The index of the first step that the visitor may return to.
    first: usize,
    /// The last answer of each step.
    answers: HashMap<String, Box<dyn Any + Send>>,
    /// The results of what happens once.
    results: HashMap<String, Box<dyn Any + Send>>,
    /// The names that the current run has used: of steps, and of what happens once.
    used: HashSet<String>,
    /// The step that the function is in.
    inside: Option<String>,
    /// Whether the function has returned.
    has_ended: bool,
}

/// What becomes of a step that the function enters.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entered<T> {
    /// It returns the answer that it has.
    Passed(T),
    /// It is shown, with its previous answer.
    Shown(Option<T>),
}

/// What becomes of a page that shows another entry of its history.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// The function runs on, if it has not returned. Its steps know where it goes.
    On(Url),
    /// The function, which has returned, is called from the beginning.
    Anew,
}

/// What becomes of the page's URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Url {
    /// It is right.
    Stays,
    /// It gets a new entry in the history, for this step.
    Pushed(String),
    /// The current entry becomes that of this step; the first step has no name in the URL.
    Replaced(Option<String>),
}

impl Steps {
    /// Enters the next step of the current run.
    #[track_caller]
    pub(super) fn enter<T: Clone + 'static>(&mut self, name: &str) -> (Entered<T>, Url) {
        if let Some(outer) = &self.inside {
            panic!(
                "the flow has called `Flow::step` with the name {name:?} inside the step {outer:?}: ask further questions \
                 of a step with `Flow::ask` or `Flow::fill`, or call the steps one after the other"
            );
        }
        self.use_name("step", name);
        let before = get(&self.answers, name);
        let index = self.entered;
        self.entered += 1;
        let is_known = self.trail.get(index).is_some_and(|known| known == name);
        let target = self.target.filter(|_| is_known);
        match (target, before) {
            (Some(target), Some(answer)) if index < target => (Entered::Passed(answer), Url::Stays),
            (Some(target), before) if index == target => {
                self.target = None;
                self.inside = Some(name.into());
                (Entered::Shown(before), Url::Stays)
            }
            (_, before) => {
                self.inside = Some(name.into());
                self.trail.truncate(index);
                self.trail.push(name.into());
                // A run that was on the way to another step already has an entry in the history.
                let url = match self.target.take() {
                    None if index > 0 => Url::Pushed(name.into()),
                    _ => Url::Replaced(self.current()),
                };
                (Entered::Shown(before), url)
            }
        }
    }

    /// Leaves the step that the function is in.
    pub(super) fn leave(&mut self) {
        self.inside = None;
    }

    /// Keeps the answer of a step.
    pub(super) fn keep<T: Send + 'static>(&mut self, name: String, answer: T) {
        self.answers.insert(name, Box::new(answer));
    }

    /// Returns the result of what has already happened.
    #[track_caller]
    pub(super) fn done<T: Clone + 'static>(&mut self, name: &str) -> Option<T> {
        self.use_name("once", name);
        get(&self.results, name)
    }

    /// Keeps the result of what has happened. The visitor cannot return to the steps before it.
    pub(super) fn finish_once<T: Send + 'static>(&mut self, name: String, result: T) -> Url {
        self.results.insert(name, Box::new(result));
        self.first = self.entered;
        match self.wanted.take_if(|wanted| *wanted < self.first) {
            Some(_) => Url::Replaced(self.current()),
            None => Url::Stays,
        }
    }

    /// Notes that the visitor wants to go to a step, or to the first one if there is no name.
    ///
    /// When the function has returned, there is no way back into it; without a name, everything begins anew.
    pub(super) fn go(&mut self, name: Option<&str>) -> Gone {
        if self.has_ended {
            if name.is_some() {
                return Gone::On(Url::Stays);
            }
            *self = Self::default();
            return Gone::Anew;
        }
        let index = match name {
            Some(name) => self.trail.iter().position(|known| known == name),
            None => Some(0),
        };
        self.wanted = index.filter(|index| *index >= self.first);
        if self.wanted.is_none() {
            return Gone::On(Url::Replaced(self.current()));
        }
        // (Back and Forward, before the function could be stopped.)
        self.wanted.take_if(|wanted| *wanted + 1 == self.entered);
        Gone::On(Url::Stays)
    }

    /// Whether the visitor wants to go to another step.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.wanted.is_some()
    }

    /// Begins the run that goes to the wanted step.
    pub(super) fn restart(&mut self) {
        self.target = self.wanted.take();
        self.entered = 0;
        self.used.clear();
    }

    /// Notes that the function has returned.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
        self.wanted = None;
    }

    /// Returns the name of the current step in the URL.
    fn current(&self) -> Option<String> {
        match self.entered {
            0 | 1 => None,
            entered => self.trail.get(entered - 1).cloned(),
        }
    }

    #[track_caller]
    fn use_name(&mut self, kind: &str, name: &str) {
        assert!(
            self.used.insert(format!("{kind} {name}")),
            "the flow has called `Flow::{kind}` twice with the name {name:?}: each call needs a name of its own, such as \
             `format!(\"{name}-{{n}}\")` in a loop"
        );
    }
}

fn get<T: Clone + 'static>(values: &HashMap<String, Box<dyn Any + Send>>, name: &str) -> Option<T> {
    values.get(name)?.downcast_ref().cloned()
}
