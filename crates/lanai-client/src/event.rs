//! DOM events and their properties.

use serde_json::{Map, Value, json};

use crate::dom::{Dom, Id, Namespace};
use crate::form;

/// An event on an element.
#[derive(Debug, Clone)]
pub struct Event {
    /// The type: `click`.
    pub kind: String,
    /// The target element.
    pub target: Id,
    /// Whether it bubbles.
    pub bubbles: bool,
    /// In a `submit`, the button that was used.
    pub submitter: Option<Id>,
    /// In a `lanai:recover`, the state of the form that was there before.
    pub recovered: Option<String>,
    /// The other properties.
    pub properties: Map<String, Value>,
}

/// Keys that are held down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Alt, or Option.
    pub alt: bool,
    /// Control.
    pub control: bool,
    /// Command, or the Windows key.
    pub meta: bool,
    /// Shift.
    pub shift: bool,
}

impl Event {
    /// Creates an event without properties.
    pub fn new(kind: impl Into<String>, target: Id) -> Self {
        let kind = kind.into();
        const SILENT: &[&str] = &[
            "focus",
            "blur",
            "mouseenter",
            "mouseleave",
            "pointerenter",
            "pointerleave",
            "load",
            "error",
            "scroll",
            "toggle",
            "close",
            "cancel",
            "invalid",
            "play",
            "pause",
            "ended",
            "volumechange",
            "timeupdate",
            "canplay",
        ];
        let bubbles = !SILENT.contains(&kind.as_str());
        Self { kind, target, bubbles, submitter: None, recovered: None, properties: Map::new() }
    }

    /// Creates a mouse event at the corner of the window, with the main button.
    pub fn mouse(kind: impl Into<String>, target: Id, held: Held) -> Self {
        let mut event = Self::new(kind, target).holding(held);
        for name in
            ["clientX", "clientY", "offsetX", "offsetY", "pageX", "pageY", "screenX", "screenY", "button", "buttons"]
        {
            event = event.with(name, 0);
        }
        let detail = if event.kind == "dblclick" { 2 } else { 1 };
        event
            .with("detail", detail)
            .with("pointerId", 1)
            .with("pointerType", "mouse")
            .with("pressure", 0)
            .with("isPrimary", true)
    }

    /// Creates a keyboard event.
    pub fn key(kind: impl Into<String>, target: Id, key: &str, held: Held) -> Self {
        let code = match key {
            " " => "Space".into(),
            key if key.chars().count() == 1 && key.chars().all(|c| c.is_ascii_alphabetic()) => {
                format!("Key{}", key.to_uppercase())
            }
            key if key.chars().count() == 1 && key.chars().all(|c| c.is_ascii_digit()) => format!("Digit{key}"),
            key => key.into(),
        };
        Self::new(kind, target)
            .holding(held)
            .with("key", key)
            .with("code", code)
            .with("repeat", false)
            .with("isComposing", false)
    }

    /// Creates a `paste` of a text.
    pub fn paste(target: Id, text: impl Into<String>) -> Self {
        Self::new("paste", target).transferring(text, "", &[])
    }

    /// Adds what is pasted or dropped: a text, HTML, and files with their names, media types and contents.
    #[must_use]
    pub fn transferring(self, text: impl Into<String>, html: &str, files: &[(String, String, Vec<u8>)]) -> Self {
        let info = |(name, media_type, bytes): &(String, String, Vec<u8>)| json!({ "name": name, "type": media_type, "size": bytes.len() });
        let total: usize = files.iter().map(|(.., bytes)| bytes.len()).sum();
        let content = |file: &(String, String, Vec<u8>)| {
            let mut content = info(file);
            content["bytes"] = if total <= 1 << 20 { base64(&file.2).into() } else { Value::Null };
            content
        };
        let text = text.into();
        self.with(
            "lanai",
            json!({
                "text": text,
                "html": html,
                "files": files.iter().map(info).collect::<Vec<_>>(),
                "contents": files.iter().map(content).collect::<Vec<_>>(),
            }),
        )
    }

