//! The messages, read and written according to `docs/PROTOCOL.md`. No code is shared with the server's side, so that
//! each side notices the other's mistakes.

use serde_json::{Value, json};

use crate::commands::Command;
use crate::dom::Namespace;

/// A message from the server that violates the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub(crate) String);

/// The result of reading a message from the server.
pub(crate) type Result<T, E = Violation> = std::result::Result<T, E>;

/// Returns a [`Violation`].
macro_rules! violation {
    ($($message:tt)+) => { return Err($crate::wire::Violation(format!($($message)+))) };
}
/// Returns a [`Violation`] if the condition does not hold.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => { if !$condition { violation!($($message)+) } };
}
pub(crate) use {ensure, violation};

/// The version of the protocol that this client speaks.
pub const VERSION: u64 = 4;

/// The data block of a page, or the data of a view inside another.
#[derive(Debug, Clone)]
pub struct Boot {
    /// The instance.
    pub instance: String,
    /// The secret. Views inside others have none.
    pub secret: String,
    /// The client of the page: the hash in the URL of its script, or `None` if it has no script.
    pub build: String,
    /// The definitions of the templates in use.
    pub(crate) templates: Vec<Definition>,
    /// The handler numbers, unless they are counted.
    pub(crate) handlers: Option<Vec<u64>>,
    /// The number of frames that the HTML contains.
    pub frames: u64,
    /// The next handler number, unless it is counted.
    pub(crate) next_handler: Option<u64>,
    /// The maximum size of a message, in bytes.
    pub message_size: usize,
    /// The complete data.
    pub data: Value,
}

impl Boot {
    /// Reads the data of an instance: the root of a page, or an inner one, whose number is `of` unless the data
    /// contains it.
    ///
    /// # Errors
    ///
    /// Returns an error if the data violates the protocol.
    pub fn read(data: &Value, of: Option<&str>) -> Result<Self> {
        let number = |key: &str| data.get(key).map(unsigned).transpose();
        let handlers = data.get("h").map(|numbers| array(numbers)?.iter().map(unsigned).collect()).transpose()?;
        Ok(Self {
            instance: of.or_else(|| data["i"].as_str()).unwrap_or_default().into(),
            secret: data["s"].as_str().unwrap_or_default().into(),
            build: String::new(),
            templates: array(&data["t"])?.iter().map(Definition::read).collect::<Result<_>>()?,
            handlers,
            frames: number("f")?.unwrap_or(0),
            next_handler: number("n")?,
            message_size: number("l")?.unwrap_or(4_194_304) as usize,
            data: data.clone(),
        })
    }

    /// Returns the data of the views inside this one, by number.
    pub(crate) fn inside(&self, number: &str) -> Option<&Value> {
        self.data.get("c")?.get(number)
    }

    /// Returns the first message on a socket: which page this is, and how much of it the page has.
    pub(crate) fn attach(&self, page: &str, frames: u64) -> String {
        json!([self.instance, self.secret, page, frames, VERSION, self.build]).to_string()
    }
}

/// The definition of a template.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) slots: Vec<Marker>,
    pub(crate) html: Option<String>,
    pub(crate) namespace: Namespace,
    pub(crate) single_root: bool,
}

/// The meaning of a mark in the literal HTML.
#[derive(Debug, Clone)]
pub(crate) enum Marker {
    Node,
    List,
    Element(Vec<Value>),
}

impl Definition {
    /// A template that this page has not received.
    pub(crate) fn unknown() -> Self {
        Self { slots: Vec::new(), html: None, namespace: Namespace::Html, single_root: true }
    }

