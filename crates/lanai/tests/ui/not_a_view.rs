use lanai::prelude::*;

struct Page;

impl Page {
    async fn mount(_: Cx<Self>) -> Self {
        Self
    }
}

fn main() {
    let _: App = App::new().route("/", live(Page::mount));
}
