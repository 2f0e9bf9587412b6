//! The questions of the wizard: each is a function that shows something and returns the answer.
//!
//! The button that led to a question is gone, so its heading gets the focus: there a screen reader goes on.

use std::time::Duration;

use lanai::flow::{Answers, Flow, Screen};
use lanai::prelude::*;
use lanai::{Flash, Inert};
use tokio::time::{Instant, interval_at};

use crate::order::{Address, Card, Delivery, Order, PRICE, Payment, Way, euros};

/// The steps: their names in the URL, and what people read.
const STEPS: [(&str, &str); 4] =
    [("address", "Address"), ("delivery", "Delivery"), ("payment", "Payment"), ("summary", "Summary")];

/// How many minutes the book is kept for somebody who does not order it.
const KEPT: u32 = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// Shows how far the visitor has come. `at` is the current step, from 1; the steps before it are links.
pub(crate) fn progress<V: 'static>(at: usize) -> Html<V> {
    html! {
        nav.wizard-steps aria-label="Steps" {
            ol {
                @for (number, (name, title)) in (1..).zip(STEPS) {
                    li.done[number < at] key=(name) aria-current=[(number == at).then_some("step")] {
                        @if number < at && at <= STEPS.len() { a href={ "?step=" (name) } { (title) } } @else { span { (title) } }
                    }
                }
            }
        }
    }
}

/// A button that does what the browser's does.
fn back<V: Send + 'static>() -> Html<V> {
    html! { button.secondary type="button" onclick=(|_: &mut V, cx: &Cx<V>| cx.back()) { "Back" } }
}

pub(crate) async fn ask_address(page: &mut Flow, before: Option<Address>) -> Result<Address> {
    let is_back = before.is_some();
    let address = page.fill(LiveForm::new(before.unwrap_or_default()), move |form, at| {
        html! {
            (progress(1))
            div.wizard {
                h1 tabindex="-1" autofocus[is_back] { "Where do you live?" }
                form (form.events(at, |address| address)) {
                    (form.field(Address::NAME))
                    (form.field(Address::STREET))
                    div.grid { (form.field(Address::CODE)) (form.field(Address::CITY)) }
                    div.form-buttons { button { "Go on" } }
                }
            }
        }
    });
    Ok(address.await)
}

pub(crate) async fn ask_delivery(page: &mut Flow, address: &Address, before: Option<Delivery>) -> Result<Delivery> {
    let delivery = page.ask(|at| {
        html! {
            (progress(2))
            div.wizard {
                h1 tabindex="-1" autofocus { "How does it come to " (address.city) "?" }
                div.wizard-choices {
                    @for delivery in Delivery::ALL {
                        button.outline.secondary[before != Some(delivery)] key=(delivery.title()) onclick=(at.answer(delivery)) {
                            strong { (delivery.title()) }
                            span { (delivery.promise()) }
                            span.price { (euros(delivery.price())) }
                        }
                    }
                }
                div.form-buttons { (back()) }
            }
        }
    });
    Ok(delivery.await)
}

pub(crate) async fn ask_payment(page: &mut Flow, before: Option<Payment>) -> Result<Payment> {
    let payment = page.fill(LiveForm::new(before.unwrap_or_default()), |form, at| {
        let way = form.group(Payment::WAY);
        html! {
            (progress(3))
            div.wizard {
                h1 tabindex="-1" autofocus { "How do you pay?" }
                form (form.events(at, |payment| payment)) {
                    (way.field(Way::TAG))
                    @if way.value(Way::TAG) == "Card" {
                        @let card = way.group(Way::CARD);
                        div.grid { (card.field(Card::NUMBER)) (card.field(Card::EXPIRES)) }
                    }
                    div.form-buttons { button { "Go on" } (back()) }
                }
            }
        }
    });
    Ok(payment.await)
}

/// Shows the whole order, and returns when the visitor has confirmed it. If they take too long, the book is given to
/// somebody else.
pub(crate) async fn confirm(page: &mut Flow, order: &Order) -> Result<()> {
    let mut minutes = KEPT;
    let mut clock = interval_at(Instant::now() + MINUTE, MINUTE);
    let mut question = page.ask(|at| summary(order, minutes, at));
    while minutes > 0 {
        tokio::select! {
            () = question.next() => return Ok(()),
            _ = clock.tick() => minutes -= 1,
        }
        question.show(|at| summary(order, minutes, at));
    }
    drop(question);
    page.cx()
        .flash(Flash::warning("You took your time, and somebody else has taken the book. We have got another one."));
    Err(Error::redirect("/wizard"))
}

fn summary(order: &Order, minutes: u32, at: &Answers<()>) -> Html<Screen> {
    html! {
        (progress(4))
        div.wizard {
            h1 tabindex="-1" autofocus { "Is everything right?" }
            (table(order))
            p.wizard-kept role="timer" {
                "We keep the book for you for another " (minutes) @if minutes == 1 { " minute." } @else { " minutes." }
            }
            div.form-buttons { button onclick=(at.answer(())) { "Order for " (euros(order.total())) } (back()) }
        }
    }
}

fn table(order: &Order) -> Html<Inert> {
    let Order { address, delivery, payment } = order;
    html! {
        dl.wizard-summary {
            dt { "The book" }
            dd { span { "Views from the Lanai" } span.price { (euros(PRICE)) } }
            dt { "To" }
            dd { span { (address.name) br; (address.street) br; (address.code) " " (address.city) } a href="?step=address" aria-label="Change the address" { "Change" } }
            dt { (delivery.title()) }
            dd { span { (delivery.promise()) } span.price { (euros(delivery.price())) } }
            dt { "Payment" }
            dd { span { (payment.summary()) } a href="?step=payment" aria-label="Change the payment" { "Change" } }
            dt { "Total" }
            dd { span {} strong.price { (euros(order.total())) } }
        }
    }
}
