//! A wizard: a book is ordered in four steps, as one `async` function. The browser's Back button goes one step back, and
//! nothing that was filled in is lost.

mod order;
mod questions;
mod shop;

use axum::Router;
use axum::extract::State;
use lanai::flow::{Flow, flow};
use lanai::prelude::*;

use order::Order;
use questions::{ask_address, ask_delivery, ask_payment, confirm, progress};
use shop::Shop;

/// The whole wizard, from top to bottom.
async fn order(mut page: Flow, State(shop): State<Shop>) -> Result<Html> {
    page.cx().title("Order a book");
    let address = page.step("address", ask_address).await?;
    let delivery = page.step("delivery", async |page, before| ask_delivery(page, &address, before).await).await?;
    let payment = page.step("payment", ask_payment).await?;
    let order = Order { address, delivery, payment };
    page.step("summary", async |page, _| confirm(page, &order).await).await?;

    page.show(html! { (progress(4)) p aria-busy="true" role="status" { "Your order is on its way to us …" } });
    // Back runs this function again, but nobody orders twice.
    let number = page.once("order", shop.place(&order)).await?;
    Ok(html! {
        (progress(5))
        div.wizard {
            h1 tabindex="-1" autofocus { "Thank you, " (order.address.name) "!" }
            p role="status" { "This is order number " strong { (number) } ". " (order.delivery.promise()) " in " (order.address.city) "." }
            p { a href="/wizard" { "Order another one" } }
        }
    })
}

/// Returns the route `/wizard`.
pub fn routes() -> Router {
    Router::new().route("/wizard", flow(order)).with_state(Shop::default())
}
