//! Drag and drop with data that stays on the server.

use std::any::Any;
use std::sync::Arc;

use super::{EventError, FromEvent, json};

/// What is dragged: a value of any type, which never leaves the server.
pub(crate) type Dragged = Arc<dyn Any + Send + Sync>;

/// The values that an event is about, of the elements that it names. What has left the page meanwhile is absent.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Moved {
    pub(crate) dragged: Option<Dragged>,
    /// What it was put before.
    pub(crate) before: Option<Dragged>,
}

impl Moved {
    /// Returns what was dragged.
    pub(crate) fn data<T: Clone + 'static>(&self) -> Result<T, EventError> {
        let data = self.dragged.as_ref().and_then(|dragged| dragged.downcast_ref::<T>());
        data.cloned().ok_or_else(not_there)
    }
}

/// What is dragged is not in the payload alone.
pub(crate) fn not_there() -> EventError {
    EventError::new("nothing was dragged that is still on the page")
}

/// What was dropped on an element: a value that another element of the view made draggable with
/// [`drag`](crate::handler::drag), for `ondrop`.
///
/// The element accepts what has this type, and nothing else. The value was never in the browser, which only says which
/// element was dragged. If that element has left the page meanwhile, the handler is not called.
///
/// While something that the element accepts is above it, the element has the attribute `data-lanai-drag-over` with the
/// value `before`, `inside` or `after`; see [`place`](Self::place). The element that is dragged has
/// `data-lanai-dragging`. Both are for style sheets.
///
/// ```
/// use lanai::event::{Dropped, Place};
/// use lanai::prelude::*;
///
/// #[derive(Clone, Copy, PartialEq)]
/// struct CardId(u64);
///
/// struct Pile { cards: Vec<CardId> }
///
/// impl Pile {
///     fn dropped_at(&mut self, index: usize, dropped: &Dropped<CardId>) {
///         let Some(from) = self.cards.iter().position(|card| *card == dropped.data) else { return };
///         let card = self.cards.remove(from);
///         let index = index - usize::from(from < index) + usize::from(dropped.place() == Place::After);
///         self.cards.insert(index.min(self.cards.len()), card);
///     }
/// }
///
/// impl View for Pile {
///     fn render(&self) -> Html<Self> {
///         html! {
///             ul {
///                 @for (index, card) in self.cards.iter().enumerate() {
///                     @let id = *card;
///                     li key=(id.0)
///                         ondragstart=(drag(id))
///                         ondrop=(move |pile: &mut Self, dropped: Dropped<CardId>| pile.dropped_at(index, &dropped)) {
///                         "Card " (id.0)
///                     }
///                 }
///             }
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Dropped<T> {
    /// What was dragged.
    pub data: T,
    /// Where in the element it was dropped, from its left edge (0) to its right edge (1).
    pub x: f64,
    /// Where in the element it was dropped, from its top edge (0) to its bottom edge (1).
    pub y: f64,
    /// Whether it is to be copied: if [`copy`](crate::handler::Drag::copy) says so, or
    /// [`copy_or_move`](crate::handler::Drag::copy_or_move) and the person holds Control or Option.
    pub is_copy: bool,
}

/// Where something was dropped on an element; see [`Dropped::place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the upper quarter, so before the element.
    Before,
    /// In the middle, so inside the element.
    Inside,
    /// In the lower quarter, so after the element.
    After,
}

impl<T> Dropped<T> {
    /// Returns whether it was dropped in the upper quarter of the element, in the middle, or in the lower quarter.
    #[must_use]
    pub fn place(&self) -> Place {
        if self.y < 0.25 {
            Place::Before
        } else if self.y > 0.75 {
            Place::After
        } else {
            Place::Inside
        }
    }
}

impl<T: Clone + Send + Sync + 'static> FromEvent for Dropped<T> {
    const PAYLOAD: &'static str = "lanai.dragged,lanai.x,lanai.y,lanai.copy";

    fn from_event(_: &str) -> Result<Self, EventError> {
        Err(not_there())
    }

    fn accepts() -> Option<String> {
        Some(kind::<T>())
    }

    fn with_moved(payload: &str, moved: &Moved) -> Result<Self, EventError> {
        let (_, x, y, is_copy): (u64, Option<f64>, Option<f64>, Option<bool>) = json(payload)?;
        let (Some(x), Some(y), Some(is_copy)) = (x, y, is_copy) else {
            return Err(EventError::new("nothing was dropped: a `Dropped` is for a handler of `ondrop`"));
        };
        Ok(Self { data: moved.data()?, x, y, is_copy })
    }
}

/// Names a type for the browser, which compares the names, and learns nothing else about the type.
pub(crate) fn kind<T>() -> String {
    let name = std::any::type_name::<T>();
    // FNV-1a
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_servers_and_a_payload_alone_is_nothing() {
        let value: Dragged = Arc::new(7_u64);
        let payload = "[3,0.5,0.9,true]";
        let moved = Moved { dragged: Some(value), before: None };
        let dropped = Dropped::<u64>::with_moved(payload, &moved).unwrap();
        assert_eq!((dropped.data, dropped.place(), dropped.is_copy), (7, Place::After, true));
        assert!(Dropped::<u64>::with_moved(payload, &Moved::default()).is_err());
        assert!(Dropped::<String>::with_moved(payload, &moved).is_err());
        assert_ne!(kind::<u64>(), kind::<String>());
    }
}
