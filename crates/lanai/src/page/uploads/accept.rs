//! Which files are accepted: by what the browser says of them, and by their content.

use mime_guess::MimeGuess;

/// How many bytes of the beginning tell the type of a file.
pub(crate) const HEAD: usize = 4096;

/// The files that an upload accepts. Without entries, all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accept(Vec<Pattern>);

/// One entry of `accept`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// `.png`, kept without the dot.
    Extension(String),
    /// `image/*`, kept as `image/`.
    Kind(String),
    /// `image/png`.
    Type(String),
}

/// Formats that contain others, so that a file of another name may look like one.
const CONTAINERS: [&str; 4] = ["application/zip", "application/x-ole-storage", "application/gzip", "text/xml"];

impl Accept {
    /// Reads entries as the attribute `accept` has them. Returns the first that is none.
    pub(crate) fn new(entries: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, String> {
        entries.into_iter().map(|entry| Pattern::parse(&entry.into())).collect::<Result<_, _>>().map(Self)
    }

    /// The value of the attribute `accept`, if not all files are accepted.
    pub(crate) fn attribute(&self) -> Option<String> {
        let entries = self.0.iter().map(|pattern| match pattern {
            Pattern::Extension(extension) => format!(".{extension}"),
            Pattern::Kind(kind) => format!("{kind}*"),
            Pattern::Type(media_type) => media_type.clone(),
        });
        (!self.0.is_empty()).then(|| entries.collect::<Vec<_>>().join(","))
    }

    /// Whether a file is accepted that has this name and, as the browser says, this media type.
    pub(crate) fn takes(&self, name: &str, media_type: &str) -> bool {
        let extension = extension(name);
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|pattern| matches!((pattern, &extension), (Pattern::Extension(one), Some(own)) if one == own))
            || self.takes_type(&media_type.to_ascii_lowercase())
            || types_of(name).any(|media_type| self.takes_type(media_type))
    }

    fn takes_type(&self, media_type: &str) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Extension(_) => false,
            Pattern::Kind(kind) => media_type.starts_with(kind),
            Pattern::Type(one) => one == media_type,
        })
    }

    /// Whether the content is what the name says. Many formats begin with bytes of their own, and with these, a file
    /// has to be of a type that is accepted, or of the same kind as its name says. What has no such bytes, such as
    /// text, can only be told apart from what does.
    pub(crate) fn takes_content(&self, name: &str, head: &[u8]) -> bool {
        if self.0.is_empty() || head.is_empty() {
            return true;
        }
        let Some(found) = infer::get(head) else {
            return !types_of(name).any(has_signature);
        };
        let found = found.mime_type();
        let kind = |media_type: &str| media_type.split('/').next().map(str::to_owned);
        self.takes_type(found)
            || types_of(name).any(|own| {
                kind(own) == kind(found) || kind(own).as_deref() == Some("application") && CONTAINERS.contains(&found)
            }) && self.takes(name, "")
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, String> {
        let text = entry.trim().to_ascii_lowercase();
        let is_name = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_'))
        };
        if let Some(extension) = text.strip_prefix('.').filter(|extension| is_name(extension)) {
            return Ok(Self::Extension(extension.into()));
        }
        match text.split_once('/') {
            Some((kind, "*")) if is_name(kind) => Ok(Self::Kind(format!("{kind}/"))),
            Some((kind, one)) if is_name(kind) && is_name(one) => Ok(Self::Type(text)),
            _ => Err(entry.into()),
        }
    }
}

fn extension(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty()).then(|| extension.to_ascii_lowercase())
}

/// The media types that a file of this name may have.
fn types_of(name: &str) -> impl Iterator<Item = &'static str> {
    let guess = extension(name).map(|extension| MimeGuess::from_ext(&extension));
    guess.into_iter().flat_map(|guess| guess.iter_raw().collect::<Vec<_>>())
}

/// Whether files of a media type begin with bytes that no other format has. (Text does not always.)
fn has_signature(media_type: &str) -> bool {
    !media_type.starts_with("text/") && infer::is_mime_supported(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0";
    const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff";

    fn accept(entries: &[&str]) -> Accept {
        Accept::new(entries.iter().copied()).unwrap()
    }

    #[test]
    fn names_and_media_types_are_compared_without_case() {
        let images = accept(&["image/*", ".PDF"]);
        assert!(images.takes("a.jpg", "") && images.takes("A.Pdf", "") && images.takes("noname", "image/webp"));
        assert!(
            !images.takes("a.exe", "application/x-msdownload") && !images.takes(".pdf", "") && !images.takes("pdf", "")
        );
        assert!(Accept::default().takes("anything", ""));
        assert_eq!(images.attribute().as_deref(), Some("image/*,.pdf"));
        assert_eq!(Accept::default().attribute(), None);
    }

    #[test]
    fn an_entry_that_is_none_is_named() {
        for entry in ["png", "", ".", "image/", "/png", "image/p g", "*", "*/*"] {
            assert_eq!(Accept::new([entry]).unwrap_err(), entry);
        }
    }

    #[test]
    fn the_content_has_to_be_what_the_name_says() {
        let images = accept(&["image/*"]);
        assert!(images.takes_content("a.png", PNG) && images.takes_content("a.jpg", PNG));
        for content in [&b"<html><script>"[..], EXE, ZIP, b"hello"] {
            assert!(!images.takes_content("a.png", content), "{content:?}");
        }
        // It has no bytes of its own.
        assert!(images.takes_content("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"));
        let table = accept(&[".csv"]);
        assert!(table.takes_content("a.csv", b"a;b\n1;2") && !table.takes_content("a.csv", EXE));
        let documents = accept(&[".docx"]);
        assert!(documents.takes_content("a.docx", ZIP) && !documents.takes_content("a.docx", PNG));
        assert!(Accept::default().takes_content("a.png", EXE));
    }
}
