use lanai::prelude::*;

struct Page {
    name: String,
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { p { (self.) } p { (self.nmae) } }
    }
}

fn main() {}
