//! Closures that capture what is not borrowed compile without a warning, whatever it is called.

use std::sync::Arc;

use lanai::SharedList;
use lanai::prelude::*;
use wire::{Server, Visitor};

struct Row {
    id: u32,
    name: String,
}

struct Page {
    rows: Vec<Row>,
    list: SharedList<Row>,
    pairs: Vec<(u32, u32)>,
    said: String,
}

const TABS: &[&str] = &["one", "two"];

impl Page {
    fn mount(_cx: Cx<Self>) -> Self {
        let row = |id| Row { id, name: format!("row {id}") };
        let list = SharedList::new();
        list.change(|list| list.push(Arc::new(row(7))));
        Self { rows: vec![row(1)], list, pairs: vec![(3, 4)], said: String::new() }
    }

    fn say(&mut self, what: impl ToString) {
        self.said = what.to_string();
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            @for row in &self.rows {
                @let id = row.id;
                @let name = row.name.clone();
                li key=(row.id) {
                    button onclick=(move |this: &mut Self| this.say(id)) { "id" }
                    button onclick=(move |this: &mut Self| this.say(&name)) { "name" }
                    // It has the name of the loop's variable, and is another.
                    @let row = row.id + 1;
                    button onclick=(move |this: &mut Self| this.say(row)) { "row" }
                    button onclick=(move |this: &mut Self| { let id = this.rows[0].id; this.say(id) }) { "id" }
                }
            }
            // It yields handles.
            @for row in &self.list {
                @let id = row.id;
                li key=(id) { button onclick=(move |this: &mut Self| this.say(&row.name)) { "list" } }
            }
            @for &(a, b) in &self.pairs {
                li key=(a) { button onclick=(move |this: &mut Self| this.say(a + b)) { "pair" } }
            }
            @for tab in TABS {
                li key=(tab) { button onclick=(move |this: &mut Self| this.say(tab)) { "tab" } }
            }
            p { (self.said) }
        }
    }
}

#[tokio::test]
async fn closures_that_own_what_they_capture_need_no_word() {
    let server = Server::start(App::new().route("/", live(Page::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for (handler, said) in [(0, "1"), (1, "row 1"), (2, "2"), (3, "1"), (4, "row 7"), (5, "7"), (6, "one"), (7, "two")]
    {
        visitor.event(handler, None).await;
        let frame = visitor.settled().await.pop().expect("a frame");
        assert!(frame.contains(&format!("\"{said}\"")), "{handler}: {frame}");
    }
}
