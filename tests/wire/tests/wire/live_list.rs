//! Live lists: their frames do not grow with the list, and rows keep their handlers although later renderings do not
//! contain them.

use lanai::App;
use lanai::prelude::*;
use lanai_test::{Page, css, role, text};
use serde_json::json;
use wire::op;

const ITEMS: Topic<u32> = Topic::new("tracked-items");

/// The slot of [`Items`] that shows the removed items.
const REMOVED: i64 = 0;

/// The slot of [`Items`] for the rows.
const ROWS: i64 = 1;

/// Items that a click removes, 1,000 from the start.
struct Items {
    items: LiveList<u32>,
    removed: Vec<u32>,
}

impl Items {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(ITEMS, |this: &mut Self, item: &u32| this.items.push(*item));
        Self { items: (0..1000).collect(), removed: Vec::new() }
    }

    fn remove(&mut self, item: u32) {
        self.items.retain(|other| *other != item);
        self.removed.push(item);
    }
}

impl View for Items {
    fn render(&self) -> Html<Self> {
        html! {
            p { (format!("{:?}", self.removed)) }
            ul {
                @for item in &self.items {
                    @let item = *item;
                    li key=(item) {
                        button onclick=(move |this: &mut Self| this.remove(item)) { "Remove " (item) }
                    }
                }
            }
        }
    }
}

/// The last message that the page has received: a frame, as a step waits for the answer.
fn last_frame(page: &Page) -> String {
    page.wire().received().pop().expect("a frame")
}

#[tokio::test(start_paused = true)]
async fn an_append_to_a_long_list_is_a_small_frame() -> lanai_test::Result {
    let app = lanai_test::app(App::new().route("/", live(Items::mount)));
    let page = app.visit("/").await?;
    app.broker().publish(ITEMS, 5000).unwrap();
    page.has(role("button").named("Remove 5000")).await?;
    app.broker().publish(ITEMS, 5001).unwrap();
    page.has(role("button").named("Remove 5001")).await?;
    // It keeps 1,001 rows, and inserts one of template 1.
    assert_eq!(last_frame(&page), json!([0, op::patch(ROWS), [1001, { "1": [["5001"]] }]]).to_string());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn handlers_of_rows_that_were_not_rendered_again_work_and_end_with_their_rows() -> lanai_test::Result {
    let app = lanai_test::app(App::new().route("/", live(Items::mount)));
    let page = app.visit("/").await?;
    let remove = |item: u32| role("button").named(format!("Remove {item}"));
    // The frame keeps the rows before the removed one, and does not mention the others.
    let kept_before = |event: u32, removed: &str, rows: u32| {
        json!([event, op::set(REMOVED), removed, op::patch(ROWS), [rows, -1]]).to_string()
    };
    let old = page.wire().handler_of(remove(7), "click")?;
    page.click(remove(7)).await?;
    assert_eq!(last_frame(&page), kept_before(1, "[7]", 7));
    page.click(remove(900)).await?;
    assert_eq!(last_frame(&page), kept_before(2, "[7, 900]", 899));
    // The handler of a removed row is refused.
    page.wire().forge_event(&old, None).await?;
    assert_eq!((last_frame(&page).as_str(), app.stats().refused_events), ("[3]", 1));
    app.broker().publish(ITEMS, 5000).unwrap();
    page.has(remove(5000)).await?;
    page.click(remove(5000)).await?;
    assert_eq!(last_frame(&page), kept_before(4, "[7, 900, 5000]", 998));
    Ok(())
}

/// Shows a list that several views share.
struct Shown(SharedList<u32>);

impl View for Shown {
    fn render(&self) -> Html<Self> {
        html! { ul { @for item in &self.0 { li { (item) } } } }
    }
}

#[tokio::test(start_paused = true)]
async fn a_shared_list_is_shown_by_all_views_that_watch_it() -> lanai_test::Result {
    let list = SharedList::new().limit(3);
    list.push(1);
    let state = list.clone();
    let mount = move |cx: Cx<Shown>| {
        let list = cx.watch(&state);
        async move { Shown(list) }
    };
    let app = lanai_test::app(App::new().route("/", live(mount)));
    let pages = [app.visit("/").await?, app.visit("/").await?];
    for page in &pages {
        assert_eq!(page.texts(css("li")), ["1"]);
    }
    for item in 2..5 {
        list.push(item);
        for page in &pages {
            page.has(text(item.to_string())).await?;
        }
        // The frames for all pages are the same, and contain only the new row.
        let frame = last_frame(&pages[0]);
        assert_eq!(frame, last_frame(&pages[1]));
        assert!(frame.contains(&format!("[\"{item}\"]")), "{frame}");
    }
    for page in &pages {
        assert_eq!(page.texts(css("li")), ["2", "3", "4"], "the list keeps the last three items");
    }
    // A page that comes later has them in its first HTML.
    let late = app.person().get("/").await?.body;
    let items: Vec<&str> = late.split("<li data-l=\"\">").skip(1).map(|item| &item[..1]).collect();
    assert_eq!(items, ["2", "3", "4"]);
    Ok(())
}
