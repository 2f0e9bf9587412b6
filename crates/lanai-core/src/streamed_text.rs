//! Text that grows at its end.
//!
//! A rendering does not copy such a text, and the diff does not compare it: a buffer only grows, so its id and a length
//! say what the text is.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Text that grows at its end, such as an answer that arrives token by token.
///
/// A view holds it as a field and renders it like a string, `(self.answer)`. An update costs what was appended, and not
/// the length of the text: the page receives only the new end.
///
/// A clone shares the text with the original. When both grow, the second one to grow gets a copy.
///
/// # Example
///
/// ```
/// use lanai_core::StreamedText;
///
/// let mut answer = StreamedText::new();
/// answer.push_str("Good ");
/// let before = answer.clone();
/// answer.push_str("morning");
/// assert_eq!(answer, "Good morning");
/// assert_eq!(before, "Good ");
/// ```
#[derive(Clone)]
pub struct StreamedText {
    buffer: Arc<Buffer>,
    /// How much of the buffer this text is. A clone may have written more.
    len: usize,
}

/// A buffer that only grows.
struct Buffer {
    id: u64,
    text: Mutex<String>,
}

impl Buffer {
    fn new(text: String) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Arc::new(Self { id: NEXT.fetch_add(1, Ordering::Relaxed), text: Mutex::new(text) })
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        // A panic while the buffer was locked has not changed what is in it.
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StreamedText {
    /// Creates an empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends to the text.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut buffer = self.buffer.lock();
        if buffer.len() == self.len {
            buffer.push_str(text);
            self.len += text.len();
        } else {
            // A clone has appended something else.
            let copy = [&buffer[..self.len], text].concat();
            drop(buffer);
            *self = copy.into();
        }
    }

    /// Appends a character.
    pub fn push(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    /// Removes the text. What follows is another text, which the page receives whole.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Returns the length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Calls `read` with the text, without copying it. Use `to_string` for a copy.
    ///
    /// `read` must not append to a clone of this text, which would wait forever.
    pub fn with<R>(&self, read: impl FnOnce(&str) -> R) -> R {
        read(&self.buffer.lock()[..self.len])
    }

    /// Identifies the buffer: of two texts with one id, the longer one begins with the other.
    pub(crate) fn id(&self) -> u64 {
        self.buffer.id
    }
}

impl Default for StreamedText {
    fn default() -> Self {
        String::new().into()
    }
}

impl From<String> for StreamedText {
    fn from(text: String) -> Self {
        Self { len: text.len(), buffer: Buffer::new(text) }
    }
}

impl From<&str> for StreamedText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<'a> Extend<&'a str> for StreamedText {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, texts: I) {
        texts.into_iter().for_each(|text| self.push_str(text));
    }
}

impl fmt::Write for StreamedText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl fmt::Display for StreamedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|text| fmt::Display::fmt(text, f))
    }
}

impl fmt::Debug for StreamedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|text| fmt::Debug::fmt(text, f))
    }
}

impl PartialEq for StreamedText {
    fn eq(&self, other: &Self) -> bool {
        // Two texts with one buffer cannot both be locked.
        self.len == other.len && (self.id() == other.id() || other.with(|other| self == other))
    }
}

impl Eq for StreamedText {}

impl PartialEq<str> for StreamedText {
    fn eq(&self, other: &str) -> bool {
        self.with(|text| text == other)
    }
}

impl PartialEq<&str> for StreamedText {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_was_and_grows_on_its_own() {
        let mut text = StreamedText::from("ab");
        let mut clone = text.clone();
        text.push_str("c");
        assert_eq!((text.to_string().as_str(), clone.to_string().as_str()), ("abc", "ab"));
        assert_eq!(text.id(), clone.id(), "nothing was copied");
        clone.push_str("d");
        assert_eq!((text.to_string().as_str(), clone.to_string().as_str()), ("abc", "abd"));
        assert_ne!(text.id(), clone.id(), "of two texts with one id, one begins with the other");
    }

    #[test]
    fn the_first_to_grow_keeps_the_buffer() {
        let original = StreamedText::from("a");
        let mut clone = original.clone();
        clone.push('b');
        assert_eq!(original.id(), clone.id());
        assert_eq!(original, "a");
    }

    #[test]
    fn texts_are_compared_by_what_they_are() {
        let text = StreamedText::from("a");
        let mut longer = text.clone();
        longer.push_str("b");
        assert_ne!(text, longer);
        assert_eq!(text, text.clone());
        assert_eq!(longer, StreamedText::from("ab"));
    }

    #[test]
    fn a_cleared_text_is_another_one() {
        let mut text = StreamedText::from("a");
        let before = text.id();
        text.clear();
        assert!(text.is_empty());
        assert_ne!(text.id(), before);
    }
}
