//! [`SignUp`]: the form, with a field of each kind.

use lanai::prelude::*;

/// What somebody who signs up tells.
#[derive(Form, Default, Debug)]
pub(crate) struct SignUp {
    #[form(
        min_length = 3,
        max_length = 20,
        pattern = "[A-Za-z0-9_]*",
        autocomplete = "username",
        hint = "3 to 20 letters, digits or underscores. “ada” is taken."
    )]
    pub(crate) name: String,
    #[form(type = "email", autocomplete = "email")]
    pub(crate) email: String,
    #[form(type = "password", min_length = 12, max_length = 200, autocomplete = "new-password")]
    password: String,
    #[form(type = "password", label = "The password again", equals = password, autocomplete = "new-password")]
    again: String,
    #[form(type = "date", label = "Date of birth", min = "1900-01-01", max = "2013-12-31", autocomplete = "bday")]
    birthday: String,
    #[form(label = "Children", range(min = 0, max = 20))]
    children: Option<u8>,
    #[form(type = "select", autocomplete = "country")]
    country: String,
    #[form(type = "radio", label = "Your plan")]
    pub(crate) plan: Plan,
    #[form(label = "How do you pay?")]
    payment: Payment,
    #[form(type = "checkbox", label = "What are you interested in?", min_length = 1)]
    topics: Vec<Subject>,
    #[form(label = "Which languages do you speak?", hint = "Hold Ctrl or ⌘ to choose several.", max_length = 3)]
    languages: Vec<Language>,
    #[form(type = "time", label = "When may we call you?")]
    call: Option<String>,
    #[form(type = "range", label = "Mails in a month", range(min = 0, max = 30))]
    mails: u8,
    #[form(type = "color", label = "Your color")]
    color: Option<String>,
    #[form(type = "url", label = "Web site", placeholder = "https://example.org", optional, autocomplete = "url")]
    site: String,
    #[form(type = "textarea", label = "About you", optional, max_length = 300)]
    about: String,
    #[form(min_length = 1, max_length = 4)]
    pub(crate) addresses: Vec<Address>,
    #[form(required, label = "I accept the terms")]
    accepts: bool,
    #[form(label = "Send me news")]
    news: bool,
    /// No page can set this.
    #[form(skip)]
    pub(crate) is_admin: bool,
}

#[derive(Form, Default, Debug, Clone, Copy, PartialEq)]
pub(crate) enum Plan {
    #[default]
    #[form(label = "Free")]
    Free,
    #[form(label = "Team, 20 € a month")]
    Team,
}

/// Only the fields of the chosen variant must be filled in.
#[derive(Form, Default, Debug)]
#[form(label = "Pay by", type = "radio")]
pub(crate) enum Payment {
    #[default]
    Invoice,
    Card(Card),
    #[form(label = "Bank transfer")]
    Transfer(Transfer),
}

#[derive(Form, Default, Debug)]
pub(crate) struct Card {
    #[form(pattern = "[0-9 ]{12,23}", label = "Card number", autocomplete = "cc-number")]
    number: String,
    #[form(type = "month", label = "Valid until", autocomplete = "cc-exp")]
    expires: String,
}

#[derive(Form, Default, Debug)]
pub(crate) struct Transfer {
    #[form(label = "IBAN", pattern = "[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,38}")]
    iban: String,
}

#[derive(Form, Debug, Clone, Copy, PartialEq)]
pub(crate) enum Subject {
    Rust,
    #[form(label = "The web")]
    Web,
    Databases,
}

#[derive(Form, Debug, Clone, Copy, PartialEq)]
pub(crate) enum Language {
    English,
    Deutsch,
    Français,
    Español,
}

#[derive(Form, Default, Debug)]
pub(crate) struct Address {
    #[form(autocomplete = "street-address", max_length = 100)]
    street: String,
    #[form(label = "Postal code", max_length = 10, autocomplete = "postal-code")]
    code: String,
    #[form(max_length = 100)]
    city: String,
}

impl SignUp {
    /// Returns what the form shows at the start.
    pub(crate) fn start() -> Self {
        Self { mails: 4, addresses: vec![Address::default()], ..Self::default() }
    }
}