    pub(crate) fn read(definition: &Value) -> Result<Self> {
        if *definition == 0 {
            return Ok(Self::unknown());
        }
        let parts = array(definition)?;
        ensure!((1..=3).contains(&parts.len()), "a definition has one to three parts: {definition}");
        let flags = parts.get(2).map_or(Ok(0), unsigned)?;
        ensure!(flags < 7 && flags & 3 != 3 && parts.get(2).is_none_or(|_| flags != 0), "odd flags: {definition}");
        Ok(Self {
            slots: match &parts[0] {
                Value::Array(slots) => slots.iter().map(Marker::read).collect::<Result<_>>()?,
                _ => Vec::new(),
            },
            html: parts.get(1).and_then(Value::as_str).map(Into::into),
            namespace: [Namespace::Html, Namespace::Svg, Namespace::MathMl][(flags & 3) as usize],
            single_root: flags & 4 == 0,
        })
    }
}

impl Marker {
    fn read(marker: &Value) -> Result<Self> {
        Ok(match marker {
            Value::Array(slots) => Marker::Element(slots.clone()),
            number if *number == 0 => Marker::Node,
            number if *number == 1 => Marker::List,
            other => violation!("there is no slot {other}"),
        })
    }
}

/// The type of event that an event slot handles, and what it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSpec {
    /// The type of event: `click`.
    pub event: String,
    /// The payload of the event.
    pub payload: Payload,
    debounce: u64,
    throttle: u64,
    once: bool,
    prevent: bool,
    keep_default: bool,
    stop: bool,
    keys: Vec<String>,
    /// How far outside of what is visible the element counts as in view.
    margin: Option<String>,
    /// The kind of what can be dragged from the element, or of what it accepts.
    drag: Option<String>,
    /// What the shortcut does, and its flags.
    shortcut: Option<(String, u64)>,
    /// What happens at once.
    pub(crate) commands: Vec<Command>,
    /// What is shown until the event is answered.
    pub(crate) in_advance: Vec<Command>,
}

/// The sign before the type of an event that needs more than a listener.
const OF_PART: char = '~';
/// What is before the keys of a shortcut.
const OF_SHORTCUT: &str = "~shortcut:";

/// The payload of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    Nothing,
    /// The control's value.
    Value,
    /// Whether the control is checked.
    Checked,
    /// The fields of the form.
    Fields,
    /// The state of the form's controls, also of those that a form does not send.
    State,
    /// Properties of the event.
    Properties(Vec<String>),
    /// The slot has no handler in this rendering.
    Off,
}

