//! A counter: one field of state, two handlers, and a patch of a few bytes for each click.

use axum::Router;
use lanai::prelude::*;

/// A number that two buttons change. It is a page, and can also be a part of another view.
#[derive(Default)]
pub struct Counter {
    count: i64,
}

impl Counter {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Counter");
        Self::default()
    }

    fn up(&mut self) {
        self.count += 1;
    }

    fn down(&mut self) {
        self.count -= 1;
    }
}

impl View for Counter {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Counter" }
            (self.buttons())
        }
    }
}

impl Counter {
    /// Renders the counter without its heading.
    pub fn buttons(&self) -> Html<Self> {
        html! {
            div.counter {
                button.outline onclick=(Self::down) { "-1" }
                output #count aria-live="polite" { (self.count) }
                button onclick=(Self::up) { "+1" }
            }
        }
    }
}

/// Returns the route `/counter`.
pub fn routes() -> Router {
    Router::new().route("/counter", live(Counter::mount))
}
