//! The `html!` macro of Lanai.
//!
//! A thin entry over three steps, each a module that works on `proc_macro2` tokens and is tested as an ordinary library:
//! [`grammar`] reads the markup into a tree, [`validate`] checks names, [`emit`] writes templates and code.

mod ast;
mod emit;
mod error;
mod grammar;
mod names;
mod validate;

use proc_macro2::TokenStream;

/// Renders markup. See the [documentation in `lanai`](https://docs.rs/lanai/latest/lanai/macro.html.html).
#[proc_macro]
pub fn html(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).into()
}

/// Everything that could be read is emitted, with an error for each thing that could not: an editor completes in the rest.
fn expand(input: TokenStream) -> TokenStream {
    let mut errors = error::Errors::default();
    let nodes = grammar::parse(input, &mut errors);
    validate::check(&nodes, &mut errors);
    emit::expression(&nodes, errors)
}
