//! [`Cards`]: what is on the board, the same on all nodes.

use lanai::prelude::*;

pub(crate) const COLUMNS: [&str; 3] = ["To do", "Doing", "Done"];

/// The maximum number of cards.
const CARDS: usize = 200;

/// The maximum length of a title, in characters.
pub(crate) const LONGEST_TITLE: usize = 120;

#[derive(Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) id: u32,
    pub(crate) title: String,
}

/// The cards, folded from what people have done.
#[derive(Serialize, Deserialize)]
pub(crate) struct Cards {
    pub(crate) columns: [Vec<Card>; COLUMNS.len()],
    last_id: u32,
    /// The last change.
    pub(crate) news: String,
}

/// What somebody has done.
#[derive(Serialize, Deserialize)]
pub(crate) struct Done {
    /// Their name.
    by: String,
    what: Change,
}

/// A change of the cards. It was checked when it was made, so it can be applied.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Change {
    Add {
        column: usize,
        title: String,
    },
    Rename {
        id: u32,
        title: String,
    },
    Delete {
        id: u32,
    },
    /// To a place before another card, or at the end of the column.
    Move {
        id: u32,
        column: usize,
        before: Option<u32>,
    },
    /// Up or down by one position.
    Shift {
        id: u32,
        down: bool,
    },
}

impl Default for Cards {
    fn default() -> Self {
        let mut cards = Self { columns: Default::default(), last_id: 0, news: "No one has moved anything yet.".into() };
        for (column, title) in [
            (0, "Drag me to another column"),
            (0, "Open me to rename or delete me"),
            (1, "Write a board"),
            (2, "Read the guide"),
        ] {
            cards.append(column, title.into());
        }
        cards
    }
}

impl Replicate for Cards {
    type Event = Done;

    fn apply(&mut self, Done { by, what }: &Done) {
        let told = match what.clone() {
            Change::Add { column, title } => {
                self.append(column, title.clone());
                format!("added “{title}”")
            }
            Change::Rename { id, title } => {
                let Some(card) = self.columns.iter_mut().flatten().find(|card| card.id == id) else { return };
                let before = std::mem::replace(&mut card.title, title.clone());
                format!("called “{before}” “{title}”")
            }
            Change::Delete { id } => {
                let Some((column, index)) = self.find(id) else { return };
                format!("deleted “{}”", self.columns[column].remove(index).title)
            }
            Change::Move { id, column, before } => {
                let Some((from, index)) = self.find(id) else { return };
                let card = self.columns[from].remove(index);
                let told = format!("moved “{}” to {}", card.title, COLUMNS[column]);
                let cards = &mut self.columns[column];
                let at = cards.iter().position(|card| Some(card.id) == before).unwrap_or(cards.len());
                cards.insert(at, card);
                told
            }
            Change::Shift { id, down } => {
                let Some((column, index, to)) = self.neighbor(id, down) else { return };
                self.columns[column].swap(index, to);
                format!("moved “{}” {}", self.columns[column][to].title, if down { "down" } else { "up" })
            }
        };
        self.news = format!("{by} {told}.");
    }
}

impl Cards {
    /// Checks a change against the cards as they are now.
    pub(crate) fn check(&self, by: &str, what: &Change) -> Result<Done, &'static str> {
        match what {
            Change::Add { .. } if self.columns.iter().map(Vec::len).sum::<usize>() >= CARDS => {
                return Err("The board is full.");
            }
            Change::Add { .. } => {}
            // Dropped on itself.
            Change::Move { id, before, .. } if *before == Some(*id) => return Err("The card stays."),
            Change::Shift { id, down } if self.neighbor(*id, *down).is_none() => return Err("The card stays."),
            Change::Rename { id, .. } | Change::Delete { id } | Change::Move { id, .. } | Change::Shift { id, .. } => {
                self.find(*id).ok_or("Somebody has deleted the card meanwhile.")?;
            }
        }
        Ok(Done { by: by.to_owned(), what: what.clone() })
    }

    fn append(&mut self, column: usize, title: String) {
        self.last_id += 1;
        self.columns[column].push(Card { id: self.last_id, title });
    }

    /// Finds the column and the index of a card.
    fn find(&self, id: u32) -> Option<(usize, usize)> {
        let find = |(column, cards): (usize, &Vec<Card>)| Some((column, cards.iter().position(|card| card.id == id)?));
        self.columns.iter().enumerate().find_map(find)
    }

    /// Finds the column and the index of a card, and the index of the one below or above it.
    fn neighbor(&self, id: u32, down: bool) -> Option<(usize, usize, usize)> {
        let (column, index) = self.find(id)?;
        let to = if down { index + 1 } else { index.checked_sub(1)? };
        (to < self.columns[column].len()).then_some((column, index, to))
    }
}
