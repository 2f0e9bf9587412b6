//! The shop: its products, and how many of each are left for everyone.

use std::sync::{Mutex, PoisonError};

use lanai::prelude::*;

/// Published when the stock has changed.
pub(crate) const STOCK: Topic<()> = Topic::local("basket/stock");

/// A product. Its number is its index among [`PRODUCTS`].
pub(crate) struct Product {
    pub(crate) name: &'static str,
    pub(crate) cents: u32,
}

/// What the shop sells.
pub(crate) static PRODUCTS: [Product; 4] = [
    Product { name: "Apples", cents: 250 },
    Product { name: "Bread", cents: 390 },
    Product { name: "Cheese", cents: 720 },
    Product { name: "Honey", cents: 545 },
];

/// How many of each product are left.
pub(crate) struct Shop(Mutex<[u32; PRODUCTS.len()]>);

impl Shop {
    pub(crate) fn new(each: u32) -> Self {
        Self(Mutex::new([each; PRODUCTS.len()]))
    }

    /// Takes one. Returns false if none is left.
    pub(crate) fn take(&self, product: usize) -> bool {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = left[product].checked_sub(1);
        left[product] = taken.unwrap_or(0);
        taken.is_some()
    }

    /// Puts some back.
    pub(crate) fn put_back(&self, product: usize, count: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[product] += count;
    }

    pub(crate) fn left(&self, product: usize) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[product]
    }
}

/// Writes a price: `2.50 €`.
pub(crate) fn price(cents: u32) -> String {
    format!("{}.{:02} €", cents / 100, cents % 100)
}
