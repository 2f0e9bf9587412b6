//! Event specifications: what the browser does when an event occurs. Section 3 of `docs/PROTOCOL.md`.

use std::borrow::Cow;
use std::time::Duration;

use super::json;

/// What the browser does when the event of a slot occurs: what it sends, and under which conditions.
///
/// A specification that is known at compile time is a constant: `EventSpec::send("v")`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventSpec {
    /// The payload of the event, or `None` if the slot has no handler in this rendering.
    send: Option<&'static str>,
    options: Option<Box<EventOptions>>,
}

/// When an event is sent, and what else the browser does with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct EventOptions {
    /// Sends the last event when no other has occurred for this long.
    pub debounce: Option<Duration>,
    /// Sends at most one event within this time.
    pub throttle: Option<Duration>,
    /// Sends only the first event of an element.
    pub once: bool,
    /// Prevents the browser's default action.
    pub prevent: bool,
    /// Keeps the browser's default action where it would be prevented.
    pub keep_default: bool,
    /// Stops the event at this element.
    pub stop: bool,
    /// Handles only these values of `KeyboardEvent.key`, or all if there are none.
    pub keys: Vec<String>,
    /// The [commands](super::Command) that run when the event occurs: a list as they write it.
    pub commands: String,
    /// The commands that show the probable answer until the event is answered.
    pub in_advance: String,
    /// The distance from the edge of what is visible at which an element counts as in view, as CSS writes it.
    pub margin: String,
    /// The kind of what can be dragged from the element, or of what it accepts.
    pub drag: String,
    /// The keys that cause the event.
    pub shortcut: Option<Shortcut>,
}

/// Keys that cause an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shortcut {
    /// Chords, separated by spaces: `Ctrl+K`, or `g i`.
    pub keys: String,
    /// What it does, for people.
    pub description: String,
    /// Whether it also works while a person types in a control.
    pub in_controls: bool,
    /// Whether a key that is held down causes several events.
    pub repeat: bool,
    /// Whether it works only while the focus is inside the element.
    pub inside: bool,
    /// Whether the keys are physical ones.
    pub physical: bool,
    /// Whether the browser's default action is kept.
    pub keep_default: bool,
}

/// The sign before the type of an event that the part `events` of the client handles.
const PART: &str = "~";

/// The events of elements that the part `events` of the client handles: those that come in quick succession, those with
/// data, and those that the browser does not have.
const OF_PART: [&str; 25] = [
    "clickoutside",
    "copy",
    "cut",
    "drag",
    "dragend",
    "dragenter",
    "dragleave",
    "dragover",
    "dragstart",
    "drop",
    "enterview",
    "leaveview",
    "mousemove",
    "paste",
    "pointermove",
    "pointerrawupdate",
    "resize",
    "scroll",
    "shortcut",
    "sort",
    "touchcancel",
    "touchend",
    "touchmove",
    "touchstart",
    "wheel",
];

/// Returns the type of an event as the page reads it: with a sign, if the part `events` of the client handles it.
/// `windowkeydown` is `keydown` at the window.
#[must_use]
pub fn event_type(name: &str) -> Cow<'_, str> {
    match name.strip_prefix("window") {
        Some(event) if !event.is_empty() => format!("{PART}window:{event}").into(),
        _ if OF_PART.contains(&name) => format!("{PART}{name}").into(),
        _ => name.into(),
    }
}

impl EventSpec {
    /// A slot without a handler in this rendering.
    pub const NONE: Self = Self { send: None, options: None };

    /// Sends an event with this payload: `""` for none, `"v"`, `"c"`, `"f"`, `"p"`, or a comma-separated list of properties of
    /// the DOM event.
    #[must_use]
    pub const fn send(payload: &'static str) -> Self {
        Self { send: Some(payload), options: None }
    }

    /// Adds options. Commands among them come before those that the specification has already.
    #[must_use]
    pub fn with(mut self, options: EventOptions) -> Self {
        if options != EventOptions::default() {
            match &mut self.options {
                Some(before) => before.add(options),
                none => *none = Some(Box::new(options)),
            }
        }
        self
    }

