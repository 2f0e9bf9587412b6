//! The `html!` macro of Lanai.
//!
//! A thin entry over steps that work on `proc_macro2` tokens and are tested as an ordinary library: `grammar` reads the markup
//! into a tree (`ast`), `validate` checks what a browser would not tell of, `lower` turns the tree into templates and steps
//! (`ir`), `emit` writes these as code.

mod ast;
mod borrowed;
mod chapter;
mod emit;
mod error;
mod grammar;
mod ir;
mod lower;
mod names;
mod validate;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// Renders markup. See the [documentation in `lanai`](https://docs.rs/lanai/latest/lanai/macro.html.html).
#[proc_macro]
pub fn html(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).into()
}

/// A chapter of the guide as the text of `lanai`'s own documentation.
#[doc(hidden)]
#[proc_macro]
pub fn chapter(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    chapter::expand(input.into()).into()
}

/// Everything that could be read is emitted, with an error for each thing that could not: an editor completes in the rest.
fn expand(input: TokenStream) -> TokenStream {
    let mut errors = error::Errors::default();
    let mut nodes = grammar::parse(input, &mut errors);
    borrowed::note(&mut nodes);
    validate::check(&nodes, &mut errors);
    let markup = lower::lower(&nodes, &mut errors);
    emit::expression(&markup, errors)
}
