//! Payloads that are lists of properties of the DOM event.

use serde::Deserialize;

use super::{EventError, FromEvent, Modifiers, json};

/// Defines payloads, each field with the property that it is read from. The browser sends these properties and no
/// others.
macro_rules! payloads {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $property:literal,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[non_exhaustive]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl FromEvent for $name {
            const PAYLOAD: &'static str = joined!($($property)*);

            fn from_event(payload: &str) -> Result<Self, EventError> {
                let ($($field,)*): ($($type,)*) = json(payload)?;
                Ok(Self { $($field,)* })
            }
        }
    )*};
}

/// Joins strings with commas.
macro_rules! joined {
    ($first:literal $($rest:literal)*) => { concat!($first $(, ",", $rest)*) };
}

payloads! {
    /// A turn of a mouse wheel, or a movement on a touchpad, for `onwheel`.
    ///
    /// A browser reports many of them. At most one is sent for each frame of the screen, and none while the handler
    /// has not answered: then the distances are added up.
    Wheel {
        /// How far to scroll to the right, in the unit of `mode`.
        delta_x: f64 = "deltaX",
        /// How far to scroll down, in the unit of `mode`.
        delta_y: f64 = "deltaY",
        /// The unit: 0 for pixels, 1 for lines, 2 for pages.
        mode: u8 = "deltaMode",
        /// CSS pixels from the left edge of the viewport to the pointer.
        x: f64 = "clientX",
        /// CSS pixels from the top edge of the viewport to the pointer.
        y: f64 = "clientY",
    }

    /// How far an element is scrolled, for its `onscroll` and `onscrollend`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lanai::event::Scroll;
    /// use lanai::prelude::*;
    ///
    /// struct Feed { count: usize }
    ///
    /// impl Feed {
    ///     fn scrolled(&mut self, scroll: Scroll) {
    ///         if scroll.below() < 200.0 {
    ///             self.count += 50;
    ///         }
    ///     }
    /// }
    ///
    /// impl View for Feed {
    ///     fn render(&self) -> Html<Self> {
    ///         html! {
    ///             div.feed onscroll=(on(Self::scrolled).throttle(Duration::from_millis(200))) {
    ///                 @for number in 0..self.count { p key=(number) { (number) } }
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    Scroll {
        /// CSS pixels of the content above what is visible.
        top: f64 = "currentTarget.scrollTop",
        /// CSS pixels of the content to the left of what is visible.
        left: f64 = "currentTarget.scrollLeft",
        /// The height of the content.
        content_height: f64 = "currentTarget.scrollHeight",
        /// The width of the content.
        content_width: f64 = "currentTarget.scrollWidth",
        /// The height of what is visible.
        height: f64 = "currentTarget.clientHeight",
        /// The width of what is visible.
        width: f64 = "currentTarget.clientWidth",
    }

    /// The state of an `audio` or `video`, for `onplay`, `onpause`, `ontimeupdate`, `onvolumechange`, `onended` …
    Media {
        /// The position in seconds.
        time: f64 = "currentTarget.currentTime",
        /// The length in seconds, or `None` if it is unknown or endless.
        duration: Option<f64> = "currentTarget.duration",
        /// Whether it is paused.
        is_paused: bool = "currentTarget.paused",
        /// The volume, from 0 to 1.
        volume: f64 = "currentTarget.volume",
        /// Whether it is muted.
        is_muted: bool = "currentTarget.muted",
    }

    /// An animation of a style sheet, for `onanimationstart`, `onanimationiteration` and `onanimationend`.
    Animation {
        /// The name in `@keyframes`.
        name: String = "animationName",
        /// For how many seconds it has run.
        elapsed: f64 = "elapsedTime",
    }

    /// A transition of a style sheet, for `ontransitionstart`, `ontransitionend` and `ontransitioncancel`.
    Transition {
        /// The CSS property that changes.
        property: String = "propertyName",
        /// For how many seconds it has run.
        elapsed: f64 = "elapsedTime",
    }

    /// What an input method is composing, for `oncompositionstart`, `oncompositionupdate` and `oncompositionend`.
    Composition {
        /// The text so far.
        text: String = "data",
    }

    /// The size of an element's content, for `onresize`: first when the element comes to the page, and then when it
    /// changes.
    Resize {
        /// CSS pixels.
        width: f64 = "lanai.width",
        /// CSS pixels.
        height: f64 = "lanai.height",
    }

    /// The path of a pointer since the last event, for `onpointermove`: also the points between two frames of the
    /// screen, for drawing.
    PointerPath {
        /// The points, from the first to the last: at most 4,096.
        points: Vec<Point> = "lanai.points",
        /// The buttons that are held, as a set of bits.
        buttons: u16 = "buttons",
    }

    /// The size of the window's content, for `onwindowresize`.
    WindowSize {
        /// CSS pixels.
        width: f64 = "target.innerWidth",
        /// CSS pixels.
        height: f64 = "target.innerHeight",
    }

    /// How far the page is scrolled, for `onwindowscroll`.
    WindowScroll {
        /// CSS pixels of the page above what is visible.
        top: f64 = "target.scrollingElement.scrollTop",
        /// CSS pixels of the page to the left of what is visible.
        left: f64 = "target.scrollingElement.scrollLeft",
        /// The height of the page.
        content_height: f64 = "target.scrollingElement.scrollHeight",
        /// The height of what is visible.
        height: f64 = "target.scrollingElement.clientHeight",
    }

    /// The URLs before and after a change of the fragment, for `onwindowhashchange`.
    HashChange {
        /// The URL before.
        old_url: String = "oldURL",
        /// The URL now.
        new_url: String = "newURL",
    }

    /// What is selected in a text control, for `onselect`.
    Selection {
        /// How many UTF-16 units are before the selection.
        start: Option<u32> = "currentTarget.selectionStart",
        /// How many UTF-16 units are before its end.
        end: Option<u32> = "currentTarget.selectionEnd",
    }
}

