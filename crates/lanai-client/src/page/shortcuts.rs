//! Keyboard shortcuts.

use serde_json::{Value, json};

use super::{Dispatched, Millis, Page};
use crate::dom::Id;
use crate::edits::Of;
use crate::event::Event;
use crate::form;
use crate::instance::Handler;

/// How long a person may take for the next key of a sequence.
const SEQUENCE: Millis = 1500;

/// The keys that were pressed in quick succession, and when the last one was.
#[derive(Debug, Default)]
pub(super) struct Pressed(Vec<Event>, Millis);

const IN_CONTROLS: u64 = 1;
const REPEAT: u64 = 2;
const INSIDE: u64 = 4;
const PHYSICAL: u64 = 8;
const KEEP_DEFAULT: u64 = 16;

impl Page {
    /// Returns the keys and descriptions of the shortcuts that can be used now, in the order of the page. On this page,
    /// `Mod` is Control.
    #[must_use]
    pub fn shortcuts(&self) -> Vec<(String, String)> {
        let keys = |(_, handler): (Of, Handler)| {
            let (keys, description, _) = handler.spec.shortcut()?;
            Some((keys.replace("Mod+", "Control+"), description.to_owned()))
        };
        self.usable().into_iter().filter_map(keys).collect()
    }

    fn usable(&self) -> Vec<(Of, Handler)> {
        let dom = &self.dom;
        let modal = |&id: &Id| dom.attribute(id, "aria-modal") == Some("true") && dom.has_attribute(id, "open");
        let modal = dom.named(self.document, "dialog").find(modal);
        let is_usable = |owner: Id| {
            dom.closest(owner, |element| element.has("hidden") || element.has("inert")).is_none()
                && modal.is_none_or(|modal| dom.contains(modal, owner))
        };
        let mut all = self.all_handlers();
        all.retain(|(_, handler)| handler.spec.shortcut().is_some() && is_usable(handler.element));
        all
    }

    /// Handles a key that no element has used.
    pub(super) fn press(&mut self, now: Millis, event: &Event, outcome: &mut Dispatched) {
        if event.flag("isComposing") || matches!(event.pressed(), "Control" | "Shift" | "Alt" | "Meta" | "undefined") {
            return;
        }
        let is_repeated = event.flag("repeat");
        if now - self.pressed.1 > SEQUENCE {
            self.pressed.0.clear();
        }
        self.pressed.1 = now;
        if !is_repeated {
            self.pressed.0.push(event.clone());
        }
        let target = event.target;
        let is_used = is_typing(self, target)
            || (matches!(event.pressed(), "Enter" | " ")
                && (matches!(self.dom.name(target), "button" | "summary" | "input" | "select" | "textarea")
                    || (self.dom.name(target) == "a" && self.dom.has_attribute(target, "href"))));
        let mut best: Vec<(Of, Handler, usize)> = Vec::new();
        let mut longest = 0;
        let mut has_begun = false;
        for (of, handler) in self.usable() {
            let Some((keys, _, flags)) = handler.spec.shortcut() else { continue };
            let is_inside = self.dom.contains(handler.element, target);
            if (is_used && flags & IN_CONTROLS == 0) || (flags & INSIDE != 0 && !is_inside) {
                continue;
            }
            let chords: Vec<&str> = keys.split(' ').collect();
            let begins = |count: usize| {
                let events = if is_repeated { std::slice::from_ref(event) } else { &self.pressed.0 };
                let last = events.len().checked_sub(count).map(|from| &events[from..]);
                last.is_some_and(|last| {
                    last.iter().zip(&chords).all(|(event, chord)| presses(event, chord, flags & PHYSICAL != 0))
                })
            };
            if begins(chords.len()) {
                let depth = if flags & INSIDE == 0 { 0 } else { self.dom.ancestors(handler.element).count() };
                if chords.len() > longest {
                    best.clear();
                }
                if chords.len() >= longest {
                    longest = chords.len();
                    best.push((of, handler, depth));
                }
            } else if (1..chords.len()).any(begins) {
                has_begun = true;
                outcome.is_prevented |= chords[0].len() > 1 && chords[0].contains('+');
            }
        }
        best.sort_by_key(|(.., depth)| std::cmp::Reverse(*depth));
        let Some((_, handler, _)) = best.into_iter().next() else { return };
        // A longer one may follow.
        if !has_begun {
            self.pressed.0.clear();
        }
        let Some((.., flags)) = handler.spec.shortcut() else { return };
        outcome.is_prevented |= flags & KEEP_DEFAULT == 0;
        if is_repeated && flags & REPEAT == 0 {
            return;
        }
        if !handler.spec.does_something() {
            outcome.uses = Some(handler.element);
            return;
        }
        let list = self.shortcuts().into_iter().map(|(keys, description)| json!([keys, description]));
        let event = event.clone().adding("shortcuts", list.collect::<Vec<Value>>());
        self.deliver(now, &event, &[handler.element], |spec| spec.event == handler.spec.event, outcome);
    }
}

/// Whether a person types in an element.
fn is_typing(page: &Page, id: Id) -> bool {
    form::is_text(&page.dom, id)
        || page.dom.name(id) == "select"
        || page.dom.attribute(id, "contenteditable").is_some_and(|value| value != "false")
}

/// Whether an event presses a chord.
fn presses(event: &Event, chord: &str, is_physical: bool) -> bool {
    let chord = chord.replace("Mod+", "Control+");
    let (modifiers, key) = match chord.strip_suffix("++") {
        Some(modifiers) => (modifiers, "+"),
        None => chord.rsplit_once('+').filter(|(before, _)| !before.is_empty()).unwrap_or(("", &chord)),
    };
    let has = |name: &str| modifiers.split('+').any(|modifier| modifier == name);
    let held = |flag: &str, name: &str| event.flag(flag) == has(name);
    if !held("metaKey", "Meta") || !held("ctrlKey", "Control") || !held("altKey", "Alt") {
        return false;
    }
    let is_letter = matches!(key.as_bytes(), [b'a'..=b'z']);
    if (is_letter || key.chars().count() > 1 || is_physical || has("Shift")) && !held("shiftKey", "Shift") {
        return false;
    }
    let code = event.properties.get("code").and_then(Value::as_str).unwrap_or_default();
    if is_physical {
        return code == key;
    }
    let pressed = if event.pressed() == " " { "Space" } else { event.pressed() };
    pressed.eq_ignore_ascii_case(key) || (has("Shift") && code == format!("Digit{key}"))
}
