use lanai::prelude::*;

struct Counter;

struct Other;

impl Other {
    fn up(&mut self) {}
}

impl View for Counter {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(Other::up) { "+1" } }
    }
}

fn main() {}
