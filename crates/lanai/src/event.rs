//! The payloads of events: the arguments of handlers.

mod detail;
mod drag;
mod properties;
mod shortcuts;
mod sort;
mod transfer;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;

use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use detail::Detail;
#[doc(hidden)]
pub use detail::Properties;
pub(crate) use drag::{Dragged, Moved, kind};
pub use drag::{Dropped, Place};
#[doc = include_str!("docs/from_event.md")]
pub use lanai_macros::FromEvent;
pub use properties::{
    Animation, Composition, HashChange, Media, Point, Pointer, PointerPath, Resize, Scroll, Selection, Toggle,
    Transition, Visibility, Wheel, WindowScroll, WindowSize,
};
pub use shortcuts::{ShortcutInfo, Shortcuts};
pub use sort::Sorted;
pub use transfer::{Copied, FileContent, FileContents, FileInfo, Files, Paste, Transfer};

/// A type that a handler can take as the event's payload.
///
/// The browser sends only the fields that [`PAYLOAD`](Self::PAYLOAD) names. To receive other fields, derive the trait:
///
/// ```
/// use lanai::event::FromEvent;
///
/// /// Where a pointer went down in an element: `offsetX` and `offsetY` of the event.
/// #[derive(FromEvent)]
/// struct Position { offset_x: f64, offset_y: f64 }
/// ```
///
/// or implement it, if the values need more than deserializing:
///
/// ```
/// use lanai::event::{EventError, FromEvent};
///
/// struct Column(usize);
///
/// impl FromEvent for Column {
///     const PAYLOAD: &'static str = "offsetX";
///
///     fn from_event(payload: &str) -> Result<Self, EventError> {
///         let (x,): (f64,) = serde_json::from_str(payload).map_err(EventError::new)?;
///         Ok(Self((x / 40.0) as usize))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from an event",
    label = "not the payload of an event",
    note = "use `Click`, `Value<T>`, `Checked`, `Form<T>`, `Key`, a type of `lanai::event`, or derive `FromEvent`"
)]
pub trait FromEvent: Sized + Send + 'static {
    /// What the browser sends: `""` for nothing, `"v"` for the control's value, `"c"` for whether it is checked, `"f"`
    /// for the form's fields, or else a comma-separated list of properties of the DOM event, which it sends as a JSON
    /// array.
    const PAYLOAD: &'static str;

    /// Deserializes the payload from JSON.
    fn from_event(payload: &str) -> Result<Self, EventError>;

    /// Whether this is a `Result` that contains the reason why the payload was refused.
    #[doc(hidden)]
    fn is_refused(&self) -> bool {
        false
    }

    /// The kind of what an element with such a handler accepts when it is dropped.
    #[doc(hidden)]
    #[must_use]
    fn accepts() -> Option<String> {
        None
    }

    /// Deserializes the payload from JSON, with what was dragged.
    #[doc(hidden)]
    fn with_moved(payload: &str, _moved: &Moved) -> Result<Self, EventError> {
        Self::from_event(payload)
    }
}

/// The reason why a payload does not match the handler's argument.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EventError(String);

impl EventError {
    /// Creates an error with this message.
    pub fn new(message: impl Display) -> Self {
        Self(message.to_string())
    }
}

/// A click or another pointer event, with its position and the modifier keys.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Click {
    /// CSS pixels from the left edge of the viewport.
    pub x: f64,
    /// CSS pixels from the top edge of the viewport.
    pub y: f64,
    /// 0 for the main button, 1 for the middle one, 2 for the secondary one.
    pub button: i16,
    /// Which modifier keys were held.
    pub modifiers: Modifiers,
}

/// Modifier keys that were held during an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Modifiers {
    /// Alt, or Option.
    pub alt: bool,
    /// Control.
    pub ctrl: bool,
    /// Command, or the Windows key.
    pub meta: bool,
    /// Shift.
    pub shift: bool,
}

impl FromEvent for Click {
    const PAYLOAD: &'static str = "clientX,clientY,button,altKey,ctrlKey,metaKey,shiftKey";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (x, y, button, alt, ctrl, meta, shift) = json(payload)?;
        Ok(Self { x, y, button, modifiers: Modifiers { alt, ctrl, meta, shift } })
    }
}

/// A key that went down or up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// What the key means: `"Enter"`, `"a"`, `"A"`, `"ArrowUp"`.
    pub key: String,
    /// Which physical key it is: `"KeyA"`.
    pub code: String,
    /// Whether it is held down and repeats.
    pub repeat: bool,
    /// Which modifier keys were held.
    pub modifiers: Modifiers,
}

impl FromEvent for Key {
    const PAYLOAD: &'static str = "key,code,repeat,altKey,ctrlKey,metaKey,shiftKey";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (key, code, repeat, alt, ctrl, meta, shift) = json(payload)?;
        Ok(Self { key, code, repeat, modifiers: Modifiers { alt, ctrl, meta, shift } })
    }
}