impl EventSpec {
    /// Reads `"@type"` or `["type", payload, options, commands]`.
    pub(crate) fn read(spec: &Value) -> Result<Self> {
        let short;
        let (event, steps) = match spec {
            Value::String(text) => {
                let Some(event) = text.strip_prefix('@') else { violation!("there is no event slot {text}") };
                short = [Value::from("")];
                (event, &short[..])
            }
            spec => {
                let Some((event, steps)) = array(spec)?.split_first() else { violation!("an event slot has a type") };
                ensure!(steps != [Value::from("")], "`@type` is shorter than {spec}");
                (string(event)?, steps)
            }
        };
        let (payload, options, commands) = match steps {
            [] => (&Value::Null, None, None),
            [payload] if !payload.is_null() => (payload, None, None),
            [payload, Value::Object(options)] => (payload, Some(options), None),
            [payload, Value::Object(options), commands] => (payload, Some(options), Some(commands)),
            [payload, none, commands] if *none == 0 => (payload, None, Some(commands)),
            _ => violation!("there is no such event slot: {spec}"),
        };
        let (commands, in_advance) = match commands.map(|commands| array(commands).map(Vec::as_slice)).transpose()? {
            None => (Vec::new(), Vec::new()),
            Some([now]) => (Command::read_all(now)?, Vec::new()),
            Some([now, in_advance]) => (Command::read_all(now)?, Command::read_all(in_advance)?),
            Some(_) => violation!("there are commands for now and in advance: {spec}"),
        };
        ensure!(!commands.iter().any(Command::is_only_in_advance), "a command needs an answer that ends it: {spec}");
        ensure!(in_advance.iter().all(Command::can_be_undone), "a command in advance cannot be undone: {spec}");
        ensure!(in_advance.is_empty() || !payload.is_null(), "without a handler, nothing is answered: {spec}");
        let mut read = Self {
            event: event.into(),
            payload: if payload.is_null() { Payload::Off } else { Payload::read(string(payload)?) },
            debounce: 0,
            throttle: 0,
            once: false,
            prevent: false,
            keep_default: false,
            stop: false,
            keys: Vec::new(),
            margin: None,
            drag: None,
            shortcut: None,
            commands,
            in_advance,
        };
        ensure!(options.is_none_or(|options| !options.is_empty()), "empty options are left out: {spec}");
        for (option, value) in options.into_iter().flatten() {
            match option.as_str() {
                "d" => read.debounce = unsigned(value)?,
                "t" => read.throttle = unsigned(value)?,
                "k" => read.keys = array(value)?.iter().map(|key| Ok(string(key)?.into())).collect::<Result<_>>()?,
                "m" => read.margin = Some(string(value)?.into()),
                "g" => read.drag = Some(string(value)?.into()),
                "h" => {
                    read.shortcut = Some(match &array(value)?[..] {
                        [description] => (string(description)?.into(), 0),
                        [description, flags] => {
                            let flags = unsigned(flags)?;
                            ensure!((1..32).contains(&flags), "odd flags: {spec}");
                            (string(description)?.into(), flags)
                        }
                        _ => violation!("a shortcut has a description and flags: {spec}"),
                    });
                }
                flag => {
                    ensure!(*value == 1, "an option that is set is 1: {spec}");
                    match flag {
                        "o" => read.once = true,
                        "p" => read.prevent = true,
                        "n" => read.keep_default = true,
                        "s" => read.stop = true,
                        other => violation!("there is no option {other}: {spec}"),
                    }
                }
            }
        }
        ensure!(
            read.shortcut.is_some() == read.event.starts_with(OF_SHORTCUT),
            "keys and a description belong together: {spec}"
        );
        ensure!(
            read.drag.is_none() || matches!(read.event.as_str(), "~dragstart" | "~drop" | "~sort"),
            "nothing is dragged by {spec}"
        );
        Ok(read)
    }

    /// Whether the handler receives events of a type that the browser dispatches at its element.
    #[must_use]
    pub fn receives(&self, kind: &str) -> bool {
        self.event == kind || (!matches!(kind, "drop" | "sort") && self.event.strip_prefix(OF_PART) == Some(kind))
    }

    /// Whether events come in quick succession: while one is not answered, the newest replaces those before it.
    #[must_use]
    pub fn is_coalesced(&self) -> bool {
        let Some(kind) = self.event.strip_prefix(OF_PART) else { return false };
        matches!(
            kind.strip_prefix("window:").unwrap_or(kind),
            "pointermove"
                | "mousemove"
                | "touchmove"
                | "pointerrawupdate"
                | "wheel"
                | "scroll"
                | "drag"
                | "dragover"
                | "resize"
        )
    }

    /// Returns the kind of what can be dragged from the element, or of what it accepts when it is dropped or sorted, and
    /// for what is dragged, whether it is moved (empty), copied (`copy`), or both (`copyMove`).
    #[must_use]
    pub fn drag(&self) -> Option<(&str, &str)> {
        self.drag.as_deref().map(|drag| drag.split_once(' ').unwrap_or((drag, "")))
    }

    /// Returns how far outside of what is visible the element counts as in view, as CSS writes it.
    #[must_use]
    pub fn margin(&self) -> Option<&str> {
        self.margin.as_deref()
    }

    /// Returns the keys of a shortcut, its description, and its flags.
    #[must_use]
    pub fn shortcut(&self) -> Option<(&str, &str, u64)> {
        let (description, flags) = self.shortcut.as_ref()?;
        Some((self.event.strip_prefix(OF_SHORTCUT)?, description, *flags))
    }

