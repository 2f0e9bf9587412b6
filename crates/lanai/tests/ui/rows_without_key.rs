use lanai::prelude::*;

struct List {
    items: Vec<u32>,
}

impl List {
    fn remove(&mut self, id: u32) {
        self.items.retain(|item| *item != id);
    }
}

impl View for List {
    fn render(&self) -> Html<Self> {
        html! {
            ul {
                @for item in &self.items {
                    @let id = *item;
                    li { (id) button onclick=(move |this: &mut Self| this.remove(id)) { "remove" } }
                }
            }
            p key=(1) { "no row" }
        }
    }
}

fn main() {}
