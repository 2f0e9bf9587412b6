//! The list of the page's shortcuts.

use maud::{Markup, Render, html};

use super::{EventError, FromEvent, json};

/// The keyboard shortcuts of the page, for a help sheet: a payload for the handler that shows it.
///
/// The browser sends those that can be used at that moment, in the order of the page, from all views on it. In markup,
/// the value is a `dl.lanai-shortcuts`; or render the [list](Self::list) yourself.
///
/// ```
/// use lanai::event::Shortcuts;
/// use lanai::prelude::*;
///
/// struct Page { help: Option<Shortcuts> }
///
/// impl Page {
///     fn show_help(&mut self, shortcuts: Shortcuts) {
///         self.help = Some(shortcuts);
///     }
///
///     fn hide_help(&mut self) {
///         self.help = None;
///     }
/// }
///
/// impl View for Page {
///     fn render(&self) -> Html<Self> {
///         html! {
///             main onshortcut=(shortcut("?", "Show the shortcuts").then(Self::show_help)) { "…" }
///             @if let Some(shortcuts) = &self.help {
///                 dialog open aria-modal="true" aria-label="Shortcuts" onclose=(Self::hide_help) {
///                     (shortcuts)
///                     form method="dialog" { button { "Close" } }
///                 }
///             }
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortcuts {
    /// The shortcuts.
    pub list: Vec<ShortcutInfo>,
}

/// One keyboard shortcut of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShortcutInfo {
    /// The chords, which are pressed one after another; each is a list of keys that are held together. The names are
    /// those on the person's keyboard: `⌘` on a Mac, `Ctrl` elsewhere.
    pub chords: Vec<Vec<String>>,
    /// What it does.
    pub description: String,
}

impl FromEvent for Shortcuts {
    const PAYLOAD: &'static str = "lanai.shortcuts";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (list,): (Vec<(String, String)>,) = json(payload)?;
        let info = |(keys, description): (String, String)| {
            let is_mac = keys.contains("Meta+");
            let chords = keys.split(' ').map(|chord| keys_of(chord).map(|key| shown(key, is_mac)).collect()).collect();
            ShortcutInfo { chords, description }
        };
        Ok(Self { list: list.into_iter().map(info).collect() })
    }
}

/// Renders as a `dl.lanai-shortcuts`, with a `kbd` for each key.
impl Render for Shortcuts {
    fn render(&self) -> Markup {
        html! {
            dl.lanai-shortcuts {
                @for shortcut in &self.list {
                    div {
                        dt {
                            @for (index, chord) in shortcut.chords.iter().enumerate() {
                                @if index > 0 { " then " }
                                @for (index, key) in chord.iter().enumerate() {
                                    @if index > 0 { "+" }
                                    kbd { (key) }
                                }
                            }
                        }
                        dd { (shortcut.description) }
                    }
                }
            }
        }
    }
}

/// Returns the keys of a chord: the last may be `+`.
fn keys_of(chord: &str) -> impl Iterator<Item = &str> {
    let (before, last) = match chord.strip_suffix("++") {
        Some(before) => (before, "+"),
        None => chord.rsplit_once('+').filter(|(before, _)| !before.is_empty()).unwrap_or(("", chord)),
    };
    before.split('+').filter(|key| !key.is_empty()).chain(std::iter::once(last))
}

/// Returns the name of a key as it is on a keyboard.
fn shown(key: &str, is_mac: bool) -> String {
    match key {
        "Control" => "Ctrl".into(),
        "Meta" => "⌘".into(),
        "Alt" if is_mac => "⌥".into(),
        "Escape" => "Esc".into(),
        "ArrowUp" => "↑".into(),
        "ArrowDown" => "↓".into(),
        "ArrowLeft" => "←".into(),
        "ArrowRight" => "→".into(),
        other => other.trim_start_matches("Key").trim_start_matches("Digit").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shown_as_they_are_on_the_keyboard() {
        let Shortcuts { list } =
            Shortcuts::from_event(r#"[[["Control+k","Search"],["g i","Inbox"],["Meta++","Larger"],["+","More"]]]"#)
                .unwrap();
        let chords: Vec<_> = list.iter().map(|shortcut| shortcut.chords.clone()).collect();
        assert_eq!(chords[0], [["Ctrl", "k"]]);
        assert_eq!(chords[1], [["g"], ["i"]]);
        assert_eq!(chords[2], [["⌘", "+"]]);
        assert_eq!(chords[3], [["+"]]);
    }
}
