//! [`Board`]: columns of cards, shared by all.

use std::collections::HashMap;

use lanai::Address;
use lanai::prelude::*;

const COLUMNS: [&str; 3] = ["To do", "Doing", "Done"];

/// How many cards the board holds.
const CARDS: usize = 200;

/// How many characters a title has at most.
const TITLE: usize = 120;

struct Card {
    id: u32,
    title: String,
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    title: String,
}

pub(crate) struct Board {
    columns: [Vec<Card>; COLUMNS.len()],
    last_id: u32,
    /// Who is behind the pages that show the board.
    people: HashMap<Address, String>,
    /// Which card each page has in the hand.
    held: HashMap<Address, u32>,
    /// What happened last.
    news: String,
}

impl Board {
    pub(crate) fn new(_: Cx<Self>) -> Self {
        let mut board = Self {
            columns: Default::default(),
            last_id: 0,
            people: HashMap::new(),
            held: HashMap::new(),
            news: "Nobody has moved anything yet.".into(),
        };
        for (column, title) in [
            (0, "Drag me to another column"),
            (0, "Open me to rename or delete me"),
            (1, "Write a board"),
            (2, "Read the guide"),
        ] {
            board.append(column, title.into());
        }
        board
    }

    /// The private part of a page says who is there.
    pub(crate) fn meet(&mut self, page: Address, name: String) {
        self.people.insert(page, name);
    }

    /// A page was closed. What was in its hand stays where it is.
    pub(crate) fn forget(&mut self, page: Address) {
        self.people.remove(&page);
        self.held.remove(&page);
    }

    fn add(&mut self, column: usize, draft: Draft, cx: &Cx<Self>) {
        let count: usize = self.columns.iter().map(Vec::len).sum();
        if let Some(title) = title(&draft.title).filter(|_| count < CARDS) {
            self.tell(cx, format!("added “{title}”"));
            self.append(column, title);
            cx.reset_form();
        }
    }

    fn append(&mut self, column: usize, title: String) {
        self.last_id += 1;
        self.columns[column].push(Card { id: self.last_id, title });
    }

    fn rename(&mut self, id: u32, draft: Draft, cx: &Cx<Self>) {
        if let (Some((column, index)), Some(title)) = (self.find(id), title(&draft.title)) {
            let before = std::mem::replace(&mut self.columns[column][index].title, title.clone());
            self.tell(cx, format!("called “{before}” “{title}”"));
        }
    }

    fn delete(&mut self, id: u32, cx: &Cx<Self>) {
        if let Some((column, index)) = self.find(id) {
            let card = self.columns[column].remove(index);
            self.held.retain(|_, held| *held != id);
            self.tell(cx, format!("deleted “{}”", card.title));
        }
    }

    /// A card is dragged: all see in whose hand it is.
    fn take(&mut self, id: u32, cx: &Cx<Self>) {
        self.held.extend(cx.event_source().map(|page| (page, id)));
    }

    fn let_go(&mut self, cx: &Cx<Self>) {
        if let Some(page) = cx.event_source() {
            self.held.remove(&page);
        }
    }

    /// What this page has in the hand is dropped in a column: before a card, or at the end.
    fn drop_held(&mut self, column: usize, before: Option<u32>, cx: &Cx<Self>) {
        if let Some(id) = cx.event_source().and_then(|page| self.held.remove(&page)) {
            self.put(id, column, before, cx);
        }
    }

    fn put(&mut self, id: u32, column: usize, before: Option<u32>, cx: &Cx<Self>) {
        // Somebody else may have deleted it meanwhile, or it was dropped on itself.
        let Some((from, index)) = self.find(id).filter(|_| before != Some(id)) else { return };
        let card = self.columns[from].remove(index);
        self.tell(cx, format!("moved “{}” to {}", card.title, COLUMNS[column]));
        let cards = &mut self.columns[column];
        let at = cards.iter().position(|card| Some(card.id) == before).unwrap_or(cards.len());
        cards.insert(at, card);
    }

