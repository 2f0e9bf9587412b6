//! `#[derive(Form)]`: what a form knows of its fields, from the struct.
//!
//! `attributes` parses `#[form(…)]`, `names` makes names and labels of identifiers, `types` guesses the control from
//! the type of the field, `structs` and `enums` write the code.

mod attributes;
mod enums;
mod names;
mod structs;
#[cfg(test)]
mod tests;
mod types;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields};

use crate::error::Errors;

/// Expands the derive.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let code = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => form(&input, &mut errors),
        Err(error) => return error.into_compile_error(),
    };
    let errors = errors.into_tokens();
    quote::quote!(#code #errors)
}

fn form(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    if let Some(parameter) = input.generics.params.first() {
        let span = syn::spanned::Spanned::span(parameter);
        errors.help(span, "a form cannot be generic", "write one struct for each form, and nest the fields they share");
        return TokenStream::new();
    }
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => structs::code(input, &fields.named, errors),
            Fields::Unnamed(_) | Fields::Unit => {
                errors.help(
                    input.ident.span(),
                    "a form is a struct with named fields",
                    format!("write `struct {} {{ email: String }}`: each field is a control", input.ident),
                );
                TokenStream::new()
            }
        },
        Data::Enum(data) => enums::code(input, data, errors),
        Data::Union(data) => {
            errors.help(data.union_token.span, "a union cannot be a form", "write a struct");
            TokenStream::new()
        }
    }
}