    /// Writes the specification as JSON, with the type of the event.
    pub(crate) fn write(&self, name: &str, out: &mut Vec<u8>) {
        let name = &*match self.options.as_ref().and_then(|options| options.shortcut.as_ref()) {
            Some(shortcut) => format!("{PART}shortcut:{}", shortcut.keys).into(),
            None => event_type(name),
        };
        if let Self { send: Some(""), options: None } = self {
            return json::string(out, &format!("@{name}"));
        }
        out.push(b'[');
        json::string(out, name);
        out.push(b',');
        match self.send {
            Some(payload) => {
                json::string(out, payload);
                out.push(b',');
            }
            None if self.options.is_some() => out.extend_from_slice(b"null,"),
            None => {}
        }
        if let Some(options) = &self.options {
            let has_commands = !options.commands.is_empty() || !options.in_advance.is_empty();
            if options.is_empty() {
                out.extend_from_slice(if has_commands { b"0," } else { b"" });
            } else {
                options.write(out);
                out.push(b',');
            }
            if has_commands {
                out.extend_from_slice(format!("[[{}],", options.commands).as_bytes());
                if !options.in_advance.is_empty() {
                    out.extend_from_slice(format!("[{}],", options.in_advance).as_bytes());
                }
                json::close(out, b']');
                out.push(b',');
            }
        }
        json::close(out, b']');
    }

    /// Returns the payload of the event, if the slot has a handler.
    #[must_use]
    pub const fn payload(&self) -> Option<&'static str> {
        self.send
    }

    /// Whether the client needs the part for commands when the event occurs.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        self.options.as_ref().is_some_and(|options| !options.commands.is_empty() || !options.in_advance.is_empty())
    }
}

/// Puts a list of commands before another one.
fn prepend(first: String, list: &mut String) {
    if list.is_empty() {
        *list = first;
    } else if !first.is_empty() {
        *list = format!("{first},{list}");
    }
}

impl EventOptions {
    fn add(&mut self, other: Self) {
        self.debounce = other.debounce.or(self.debounce);
        self.throttle = other.throttle.or(self.throttle);
        self.once |= other.once;
        self.prevent |= other.prevent;
        self.keep_default |= other.keep_default;
        self.stop |= other.stop;
        self.keys.extend(other.keys);
        prepend(other.commands, &mut self.commands);
        prepend(other.in_advance, &mut self.in_advance);
        for (mine, other) in [(&mut self.margin, other.margin), (&mut self.drag, other.drag)] {
            if !other.is_empty() {
                *mine = other;
            }
        }
        self.shortcut = other.shortcut.or(self.shortcut.take());
    }

    /// Whether there is nothing but commands.
    fn is_empty(&self) -> bool {
        let without_commands = Self { commands: String::new(), in_advance: String::new(), ..self.clone() };
        without_commands == Self::default()
    }

