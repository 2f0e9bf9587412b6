//! The errors of a form: by field, and of the form as a whole.

use std::fmt;
use std::marker::PhantomData;

use super::field::Field;
use super::info::{FormInfo, Shape};
use super::node::{Node, child};
use super::problem::Problem;
use super::value::Fieldset;

/// What a check has found in a form of type `T`.
///
/// A function that checks several fields together adds its errors here:
///
/// ```
/// use lanai::form::Errors;
/// use lanai::prelude::*;
///
/// #[derive(Form, Default)]
/// #[form(check = passwords_are_equal)]
/// struct NewPassword {
///     #[form(type = "password", min_length = 12)]
///     password: String,
///     #[form(type = "password")]
///     again: String,
/// }
///
/// fn passwords_are_equal(form: &NewPassword, errors: &mut Errors<'_, NewPassword>) {
///     if form.password != form.again {
///         errors.add(NewPassword::AGAIN, "The passwords are not equal.");
///     }
/// }
///
/// let form = LiveForm::<NewPassword>::from_urlencoded("password=correct+horse+battery&again=correct").unwrap();
/// assert_eq!(form.field(NewPassword::AGAIN).error().unwrap(), "The passwords are not equal.");
/// ```
pub struct Errors<'a, T> {
    found: &'a mut Found,
    /// The form's own name, and its content.
    name: &'a str,
    node: &'a Node,
    form: PhantomData<fn(T)>,
}

impl<T: Fieldset> Errors<'_, T> {
    /// Adds an error to a field.
    pub fn add<F>(&mut self, field: Field<T, F>, message: impl Into<String>) {
        self.found.add(child(self.name, field.name()), Problem::Custom(message.into()));
    }

    /// Adds an error that belongs to no field.
    pub fn add_form(&mut self, message: impl Into<String>) {
        self.found.add(String::new(), Problem::Custom(message.into()));
    }

    /// Adds an error to the field that a path such as `addresses[0].street` names, where the number is the position of
    /// a row. If there is no such field, the error becomes one of the form. `garde` writes such paths.
    pub fn add_path(&mut self, path: &str, message: impl Into<String>) {
        let name = full_name(self.name, self.node, T::info(), path);
        self.found.add(name.unwrap_or_default(), Problem::Custom(message.into()));
    }
}

impl<'a, T> Errors<'a, T> {
    pub(crate) fn new(found: &'a mut Found, name: &'a str, node: &'a Node) -> Self {
        Self { found, name, node, form: PhantomData }
    }
}

impl<T> fmt::Debug for Errors<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Errors").field(&self.found.0).finish()
    }
}

/// Converts a path with the positions of rows to a name with their keys.
fn full_name(form: &str, node: &Node, info: &'static FormInfo, path: &str) -> Option<String> {
    let (mut name, mut node, mut shape) = (form.to_owned(), node, Shape::Group(info));
    for part in path.split(['.', '[']).map(|part| part.trim_end_matches(']')).filter(|part| !part.is_empty()) {
        match (node, shape) {
            (Node::Group(fields), Shape::Group(info)) => {
                // A field may have another name in the form than in the struct; then its path is unknown.
                let index = info.index_of(part)?;
                name = child(&name, info.fields[index].name);
                (node, shape) = (fields.get(index)?, (info.fields[index].shape)());
            }
            (Node::Rows(rows), Shape::Rows(info)) => {
                let (key, row) = rows.get(part.parse::<usize>().ok()?)?;
                name = format!("{name}[{key}]");
                (node, shape) = (row, Shape::Group(info));
            }
            // An item of a field with several values: the error belongs to the field.
            _ => break,
        }
    }
    Some(name)
}

/// Errors by the full name of the field. Those of the form have no name.
#[derive(Debug, Default)]
pub(crate) struct Found(pub(crate) Vec<(String, Problem)>);

impl Found {
    pub(crate) fn add(&mut self, name: String, problem: Problem) {
        // The first problem of a field is the one to solve first.
        if name.is_empty() || self.get(&name).is_none() {
            self.0.push((name, problem));
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Problem> {
        self.0.iter().find_map(|(at, problem)| (at == name).then_some(problem))
    }
}

/// An error at a field, for handlers of a submit: what they return is shown at the field.
///
/// ```
/// use lanai::prelude::*;
///
/// #[derive(Form, Default)]
/// struct SignUp {
///     #[form(type = "email")]
///     email: String,
/// }
///
/// struct Page { form: LiveForm<SignUp> }
///
/// impl Page {
///     async fn save(&mut self, sign_up: SignUp) -> Result {
///         if sign_up.email == "ada@example.org" {
///             return Err(SignUp::EMAIL.error("Ada has signed up already.").into());
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub(crate) name: String,
    pub(crate) message: String,
}

impl FieldError {
    pub(crate) fn new(name: String, message: String) -> Self {
        Self { name, message }
    }

    /// An error that belongs to no field of the form.
    #[must_use]
    pub fn form(message: impl Into<String>) -> Self {
        Self { name: String::new(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => f.write_str(&self.message),
            name => write!(f, "{name}: {}", self.message),
        }
    }
}

impl std::error::Error for FieldError {}
