//! A sign-up with a field of each kind: rows that can be added, removed and moved, a name that must not be taken, and
//! errors at their fields.
//!
//! It also works without JavaScript: the browser then sends the form to a plain handler, which reads the same
//! [`SignUp`].

mod accounts;
mod sign_up;

use axum::Router;
use axum::extract::State;
use axum::response::{Html as Plain, IntoResponse, Response};
use lanai::prelude::*;

use accounts::Accounts;
use sign_up::{Address, Card, Payment, SignUp, Transfer};

/// The countries to choose from. A program may also load them.
const COUNTRIES: [(&str, &str); 5] =
    [("at", "Austria"), ("br", "Brazil"), ("de", "Germany"), ("in", "India"), ("us", "United States")];

/// The page of one visitor.
pub struct Page {
    form: LiveForm<SignUp>,
    accounts: Accounts,
    /// The name of who has just signed up.
    welcome: Option<String>,
}

impl Page {
    async fn mount(cx: Cx<Self>, State(accounts): State<Accounts>) -> Self {
        cx.title("Sign up");
        let mut form = LiveForm::new(SignUp::start());
        form.set_choices(SignUp::COUNTRY, COUNTRIES);
        let names = accounts.clone();
        let form = form.with_check(SignUp::NAME, move |name: String| {
            let names = names.clone();
            async move { if names.is_taken(&name).await { Err(format!("“{name}” is taken.")) } else { Ok(()) } }
        });
        Self { form, accounts, welcome: None }
    }

    /// Called when everything in the form is right.
    async fn save(&mut self, sign_up: SignUp) -> Result {
        self.accounts.add(&sign_up).await?;
        self.welcome = Some(sign_up.name);
        self.form.reset();
        Ok(())
    }

    fn add(&mut self, cx: &Cx<Self>) {
        if let Some(row) = self.form.add_row(SignUp::ADDRESSES).and_then(|key| self.form.row(SignUp::ADDRESSES, key)) {
            cx.focus(format!("#{}", row.field(Address::STREET).id()));
        }
    }

    fn remove(&mut self, key: u32, cx: &Cx<Self>) {
        self.form.remove_row(SignUp::ADDRESSES, key);
        // The button that had the focus is gone.
        cx.focus("#add-address");
    }

    fn move_to(&mut self, key: u32, position: usize) {
        self.form.move_row(SignUp::ADDRESSES, key, position);
    }

    /// The rows have buttons, so they are the page's own markup.
    fn addresses(&self) -> Html<Self> {
        let list = self.form.field(SignUp::ADDRESSES);
        let rows = self.form.rows(SignUp::ADDRESSES);
        html! {
            fieldset.addresses (list) {
                legend { "Addresses" }
                @for row in rows.iter() {
                    @let (key, index) = (row.key(), row.index());
                    article.address key=(key) aria-label={ "Address " (index + 1) } {
                        (row.field(Address::STREET))
                        div.grid { (row.field(Address::CODE)) (row.field(Address::CITY)) }
                        div.address-buttons {
                            button.outline.secondary type="button" disabled[row.is_first()] aria-label={ "Move address " (index + 1) " up" }
                                onclick=(move |page: &mut Self| page.move_to(key, index.saturating_sub(1))) { "↑" }
                            button.outline.secondary type="button" disabled[row.is_last()] aria-label={ "Move address " (index + 1) " down" }
                                onclick=(move |page: &mut Self| page.move_to(key, index + 1)) { "↓" }
                            button.outline.secondary type="button" aria-label={ "Remove address " (index + 1) }
                                onclick=(move |page: &mut Self, cx: &Cx<Self>| page.remove(key, cx)) { "Remove" }
                        }
                    }
                }
                (list.notes())
                button.outline #add-address type="button" disabled[rows.len() == 4] onclick=(Self::add) { "Add an address" }
            }
        }
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let form = &self.form;
        html! {
            h1 { "Sign up" }
            div role="status" {
                @if let Some(name) = &self.welcome { article.welcome { "Welcome, " strong { (name) } "! Here is the form for the next one." } }
            }
            form.sign-up (form.events(|page: &mut Self| &mut page.form, Self::save)) method="post" {
                (form.errors())
                (fields(form))
                (self.addresses())
                (last_fields(form))
                div.form-buttons {
                    button (form) { "Sign up" }
                    button.secondary type="reset" disabled[!form.is_dirty()] { "Reset" }
                    small role="status" { @if form.is_dirty() { "Not saved yet." } }
                }
            }
        }
    }
}

