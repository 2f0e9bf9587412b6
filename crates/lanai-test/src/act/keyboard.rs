//! The keyboard: typing, pasting, keys, and what the browser does with them.

use lanai_client::{Event, Held, Id, form};
use serde_json::Value;

use super::{Act, FileData, Refused, Then, is_focusable};
use crate::aria;

const KEYS: &[&str] = &[
    "Enter",
    "Tab",
    "Escape",
    "Backspace",
    "Delete",
    "Space",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Insert",
    "Control",
    "Shift",
    "Alt",
    "Meta",
];

fn is_function_key(key: &str) -> bool {
    key.strip_prefix('F').and_then(|number| number.parse::<u8>().ok()).is_some_and(|number| (1..=24).contains(&number))
}

impl Act<'_> {
    /// Types into a field key by key, after the existing text.
    pub(crate) fn type_text(&mut self, id: Id, text: &str) -> Refused<Then> {
        self.writable(id)?;
        if !form::is_text(self.dom(), id) {
            return Err(format!(
                "{} is not a field to type into, but {}",
                aria::described(self.dom(), id),
                aria::tag_of(self.dom(), id)
            ));
        }
        self.page.set_focus(self.now, Some(id));
        for c in text.chars() {
            let key = if c == '\n' { "Enter".into() } else { c.to_string() };
            // A handler may have moved the focus.
            let Some(focus) = self.page.focus() else { break };
            if let Some(then) = self.key(focus, &key, Held::default())? {
                return Ok(Some(then));
            }
        }
        Ok(None)
    }

    /// Pastes a text into a field, after the existing text, or into another element.
    pub(crate) fn paste(&mut self, id: Id, text: &str) -> Refused {
        self.paste_all(id, text, "", &[])
    }

    /// Pastes a text, its HTML, and files.
    pub(crate) fn paste_all(&mut self, id: Id, text: &str, html: &str, files: &[FileData]) -> Refused {
        self.enabled(id)?;
        self.focus_around(id);
        if !files.is_empty() && self.page.choose_files(self.now, id, files) {
            return Ok(());
        }
        let event = Event::new("paste", id).transferring(text, html, files);
        let is_prevented = self.dispatch(&event).is_prevented;
        if !is_prevented && form::is_text(self.dom(), id) && form::is_writable(self.dom(), id) {
            let is_one_line = self.dom().name(id) == "input";
            let text = if is_one_line { text.replace(['\r', '\n'], "") } else { text.to_owned() };
            self.insert(id, &text, "insertFromPaste");
        }
        Ok(())
    }

    /// Presses a key, a combination such as `Control+Enter`, or several after one another, in the focused element.
    pub(crate) fn press(&mut self, keys: &str) -> Refused<Then> {
        let chords: Vec<&str> = if keys == " " { vec![keys] } else { keys.split(' ').collect() };
        for chord in chords {
            if let Some(then) = self.press_chord(chord)? {
                return Ok(Some(then));
            }
        }
        Ok(None)
    }

    fn press_chord(&mut self, chord: &str) -> Refused<Then> {
        let mut held = Held::default();
        // (`+` is a key too.)
        let (modifiers, key) = match chord.rsplit_once('+') {
            Some((before, "")) => (before.trim_end_matches('+'), "+"),
            Some((before, key)) => (before, key),
            None => ("", chord),
        };
        for modifier in modifiers.split('+').filter(|modifier| !modifier.is_empty()) {
            match modifier {
                "Control" | "Ctrl" => held.control = true,
                "Shift" => held.shift = true,
                "Alt" => held.alt = true,
                "Meta" => held.meta = true,
                other => {
                    return Err(format!("{other:?} is not a modifier key: those are Control, Shift, Alt and Meta"));
                }
            }
        }
        let key = if key == "Space" { " " } else { key };
        if key.chars().count() > 1 && !KEYS.contains(&key) && !is_function_key(key) {
            return Err(format!(
                "there is no key {key:?}; a key is one character, or one of {}, F1 …",
                KEYS.join(", ")
            ));
        }
        let body = || self.dom().named(self.page.document(), "body").next();
        let Some(target) = self.page.focus().or_else(body) else { return Ok(None) };
        self.key(target, key, held)
    }

    fn key(&mut self, id: Id, key: &str, held: Held) -> Refused<Then> {
        let down = self.dispatch(&Event::key("keydown", id, key, held));
        let mut then = None;
        if let Some(used) = down.uses {
            // A shortcut focuses what a person types in, or submits its form if they type there already; it submits a
            // form, and clicks anything else.
            let is_text = form::is_text(self.dom(), used) || self.dom().name(used) == "select";
            let is_form = self.dom().name(used) == "form";
            if is_form || (is_text && self.page.focus() == Some(used) && form::form_of(self.dom(), used).is_some()) {
                then = self.submit_by_default(used)?;
            } else if is_text {
                self.page.set_focus(self.now, Some(used));
            } else {
                self.not_disabled(used)?;
                then = self.activate(used, Held::default())?;
            }
        } else if !down.is_prevented {
            then = self.key_default(id, key, held)?;
        }
        if then.is_none() {
            self.dispatch(&Event::key("keyup", self.page.focus().unwrap_or(id), key, held));
        }
        Ok(then)
    }

    /// Performs the browser's default action for a key.
    fn key_default(&mut self, id: Id, key: &str, held: Held) -> Refused<Then> {
        let dom = self.dom();
        let is_text = form::is_text(dom, id);
        let name = dom.name(id).to_owned();
        if held.control || held.alt || held.meta {
            return Ok(None);
        }
        match key {
            "Enter" if name == "textarea" => self.insert(id, "\n", "insertText"),
            "Enter" if name == "input" && form::kind(dom, id) != "submit" => {
                self.page.commit(self.now);
                return self.submit_implicitly(id);
            }
            "Enter" if matches!(name.as_str(), "button" | "a" | "summary" | "input") => return self.activate(id, held),
            " " if matches!(name.as_str(), "button" | "summary") || (name == "input" && !is_text) => {
                return self.activate(id, held);
            }
            "Tab" => {
                let order: Vec<Id> =
                    dom.elements(self.page.document()).into_iter().filter(|&node| self.is_tab_stop(node)).collect();
                let at = order.iter().position(|&node| node == id);
                let next = match (at, held.shift) {
                    (None, false) => order.first(),
                    (None, true) => order.last(),
                    (Some(at), false) => order.get((at + 1) % order.len()),
                    (Some(at), true) => order.get((at + order.len() - 1) % order.len()),
                };
                let next = next.copied();
                self.page.set_focus(self.now, next);
            }
            "Escape" => {
                if let Some(dialog) =
                    aria::modal(dom, self.page.document()).filter(|&dialog| dom.name(dialog) == "dialog")
                    && !self.dispatch(&Event::new("cancel", dialog)).is_prevented
                {
                    self.page.dom_mut().set_attribute(dialog, "open", None);
                    self.dispatch(&Event::new("close", dialog));
                }
            }
            "Backspace" if is_text && form::is_writable(dom, id) => {
                let mut value = form::value(dom, id);
                if value.pop().is_some() {
                    if self.page.is_selected(id) {
                        value.clear();
                    }
                    form::set_value(self.page.dom_mut(), id, &value);
                    self.page.edited(id);
                    self.dispatch(
                        &Event::new("input", id).with("data", Value::Null).with("inputType", "deleteContentBackward"),
                    );
                }
            }
            key if key.chars().count() == 1 && is_text && form::is_writable(dom, id) => {
                self.insert(id, key, "insertText")
            }
            _ => {}
        }
        Ok(None)
    }

    /// Inserts as much of a text as fits into a field, after the existing text, or in its place if it is selected.
    fn insert(&mut self, id: Id, text: &str, how: &str) {
        let mut value = if self.page.is_selected(id) { String::new() } else { form::value(self.dom(), id) };
        let most = self.dom().attribute(id, "maxlength").and_then(|most| most.parse::<usize>().ok());
        let mut length = value.encode_utf16().count();
        let fits = |c: &char| {
            length += c.len_utf16();
            most.is_none_or(|most| length <= most)
        };
        let text: String = text.chars().take_while(fits).collect();
        if text.is_empty() {
            return;
        }
        value.push_str(&text);
        // (Not sanitized: `1.` on the way to `1.5` is not a number yet.)
        if let Some(element) = self.page.dom_mut().element_mut(id) {
            element.value = Some(value);
        }
        self.page.edited(id);
        self.dispatch(&Event::new("input", id).with("data", text).with("inputType", how));
    }

    fn is_tab_stop(&self, id: Id) -> bool {
        is_focusable(self.dom(), id)
            && self.dom().attribute(id, "tabindex").and_then(|index| index.parse::<i32>().ok()).unwrap_or(0) >= 0
            && !form::is_disabled(self.dom(), id)
            && self.reach(id).is_ok()
    }
}
