//! Optimistic updates: commands that show the probable answer of a handler until the answer comes.

use lanai_core::protocol::{Command, Place, Source, Switch};

use super::{Advance, Change, Js, Target};

/// Commands that can show the answer of a handler in advance; see [`On::optimistic`](crate::handler::On::optimistic).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot show the answer of a handler in advance",
    label = "the browser could not undo this",
    note = "`optimistic` takes commands that change elements, such as `js::remove`, `js::set_text` or `js::add_class`",
    note = "what shall happen in any case goes before the handler: `js::focus(\"#name\").then(on(handler).optimistic(…))`"
)]
pub trait InAdvance {
    /// Returns the commands.
    fn in_advance(self) -> Js<Advance>;
}

impl InAdvance for Js<Change> {
    fn in_advance(self) -> Js<Advance> {
        Js::from_list(self.commands)
    }
}

impl InAdvance for Js<Advance> {
    fn in_advance(self) -> Js<Advance> {
        self
    }
}

/// A text that is shown in advance: a string, or what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Source);

/// The value of the control that the event comes from.
#[must_use]
pub fn value() -> Text {
    Text(Source::Control)
}

/// The value of a field of the form that the event comes from.
#[must_use]
pub fn field(name: impl Into<String>) -> Text {
    Text(Source::Field(name.into()))
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Source::Text(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Source::Text(text))
    }
}

/// Removes elements in advance. (Until the answer, they are hidden.)
pub fn remove(target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Remove(&target.into().0))
}

/// Sets the text of elements in advance: a string, [`value`] or [`field`].
pub fn set_text(target: impl Into<Target>, text: impl Into<Text>) -> Js<Advance> {
    Js::new(&Command::Text(&target.into().0, &text.into().0))
}

/// Checks checkboxes or radio buttons in advance.
pub fn check(target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Check(&target.into().0, Switch::On))
}

/// Unchecks checkboxes in advance.
pub fn uncheck(target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Check(&target.into().0, Switch::Off))
}

/// Checks the checkboxes that are not checked, and unchecks the others, in advance.
pub fn toggle_checked(target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Check(&target.into().0, Switch::Toggle))
}

/// Moves an element before the one that is before it, in advance.
pub fn move_up(target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Move(&target.into().0, &Place::Up))
}

/// Moves an element after the one that is after it, in advance.
pub fn move_down(target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Move(&target.into().0, &Place::Down))
}

/// Moves an element before another one, in advance.
pub fn move_before(target: impl Into<Target>, reference: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Move(&target.into().0, &Place::Before(reference.into().0)))
}

/// Moves an element after another one, in advance.
pub fn move_after(target: impl Into<Target>, reference: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Move(&target.into().0, &Place::After(reference.into().0)))
}

/// Moves an element to the end of another one, in advance.
pub fn move_into(target: impl Into<Target>, parent: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Move(&target.into().0, &Place::Into(parent.into().0)))
}

/// Inserts the content of a `template` element at the end of an element, in advance.
///
/// `template` is a CSS selector. Elements in the template that have the attribute `data-lanai-value` get the value of
/// the field with that name as their text; without a name, the value of the control that the event comes from. What was
/// typed is never read as HTML.
///
/// ```
/// use lanai::js;
/// use lanai::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Draft { title: String }
///
/// struct Tasks { titles: Vec<String> }
///
/// impl Tasks {
///     fn add(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
///         self.titles.push(draft.title);
///         cx.reset_form();
///     }
/// }
///
/// impl View for Tasks {
///     fn render(&self) -> Html<Self> {
///         html! {
///             ul #tasks { @for title in &self.titles { li { (title) } } }
///             template #new-task { li { span data-lanai-value="title" {} " …" } }
///             form onsubmit=(on(Self::add).optimistic(js::append("#new-task", "#tasks"))) {
///                 input name="title" aria-label="Task";
///             }
///         }
///     }
/// }
/// ```
pub fn append(template: &str, target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Insert(&target.into().0, template, true))
}

/// Inserts the content of a `template` element at the start of an element, in advance; see [`append`].
pub fn prepend(template: &str, target: impl Into<Target>) -> Js<Advance> {
    Js::new(&Command::Insert(&target.into().0, template, false))
}