    /// Whether the specification has a handler or commands.
    pub(crate) fn does_something(&self) -> bool {
        self.payload != Payload::Off || !self.commands.is_empty()
    }

    /// Returns the properties that the handler asks for.
    pub(crate) fn properties(&self) -> &[String] {
        match &self.payload {
            Payload::Properties(paths) => paths,
            _ => &[],
        }
    }

    /// Returns the debounce time in milliseconds, or 0.
    #[must_use]
    pub fn debounce(&self) -> u64 {
        self.debounce
    }

    /// Returns the minimum time between two calls, in milliseconds.
    #[must_use]
    pub fn throttle(&self) -> u64 {
        self.throttle
    }

    /// Whether the handler is called only once.
    #[must_use]
    pub fn is_once(&self) -> bool {
        self.once
    }

    /// Whether the event stops at this element.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.stop
    }

    /// Whether the browser's default action is prevented. That of a submit is, unless the view keeps it.
    #[must_use]
    pub fn prevents(&self) -> bool {
        self.prevent || (self.event == "submit" && !self.keep_default)
    }

    /// Whether the handler is called for a key.
    #[must_use]
    pub fn wants_key(&self, key: &str) -> bool {
        self.keys.is_empty() || self.keys.iter().any(|wanted| wanted == key)
    }

    /// Returns the keys for which the handler is called. If there are none, it is called for all keys.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }
}

impl Payload {
    fn read(step: &str) -> Self {
        match step {
            "" => Payload::Nothing,
            "v" => Payload::Value,
            "c" => Payload::Checked,
            "f" => Payload::Fields,
            "g" => Payload::State,
            list => Payload::Properties(list.split(',').map(Into::into).collect()),
        }
    }
}

/// A message from the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Received {
    /// A frame: the last event that was executed, and operations.
    Frame { of: Option<String>, acknowledged: u64, operations: Vec<Value> },
    /// A note to this page only, from a view with many pages.
    Note { of: String, acknowledged: u64, operations: Vec<Value> },
    /// The instance is attached. Events up to this one were executed.
    Attached { of: Option<String>, event: u64 },
    /// There is no such instance.
    Gone { of: Option<String> },
    /// There is no such instance, and the server has another client.
    Reload,
    /// The server refuses this page.
    Refused(String),
    /// The answer to a heartbeat.
    Heartbeat,
}

impl Received {
    pub(crate) fn read(text: &str) -> Result<Self> {
        let Ok(message) = serde_json::from_str::<Value>(text) else { violation!("a message is not JSON: {text}") };
        if let Value::Array(mut parts) = message {
            if parts.is_empty() {
                return Ok(Self::Heartbeat);
            }
            let of = match &parts[0] {
                Value::String(number) => Some(number.clone()),
                _ => None,
            };
            if of.is_some() {
                parts.remove(0);
            }
            ensure!(!parts.is_empty(), "a frame begins with an acknowledgement: {text}");
            let acknowledged = unsigned(&parts.remove(0))?;
            ensure!(parts.len().is_multiple_of(2), "each operation has an argument: {text}");
            return Ok(Self::Frame { of, acknowledged, operations: parts });
        }
        let of = message.get("of").map(|of| string(of).map(str::to_owned)).transpose()?;
        if let Some(event) = message.get("attached") {
            return Ok(Self::Attached { of, event: unsigned(event)? });
        }
        if message.get("gone").is_some() {
            return Ok(Self::Gone { of });
        }
        if message.get("reload").is_some() {
            return Ok(Self::Reload);
        }
        if let Some(reason) = message.get("refused") {
            return Ok(Self::Refused(string(reason)?.into()));
        }
        if let (Some(note), Some(of)) = (message.get("note"), of) {
            let parts = array(note)?;
            ensure!(parts.len() % 2 == 1, "each operation has an argument: {text}");
            return Ok(Self::Note { of, acknowledged: unsigned(&parts[0])?, operations: parts[1..].to_vec() });
        }
        violation!("the protocol has no such message: {text}")
    }
}

