//! [`Club`]: the topics of the chat, and what this process remembers of them for all visitors.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lanai::prelude::*;
use lanai::{Broker, SubscriberId, Subscription};

use crate::visitor::Visitor;

/// What is said, below it by the title of the room. Who comes late is handed the last lines.
pub(crate) const ROOM: Topic<Line> = Topic::new("room").history(100);

/// Rooms that were opened. A title is any text: [`Topic::at`] keeps it from ever reaching another topic.
pub(crate) const OPENED: Topic<Opened> = Topic::new("rooms").history(100);

/// Who is typing, by the title of the room: nothing is published there, but people are present.
pub(crate) const TYPING: Topic<Line> = Topic::new("rooms/typing");

/// What the club remembers of a room has changed. It is told within this process only.
pub(crate) const CHANGED: Topic<Changed> = Topic::local("rooms/changed");

/// The rooms that are there before anybody opens one.
const FIRST: [&str; 3] = ["Lounge", "Rust", "Kitchen"];

/// How many rooms are listed. Further ones can be talked in by those who know the address.
const LISTED: usize = 100;

/// For how many visitors it is remembered what they have read.
const READERS: usize = 10_000;

const LONGEST_TITLE: usize = 40;

/// Something that was said.
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

/// The rooms as this process knows them: it listens to all of them, once for all visitors.
#[derive(Default)]
pub(crate) struct Club {
    memory: Mutex<Memory>,
    subscriptions: OnceLock<[Subscription; 2]>,
}

#[derive(Default)]
struct Memory {
    /// In the order in which they were opened.
    titles: Vec<String>,
    rooms: HashMap<String, Room>,
    /// How many lines of each room a visitor has read.
    read: HashMap<String, HashMap<String, u64>>,
    /// The visitors among these, oldest first.
    readers: VecDeque<String>,
}

#[derive(Default)]
struct Room {
    lines: u64,
    last: Option<Arc<Line>>,
}

impl Club {
    /// Begins to listen, if it does not yet. (The broker is that of the app, which is there when the first visitor comes.)
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
                broker.subscribe(subscriber, OPENED, on_opened).expect("a topic of one type"),
                broker.subscribe(subscriber, ROOM.any(), on_line).expect("a topic of one type"),
            ]
        });
    }

    /// The titles of all rooms, in the order in which they were opened.
    pub(crate) fn titles(&self) -> Vec<String> {
        self.memory().titles.clone()
    }

    /// What was said last in a room.
    pub(crate) fn last_line(&self, title: &str) -> Option<Arc<Line>> {
        self.memory().rooms.get(title)?.last.clone()
    }

    /// Somebody is here. What was said before they came first is not unread.
    pub(crate) fn greet(&self, visitor: &Visitor) {
        self.memory().greet(visitor);
    }

    /// Whether a room is in the list.
    pub(crate) fn lists(&self, title: &str) -> bool {
        self.memory().rooms.contains_key(title)
    }

    /// How many lines of a room a visitor has not read.
    pub(crate) fn unread(&self, visitor: &Visitor, title: &str) -> u64 {
        let memory = self.memory();
        let lines = memory.rooms.get(title).map_or(0, |room| room.lines);
        let read = memory.read.get(&visitor.id).and_then(|read| read.get(title)).copied();
        lines.saturating_sub(read.unwrap_or(0))
    }

    /// A visitor has read all that was said in a room. Returns whether there was something unread.
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
    // A local topic of one type: there is nothing to go wrong.
    let _ = broker.publish(CHANGED, Changed { title: title.to_owned() });
}

/// The title that somebody has typed, if it can be one.
pub(crate) fn title(typed: &str) -> Option<String> {
    let title = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = !title.is_empty() && title.chars().count() <= LONGEST_TITLE && !title.contains(char::is_control);
    fits.then_some(title)
}

/// The address of a room.
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
    fn what_was_said_before_one_came_is_not_unread_and_what_is_read_is_not_either() {
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
    fn neither_rooms_nor_readers_grow_without_end() {
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
    fn a_title_is_what_can_be_read_in_one_line() {
        assert_eq!(title("  a   room "), Some("a room".into()));
        for typed in ["", "   ", "\u{7f}", &"x".repeat(41)] {
            assert_eq!(title(typed), None, "{typed:?}");
        }
    }
}