/// The fields before the addresses. A function that takes the form serves the plain page, too.
fn fields(form: &LiveForm<SignUp>) -> Html {
    let name = form.field(SignUp::NAME);
    let payment = form.group(SignUp::PAYMENT);
    html! {
        // Markup of your own: the attributes of the control still come from the form.
        div.lanai-field {
            label (name) {}
            input (name) aria-busy=[name.is_checking().then_some("true")] spellcheck="false";
            (name.notes())
        }
        (form.field(SignUp::EMAIL))
        div.grid { (form.field(SignUp::PASSWORD)) (form.field(SignUp::AGAIN)) }
        div.grid { (form.field(SignUp::BIRTHDAY)) (form.field(SignUp::CHILDREN)) }
        (form.field(SignUp::COUNTRY))
        (form.field(SignUp::PLAN))
        (payment.field(Payment::TAG))
        @match payment.value(Payment::TAG) {
            "Card" => {
                @let card = payment.group(Payment::CARD);
                div.grid { (card.field(Card::NUMBER)) (card.field(Card::EXPIRES)) }
            }
            "Transfer" => { (payment.group(Payment::TRANSFER).field(Transfer::IBAN)) }
            _ => {}
        }
        (form.field(SignUp::TOPICS))
        (form.field(SignUp::LANGUAGES))
        div.grid { (form.field(SignUp::CALL)) (form.field(SignUp::COLOR)) }
        (form.field(SignUp::MAILS))
        (form.field(SignUp::SITE))
        (form.field(SignUp::ABOUT))
    }
}

/// The fields after the addresses.
fn last_fields(form: &LiveForm<SignUp>) -> Html {
    html! { (form.field(SignUp::NEWS)) (form.field(SignUp::ACCEPTS)) }
}

/// Handles the form of a browser without JavaScript.
async fn without_javascript(State(accounts): State<Accounts>, mut form: LiveForm<SignUp>) -> Response {
    form.set_choices(SignUp::COUNTRY, COUNTRIES);
    if let Some(sign_up) = form.submitted() {
        match accounts.add(&sign_up).await {
            Ok(()) => return plain(&html! { h1 { "Welcome, " (sign_up.name) "!" } }).into_response(),
            Err(error) => form.add_error(error),
        }
    }
    plain(&html! {
        h1 { "Sign up" }
        form.sign-up method="post" novalidate {
            (form.errors())
            (fields(&form))
            @for row in form.rows(SignUp::ADDRESSES) {
                @let key = row.key();
                fieldset key=(key) {
                    legend { "Address " (row.index() + 1) }
                    (row.field(Address::STREET)) (row.field(Address::CODE)) (row.field(Address::CITY))
                }
            }
            (last_fields(&form))
            button { "Sign up" }
        }
    })
    .into_response()
}

/// A page that is not live.
fn plain(body: &Html) -> Plain<String> {
    let page = maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Sign up" }
                link rel="stylesheet" href="/theme/pico.css";
                link rel="stylesheet" href="/theme/theme.css";
            }
            body { main.container { (body.to_markup()) } }
        }
    };
    Plain(page.into_string())
}

/// Returns the route `/sign-up`.
pub fn routes() -> Router {
    Router::new().route("/sign-up", live(Page::mount).post(without_javascript)).with_state(Accounts::default())
}
