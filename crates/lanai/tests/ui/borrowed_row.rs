//! A closure that captures a row, which is only borrowed from the view.

use lanai::prelude::*;

struct Row {
    id: u32,
    name: String,
    cells: Vec<String>,
}

struct Page {
    rows: Vec<Row>,
    chosen: Option<Row>,
}

impl Page {
    fn remove(&mut self, id: u32) {
        self.rows.retain(|row| row.id != id);
    }

    fn say(&mut self, _: &str) {}
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            @for row in &self.rows {
                li key=(row.id) {
                    (row.name)
                    button onclick=(move |this: &mut Self| this.remove(row.id)) { "remove" }
                    @for cell in row.cells.iter() {
                        button key=(cell) onclick=(on(move |this: &mut Self| this.say(cell)).once()) { (cell) }
                    }
                }
            }
            @if let Some(chosen) = &self.chosen {
                button onclick=(async move |this: &mut Self| this.remove(chosen.id)) { "remove" }
            }
        }
    }
}

fn main() {}
