use lanai::prelude::*;

struct List {
    names: Vec<String>,
    colors: Vec<String>,
}

impl View for List {
    fn render(&self) -> Html<Self> {
        html! {
            form {
                @for name in &self.names {
                    p { (name) input name=(name); }
                }
                select name="color" {
                    @for color in &self.colors { option { (color) } }
                }
                @for name in &self.names {
                    "Of " (name) ": " @if !name.is_empty() { details { summary { "More" } } }
                }
                @for name in &self.names {
                    label key=(name) { (name) input type="checkbox" name=(name); }
                }
            }
        }
    }
}

fn main() {}
