//! A table of a million rows, of which the page has those around the visible ones: it can be sorted and filtered, and a
//! link leads to any row.

mod payment;

use std::sync::Arc;

use axum::Router;
use lanai::prelude::*;
use lanai::virtual_list::VirtualList;

use payment::{CATEGORIES, Order, PAYMENTS, Payment, numbers};

/// The page.
struct Ledger {
    rows: VirtualList<Self>,
    numbers: Arc<[u32]>,
    order: Order,
    category: Option<&'static str>,
}

#[derive(Deserialize)]
struct Place {
    row: Option<usize>,
}

#[derive(Deserialize)]
struct Jump {
    row: usize,
}

impl Ledger {
    async fn mount(cx: Cx<Self>, Query(place): Query<Place>) -> Self {
        cx.title("A million rows");
        let rows = cx.virtual_list("ledger").count(PAYMENTS as usize).row_height(49);
        if let Some(row) = place.row {
            rows.jump_to(row.saturating_sub(1));
        }
        Self { rows, numbers: numbers(Order::Oldest, None), order: Order::Oldest, category: None }
    }

    fn jump(&mut self, Form(Jump { row }): Form<Jump>) {
        self.rows.jump_to(row.saturating_sub(1));
    }

    fn sort(&mut self, order: Order) {
        self.order = order;
        self.list();
    }

    fn filter(&mut self, Value(category): Value<String>) {
        self.category = CATEGORIES.into_iter().find(|one| *one == category);
        self.list();
    }

    fn list(&mut self) {
        self.numbers = numbers(self.order, self.category);
        self.rows.set_len(self.numbers.len());
        self.rows.jump_to(0);
    }

    fn column(&self, name: &'static str, order: Order) -> Html<Self> {
        let is_current = self.order == order;
        html! {
            button.order.outline.secondary[!is_current] aria-pressed=(is_current) onclick=(move |this: &mut Self| this.sort(order)) {
                (name)
            }
        }
    }
}

impl View for Ledger {
    fn render(&self) -> Html<Self> {
        let (first, count) = (self.rows.first_visible(), self.rows.len());
        html! {
            h1 { "A million rows" }
            div.ledger-bar {
                div role="group" aria-label="Order" {
                    (self.column("Oldest", Order::Oldest))
                    (self.column("Newest", Order::Newest))
                    (self.column("Largest", Order::Largest))
                }
                select aria-label="Category" oninput=(Self::filter) {
                    option value="" { "All categories" }
                    @for category in CATEGORIES {
                        option key=(category) value=(category) selected[self.category == Some(category)] { (category) }
                    }
                }
                form onsubmit=(Self::jump) {
                    div role="group" {
                        input name="row" type="number" min="1" max=(count) required placeholder="Row" aria-label="Row";
                        button { "Go" }
                    }
                }
            }
            div.ledger tabindex="0" role="region" aria-label="Payments" {
                table aria-rowcount=(count + 1) {
                    thead {
                        tr aria-rowindex="1" {
                            th scope="col" { "No." } th scope="col" { "Payment" } th.amount scope="col" { "Amount" }
                        }
                    }
                    tbody data-lanai-rows=(self.rows) {
                        @for row in &self.rows {
                            @let payment = Payment::new(self.numbers[row]);
                            tr.odd[row % 2 == 1] key=(payment.number) aria-rowindex=(row + 2) {
                                th scope="row" { (payment.number) }
                                td {
                                    (payment.name) " " small.category { (payment.category) }
                                    @if !payment.note.is_empty() { p.note { (payment.note) } }
                                }
                                td.amount { (payment.amount()) }
                            }
                        }
                    }
                }
            }
            p.ledger-foot {
                "Row " output #first { (first + 1) } " of " output #count { (count) } ". "
                a href=(format!("/ledger?row={}", first + 1)) { "Link to this row" }
                span.without-script {
                    " "
                    a href=(format!("/ledger?row={}", self.rows.range().end + 1)) { "Next rows" }
                }
            }
        }
    }
}

/// Returns the route `/ledger`.
pub fn routes() -> Router {
    Router::new().route("/ledger", live(Ledger::mount))
}
