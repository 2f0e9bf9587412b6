//! HTML that was rendered once, and is shown again and again.

use std::sync::Arc;

use crate::hash::Hasher;

/// Raw HTML that does not change any more, such as a finished block of a document that is still growing.
///
/// What a rendering does with raw HTML is done once, when the value is created: it is contained, so that it cannot
/// affect the HTML around it, and it is hashed. After that, a rendering of it costs the same however long it is.
/// A clone shares the HTML.
#[derive(Debug, Clone)]
pub struct FrozenHtml {
    html: Arc<str>,
    hash: u64,
}

impl FrozenHtml {
    /// Freezes HTML that its author vouches for.
    #[must_use]
    pub fn new(html: String) -> Self {
        let html: Arc<str> = crate::raw::contain(&html).unwrap_or(html).into();
        assert!(u32::try_from(html.len()).is_ok(), "a rendering holds at most 4 GiB of text");
        let hash = Hasher::get().hash(&html);
        Self { html, hash }
    }

    /// Returns the HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.html
    }

    pub(crate) fn len(&self) -> u32 {
        self.html.len() as u32
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_contained_and_hashed_as_raw_html_is() {
        let frozen = FrozenHtml::new("</div><b>bold".into());
        assert_eq!(frozen.as_str(), "<b>bold</b>");
        assert_eq!(frozen.hash(), Hasher::get().hash("<b>bold</b>"));
    }
}
