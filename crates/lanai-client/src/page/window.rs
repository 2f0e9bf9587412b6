//! Events of the window, and of elements in their surroundings: what no element receives in a browser.

use serde_json::{Value, json};

use super::{Dispatched, Millis, Page};
use crate::dom::Id;
use crate::event::Event;

impl Page {
    /// Dispatches an event of the window, such as `online`. Its `target` is the window, whose properties are in
    /// `properties`: `{"target":{"innerWidth":1024}}`.
    pub fn dispatch_at_window(&mut self, now: Millis, kind: &str, properties: &Value) -> Dispatched {
        self.dispatched += 1;
        let mut event = Event::new(kind, self.document);
        event.properties.extend(properties.as_object().cloned().unwrap_or_default());
        event.properties.entry("target").or_insert_with(|| json!({}));
        let mut outcome = Dispatched::default();
        self.reach_window(now, &event, &mut outcome);
        outcome
    }

    /// Delivers an event to the handlers of the window, and to those of shortcuts.
    pub(super) fn reach_window(&mut self, now: Millis, event: &Event, outcome: &mut Dispatched) {
        let wanted = format!("~window:{}", event.kind);
        for owner in self.owners(|kind| kind == wanted) {
            self.deliver(now, event, &[owner], |spec| spec.event == wanted, outcome);
        }
        if event.kind == "keydown" && !outcome.is_prevented {
            self.press(now, event, outcome);
        }
    }

    /// Tells handlers that a person has clicked outside of their elements.
    pub(super) fn click_outside(&mut self, now: Millis, event: &Event, path: &[Id], outcome: &mut Dispatched) {
        for owner in self.owners(|kind| kind == "~clickoutside") {
            let is_shown = self.dom.closest(owner, |element| element.has("hidden")).is_none();
            if is_shown && !path.contains(&owner) {
                self.deliver(now, event, &[owner], |spec| spec.event == "~clickoutside", outcome);
            }
        }
    }

    /// Notes that an element has come into view, or has left it: the nearest one here or around that has a handler of
    /// that. Returns false if there is none.
    pub fn view(&mut self, now: Millis, element: Id, is_in: bool) -> bool {
        let kind = if is_in { "enterview" } else { "leaveview" };
        let owners = self.owners(|kind| matches!(kind, "~enterview" | "~leaveview"));
        let found = std::iter::once(element).chain(self.dom.ancestors(element)).find(|id| owners.contains(id));
        let Some(element) = found else { return false };
        self.dispatched += 1;
        let mut outcome = Dispatched::default();
        self.deliver(now, &Event::new(kind, element), &[element], |spec| spec.receives(kind), &mut outcome);
        true
    }

    /// Notes that an element has another size.
    pub fn resized(&mut self, now: Millis, element: Id, width: f64, height: f64) -> Dispatched {
        self.dispatched += 1;
        let event = Event::new("resize", element).adding("width", width).adding("height", height);
        let mut outcome = Dispatched::default();
        self.deliver(now, &event, &[element], |spec| spec.receives("resize"), &mut outcome);
        outcome
    }

    /// Returns the elements with handlers of a type, each once.
    pub(super) fn owners(&self, fits: impl Fn(&str) -> bool) -> Vec<Id> {
        let mut owners = Vec::new();
        for (_, handler) in self.all_handlers() {
            if fits(&handler.spec.event) && !owners.contains(&handler.element) {
                owners.push(handler.element);
            }
        }
        owners
    }
}
