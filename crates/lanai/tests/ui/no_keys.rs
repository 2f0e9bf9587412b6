use lanai::prelude::*;

struct Page;

impl Page {
    fn next(&mut self) {}
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            main onshortcut=(Self::next) ononline=(Self::next) { "A shortcut without keys, and an event of the window." }
        }
    }
}

fn main() {}
