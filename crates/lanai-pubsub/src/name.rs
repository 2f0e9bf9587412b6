//! The text form of topic names: tokens joined by dots.
//!
//! Each text maps to exactly one token, and different texts map to different tokens. A token contains no dot, no `*`,
//! no `>`, no space and no control character, so it is never mistaken for a separator or a wildcard, either here or by
//! a message server that uses names as subjects (NATS). Other bytes are percent-encoded: `%` and two upper-case
//! hexadecimal digits per byte of UTF-8. The empty text is a lone `%`.

use std::borrow::Cow;

/// Separates the tokens of a name.
pub(crate) const SEPARATOR: char = '.';

/// The first token of broadcast topics. `%br` is not a valid escape, so no text maps to this token.
pub(crate) const BROADCAST: &str = "%broadcast";

/// The first token of the topics of one subscriber. `%in` is not a valid escape.
pub(crate) const INSTANCE: &str = "%instance";

/// The first token of the topics of a person. `%pe` is not a valid escape.
pub(crate) const PERSON: &str = "%person";

/// The first token of the topics that never leave the process. `%lo` is not a valid escape.
pub(crate) const LOCAL: &str = "%local";

/// The topic of the transport's state. `%tr` is not a valid escape.
pub(crate) const TRANSPORT: &str = "%transport";

/// Whether a token contains the byte unescaped.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b':' | b'@' | b'+' | b'=' | b'~' | b',')
}

/// Whether the text is already a token.
pub(crate) const fn is_token(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        if !is_plain(*byte) {
            return false;
        }
        rest = after;
    }
    !text.is_empty()
}

/// The token that a text maps to.
pub(crate) fn token(text: &str) -> Cow<'_, str> {
    if text.is_empty() {
        return Cow::Borrowed("%");
    }
    if is_token(text) {
        return Cow::Borrowed(text);
    }
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    let mut token = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if is_plain(byte) {
            token.push(char::from(byte));
        } else {
            token.push('%');
            token.push(char::from(DIGITS[usize::from(byte >> 4)]));
            token.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    Cow::Owned(token)
}

/// The text that maps to a token. A token that no text maps to (the first one of a reserved name) is returned
/// unchanged.
pub(crate) fn text(token: &str) -> String {
    if token == "%" {
        return String::new();
    }
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.split_at_checked(2)).flatten().and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = escaped.unwrap_or((byte, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_readable() {
        assert_eq!(token("chat"), "chat");
        assert_eq!(token("user:7/inbox_2"), "user:7/inbox_2");
        assert_eq!(token("room 1"), "room%201");
        assert_eq!(token("café"), "caf%C3%A9");
    }

    #[test]
    fn separators_and_wildcards_are_escaped() {
        for text in ["", ".", "..", "*", ">", "a.b", "a.*", "a.>", " ", "\t", "\r\n", "\0", "%", "$SYS", "\u{2028}"] {
            let token = token(text);
            assert!(!token.is_empty(), "{text:?}");
            assert!(token.bytes().all(|byte| is_plain(byte) || byte == b'%'), "{text:?} became {token:?}");
        }
    }

    proptest! {
        #[test]
        // A reversible mapping cannot map two texts to the same token.
        fn every_text_can_be_read_back_from_its_token(original in any::<String>()) {
            let token = token(&original);
            prop_assert!(token.bytes().all(|byte| is_plain(byte) || byte == b'%'));
            prop_assert!(![BROADCAST, INSTANCE, PERSON, LOCAL, TRANSPORT].contains(&&*token));
            prop_assert_eq!(text(&token), original);
        }

        #[test]
        fn text_that_looks_like_a_token_round_trips_too(original in "[%a-f0-9.*> ]{0,6}") {
            prop_assert_eq!(text(&token(&original)), original);
        }
    }
}
