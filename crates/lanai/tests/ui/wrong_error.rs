//! Mount functions that return something that is not an error, or not a view.

use lanai::prelude::*;

#[derive(Debug)]
struct NotAnError;

struct Page;

impl Page {
    async fn mount(_cx: Cx<Self>) -> Result<Self, NotAnError> {
        Err(NotAnError)
    }

    fn mount_now(_cx: Cx<Self>) -> Result<Self, NotAnError> {
        Err(NotAnError)
    }

    async fn mount_number(_cx: Cx<Self>) -> u32 {
        7
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

fn main() {
    let _: App = App::new()
        .route("/", live(Page::mount))
        .route("/now", live(Page::mount_now))
        .route("/number", live(Page::mount_number));
}
