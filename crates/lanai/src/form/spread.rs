//! What `input (field);` and its like set: the attributes of an element, from a field or a form.
//!
//! `html!` writes one slot for each attribute, so only those that change are sent.

// Only the code that `html!` writes calls these functions.
#![expect(missing_docs, reason = "the names are those of the attributes")]
#![expect(clippy::must_use_candidate)]

use super::bound::{BoundChoice, BoundField};
use super::check::UNREADABLE;
use super::events::FormEvents;
use super::info::Control;
use super::live_form::LiveForm;
use crate::handler::Callback;
use crate::html::Html;

/// The attributes of an `input`, a `select` or a `textarea`.
#[derive(Debug)]
pub struct ControlAttributes<'a> {
    field: &'a BoundField<'a>,
    choice: Option<BoundChoice<'a>>,
}

impl ControlAttributes<'_> {
    pub fn kind(&self) -> Option<&'static str> {
        self.field.info.input_type()
    }

    pub fn id(&self) -> String {
        self.choice.map_or_else(|| self.field.id().to_owned(), |choice| choice.id())
    }

    pub fn name(&self) -> &str {
        self.field.name()
    }

    pub fn value(&self) -> Option<&str> {
        if let Some(choice) = self.choice {
            return Some(choice.value());
        }
        match self.field.info.control() {
            Control::Checkbox => Some("true"),
            // Never sent back: it would be in the HTML, and the browser keeps what was typed.
            Control::Input("password") if self.field.value().is_empty() => None,
            // The browser shows what it cannot read, and does not tell it.
            Control::Input(_) if self.field.value() == UNREADABLE => None,
            _ => Some(self.field.value()),
        }
    }

    pub fn checked(&self) -> bool {
        match self.choice {
            Some(choice) => choice.is_chosen(),
            None => self.field.info.control() == Control::Checkbox && self.field.is_checked(),
        }
    }

    pub fn required(&self) -> bool {
        // Each box of a group would be required.
        self.field.info.required && self.field.info.control() != Control::Checkboxes
    }

    pub fn multiple(&self) -> bool {
        self.field.info.is_multiple() && self.choice.is_none()
    }

    fn is_text(&self) -> bool {
        self.choice.is_none()
            && match self.field.info.control() {
                Control::Textarea => true,
                Control::Input(kind) => matches!(kind, "text" | "search" | "url" | "tel" | "email" | "password"),
                _ => false,
            }
    }

    pub fn min_length(&self) -> Option<usize> {
        self.field.info.min_length.filter(|_| self.is_text())
    }

    pub fn max_length(&self) -> Option<usize> {
        self.field.info.max_length.filter(|_| self.is_text())
    }

    pub fn min(&self) -> Option<&'static str> {
        self.field.info.min
    }

    pub fn max(&self) -> Option<&'static str> {
        self.field.info.max
    }

    pub fn step(&self) -> Option<&'static str> {
        self.field.info.step
    }

    pub fn pattern(&self) -> Option<&'static str> {
        self.field.info.pattern.filter(|_| self.is_text()).map(|pattern| pattern.source())
    }

    pub fn placeholder(&self) -> Option<&'static str> {
        self.field.info.placeholder
    }

    pub fn autocomplete(&self) -> Option<&'static str> {
        self.field.info.autocomplete
    }

    pub fn described_by(&self) -> Option<String> {
        // The element around a group of controls has it.
        if self.choice.is_some() { None } else { self.field.described_by() }
    }

    pub fn invalid(&self) -> Option<&'static str> {
        self.field.is_invalid().then_some("true")
    }

    /// The options of a `select` that has no content.
    pub fn options(&self) -> Html {
        super::render::options(self.field)
    }

    /// The text of a `textarea` that has no content.
    pub fn text(&self) -> &str {
        self.field.value()
    }
}

/// What `input (…);` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no attributes of a control",
    label = "neither a field of a form nor one of its choices",
    note = "`input (…);` takes `self.form.field(SignUp::EMAIL)`; to set a single attribute, write `name=(…)`",
    note = "for files, write `input type=\"file\" (self.photos);` with what `cx.upload(\"photos\")` returns"
)]
pub trait SpreadControl {
    fn control_attributes(&self) -> ControlAttributes<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: SpreadControl + ?Sized> SpreadControl for &T {
    fn control_attributes(&self) -> ControlAttributes<'_> {
        (**self).control_attributes()
    }
}

impl SpreadControl for BoundField<'_> {
    fn control_attributes(&self) -> ControlAttributes<'_> {
        ControlAttributes { field: self, choice: None }
    }
}

impl SpreadControl for BoundChoice<'_> {
    fn control_attributes(&self) -> ControlAttributes<'_> {
        ControlAttributes { field: self.field, choice: Some(*self) }
    }
}

/// The attributes of a `label`.
#[derive(Debug)]
pub struct LabelAttributes<'a> {
    target: String,
    text: &'a str,
}

impl LabelAttributes<'_> {
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The text of a label that has no content.
    pub fn text(&self) -> &str {
        self.text
    }
}

/// What `label (…)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a label belongs to",
    label = "neither a field of a form nor one of its choices",
    note = "`label (…) {{}}` takes `self.form.field(SignUp::EMAIL)`; put the text of a label in braces: `label {{ (…) }}`"
)]
pub trait SpreadLabel {
    fn label_attributes(&self) -> LabelAttributes<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: SpreadLabel + ?Sized> SpreadLabel for &T {
    fn label_attributes(&self) -> LabelAttributes<'_> {
        (**self).label_attributes()
    }
}