    fn write(&self, out: &mut Vec<u8>) {
        let key = |out: &mut Vec<u8>, name: u8| out.extend_from_slice(&[b'"', name, b'"', b':']);
        out.push(b'{');
        for (name, time) in [(b'd', self.debounce), (b't', self.throttle)] {
            if let Some(time) = time {
                key(out, name);
                json::natural(out, u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
                out.push(b',');
            }
        }
        for (name, is_set) in [(b'o', self.once), (b'p', self.prevent), (b'n', self.keep_default), (b's', self.stop)] {
            if is_set {
                key(out, name);
                out.extend_from_slice(b"1,");
            }
        }
        if !self.keys.is_empty() {
            key(out, b'k');
            out.push(b'[');
            for value in &self.keys {
                json::string(out, value);
                out.push(b',');
            }
            json::close(out, b']');
            out.push(b',');
        }
        for (name, text) in [(b'm', &self.margin), (b'g', &self.drag)] {
            if !text.is_empty() {
                key(out, name);
                json::string(out, text);
                out.push(b',');
            }
        }
        if let Some(shortcut) = &self.shortcut {
            key(out, b'h');
            out.push(b'[');
            json::string(out, &shortcut.description);
            out.push(b',');
            if shortcut.flags() != 0 {
                json::number(out, shortcut.flags());
            }
            json::close(out, b']');
            out.push(b',');
        }
        json::close(out, b'}');
    }
}

impl Shortcut {
    fn flags(&self) -> u32 {
        let Self { in_controls, repeat, inside, physical, keep_default, .. } = self;
        [in_controls, repeat, inside, physical, keep_default]
            .into_iter()
            .enumerate()
            .fold(0, |flags, (bit, is_set)| flags | u32::from(*is_set) << bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(spec: &EventSpec) -> String {
        let mut out = Vec::new();
        spec.write("input", &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_specification_is_as_short_as_it_can_be() {
        const VALUE: EventSpec = EventSpec::send("v");
        assert_eq!(written(&EventSpec::send("")), r#""@input""#);
        assert_eq!(written(&EventSpec::NONE), r#"["input"]"#);
        assert_eq!(written(&VALUE), r#"["input","v"]"#);
        assert_eq!(written(&VALUE.with(EventOptions::default())), r#"["input","v"]"#);
        let debounced = EventOptions { debounce: Some(Duration::from_millis(300)), ..EventOptions::default() };
        assert_eq!(written(&VALUE.with(debounced)), r#"["input","v",{"d":300}]"#);
    }

    #[test]
    fn options_are_data_whatever_is_in_them() {
        let options = EventOptions {
            throttle: Some(Duration::from_secs(1)),
            once: true,
            prevent: true,
            keep_default: true,
            stop: true,
            keys: vec!["|".into(), "\"".into()],
            ..EventOptions::default()
        };
        let expected = r#"["input","",{"t":1000,"o":1,"p":1,"n":1,"s":1,"k":["|","\""]}]"#;
        assert_eq!(written(&EventSpec::send("").with(options)), expected);
    }

    #[test]
    fn commands_follow_the_options() {
        let options = |commands: &str, in_advance: &str, once| EventOptions {
            commands: commands.into(),
            in_advance: in_advance.into(),
            once,
            ..EventOptions::default()
        };
        let spec = EventSpec::send("v").with(options(r##"["hide","#a"]"##, "", false));
        assert_eq!(written(&spec), r##"["input","v",0,[[["hide","#a"]]]]"##);
        assert!(spec.has_commands());
        let spec = spec.with(options(r##"["show","#b"]"##, r##"["remove",[]]"##, true));
        assert_eq!(written(&spec), r##"["input","v",{"o":1},[[["show","#b"],["hide","#a"]],[["remove",[]]]]]"##);
        let only = EventSpec::NONE.with(options(r##"["hide","#a"]"##, "", false));
        assert_eq!(written(&only), r##"["input",null,0,[[["hide","#a"]]]]"##);
        assert!(!EventSpec::NONE.has_commands());
    }

    #[test]
    fn the_part_for_events_handles_what_has_the_sign() {
        let types = ["click", "windowkeydown", "window", "pointermove", "enterview"].map(event_type);
        assert_eq!(types, ["click", "~window:keydown", "window", "~pointermove", "~enterview"]);
        let mut out = Vec::new();
        EventSpec::send("").write("resize", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#""@~resize""#);
    }

    #[test]
    fn a_shortcut_has_its_keys_its_description_and_flags() {
        let shortcut = Shortcut {
            keys: "g i".into(),
            description: "Inbox".into(),
            in_controls: false,
            repeat: true,
            inside: true,
            physical: false,
            keep_default: false,
        };
        let with = |shortcut| EventOptions { shortcut: Some(shortcut), ..EventOptions::default() };
        let spec = EventSpec::NONE.with(with(shortcut.clone()));
        assert_eq!(written(&spec), r#"["~shortcut:g i",null,{"h":["Inbox",6]}]"#);
        let plain = Shortcut { repeat: false, inside: false, ..shortcut };
        assert_eq!(written(&spec.with(with(plain))), r#"["~shortcut:g i",null,{"h":["Inbox"]}]"#);
    }

    #[test]
    fn equal_specifications_are_equal_and_others_are_not() {
        let once = || EventOptions { once: true, ..EventOptions::default() };
        assert_eq!(EventSpec::send("v").with(once()), EventSpec::send("v").with(once()));
        assert_ne!(EventSpec::send("v").with(once()), EventSpec::send("v"));
        assert_ne!(EventSpec::send(""), EventSpec::NONE);
    }

    #[test]
    fn options_add_up() {
        let keys = |keys: &[&str]| EventOptions {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..EventOptions::default()
        };
        let once = EventOptions { once: true, ..EventOptions::default() };
        let spec = EventSpec::send("v").with(keys(&["a"])).with(EventOptions::default()).with(once).with(keys(&["b"]));
        assert_eq!(written(&spec), r#"["input","v",{"o":1,"k":["a","b"]}]"#);
    }
}
