//! Values in declarations of CSS.

/// Whether a browser reads the text as at most one value of a declaration, which loads nothing: no further declaration,
/// no URL, nothing that begins and has no end.
///
/// ```
/// use lanai_core::style::is_value;
///
/// assert!(is_value("calc(1px + 2em)") && is_value("hsl(20deg 50% 50%)"));
/// assert!(!is_value("red; position: fixed") && !is_value("url(//example.org)"));
/// ```
#[must_use]
pub fn is_value(text: &str) -> bool {
    let mut open = Vec::new();
    let mut quote = None;
    let mut name = String::new();
    let mut previous = ' ';
    for c in text.chars() {
        match (quote, c) {
            // An escape could spell any of what follows.
            (_, '\\' | '\n' | '\r' | '\u{c}' | '\0') => return false,
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, ';' | '{' | '}' | '<' | '@' | '!') => return false,
            (None, '*') if previous == '/' => return false,
            (None, '(' | '[') => {
                if c == '(' && loads(&name) {
                    return false;
                }
                open.push(if c == '(' { ')' } else { ']' });
            }
            (None, ')' | ']') if open.pop() != Some(c) => return false,
            _ => {}
        }
        if c.is_alphanumeric() || matches!(c, '-' | '_') {
            name.extend(c.to_lowercase());
        } else {
            name.clear();
        }
        previous = c;
    }
    quote.is_none() && open.is_empty()
}

/// Whether the function of this name loads something, or could.
fn loads(name: &str) -> bool {
    matches!(
        name,
        "url" | "src" | "image" | "image-set" | "-webkit-image-set" | "cross-fade" | "expression" | "element"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_pass() {
        for value in [
            "",
            "12",
            "12.5px",
            "-3",
            "#ff0000",
            "red",
            "1px solid rgb(0 0 0 / 50%)",
            "calc((1px + 2em) * var(--n, 3))",
            "\"Times New Roman\", serif",
            "translate(3px, 4px) rotate(5deg)",
            "[start] 1fr [end]",
            "a;b".split(';').next().unwrap(),
            "\"; still a string\"",
        ] {
            assert!(is_value(value), "{value:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for value in [
            "red; background: blue",
            "red } body { display: none",
            "url(https://example.org/?secret)",
            "URL( 'x' )",
            "u\\rl(x)",
            "image-set('x' 1x)",
            "expression(alert(1))",
            "\"open",
            "(open",
            "close)",
            "[a)",
            "/* open",
            "red !important",
            "<!--",
            "@import",
            "red\nblue",
            "'\n",
        ] {
            assert!(!is_value(value), "{value:?}");
        }
    }
}