impl SpreadLabel for BoundField<'_> {
    fn label_attributes(&self) -> LabelAttributes<'_> {
        LabelAttributes { target: self.id().to_owned(), text: self.label() }
    }
}

impl SpreadLabel for BoundChoice<'_> {
    fn label_attributes(&self) -> LabelAttributes<'_> {
        LabelAttributes { target: self.id(), text: self.label() }
    }
}

/// The attributes of a `fieldset` around a field that has several controls.
#[derive(Debug)]
pub struct GroupAttributes<'a>(&'a BoundField<'a>);

impl GroupAttributes<'_> {
    pub fn id(&self) -> &str {
        self.0.id()
    }

    pub fn described_by(&self) -> Option<String> {
        self.0.described_by()
    }

    pub fn invalid(&self) -> Option<&'static str> {
        self.0.is_invalid().then_some("true")
    }
}

/// What `fieldset (…)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no attributes of a group of controls",
    label = "not a field of a form",
    note = "`fieldset (…) {{ … }}` takes `self.form.field(SignUp::ADDRESSES)`; put content in braces"
)]
pub trait SpreadGroup {
    fn group_attributes(&self) -> GroupAttributes<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: SpreadGroup + ?Sized> SpreadGroup for &T {
    fn group_attributes(&self) -> GroupAttributes<'_> {
        (**self).group_attributes()
    }
}

impl SpreadGroup for BoundField<'_> {
    fn group_attributes(&self) -> GroupAttributes<'_> {
        GroupAttributes(self)
    }
}

/// The attributes of a `button`.
#[derive(Debug)]
pub struct ButtonAttributes(bool);

impl ButtonAttributes {
    pub fn disabled(&self) -> bool {
        self.0
    }
}

/// What `button (…)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no attributes of a button",
    label = "not a `LiveForm`",
    note = "`button (self.form) {{ … }}` submits the form, and is disabled while it is busy; \
            put the text of a button in braces: `button {{ (…) }}`"
)]
pub trait SpreadButton {
    fn button_attributes(&self) -> ButtonAttributes;
}

#[diagnostic::do_not_recommend]
impl<T: SpreadButton + ?Sized> SpreadButton for &T {
    fn button_attributes(&self) -> ButtonAttributes {
        (**self).button_attributes()
    }
}

impl<T> SpreadButton for LiveForm<T> {
    fn button_attributes(&self) -> ButtonAttributes {
        ButtonAttributes(self.state.is_busy)
    }
}

/// The attributes of a `form`.
#[derive(Debug)]
pub struct FormAttributes<'a, V: 'static>(&'a FormEvents<V>);

impl<V: 'static> FormAttributes<'_, V> {
    pub fn id(&self) -> &str {
        &self.0.id
    }

    pub fn submit(&self) -> Callback<V> {
        self.0.submit.clone()
    }

    pub fn input(&self) -> Callback<V> {
        self.0.input.clone()
    }

    pub fn leave(&self) -> Callback<V> {
        self.0.leave.clone()
    }

    pub fn reset(&self) -> Callback<V> {
        self.0.reset.clone()
    }

    pub fn recover(&self) -> Callback<V> {
        self.0.recover.clone()
    }
}

/// What `form (…)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handlers of a form",
    label = "not the events of a form",
    note = "write `form (self.form.events(|page: &mut Self| &mut page.form, Self::save)) {{ … }}`"
)]
pub trait SpreadForm {
    /// The view whose handlers they are.
    type View: 'static;

    fn form_attributes(&self) -> FormAttributes<'_, Self::View>;
}

#[diagnostic::do_not_recommend]
impl<T: SpreadForm + ?Sized> SpreadForm for &T {
    type View = T::View;

    fn form_attributes(&self) -> FormAttributes<'_, T::View> {
        (**self).form_attributes()
    }
}

impl<V: 'static> SpreadForm for FormEvents<V> {
    type View = V;

    fn form_attributes(&self) -> FormAttributes<'_, V> {
        FormAttributes(self)
    }
}

/// The attributes of an `input` for files.
#[derive(Debug)]
pub struct FileAttributes {
    pub(crate) accept: Option<String>,
    pub(crate) multiple: bool,
    pub(crate) directory: bool,
    pub(crate) upload: String,
}

impl FileAttributes {
    pub fn accept(&self) -> Option<&str> {
        self.accept.as_deref()
    }

    pub fn multiple(&self) -> bool {
        self.multiple
    }

    pub fn directory(&self) -> bool {
        self.directory
    }

    pub fn upload(&self) -> &str {
        &self.upload
    }
}

/// What `input type="file" (…);` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an upload",
    label = "no files can be uploaded to this",
    note = "`input type=\"file\" (…);` takes what `cx.upload(\"photos\")` returns, which the view keeps: \
            `input type=\"file\" (self.photos);`"
)]
pub trait SpreadFile {
    fn file_attributes(&self) -> FileAttributes;
}

#[diagnostic::do_not_recommend]
impl<T: SpreadFile + ?Sized> SpreadFile for &T {
    fn file_attributes(&self) -> FileAttributes {
        (**self).file_attributes()
    }
}
