//! [`Order`]: what the questions are about.

use lanai::prelude::*;

/// The price of the book, in cents.
pub(crate) const PRICE: u32 = 24_00;

/// Everything that an order consists of.
pub(crate) struct Order {
    pub(crate) address: Address,
    pub(crate) delivery: Delivery,
    pub(crate) payment: Payment,
}

#[derive(Form, Default, Clone)]
pub(crate) struct Address {
    #[form(max_length = 60, autocomplete = "name")]
    pub(crate) name: String,
    #[form(max_length = 80, label = "Street and number", autocomplete = "street-address")]
    pub(crate) street: String,
    #[form(max_length = 10, label = "Postal code", autocomplete = "postal-code")]
    pub(crate) code: String,
    #[form(max_length = 60, autocomplete = "address-level2")]
    pub(crate) city: String,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Delivery {
    Bicycle,
    Post,
    Pickup,
}

#[derive(Form, Default, Clone)]
pub(crate) struct Payment {
    #[form(label = "How do you pay?")]
    pub(crate) way: Way,
}

/// Only the fields of the chosen variant must be filled in.
#[derive(Form, Default, Clone)]
#[form(label = "Pay by", type = "radio")]
pub(crate) enum Way {
    #[default]
    Invoice,
    Card(Card),
}

#[derive(Form, Default, Clone)]
pub(crate) struct Card {
    #[form(pattern = "[0-9 ]{12,23}", label = "Card number", autocomplete = "cc-number")]
    pub(crate) number: String,
    #[form(type = "month", label = "Valid until", autocomplete = "cc-exp")]
    expires: String,
}

impl Delivery {
    pub(crate) const ALL: [Self; 3] = [Self::Bicycle, Self::Post, Self::Pickup];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Bicycle => "By bicycle",
            Self::Post => "By post",
            Self::Pickup => "I pick it up",
        }
    }

    pub(crate) fn promise(self) -> &'static str {
        match self {
            Self::Bicycle => "It is there today",
            Self::Post => "It is there in three days",
            Self::Pickup => "It waits for you in the shop",
        }
    }

    /// The price, in cents.
    pub(crate) fn price(self) -> u32 {
        match self {
            Self::Bicycle => 6_50,
            Self::Post => 2_90,
            Self::Pickup => 0,
        }
    }
}

impl Payment {
    /// Describes the payment, without the whole number of a card.
    pub(crate) fn summary(&self) -> String {
        match &self.way {
            Way::Invoice => "Invoice".into(),
            Way::Card(card) => {
                let digits: Vec<char> = card.number.chars().filter(char::is_ascii_digit).collect();
                format!("Card … {}", digits[digits.len().saturating_sub(4)..].iter().collect::<String>())
            }
        }
    }
}

impl Order {
    /// The price of everything, in cents.
    pub(crate) fn total(&self) -> u32 {
        PRICE + self.delivery.price()
    }
}

/// Renders a price in cents.
pub(crate) fn euros(cents: u32) -> String {
    format!("{}.{:02} €", cents / 100, cents % 100)
}
