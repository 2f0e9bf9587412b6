//! [`Board`]: columns of cards, shared by all pages.

use std::collections::HashMap;

use lanai::Address;
use lanai::event::Sorted;
use lanai::prelude::*;
use lanai::replicated::CommandError;

use crate::cards::{COLUMNS, Card, Cards, Change, LONGEST_TITLE};

/// What people drag.
#[derive(Clone, Copy)]
struct CardId(u32);

#[derive(Deserialize)]
pub(crate) struct Draft {
    title: String,
}

/// The view of the cards, once on each node. Who drags what is known only there; the cards are everywhere.
pub(crate) struct Board {
    cards: Replicated<Cards>,
    /// The names of the people whose pages show the board.
    people: HashMap<Address, String>,
    /// The card that each page is dragging.
    held: HashMap<Address, u32>,
    /// Why the last change was not made.
    trouble: Option<String>,
}

impl Board {
    pub(crate) async fn mount(cx: Cx<Self>) -> Result<Self> {
        let cards = cx.replicated("board").await?;
        Ok(Self { cards, people: HashMap::new(), held: HashMap::new(), trouble: None })
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

    async fn add(&mut self, column: usize, draft: Draft, cx: &Cx<Self>) {
        if let Some(title) = title(&draft.title)
            && self.change(Change::Add { column, title }, cx).await
        {
            cx.reset_form();
        }
    }

    async fn rename(&mut self, id: u32, draft: Draft, cx: &Cx<Self>) {
        if let Some(title) = title(&draft.title) {
            self.change(Change::Rename { id, title }, cx).await;
        }
    }

    async fn delete(&mut self, id: u32, cx: &Cx<Self>) {
        self.change(Change::Delete { id }, cx).await;
    }

    /// Starts dragging a card. Everyone on this node sees who holds it.
    fn take(&mut self, id: u32, cx: &Cx<Self>) {
        self.held.extend(cx.event_source().map(|page| (page, id)));
    }

    fn let_go(&mut self, cx: &Cx<Self>) {
        if let Some(page) = cx.event_source() {
            self.held.remove(&page);
        }
    }

    async fn put(&mut self, id: u32, column: usize, before: Option<u32>, cx: &Cx<Self>) {
        self.change(Change::Move { id, column, before }, cx).await;
    }

    /// Moves a card up or down by one position in its column.
    async fn shift(&mut self, id: u32, down: bool, cx: &Cx<Self>) {
        self.change(Change::Shift { id, down }, cx).await;
    }

    /// Makes a change on all nodes, in the name of the page which sent the event; the page cannot claim another.
    /// Returns whether it was made.
    async fn change(&mut self, change: Change, cx: &Cx<Self>) -> bool {
        let page = cx.event_source();
        let name = page.and_then(|page| self.people.get(&page)).map_or("Somebody", String::as_str);
        let made = self.cards.command(|cards| cards.check(name, &change)).await;
        self.trouble = match &made {
            // What everyone sees anyway.
            Ok(_) | Err(CommandError::Refused(_)) => None,
            Err(error) => Some(format!("That was not kept: {error}.")),
        };
        made.is_ok()
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
        let cards = self.cards.read();
        html! {
            p.news role="status" { (cards.news) }
            @if let Some(trouble) = &self.trouble { p role="alert" { (trouble) } }
            div.board {
                @for (column, name) in COLUMNS.into_iter().enumerate() {
                    section.column key=(column) aria-label=(name) {
                        h2 { (name) " " small { (cards.columns[column].len()) } }
                        ul aria-label=(name)
                            onsort=(async move |board: &mut Self, sorted: Sorted<CardId>, cx: &Cx<Self>| {
                                board.put(sorted.data.0, column, sorted.before.map(|card| card.0), cx).await;
                            }) {
                            @for card in &cards.columns[column] {
                                @let id = card.id;
                                li.card.held[self.holder(id).is_some()] key=(id)
                                    ondragstart=(drag(CardId(id)).then(move |board: &mut Self, cx: &Cx<Self>| board.take(id, cx)))
                                    ondragend=(Self::let_go) {
                                    // Each browser decides for itself whether the card is open.
                                    details {
                                        summary { (card.title) }
                                        (menu(card, column))
                                    }
                                    @if let Some(name) = self.holder(id) { small.holder { "held by " (name) } }
                                }
                            }
                        }
                        form.add-card onsubmit=(async move |board: &mut Self, Form(draft): Form<Draft>, cx: &Cx<Self>| board.add(column, draft, cx).await) {
                            input name="title" placeholder="Add a card" aria-label={ "Add a card to " (name) } maxlength=(LONGEST_TITLE) autocomplete="off" required;
                            button aria-label={ "Add to " (name) } { "+" }
                        }
                    }
                }
            }
        }
    }
}

/// Renders what can be done with a card, also without dragging it.
fn menu(card: &Card, column: usize) -> Html<Board> {
    let id = card.id;
    html! {
        form.add-card onsubmit=(async move |board: &mut Board, Form(draft): Form<Draft>, cx: &Cx<Board>| board.rename(id, draft, cx).await) {
            input name="title" value=(card.title) aria-label="Title" maxlength=(LONGEST_TITLE) autocomplete="off" required;
            button { "Rename" }
        }
        div.card-buttons {
            button.outline aria-label="Up" onclick=(async move |board: &mut Board, cx: &Cx<Board>| board.shift(id, false, cx).await) { "↑" }
            button.outline aria-label="Down" onclick=(async move |board: &mut Board, cx: &Cx<Board>| board.shift(id, true, cx).await) { "↓" }
            @for (to, name) in COLUMNS.into_iter().enumerate() {
                button.outline key=(to) disabled[to == column] onclick=(async move |board: &mut Board, cx: &Cx<Board>| board.put(id, to, None, cx).await) { (name) }
            }
            button.outline.secondary onclick=(async move |board: &mut Board, cx: &Cx<Board>| board.delete(id, cx).await) { "Delete" }
        }
    }
}
