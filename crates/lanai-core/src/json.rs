//! Writing JSON piece by piece.
//!
//! Arrays are written with a comma after each element; [`close`] turns the last one into the bracket.

use std::io::Write as _;

/// Writes a string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string is JSON, and a vector takes it");
}

/// Writes a number.
pub(crate) fn number(out: &mut Vec<u8>, number: impl Into<i64>) {
    write!(out, "{}", number.into()).expect("a vector takes what is written");
}

/// Closes an array or object: a comma at its end becomes the bracket.
pub(crate) fn close(out: &mut Vec<u8>, bracket: u8) {
    match out.last_mut() {
        Some(last @ b',') => *last = bracket,
        _ => out.push(bracket),
    }
}
