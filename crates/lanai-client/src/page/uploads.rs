//! Uploads: what people choose, drop and paste for a view, and where that may be sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Millis, Page};
use crate::dom::Id;
use crate::edits::Of;

/// The attribute that names an upload, and the first part of the name of its channel.
const UPLOAD: &str = "data-lanai-upload";
const CHANNEL: &str = "lanai-upload:";

/// How many files one message tells of.
const BATCH: usize = 100;

/// A file: its name, its media type, and its content.
pub type FileData = (String, String, Vec<u8>);

/// A file that the view has asked for.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The number of the file.
    pub id: u64,
    /// Where to send it: a URL relative to the client's script, or an array for another server.
    pub to: Value,
    /// Its content.
    pub content: Arc<Vec<u8>>,
}

/// The files of a page.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    last: u64,
    files: BTreeMap<u64, Chosen>,
    /// The files that the view has asked for, and nobody has taken.
    asked: Vec<Transfer>,
}

#[derive(Debug)]
struct Chosen {
    of: Of,
    channel: String,
    name: String,
    media_type: String,
    content: Arc<Vec<u8>>,
}

impl Page {
    /// Chooses files for the upload that an element names, or the innermost element around it that names one. Returns
    /// whether there is one.
    pub fn choose_files(&mut self, now: Millis, element: Id, files: &[FileData]) -> bool {
        let Some((at, upload)) = self.upload_at(element) else { return false };
        let (of, channel) = (self.view_at(at), format!("{CHANNEL}{upload}"));
        let mut chosen = Vec::new();
        for (name, media_type, content) in files {
            self.uploads.last += 1;
            chosen.push(self.uploads.last);
            let file = Chosen {
                of: of.clone(),
                channel: channel.clone(),
                name: name.clone(),
                media_type: media_type.clone(),
                content: Arc::new(content.clone()),
            };
            self.uploads.files.insert(self.uploads.last, file);
        }
        self.tell_files(now, &of, &channel, &chosen);
        true
    }

    /// Returns the element that names the upload of an element, and its name.
    #[must_use]
    pub fn upload_at(&self, element: Id) -> Option<(Id, String)> {
        let mut around = std::iter::once(element).chain(self.dom.ancestors(element));
        around.find_map(|at| Some((at, self.dom.attribute(at, UPLOAD)?.to_owned())))
    }

    /// Takes the files that the view has asked for since the last call.
    pub fn take_transfers(&mut self) -> Vec<Transfer> {
        std::mem::take(&mut self.uploads.asked)
    }

    /// Whether the view still wants a file.
    #[must_use]
    pub fn wants_file(&self, id: u64) -> bool {
        self.uploads.files.contains_key(&id)
    }

    fn tell_files(&mut self, now: Millis, of: &Of, channel: &str, ids: &[u64]) {
        for ids in ids.chunks(BATCH) {
            let files: Vec<Value> = ids
                .iter()
                .filter_map(|id| {
                    let Chosen { name, media_type, content, .. } = self.uploads.files.get(id)?;
                    Some(json!([id, name, media_type, content.len(), 0, ""]))
                })
                .collect();
            self.post_on_channel(now, of, channel, "chosen", Value::from(files).to_string());
        }
    }

    /// Reads what the views have said about their uploads.
    pub(super) fn read_uploads(&mut self, now: Millis) {
        let mut said = Vec::new();
        for (of, session) in &mut self.sessions {
            let about = session.channels.heard.extract_if(.., |message| message.channel.starts_with(CHANNEL));
            said.extend(about.map(|message| (of.clone(), message)));
        }
        for (of, message) in said {
            let items = message.payload.as_array().cloned().unwrap_or_default();
            match message.event.as_str() {
                // A view is new: it has not heard of what the page has for it.
                "open" => {
                    let own =
                        |(id, file): (&u64, &Chosen)| (file.of == of && file.channel == message.channel).then_some(*id);
                    let known: Vec<u64> = self.uploads.files.iter().filter_map(own).collect();
                    self.tell_files(now, &of, &message.channel, &known);
                }
                "start" => {
                    for item in items {
                        let (Some(id), to) = (item[0].as_u64(), item[1].clone()) else { continue };
                        match self.uploads.files.get(&id) {
                            Some(file) => self.uploads.asked.push(Transfer { id, to, content: file.content.clone() }),
                            None => {
                                let payload = json!([id, null]).to_string();
                                self.post_on_channel(now, &of, &message.channel, "failed", payload);
                            }
                        }
                    }
                }
                _ => {
                    for id in items.iter().filter_map(Value::as_u64) {
                        self.uploads.files.remove(&id);
                    }
                }
            }
        }
    }
}
