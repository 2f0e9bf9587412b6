//! [`Club`]: the topics of the chat, and what this process remembers of their messages for all visitors.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lanai::prelude::*;
use lanai::{Broker, SubscriberId, Subscription};

use crate::visitor::Visitor;

/// The messages of all rooms: `ROOM.at(title)` is one room. A visitor who comes later receives the last 100 messages.
pub(crate) const ROOM: Topic<Line> = Topic::new("room").history(100);

/// The rooms that visitors have opened. A title may be any text, because [`Topic::at`] escapes it: it cannot name
/// another topic.
pub(crate) const OPENED: Topic<Opened> = Topic::new("rooms").history(100);

/// Who is typing in which room. Nothing is published on this topic; it is used only for presence.
pub(crate) const TYPING: Topic<Line> = Topic::new("rooms/typing");

/// Announces that the club's information about a room has changed. The topic is local to this process.
pub(crate) const CHANGED: Topic<Changed> = Topic::local("rooms/changed");

/// The rooms that exist from the start.
const FIRST: [&str; 3] = ["Lounge", "Rust", "Kitchen"];

/// The number of rooms that are listed. Visitors can talk in further rooms if they know the URL.
const LISTED: usize = 100;

/// The number of visitors whose read messages are remembered.
const READERS: usize = 10_000;

const LONGEST_TITLE: usize = 40;

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) from: String,
    pub(crate) name: String,
    pub(crate) text: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Opened {
    pub(crate) title: String,
}

pub(crate) struct Changed {
    pub(crate) title: String,
}

/// The rooms as this process knows them. It subscribes to all of them once, for all visitors.
#[derive(Default)]
pub(crate) struct Club {
    memory: Mutex<Memory>,
    subscriptions: OnceLock<[Subscription; 2]>,
}

#[derive(Default)]
struct Memory {
    /// In the order in which the rooms were opened.
    titles: Vec<String>,
    rooms: HashMap<String, Room>,
    /// For each visitor, the number of lines read in each room.
    read: HashMap<String, HashMap<String, u64>>,
    /// The keys of `read`, oldest first.
    readers: VecDeque<String>,
}

#[derive(Default)]
struct Room {
    lines: u64,
    last: Option<Arc<Line>>,
}

impl Club {
    /// Subscribes to the rooms, once. (The broker belongs to the app, so it is known only when the first visitor
    /// comes.)
    pub(crate) fn listen(self: &Arc<Self>, broker: &Broker) {
        self.subscriptions.get_or_init(|| {
            FIRST.iter().for_each(|title| self.memory().open(title));
            let (opening, hearing) = (Arc::clone(self), Arc::clone(self));
            let (opened, heard) = (broker.clone(), broker.clone());
            let on_opened = move |room: Arc<Opened>| {
                opening.memory().open(&room.title);
                tell(&opened, &room.title);
            };
            let on_line = move |line: Arc<lanai::Routed<Line>>| {
                if let [title] = line.path() {
                    hearing.memory().heard(title, line.message());
                    tell(&heard, title);
                }
            };
            let subscriber = SubscriberId::new();
            [
                broker.subscribe(subscriber, OPENED, on_opened).expect("the topic has one type"),
                broker.subscribe(subscriber, ROOM.any(), on_line).expect("the topic has one type"),
            ]
        });
    }

    /// Returns the titles of all rooms, in the order in which they were opened.
    pub(crate) fn titles(&self) -> Vec<String> {
        self.memory().titles.clone()
    }

    /// Returns the last line of a room.
    pub(crate) fn last_line(&self, title: &str) -> Option<Arc<Line>> {
        self.memory().rooms.get(title)?.last.clone()
    }

    /// Registers a visitor. Lines from before their first visit do not count as unread.
    pub(crate) fn greet(&self, visitor: &Visitor) {
        self.memory().greet(visitor);
    }

    /// Whether a room is in the list.
    pub(crate) fn lists(&self, title: &str) -> bool {
        self.memory().rooms.contains_key(title)
    }

