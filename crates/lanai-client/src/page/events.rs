//! Events: which handlers receive one, what they send, and when.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Millis, Page};
use crate::dom::Id;
use crate::edits::{Moment, Of, mark_invalid};
use crate::event::Event;
use crate::form;
use crate::instance::Handler;
use crate::wire::{EventSpec, Payload};

/// Events of one view, numbered from 1.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) sent: Vec<Sent>,
    pub(super) last: u64,
    pub(super) origins: BTreeMap<u64, (Moment, Reading)>,
}

/// An event in flight.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) number: u64,
    /// The number of a handler, or a channel and an event on it, as JSON.
    pub(super) handler: String,
    pub(super) payload: String,
    pub(super) owner: Option<Id>,
    pub(super) submitter: Option<Id>,
    /// How many frames the page had applied when the event was sent first.
    pub(super) frames: u64,
}

/// The source of an event's payload.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) form: Option<Id>,
    pub(super) control: Option<Id>,
    pub(super) carried: Vec<Id>,
}

/// When an event that waits for the answer to the one before it is due.
pub(super) const ANSWERED: Millis = Millis::MAX;

/// An event that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) of: Of,
    pub(super) made: u64,
    pub(super) event: Event,
    pub(super) at: Millis,
}

/// The outcome of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dispatched {
    /// Whether the browser's default action was prevented.
    pub is_prevented: bool,
    /// The number of handlers that the event has reached, including those that wait.
    pub heard: usize,
    /// The element that a shortcut uses: the browser focuses it or clicks it.
    pub uses: Option<Id>,
}

impl Queue {
    /// Returns when an event occurred, on the clock of edits and events.
    pub(super) fn time_of(&self, event: u64) -> Moment {
        self.origins.get(&event).map_or(0, |(time, _)| *time)
    }
}

impl Page {
    /// Dispatches an event. Handlers from its target up to the root receive it, according to their modifiers.
    pub fn dispatch(&mut self, now: Millis, event: &Event) -> Dispatched {
        self.dispatched += 1;
        let mut path = vec![event.target];
        if event.bubbles {
            path.extend(self.dom.ancestors(event.target));
        }
        let mut outcome = Dispatched::default();
        if event.kind == "pointerdown" {
            self.click_outside(now, event, &path, &mut outcome);
        }
        let has_stopped = self.deliver(now, event, &path, |spec| spec.receives(&event.kind), &mut outcome);
        if event.bubbles && !has_stopped {
            self.reach_window(now, event, &mut outcome);
        }
        outcome
    }

    /// Delivers an event to the handlers of the elements in `path` whose specification fits. Returns whether one of
    /// them has stopped it.
    pub(super) fn deliver(
        &mut self,
        now: Millis,
        event: &Event,
        path: &[Id],
        fits: impl Fn(&EventSpec) -> bool,
        outcome: &mut Dispatched,
    ) -> bool {
        for &element in path {
            for (of, handler) in self.handlers_at(element) {
                let spec = &handler.spec;
                if !fits(spec) || form::is_disabled(&self.dom, element) || !self.wants(spec, element, event) {
                    continue;
                }
                outcome.is_prevented |= spec.prevents();
                let key = (of.clone(), handler.made);
                if !(spec.commands.is_empty() || spec.is_once() && self.until.contains_key(&key)) {
                    let commands = spec.commands.clone();
                    if spec.payload == Payload::Off {
                        outcome.heard += 1;
                        self.until.insert(key, now);
                    }
                    self.run_commands(now, &commands, Some(element));
                }
                if self.sessions.get(&of).is_none_or(|session| session.has_ended) {
                    if matches!(event.kind.as_str(), "click" | "submit") {
                        self.notify("This page has ended. Reload it to continue.");
                    }
                } else if spec.payload != Payload::Off {
                    outcome.heard += 1;
                    self.happened(now, &of, &handler, event);
                }
                if spec.stops() {
                    return true;
                }
            }
        }
        false
    }

    /// Returns the handlers of all views on the page, in the order of the document for each view.
    pub(super) fn all_handlers(&self) -> Vec<(Of, Handler)> {
        let of_view = |(of, session): (&Of, &super::Session)| -> Vec<(Of, Handler)> {
            session.instance.handlers().into_iter().map(|handler| (of.clone(), handler.clone())).collect()
        };
        self.sessions.iter().flat_map(of_view).collect()
    }

