//! `#[derive(Route)]`: a struct as the address of a page.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitStr, Result, Type};

/// A part of the path.
#[derive(Debug)]
enum Segment {
    /// Text, with its slash.
    Literal(String),
    /// `{name}`: one segment, or with `*`, all that follow.
    Parameter { name: String, is_rest: bool },
}

/// A field of the struct.
struct Field {
    name: Ident,
    ty: Type,
    is_query: bool,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    syn::parse2(input).and_then(|input| derive(&input)).unwrap_or_else(Error::into_compile_error)
}

fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let path = path_of(input)?;
    let segments = segments(&path)?;
    let fields = fields(input)?;
    check(&path, &segments, &fields)?;

    let (name, text) = (&input.ident, path.value());
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let writes = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => quote! { __url.push_str(#text); },
        Segment::Parameter { name, is_rest } => {
            let field = fields.iter().find(|field| field.name == name.as_str()).expect("it was checked");
            let (field, span) = (&field.name, field.ty.span());
            quote_spanned! { span=> ::lanai::route::push_parameter(&mut __url, &self.#field, #is_rest); }
        }
    });
    let query = fields.iter().find(|field| field.is_query);
    let writes_query = query.map(|field| {
        let (field, span) = (&field.name, field.ty.span());
        quote_spanned! { span=> ::lanai::route::push_query(&mut __url, &self.#field); }
    });
    let parameters: Vec<&Field> = segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Parameter { name, .. } => fields.iter().find(|field| field.name == name.as_str()),
            Segment::Literal(_) => None,
        })
        .collect();
    let names: Vec<&Ident> = parameters.iter().map(|field| &field.name).collect();
    let types: Vec<&Type> = parameters.iter().map(|field| &field.ty).collect();
    let reads_path = (!parameters.is_empty()).then(|| {
        quote! { let (#(#names,)*): (#(#types,)*) = ::lanai::route::parameters(__parts, __state).await?; }
    });
    let (query_name, query_type) = query.map(|field| (&field.name, &field.ty)).unzip();
    let reads_query = query.map(|_| {
        quote! { let #query_name: #query_type = ::lanai::route::query(__parts)?; }
    });
    let all = names.iter().copied().chain(query_name);
    let state = format_ident!("__LanaiState", span = Span::mixed_site());
    let mut with_state = input.generics.clone();
    with_state.params.push(syn::parse_quote! { #state: ::core::marker::Send + ::core::marker::Sync });
    let (state_generics, _, _) = with_state.split_for_impl();

    Ok(quote! {
        #[automatically_derived]
        impl #generics ::lanai::Route for #name #arguments #bounds {
            const PATH: &'static str = #text;

            fn url(&self) -> ::std::string::String {
                let mut __url = ::std::string::String::new();
                #(#writes)*
                #writes_query
                __url
            }
        }

        #[automatically_derived]
        impl #generics ::core::fmt::Display for #name #arguments #bounds {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.write_str(&::lanai::Route::url(self))
            }
        }

        #[automatically_derived]
        impl #generics ::lanai::IntoLocation for #name #arguments #bounds {
            fn into_location(self) -> ::core::result::Result<::lanai::Location, ::lanai::LocationError> {
                ::lanai::Location::local(&::lanai::Route::url(&self))
            }
        }

        #[automatically_derived]
        impl #generics ::lanai::IntoLocation for &#name #arguments #bounds {
            fn into_location(self) -> ::core::result::Result<::lanai::Location, ::lanai::LocationError> {
                ::lanai::Location::local(&::lanai::Route::url(self))
            }
        }

        #[automatically_derived]
        impl #state_generics ::lanai::axum::extract::FromRequestParts<#state> for #name #arguments #bounds {
            type Rejection = ::lanai::route::RouteRejection;

            #[allow(unused_variables)]
            async fn from_request_parts(
                __parts: &mut ::lanai::axum::http::request::Parts,
                __state: &#state,
            ) -> ::core::result::Result<Self, Self::Rejection> {
                #reads_path
                #reads_query
                ::core::result::Result::Ok(Self { #(#all),* })
            }
        }
    })
}

/// Returns the path of `#[route("/path")]`.
fn path_of(input: &DeriveInput) -> Result<LitStr> {
    let attributes: Vec<&Attribute> =
        input.attrs.iter().filter(|attribute| attribute.path().is_ident("route")).collect();
    match attributes[..] {
        [attribute] => attribute.parse_args::<LitStr>().map_err(|_| {
            Error::new_spanned(attribute, "the address of a page is a path: `#[route(\"/issues/{id}\")]`")
        }),
        [] => Err(Error::new(input.ident.span(), "a route names its path: add `#[route(\"/issues/{id}\")]`")),
        [_, second, ..] => Err(Error::new_spanned(second, "a route has one path; derive another struct for a second")),
    }
}

/// Splits a path as routers read it.
fn segments(path: &LitStr) -> Result<Vec<Segment>> {
    let text = path.value();
    let error = |message: &str| Err(Error::new(path.span(), message));
    if !text.starts_with('/') {
        return error("a path begins with `/`");
    }
    if text.contains(['?', '#']) {
        return error("a path has no query; add a field with `#[route(query)]`, whose fields are the parameters");
    }
    if text.split('/').any(|segment| segment.starts_with(':') || segment.starts_with('*')) {
        return error("a parameter is written in braces: `{id}`, or `{*rest}` for everything that follows");
    }
    let mut out = Vec::new();
    for segment in text[1..].split('/') {
        let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match inner {
            Some(name) if !name.contains(['{', '}']) => {
                out.push(Segment::Literal("/".into()));
                let (name, is_rest) = name.strip_prefix('*').map_or((name, false), |name| (name, true));
                out.push(Segment::Parameter { name: name.into(), is_rest });
            }
            None if !segment.contains(['{', '}']) => out.push(Segment::Literal(format!("/{segment}"))),
            _ => return error("a parameter is a whole segment of the path: `/issues/{id}`"),
        }
    }
    Ok(out)
}

fn fields(input: &DeriveInput) -> Result<Vec<Field>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "a route is a struct; write one for each page"));
    };
    let fields = match &data.fields {
        Fields::Named(fields) => fields.named.iter().collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) => {
            return Err(Error::new_spanned(
                fields,
                "the fields of a route have the names of its parameters: `struct Issue { id: u64 }`",
            ));
        }
    };
    fields
        .into_iter()
        .map(|field| {
            let mut is_query = false;
            for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("route")) {
                let word = attribute.parse_args::<Ident>();
                if word.is_ok_and(|word| word == "query") {
                    is_query = true;
                } else {
                    return Err(Error::new_spanned(attribute, "a field of a route can be `#[route(query)]`"));
                }
            }
            let name = field.ident.clone().expect("it is named");
            Ok(Field { name, ty: field.ty.clone(), is_query })
        })
        .collect()
}

/// Checks that the fields are the parameters of the path, and at most one query.
fn check(path: &LitStr, segments: &[Segment], fields: &[Field]) -> Result<()> {
    let parameters: Vec<&str> = segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Parameter { name, .. } => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
        .collect();
    for parameter in &parameters {
        if !fields.iter().any(|field| field.name == *parameter && !field.is_query) {
            let message = format!("there is no field for the parameter `{{{parameter}}}`: add `{parameter}: …`");
            return Err(Error::new(path.span(), message));
        }
    }
    for field in fields.iter().filter(|field| !field.is_query) {
        if !parameters.iter().any(|parameter| field.name == *parameter) {
            let name = &field.name;
            let message = format!(
                "the path has no parameter `{{{name}}}`: add it there, or mark the field with `#[route(query)]` \
                 if it is the query of the URL"
            );
            return Err(Error::new(name.span(), message));
        }
    }
    match fields.iter().filter(|field| field.is_query).nth(1) {
        Some(second) => {
            Err(Error::new(second.name.span(), "a route has one query: a struct whose fields are its parameters"))
        }
        None => Ok(()),
    }
}
