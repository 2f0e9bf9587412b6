//! [`Board`]: columns of cards, shared by all pages.

use std::collections::HashMap;

use lanai::Address;
use lanai::prelude::*;

const COLUMNS: [&str; 3] = ["To do", "Doing", "Done"];

/// The maximum number of cards.
const CARDS: usize = 200;

/// The maximum length of a title, in characters.
const LONGEST_TITLE: usize = 120;

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
    /// The names of the people whose pages show the board.
    people: HashMap<Address, String>,
    /// The card that each page is dragging.
    held: HashMap<Address, u32>,
    /// The last change.
    news: String,
}

impl Board {
    pub(crate) fn new(_: Cx<Self>) -> Self {
        let mut board = Self {
            columns: Default::default(),
            last_id: 0,
            people: HashMap::new(),
            held: HashMap::new(),
            news: "No one has moved anything yet.".into(),
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

    /// Learns the name that belongs to a page. The private view around the board calls this.
    pub(crate) fn meet(&mut self, page: Address, name: String) {
        self.people.insert(page, name);
    }

    /// Forgets a page that was closed. The card that it was dragging stays in its column.
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

    /// Starts dragging a card. Everyone sees who holds it.
    fn take(&mut self, id: u32, cx: &Cx<Self>) {
        self.held.extend(cx.event_source().map(|page| (page, id)));
    }

    fn let_go(&mut self, cx: &Cx<Self>) {
        if let Some(page) = cx.event_source() {
            self.held.remove(&page);
        }
    }

    /// Drops the card that this page is dragging into a column: before another card, or at the end.
    fn drop_held(&mut self, column: usize, before: Option<u32>, cx: &Cx<Self>) {
        if let Some(id) = cx.event_source().and_then(|page| self.held.remove(&page)) {
            self.put(id, column, before, cx);
        }
    }

    fn put(&mut self, id: u32, column: usize, before: Option<u32>, cx: &Cx<Self>) {
        // Someone else may have deleted it meanwhile, or it was dropped on itself.
        let Some((from, index)) = self.find(id).filter(|_| before != Some(id)) else { return };
        let card = self.columns[from].remove(index);
        self.tell(cx, format!("moved “{}” to {}", card.title, COLUMNS[column]));
        let cards = &mut self.columns[column];
        let at = cards.iter().position(|card| Some(card.id) == before).unwrap_or(cards.len());
        cards.insert(at, card);
    }

    /// Moves a card up or down by one position in its column.
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
        let find = |(column, cards): (usize, &Vec<Card>)| Some((column, cards.iter().position(|card| card.id == id)?));
        self.columns.iter().enumerate().find_map(find)
    }

    /// Announces a change. The name is that of the page which sent the event; the page cannot claim another.
    fn tell(&mut self, cx: &Cx<Self>, what: String) {
        let name = cx.event_source().and_then(|page| self.people.get(&page));
        self.news = format!("{} {what}.", name.map_or("Somebody", String::as_str));
    }

    /// Returns the name of the person who is dragging a card.
    fn holder(&self, id: u32) -> Option<&str> {
        let (page, _) = self.held.iter().find(|(_, held)| **held == id)?;
        Some(self.people.get(page).map_or("Somebody", String::as_str))
    }
}

fn title(typed: &str) -> Option<String> {
    let title: String = typed.trim().chars().take(LONGEST_TITLE).collect();
    (!title.is_empty()).then_some(title)
}

impl View for Board {
    fn render(&self) -> Html<Self> {
        html! {
            p.news role="status" { (self.news) }
            div.board {
                @for (column, name) in COLUMNS.into_iter().enumerate() {
                    // An element accepts a drop only if it prevents the default action of `dragover`. It prevents it
                    // each time, but sends the event only once.
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
                                    // Each browser decides for itself whether the card is open.
                                    details {
                                        summary { (card.title) }
                                        (menu(card, column))
                                    }
                                    @if let Some(name) = self.holder(id) { small.holder { "held by " (name) } }
                                }
                            }
                        }
                        form.add-card onsubmit=(move |board: &mut Self, Form(draft): Form<Draft>, cx: &Cx<Self>| board.add(column, draft, cx)) {
                            input name="title" placeholder="Add a card" aria-label={ "Add a card to " (name) } maxlength=(LONGEST_TITLE) autocomplete="off" required;
                            button aria-label={ "Add to " (name) } { "+" }
                        }
                    }
                }
            }
        }
    }
}

/// Renders what can be done with a card without dragging it: with the keyboard, or on a touch screen.
fn menu(card: &Card, column: usize) -> Html<Board> {
    let id = card.id;
    html! {
        form.add-card onsubmit=(move |board: &mut Board, Form(draft): Form<Draft>, cx: &Cx<Board>| board.rename(id, draft, cx)) {
            input name="title" value=(card.title) aria-label="Title" maxlength=(LONGEST_TITLE) autocomplete="off" required;
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