    /// One place up or down in its column.
    fn shift(&mut self, id: u32, down: bool, cx: &Cx<Self>) {
        let Some((column, index)) = self.find(id) else { return };
        let cards = &mut self.columns[column];
        let to = if down { index + 1 } else { index.wrapping_sub(1) };
        if to < cards.len() {
            cards.swap(index, to);
            let title = cards[to].title.clone();
            self.tell(cx, format!("moved “{title}” {}", if down { "down" } else { "up" }));
        }
    }

    fn find(&self, id: u32) -> Option<(usize, usize)> {
        let place = |(column, cards): (usize, &Vec<Card>)| Some((column, cards.iter().position(|card| card.id == id)?));
        self.columns.iter().enumerate().find_map(place)
    }

    /// The event's page tells who it was: what a page says of itself does not matter.
    fn tell(&mut self, cx: &Cx<Self>, what: String) {
        let name = cx.event_source().and_then(|page| self.people.get(&page));
        self.news = format!("{} {what}.", name.map_or("Somebody", String::as_str));
    }

    /// In whose hand a card is.
    fn holder(&self, id: u32) -> Option<&str> {
        let (page, _) = self.held.iter().find(|(_, held)| **held == id)?;
        Some(self.people.get(page).map_or("Somebody", String::as_str))
    }
}

fn title(typed: &str) -> Option<String> {
    let title: String = typed.trim().chars().take(TITLE).collect();
    (!title.is_empty()).then_some(title)
}

impl View for Board {
    fn render(&self) -> Html<Self> {
        html! {
            p.news role="status" { (self.news) }
            div.board {
                @for (column, name) in COLUMNS.into_iter().enumerate() {
                    // Only what prevents its `dragover` can be dropped on. That it happened needs to be said only once.
                    section.column key=(column) aria-label=(name)
                        ondragover=(on(|_: &mut Self| ()).prevent().once())
                        ondrop=(on(move |board: &mut Self, cx: &Cx<Self>| board.drop_held(column, None, cx)).prevent()) {
                        h2 { (name) " " small { (self.columns[column].len()) } }
                        ul {
                            @for card in &self.columns[column] {
                                @let id = card.id;
                                li.card.held[self.holder(id).is_some()] key=(id) draggable="true"
                                    ondragstart=(move |board: &mut Self, cx: &Cx<Self>| board.take(id, cx))
                                    ondragend=(Self::let_go)
                                    ondrop=(on(move |board: &mut Self, cx: &Cx<Self>| board.drop_held(column, Some(id), cx)).prevent().stop()) {
                                    // Whether it is open is each browser's own affair.
                                    details {
                                        summary { (card.title) }
                                        (menu(card, column))
                                    }
                                    @if let Some(name) = self.holder(id) { small.holder { "in the hand of " (name) } }
                                }
                            }
                        }
                        form.add-card onsubmit=(move |board: &mut Self, Form(draft): Form<Draft>, cx: &Cx<Self>| board.add(column, draft, cx)) {
                            input name="title" placeholder="Add a card" aria-label={ "Add a card to " (name) } maxlength=(TITLE) autocomplete="off" required;
                            button aria-label={ "Add to " (name) } { "+" }
                        }
                    }
                }
            }
        }
    }
}

/// What can be done with a card without dragging it: by keyboard, and on touch screens.
fn menu(card: &Card, column: usize) -> Html<Board> {
    let id = card.id;
    html! {
        form.add-card onsubmit=(move |board: &mut Board, Form(draft): Form<Draft>, cx: &Cx<Board>| board.rename(id, draft, cx)) {
            input name="title" value=(card.title) aria-label="Title" maxlength=(TITLE) autocomplete="off" required;
            button { "Rename" }
        }
        div.card-buttons {
            button.outline aria-label="Up" onclick=(move |board: &mut Board, cx: &Cx<Board>| board.shift(id, false, cx)) { "↑" }
            button.outline aria-label="Down" onclick=(move |board: &mut Board, cx: &Cx<Board>| board.shift(id, true, cx)) { "↓" }
            @for (to, name) in COLUMNS.into_iter().enumerate() {
                button.outline key=(to) disabled[to == column] onclick=(move |board: &mut Board, cx: &Cx<Board>| board.put(id, to, None, cx)) { (name) }
            }
            button.outline.secondary onclick=(move |board: &mut Board, cx: &Cx<Board>| board.delete(id, cx)) { "Delete" }
        }
    }
}