/// The largest message that is sent in one part, in UTF-16 units.
const PART: usize = 16_000;

/// Splits a message into the parts in which it is sent.
pub(crate) fn pieces(text: String) -> Vec<String> {
    if text.len() <= PART {
        return vec![text];
    }
    let mut parts = vec![String::new()];
    let mut units = 0;
    for c in text.chars() {
        if units + c.len_utf16() > PART {
            parts.push(String::new());
            units = 0;
        }
        units += c.len_utf16();
        parts.last_mut().expect("there is one").push(c);
    }
    let last = parts.len() - 1;
    if last == 0 {
        return parts;
    }
    parts.iter().enumerate().map(|(at, part)| format!("{}{part}", if at == last { '!' } else { '~' })).collect()
}

pub(crate) fn array(value: &Value) -> Result<&Vec<Value>> {
    match value {
        Value::Array(array) => Ok(array),
        other => violation!("{other} is not an array"),
    }
}

pub(crate) fn string(value: &Value) -> Result<&str> {
    match value {
        Value::String(text) => Ok(text),
        other => violation!("{other} is not a string"),
    }
}

pub(crate) fn unsigned(value: &Value) -> Result<u64> {
    match value.as_u64() {
        Some(number) => Ok(number),
        None => violation!("{value} is not a number that counts something"),
    }
}

pub(crate) fn signed(value: &Value) -> Result<i64> {
    match value.as_i64() {
        Some(number) => Ok(number),
        None => violation!("{value} is not a whole number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specification_says_what_is_sent_and_when() {
        let read = |spec: Value| EventSpec::read(&spec).unwrap();
        let spec = read(json!(["keydown", "key,shiftKey", { "k": ["Enter", "Escape"], "s": 1 }]));
        assert_eq!(spec.event, "keydown");
        assert_eq!(spec.payload, Payload::Properties(vec!["key".into(), "shiftKey".into()]));
        assert!(spec.wants_key("Escape") && !spec.wants_key("a") && spec.stops() && !spec.prevents());
        assert!(read(json!(["submit", "f"])).prevents() && !read(json!(["submit", "f", { "n": 1 }])).prevents());
        assert_eq!(read(json!(["input", "v", { "d": 300 }])).debounce(), 300);
        assert_eq!((read(json!("@click")).payload, read(json!(["click"])).payload), (Payload::Nothing, Payload::Off));
    }

    #[test]
    fn a_specification_that_the_protocol_does_not_have_is_a_violation() {
        for spec in [
            json!("click"),
            json!([]),
            json!(["click", ""]),
            json!(["click", "", {}]),
            json!(["click", "", { "x": 1 }]),
            json!(["click", "", { "o": 0 }]),
            json!(["click", "v", "v"]),
            json!(["click", null]),
            json!(["click", "", 0]),
            json!(["click", "", 0, [[["jump", "#a"]]]]),
            json!(["click", "", 0, [[["remove", "#a"]]]]),
            json!(["click", "", 0, [[], [["focus", "#a"]]]]),
            json!(["click", null, 0, [[], [["remove", "#a"]]]]),
        ] {
            assert!(EventSpec::read(&spec).is_err(), "{spec}");
        }
    }

    #[test]
    fn a_long_message_goes_in_parts_that_end_between_characters() {
        let text = format!("[{}]", "😀".repeat(9_000));
        let parts = pieces(text.clone());
        assert_eq!(parts.len(), 2);
        assert!(parts[0].starts_with('~') && parts[1].starts_with('!'));
        assert_eq!(parts.iter().map(|part| &part[1..]).collect::<String>(), text);
        assert_eq!(pieces("[1,0,0]".into()), ["[1,0,0]"]);
    }
}
