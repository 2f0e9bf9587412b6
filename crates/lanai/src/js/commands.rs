//! The commands that a handler may have.

use std::time::Duration;

use lanai_core::protocol::{Command, Step, Switch};
use lanai_core::url;
use serde::Serialize;

use super::{Action, Change, Js, Target};

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Shows elements: removes the attribute `hidden`.
///
/// ```
/// # use lanai::js;
/// # use lanai::prelude::*;
/// # fn view<V: Send + 'static>() -> Html<V> {
/// html! {
///     button onclick=(js::show("#details").then(js::hide(js::this()))) { "More" }
///     p #details hidden { "Here are the details." }
/// }
/// # }
/// ```
pub fn show(target: impl Into<Target>) -> Js<Change> {
    Js::new(&Command::Show(&target.into().0, None))
}

/// Hides elements: sets the attribute `hidden`. On a page with commands, no `display` of a style sheet overrides it.
pub fn hide(target: impl Into<Target>) -> Js<Change> {
    Js::new(&Command::Hide(&target.into().0, None))
}

/// Shows the elements that are hidden by the attribute `hidden`, and hides the others.
pub fn toggle(target: impl Into<Target>) -> Js<Change> {
    Js::new(&Command::Toggle(&target.into().0, None))
}

/// Shows elements with a transition: they have these classes for a time.
///
/// The classes are separated by spaces. If the person prefers reduced motion, there is no transition.
pub fn show_with(target: impl Into<Target>, classes: &str, time: Duration) -> Js<Action> {
    Js::new(&Command::Show(&target.into().0, Some((&single_spaced(classes), milliseconds(time)))))
}

/// Hides elements with a transition: they have these classes for a time, and are hidden then.
///
/// ```
/// # use std::time::Duration;
/// # use lanai::js;
/// let hide = js::hide_with("#menu", "fade-out", Duration::from_millis(200));
/// ```
pub fn hide_with(target: impl Into<Target>, classes: &str, time: Duration) -> Js<Action> {
    Js::new(&Command::Hide(&target.into().0, Some((&single_spaced(classes), milliseconds(time)))))
}

/// Shows or hides elements with a transition, whose classes are `shown` when they are shown, and `hidden` when they are
/// hidden.
pub fn toggle_with(target: impl Into<Target>, shown: &str, hidden: &str, time: Duration) -> Js<Action> {
    let classes = (&*single_spaced(shown), &*single_spaced(hidden), milliseconds(time));
    Js::new(&Command::Toggle(&target.into().0, Some(classes)))
}

/// Gives elements these classes for a time, for an animation.
pub fn transition(target: impl Into<Target>, classes: &str, time: Duration) -> Js<Action> {
    Js::new(&Command::Transition(&target.into().0, &single_spaced(classes), milliseconds(time)))
}

/// Adds classes, which are separated by spaces.
pub fn add_class(classes: &str, target: impl Into<Target>) -> Js<Change> {
    class(classes, target.into(), Switch::On)
}

/// Removes classes, which are separated by spaces.
pub fn remove_class(classes: &str, target: impl Into<Target>) -> Js<Change> {
    class(classes, target.into(), Switch::Off)
}

/// Adds each of these classes to the elements that do not have it, and removes it from the others.
pub fn toggle_class(classes: &str, target: impl Into<Target>) -> Js<Change> {
    class(classes, target.into(), Switch::Toggle)
}

#[allow(clippy::needless_pass_by_value, reason = "the callers have converted it")]
fn class(classes: &str, target: Target, switch: Switch) -> Js<Change> {
    Js::new(&Command::Class(&target.0, &single_spaced(classes), switch))
}

