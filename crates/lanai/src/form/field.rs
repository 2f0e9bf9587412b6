//! The names of fields, as constants that `#[derive(Form)]` writes.

use std::fmt;
use std::marker::PhantomData;

use super::errors::FieldError;
use super::info::FieldInfo;
use super::value::{Codec, Fieldset};

/// A field of type `F` in the form `T`. `#[derive(Form)]` writes one constant for each field: `SignUp::EMAIL` for
/// `email`.
pub struct Field<T, F> {
    pub(crate) index: usize,
    pub(crate) codec: fn() -> Codec<F>,
    form: PhantomData<fn() -> T>,
}

impl<T, F> Field<T, F> {
    /// Only `#[derive(Form)]` calls this.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize, codec: fn() -> Codec<F>) -> Self {
        Self { index, codec, form: PhantomData }
    }
}

impl<T: Fieldset, F> Field<T, F> {
    /// Returns what the form knows of the field at compile time.
    #[must_use]
    pub fn info(self) -> &'static FieldInfo {
        &T::info().fields[self.index]
    }

    /// Returns the name of the field.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Returns an error at the field, for a handler of a submit to return.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> FieldError {
        FieldError::new(self.name().to_owned(), message.into())
    }
}

impl<T, F> Clone for Field<T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, F> Copy for Field<T, F> {}

impl<T, F> fmt::Debug for Field<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Field").field(&self.index).finish()
    }
}