    /// Adds a value under `lanai`, where payloads name what the client adds to events.
    pub(crate) fn adding(mut self, name: &str, value: impl Into<Value>) -> Self {
        let all = self.properties.entry("lanai").or_insert_with(|| json!({}));
        all[name] = value.into();
        self
    }

    pub(crate) fn added(&self, name: &str) -> Value {
        self.properties.get("lanai").and_then(|all| all.get(name)).cloned().unwrap_or_default()
    }

    /// Adds a property.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }

    fn holding(self, held: Held) -> Self {
        self.with("altKey", held.alt)
            .with("ctrlKey", held.control)
            .with("metaKey", held.meta)
            .with("shiftKey", held.shift)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.properties.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn pressed(&self) -> &str {
        self.properties.get("key").and_then(Value::as_str).unwrap_or("undefined")
    }

    /// Returns the value at a path of properties such as `target.id`. A missing value, or one that is not data, is
    /// `null`.
    pub(crate) fn property(&self, dom: &Dom, path: &str, owner: Id) -> Value {
        let (first, rest) = match path.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        // The target of an event of the window is none of the elements.
        let element = match first {
            "target" if self.properties.contains_key("target") => None,
            "target" => Some(self.target),
            "currentTarget" => Some(owner),
            "submitter" => self.submitter,
            _ => None,
        };
        match (element, rest) {
            (Some(element), Some(rest)) => element_property(dom, element, rest),
            (Some(_), None) => Value::Null,
            (None, _) if first == "type" => self.kind.clone().into(),
            (None, _) if first == "bubbles" => self.bubbles.into(),
            (None, None) => self.properties.get(first).cloned().unwrap_or_default(),
            (None, Some(rest)) => {
                let value = self.properties.get(first).cloned().unwrap_or_default();
                rest.split('.').fold(value, |value, name| value.get(name).cloned().unwrap_or_default())
            }
        }
    }
}

/// Encodes bytes as base64.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

fn element_property(dom: &Dom, id: Id, path: &str) -> Value {
    let Some(element) = dom.element(id) else { return Value::Null };
    let attribute = |name: &str| element.attribute(name).unwrap_or_default();
    if let Some(name) = path.strip_prefix("dataset.") {
        let dashed = name.chars().fold(String::from("data-"), |mut out, c| {
            if c.is_ascii_uppercase() {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
            out
        });
        return element.attribute(&dashed).map_or(Value::Null, Into::into);
    }
    match path {
        "id" => attribute("id").into(),
        "className" => attribute("class").into(),
        "name" | "title" | "href" | "src" | "alt" | "placeholder" => attribute(path).into(),
        "localName" => element.name.as_str().into(),
        "tagName" if element.namespace == Namespace::Html => element.name.to_uppercase().into(),
        "tagName" => element.name.as_str().into(),
        "textContent" | "innerText" => dom.text(id).into(),
        "type" => form::kind(dom, id).into(),
        "value" if form::is_control(dom, id) || matches!(element.name.as_str(), "button" | "option") => {
            form::value(dom, id).into()
        }
        "checked" if form::is_checkable(dom, id) => form::is_checked(dom, id).into(),
        "valueAsNumber" => form::value(dom, id).parse::<f64>().map_or(Value::Null, Into::into),
        "selectedIndex" if dom.name(id) == "select" => {
            let chosen = form::selected(dom, id);
            let at = form::options(dom, id).iter().position(|option| Some(option) == chosen.first());
            json!(at.map_or(-1, |at| at as i64))
        }
        "open" | "disabled" | "required" | "hidden" | "multiple" => element.has(path).into(),
        // A page without layout has no sizes, and a model of a player does not play.
        "scrollTop" | "scrollLeft" | "scrollWidth" | "scrollHeight" | "clientWidth" | "clientHeight"
        | "currentTime" => 0.into(),
        "paused" => true.into(),
        "volume" => 1.into(),
        "muted" => element.has("muted").into(),
        "selectionStart" | "selectionEnd" if form::is_text(dom, id) => {
            form::value(dom, id).encode_utf16().count().into()
        }
        _ => Value::Null,
    }
}
