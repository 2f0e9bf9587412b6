//! The code for an enum: choices, or a tag and a form for each variant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DataEnum, DeriveInput, Fields, LitStr, Type, Variant};

use super::attributes::{Attributes, On};
use super::names;
use super::structs::{codec, constant, control, implementations, name_of};
use crate::error::Errors;

/// A variant, the value that stands for it, its label, and the form in it.
struct Choice<'a> {
    variant: &'a Variant,
    value: String,
    label: String,
    form: Option<&'a Type>,
}

pub(super) fn code(input: &DeriveInput, data: &DataEnum, errors: &mut Errors) -> TokenStream {
    let on_form = Attributes::parse(&input.attrs, On::Form, errors);
    let mut choices = Vec::new();
    let mut is_readable = true;
    for variant in &data.variants {
        let attributes = Attributes::parse(&variant.attrs, On::Variant, errors);
        let form = match &variant.fields {
            Fields::Unit => None,
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some(&fields.unnamed[0].ty),
            Fields::Named(_) | Fields::Unnamed(_) => {
                errors.help(
                    variant.ident.span(),
                    "a variant contains nothing or one form",
                    format!(
                        "write a struct with `#[derive(Form)]`, and put it into the variant: `{0}({0})`",
                        variant.ident
                    ),
                );
                is_readable = false;
                None
            }
        };
        let ident = variant.ident.to_string();
        let label = attributes.label.as_ref().map_or_else(|| names::label(&ident), LitStr::value);
        choices.push(Choice { variant, value: name_of(&ident, &attributes, &on_form), label, form });
    }
    if let Some(check) = &on_form.check {
        errors.help(check.span(), "an enum has no `check`", "write it at the field that contains the enum");
    }
    if !is_readable {
        // Code for the other variants would only have more errors.
        return TokenStream::new();
    }
    if choices.iter().all(|choice| choice.form.is_none()) {
        units(input, &choices)
    } else {
        tagged(input, &on_form, &choices, errors)
    }
}

fn known(choices: &[Choice<'_>]) -> TokenStream {
    let choices =
        choices.iter().map(|Choice { value, label, .. }| quote!(::lanai::form::Choice::known(#value, #label)));
    quote!({ const CHOICES: &[::lanai::form::Choice] = &[#(#choices),*]; CHOICES })
}

/// An enum without data.
fn units(input: &DeriveInput, choices: &[Choice<'_>]) -> TokenStream {
    let ident = &input.ident;
    let known = known(choices);
    let values: Vec<&String> = choices.iter().map(|choice| &choice.value).collect();
    let variants: Vec<_> = choices.iter().map(|choice| &choice.variant.ident).collect();
    quote! {
        #[automatically_derived]
        impl ::lanai::form::FormValue for #ident {
            fn shape() -> ::lanai::form::Shape {
                ::lanai::form::Shape::Leaf { choices: #known, multiple: false }
            }

            fn decode(
                at: &mut ::lanai::form::At<'_>,
                _base: ::core::option::Option<&Self>,
            ) -> ::core::option::Option<Self> {
                match at.value() {
                    #(#values => ::core::option::Option::Some(Self::#variants),)*
                    _ => at.refuse(),
                }
            }

            fn encode(&self) -> ::lanai::form::Node {
                ::lanai::form::Node::text(match *self {
                    #(Self::#variants => #values,)*
                })
            }
        }
    }
}

/// An enum whose variants contain forms: a field for the tag, and one for each form.
fn tagged(input: &DeriveInput, on_form: &Attributes, choices: &[Choice<'_>], errors: &mut Errors) -> TokenStream {
    let ident = &input.ident;
    let text = ident.to_string();
    let known = known(choices);
    let string = quote!(::std::string::String);
    let label = on_form.label.as_ref().map_or_else(|| names::label(&text), LitStr::value);
    let guess = quote!(::lanai::form::Control::Select);
    let control = on_form.kind.as_ref().map_or(guess.clone(), |kind| control(kind, &guess, errors));
    let tag_codec = codec(&string);
    let mut infos = vec![quote! {{
        let mut info = ::lanai::form::FieldInfo::new(
            "type",
            #label,
            #control,
            || ::lanai::form::Shape::Leaf { choices: #known, multiple: false },
        );
        info.required = true;
        info
    }}];
    let mut constants = vec![constant("TAG", ident.span(), input, &string, 0, &tag_codec)];
    let (mut arms, mut blanks) = (Vec::new(), Vec::new());
    for Choice { variant, value, label, form } in choices {
        let name = &variant.ident;
        let Some(ty) = form else {
            arms.push(quote!(#value => ::core::option::Option::Some(Self::#name),));
            continue;
        };
        let index = infos.len();
        let codec = codec(ty);
        let field = names::constant(&name.to_string()).to_lowercase();
        infos.push(quote! {
            ::lanai::form::FieldInfo::new(#field, #label, ::lanai::form::Control::Fieldset, || #codec.shape())
        });
        constants.push(constant(&name.to_string(), name.span(), input, &quote!(#ty), index, &codec));
        arms.push(quote! {
            #value => {
                let base = match base {
                    ::core::option::Option::Some(Self::#name(base)) => ::core::option::Option::Some(base),
                    _ => ::core::option::Option::None,
                };
                at.field::<#ty>(form, #index, &#codec, base, ::core::option::Option::None).map(Self::#name)
            }
        });
        // The type must be a form, since the names of its fields are below that of the variant.
        blanks.push(quote_spanned!(ty.span()=> ::lanai::form::Node::blank(<#ty as ::lanai::form::Fieldset>::info())));
    }
    let mut index = 0_usize;
    let encodes = choices.iter().map(|Choice { variant, value, form, .. }| {
        let name = &variant.ident;
        if form.is_none() {
            return quote!(Self::#name => { fields[0] = ::lanai::form::Node::text(#value); });
        }
        index += 1;
        quote! {
            Self::#name(form) => {
                fields[0] = ::lanai::form::Node::text(#value);
                fields[#index] = ::lanai::form::FormValue::encode(form);
            }
        }
    });
    let encodes: Vec<TokenStream> = encodes.collect();
    let decode = quote! {
        match at.value_at(0) {
            #(#arms)*
            _ => {
                at.field::<#string>(form, 0, &#tag_codec, ::core::option::Option::None, ::core::option::Option::None);
                ::core::option::Option::None
            }
        }
    };
    let encode = quote! {
        let mut fields = ::std::vec![::lanai::form::Node::text(""), #(#blanks),*];
        match self {
            #(#encodes)*
        }
        ::lanai::form::Node::Group(fields)
    };
    implementations(input, on_form, &infos, &constants, &decode, &encode)
}
