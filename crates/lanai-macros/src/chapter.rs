//! The guide in rustdoc: a chapter's text, whose links to other chapters become links to their modules.
//!
//! The files are also read in the repository, where `[markup](02-markup.md#keys)` links to the file. In rustdoc, the
//! same link must be `[markup](crate::guide::markup#keys)`.

use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr};

/// Returns a string literal with the text of the chapter `input`, a path relative to the manifest's directory.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    literal(input).unwrap_or_else(|error| error.into_compile_error())
}

fn literal(input: TokenStream) -> syn::Result<TokenStream> {
    let path: LitStr = syn::parse2(input)?;
    let directory = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let text = std::fs::read_to_string(Path::new(&directory).join(path.value()))
        .map_err(|error| Error::new(path.span(), format!("`{}` cannot be read: {error}", path.value())))?;
    let text = LitStr::new(&with_links_to_modules(&text), Span::call_site());
    Ok(quote!(#text))
}

fn with_links_to_modules(text: &str) -> String {
    let mut parts = text.split("](");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push_str("](");
        match part.split_once(')') {
            Some((target, rest)) => {
                result.push_str(&module(target).unwrap_or_else(|| target.to_owned()));
                result.push(')');
                result.push_str(rest);
            }
            None => result.push_str(part),
        }
    }
    result
}

/// Returns the module of a link's target, such as `crate::guide::markup#keys` for `02-markup.md#keys`, if the target is
/// a file of the guide.
fn module(target: &str) -> Option<String> {
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, format!("#{anchor}")),
        None => (target, String::new()),
    };
    if file.contains("://") {
        return None;
    }
    let name = file.strip_suffix(".md")?.trim_start_matches("../");
    let name = name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-');
    let path = if name == "README" { String::new() } else { format!("::{}", name.to_lowercase().replace('-', "_")) };
    Some(format!("crate::guide{path}{anchor}"))
}

#[cfg(test)]
mod tests {
    use super::with_links_to_modules;

    #[test]
    fn links_between_chapters_lead_to_modules_and_others_stay() {
        for (written, expected) in [
            ("[markup](02-markup.md), next", "[markup](crate::guide::markup), next"),
            (
                "[a](07-life-of-a-view.md#timers) [b](02-markup.md)",
                "[a](crate::guide::life_of_a_view#timers) [b](crate::guide::markup)",
            ),
            ("[index](README.md)", "[index](crate::guide)"),
            ("[guarantees](../GUARANTEES.md#publish)", "[guarantees](crate::guide::guarantees#publish)"),
            ("[above](#keys)", "[above](#keys)"),
            ("[axum](https://docs.rs/axum/latest/README.md)", "[axum](https://docs.rs/axum/latest/README.md)"),
            ("`list[0](1`", "`list[0](1`"),
        ] {
            assert_eq!(with_links_to_modules(written), expected);
        }
    }
}
