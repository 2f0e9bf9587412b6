//! The code for a struct.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{DeriveInput, Field, LitStr, Token};

use super::attributes::{Attributes, On};
use super::{names, types};
use crate::error::Errors;
use crate::names::similar;

const INPUTS: &[&str] = &[
    "checkbox",
    "color",
    "date",
    "datetime-local",
    "email",
    "hidden",
    "month",
    "number",
    "password",
    "radio",
    "range",
    "search",
    "select",
    "tel",
    "text",
    "textarea",
    "time",
    "url",
    "week",
];

pub(super) fn code(input: &DeriveInput, fields: &Punctuated<Field, Token![,]>, errors: &mut Errors) -> TokenStream {
    let on_form = Attributes::parse(&input.attrs, On::Form, errors);
    let (mut infos, mut constants, mut reads, mut builds, mut writes) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut seen, mut uses_garde): (Vec<String>, bool) = (Vec::new(), on_form.garde);
    let fields: Vec<(&Field, Attributes)> =
        fields.iter().map(|field| (field, Attributes::parse(&field.attrs, On::Field, errors))).collect();
    let shown: Vec<String> = fields
        .iter()
        .filter(|(_, attributes)| attributes.skip.is_none())
        .filter_map(|(field, _)| Some(field.ident.as_ref()?.to_string()))
        .collect();
    for (field, attributes) in &fields {
        let Some(ident) = &field.ident else { continue };
        uses_garde |= attributes.garde;
        if attributes.skip.is_some() {
            builds.push(quote! {
                #ident: match base {
                    ::core::option::Option::Some(base) => ::core::clone::Clone::clone(&base.#ident),
                    ::core::option::Option::None => ::core::default::Default::default(),
                }
            });
            continue;
        }
        let ty = &field.ty;
        let index = infos.len();
        let text = ident.to_string();
        let name = name_of(&text, attributes, &on_form);
        check_name(&name, attributes.name.as_ref().map_or(ident.span(), LitStr::span), &seen, errors);
        seen.push(name.clone());
        let codec = codec(ty);
        infos.push(info(&name, &text, ty, attributes, &shown, errors));

        constants.push(constant(&text, ident.span(), input, &quote!(#ty), index, &codec));
        let local = format_ident!("field_{index}", span = Span::mixed_site());
        let check = match &attributes.check {
            Some(check) => {
                let call = quote_spanned!(check.span()=> #check(value));
                quote!(::core::option::Option::Some(&|value: &#ty| -> ::core::result::Result<(), ::std::string::String> { #call }))
            }
            None => quote!(::core::option::Option::None),
        };
        reads.push(quote! {
            let #local = at.field::<#ty>(form, #index, &#codec, base.map(|base| &base.#ident), #check);
        });
        builds.push(quote!(#ident: #local?));
        writes.push(quote!(#codec.encode(&self.#ident)));
    }
    if fields.iter().any(|(field, _)| types::guess(&field.ty).mistake.is_some()) {
        // Code for such a field would only have more errors.
        return TokenStream::new();
    }
    let check = on_form.check.as_ref().map(|check| {
        let call = quote_spanned!(check.span()=> #check(&value, errors));
        quote!(at.check::<Self>(|errors| #call);)
    });
    let garde = uses_garde.then(|| {
        quote! {
            at.check::<Self>(|errors| {
                if let ::core::result::Result::Err(report) = ::garde::Validate::validate(&value) {
                    for (path, error) in report.iter() {
                        errors.add_path(&::std::string::ToString::to_string(path), error.message());
                    }
                }
            });
        }
    });
    let decode = quote! {
        #(#reads)*
        let value = Self { #(#builds),* };
        #check
        #garde
        ::core::option::Option::Some(value)
    };
    let encode = quote!(::lanai::form::Node::Group(::std::vec![#(#writes),*]));
    implementations(input, &on_form, &infos, &constants, &decode, &encode)
}

/// Writes what structs and enums share: the constants, the description of the fields, and the implementations around
/// the bodies of `decode` and `encode`.
pub(super) fn implementations(
    input: &DeriveInput,
    on_form: &Attributes,
    infos: &[TokenStream],
    constants: &[TokenStream],
    decode: &TokenStream,
    encode: &TokenStream,
) -> TokenStream {
    let ident = &input.ident;
    let id = on_form.id.as_ref().map_or_else(|| names::id(&ident.to_string()), LitStr::value);
    let text = ident.to_string();
    quote! {
        #[automatically_derived]
        impl #ident {
            #(#constants)*
        }

        #[automatically_derived]
        impl ::lanai::form::FormValue for #ident {
            fn shape() -> ::lanai::form::Shape {
                ::lanai::form::Shape::Group(<Self as ::lanai::form::Fieldset>::info())
            }

            #[allow(unused_variables)]
            fn decode(
                at: &mut ::lanai::form::At<'_>,
                base: ::core::option::Option<&Self>,
            ) -> ::core::option::Option<Self> {
                #[allow(unused_imports)]
                use ::lanai::form::{ProbeForm as _, ProbeOther as _, ProbeSerde as _};
                let form = <Self as ::lanai::form::Fieldset>::info();
                #decode
            }

            fn encode(&self) -> ::lanai::form::Node {
                #[allow(unused_imports)]
                use ::lanai::form::{ProbeForm as _, ProbeOther as _, ProbeSerde as _};
                #encode
            }
        }

        #[automatically_derived]
        impl ::lanai::form::Fieldset for #ident {
            fn info() -> &'static ::lanai::form::FormInfo {
                #[allow(unused_imports)]
                use ::lanai::form::{ProbeForm as _, ProbeOther as _, ProbeSerde as _};
                static FIELDS: &[::lanai::form::FieldInfo] = &[#(#infos),*];
                static INFO: ::lanai::form::FormInfo =
                    ::lanai::form::FormInfo::new(::core::concat!(::core::module_path!(), "::", #text), #id, FIELDS);
                &INFO
            }
        }

        #[automatically_derived]
        impl ::lanai::form::GroupType for #ident {
            type Group = Self;
        }
    }
}

/// The expression that finds how a type is read and written. Its span is that of the type, for errors.
pub(super) fn codec(ty: &impl ToTokens) -> TokenStream {
    let span = ty.span().resolved_at(Span::mixed_site());
    quote_spanned!(span=> (&&::lanai::form::Probe::<#ty>::new()).lanai_codec())
}

/// The constant that names a field.
pub(super) fn constant(
    ident: &str,
    span: Span,
    input: &DeriveInput,
    ty: &TokenStream,
    index: usize,
    codec: &TokenStream,
) -> TokenStream {
    let vis = &input.vis;
    let name = Ident::new(&names::constant(ident), span);
    let doc = format!("The field `{}`.", ident.trim_start_matches("r#"));
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis const #name: ::lanai::form::Field<Self, #ty> = ::lanai::form::Field::new(#index, || {
            #[allow(unused_imports)]
            use ::lanai::form::{ProbeForm as _, ProbeOther as _, ProbeSerde as _};
            #codec
        });
    }
}

pub(super) fn name_of(ident: &str, attributes: &Attributes, on_form: &Attributes) -> String {
    let ident = ident.trim_start_matches("r#");
    match (&attributes.name, on_form.rename_all) {
        (Some(name), _) => name.value(),
        (None, Some(rule)) => rule.apply(ident),
        (None, None) => ident.to_owned(),
    }
}

fn check_name(name: &str, span: Span, seen: &[String], errors: &mut Errors) {
    if name.is_empty() || name.contains(['[', ']']) {
        errors.help(span, format!("`{name}` cannot be the name of a field"), "use letters, digits, `_` and `-`");
    }
    if seen.iter().any(|other| other == name) {
        errors.help(
            span,
            format!("two fields have the name `{name}`"),
            "change one of the names: `#[form(name = \"…\")]`",
        );
    }
}

/// The description of a field.
fn info(
    name: &str,
    ident: &str,
    ty: &syn::Type,
    attributes: &Attributes,
    shown: &[String],
    errors: &mut Errors,
) -> TokenStream {
    let guess = types::guess(ty);
    if let Some((mistake, help)) = guess.mistake {
        errors.help(ty.span(), mistake, help);
    }
    let label = attributes.label.as_ref().map_or_else(|| names::label(ident), LitStr::value);
    let control = attributes.kind.as_ref().map_or(guess.control.clone(), |kind| control(kind, &guess.control, errors));
    if let (Some(_), Some(span)) = (attributes.required, attributes.optional) {
        errors.help(span, "a field cannot be `required` and `optional`", "remove one of them");
    }
    if let Some(other) = attributes.equals.as_ref().filter(|other| !shown.iter().any(|ident| *other == ident)) {
        let help = match similar(&other.to_string(), shown.iter().map(String::as_str)) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "name another field of this form: `equals = password`".into(),
        };
        errors.help(other.span(), format!("the form has no field `{other}`"), help);
    }
    let required = attributes.required.is_some() || (!guess.may_be_empty && attributes.optional.is_none());
    let is_number = attributes.kind.as_ref().is_none_or(|kind| matches!(kind.value().as_str(), "number" | "range"));
    let of_type = |limit: Option<&'static str>| limit.filter(|_| is_number).map(str::to_owned);
    let text = |value: &Option<LitStr>| value.as_ref().map(LitStr::value);
    let mut sets = TokenStream::new();
    let mut set = |name: &str, value: Option<TokenStream>| {
        if let Some(value) = value {
            let name = Ident::new(name, Span::mixed_site());
            sets.extend(quote!(info.#name = ::core::option::Option::Some(#value);));
        }
    };
    set("hint", text(&attributes.hint).map(|text| quote!(#text)));
    set("placeholder", text(&attributes.placeholder).map(|text| quote!(#text)));
    set("autocomplete", text(&attributes.autocomplete).map(|text| quote!(#text)));
    set("min_length", attributes.min_length.as_ref().map(ToTokens::to_token_stream));
    set("max_length", attributes.max_length.as_ref().map(ToTokens::to_token_stream));
    set("min", attributes.min.clone().or_else(|| of_type(guess.min)).map(|limit| quote!(#limit)));
    set("max", attributes.max.clone().or_else(|| of_type(guess.max)).map(|limit| quote!(#limit)));
    set("step", attributes.step.clone().or_else(|| of_type(guess.step)).map(|step| quote!(#step)));
    let position = |other: &Ident| shown.iter().position(|ident| other == ident);
    set("equals", attributes.equals.as_ref().and_then(position).map(|other| quote!(#other)));
    set(
        "pattern",
        attributes.pattern.as_ref().map(|pattern| {
            quote! {
                ::lanai::form::Pattern::new(#pattern, || {
                    static REGEX: ::lanai::form::LazyLock<::lanai::form::regex_lite::Regex> =
                        ::lanai::form::LazyLock::new(|| ::lanai::form::Pattern::compile(#pattern));
                    &REGEX
                })
            }
        }),
    );
    let codec = codec(ty);
    quote! {{
        #[allow(unused_mut)]
        let mut info = ::lanai::form::FieldInfo::new(#name, #label, #control, || #codec.shape());
        info.required = #required;
        #sets
        info
    }}
}

/// The control of a type that was written as `type = "…"`.
pub(super) fn control(kind: &LitStr, guessed: &TokenStream, errors: &mut Errors) -> TokenStream {
    let text = kind.value();
    let control = match text.as_str() {
        "select" => quote!(Select),
        "textarea" => quote!(Textarea),
        "radio" => quote!(Radios),
        // A `bool` is one box, everything else is several.
        "checkbox" if guessed.to_string().ends_with("Checkbox") => quote!(Checkbox),
        "checkbox" => quote!(Checkboxes),
        known if INPUTS.contains(&known) => quote!(Input(#known)),
        "file" => {
            errors.push(kind.span(), "a form cannot have a file yet");
            quote!(Auto)
        }
        unknown => {
            let help = match similar(unknown, INPUTS.iter().copied()) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("expected one of: {}", INPUTS.join(", ")),
            };
            errors.help(kind.span(), format!("unknown type of a control: `{unknown}`"), help);
            quote!(Auto)
        }
    };
    quote!(::lanai::form::Control::#control)
}