fn single_spaced(classes: &str) -> String {
    classes.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sets an attribute. (A URL that would run a script is replaced by `about:invalid`.)
///
/// # Panics
///
/// Panics if the attribute is an event such as `onclick`, or `style`, which a Content-Security-Policy forbids.
#[track_caller]
pub fn set_attribute(target: impl Into<Target>, name: &str, value: &str) -> Js<Change> {
    Js::new(&Command::Attribute(&target.into().0, checked(name), Some(harmless(value))))
}

/// Disables controls: the same as `set_attribute(target, "disabled", "")`.
///
/// In advance of an answer, it keeps a button from being pressed again until then:
///
/// ```
/// use lanai::js;
/// use lanai::prelude::*;
///
/// struct Draw { cards: u32 }
///
/// impl Draw {
///     fn draw(&mut self) {
///         self.cards += 1;
///     }
/// }
///
/// impl View for Draw {
///     fn render(&self) -> Html<Self> {
///         html! { button onclick=(on(Self::draw).optimistic(js::disable(js::this()))) { "Draw a card" } }
///     }
/// }
/// ```
pub fn disable(target: impl Into<Target>) -> Js<Change> {
    set_attribute(target, "disabled", "")
}

/// Enables controls: the same as `remove_attribute(target, "disabled")`.
pub fn enable(target: impl Into<Target>) -> Js<Change> {
    remove_attribute(target, "disabled")
}

/// Removes an attribute.
///
/// # Panics
///
/// Panics in the same cases as [`set_attribute`].
#[track_caller]
pub fn remove_attribute(target: impl Into<Target>, name: &str) -> Js<Change> {
    Js::new(&Command::Attribute(&target.into().0, checked(name), None))
}

/// Sets an attribute to a value, or removes it from the elements where it has this value.
///
/// # Panics
///
/// Panics in the same cases as [`set_attribute`].
#[track_caller]
pub fn toggle_attribute(target: impl Into<Target>, name: &str, value: &str) -> Js<Change> {
    Js::new(&Command::Flip(&target.into().0, checked(name), harmless(value), None))
}

/// Sets an attribute to the first value, or to the second in the elements where it has the first.
///
/// ```
/// # use lanai::js;
/// # use lanai::prelude::*;
/// # fn view<V: Send + 'static>() -> Html<V> {
/// html! {
///     button aria-expanded="false" aria-controls="menu"
///         onclick=(js::toggle("#menu").then(js::switch_attribute(js::this(), "aria-expanded", "true", "false"))) {
///         "Menu"
///     }
///     ul #menu hidden { li { "Open" } }
/// }
/// # }
/// ```
///
/// # Panics
///
/// Panics in the same cases as [`set_attribute`].
#[track_caller]
pub fn switch_attribute(target: impl Into<Target>, name: &str, first: &str, second: &str) -> Js<Change> {
    Js::new(&Command::Flip(&target.into().0, checked(name), harmless(first), Some(harmless(second))))
}

#[track_caller]
fn checked(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    assert!(!lower.starts_with("on"), "`{name}` is an event: give the element a handler instead");
    assert!(lower != "style", "a Content-Security-Policy forbids to set `style`: add a class instead");
    let is_name =
        !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'>/=".contains(c));
    assert!(is_name, "`{name}` is not the name of an attribute");
    name
}

fn harmless(value: &str) -> &str {
    if url::is_script(value) { url::REFUSED } else { value }
}

/// Focuses the first element of the target.
pub fn focus(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Focus(&target.into().0))
}

/// Focuses the first element inside the target that can have the focus.
pub fn focus_first(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::FocusIn(&target.into().0, Step::First))
}

/// Focuses the element inside the target after the one that has the focus; after the last one the first.
pub fn focus_next(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::FocusIn(&target.into().0, Step::Next))
}

/// Focuses the element inside the target before the one that has the focus; before the first one the last.
pub fn focus_previous(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::FocusIn(&target.into().0, Step::Previous))
}

/// Remembers which element has the focus, for [`pop_focus`].
pub fn push_focus() -> Js<Action> {
    Js::new(&Command::PushFocus)
}

/// Returns the focus to the element that had it when it was last [pushed](push_focus).
pub fn pop_focus() -> Js<Action> {
    Js::new(&Command::PopFocus)
}

/// Moves the focus into the target, and keeps it there: Tab goes from the last element to the first. The trap ends with
/// [`release_focus`], or when the target is hidden or gone, and then the focus returns to where it was.
///
/// A dialog that [`open_modal`] has opened needs no trap.
pub fn trap_focus(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::TrapFocus(&target.into().0))
}

/// Ends the last [trap](trap_focus). The focus returns to where it was before.
pub fn release_focus() -> Js<Action> {
    Js::new(&Command::ReleaseFocus)
}

/// Scrolls until the first element of the target is in view: smoothly, unless the person prefers reduced motion.
pub fn scroll_to(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Scroll(&target.into().0))
}

/// Selects the text of the first element of the target: of a control its value, and of others their content.
pub fn select(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Select(&target.into().0))
}

/// Dispatches a DOM event on elements, which bubbles. `detail` becomes the event's `detail`; use `()` for none.
///
/// The page's scripts receive it, and handlers too: `"onrated"=(Self::rated)`.
///
/// # Panics
///
/// Panics if `detail` cannot be serialized as JSON.
#[track_caller]
pub fn dispatch(target: impl Into<Target>, event: &str, detail: impl Serialize) -> Js<Action> {
    let detail = match serde_json::to_string(&detail) {
        Ok(detail) => detail,
        Err(error) => panic!("the detail of the event `{event}` cannot be serialized as JSON: {error}"),
    };
    Js::new(&Command::Dispatch(&target.into().0, event, &detail))
}

/// Copies a text to the clipboard.
///
/// Browsers allow this only on pages from `https:` or `localhost`.
pub fn copy_text(text: &str) -> Js<Action> {
    Js::new(&Command::CopyText(text))
}

/// Copies the value of a control, or the text of another element, to the clipboard.
///
/// ```
/// # use lanai::js;
/// # use lanai::prelude::*;
/// # fn view<V: Send + 'static>() -> Html<V> {
/// html! {
///     code #token { "4f7a-21c9" }
///     button onclick=(js::copy("#token")) { "Copy" }
/// }
/// # }
/// ```
pub fn copy(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Copy(&target.into().0))
}

/// Opens a `dialog` without blocking the rest of the page, an element with `popover`, or a `details`.
pub fn open(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Open(&target.into().0, false))
}

/// Opens a `dialog` as a modal one: the rest of the page is inert, and Escape closes it.
pub fn open_modal(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Open(&target.into().0, true))
}

/// Closes a `dialog`, an element with `popover`, or a `details`.
pub fn close(target: impl Into<Target>) -> Js<Action> {
    Js::new(&Command::Close(&target.into().0))
}
