//! The text form of topic names: tokens joined by dots.
//!
//! Any text becomes exactly one token, and two texts never become the same one. A token has no dot, no `*`, no `>`, no
//! space and no control character, so nothing in it is read as a separator or a wildcard, neither here nor by an engine
//! that uses names as subjects (NATS). What a token may not hold is written as `%` and two upper-case hexadecimal digits per
//! byte of UTF-8; the empty text is a lone `%`.

use std::borrow::Cow;

/// What stands between two tokens of a name.
pub(crate) const SEPARATOR: char = '.';

/// The first token of the topics that belong to a type. Since `%br` is no escape, no text becomes this token.
pub(crate) const BROADCAST: &str = "%broadcast";

/// The first token of the topics of one subscriber. `%in` is no escape.
pub(crate) const INSTANCE: &str = "%instance";

/// The first token of the topics of a person. `%pe` is no escape.
pub(crate) const PERSON: &str = "%person";

/// The first token of the topics that stay in the process. `%lo` is no escape.
pub(crate) const LOCAL: &str = "%local";

/// The topic of the engine's state. `%en` is no escape.
pub(crate) const ENGINE: &str = "%engine";

/// Whether a byte stands for itself in a token.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b':' | b'@' | b'+' | b'=' | b'~' | b',')
}

/// Whether a text is its own token.
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

/// The token for a text.
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

/// The text that a token was made of. What no text becomes, and no name has but at its beginning, stands for itself.
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
    fn what_an_engine_would_read_as_syntax_is_escaped() {
        for text in ["", ".", "..", "*", ">", "a.b", "a.*", "a.>", " ", "\t", "\r\n", "\0", "%", "$SYS", "\u{2028}"] {
            let token = token(text);
            assert!(!token.is_empty(), "{text:?}");
            assert!(token.bytes().all(|byte| is_plain(byte) || byte == b'%'), "{text:?} became {token:?}");
        }
    }

    proptest! {
        #[test]
        // That this is possible for every text is what makes collisions impossible.
        fn every_text_can_be_read_back_from_its_token(original in any::<String>()) {
            let token = token(&original);
            prop_assert!(token.bytes().all(|byte| is_plain(byte) || byte == b'%'));
            prop_assert!(![BROADCAST, INSTANCE, PERSON, LOCAL, ENGINE].contains(&&*token));
            prop_assert_eq!(text(&token), original);
        }

        #[test]
        fn texts_that_look_like_tokens_are_no_exception(original in "[%a-f0-9.*> ]{0,6}") {
            prop_assert_eq!(text(&token(&original)), original);
        }
    }
}
