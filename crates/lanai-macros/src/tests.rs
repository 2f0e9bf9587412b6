//! Tests the messages for mistakes, and that no input makes the macro itself fail.

use std::str::FromStr;

use proc_macro2::TokenStream;
use proptest::prelude::*;

use crate::expand;

/// Returns the messages of the `compile_error!`s in the expansion.
fn messages(markup: &str) -> Vec<String> {
    let expanded = expand(TokenStream::from_str(markup).expect("tokens")).to_string();
    expanded
        .split("compile_error !")
        .skip(1)
        .map(|rest| {
            let start = rest.find('"').expect("a message") + 1;
            let end = rest[start..].find(";").map_or(rest.len(), |end| start + end);
            rest[start..end].to_owned()
        })
        .collect()
}

#[test]
fn markup_without_mistakes_has_no_errors() {
    for markup in [
        "",
        "p { \"text\" }",
        "p.a.b[x] #c title={ \"a\" (b) } hidden[y] { (z) br; }",
        "@if a { b {} } @else if let Some(c) = d { i {} } @else { u {} }",
        "@for a in b { li key=(a) onclick=(Self::c) { (a) } }",
        "@match a { Some(b) if c => p {}, None => \"none\" }",
        "@let a = b; @while c { (a) }",
        "svg viewBox=\"0 0 1 1\" { circle r=(a) {} }",
        "my-element data-a=\"b\" { slot {} }",
        "textarea name=\"a\" { (b) }",
        "input value=(a) disabled[b] onclick=[c];",
        "p onwindowkeydown=(a) onwindowonline=(b) onenterview=(c) onclickoutside=(d) ondragstart=(drag(e)) {}",
        "p onshortcut=(shortcut(\"j\", \"Next\")) onshortcut=(shortcut(\"k\", \"Previous\")) {}",
    ] {
        assert_eq!(messages(markup), Vec::<String>::new(), "{markup}");
    }
}

#[test]
fn each_mistake_is_reported_with_its_fix() {
    for (markup, message) in [
        ("if a { p {} }", "@if"),
        ("for a in b { p {} }", "@for"),
        ("dvi {}", "`div`"),
        ("p clas=\"a\" {}", "`class`"),
        ("br {}", "semicolon"),
        ("div;", "{}"),
        ("p { 'a' }", "double-quoted"),
        ("button onclick={ \"a\" (b) } {}", "onclick=("),
        ("script { (a) }", "script"),
        ("style { (a) }", "style"),
        ("iframe srcdoc=(a) {}", "srcdoc"),
        ("@for a in b { li onclick=(Self::c) {} }", "key=("),
        ("p key=(a) {}", "key"),
        ("p ononline=(a) {}", "onwindowonline=(…)"),
        ("p onwindowkeydwn=(a) {}", "`onwindowkeydown`"),
        ("p onenterviw=(a) {}", "`onenterview`"),
        ("p onclick=(shortcut(a, b)) {}", "onshortcut=(shortcut(…))"),
        ("p ondrag=(drag(a)) {}", "ondragstart=(drag(…))"),
        ("table { @for a in b { tr {} } }", "tbody"),
        ("p title={ b {} } {}", "b"),
        ("p (a)=\"b\" {}", "name cannot be dynamic"),
        ("p #a #b {}", "id"),
        ("@else { p {} }", "@else"),
    ] {
        let messages = messages(markup);
        assert!(messages.iter().any(|said| said.contains(message)), "{markup}: {messages:?}");
    }
}

#[test]
fn several_mistakes_are_reported_at_once_and_the_rest_is_kept() {
    let markup = "dvi {} p { (self.name) } spam {}";
    assert_eq!(messages(markup).len(), 2);
    assert!(expand(TokenStream::from_str(markup).expect("tokens")).to_string().contains("self . name"));
}

#[test]
fn an_incomplete_splice_is_left_to_the_compiler() {
    let expanded = expand(TokenStream::from_str("p { (self.) }").expect("tokens")).to_string();
    assert!(expanded.contains("self ."), "{expanded}");
    assert!(messages("p { (self.) }").is_empty());
}

/// Generates text that often is valid markup.
fn fragment() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "p", "@", "if", "for", "in", "let", "match", "else", "while", "=", "=>", ".", "#", ";", ",", "-", ":", "/",
        "?", "|", "!", "x", "key", "onclick", "class", "\"text\"", "1", "'c'", "tr", "table", "script", "title", "br",
        "svg",
    ])
    .prop_map(str::to_owned);
    word.prop_recursive(4, 40, 8, |inner| {
        (prop::collection::vec(inner, 0..8), 0..4_usize).prop_map(|(words, brackets)| {
            let (open, close) = [("{", "}"), ("(", ")"), ("[", "]"), ("", "")][brackets];
            format!("{open} {} {close}", words.join(" "))
        })
    })
}

proptest! {
    #[test]
    fn no_tokens_make_the_macro_panic(markup in fragment(), text in ".{0,60}") {
        for source in [markup, text] {
            if let Ok(tokens) = TokenStream::from_str(&source) {
                let _ = expand(tokens);
            }
        }
    }
}