    pub(super) fn handlers_at(&self, element: Id) -> Vec<(Of, Handler)> {
        let all = self.sessions.iter().flat_map(|(of, session)| {
            session.instance.handlers().into_iter().map(move |handler| (of.clone(), handler))
        });
        all.filter(|(_, handler)| handler.element == element).map(|(of, handler)| (of, handler.clone())).collect()
    }

    fn wants(&self, spec: &EventSpec, owner: Id, event: &Event) -> bool {
        // With one of these keys, a link opens elsewhere.
        let elsewhere = ["ctrlKey", "metaKey", "shiftKey"].iter().any(|key| event.flag(key));
        let in_link = || self.dom.closest(owner, |element| element.name == "a" && element.has("href")).is_some();
        if event.kind == "click" && spec.prevents() && elsewhere && in_link() {
            return false;
        }
        // Autofill fires key events without a key.
        if event.kind.starts_with("key") && !event.properties.contains_key("key") {
            return false;
        }
        spec.keys().is_empty() || (spec.wants_key(event.pressed()) && !event.flag("isComposing"))
    }

    /// Runs a handler now, or after its debounce or throttle time.
    fn happened(&mut self, now: Millis, of: &Of, handler: &Handler, event: &Event) {
        let spec = &handler.spec;
        let key = (of.clone(), handler.made);
        let until = self.until.get(&key).copied();
        if until.is_some() && spec.is_once() {
            return;
        }
        let debounce = spec.debounce();
        if spec.is_coalesced() && debounce == 0 && self.is_under_way(of, handler.number) {
            return self.coalesce(of, handler, event);
        }
        let wait = if debounce > 0 { debounce } else { until.map_or(0, |until| until.saturating_sub(now)) };
        if wait == 0 {
            if !spec.is_coalesced() {
                self.flush(now, None);
            }
            self.run(now, of, handler, event);
            return;
        }
        // A debounce restarts with each event, and a throttle does not. The latest event goes to the end of the sending
        // order.
        let before = self
            .held
            .iter()
            .position(|held| held.of == *of && held.made == handler.made)
            .map(|at| self.held.remove(at));
        let at = before.filter(|_| debounce == 0).map_or(now + wait, |before| before.at);
        self.held.push(Waiting { of: of.clone(), made: handler.made, event: event.clone(), at });
    }

    /// Sends what is held back, up to a handler's event or all: an edit never arrives after the click that followed it.
    pub(super) fn flush(&mut self, now: Millis, last: Option<&(Of, u64)>) {
        while !self.held.is_empty() {
            let Waiting { of, made, event, .. } = self.held.remove(0);
            // A patch, or the end of the view, may have removed it.
            let session = self.sessions.get(&of).filter(|session| !session.has_ended);
            let handler = session
                .and_then(|session| session.instance.handlers().into_iter().find(|handler| handler.made == made));
            if let Some(handler) = handler.cloned() {
                self.run(now, &of, &handler, &event);
            }
            if last.is_some_and(|(by, last)| *by == of && *last == made) {
                return;
            }
        }
    }

    pub(super) fn run(&mut self, now: Millis, of: &Of, handler: &Handler, event: &Event) {
        let spec = &handler.spec;
        let owner = handler.element;
        let (payload, reading) = self.read_payload(&spec.payload, owner, event);
        let limit = self.boot().map_or(usize::MAX, |boot| boot.message_size);
        if payload.len() > limit {
            let controls = reading.control.map_or(reading.carried, |control| vec![control]);
            let largest = controls.into_iter().max_by_key(|&id| form::value(&self.dom, id).len());
            mark_invalid(&mut self.dom, largest.unwrap_or(owner), true);
            return;
        }
        let happened = self.edits.tick();
        let sent = Sent {
            number: 0,
            handler: handler.number.to_string(),
            payload,
            owner: Some(owner),
            submitter: event.submitter,
            frames: 0,
        };
        if event.kind == "submit" && self.is_repeated(of, &sent, &reading) {
            return;
        }
        self.until.insert((of.clone(), handler.made), now + spec.throttle());
        let number = self.post(of, sent, happened, reading.clone());
        // For a click on a checkbox, the view needs no payload.
        let is_box =
            |&id: &Id| form::is_checkable(&self.dom, id) && matches!(event.kind.as_str(), "click" | "input" | "change");
        let boxes = reading.control.filter(is_box);
        for control in reading.carried.iter().copied().chain(boxes) {
            // A form's handler may ignore a text that is being typed. That is no reason to lose the text.
            let is_text = !form::is_checkable(&self.dom, control) && self.dom.name(control) != "select";
            let is_answer = reading.control == Some(control) && !(self.dom.name(owner) == "form" && is_text);
            self.edits.carried_by(&self.dom, control, of, number, is_answer);
        }
        if !spec.in_advance.is_empty() {
            self.show_in_advance(of, number, owner, spec.in_advance.clone(), event);
        }
    }

