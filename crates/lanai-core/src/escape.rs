//! Escaping, byte for byte as maud does it.

/// Appends `text` with `&`, `<`, `>` and `"` escaped.
pub fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'&' | b'<' | b'>' | b'"')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_characters_are_escaped_and_no_others() {
        let mut out = String::new();
        escape("<a href=\"x\">Tom & 'Jerry' ü</a>", &mut out);
        assert_eq!(out, "&lt;a href=&quot;x&quot;&gt;Tom &amp; 'Jerry' ü&lt;/a&gt;");
    }
}
