//! Keyboard shortcuts.

use std::marker::PhantomData;

use lanai_core::protocol::{EventOptions, EventSpec, Shortcut as Keys};

use super::{Alone, Called, Handler};
use crate::cx::Cx;
use crate::event::Dragged;

/// A keyboard shortcut; see [`shortcut`].
#[derive(Debug, Clone)]
#[must_use = "a shortcut does nothing unless it is the value of `onshortcut`"]
pub struct Shortcut<F = Alone> {
    keys: Keys,
    handler: F,
}

/// A keyboard shortcut, as the value of `onshortcut`. An element may have several.
///
/// Without [`then`](Shortcut::then), it uses its element: it focuses a text field, or submits its form if a person types
/// there already; it submits a form; and it clicks anything else, such as a button or a link. Then the element gets the
/// attribute `aria-keyshortcuts`.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Mail { selected: usize }
///
/// impl Mail {
///     fn next(&mut self) {
///         self.selected += 1;
///     }
///
///     fn archive(&mut self) {}
/// }
///
/// impl View for Mail {
///     fn render(&self) -> Html<Self> {
///         html! {
///             main onshortcut=(shortcut("j", "Next message").then(Self::next)) {
///                 input type="search" aria-label="Search" onshortcut=(shortcut("/", "Search"));
///                 button onclick=(Self::archive) onshortcut=(shortcut("e", "Archive")) { "Archive" }
///                 a href="/inbox" onshortcut=(shortcut("g i", "Go to the inbox")) { "Inbox" }
///             }
///         }
///     }
/// }
/// ```
///
/// `keys` are one chord, or several separated by spaces, which are pressed one after another within 1.5 seconds. A
/// chord is a key with modifier keys before it: `Ctrl`, `Alt`, `Shift`, `Meta`, and `Mod`, which is Command on a Mac
/// and Control elsewhere. A key is the character that it types (`k`, `?`, `+`), or its name: `Enter`, `Escape`, `Tab`,
/// `Space`, `Backspace`, `Delete`, `Insert`, `Home`, `End`, `PageUp`, `PageDown`, `ArrowUp` …, `F1` …. Letters are the
/// same in upper and lower case: `Shift+K` needs Shift.
///
/// The browser's own action for the keys is prevented, as far as the browser lets it. A few chords never reach a page:
/// `Ctrl+N`, `Ctrl+T`, `Ctrl+W` (with Command on a Mac), with and without Shift.
///
/// `description` says what it does, in the [list of shortcuts](crate::event::Shortcuts).
///
/// # Panics
///
/// Panics if `keys` is not a list of chords.
#[track_caller]
pub fn shortcut(keys: &str, description: impl Into<String>) -> Shortcut {
    let chords: Vec<String> = keys.split_whitespace().map(|chord| canonical(chord, keys)).collect();
    assert!(!chords.is_empty(), "a shortcut needs keys, such as `shortcut(\"Ctrl+K\", …)`");
    let keys = Keys {
        keys: chords.join(" "),
        description: description.into(),
        in_controls: false,
        repeat: false,
        inside: false,
        physical: false,
        keep_default: false,
    };
    Shortcut { keys, handler: Alone }
}

impl<F> Shortcut<F> {
    /// Calls a handler, or runs [commands](crate::js), instead of using the element.
    pub fn then<G>(self, handler: G) -> Shortcut<G> {
        Shortcut { keys: self.keys, handler }
    }

    /// Also works while a person types in a control, or has the focus on something that uses the key itself.
    pub fn in_controls(mut self) -> Self {
        self.keys.in_controls = true;
        self
    }

    /// Acts again and again while the keys are held down.
    pub fn repeat(mut self) -> Self {
        self.keys.repeat = true;
        self
    }

    /// Works only while the focus is inside the element. If several shortcuts have the same keys, such a one comes
    /// before those of the page, and the innermost first.
    pub fn inside(mut self) -> Self {
        self.keys.inside = true;
        self
    }

    /// Compares where the keys are instead of what they mean, for games: `shortcut("w", "Forward").physical()` is the
    /// key above `a` and `s` on any keyboard. Besides letters and digits, keys have the names of
    /// [`KeyboardEvent.code`](https://developer.mozilla.org/docs/Web/API/UI_Events/Keyboard_event_code_values), such as
    /// `Slash`.
    pub fn physical(mut self) -> Self {
        let code = |chord: &str| {
            let (modifiers, key) = match chord.rsplit_once('+') {
                Some((modifiers, key)) if !key.is_empty() => (format!("{modifiers}+"), key),
                _ => (String::new(), chord),
            };
            let key = match key.as_bytes() {
                [letter @ b'a'..=b'z'] => format!("Key{}", letter.to_ascii_uppercase() as char),
                [digit @ b'0'..=b'9'] => format!("Digit{}", *digit as char),
                _ => key.to_owned(),
            };
            modifiers + &key
        };
        self.keys.keys = self.keys.keys.split(' ').map(code).collect::<Vec<_>>().join(" ");
        self.keys.physical = true;
        self
    }

    /// Keeps the browser's own action for the keys.
    pub fn keep_default(mut self) -> Self {
        self.keys.keep_default = true;
        self
    }
}

