//! The messages of a visitor, and where they are.

use std::collections::BTreeSet;

use lanai::prelude::*;

/// Names a message.
pub(crate) type Id = u32;

/// A place for messages. Each message is in one, but for those that are starred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Folder {
    #[default]
    Inbox,
    Starred,
    Archive,
    Sent,
    Trash,
}

impl Folder {
    pub(crate) const ALL: [Self; 5] = [Self::Inbox, Self::Starred, Self::Archive, Self::Sent, Self::Trash];

    /// The name, the word in the address, and the keys that lead to the folder.
    pub(crate) fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Inbox => ("Inbox", "inbox", "g i"),
            Self::Starred => ("Starred", "starred", "g s"),
            Self::Archive => ("Archive", "archive", "g a"),
            Self::Sent => ("Sent", "sent", "g t"),
            Self::Trash => ("Trash", "trash", "g #"),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.names().0
    }
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: Id,
    /// The sender, or of a sent message, the recipient.
    pub(crate) person: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// How many days ago it came.
    pub(crate) days: u32,
    pub(crate) folder: Folder,
    pub(crate) is_starred: bool,
    pub(crate) is_unread: bool,
}

impl Message {
    /// Whether it is shown in a folder.
    fn is_in(&self, folder: Folder) -> bool {
        match folder {
            Folder::Starred => self.is_starred && self.folder != Folder::Trash,
            folder => self.folder == folder,
        }
    }

    fn contains(&self, lower: &str) -> bool {
        [&self.person, &self.subject, &self.text].iter().any(|text| text.to_lowercase().contains(lower))
    }

    /// When it came.
    pub(crate) fn date(&self) -> String {
        match self.days {
            0 => "today".into(),
            1 => "yesterday".into(),
            days => format!("{days} days ago"),
        }
    }
}

/// All messages of a visitor, the newest first.
#[derive(Debug)]
pub(crate) struct Store(Vec<Message>);

/// Where messages were, to put them back.
#[derive(Debug, Clone)]
pub(crate) struct Undo {
    pub(crate) what: String,
    places: Vec<(Id, Folder)>,
}

const PEOPLE: [&str; 8] = [
    "Ada Lovelace",
    "Grace Hopper",
    "Alan Turing",
    "Barbara Liskov",
    "Edsger Dijkstra",
    "Margaret Hamilton",
    "Donald Knuth",
    "Radia Perlman",
];

const SUBJECTS: [(&str, &str); 9] = [
    ("Notes on the engine", "I have written down how the engine could weave algebraic patterns. Would you read it?"),
    ("Lunch on Thursday", "The place around the corner has a garden. Shall we say half past twelve?"),
    ("A moth in the relay", "We found the first actual bug. It is taped into the log book."),
    ("Minutes of the meeting", "Attached is what we agreed on. Nobody remembers the third point, so please check."),
    ("Re: goto", "I have thought about it again, and I still consider it harmful."),
    ("Tickets for the concert", "I have two, and nobody to go with. It begins at eight."),
    ("The spanning tree", "I think that I shall never see a graph more lovely than a tree."),
    ("Release on Friday", "Everything is green. Are we brave enough?"),
    ("Photos of the launch", "They are large, so I put them on the shared drive. The third one is the best."),
];

impl Undo {
    /// Says what has happened, which cannot be taken back.
    pub(crate) fn nothing(what: &str) -> Self {
        Self { what: what.into(), places: Vec::new() }
    }

    /// Whether it brings a message back.
    pub(crate) fn has(&self, id: Id) -> bool {
        self.places.iter().any(|(one, _)| *one == id)
    }

    pub(crate) fn can_be_undone(&self) -> bool {
        !self.places.is_empty()
    }
}

impl Store {
    /// Makes up messages.
    pub(crate) fn filled() -> Self {
        let message = |id: Id| {
            let at = id as usize;
            let (subject, text) = SUBJECTS[at * 7 % SUBJECTS.len()];
            let folder = match id {
                id if id % 17 == 5 => Folder::Archive,
                id if id % 29 == 7 => Folder::Sent,
                _ => Folder::Inbox,
            };
            Message {
                id,
                person: PEOPLE[at * 5 % PEOPLE.len()].into(),
                subject: if at < SUBJECTS.len() {
                    subject.into()
                } else {
                    format!("{subject} ({})", at / SUBJECTS.len() + 1)
                },
                text: text.into(),
                days: id / 4,
                folder,
                is_starred: id % 11 == 3,
                is_unread: folder == Folder::Inbox && id < 12 && id % 3 != 1,
            }
        };
        Self((1..=240).map(message).collect())
    }

    /// Returns the messages of a folder that contain a text.
    pub(crate) fn list(&self, folder: Folder, text: &str) -> Vec<&Message> {
        let lower = text.trim().to_lowercase();
        self.0.iter().filter(|message| message.is_in(folder) && message.contains(&lower)).collect()
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Message> {
        self.0.iter().find(|message| message.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut Message> {
        self.0.iter_mut().find(|message| message.id == id)
    }

    pub(crate) fn unread(&self) -> usize {
        self.0.iter().filter(|message| message.folder == Folder::Inbox && message.is_unread).count()
    }

    /// Moves messages to a folder. Returns how to take that back.
    pub(crate) fn put(&mut self, ids: &BTreeSet<Id>, to: Folder) -> Undo {
        let mut places = Vec::new();
        for message in self.0.iter_mut().filter(|message| ids.contains(&message.id)) {
            places.push((message.id, message.folder));
            message.folder = to;
        }
        let count = if places.len() == 1 { "1 message".into() } else { format!("{} messages", places.len()) };
        let what = match to {
            Folder::Archive => format!("{count} archived"),
            Folder::Trash => format!("{count} deleted"),
            to => format!("{count} moved to {}", to.name()),
        };
        Undo { what, places }
    }

    pub(crate) fn take_back(&mut self, undo: &Undo) {
        for (id, folder) in &undo.places {
            if let Some(message) = self.get_mut(*id) {
                message.folder = *folder;
            }
        }
    }

    /// Adds a message that the visitor has sent.
    pub(crate) fn send(&mut self, to: String, subject: String, text: String) {
        let id = self.0.iter().map(|message| message.id).max().unwrap_or(0) + 1;
        let (folder, days) = (Folder::Sent, 0);
        self.0.insert(0, Message { id, person: to, subject, text, days, folder, is_starred: false, is_unread: false });
    }
}
