//! What people paste, copy and drop: text, HTML and files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{EventError, FromEvent, json};

/// The text that a person pastes, for `onpaste`.
///
/// It is the plain text of the clipboard, and empty if the clipboard has none, for example because it contains an
/// image. In a field, the browser then inserts the text, unless the handler has the modifier
/// [`prevent`](crate::handler::On::prevent):
///
/// ```
/// use lanai::event::Paste;
/// use lanai::prelude::*;
///
/// struct Invitation { guests: Vec<String> }
///
/// impl Invitation {
///     fn add_all(&mut self, paste: Paste) {
///         self.guests.extend(paste.text.split_whitespace().map(String::from));
///     }
/// }
///
/// impl View for Invitation {
///     fn render(&self) -> Html<Self> {
///         html! {
///             ul { @for guest in &self.guests { li { (guest) } } }
///             input aria-label="Addresses" onpaste=(on(Self::add_all).prevent());
///         }
///     }
/// }
/// ```
///
/// For HTML and files, take a [`Transfer`], [`Files`] or [`FileContents`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paste {
    /// The pasted text, with its line breaks.
    pub text: String,
}

impl FromEvent for Paste {
    const PAYLOAD: &'static str = "lanai.text";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (text,) = json(payload)?;
        Ok(Self { text })
    }
}

/// What a person pastes, or drops from another program, for `onpaste` and `ondrop`.
///
/// The HTML comes from another program: do not trust it. In particular, do not show it with
/// [`PreEscaped`](crate::maud::PreEscaped).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// The plain text, which may be empty.
    pub text: String,
    /// The HTML, which may be empty.
    pub html: String,
    /// The files.
    pub files: Vec<FileInfo>,
}

impl FromEvent for Transfer {
    const PAYLOAD: &'static str = "lanai.text,lanai.html,lanai.files";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (text, html, files) = json(payload)?;
        Ok(Self { text, html, files })
    }
}

/// A file that a person pastes or drops, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FileInfo {
    /// The name, without directories. (The browser of the person says so: do not use it as a path.)
    pub name: String,
    /// The media type, such as `image/png`, as the browser guesses it from the name; often empty.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The size in bytes.
    pub size: u64,
}

/// The files that a person pastes or drops, without their content, for `onpaste` and `ondrop`.
///
/// An element whose `ondrop` takes this accepts files, and nothing else:
///
/// ```
/// use lanai::event::Files;
/// use lanai::prelude::*;
///
/// struct Inbox { names: Vec<String> }
///
/// impl Inbox {
///     fn dropped(&mut self, Files(files): Files) {
///         self.names.extend(files.into_iter().map(|file| file.name));
///     }
/// }
///
/// impl View for Inbox {
///     fn render(&self) -> Html<Self> {
///         html! { div.drop-zone ondrop=(Self::dropped) { "Drop files here" } }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files(pub Vec<FileInfo>);

impl FromEvent for Files {
    const PAYLOAD: &'static str = "lanai.files";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (files,) = json(payload)?;
        Ok(Self(files))
    }
}

/// A file that a person pastes or drops, with its content if it is small.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileContent {
    /// The name, the media type and the size.
    pub info: FileInfo,
    /// The content: `None` if the browser could not read it, or if the files of the event have more than 1 MiB
    /// together.
    pub bytes: Option<Vec<u8>>,
}

/// The files that a person pastes or drops, with the content of small ones, for `onpaste` and `ondrop`.
///
/// The handler is called when the browser has read the files, so events that happen meanwhile may come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContents(pub Vec<FileContent>);

impl FromEvent for FileContents {
    const PAYLOAD: &'static str = "lanai.contents";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        #[derive(Deserialize)]
        struct Sent {
            #[serde(flatten)]
            info: FileInfo,
            bytes: Option<String>,
        }
        let (files,): (Vec<Sent>,) = json(payload)?;
        let content = |Sent { info, bytes }: Sent| {
            let bytes = bytes.map(|bytes| STANDARD.decode(bytes)).transpose();
            bytes.map(|bytes| FileContent { info, bytes }).map_err(EventError::new)
        };
        files.into_iter().map(content).collect::<Result<_, _>>().map(Self)
    }
}

/// The text that a person copies or cuts, for `oncopy` and `oncut`: what is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// The selected text.
    pub text: String,
}

impl FromEvent for Copied {
    const PAYLOAD: &'static str = "lanai.selection";

    fn from_event(payload: &str) -> Result<Self, EventError> {
        let (text,) = json(payload)?;
        Ok(Self { text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_files_is_decoded_and_a_large_file_has_none() {
        let payload = r#"[[{"name":"a","type":"text/plain","size":2,"bytes":"aGk="},{"name":"b","type":"","size":9000000,"bytes":null}]]"#;
        let FileContents(files) = FileContents::from_event(payload).unwrap();
        assert_eq!(files[0].bytes.as_deref(), Some(&b"hi"[..]));
        assert_eq!((files[1].info.name.as_str(), &files[1].bytes), ("b", &None));
        assert!(FileContents::from_event(r#"[[{"name":"a","type":"","size":2,"bytes":"?"}]]"#).is_err());
    }
}
