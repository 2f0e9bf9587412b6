use lanai::prelude::*;

struct Page {
    name: String,
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.nmae) }
            @if self. { p { "yes" } }
            @for x in { p { (x) } }
            @for in self.name.chars() { "x" }
            @match { _ => {} }
            p title=
        }
    }
}

fn main() {}