/// The value of the control in which the event occurred, converted to `T`.
///
/// `T` is any type that serde can deserialize from text: strings, numbers, `bool`, enums by the names of their
/// variants, an `Option` (`None` if the control is empty), and a `Vec` for a `select multiple`.
///
/// If the value cannot be converted, the event is refused: the handler is not called, the typed text stays, and the
/// control has the attributes `data-lanai-invalid` and `aria-invalid` until it is edited. To handle such a value, take
/// a `Result`:
///
/// ```
/// use lanai::event::EventError;
/// use lanai::prelude::*;
///
/// struct Order { amount: u32, error: Option<String> }
///
/// impl Order {
///     fn set_amount(&mut self, amount: Result<Value<u32>, EventError>) {
///         match amount {
///             Ok(Value(amount)) => (self.amount, self.error) = (amount, None),
///             Err(_) => self.error = Some("Please enter a whole number.".into()),
///         }
///     }
/// }
///
/// impl View for Order {
///     fn render(&self) -> Html<Self> {
///         html! {
///             input type="number" value=(self.amount) oninput=(Self::set_amount);
///             @if let Some(error) = &self.error { small { (error) } }
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value<T: Parsed = String>(pub T);

/// A type that the value of a control can be converted to: any type that implements serde's `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the value of a control",
    label = "this does not implement `Deserialize`",
    note = "derive it with `#[derive(Deserialize)]`, or take a `Value<String>` and parse it",
    note = "to read several fields at once, take a `Form<T>`, where `T` derives `Deserialize`"
)]
pub trait Parsed: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Parsed for T {}

impl<T: Parsed + Send + 'static> FromEvent for Value<T> {
    const PAYLOAD: &'static str = "v";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        /// What a control sends: one value, or the selected values of a `select multiple`.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Sent<'a> {
            One(#[serde(borrow)] Cow<'a, str>),
            Many(Vec<String>),
        }
        let values = match json(payload)? {
            Sent::One(value) => vec![value],
            Sent::Many(values) => values.into_iter().map(Cow::Owned).collect(),
        };
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        from_values(&values).map(Self).map_err(|error| {
            let value = values.join(", ");
            let name = std::any::type_name::<T>();
            EventError::new(format_args!("the value {value:?} does not fit `{name}`: {error}"))
        })
    }
}

impl<T: FromEvent> FromEvent for Result<T, EventError> {
    const PAYLOAD: &'static str = T::PAYLOAD;

    fn from_event(payload: &str) -> Result<Self, EventError> {
        Ok(T::from_event(payload))
    }

    fn is_refused(&self) -> bool {
        self.is_err()
    }

    fn accepts() -> Option<String> {
        T::accepts()
    }

    fn with_moved(payload: &str, moved: &Moved) -> Result<Self, EventError> {
        Ok(T::with_moved(payload, moved))
    }
}

/// Whether the checkbox or radio button is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked(pub bool);

impl FromEvent for Checked {
    const PAYLOAD: &'static str = "c";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        json(payload).map(Self)
    }
}

/// The fields of the form, deserialized by name.
///
/// A field that occurs several times can be a `Vec`. Use `#[serde(default)]` for checkboxes, since an unchecked one is
/// not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
///
/// In a plain axum handler, it is the body of the request, like axum's own `Form`. (An event handler can take axum's
/// `Form`, too.)
pub struct Form<T: Fields>(pub T);

/// A type that a [`Form`] can be deserialized into: any type that implements serde's `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the fields of a form",
    label = "serde cannot deserialize it",
    note = "derive it with `#[derive(Deserialize)]`; each field has the `name` of a control",
    note = "the fields must be owned: `String`, not `&str`"
)]
pub trait Fields: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Fields for T {}

impl<T: Fields + Send + 'static> FromEvent for Form<T> {
    const PAYLOAD: &'static str = "f";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let fields: Cow<'_, str> = json(payload)?;
        serde_html_form::from_str(&fields).map(Self).map_err(|error| {
            EventError::new(format_args!("the form does not fit `{}`: {error}", std::any::type_name::<T>()))
        })
    }
}

/// axum's own form, for modules in which `Form` is that type.
impl<T: Fields + Send + 'static> FromEvent for axum::Form<T> {
    const PAYLOAD: &'static str = <Form<T> as FromEvent>::PAYLOAD;

    fn from_event(payload: &str) -> Result<Self, EventError> {
        Form::from_event(payload).map(|Form(fields)| Self(fields))
    }
}

impl<T: Fields, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = FormRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, FormRejection> {
        axum::Form::from_request(request, state).await.map(|axum::Form(fields)| Self(fields))
    }
}

/// Deserializes the values of a control like those of a field of a form, so that both support the same types.
pub(crate) fn from_values<T: DeserializeOwned>(values: &[&str]) -> Result<T, String> {
    if values.is_empty() {
        let none = serde::de::value::SeqDeserializer::<_, serde::de::value::Error>::new(std::iter::empty::<String>());
        return T::deserialize(none).map_err(|error| error.to_string());
    }
    let fields: Vec<(&str, &str)> = values.iter().map(|value| ("value", *value)).collect();
    let field = serde_html_form::to_string(fields).map_err(|error| error.to_string())?;
    let mut fields: HashMap<String, T> = serde_html_form::from_str(&field).map_err(|error| error.to_string())?;
    fields.remove("value").ok_or_else(|| "the value is missing".into())
}

fn json<'a, T: Deserialize<'a>>(payload: &'a str) -> Result<T, EventError> {
    serde_json::from_str(payload).map_err(|error| EventError::new(format_args!("the payload does not fit: {error}")))
}
