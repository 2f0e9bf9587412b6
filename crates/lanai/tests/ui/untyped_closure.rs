use lanai::prelude::*;

struct Counter {
    count: u32,
}

impl View for Counter {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(|this| this.count += 1) { "+1" } }
    }
}

fn main() {}
