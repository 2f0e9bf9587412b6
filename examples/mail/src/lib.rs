//! Mail for people who like the keyboard: shortcuts for everything, messages that are dragged to folders, a list
//! without an end, and a filter in the address.
//!
//! Each visitor has messages of their own, which are forgotten with the page.

mod parts;
mod store;

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::Query;
use lanai::event::{Dropped, Shortcuts};
use lanai::prelude::*;

use store::{Folder, Id, Message, Store, Undo};

/// How many messages the list has at first, and how many more when its end comes into view.
const PAGE: usize = 30;

/// What the list shows: the query of the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Filter {
    folder: Folder,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
}

/// Messages that are dragged.
#[derive(Debug, Clone)]
struct Dragged(BTreeSet<Id>);

#[derive(Deserialize)]
struct Draft {
    to: String,
    subject: String,
    text: String,
}

/// The page of one visitor.
pub struct Mail {
    store: Store,
    filter: Filter,
    /// How many messages of the list are on the page.
    shown: usize,
    /// The message that keys act on.
    current: Option<Id>,
    selected: BTreeSet<Id>,
    open: Option<Id>,
    is_composing: bool,
    undo: Option<Undo>,
    help: Option<Shortcuts>,
}

impl Mail {
    async fn mount(cx: Cx<Self>, Query(filter): Query<Filter>) -> Self {
        cx.on_query(Self::show);
        let mut mail = Self {
            store: Store::filled(),
            filter: Filter::default(),
            shown: PAGE,
            current: None,
            selected: BTreeSet::new(),
            open: None,
            is_composing: false,
            undo: None,
            help: None,
        };
        mail.show(filter, &cx);
        mail
    }

    fn show(&mut self, filter: Filter, cx: &Cx<Self>) {
        self.filter = filter;
        self.shown = PAGE;
        self.selected.clear();
        self.open = None;
        self.current = self.list().first().map(|message| message.id);
        cx.title(self.filter.folder.name());
    }

    fn search(&mut self, Value(q): Value<String>, cx: &Cx<Self>) {
        self.show(Filter { q, ..self.filter.clone() }, cx);
        cx.replace_query(&self.filter);
    }

    fn list(&self) -> Vec<&Message> {
        self.store.list(self.filter.folder, &self.filter.q)
    }

    fn more(&mut self) {
        self.shown += PAGE;
    }

    // Moving in the list.

    fn go(&mut self, steps: isize, cx: &Cx<Self>) {
        let list = self.list();
        let at = list.iter().position(|message| Some(message.id) == self.current).unwrap_or(0);
        let next = at.saturating_add_signed(steps).min(list.len().saturating_sub(1));
        self.current = list.get(next).map(|message| message.id);
        self.shown = self.shown.max(next + 1);
        if self.open.is_some() {
            self.open = self.current;
            self.read();
        } else {
            self.focus(cx);
        }
    }

    fn next(&mut self, cx: &Cx<Self>) {
        self.go(1, cx);
    }

    fn previous(&mut self, cx: &Cx<Self>) {
        self.go(-1, cx);
    }

    /// Focuses the current message.
    fn focus(&self, cx: &Cx<Self>) {
        match self.current {
            Some(id) => cx.focus(format!("#open-{id}")),
            None => cx.focus("#list-title"),
        }
    }

    // Reading.

    fn open(&mut self, id: Id, cx: &Cx<Self>) {
        (self.open, self.current) = (Some(id), Some(id));
        self.read();
        cx.focus("#subject");
    }

    fn open_current(&mut self, cx: &Cx<Self>) {
        if let Some(id) = self.current {
            self.open(id, cx);
        }
    }

    fn read(&mut self) {
        if let Some(message) = self.open.and_then(|id| self.store.get_mut(id)) {
            message.is_unread = false;
        }
    }

    fn close(&mut self, cx: &Cx<Self>) {
        if self.open.take().is_some() {
            self.focus(cx);
        }
    }

