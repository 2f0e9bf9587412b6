//! Decides who wins when a person and the server change the same control (`docs/PROTOCOL.md`, section 7).
//!
//! The attribute is the server's value, and the property is what the person sees. The property is set to the
//! attribute's value when the server has answered the event about the control, when it changes the value in answer to a
//! newer event, or when it changes the value and there is no edit that it does not know.

use std::collections::{BTreeMap, BTreeSet};

use crate::dom::{Dom, Id};
use crate::form;
use crate::instance::Aspects;

/// The number of a view inside the root, or `None` for the root.
pub(crate) type Of = Option<String>;

/// A time on the clock that orders edits and events. 0 means never.
pub(crate) type Moment = u64;

/// A time after all others.
pub(crate) const NEVER: Moment = Moment::MAX;

/// An edit that the server has not answered.
#[derive(Debug, Clone)]
struct Edit {
    made: Moment,
    /// The event that carried the edit, and its view.
    carrier: Option<(Of, u64)>,
    /// Whether the event was about this control.
    is_answer: bool,
}

/// What must be set to the server's value.
#[derive(Debug, Clone, Copy, Default)]
struct Due {
    aspects: Aspects,
    is_reset: bool,
}

/// The server's acknowledgments of a view's events.
pub(crate) struct Told<'a> {
    pub(crate) of: &'a Of,
    /// The last event that the server has executed.
    pub(crate) event: u64,
    /// When the event occurred that is being answered; 0 if none is, and [`NEVER`] while an answer is still to come.
    pub(crate) time: Moment,
}

/// The edits on one page that the server has not seen.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    clock: Moment,
    edits: BTreeMap<Id, Edit>,
    due: BTreeMap<Id, (Due, Of)>,
    orders: Vec<(Id, serde_json::Value)>,
    /// Controls that a person has ever edited.
    touched: BTreeSet<Id>,
}

const INVALID: &str = "data-lanai-invalid";

/// Marks a control whose text was refused, or removes the mark.
pub(crate) fn mark_invalid(dom: &mut Dom, control: Id, is_invalid: bool) {
    if is_invalid || dom.has_attribute(control, INVALID) {
        dom.set_attribute(control, INVALID, is_invalid.then_some(""));
        dom.set_attribute(control, "aria-invalid", is_invalid.then_some("true"));
    }
}

impl Edits {
    /// Returns the time for something that happens now.
    pub(crate) fn tick(&mut self) -> Moment {
        self.clock += 1;
        self.clock
    }

    /// Handles a new live part on the page. If its controls show something that the HTML does not contain, that is the
    /// person's.
    pub(crate) fn adopt(&mut self, dom: &mut Dom, holder: Id) {
        for control in controls_in(dom, holder) {
            if form::is_changed(dom, control) && !self.edits.contains_key(&control) {
                self.edited(dom, control);
            }
        }
    }

    /// Notes that the person has edited a control.
    pub(crate) fn edited(&mut self, dom: &mut Dom, control: Id) {
        for one in form::group(dom, control) {
            let made = self.tick();
            self.touched.insert(one);
            self.edits.insert(one, Edit { made, carrier: None, is_answer: false });
        }
        mark_invalid(dom, control, false);
    }

    /// Whether a person has edited a control.
    pub(crate) fn is_touched(&self, control: Id) -> bool {
        self.touched.contains(&control)
    }

    /// Notes that an event carries the edit of a control. `is_answer` says whether the event is about this control,
    /// which will then show the server's value.
    pub(crate) fn carried_by(&mut self, dom: &Dom, control: Id, of: &Of, event: u64, is_answer: bool) {
        for one in form::group(dom, control) {
            if let Some(edit) = self.edits.get_mut(&one) {
                edit.carrier = Some((of.clone(), event));
                edit.is_answer |= is_answer;
            }
        }
    }

    /// Notes that the server refused the event: what was typed stays, and is marked.
    pub(crate) fn refused(&mut self, dom: &mut Dom, control: Option<Id>, of: &Of, event: u64) {
        for edit in self.edits.values_mut() {
            if edit.carrier.as_ref().is_some_and(|(by, carrier)| by == of && *carrier == event) {
                *edit = Edit { made: edit.made, carrier: None, is_answer: false };
            }
        }
        if let Some(control) = control {
            mark_invalid(dom, control, true);
        }
    }

    /// Returns the edited controls that no event has reported.
    pub(crate) fn untold(&self, dom: &Dom, root: Id) -> Vec<Id> {
        let untold = self.edits.iter().filter(|(id, edit)| edit.carrier.is_none() && dom.contains(root, **id));
        untold.map(|(&id, _)| id).collect()
    }

    /// Whether a control has an edit that is newer than this.
    pub(crate) fn edited_since(&self, control: Id, time: Moment) -> bool {
        self.edits.get(&control).is_some_and(|edit| edit.made > time)
    }

