//! The attributes of the derive.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Ident, Lit, LitInt, LitStr, Path, Token};

use super::names::Rule;
use crate::error::Errors;
use crate::names::similar;

/// What `#[form(…)]`, `#[garde(…)]` and `#[serde(…)]` say about a form, a field or a variant.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) id: Option<LitStr>,
    pub(super) name: Option<LitStr>,
    pub(super) label: Option<LitStr>,
    pub(super) hint: Option<LitStr>,
    pub(super) kind: Option<LitStr>,
    pub(super) placeholder: Option<LitStr>,
    pub(super) autocomplete: Option<LitStr>,
    pub(super) required: Option<Span>,
    pub(super) optional: Option<Span>,
    pub(super) min_length: Option<LitInt>,
    pub(super) max_length: Option<LitInt>,
    pub(super) min: Option<String>,
    pub(super) max: Option<String>,
    pub(super) step: Option<String>,
    pub(super) pattern: Option<LitStr>,
    pub(super) equals: Option<Ident>,
    pub(super) check: Option<Path>,
    pub(super) skip: Option<Span>,
    pub(super) rename_all: Option<Rule>,
    /// Whether there is any `#[garde(…)]`.
    pub(super) garde: bool,
}

/// What is allowed in `#[form(…)]` here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Form,
    Field,
    Variant,
}

const ON_FORM: &[&str] = &["id", "label", "type", "check"];
const ON_FIELD: &[&str] = &[
    "name",
    "label",
    "hint",
    "type",
    "placeholder",
    "autocomplete",
    "required",
    "optional",
    "min_length",
    "max_length",
    "range",
    "min",
    "max",
    "step",
    "pattern",
    "equals",
    "check",
    "skip",
];
const ON_VARIANT: &[&str] = &["name", "label"];

impl Attributes {
    pub(super) fn parse(attributes: &[Attribute], on: On, errors: &mut Errors) -> Self {
        let mut all = Self::default();
        for attribute in attributes {
            let path = attribute.path();
            let result = if path.is_ident("form") {
                attribute.parse_nested_meta(|meta| all.form(&meta, on, errors))
            } else if path.is_ident("garde") {
                all.garde = true;
                // garde itself reports mistakes.
                let _ = attribute.parse_nested_meta(|meta| all.of_garde(&meta));
                Ok(())
            } else if path.is_ident("serde") {
                let _ = attribute.parse_nested_meta(|meta| all.of_serde(&meta));
                Ok(())
            } else {
                Ok(())
            };
            if let Err(error) = result {
                errors.push(error.span(), error.to_string());
            }
        }
        all
    }

