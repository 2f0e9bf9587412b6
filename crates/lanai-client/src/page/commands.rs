//! Running commands.

use super::kept::changes;
use super::{Millis, Page};
use crate::commands::{Command, Target, Transition};
use crate::dom::Id;
use crate::event::Event;
use crate::form;

/// The commands of a page that is under way.
#[derive(Debug, Default)]
pub(super) struct Running {
    /// The elements with a transition, its classes, when it ends, and whether the element is hidden then.
    transitions: Vec<(Id, Vec<String>, Millis, bool)>,
    /// Where the focus was when it was pushed.
    pushed: Vec<Option<Id>>,
    /// The elements that the focus must not leave.
    traps: Vec<Id>,
    /// The control whose text was selected, and this text.
    selected: Option<(Id, String)>,
    /// What was copied last.
    clipboard: Option<String>,
}

impl Page {
    /// Returns what a command has copied to the clipboard last.
    #[must_use]
    pub fn clipboard(&self) -> Option<&str> {
        self.running.clipboard.as_deref()
    }

    /// Whether a command has selected the text of this control, and it was neither changed nor left since.
    #[must_use]
    pub fn is_selected(&self, control: Id) -> bool {
        let selected = self.running.selected.as_ref();
        self.focus == Some(control)
            && selected.is_some_and(|(id, text)| *id == control && *text == form::value(&self.dom, control))
    }

    /// Returns the element that the focus must not leave.
    #[must_use]
    pub fn focus_trap(&self) -> Option<Id> {
        let is_shown = |&id: &Id| {
            self.dom.contains(self.document, id) && self.dom.closest(id, |element| element.has("hidden")).is_none()
        };
        self.running.traps.last().copied().filter(is_shown)
    }

    pub(super) fn unselect(&mut self) {
        self.running.selected = None;
    }

    /// Runs commands. `owner` is the element whose handler has them.
    pub(super) fn run_commands(&mut self, now: Millis, commands: &[Command], owner: Option<Id>) {
        for command in commands {
            self.run_command(now, command, owner);
        }
    }

    fn run_command(&mut self, now: Millis, command: &Command, owner: Option<Id>) {
        let all = |page: &Self, target: &Target| target.elements(&page.dom, page.document, owner, page.focus);
        let first = |page: &Self, target: &Target| all(page, target).first().copied();
        match command {
            Command::Show(target, transition) | Command::Hide(target, transition) => {
                for element in all(self, target) {
                    self.change_visibility(now, element, matches!(command, Command::Show(..)), transition.as_ref());
                }
            }
            Command::Toggle(target, transitions) => {
                for element in all(self, target) {
                    let is_hiding = self.running.transitions.iter().any(|(id, .., hides)| *id == element && *hides);
                    let show = is_hiding || self.dom.has_attribute(element, "hidden");
                    let transition = transitions.as_ref().map(|(shown, hidden)| if show { shown } else { hidden });
                    self.change_visibility(now, element, show, transition);
                }
            }
            Command::Class(target, ..) | Command::Attribute(target, ..) | Command::Flip(target, ..) => {
                for element in all(self, target) {
                    self.change(element, command);
                }
            }
            Command::Transition(target, (classes, time)) => {
                for element in all(self, target) {
                    self.animate(now, element, classes, *time, false);
                }
            }
            Command::Focus(target) => {
                if let Some(element) = first(self, target) {
                    self.set_focus(now, Some(element));
                }
            }
            Command::FocusIn(target, step) => {
                if let Some(element) = first(self, target) {
                    self.focus_in(now, element, *step);
                }
            }
            Command::PushFocus => self.running.pushed.push(self.focus()),
            Command::PopFocus => self.pop_focus(now),
            Command::Trap(target) => {
                if let Some(element) = first(self, target) {
                    self.running.pushed.push(self.focus());
                    self.running.traps.push(element);
                    if self.focus().is_none_or(|focus| !self.dom.contains(element, focus)) {
                        self.focus_in(now, element, 0);
                    }
                }
            }
            Command::Release => {
                if self.running.traps.pop().is_some() {
                    self.pop_focus(now);
                }
            }
            Command::Scroll(target) => {
                if let Some(element) = first(self, target) {
                    self.scrolled_to = Some(element);
                }
            }
            Command::Select(target) => {
                if let Some(element) = first(self, target).filter(|&element| form::is_text(&self.dom, element)) {
                    self.running.selected = Some((element, form::value(&self.dom, element)));
                }
            }
            Command::Dispatch(target, kind, detail) => {
                for element in all(self, target) {
                    self.dispatch(
                        now,
                        &Event { bubbles: true, ..Event::new(kind, element) }.with("detail", detail.clone()),
                    );
                }
            }
            Command::CopyText(text) => self.running.clipboard = Some(text.clone()),
            Command::Copy(target) => {
                if let Some(element) = first(self, target) {
                    let is_control = form::is_control(&self.dom, element);
                    let text = if is_control { form::value(&self.dom, element) } else { self.dom.text(element) };
                    self.running.clipboard = Some(text);
                }
            }
            Command::Open(target, _) => {
                for element in all(self, target) {
                    self.set_open(now, element, true);
                }
            }
            Command::Close(target) => {
                for element in all(self, target) {
                    self.set_open(now, element, false);
                }
            }
            Command::Remove(_) | Command::Text(..) | Command::Check(..) | Command::Move(..) | Command::Insert(..) => {}
        }
    }