    /// Notes that the server has set the attribute of a control or an option, for which it controls `aspects`.
    pub(crate) fn wrote(&mut self, dom: &Dom, element: Id, aspects: Aspects, by: &Of) {
        if let Some(control) =
            dom.closest(element, |element| matches!(element.name.as_str(), "input" | "textarea" | "select"))
        {
            self.schedule(control, aspects, by);
        }
    }

    fn schedule(&mut self, control: Id, aspects: Aspects, by: &Of) {
        let (due, of) = self.due.entry(control).or_default();
        due.aspects.value |= aspects.value;
        due.aspects.checked |= aspects.checked;
        *of = by.clone();
    }

    /// Resets the controls of a form that were not edited after an event.
    pub(crate) fn reset_form(&mut self, dom: &Dom, form: Id, time: Moment, by: &Of) {
        for control in form::members(dom, form).into_iter().filter(|&id| form::is_control(dom, id)) {
            if !self.edited_since(control, time) {
                self.edits.remove(&control);
                self.touched.remove(&control);
                let all = Aspects { value: true, checked: true };
                self.due.insert(control, (Due { aspects: all, is_reset: true }, by.clone()));
            }
        }
    }

    /// Sets a value or a check, whatever was typed.
    pub(crate) fn order(&mut self, control: Id, value: serde_json::Value) {
        self.orders.push((control, value));
    }

    /// Handles an acknowledgment of a view's events, and sets the controls that may be set.
    pub(crate) fn settle(
        &mut self,
        dom: &mut Dom,
        root: Id,
        focus: Option<Id>,
        told: &Told<'_>,
        serves: impl Fn(Id) -> Aspects,
    ) {
        let Told { of, event, time } = *told;
        let seen = |edit: &Edit| edit.carrier.as_ref().is_some_and(|(by, carrier)| by == of && *carrier <= event);
        for control in self.edits.keys().copied().collect::<Vec<_>>() {
            let (edit, is_there) = (&self.edits[&control], dom.contains(root, control));
            if seen(edit) || !is_there {
                let is_answer = edit.is_answer;
                self.edits.remove(&control);
                if is_answer && is_there {
                    self.schedule(control, serves(control), of);
                }
            }
        }
        for (control, (due, by)) in std::mem::take(&mut self.due) {
            let edit = self.edits.get(&control);
            // No event of another view is being answered now.
            if edit.is_some() && (time == NEVER || by != *of) {
                self.due.insert(control, (due, by));
                continue;
            }
            if edit.is_none_or(|edit| edit.made <= time) {
                self.edits.remove(&control);
                if !bring_in_step(dom, control, due, focus, &serves) {
                    self.due.insert(control, (due, by));
                }
            }
        }
        for (control, value) in std::mem::take(&mut self.orders) {
            self.edits.remove(&control);
            match value.as_str() {
                Some(value) if dom.name(control) == "select" => {
                    let chosen =
                        form::options(dom, control).into_iter().find(|&id| form::default_value(dom, id) == value);
                    form::select(dom, control, chosen.as_slice());
                }
                Some(value) => form::set_value(dom, control, value),
                None => form::set_checked(dom, control, value == 1),
            }
            mark_invalid(dom, control, false);
        }
    }
}

/// Returns the controls in a node.
fn controls_in(dom: &Dom, holder: Id) -> Vec<Id> {
    dom.elements(holder).into_iter().filter(|&id| form::is_control(dom, id)).collect()
}

/// Sets a control to the values of its attributes. Returns false if this must be tried again when the control loses the
/// focus.
fn bring_in_step(dom: &mut Dom, control: Id, due: Due, focus: Option<Id>, serves: impl Fn(Id) -> Aspects) -> bool {
    if dom.name(control) == "select" {
        for option in form::options(dom, control) {
            if due.is_reset || serves(option) != Aspects::default() {
                form::restore(dom, option, false, true);
            }
        }
        return true;
    }
    form::restore(dom, control, false, due.aspects.checked);
    if !due.aspects.value || form::is_checkable(dom, control) {
        return true;
    }
    if form::is_changed(dom, control) {
        if !due.is_reset && focus == Some(control) && means_the_same(dom, control) {
            return false;
        }
        form::restore(dom, control, true, false);
    }
    mark_invalid(dom, control, false);
    true
}

/// Whether the server's value is what was typed, written differently: `1.0` and `1`, or a space at the end.
fn means_the_same(dom: &Dom, control: Id) -> bool {
    let (server, typed) = (form::default_value(dom, control), form::value(dom, control));
    let (server, typed) = (server.trim(), typed.trim());
    let number = |text: &str| text.parse::<f64>().ok();
    server == typed || (number(server).is_some() && number(server) == number(typed))
}
