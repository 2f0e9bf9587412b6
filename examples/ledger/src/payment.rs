//! A million payments, each computed from its number.

use std::sync::{Arc, LazyLock};

/// How many payments there are.
pub(crate) const PAYMENTS: u32 = 1_000_000;

pub(crate) const CATEGORIES: [&str; 6] = ["Groceries", "Travel", "Rent", "Books", "Music", "Garden"];

const NAMES: [&str; 12] =
    ["Ada", "Björn", "Chiara", "Dinesh", "Eva", "Farid", "Greta", "Hana", "Ivo", "Jun", "Kemi", "Lucía"];

const NOTES: [&str; 6] = [
    "",
    "Paid in cash.",
    "The receipt is in the blue folder.",
    "",
    "Half of it was for the neighbors, who will pay their share at the end of the month, or bring a cake.",
    "To be refunded.",
];

/// One line of the ledger.
pub(crate) struct Payment {
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) category: &'static str,
    pub(crate) note: &'static str,
    cents: u32,
}

impl Payment {
    pub(crate) fn new(number: u32) -> Self {
        let pick = |salt, all: &[&'static str]| all[mixed(number, salt) as usize % all.len()];
        let (name, category, note) = (pick(1, &NAMES), pick(2, &CATEGORIES), pick(3, &NOTES));
        Self { number, name, category, note, cents: cents(number) }
    }

    /// The amount, such as `12.50`.
    pub(crate) fn amount(&self) -> String {
        format!("{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

fn cents(number: u32) -> u32 {
    // Small amounts are more common.
    let part = mixed(number, 4) % 1000;
    100 + part * part / 20 + mixed(number, 5) % 100
}

/// Bits that look random, and are the same each time.
fn mixed(number: u32, salt: u32) -> u32 {
    let mut bits = number.wrapping_mul(0x9e37_79b9) ^ salt.wrapping_mul(0x85eb_ca6b);
    for _ in 0..2 {
        bits = (bits ^ bits >> 15).wrapping_mul(0x2c1b_3c6d);
    }
    bits ^ bits >> 16
}

/// The order of the lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Oldest,
    Newest,
    Largest,
}

/// Returns the numbers of the payments of a category, or of all, in an order.
pub(crate) fn numbers(order: Order, category: Option<&str>) -> Arc<[u32]> {
    static LARGEST: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let mut numbers: Vec<u32> = (1..=PAYMENTS).collect();
        numbers.sort_by_key(|number| std::cmp::Reverse(cents(*number)));
        numbers
    });
    let matches = |number: &u32| category.is_none_or(|category| Payment::new(*number).category == category);
    match order {
        Order::Oldest => (1..=PAYMENTS).filter(matches).collect(),
        Order::Newest => (1..=PAYMENTS).rev().filter(matches).collect(),
        Order::Largest => LARGEST.iter().copied().filter(matches).collect(),
    }
}