    fn change(&mut self, element: Id, command: &Command) {
        for (state, value) in changes(&self.dom, element, command) {
            self.keep(state, value);
        }
    }

    fn change_visibility(&mut self, now: Millis, element: Id, show: bool, transition: Option<&Transition>) {
        let nowhere = || Target::Handler { closest: None, inside: None };
        let now_hidden = |show| if show { Command::Show(nowhere(), None) } else { Command::Hide(nowhere(), None) };
        match transition {
            Some((classes, time)) => {
                if show {
                    self.change(element, &now_hidden(true));
                }
                self.animate(now, element, classes, *time, !show);
            }
            None => {
                self.finish_transitions(|id, _| id == element, false);
                self.change(element, &now_hidden(show));
            }
        }
    }

    fn animate(&mut self, now: Millis, element: Id, classes: &[String], time: Millis, hides: bool) {
        self.finish_transitions(|id, _| id == element, false);
        let nowhere = Target::Handler { closest: None, inside: None };
        self.change(element, &Command::Class(nowhere, classes.to_vec(), crate::commands::Switch::On));
        self.running.transitions.push((element, classes.to_vec(), now + time, hides));
    }

    /// Ends transitions. If their time has come, what was to be hidden is hidden.
    fn finish_transitions(&mut self, which: impl Fn(Id, Millis) -> bool, has_come: bool) {
        let transitions = std::mem::take(&mut self.running.transitions);
        let (finished, rest) = transitions.into_iter().partition(|(id, _, at, _)| which(*id, *at));
        self.running.transitions = rest;
        for (element, classes, _, hides) in finished {
            let nowhere = || Target::Handler { closest: None, inside: None };
            self.change(element, &Command::Class(nowhere(), classes, crate::commands::Switch::Off));
            if hides && has_come {
                self.change(element, &Command::Hide(nowhere(), None));
            }
        }
    }

    /// Returns when the next transition ends.
    pub(super) fn next_transition(&self) -> Option<Millis> {
        self.running.transitions.iter().map(|(_, _, at, _)| *at).min()
    }

    pub(super) fn tick_transitions(&mut self, now: Millis) {
        self.finish_transitions(|_, at| at <= now, true);
    }

    fn pop_focus(&mut self, now: Millis) {
        if let Some(Some(element)) = self.running.pushed.pop() {
            self.set_focus(now, Some(element));
        }
    }

    /// Focuses the first (0), next (1) or previous (-1) element inside another one.
    fn focus_in(&mut self, now: Millis, inside: Id, step: i64) {
        let dom = &self.dom;
        let can_focus = |&id: &Id| {
            let is_focusable = match dom.name(id) {
                "a" => dom.has_attribute(id, "href"),
                "input" => form::kind(dom, id) != "hidden",
                "button" | "select" | "textarea" | "summary" | "iframe" => true,
                _ => dom.has_attribute(id, "tabindex") || dom.has_attribute(id, "contenteditable"),
            };
            is_focusable
                && dom.attribute(id, "tabindex").is_none_or(|index| !index.starts_with('-'))
                && !form::is_disabled(dom, id)
                && dom.closest(id, |element| element.has("hidden") || element.has("inert")).is_none()
        };
        let all: Vec<Id> = dom.elements(inside).into_iter().filter(can_focus).collect();
        let at = self.focus().and_then(|focus| all.iter().position(|&id| id == focus));
        let count = all.len() as i64;
        let next = match at {
            Some(at) if step != 0 => (at as i64 + step).rem_euclid(count.max(1)),
            _ if step < 0 => count - 1,
            _ => 0,
        };
        if let Some(&element) = all.get(next as usize) {
            self.set_focus(now, Some(element));
        }
    }

    fn set_open(&mut self, now: Millis, element: Id, open: bool) {
        if open == self.dom.has_attribute(element, "open") {
            return;
        }
        match self.dom.name(element) {
            "details" | "dialog" => {
                self.dom.set_attribute(element, "open", open.then_some(""));
                self.dispatch(now, &Event::new("toggle", element));
                if !open && self.dom.name(element) == "dialog" {
                    self.dispatch(now, &Event::new("close", element));
                }
            }
            _ => {}
        }
    }
}