impl Scroll {
    /// Returns how many CSS pixels of the content are below what is visible.
    #[must_use]
    pub fn below(&self) -> f64 {
        (self.content_height - self.height - self.top).max(0.0)
    }
}

/// A point on the path of a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "(f64, f64, f64)")]
#[non_exhaustive]
pub struct Point {
    /// CSS pixels from the left edge of the viewport.
    pub x: f64,
    /// CSS pixels from the top edge of the viewport.
    pub y: f64,
    /// How hard it is pressed, from 0 to 1.
    pub pressure: f64,
}

impl From<(f64, f64, f64)> for Point {
    fn from((x, y, pressure): (f64, f64, f64)) -> Self {
        Self { x, y, pressure }
    }
}

/// Whether a person can see the page, for `onwindowvisibilitychange`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Visibility {
    /// Whether the tab is visible.
    pub is_visible: bool,
}

impl FromEvent for Visibility {
    const PAYLOAD: &'static str = "target.visibilityState";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (state,): (String,) = json(payload)?;
        Ok(Self { is_visible: state == "visible" })
    }
}

/// Whether a `details` or a popover has opened or closed, for its `ontoggle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Toggle {
    /// Whether it is open now.
    pub is_open: bool,
}

impl FromEvent for Toggle {
    const PAYLOAD: &'static str = "newState";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (state,): (String,) = json(payload)?;
        Ok(Self { is_open: state == "open" })
    }
}

/// A mouse, pen or finger, for `onpointerdown`, `onpointermove`, `onpointerup` and so on.
///
/// Of movements, at most one is sent for each frame of the screen, and none while the handler has not answered. The
/// last one is always sent. For all points in between, take a [`PointerPath`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pointer {
    /// Distinguishes fingers.
    pub id: i32,
    /// `"mouse"`, `"pen"` or `"touch"`.
    pub kind: String,
    /// CSS pixels from the left edge of the viewport.
    pub x: f64,
    /// CSS pixels from the top edge of the viewport.
    pub y: f64,
    /// The button that was pressed or released: 0 for the main one, and -1 for a movement.
    pub button: i16,
    /// The buttons that are held, as a set of bits.
    pub buttons: u16,
    /// How hard it is pressed, from 0 to 1.
    pub pressure: f64,
    /// Which modifier keys were held.
    pub modifiers: Modifiers,
}

impl FromEvent for Pointer {
    const PAYLOAD: &'static str =
        "pointerId,pointerType,clientX,clientY,button,buttons,pressure,altKey,ctrlKey,metaKey,shiftKey";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (id, kind, x, y, button, buttons, pressure, alt, ctrl, meta, shift) = json(payload)?;
        Ok(Self { id, kind, x, y, button, buttons, pressure, modifiers: Modifiers { alt, ctrl, meta, shift } })
    }
}
