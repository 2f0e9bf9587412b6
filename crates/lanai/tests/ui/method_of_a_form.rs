use lanai::prelude::*;

struct Page;

impl Page {
    fn submit(&mut self) {}
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            form method="post" onsubmit=(Self::submit) { button { "Send" } }
            form onsubmit=(Self::submit) method=("get") {}
            dialog open { form method="dialog" onsubmit=(Self::submit) { button { "Close" } } }
            form method="get" action="/search" { input name="q"; }
        }
    }
}

fn main() {}
