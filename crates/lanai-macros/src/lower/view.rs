//! Finds the view that a handler names.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

/// Returns the type of the view, if the tokens of a handler tell it: `Self` if they mention it, or else the type of a
/// closure's first argument, `|page: &mut Page|`. Other paths are ignored: `Counter::up` may be a method of a trait.
pub(super) fn named_by(handler: &TokenStream) -> Option<TokenStream> {
    if mentions_self(handler) {
        return Some(quote!(Self));
    }
    let tokens: Vec<TokenTree> = handler.clone().into_iter().collect();
    let start = tokens.iter().position(|token| is_punct(token, '|'))? + 1;
    let [TokenTree::Ident(_), colon, and, TokenTree::Ident(mutable), rest @ ..] = &tokens[start..] else { return None };
    if !is_punct(colon, ':') || !is_punct(and, '&') || mutable != "mut" {
        return None;
    }
    let end = rest.iter().position(|token| is_punct(token, '|') || is_punct(token, ','))?;
    let is_path = |token: &TokenTree| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':');
    (end > 0 && rest[..end].iter().all(is_path)).then(|| rest[..end].iter().cloned().collect())
}

fn mentions_self(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Group(group) => mentions_self(&group.stream()),
        _ => false,
    })
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_handler_names_its_view() {
        for (handler, view) in [
            ("Self::up", Some("Self")),
            ("on(Self::typed).once()", Some("Self")),
            ("move |this: &mut Self| this.remove(id)", Some("Self")),
            ("move |page: &mut pages::Page, key: Key| page.key(key)", Some("pages :: Page")),
            ("|_: &mut V| {}", Some("V")),
            ("Page::up", None),
            ("close", None),
            ("|page| page.up()", None),
            ("|page: &mut Page<T>| page.up()", None),
            ("|", None),
            ("|page: &mut", None),
        ] {
            let tokens = handler.parse().expect("tokens");
            assert_eq!(super::named_by(&tokens).map(|view| view.to_string()).as_deref(), view, "{handler}");
        }
    }
}
