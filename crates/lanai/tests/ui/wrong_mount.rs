use lanai::prelude::*;

struct Page;

impl Page {
    fn new() -> Self {
        Self
    }

    async fn mount(_: Cx<Self>, _: std::net::TcpStream) -> Self {
        Self
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

fn main() {
    let _: App = App::new().route("/", live(Page::new)).route("/a", live(Page::mount));
}
