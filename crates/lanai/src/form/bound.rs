//! The fields of a form while it is rendered.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::field::Field;
use super::info::{Choice, Control, FieldInfo};
use super::node::{Node, child};
use super::state::State;
use super::value::{Fieldset, FormValue, choices_of};

/// A field of a form: everything that markup needs to show it.
///
/// Spliced as `(self.form.field(SignUp::EMAIL))`, it renders its label, control, hint and error. For markup of your
/// own, `input (field);` sets all attributes of the control, `label (field) {}` those of its label, and the methods
/// return the parts.
pub struct BoundField<'a> {
    pub(crate) state: &'a State,
    pub(crate) info: &'static FieldInfo,
    pub(crate) node: &'a Node,
    choices: &'a [Choice],
    name: String,
    id: String,
    error: Option<String>,
}

impl<'a> BoundField<'a> {
    fn new(state: &'a State, form: &'static super::info::FormInfo, index: usize, node: &'a Node, prefix: &str) -> Self {
        let info = &form.fields[index];
        let name = child(prefix, info.name);
        Self {
            choices: choices_of(&state.outside, form, index),
            id: state.id_of(&name),
            error: state.error(&name, info),
            state,
            info,
            node,
            name,
        }
    }

    /// Returns what is known of the field at compile time.
    #[must_use]
    pub fn info(&self) -> &'static FieldInfo {
        self.info
    }

    /// Returns the full name: `email`, `addresses[3][street]`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the `id` of the control, or of the element around a group of controls.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what people call the field.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.info.label
    }

    /// Returns the sentence below the control.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        self.info.hint
    }

    /// Returns the `id` of the element that contains the hint.
    #[must_use]
    pub fn hint_id(&self) -> String {
        format!("{}-hint", self.id)
    }

    /// Returns the text in the control, as the person typed it.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.node.value()
    }

    /// Returns the values of a field with several.
    #[must_use]
    pub fn values(&self) -> &'a [String] {
        self.node.values()
    }

    /// Whether the box is checked.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        !matches!(self.value(), "" | "false")
    }

    /// Returns the error, once the person has left the field or submitted the form.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns the `id` of the element that contains the error.
    #[must_use]
    pub fn error_id(&self) -> String {
        format!("{}-error", self.id)
    }

    /// Returns the attribute `aria-describedby`: the hint and the error, if there are any.
    #[must_use]
    pub fn described_by(&self) -> Option<String> {
        match (self.hint(), self.error()) {
            (Some(_), Some(_)) => Some(format!("{} {}", self.hint_id(), self.error_id())),
            (Some(_), None) => Some(self.hint_id()),
            (None, Some(_)) => Some(self.error_id()),
            (None, None) => None,
        }
    }

    /// Whether there is an error to show.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.error.is_some()
    }

    /// Whether the person has left the field, or submitted the form.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.state.is_refused || self.state.touched.contains(&self.name)
    }

    /// Whether the content differs from the initial one.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        let prefix = format!("{}[", self.name);
        self.state.changed_since(&self.state.initial).iter().any(|name| *name == self.name || name.starts_with(&prefix))
    }

    /// Whether an asynchronous [check](super::LiveForm::with_check) of the field is running.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        self.state.checking.contains(&self.name)
    }

    /// Returns the choices of the field.
    pub fn choices(&self) -> impl Iterator<Item = BoundChoice<'_>> {
        self.choices.iter().enumerate().map(|(index, choice)| BoundChoice { field: self, choice, index })
    }

    pub(crate) fn control(&self) -> Control {
        match self.info.control() {
            // Choices that the program has set for a text.
            Control::Input("text") if !self.choices.is_empty() => Control::Select,
            control => control,
        }
    }

    /// Whether a value is among those of the field.
    pub(crate) fn is_chosen(&self, value: &str) -> bool {
        self.node.values().iter().any(|chosen| chosen == value)
    }
}

impl fmt::Debug for BoundField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundField")
            .field("name", &self.name)
            .field("value", &self.node.values())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// One choice of a field: an option, a radio button or a checkbox. `input (choice);` and `label (choice) {}` set the
/// attributes.
#[derive(Debug, Clone, Copy)]
pub struct BoundChoice<'a> {
    pub(crate) field: &'a BoundField<'a>,
    choice: &'a Choice,
    index: usize,
}

impl<'a> BoundChoice<'a> {
    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &'a str {
        &self.choice.value
    }

    /// Returns what people see.
    #[must_use]
    pub fn label(&self) -> &'a str {
        &self.choice.label
    }

    /// Whether it is chosen.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.field.is_chosen(&self.choice.value)
    }

    /// Returns the `id` of the control.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.field.id, self.index)
    }
}

