//! A room: its messages, who is here, and who is typing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use lanai::prelude::*;
use lanai::presence::{Join, Leave};
use lanai::task::Task;

use crate::club::{self, Club, Line, ROOM, TYPING};
use crate::list::RoomList;
use crate::visitor::{Visitor, Who, avatar};

/// The number of entries that stay on the page.
const KEPT: usize = 200;

/// How long a visitor counts as typing after a keystroke.
const PAUSE: Duration = Duration::from_secs(4);

const LONGEST_TEXT: usize = 2000;

/// The page at `/rooms/in/{title}`.
pub(crate) struct Room {
    title: String,
    visitor: Visitor,
    list: RoomList,
    here: Present<Who>,
    typing: Present<Who>,
    entries: VecDeque<Entry>,
    /// The number of entries so far, which numbers the next one.
    count: u64,
    /// The timer that ends the typing indicator.
    pause: Option<Task>,
}

/// An entry in the conversation.
struct Entry {
    number: u64,
    what: What,
}

enum What {
    /// A message. It `continues` the previous entry if the same visitor wrote that.
    Message {
        line: Line,
        continues: bool,
    },
    Joined(String),
    Left(String),
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    text: String,
}

impl Room {
    pub(crate) async fn mount(
        cx: Cx<Self>,
        State(club): State<Arc<Club>>,
        visitor: Visitor,
        Path(typed): Path<String>,
    ) -> Result<Self> {
        let title = club::title(&typed).filter(|title| *title == typed).ok_or_else(Error::not_found)?;
        cx.title(format!("{title} · Rooms"));
        cx.subscribe(ROOM.at(&title), Self::received);
        cx.track(ROOM.at(&title), &visitor.id, visitor.who());
        cx.on_join(ROOM.at(&title), Self::joined);
        cx.on_leave(ROOM.at(&title), Self::left);
        let list_cx = cx.part(|room: &mut Self| &mut room.list);
        Ok(Self {
            list: RoomList::new(&list_cx, club, visitor.clone(), Some(title.clone())),
            here: cx.presence(ROOM.at(&title)),
            typing: cx.presence(TYPING.at(&title)),
            entries: VecDeque::new(),
            count: 0,
            pause: None,
            title,
            visitor,
        })
    }

    fn received(&mut self, line: &Line) {
        let last = self.entries.back().map(|entry| &entry.what);
        let continues = matches!(last, Some(What::Message { line: last, .. }) if last.from == line.from);
        self.push(What::Message { line: line.clone(), continues });
    }

    fn joined(&mut self, join: &Join<Who>) {
        if *join.key != *self.visitor.id {
            self.push(What::Joined(join.meta.name.clone()));
        }
    }

    fn left(&mut self, leave: &Leave<Who>) {
        self.push(What::Left(leave.meta.name.clone()));
    }

    fn push(&mut self, what: What) {
        self.entries.push_back(Entry { number: self.count, what });
        self.count += 1;
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
    }

    fn typed(&mut self, Value(text): Value<String>, cx: &Cx<Self>) {
        if text.trim().is_empty() {
            return self.paused(cx);
        }
        cx.track(TYPING.at(&self.title), &self.visitor.id, self.visitor.who());
        if let Some(previous) = self.pause.replace(cx.after(PAUSE, Self::paused)) {
            previous.cancel();
        }
    }

    fn paused(&mut self, cx: &Cx<Self>) {
        cx.untrack(TYPING.at(&self.title));
        if let Some(pause) = self.pause.take() {
            pause.cancel();
        }
    }

    fn send(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        let text: String = draft.text.trim().chars().take(LONGEST_TEXT).collect();
        if text.is_empty() {
            return;
        }
        let Visitor { id, name } = self.visitor.clone();
        cx.publish(ROOM.at(&self.title), Line { from: id, name, text });
        cx.reset_form();
        self.paused(cx);
    }

    /// Describes who else is typing.
    fn typing(&self) -> String {
        let others: Vec<_> = self.typing.iter().filter(|person| *person.key != *self.visitor.id).collect();
        match others.as_slice() {
            [] => String::new(),
            [one] => format!("{} is typing…", one.meta.name),
            [one, other] => format!("{} and {} are typing…", one.meta.name, other.meta.name),
            many => format!("{} people are typing…", many.len()),
        }
    }
}

impl View for Room {
    fn render(&self) -> Html<Self> {
        html! {
            div.room {
                aside.rooms aria-label="Rooms" {
                    h2 { a href="/rooms" { "Rooms" } }
                    (self.list.sidebar().map(|room: &mut Self| &mut room.list))
                }
                section.talk aria-label={ "Conversation in " (self.title) } {
                    header {
                        a.back href="/rooms" aria-label="All rooms" { "‹" }
                        h1 { (self.title) }
                    }
                    div.messages #messages role="log" aria-label="Messages" tabindex="0" {
                        div {
                            @if self.entries.is_empty() { p.empty { "Nothing said yet. Be the first!" } }
                            @for entry in &self.entries { div.entry key=(entry.number) { (entry.render()) } }
                        }
                    }
                    p.typing aria-live="polite" { (self.typing()) }
                    form.chat-form onsubmit=(Self::send) {
                        input name="text" placeholder={ "Say something to " (self.title) } aria-label="Your message" autocomplete="off"
                            maxlength=(LONGEST_TEXT) oninput=(on(Self::typed).throttle(Duration::from_millis(500)));
                        button { "Send" }
                    }
                }
                aside.people aria-label="Who is here" {
                    h2 { "Here" span.count #here { (self.here.len()) } }
                    ul {
                        @for person in &self.here {
                            li key=(person.key) {
                                (avatar(&person.key, &person.meta.name))
                                span { (person.meta.name) @if *person.key == *self.visitor.id { small { " (you)" } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Entry {
    fn render(&self) -> Html<Room> {
        html! {
            @match &self.what {
                What::Message { line, continues } => div.line.continues[*continues] {
                    @if !continues { (avatar(&line.from, &line.name)) strong { (line.name) } }
                    p { (line.text) }
                },
                What::Joined(name) => p.event { (name) " joined." },
                What::Left(name) => p.event { (name) " left." }
            }
        }
    }
}
