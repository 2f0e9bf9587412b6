//! From the text in controls to the types of fields, and back.

use std::collections::HashMap;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::check::{constraint, trimmed};
use super::errors::{Errors, Found};
use super::info::{Choice, Control, FieldInfo, FormInfo, Shape};
use super::node::{Node, child};
use super::problem::Problem;

/// A struct whose fields are those of a form. Derive it with `#[derive(Form)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a form",
    label = "the fields of this type are not known",
    note = "write `#[derive(Form)]` on the struct, with `use lanai::prelude::*;`"
)]
pub trait Fieldset: FormValue {
    /// Returns the fields.
    fn info() -> &'static FormInfo;
}

/// A type that `#[derive(Form)]` knows how to edit: a struct, an enum, and options and lists of them.
pub trait FormValue: Sized + Send + 'static {
    /// Returns what a field of this type contains.
    #[doc(hidden)]
    fn shape() -> Shape;

    /// Reads a value, and adds an error for each field that does not fit. `base` has the fields that no page sets.
    #[doc(hidden)]
    fn decode(at: &mut At<'_>, base: Option<&Self>) -> Option<Self>;

    /// Returns the content of the controls for this value.
    #[doc(hidden)]
    fn encode(&self) -> Node;
}

impl<T: FormValue> FormValue for Option<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn decode(at: &mut At<'_>, base: Option<&Self>) -> Option<Self> {
        if at.node.is_blank() { Some(None) } else { T::decode(at, base.and_then(Option::as_ref)).map(Some) }
    }

    fn encode(&self) -> Node {
        self.as_ref().map_or_else(|| Node::blank_of(T::shape()), T::encode)
    }
}

impl<T: FormValue> FormValue for Vec<T> {
    fn shape() -> Shape {
        match T::shape() {
            Shape::Group(info) => Shape::Rows(info),
            Shape::Leaf { choices, .. } => Shape::Leaf { choices, multiple: true },
            // A list of lists has no names for the inner ones.
            rows @ Shape::Rows(_) => rows,
        }
    }

    fn decode(at: &mut At<'_>, _base: Option<&Self>) -> Option<Self> {
        let mut all = Some(Self::new());
        let mut read = |at: &mut At<'_>| match (T::decode(at, None), &mut all) {
            (Some(value), Some(values)) => values.push(value),
            _ => all = None,
        };
        match at.node {
            Node::Rows(rows) => {
                for (key, row) in rows {
                    let name = format!("{}[{key}]", at.name);
                    read(&mut At { node: row, name: &name, info: at.info, found: &mut *at.found, outside: at.outside });
                }
            }
            node => {
                for value in node.values() {
                    let node = Node::text(value.as_str());
                    read(&mut At {
                        node: &node,
                        name: at.name,
                        info: at.info,
                        found: &mut *at.found,
                        outside: at.outside,
                    });
                }
            }
        }
        all
    }

    fn encode(&self) -> Node {
        match T::shape() {
            Shape::Leaf { .. } => Node::Leaf(self.iter().flat_map(|value| value.encode().values().to_vec()).collect()),
            Shape::Group(_) | Shape::Rows(_) => Node::Rows((0..).zip(self.iter().map(T::encode)).collect()),
        }
    }
}

/// The choices that a program has set for fields, by the path of the form's type and the position of the field.
pub(crate) type Outside = HashMap<(&'static str, usize), Vec<Choice>>;

/// A function that checks a field.
type FieldCheck<'a, F> = &'a dyn Fn(&F) -> Result<(), String>;

/// A place in a form from which a value is read.
#[derive(Debug)]
pub struct At<'a> {
    pub(crate) node: &'a Node,
    /// The full name.
    pub(crate) name: &'a str,
    /// The field, unless it is the form itself.
    pub(crate) info: Option<&'static FieldInfo>,
    pub(crate) found: &'a mut Found,
    pub(crate) outside: &'a Outside,
}

impl At<'_> {
    /// Reads a field of a form, after checking its constraints.
    #[doc(hidden)]
    pub fn field<F>(
        &mut self,
        form: &'static FormInfo,
        index: usize,
        codec: &Codec<F>,
        base: Option<&F>,
        check: Option<FieldCheck<'_, F>>,
    ) -> Option<F> {
        let info = &form.fields[index];
        let node = self.node.fields().get(index)?;
        let name = child(self.name, info.name);
        let choices = choices_of(self.outside, form, index);
        if let Some(problem) = constraint(info, node, choices) {
            self.found.add(name.clone(), problem);
        } else if let Some(other) = info.equals
            && self.node.fields().get(other).is_some_and(|other| other.value() != node.value())
        {
            self.found.add(name.clone(), Problem::Different(form.fields[other].label));
        }
        let mut at = At { node, name: &name, info: Some(info), found: &mut *self.found, outside: self.outside };
        // Also after an error of a list, for those in its rows.
        let value = (codec.decode)(&mut at, base)?;
        if self.found.get(&name).is_some() {
            return None;
        }
        match check.map(|check| check(&value)) {
            Some(Err(message)) => {
                self.found.add(name, Problem::Custom(message));
                None
            }
            _ => Some(value),
        }
    }

    /// Runs the check of a whole form. Its errors do not keep the forms around it from being checked.
    #[doc(hidden)]
    pub fn check<T>(&mut self, check: impl FnOnce(&mut Errors<'_, T>)) {
        check(&mut Errors::new(self.found, self.name, self.node));
    }

    /// Returns the value of a field with one value.
    #[doc(hidden)]
    #[must_use]
    pub fn value(&self) -> &str {
        self.node.value()
    }

    /// Returns the value of another field of the form, such as the tag of an enum.
    #[doc(hidden)]
    #[must_use]
    pub fn value_at(&self, index: usize) -> &str {
        self.node.fields().get(index).map_or("", Node::value)
    }

    /// Adds an error, unless there is one.
    #[doc(hidden)]
    pub fn refuse<T>(&mut self) -> Option<T> {
        let kind = self.info.and_then(FieldInfo::input_type).unwrap_or("text");
        let problem = match self.info.map(FieldInfo::control) {
            _ if self.node.is_blank() => Problem::Required,
            Some(Control::Select | Control::Radios | Control::Checkboxes | Control::Checkbox) => Problem::Choice,
            _ => Problem::Type(kind),
        };
        self.found.add(self.name.to_owned(), problem);
        None
    }
}

