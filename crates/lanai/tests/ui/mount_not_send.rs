//! A mount function that holds a lock across an `.await`.

use std::sync::Mutex;

use lanai::prelude::*;

static VISITS: Mutex<u32> = Mutex::new(0);

struct Page;

impl Page {
    async fn mount(_cx: Cx<Self>, Path(_name): Path<String>) -> Self {
        let mut visits = VISITS.lock().unwrap();
        std::future::ready(()).await;
        *visits += 1;
        Self
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

fn main() {
    let _: App = App::new().route("/{name}", live(Page::mount));
}
