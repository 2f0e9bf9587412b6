//! Commands in places where the browser could not undo them, or would have to.

use lanai::js;
use lanai::prelude::*;

struct Tasks;

impl Tasks {
    fn remove(&mut self) {}
}

impl View for Tasks {
    fn render(&self) -> Html<Self> {
        html! {
            // What the view has rendered changes only until an answer.
            button onclick=(js::remove(js::closest("li"))) { "Remove" }
            button onclick=(js::remove("#first").then(Self::remove)) { "Remove" }
            // The focus cannot be taken back.
            button onclick=(on(Self::remove).optimistic(js::focus("#next"))) { "Remove" }
            // Neither a command nor a handler.
            button onclick=(js::hide("#menu").then("#other")) { "Hide" }
        }
    }
}

fn main() {}
