//! A page that is longer than the window, and scrolls to its parts.

use lanai::prelude::*;

pub(crate) struct Scroll {
    has_end: bool,
}

impl Scroll {
    pub(crate) async fn mount(cx: Cx<Self>, to: Option<Path<String>>) -> Self {
        if let Some(Path(to)) = to {
            cx.scroll_to(format!("#{to}"));
        }
        Self { has_end: false }
    }

    fn end(&mut self, cx: &Cx<Self>) {
        self.has_end = true;
        cx.scroll_to("#end");
    }
}

impl View for Scroll {
    fn render(&self) -> Html<Self> {
        html! {
            button #start onclick=(Self::end) { "end" }
            @for number in 0..200 { p id=(format!("p{number}")) { (number) } }
            @if self.has_end { h2 #end { "The end" } }
        }
    }
}
