//! Handlers whose closures own what they capture compile without a warning, even if a captured variable has the name of
//! one that is borrowed.

use std::sync::Arc;

use lanai::SharedList;
use lanai::prelude::*;
use lanai_test::css;

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
                    // This variable has the name of the loop's variable, but is another one.
                    @let row = row.id + 1;
                    button onclick=(move |this: &mut Self| this.say(row)) { "row" }
                    button onclick=(move |this: &mut Self| { let id = this.rows[0].id; this.say(id) }) { "first id" }
                }
            }
            // This loop yields handles, which are owned.
            @for row in &self.list {
                @let id = row.id;
                li key=(id) { button onclick=(move |this: &mut Self| this.say(&row.name)) { "list" } }
            }
            @for &(a, b) in &self.pairs {
                li key=(a) { button onclick=(move |this: &mut Self| this.say(a + b)) { "pair" } }
            }
            @for tab in TABS {
                li key=(tab) { button onclick=(move |this: &mut Self| this.say(tab)) { (tab) } }
            }
            p { (self.said) }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn closures_that_own_what_they_capture_need_no_word() -> lanai_test::Result {
    let page = lanai_test::app(App::new().route("/", live(Page::mount))).visit("/").await?;
    for (button, said) in [
        ("id", "1"),
        ("name", "row 1"),
        ("row", "2"),
        ("first id", "1"),
        ("list", "row 7"),
        ("pair", "7"),
        ("one", "one"),
        ("two", "two"),
    ] {
        page.click(button).await?;
        assert_eq!(page.text_of(css("p"))?, said, "{button}");
    }
    Ok(())
}
