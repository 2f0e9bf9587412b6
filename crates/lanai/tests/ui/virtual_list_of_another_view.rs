//! A virtual list whose type names another view, and one that the view does not keep.

use lanai::prelude::*;
use lanai::virtual_list::VirtualList;

struct Other;

struct Log {
    rows: VirtualList<Other>,
}

impl Log {
    fn mount(cx: Cx<Self>) -> Self {
        Self { rows: cx.virtual_list("log").count(10) }
    }
}

impl View for Log {
    fn render(&self) -> Html<Self> {
        html! { ul data-lanai-rows=(self.rows) { @for row in &self.rows { li key=(row) { (row) } } } }
    }
}

fn main() {}
