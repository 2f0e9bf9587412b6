//! Writing JSON piece by piece.
//!
//! Arrays are written with a comma after each element; [`close`] turns the last one into the bracket.

use std::borrow::Cow;

/// Writes a string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, &*without_nul(text)).expect("a string is JSON, and a vector takes it");
}

/// The text with U+FFFD for each NUL: HTML cannot say NUL (the parser drops it here and replaces it there), so that no page shows it.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.as_bytes().contains(&0) { text.replace('\0', "\u{FFFD}").into() } else { text.into() }
}

/// Writes a number. (By hand: the diff writes several for every row, and `write!` takes ten times as long.)
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

/// Closes an array or object: a comma at its end becomes the bracket.
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
    fn the_last_comma_becomes_the_bracket() {
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
    fn numbers_are_written_whole() {
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
    fn strings_are_json_and_have_no_nul() {
        let mut out = Vec::new();
        string(&mut out, "\"a\"\\\n\u{1}\0ü</script>");
        assert_eq!(String::from_utf8(out).unwrap(), "\"\\\"a\\\"\\\\\\n\\u0001\u{FFFD}ü</script>\"");
    }
}
