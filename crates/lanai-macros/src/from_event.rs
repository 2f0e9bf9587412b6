//! `#[derive(FromEvent)]`: a struct as the payload of an event.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, LitStr, Result};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    syn::parse2(input).and_then(|input| derive(&input)).unwrap_or_else(Error::into_compile_error)
}

fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
            _ => {
                let help = "a payload is a struct with named fields, each a property of the event: \
                            `struct Position { offset_x: f64 }`";
                return Err(Error::new(name.span(), help));
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            return Err(Error::new(
                name.span(),
                "only a struct can derive `FromEvent`; deserialize an enum as the type of one of its fields",
            ));
        }
    };
    let properties = fields.iter().map(property).collect::<Result<Vec<_>>>()?;
    let payload = properties.join(",");
    let reads = fields.iter().zip(&properties).map(|(field, property)| {
        let ident = &field.ident;
        quote_spanned! { field.ty.span()=> #ident: __properties.next(#property)? }
    });
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics ::lanai::event::FromEvent for #name #arguments #bounds {
            const PAYLOAD: &'static str = #payload;

            fn from_event(__payload: &str) -> ::core::result::Result<Self, ::lanai::event::EventError> {
                let mut __properties = ::lanai::event::Properties::read(__payload)?;
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    })
}

/// Returns the property that a field is read from.
fn property(field: &Field) -> Result<String> {
    let mut named = None;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("event")) {
        let text: LitStr = attribute.parse_args().map_err(|error| {
            Error::new(error.span(), "name one property of the event: `#[event(\"target.dataset.name\")]`")
        })?;
        let value = text.value();
        let is_path = |value: &str| {
            value.split('.').all(|name| {
                name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
            })
        };
        if !is_path(&value) || value.len() == 1 {
            let message = format!("`{value}` is not a property of an event: write names with dots between them");
            return Err(Error::new(text.span(), message));
        }
        named = Some(value);
    }
    let ident = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    let camel = || {
        let mut parts = ident.trim_start_matches("r#").split('_').filter(|part| !part.is_empty());
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |name, part| {
            let (initial, rest) = part.split_at(1);
            name + &initial.to_ascii_uppercase() + rest
        })
    };
    let property = named.unwrap_or_else(camel);
    if property.len() == 1 {
        // One letter stands for the value of a control, or a form.
        let message = format!("an event has no property `{property}`: name it with `#[event(\"clientX\")]`");
        return Err(Error::new(field.span(), message));
    }
    Ok(property)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(input: TokenStream) -> String {
        let code = expand(input).to_string();
        code.split("PAYLOAD : & 'static str = \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or(&code)
            .into()
    }

    #[test]
    fn fields_are_properties_in_camel_case() {
        let input = quote!(
            struct Spot {
                offset_x: f64,
                r#type: String,
                #[event("currentTarget.clientWidth")]
                width: f64,
            }
        );
        assert_eq!(payload(input), "offsetX,type,currentTarget.clientWidth");
    }

    #[test]
    fn what_is_no_property_is_named() {
        for (input, message) in [
            (
                quote!(
                    struct Spot {
                        x: f64,
                    }
                ),
                "no property `x`",
            ),
            (
                quote!(
                    struct Spot {
                        #[event("a b")]
                        width: f64,
                    }
                ),
                "`a b` is not a property",
            ),
            (
                quote!(
                    struct Spot {
                        #[event(width)]
                        width: f64,
                    }
                ),
                "name one property",
            ),
            (
                quote!(
                    struct Spot;
                ),
                "a struct with named fields",
            ),
            (
                quote!(
                    enum Spot {
                        A,
                    }
                ),
                "only a struct",
            ),
        ] {
            let code = expand(input).to_string();
            assert!(code.contains(message), "{message}: {code}");
        }
    }
}