/// A form inside a form, or one of its rows.
pub struct Group<'a, G> {
    state: &'a State,
    node: &'a Node,
    name: String,
    form: PhantomData<fn() -> G>,
}

impl<'a, G: Fieldset> Group<'a, G> {
    pub(crate) fn new(state: &'a State, node: &'a Node, name: String) -> Self {
        Self { state, node, name, form: PhantomData }
    }

    /// Returns a field.
    #[must_use]
    pub fn field<F>(&self, field: Field<G, F>) -> BoundField<'a> {
        BoundField::new(self.state, G::info(), field.index, &self.node.fields()[field.index], &self.name)
    }

    /// Returns a form inside this one.
    #[must_use]
    pub fn group<F: GroupType>(&self, field: Field<G, F>) -> Group<'a, F::Group> {
        Group::new(self.state, &self.node.fields()[field.index], child(&self.name, field.name()))
    }

    /// Returns the rows of a list of forms.
    #[must_use]
    pub fn rows<R: Fieldset>(&self, field: Field<G, Vec<R>>) -> Rows<'a, R> {
        let name = child(&self.name, field.name());
        Rows { state: self.state, node: &self.node.fields()[field.index], name, form: PhantomData }
    }

    /// Returns the text in a control.
    #[must_use]
    pub fn value<F>(&self, field: Field<G, F>) -> &'a str {
        self.node.fields()[field.index].value()
    }
}

impl<G> fmt::Debug for Group<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("name", &self.name).field("content", &self.node).finish_non_exhaustive()
    }
}

/// A field with another form inside: the form itself, or an option of it. `#[derive(Form)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a form inside a form",
    label = "a field with a single value, or with rows",
    note = "use `field(…)` for a single value, and `rows(…)` for a `Vec` of forms"
)]
pub trait GroupType: FormValue {
    /// The form inside.
    type Group: Fieldset;
}

impl<G: GroupType> GroupType for Option<G> {
    type Group = G::Group;
}

/// The rows of a list of forms, as an iterator.
pub struct Rows<'a, R> {
    state: &'a State,
    node: &'a Node,
    name: String,
    form: PhantomData<fn() -> R>,
}

impl<'a, R: Fieldset> Rows<'a, R> {
    /// Returns the name of the list, to add a row to it or to remove one.
    #[must_use]
    pub fn list(&self) -> List<R> {
        List { name: self.name.clone(), row: PhantomData }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.node.rows().len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.node.rows().is_empty()
    }

    /// Returns an iterator over the rows.
    pub fn iter(&self) -> impl Iterator<Item = Row<'a, R>> + use<'a, R> {
        let (state, name, count) = (self.state, self.name.clone(), self.len());
        self.node.rows().iter().enumerate().map(move |(index, (key, node))| Row {
            group: Group::new(state, node, format!("{name}[{key}]")),
            key: *key,
            index,
            count,
        })
    }
}

impl<'a, R: Fieldset> IntoIterator for Rows<'a, R> {
    type Item = Row<'a, R>;
    type IntoIter = std::vec::IntoIter<Row<'a, R>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

impl<R> fmt::Debug for Rows<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("name", &self.name).field("content", &self.node).finish_non_exhaustive()
    }
}

/// A row of a list of forms. It has the methods of [`Group`].
#[derive(Debug)]
pub struct Row<'a, R> {
    group: Group<'a, R>,
    key: u32,
    index: usize,
    count: usize,
}

impl<R> Row<'_, R> {
    /// Returns the number that the row keeps when it is moved: its `key` in a `@for`.
    #[must_use]
    pub fn key(&self) -> u32 {
        self.key
    }

    /// Returns the position of the row, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether this is the first row.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.index == 0
    }

    /// Whether this is the last row.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.index + 1 == self.count
    }
}

impl<'a, R> Deref for Row<'a, R> {
    type Target = Group<'a, R>;

    fn deref(&self) -> &Group<'a, R> {
        &self.group
    }
}

/// The name of a list of rows: a field of the form such as `SignUp::ADDRESSES`, or the [list](Rows::list) of rows
/// inside a row.
pub struct List<R> {
    pub(crate) name: String,
    row: PhantomData<fn() -> R>,
}

impl<T: Fieldset, R> From<Field<T, Vec<R>>> for List<R> {
    fn from(field: Field<T, Vec<R>>) -> Self {
        Self { name: field.name().into(), row: PhantomData }
    }
}

impl<R> Clone for List<R> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), row: PhantomData }
    }
}

impl<R> fmt::Debug for List<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("List").field(&self.name).finish()
    }
}
