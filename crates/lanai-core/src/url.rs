//! URLs that would run a script.

/// The URL that replaces one with a script scheme.
pub const REFUSED: &str = "about:invalid#lanai-refused-script-url";

/// Whether a browser would run `url` as a script.
///
/// As the [URL standard](https://url.spec.whatwg.org/#concept-basic-url-parser) says, leading C0 controls and spaces
/// are stripped, tabs and newlines are removed everywhere, and schemes are case-insensitive.
///
/// ```
/// use lanai_core::url::is_script;
///
/// assert!(is_script(" java\nScript:alert(1)"));
/// assert!(!is_script("/search?q=javascript:"));
/// ```
#[must_use]
pub fn is_script(url: &str) -> bool {
    let mut rest = url.trim_start_matches(|c: char| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    let mut scheme = String::new();
    for c in rest.by_ref().take(12) {
        if c == ':' {
            return match scheme.as_str() {
                "javascript" | "vbscript" => true,
                // An image may be a `data:` URL; a document or a script may not.
                "data" => !rest.take(6).collect::<String>().eq_ignore_ascii_case("image/"),
                _ => false,
            };
        }
        scheme.push(c.to_ascii_lowercase());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_schemes_are_found_in_every_disguise() {
        for url in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "\u{1} \t\njavascript:alert(1)",
            "java\tscript:alert(1)",
            "vbscript:x",
            "data:text/html,<script>alert(1)</script>",
        ] {
            assert!(is_script(url), "{url:?}");
        }
    }

    #[test]
    fn ordinary_addresses_pass() {
        for url in [
            "",
            "/",
            "a:b",
            "https://example.org/?javascript:",
            "javascripts:x",
            "#javascript:",
            "data:image/png;base64,x",
            "mailto:a@b",
        ] {
            assert!(!is_script(url), "{url:?}");
        }
    }
}