    fn form(&mut self, meta: &ParseNestedMeta<'_>, on: On, errors: &mut Errors) -> syn::Result<()> {
        let known = match on {
            On::Form => ON_FORM,
            On::Field => ON_FIELD,
            On::Variant => ON_VARIANT,
        };
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let span = syn::spanned::Spanned::span(&meta.path);
        if !known.contains(&name.as_str()) {
            let help = match similar(&name, known.iter().copied()) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("expected one of: {}", known.join(", ")),
            };
            errors.help(span, format!("unknown attribute `{name}`"), help);
            // Its value is skipped, so that the next one is read.
            if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                content.parse::<proc_macro2::TokenStream>()?;
            }
            return Ok(());
        }
        match name.as_str() {
            "id" => self.id = Some(meta.value()?.parse()?),
            "name" => self.name = Some(meta.value()?.parse()?),
            "label" => self.label = Some(meta.value()?.parse()?),
            "hint" => self.hint = Some(meta.value()?.parse()?),
            "type" => self.kind = Some(meta.value()?.parse()?),
            "placeholder" => self.placeholder = Some(meta.value()?.parse()?),
            "autocomplete" => self.autocomplete = Some(meta.value()?.parse()?),
            "required" => self.required = Some(span),
            "optional" => self.optional = Some(span),
            "min_length" => self.min_length = Some(meta.value()?.parse()?),
            "max_length" => self.max_length = Some(meta.value()?.parse()?),
            "range" => meta.parse_nested_meta(|limit| self.limit(&limit, true))?,
            "min" | "max" => self.limit(meta, true)?,
            "step" => self.step = Some(limit(meta)?),
            "pattern" => {
                let pattern: LitStr = meta.value()?.parse()?;
                if let Err(error) = regex_lite::Regex::new(&format!("^(?:{})$", pattern.value())) {
                    errors.help(
                        pattern.span(),
                        format!("the server cannot match this pattern: {error}"),
                        "use the syntax that browsers and the crate `regex-lite` share; for anything else, write \
                         a function: `check = path`",
                    );
                } else {
                    self.pattern = Some(pattern);
                }
            }
            "equals" => self.equals = Some(meta.value()?.parse()?),
            "check" => self.check = Some(meta.value()?.parse()?),
            _ => self.skip = Some(span),
        }
        Ok(())
    }

    fn limit(&mut self, meta: &ParseNestedMeta<'_>, is_form: bool) -> syn::Result<()> {
        if meta.path.is_ident("min") {
            self.min = Some(limit(meta)?);
        } else if meta.path.is_ident("max") {
            self.max = Some(limit(meta)?);
        } else if is_form {
            return Err(meta.error("expected `min = …` or `max = …`"));
        }
        Ok(())
    }

    /// garde checks these on the server; browsers get the same as attributes.
    fn of_garde(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let span = syn::spanned::Spanned::span(&meta.path);
        match name.as_str() {
            "required" => self.required = Some(span),
            "email" | "url" => {
                self.kind.get_or_insert(LitStr::new(&name, span));
            }
            "length" => {
                // Bytes and graphemes are not what browsers count.
                let mut counts_like_browsers = true;
                let (mut least, mut most) = (None, None);
                meta.parse_nested_meta(|limit| {
                    if limit.path.is_ident("min") {
                        least = Some(limit.value()?.parse()?);
                    } else if limit.path.is_ident("max") {
                        most = Some(limit.value()?.parse()?);
                    } else if !limit.path.is_ident("simple") && !limit.path.is_ident("utf16") {
                        counts_like_browsers = false;
                    }
                    Ok(())
                })?;
                if counts_like_browsers {
                    (self.min_length, self.max_length) = (least, most);
                }
                return Ok(());
            }
            "range" => return meta.parse_nested_meta(|limit| self.limit(&limit, false)),
            "pattern" => {
                let content;
                syn::parenthesized!(content in meta.input);
                if let Ok(pattern) = content.parse::<LitStr>() {
                    // garde searches; browsers match the whole text.
                    let anchored = pattern.value();
                    let anchored = anchored.strip_prefix('^').and_then(|pattern| pattern.strip_suffix('$'));
                    let compiles = |pattern: &str| regex_lite::Regex::new(&format!("^(?:{pattern})$")).is_ok();
                    if let Some(anchored) = anchored.filter(|pattern| compiles(pattern)) {
                        self.pattern = Some(LitStr::new(anchored, pattern.span()));
                    }
                } else {
                    content.parse::<proc_macro2::TokenStream>()?;
                }
                return Ok(());
            }
            _ => {
                if meta.input.peek(syn::token::Paren) {
                    let content;
                    syn::parenthesized!(content in meta.input);
                    content.parse::<proc_macro2::TokenStream>()?;
                }
                return Ok(());
            }
        };
        Ok(())
    }

    fn of_serde(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("rename") && meta.input.peek(Token![=]) {
            let name: LitStr = meta.value()?.parse()?;
            self.name.get_or_insert(name);
        } else if meta.path.is_ident("rename_all") && meta.input.peek(Token![=]) {
            let rule: LitStr = meta.value()?.parse()?;
            self.rename_all = Rule::parse(&rule.value());
        } else if meta.input.peek(Token![=]) {
            meta.value()?.parse::<syn::Expr>()?;
        } else if meta.input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in meta.input);
            content.parse::<proc_macro2::TokenStream>()?;
        }
        Ok(())
    }
}

/// Parses a limit: a number, perhaps a negative one, or a date or time as text.
fn limit(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    let value = meta.value()?;
    let minus: Option<Token![-]> = value.parse()?;
    let text = match value.parse::<Lit>()? {
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        Lit::Str(text) if minus.is_none() => text.value(),
        other => {
            return Err(syn::Error::new(
                other.span(),
                "a limit is a number, or a date or time as text: \"2000-01-01\"",
            ));
        }
    };
    Ok(if minus.is_some() { format!("-{text}") } else { text })
}
