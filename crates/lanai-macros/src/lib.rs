//! The macros of Lanai: `html!`, `#[derive(Form)]` (`form`), `#[derive(Route)]` (`route`), and `#[derive(FromEvent)]`
//! (`from_event`).
//!
//! `html!` is a thin entry point to steps that work on `proc_macro2` tokens, and are tested as an ordinary library:
//! `grammar` parses the markup into a tree (`ast`), `validate` finds mistakes that a browser would not report, `lower`
//! turns the tree into templates and steps (`ir`), and `emit` writes these as code.

// Lints for libraries. Examples and tests have no public interface, and Lanai dictates the signatures of their handlers.
#![warn(
    missing_debug_implementations,
    clippy::must_use_candidate,
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::return_self_not_must_use,
    clippy::unused_self
)]

mod ast;
mod borrowed;
mod chapter;
mod emit;
mod error;
mod form;
mod from_event;
mod grammar;
mod ir;
mod lower;
mod names;
mod route;
mod validate;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// Renders markup. See the [documentation in `lanai`](https://docs.rs/lanai/latest/lanai/macro.html.html).
#[proc_macro]
pub fn html(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).into()
}

/// Makes a struct the address of a page. See the [documentation in
/// `lanai`](https://docs.rs/lanai/latest/lanai/route/index.html).
#[proc_macro_derive(Route, attributes(route))]
pub fn route(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    route::expand(input.into()).into()
}

/// Describes the fields of a form. See the [documentation in
/// `lanai`](https://docs.rs/lanai/latest/lanai/derive.Form.html).
#[proc_macro_derive(Form, attributes(form))]
pub fn derive_form(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    form::expand(input.into()).into()
}

/// Makes a struct the payload of an event. See the [documentation in
/// `lanai`](https://docs.rs/lanai/latest/lanai/event/derive.FromEvent.html).
#[proc_macro_derive(FromEvent, attributes(event))]
pub fn derive_from_event(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    from_event::expand(input.into()).into()
}

/// Includes a chapter of the guide as the text of `lanai`'s own documentation.
#[doc(hidden)]
#[proc_macro]
pub fn chapter(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    chapter::expand(input.into()).into()
}

/// Emits everything that could be parsed, with an error for each part that could not, so that completion in editors
/// works in the rest.
fn expand(input: TokenStream) -> TokenStream {
    let mut errors = error::Errors::default();
    let mut nodes = grammar::parse(input, &mut errors);
    borrowed::note(&mut nodes);
    validate::check(&nodes, &mut errors);
    let markup = lower::lower(&nodes, &mut errors);
    emit::expression(&markup, errors)
}
