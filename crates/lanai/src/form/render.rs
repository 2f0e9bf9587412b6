//! The default look of a field: its label, control, hint and error.

use lanai_core::Tape;
use lanai_macros::html;

use super::bound::BoundField;
use super::info::Control;
use super::live_form::LiveForm;
use super::value::Fieldset;
use crate::html::{Html, Inert};
use crate::macro_support::{Fragment, Rendering};

impl BoundField<'_> {
    /// Renders the field: its label, control, hint and error.
    ///
    /// The parts have classes for style sheets: `lanai-field` around all, `lanai-hint`, `lanai-error`, and
    /// `lanai-choice` for each radio button or checkbox.
    pub fn render(&self) -> Html {
        match self.control() {
            Control::Radios | Control::Checkboxes => self.group(),
            Control::Checkbox => html! {
                div.lanai-field.lanai-choice {
                    input (self);
                    label (self) {}
                    (self.notes())
                }
            },
            Control::Textarea => html! {
                div.lanai-field { label (self) {} textarea (self) {} (self.notes()) }
            },
            Control::Select => html! {
                div.lanai-field { label (self) {} select (self) {} (self.notes()) }
            },
            Control::Fieldset => self.notes(),
            Control::Input(_) | Control::Auto => html! {
                div.lanai-field { label (self) {} input (self); (self.notes()) }
            },
        }
    }

    fn group(&self) -> Html {
        html! {
            fieldset.lanai-field (self) {
                legend { (self.label()) }
                @for choice in self.choices() {
                    div.lanai-choice key=(choice.value()) {
                        input (choice);
                        label (choice) {}
                    }
                }
                (self.notes())
            }
        }
    }

    /// Renders the hint and the error, with the ids that `aria-describedby` names.
    pub fn notes(&self) -> Html {
        html! {
            @if let Some(hint) = self.hint() { small.lanai-hint id=(self.hint_id()) { (hint) } }
            @if let Some(error) = self.error() { p.lanai-error id=(self.error_id()) { (error) } }
        }
    }
}

impl<T: Fieldset> LiveForm<T> {
    /// Renders the errors that belong to no field, in an element that screen readers announce.
    pub fn errors(&self) -> Html {
        let errors = self.form_errors();
        html! {
            // An `output` belongs to the form, and has a name like every other element that a person may leave.
            output.lanai-errors #{ (self.state.id) "-errors" } role="alert" tabindex="-1" {
                @for error in &errors { span.lanai-error { (error) } }
            }
        }
    }
}

/// Renders the options of a `select`. If nothing is chosen, or nothing need be, the first option is empty, and shows
/// the placeholder.
pub(crate) fn options(field: &BoundField<'_>) -> Html {
    let is_multiple = field.info.is_multiple();
    let has_empty = !is_multiple && (!field.info.required || field.value().is_empty());
    let placeholder = field.info.placeholder.unwrap_or_default();
    let has_own_empty = field.choices().any(|choice| choice.value().is_empty());
    html! {
        @if has_empty && !has_own_empty { option value="" selected[field.value().is_empty()] { (placeholder) } }
        @for choice in field.choices() {
            option key=(choice.value()) value=(choice.value()) selected[choice.is_chosen()] { (choice.label()) }
        }
    }
}

impl Fragment<Inert> for BoundField<'_> {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
        splice(tape, &self.render());
    }
}

impl Rendering for BoundField<'_> {}