    /// Whether this submit is already in flight, and nothing was edited since: a double click, or an impatient Enter.
    fn is_repeated(&self, of: &Of, sent: &Sent, reading: &Reading) -> bool {
        let Some(session) = self.sessions.get(of) else { return false };
        let is_same =
            |one: &&Sent| one.handler == sent.handler && one.payload == sent.payload && one.submitter == sent.submitter;
        let Some(twin) = session.queue.sent.iter().rev().find(is_same) else { return false };
        let time = session.queue.time_of(twin.number);
        !reading.carried.iter().any(|&control| self.edits.edited_since(control, time))
    }

    fn read_payload(&self, payload: &Payload, owner: Id, event: &Event) -> (String, Reading) {
        let dom = &self.dom;
        let form = form::form_of(dom, owner).or_else(|| form::form_of(dom, event.target));
        let control = [event.target, owner].into_iter().find(|&id| form::is_control(dom, id));
        let mut reading = Reading { form, control, carried: Vec::new() };
        let source = control.unwrap_or(owner);
        let data = match payload {
            Payload::Nothing | Payload::Off => return (String::new(), reading),
            Payload::State if event.recovered.is_some() => event.recovered.clone().into(),
            Payload::Fields | Payload::State => {
                let Some(form) = form else { return ("\"\"".into(), reading) };
                reading.carried =
                    form::members(dom, form).into_iter().filter(|&id| form::is_control(dom, id)).collect();
                let read = if *payload == Payload::State { form::state } else { form::fields };
                let fields = read(dom, form, event.submitter);
                form::urlencoded(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).into()
            }
            Payload::Value => {
                reading.carried = control.into_iter().collect();
                if dom.name(source) == "select" && dom.has_attribute(source, "multiple") {
                    let chosen =
                        form::selected(dom, source).into_iter().filter(|&option| !form::is_disabled(dom, option));
                    chosen.map(|option| form::default_value(dom, option)).collect()
                } else {
                    Value::from(form::value(dom, source))
                }
            }
            Payload::Checked => {
                reading.carried = control.into_iter().collect();
                form::is_checked(dom, source).into()
            }
            Payload::Properties(paths) => {
                if paths.iter().any(|path| path.ends_with("rget.value") || path.ends_with("rget.checked")) {
                    reading.carried = control.into_iter().collect();
                }
                paths.iter().map(|path| event.property(dom, path, owner)).collect()
            }
        };
        (data.to_string(), reading)
    }

    /// Numbers an event, and sends it when it can.
    pub(super) fn post(&mut self, of: &Of, mut sent: Sent, happened: Moment, reading: Reading) -> u64 {
        let Some(session) = self.sessions.get_mut(of) else { return 0 };
        session.queue.last += 1;
        sent.number = session.queue.last;
        sent.frames = session.frames;
        session.queue.origins.insert(sent.number, (happened, reading));
        session.queue.sent.push(sent.clone());
        self.say_event(of, &sent);
        self.mark_pending();
        sent.number
    }

    pub(super) fn say_event(&mut self, of: &Of, sent: &Sent) {
        let Sent { number, handler, payload, frames, .. } = sent;
        let payload = if payload.is_empty() { String::new() } else { format!(",{payload}") };
        self.say(of, &format!("{number},{frames},{handler}{payload}"));
    }

    /// Acknowledges frames.
    pub(super) fn tell(&mut self, of: &Of) {
        let Some(session) = self.sessions.get_mut(of) else { return };
        session.tell_at = None;
        let frames = session.frames;
        if of.is_none() && session.is_attached {
            session.untold = 0;
            self.output.push(frames.to_string());
        } else {
            self.say(of, &frames.to_string());
        }
    }

    /// Sends a message about a view, if it is attached.
    fn say(&mut self, of: &Of, message: &str) {
        let root_is_attached = self.sessions.get(&None).is_some_and(|root| root.is_attached);
        let Some(session) = self.sessions.get_mut(of).filter(|session| session.is_attached && root_is_attached) else {
            return;
        };
        session.untold = 0;
        session.tell_at = None;
        self.output.push(match of {
            None => format!("[{message}]"),
            Some(number) => format!("[\"{number}\",{message}]"),
        });
    }

