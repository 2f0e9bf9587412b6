//! A room: what is said in it, who is here, and who is typing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use lanai::prelude::*;
use lanai::presence::{Join, Leave};
use lanai::task::Task;

use crate::club::{self, Club, Line, ROOM, TYPING};
use crate::list::RoomList;
use crate::visitor::{Visitor, Who, avatar};

/// How many lines stay on the page.
const KEPT: usize = 200;

/// How long somebody counts as typing after a keystroke.
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
    /// How many entries there were before, which tells them apart.
    count: u64,
    /// Ends what the others see of typing.
    pause: Option<Task>,
}

/// Something in the conversation.
struct Entry {
    number: u64,
    what: What,
}

enum What {
    /// A line; `goes_on` if the one before is of the same person.
    Said {
        line: Line,
        goes_on: bool,
    },
    Came(String),
    Went(String),
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
        cx.on_join(ROOM.at(&title), Self::came);
        cx.on_leave(ROOM.at(&title), Self::went);
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
        let goes_on = matches!(self.entries.back(), Some(Entry { what: What::Said { line: last, .. }, .. }) if last.from == line.from);
        self.push(What::Said { line: line.clone(), goes_on });
    }

    fn came(&mut self, join: &Join<Who>) {
        if *join.key != *self.visitor.id {
            self.push(What::Came(join.meta.name.clone()));
        }
    }

    fn went(&mut self, leave: &Leave<Who>) {
        self.push(What::Went(leave.meta.name.clone()));
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
        if let Some(before) = self.pause.replace(cx.after(PAUSE, Self::paused)) {
            before.cancel();
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

    /// Who else is typing, in words.
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
                What::Said { line, goes_on } => div.line.goes-on[*goes_on] {
                    @if !goes_on { (avatar(&line.from, &line.name)) strong { (line.name) } }
                    p { (line.text) }
                },
                What::Came(name) => p.event { (name) " has come in." },
                What::Went(name) => p.event { (name) " has gone." }
            }
        }
    }
}
