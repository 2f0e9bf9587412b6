use lanai::prelude::*;

struct Page {
    part: Part,
}

struct Part;

impl Part {
    fn up(&mut self) {}

    fn render(&self) -> Html<Self> {
        html! { button onclick=(Self::up) { "+1" } }
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { div { (self.part.render()) } }
    }
}

fn main() {}
