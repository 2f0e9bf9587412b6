//! The tools that the model may use. They keep notes, which the visitor sees beside the conversations.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::Call;

/// The most notes that are kept.
const MOST: usize = 100;
/// The longest note, in characters.
const LONGEST: usize = 500;

/// A tool, and what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tool {
    AddNote(String),
    /// Removes the note with this number, which counts from 1.
    RemoveNote(usize),
    ListNotes,
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

#[derive(Deserialize)]
struct Numbered {
    number: usize,
}

impl Tool {
    /// Returns what the model is told about the tools.
    pub(crate) fn descriptions() -> Value {
        let tool = |name: &str, description: &str, properties: Value| {
            let required: Vec<&String> = properties.as_object().into_iter().flat_map(|map| map.keys()).collect();
            let parameters = json!({ "type": "object", "properties": properties, "required": required });
            json!({
                "type": "function",
                "function": { "name": name, "description": description, "parameters": parameters },
            })
        };
        json!([
            tool("add_note", "Adds a note to the notes of the user.", json!({ "text": { "type": "string" } })),
            tool(
                "remove_note",
                "Removes a note of the user.",
                json!({ "number": { "type": "integer", "minimum": 1 } })
            ),
            tool("list_notes", "Returns the notes of the user, with their numbers.", json!({})),
        ])
    }

    /// Reads what the model has written. The error is for the model.
    pub(crate) fn read(call: &Call) -> Result<Self, String> {
        let arguments = &call.function.arguments;
        let unreadable = |error: serde_json::Error| format!("The arguments cannot be read: {error}");
        match &*call.function.name {
            "add_note" => {
                let Note { text } = serde_json::from_str(arguments).map_err(unreadable)?;
                match text.trim() {
                    "" => Err("The note is empty.".to_owned()),
                    text => Ok(Self::AddNote(text.chars().take(LONGEST).collect())),
                }
            }
            "remove_note" => {
                let Numbered { number } = serde_json::from_str(arguments).map_err(unreadable)?;
                Ok(Self::RemoveNote(number))
            }
            "list_notes" => Ok(Self::ListNotes),
            name => Err(format!("There is no tool {name:?}.")),
        }
    }

    /// Whether a person has to allow it: it changes something.
    pub(crate) fn needs_approval(&self) -> bool {
        match self {
            Self::AddNote(_) | Self::RemoveNote(_) => true,
            Self::ListNotes => false,
        }
    }

    /// Returns what it does, as a person is told, and what it does that with.
    pub(crate) fn describe(&self) -> (&'static str, String) {
        match self {
            Self::AddNote(text) => ("Add a note", text.clone()),
            Self::RemoveNote(number) => ("Remove a note", format!("Number {number}")),
            Self::ListNotes => ("Read your notes", String::new()),
        }
    }

    /// Uses the tool. Returns what the model is told.
    pub(crate) fn apply(self, notes: &mut Vec<String>) -> Result<String, String> {
        match self {
            Self::AddNote(_) if notes.len() >= MOST => Err(format!("There are {MOST} notes already.")),
            Self::AddNote(text) => {
                notes.push(text);
                Ok(format!("It is note {}.", notes.len()))
            }
            Self::RemoveNote(number) if (1..=notes.len()).contains(&number) => {
                Ok(format!("Removed: {}", notes.remove(number - 1)))
            }
            Self::RemoveNote(number) => Err(format!("There is no note {number}.")),
            Self::ListNotes if notes.is_empty() => Ok("There are no notes.".to_owned()),
            Self::ListNotes => {
                Ok(notes.iter().enumerate().map(|(index, note)| format!("{}. {note}\n", index + 1)).collect())
            }
        }
    }
}