/// Returns the choices of a field: those that the program has set, or those of the type.
pub(crate) fn choices_of<'a>(outside: &'a Outside, form: &'static FormInfo, index: usize) -> &'a [Choice] {
    match (outside.get(&(form.path, index)), (form.fields[index].shape)()) {
        (Some(choices), _) => choices,
        (None, Shape::Leaf { choices, .. }) => choices,
        (None, Shape::Group(_) | Shape::Rows(_)) => &[],
    }
}

/// How a field of type `F` is read and written.
#[doc(hidden)]
#[derive(Debug)]
pub struct Codec<F> {
    pub(crate) shape: fn() -> Shape,
    pub(crate) decode: fn(&mut At<'_>, Option<&F>) -> Option<F>,
    pub(crate) encode: fn(&F) -> Node,
}

impl<F> Codec<F> {
    #[must_use]
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }

    #[must_use]
    pub fn encode(&self, value: &F) -> Node {
        (self.encode)(value)
    }
}

/// Finds the [`Codec`] of a type by method lookup: see [`macro_support`](crate::macro_support).
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<F>(PhantomData<fn() -> F>);

impl<F> Probe<F> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only the code of a derive calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Types that `#[derive(Form)]` knows, and lists and options of them.
#[doc(hidden)]
pub trait ProbeForm<F> {
    fn lanai_codec(&self) -> Codec<F>;
}

impl<F: FormValue> ProbeForm<F> for &Probe<F> {
    fn lanai_codec(&self) -> Codec<F> {
        Codec { shape: F::shape, decode: F::decode, encode: F::encode }
    }
}

/// Types that serde knows.
#[doc(hidden)]
pub trait ProbeSerde<F> {
    fn lanai_codec(&self) -> Codec<F>;
}

impl<F: Serialize + DeserializeOwned> ProbeSerde<F> for Probe<F> {
    fn lanai_codec(&self) -> Codec<F> {
        Codec { shape: leaf_shape::<F>, decode: decode_leaf, encode: encode_leaf }
    }
}

/// All other types; it exists for its error message.
#[doc(hidden)]
pub trait ProbeOther<F> {
    fn lanai_codec(self) -> Codec<F>
    where
        F: FieldType;
}

impl<F> ProbeOther<F> for Probe<F> {
    fn lanai_codec(self) -> Codec<F>
    where
        F: FieldType,
    {
        unreachable!("nothing implements `FieldType`")
    }
}

/// Not implemented for any type; it exists for its error message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a form",
    label = "neither a form nor a type that serde can read and write",
    note = "derive `Form` for a nested form or an enum; \
            derive `Serialize` and `Deserialize` for a type that is written as one text",
    note = "to keep the field out of the form, write `#[form(skip)]`"
)]
pub trait FieldType {}

/// Only sequences serialize as such, and an empty one says so, too.
fn leaf_shape<F: DeserializeOwned>() -> Shape {
    let none = serde::de::value::SeqDeserializer::<_, serde::de::value::Error>::new(std::iter::empty::<String>());
    Shape::Leaf { choices: &[], multiple: F::deserialize(none).is_ok() }
}

fn decode_leaf<F: DeserializeOwned>(at: &mut At<'_>, _base: Option<&F>) -> Option<F> {
    let Some(info) = at.info else { return at.refuse() };
    let multiple = matches!((info.shape)(), Shape::Leaf { multiple: true, .. });
    let values: Vec<&str> = match at.node.values() {
        values if multiple => values.iter().map(String::as_str).collect(),
        // An unchecked box has no value, and is a `false`.
        [] if info.control() == Control::Checkbox => vec!["false"],
        // What a box without a `value` sends.
        [.., on] if info.control() == Control::Checkbox && on == "on" => vec!["true"],
        values => vec![trimmed(info, values.last().map_or("", String::as_str))],
    };
    // An empty text is the `None` of an `Option<String>`, too.
    if let [""] = values[..]
        && let Ok(none) = F::deserialize(serde::de::value::UnitDeserializer::<serde::de::value::Error>::new())
    {
        return Some(none);
    }
    match crate::event::from_values(&values) {
        Ok(value) => Some(value),
        Err(_) => at.refuse(),
    }
}

fn encode_leaf<F: Serialize>(value: &F) -> Node {
    use serde_json::Value;
    fn text(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(true) => Some("true".into()),
            Value::Bool(false) | Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
    let value = serde_json::to_value(value).unwrap_or_default();
    match &value {
        Value::Array(values) => Node::Leaf(values.iter().filter_map(text).collect()),
        value => Node::text(text(value).unwrap_or_default()),
    }
}
