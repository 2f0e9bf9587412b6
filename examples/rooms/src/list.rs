//! [`RoomList`]: the rooms, with the number of people and of unread lines in each. It is a part of both pages.

use std::sync::Arc;

use lanai::prelude::*;

use crate::club::{CHANGED, Changed, Club, Line, ROOM, address};
use crate::visitor::{Visitor, Who, avatar};

/// Tells a visitor's other pages that they have read a room: `READ.at(id)` is for one visitor.
const READ: Topic<Changed> = Topic::local("rooms/read");

/// The number of people in a room who are shown in the lobby.
const FACES: usize = 5;

/// The rooms as seen by one visitor.
pub(crate) struct RoomList {
    club: Arc<Club>,
    visitor: Visitor,
    /// The room that the visitor is in, if this is a room's page.
    current: Option<String>,
    rooms: Vec<Entry>,
}

struct Entry {
    title: String,
    here: Present<Who>,
    unread: u64,
    last: Option<Arc<Line>>,
}

impl RoomList {
    pub(crate) fn new(cx: &Cx<Self>, club: Arc<Club>, visitor: Visitor, current: Option<String>) -> Self {
        club.listen(cx.broker());
        club.greet(&visitor);
        cx.subscribe(CHANGED, Self::changed);
        cx.subscribe(READ.at(&visitor.id), Self::read_elsewhere);
        let mut list = Self { club, visitor, current, rooms: Vec::new() };
        for title in list.club.titles() {
            list.refresh(&title, cx);
        }
        list
    }

    fn changed(&mut self, changed: &Changed, cx: &Cx<Self>) {
        self.refresh(&changed.title, cx);
    }

    fn read_elsewhere(&mut self, read: &Changed, cx: &Cx<Self>) {
        self.refresh(&read.title, cx);
    }

    fn refresh(&mut self, title: &str, cx: &Cx<Self>) {
        if self.current.as_deref() == Some(title) && self.club.read(&self.visitor, title) {
            cx.publish_to_others(READ.at(&self.visitor.id), Changed { title: title.into() });
        }
        if !self.club.lists(title) {
            return;
        }
        let index = self.rooms.iter().position(|room| room.title == title).unwrap_or_else(|| {
            let here = cx.presence(ROOM.at(title));
            self.rooms.push(Entry { title: title.into(), here, unread: 0, last: None });
            self.rooms.len() - 1
        });
        self.rooms[index].unread = self.club.unread(&self.visitor, title);
        self.rooms[index].last = self.club.last_line(title);
    }

    /// Renders a short list, next to a conversation.
    pub(crate) fn sidebar(&self) -> Html<Self> {
        html! {
            nav.room-list aria-label="Rooms" {
                ul {
                    @for room in &self.rooms {
                        li key=(room.title) {
                            a href=(address(&room.title)) aria-current=[self.is_current(room).then_some("page")] {
                                span.title { (room.title) }
                                (room.badge())
                                span.count title="people here" { (room.here.len()) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Renders the list for the lobby, with avatars and the last line of each room.
    pub(crate) fn cards(&self) -> Html<Self> {
        html! {
            div.room-cards {
                @for room in &self.rooms {
                    a.room-card key=(room.title) href=(address(&room.title)) {
                        span.head { strong { (room.title) } (room.badge()) }
                        @match &room.last {
                            Some(line) => span.last { (line.name) ": " (line.text) },
                            None => span.last { "Nothing said yet." }
                        }
                        span.faces {
                            @for person in room.here.iter().take(FACES) {
                                span key=(person.key) { (avatar(&person.key, &person.meta.name)) }
                            }
                            small {
                                @match room.here.len() {
                                    0 => "Nobody here",
                                    1 => "1 here",
                                    count => { (count) " here" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn is_current(&self, room: &Entry) -> bool {
        self.current.as_deref() == Some(&room.title)
    }
}

impl Entry {
    fn badge(&self) -> Html {
        html! {
            @if self.unread > 0 {
                span.badge aria-label={ (self.unread) " unread" } { (self.unread.min(99)) @if self.unread > 99 { "+" } }
            }
        }
    }
}