    // Selecting.

    fn select(&mut self, id: Id) {
        self.current = Some(id);
        if !self.selected.remove(&id) {
            self.selected.insert(id);
        }
    }

    fn select_current(&mut self) {
        if let Some(id) = self.current {
            self.select(id);
        }
    }

    fn select_all(&mut self, Checked(all): Checked) {
        self.selected = if all { self.list().iter().map(|message| message.id).collect() } else { BTreeSet::new() };
    }

    /// Returns what keys and buttons act on: the selected messages, or the current one.
    fn chosen(&self) -> BTreeSet<Id> {
        if self.selected.is_empty() { self.current.into_iter().collect() } else { self.selected.clone() }
    }

    // Acting.

    fn put(&mut self, ids: &BTreeSet<Id>, to: Folder, cx: &Cx<Self>) {
        let before: Vec<Id> = self.list().iter().map(|message| message.id).collect();
        let undo = self.store.put(ids, to);
        if ids.is_empty() {
            return;
        }
        self.undo = Some(undo);
        self.selected.retain(|id| !ids.contains(id));
        // The next message that is still there takes the place of the current one.
        let rest = self.list();
        let is_there = |id: &Id| rest.iter().any(|message| message.id == *id);
        let at = before.iter().position(|id| Some(*id) == self.current).unwrap_or(0);
        let after = before[at.min(before.len())..].iter().chain(before[..at].iter().rev());
        self.current = after.copied().find(is_there);
        if self.open.is_some_and(|id| ids.contains(&id)) {
            self.open = None;
        }
        if self.open.is_none() {
            self.focus(cx);
        }
    }

    fn archive(&mut self, cx: &Cx<Self>) {
        self.put(&self.chosen(), Folder::Archive, cx);
    }

    fn delete(&mut self, cx: &Cx<Self>) {
        self.put(&self.chosen(), Folder::Trash, cx);
    }

    fn undo(&mut self, cx: &Cx<Self>) {
        if let Some(undo) = self.undo.take() {
            self.store.take_back(&undo);
            self.current = self.list().iter().map(|message| message.id).find(|id| undo.has(*id)).or(self.current);
            self.focus(cx);
        }
    }

    fn star(&mut self, ids: &BTreeSet<Id>) {
        let star = ids.iter().filter_map(|id| self.store.get(*id)).any(|message| !message.is_starred);
        for id in ids {
            if let Some(message) = self.store.get_mut(*id) {
                message.is_starred = star;
            }
        }
    }

    fn star_chosen(&mut self) {
        self.star(&self.chosen());
    }

    fn dropped(&mut self, on: Folder, Dropped { data: Dragged(ids), .. }: Dropped<Dragged>, cx: &Cx<Self>) {
        match on {
            Folder::Starred => {
                for id in ids {
                    if let Some(message) = self.store.get_mut(id) {
                        message.is_starred = true;
                    }
                }
            }
            folder => self.put(&ids, folder, cx),
        }
    }

    // Writing.

    fn compose(&mut self) {
        self.is_composing = true;
    }

    fn discard(&mut self, cx: &Cx<Self>) {
        self.is_composing = false;
        self.focus(cx);
    }

    fn send(&mut self, Form(Draft { to, subject, text }): Form<Draft>, cx: &Cx<Self>) {
        let subject = if subject.trim().is_empty() { "(no subject)".into() } else { subject };
        self.store.send(to, subject, text);
        self.undo = Some(Undo::nothing("Your message was sent"));
        self.discard(cx);
    }

    fn show_help(&mut self, shortcuts: Shortcuts) {
        self.help = Some(shortcuts);
    }

    fn hide_help(&mut self) {
        self.help = None;
    }
}

/// Returns the route `/mail`.
pub fn routes() -> Router {
    Router::new().route("/mail", live(Mail::mount))
}