const NAMES: [&str; 42] = [
    "Enter",
    "Escape",
    "Tab",
    "Space",
    "Backspace",
    "Delete",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ContextMenu",
    "Pause",
    "PrintScreen",
    // Names of physical keys.
    "Backquote",
    "Backslash",
    "BracketLeft",
    "BracketRight",
    "Comma",
    "Equal",
    "IntlBackslash",
    "Minus",
    "Period",
    "Quote",
    "Semicolon",
    "Slash",
    "NumpadAdd",
    "NumpadSubtract",
    "NumpadMultiply",
    "NumpadDivide",
    "NumpadDecimal",
    "NumpadEnter",
    "MediaPlayPause",
    "MediaStop",
    "MediaTrackNext",
    "MediaTrackPrevious",
    "AudioVolumeUp",
    "AudioVolumeDown",
];

/// Returns a chord as the browser compares it: modifier keys in one order, and the key as in `KeyboardEvent.key`.
#[track_caller]
fn canonical(chord: &str, keys: &str) -> String {
    let (modifiers, key) = match chord.strip_suffix("++") {
        Some(modifiers) => (modifiers, "+"),
        None => chord.rsplit_once('+').filter(|(before, _)| !before.is_empty()).unwrap_or(("", chord)),
    };
    let mut held = [false; 5];
    for modifier in modifiers.split('+').filter(|modifier| !modifier.is_empty()) {
        let which = match modifier.to_ascii_lowercase().as_str() {
            "ctrl" | "control" => 0,
            "alt" | "option" => 1,
            "shift" => 2,
            "meta" | "cmd" | "command" => 3,
            "mod" => 4,
            _ => panic!(
                "the shortcut \"{keys}\" has no modifier key `{modifier}`: those are Ctrl, Alt, Shift, Meta and Mod"
            ),
        };
        held[which] = true;
    }
    let is_one = key.chars().count() == 1;
    assert!(
        !(is_one && held[2] && !key.starts_with(char::is_alphanumeric)),
        "the shortcut \"{keys}\" depends on the keyboard: write the character that Shift and `{key}` type, \
         such as `?` in place of `Shift+/`"
    );
    let key = match key.to_ascii_lowercase().as_str() {
        lower if is_one => lower.to_owned(),
        "esc" => "Escape".into(),
        "return" => "Enter".into(),
        "del" => "Delete".into(),
        "up" => "ArrowUp".into(),
        "down" => "ArrowDown".into(),
        "left" => "ArrowLeft".into(),
        "right" => "ArrowRight".into(),
        "plus" => "+".into(),
        lower => {
            let is_function = |name: &str| {
                name.strip_prefix('f')
                    .and_then(|number| number.parse::<u8>().ok())
                    .is_some_and(|number| (1..=24).contains(&number))
            };
            match NAMES.iter().find(|name| name.eq_ignore_ascii_case(lower)) {
                Some(name) => (*name).to_owned(),
                None if is_function(lower) => lower.to_ascii_uppercase(),
                None => panic!(
                    "the shortcut \"{keys}\" has no key `{key}`: a key is one character, or has a name such as Enter, \
                     Escape, Space, ArrowUp, Home or F1; chords that follow each other are separated by spaces"
                ),
            }
        }
    };
    let names = ["Control", "Alt", "Shift", "Meta", "Mod"];
    let held = names.iter().zip(held).filter(|(_, is_held)| *is_held).map(|(name, _)| format!("{name}+"));
    held.collect::<String>() + &key
}

/// Marks a handler with a shortcut.
#[derive(Debug)]
pub struct ByKeys<M>(PhantomData<M>);

#[diagnostic::do_not_recommend]
impl<V, M: 'static, F: Handler<V, M>> Handler<V, ByKeys<M>> for Shortcut<F> {
    fn spec(&self) -> EventSpec {
        let shortcut = Some(self.keys.clone());
        self.handler.spec().with(EventOptions { shortcut, ..EventOptions::default() })
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.handler.call(view, payload, cx)
    }

    fn dragged(&self) -> Option<Dragged> {
        self.handler.dragged()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &str) -> String {
        shortcut(keys, "").keys.keys
    }

    #[test]
    fn chords_are_written_in_one_way() {
        for (written, expected) in [
            ("k", "k"),
            ("K", "k"),
            ("shift+ctrl+K", "Control+Shift+k"),
            ("Cmd+s", "Meta+s"),
            ("mod+enter", "Mod+Enter"),
            ("g  i", "g i"),
            ("Ctrl++", "Control++"),
            ("+", "+"),
            ("?", "?"),
            ("esc", "Escape"),
            ("f5", "F5"),
            ("Shift+1", "Shift+1"),
        ] {
            assert_eq!(keys(written), expected, "{written}");
        }
        assert_eq!(shortcut("ctrl+w 1 Slash", "").physical().keys.keys, "Control+KeyW Digit1 Slash");
    }

    #[test]
    #[should_panic(expected = "has no key `Entr`")]
    fn a_key_that_does_not_exist_is_named() {
        let _ = shortcut("Ctrl+Entr", "");
    }

    #[test]
    #[should_panic(expected = "has no modifier key `Crtl`")]
    fn a_modifier_that_does_not_exist_is_named() {
        let _ = shortcut("Crtl+K", "");
    }

    #[test]
    #[should_panic(expected = "such as `?`")]
    fn shift_with_a_character_that_it_changes_depends_on_the_keyboard() {
        let _ = shortcut("Shift+/", "");
    }
}
