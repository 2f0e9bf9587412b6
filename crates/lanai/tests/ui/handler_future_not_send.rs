use lanai::prelude::*;
use std::rc::Rc;

struct Page;

impl Page {
    async fn wait(&mut self) {
        let local = Rc::new(1);
        std::future::ready(()).await;
        drop(local);
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(Self::wait) { "wait" } }
    }
}

fn main() {}
