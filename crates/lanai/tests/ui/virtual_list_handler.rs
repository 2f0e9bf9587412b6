//! A handler of `on_rows` that does not take the range of the rows.

use lanai::prelude::*;
use lanai::virtual_list::VirtualList;

struct Log {
    rows: VirtualList<Self>,
}

impl Log {
    fn mount(cx: Cx<Self>) -> Self {
        Self { rows: cx.virtual_list("log").count(1_000_000).on_rows(Self::load) }
    }

    fn load(&mut self, first: usize) {
        _ = first;
    }
}

impl View for Log {
    fn render(&self) -> Html<Self> {
        html! { ul data-lanai-rows=(self.rows) { @for row in &self.rows { li key=(row) { (row) } } } }
    }
}

fn main() {}