    /// Returns the number of lines of a room that a visitor has not read.
    pub(crate) fn unread(&self, visitor: &Visitor, title: &str) -> u64 {
        let memory = self.memory();
        let lines = memory.rooms.get(title).map_or(0, |room| room.lines);
        let read = memory.read.get(&visitor.id).and_then(|read| read.get(title)).copied();
        lines.saturating_sub(read.unwrap_or(0))
    }

    /// Marks all lines of a room as read by a visitor. Returns whether any were unread.
    pub(crate) fn read(&self, visitor: &Visitor, title: &str) -> bool {
        let mut memory = self.memory();
        let lines = memory.rooms.get(title).map_or(0, |room| room.lines);
        memory.greet(visitor);
        let before = memory.read.entry(visitor.id.clone()).or_default().insert(title.to_owned(), lines);
        before.unwrap_or(0) < lines
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn open(&mut self, title: &str) {
        if !self.rooms.contains_key(title) && self.titles.len() < LISTED {
            self.titles.push(title.to_owned());
            self.rooms.insert(title.to_owned(), Room::default());
        }
    }

    fn heard(&mut self, title: &str, line: &Arc<Line>) {
        self.open(title);
        if let Some(room) = self.rooms.get_mut(title) {
            room.lines += 1;
            room.last = Some(Arc::clone(line));
        }
    }

    fn greet(&mut self, visitor: &Visitor) {
        if self.read.contains_key(&visitor.id) {
            return;
        }
        let read = self.rooms.iter().map(|(title, room)| (title.clone(), room.lines)).collect();
        self.read.insert(visitor.id.clone(), read);
        self.readers.push_back(visitor.id.clone());
        if self.readers.len() > READERS
            && let Some(oldest) = self.readers.pop_front()
        {
            self.read.remove(&oldest);
        }
    }
}

fn tell(broker: &Broker, title: &str) {
    // Publishing on a local topic with one type cannot fail.
    let _ = broker.publish(CHANGED, Changed { title: title.to_owned() });
}

/// Returns the title in what a visitor typed, if it is a valid one.
pub(crate) fn title(typed: &str) -> Option<String> {
    let title = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = !title.is_empty() && title.chars().count() <= LONGEST_TITLE && !title.contains(char::is_control);
    fits.then_some(title)
}

/// Returns the URL of a room.
pub(crate) fn address(title: &str) -> String {
    format!("/rooms/in/{}", percent_encoding::utf8_percent_encode(title, percent_encoding::NON_ALPHANUMERIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Arc<Line> {
        Arc::new(Line { from: "1".into(), name: "Ann".into(), text: "hello".into() })
    }

    fn visitor(id: usize) -> Visitor {
        Visitor { id: id.to_string(), name: "Bob".into() }
    }

    #[test]
    fn lines_from_before_the_first_visit_and_read_lines_are_not_unread() {
        let club = Club::default();
        club.memory().heard("Lounge", &line());
        club.greet(&visitor(1));
        assert_eq!(club.unread(&visitor(1), "Lounge"), 0);
        club.memory().heard("Lounge", &line());
        club.memory().heard("Attic", &line());
        assert_eq!((club.unread(&visitor(1), "Lounge"), club.unread(&visitor(1), "Attic")), (1, 1));
        assert!(club.read(&visitor(1), "Lounge"));
        assert!(!club.read(&visitor(1), "Lounge"));
        assert_eq!((club.unread(&visitor(1), "Lounge"), club.unread(&visitor(1), "Attic")), (0, 1));
    }

    #[test]
    fn the_numbers_of_rooms_and_readers_are_limited() {
        let club = Club::default();
        for number in 0..2 * LISTED {
            club.memory().heard(&number.to_string(), &line());
        }
        for id in 0..READERS + 10 {
            club.greet(&visitor(id));
        }
        assert_eq!(club.titles().len(), LISTED);
        assert!(club.lists("0") && !club.lists(&LISTED.to_string()));
        let memory = club.memory();
        assert_eq!((memory.read.len(), memory.readers.len()), (READERS, READERS));
    }

    #[test]
    fn a_title_is_one_short_line() {
        assert_eq!(title("  a   room "), Some("a room".into()));
        for typed in ["", "   ", "\u{7f}", &"x".repeat(41)] {
            assert_eq!(title(typed), None, "{typed:?}");
        }
    }
}
