//! The errors of the macro: several at once, each at its position in the source.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<(Span, String)>);

impl Errors {
    /// Adds an error.
    pub(crate) fn push(&mut self, span: Span, message: impl Into<String>) {
        self.0.push((span, message.into()));
    }

    /// Adds an error with a help line that says how to fix it.
    pub(crate) fn help(&mut self, span: Span, message: impl AsRef<str>, help: impl AsRef<str>) {
        self.push(span, format!("{}\nhelp: {}", message.as_ref(), help.as_ref()));
    }

    /// Returns the errors as `compile_error!`s.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_iter().map(|(span, message)| quote_spanned!(span=> ::core::compile_error!(#message);)).collect()
    }
}