    /// Marks elements whose events are in flight.
    pub(super) fn mark_pending(&mut self) {
        const PENDING: &str = "data-lanai-pending";
        let pending: Vec<Id> =
            self.sessions.values().flat_map(|session| &session.queue.sent).filter_map(|sent| sent.owner).collect();
        for id in self.dom.elements(self.document) {
            let is_pending = pending.contains(&id);
            if is_pending != self.dom.has_attribute(id, PENDING) {
                self.dom.set_attribute(id, PENDING, is_pending.then_some(""));
                if self.dom.name(id) == "form" {
                    self.dom.set_attribute(id, "aria-busy", is_pending.then_some("true"));
                }
            }
        }
    }

    /// Sends an event to a handler by its number, whether or not the page has that handler, as an attacker who forges
    /// messages does. `view` is the number of an inner view, or `None` for the root.
    ///
    /// Returns false if the page does not show that view, so that the server does not answer.
    pub fn forge(&mut self, view: Option<&str>, handler: u64, payload: Option<&Value>) -> bool {
        let payload = payload.map(Value::to_string).unwrap_or_default();
        let of = view.map(str::to_owned);
        if let Some(number) = view.filter(|_| !self.sessions.contains_key(&of)) {
            let event = self.past.get(number).map_or(0, |(_, queue)| queue.last) + 1;
            let payload = if payload.is_empty() { payload } else { format!(",{payload}") };
            self.output.push(format!("[\"{number}\",{event},0,{handler}{payload}]"));
            return false;
        }
        let sent = Sent { number: 0, handler: handler.to_string(), payload, owner: None, submitter: None, frames: 0 };
        let happened = self.edits.tick();
        self.post(&of, sent, happened, Reading::default());
        true
    }

    /// Notes that a person has changed what a control shows. Call this before dispatching the events about it.
    pub fn edited(&mut self, control: Id) {
        self.unselect();
        self.edits.edited(&mut self.dom, control);
    }

    /// Focuses an element, or removes the focus, with the resulting events.
    pub fn set_focus(&mut self, now: Millis, element: Option<Id>) {
        let old = self.focus();
        if old == element {
            return;
        }
        if let Some(old) = old {
            if self.before_edit.take().is_some_and(|before| before != form::value(&self.dom, old)) {
                self.dispatch(now, &Event::new("change", old));
            }
            self.focus = None;
            self.unselect();
            self.dispatch(now, &Event::new("blur", old));
            self.dispatch(now, &Event::new("focusout", old));
            // The control that had the focus may be set now.
            if let Some(root) = self.sessions.get(&None) {
                let acknowledged = root.acknowledged;
                self.settle(&None, acknowledged, 0);
            }
        }
        self.focus = element;
        if let Some(new) = element {
            self.before_edit = form::is_text(&self.dom, new).then(|| form::value(&self.dom, new));
            self.dispatch(now, &Event::new("focus", new));
            self.dispatch(now, &Event::new("focusin", new));
        }
    }

    /// Notes that a person has finished an edit of the focused control: dispatches `change` if there was one.
    pub fn commit(&mut self, now: Millis) {
        if let (Some(control), Some(before)) = (self.focus(), self.before_edit.clone()) {
            let value = form::value(&self.dom, control);
            if before != value {
                self.before_edit = Some(value);
                self.dispatch(now, &Event::new("change", control));
            }
        }
    }

    /// Resets a form as its button does. The person has edited what this changes.
    pub fn reset_form(&mut self, now: Millis, form: Id) {
        for control in
            form::members(&self.dom, form).into_iter().filter(|&id| form::is_control(&self.dom, id)).collect::<Vec<_>>()
        {
            if form::is_changed(&self.dom, control) {
                form::restore(&mut self.dom, control, true, true);
                self.edits.edited(&mut self.dom, control);
            }
        }
        self.tell_untold(now);
    }

    /// Sends edits to the server that no event has reported.
    pub(super) fn tell_untold(&mut self, now: Millis) {
        for (form, before) in std::mem::take(&mut self.replaced_forms) {
            let recovered = Some(before);
            self.dispatch(now, &Event { recovered, ..Event::new("lanai:recover", form) });
        }
        for control in self.edits.untold(&self.dom, self.document) {
            // The other radio buttons of a group send no event when one is checked.
            if form::kind(&self.dom, control) == "radio" && !form::is_checked(&self.dom, control) {
                continue;
            }
            for kind in ["input", "change"] {
                self.dispatch(now, &Event::new(kind, control));
            }
        }
    }
}
