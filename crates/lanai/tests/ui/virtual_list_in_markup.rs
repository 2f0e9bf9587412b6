//! A virtual list in the place of its rows, and a loop over something that is no row.

use lanai::prelude::*;
use lanai::virtual_list::VirtualList;

struct Log {
    rows: VirtualList<Self>,
    lines: Vec<String>,
}

impl View for Log {
    fn render(&self) -> Html<Self> {
        html! {
            ul data-lanai-rows=(self.rows) {
                @for row in self.rows { li key=(row) { (self.lines[row]) } }
            }
            ul data-lanai-rows=(self.rows) {
                @for line in &self.rows { li key=(line) { (line.text) } }
            }
        }
    }
}

fn main() {}
