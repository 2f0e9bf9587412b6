//! Writing JSON piece by piece.
//!
//! Arrays are written with a comma after each element; [`close`] replaces the last comma by the bracket.

use std::borrow::Cow;

/// Writes a string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, &*without_nul(text)).expect("a string can be serialized into a vector");
}

/// Replaces each NUL by U+FFFD. HTML cannot contain NUL: the parser drops it in some contexts and replaces it in
/// others, so no page would show it.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.as_bytes().contains(&0) { text.replace('\0', "\u{FFFD}").into() } else { text.into() }
}

/// Writes a number. (The digits are written by hand: the diff writes several numbers for each row, and `write!` takes
/// ten times as long.)
#[inline]
pub(crate) fn number(out: &mut Vec<u8>, number: impl Into<i64>) {
    match number.into() {
        digit @ 0..=9 => out.push(b'0' + digit as u8),
        number => {
            if number < 0 {
                out.push(b'-');
            }
            natural(out, number.unsigned_abs());
        }
    }
}

/// Writes a natural number.
pub(crate) fn natural(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

/// Closes an array or object. A comma at its end is replaced by the bracket.
pub(crate) fn close(out: &mut Vec<u8>, bracket: u8) {
    match out.last_mut() {
        Some(last @ b',') => *last = bracket,
        _ => out.push(bracket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_comma_is_replaced_by_the_bracket() {
        let closed = |text: &str| {
            let mut out = text.as_bytes().to_vec();
            close(&mut out, b']');
            String::from_utf8(out).unwrap()
        };
        assert_eq!(closed("["), "[]");
        assert_eq!(closed("[1,"), "[1]");
        assert_eq!(closed("[\",\""), "[\",\"]");
    }

    #[test]
    fn numbers_are_written_with_all_digits() {
        for value in [0, 7, 9, 10, 99, 100, 12_345, -1, -9, -10, -200, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
        let mut out = Vec::new();
        natural(&mut out, u64::MAX);
        assert_eq!(String::from_utf8(out).unwrap(), u64::MAX.to_string());
    }

    #[test]
    fn strings_are_escaped_and_contain_no_nul() {
        let mut out = Vec::new();
        string(&mut out, "\"a\"\\\n\u{1}\0ü</script>");
        assert_eq!(String::from_utf8(out).unwrap(), "\"\\\"a\\\"\\\\\\n\\u0001\u{FFFD}ü</script>\"");
    }
}
