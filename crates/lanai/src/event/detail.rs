//! Custom events, and payloads that are derived.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{EventError, FromEvent, json};

/// The `detail` of a `CustomEvent`, which a custom element, a hook or [`js::dispatch`](crate::js::dispatch) has
/// dispatched.
///
/// The name of the event is in quotes, since HTML does not know it. The event has to bubble if the handler is on an
/// element around its target.
///
/// ```
/// use lanai::event::Detail;
/// use lanai::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Rating { stars: u8 }
///
/// struct Film { stars: u8 }
///
/// impl Film {
///     fn rated(&mut self, Detail(rating): Detail<Rating>) {
///         // Do not trust what the browser sends.
///         self.stars = rating.stars.min(5);
///     }
/// }
///
/// impl View for Film {
///     fn render(&self) -> Html<Self> {
///         html! { star-rating data-stars=(self.stars) "onrated"=(Self::rated) {} }
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromEvent for Detail<T> {
    const PAYLOAD: &'static str = "detail";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (detail,) = json(payload)?;
        Ok(Self(detail))
    }
}

/// The properties of an event, one after another. The derive of [`FromEvent`] reads them.
#[doc(hidden)]
#[derive(Debug)]
pub struct Properties<'a>(std::vec::IntoIter<&'a RawValue>);

impl<'a> Properties<'a> {
    /// Reads a payload, which is a list of values.
    pub fn read(payload: &'a str) -> Result<Self, EventError> {
        let values: Vec<&RawValue> = json(payload)?;
        Ok(Self(values.into_iter()))
    }

    /// Reads the value of the next property.
    pub fn next<T: Deserialize<'a>>(&mut self, property: &str) -> Result<T, EventError> {
        let value = self.0.next().map_or("null", RawValue::get);
        serde_json::from_str(value)
            .map_err(|error| EventError::new(format_args!("the property `{property}` does not fit: {error}")))
    }
}
