//! Functions that are not flows, and questions that are not answered.

use std::sync::Mutex;

use lanai::flow::{Flow, flow};
use lanai::prelude::*;

static VISITS: Mutex<u32> = Mutex::new(0);

struct Unlike;

async fn takes_no_page() -> Html {
    html! {}
}

async fn takes_a_body(_page: Flow, _body: String) {}

async fn returns_a_number(_page: Flow) -> u32 {
    1
}

async fn returns_an_unlike_error(_page: Flow) -> Result<Html, Unlike> {
    Err(Unlike)
}

fn is_not_async(_page: Flow) -> Html {
    html! {}
}

async fn holds_a_lock(mut page: Flow) {
    let mut visits = VISITS.lock().unwrap();
    page.ask(|at| html! { button onclick=(at.answer(())) { "Go on" } }).await;
    *visits += 1;
}

async fn mixes_answers(mut page: Flow) {
    page.ask(|at| html! { button onclick=(at.answer(1)) { "One" } button onclick=(at.answer("two")) { "Two" } }).await;
}

async fn asks_twice_at_once(mut page: Flow) {
    let one = page.ask(|at| html! { button onclick=(at.answer(1)) { "One" } });
    let two = page.ask(|at| html! { button onclick=(at.answer(2)) { "Two" } });
    one.await;
    two.await;
}

async fn answers_with_what_is_no_event(mut page: Flow) {
    page.ask(|at| html! { form onsubmit=(at.answer_with(|name: String| name)) {} }).await;
}

fn main() {
    let _: App = App::new()
        .route("/1", flow(takes_no_page))
        .route("/2", flow(takes_a_body))
        .route("/3", flow(returns_a_number))
        .route("/4", flow(returns_an_unlike_error))
        .route("/5", flow(is_not_async))
        .route("/6", flow(holds_a_lock));
}
