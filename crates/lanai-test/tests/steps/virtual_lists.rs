//! Lists of which only the rows around the visible ones are rendered.

use std::ops::Range;
use std::time::Duration;

use lanai::Limits;
use lanai::prelude::*;
use lanai::virtual_list::{MissingPage, Pages, VirtualList};
use lanai_test::{Page, app, css};
use serde_json::{Value, json};

struct Long {
    rows: VirtualList<Self>,
    /// The texts of the rows that were loaded.
    loaded: Pages<String>,
    asked: Vec<Range<usize>>,
    is_slow: bool,
    sorted: u32,
    removed: usize,
}

impl Long {
    fn mount(cx: &Cx<Self>, count: usize) -> Self {
        let rows = cx.virtual_list("long").count(count).max_rows(50).on_rows(Self::load);
        Self { rows, loaded: Pages::new(20), asked: Vec::new(), is_slow: false, sorted: 0, removed: 0 }
    }

    fn load(&mut self, rows: Range<usize>, cx: &Cx<Self>) {
        self.asked.push(rows);
        let (sorted, is_slow) = (self.sorted, self.is_slow);
        for page in self.loaded.missing(&self.rows) {
            let query = async move {
                if is_slow {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                page
            };
            cx.spawn(query, move |this: &mut Self, page: MissingPage| {
                let rows = page.rows().map(|row| format!("{row}/{sorted}")).collect();
                this.loaded.fill(page, Ok::<_, Error>(rows));
            });
        }
    }

    fn jump(&mut self) {
        self.rows.jump_to(600_000);
    }

    fn insert(&mut self) {
        self.rows.insert(0, 3);
    }

    fn remove(&mut self) {
        self.rows.remove(0..3);
        self.removed += 3;
    }

    fn shorten(&mut self) {
        self.rows.set_len(2);
    }

    fn slow(&mut self) {
        self.is_slow = true;
    }

    fn sort(&mut self, cx: &Cx<Self>) {
        self.sorted += 1;
        self.loaded.clear();
        self.load(self.rows.range(), cx);
    }
}

impl View for Long {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::jump) { "Jump" }
            button onclick=(Self::insert) { "Insert" }
            button onclick=(Self::remove) { "Remove" }
            button onclick=(Self::shorten) { "Shorten" }
            button onclick=(Self::slow) { "Slow" }
            button onclick=(Self::sort) { "Sort" }
            p #state { (format!("{:?} at {} of {}", self.rows.range(), self.rows.first_visible(), self.rows.len())) }
            p #asked { (self.asked.len()) }
            ul #rows data-lanai-rows=(self.rows) {
                @for row in &self.rows {
                    li key=(row) { (self.loaded.get(row).map_or("…", String::as_str)) }
                }
            }
        }
    }
}

async fn visit(count: usize) -> lanai_test::Result<Page> {
    app(App::new().route("/", live(move |cx: Cx<Long>| async move { Long::mount(&cx, count) }))).visit("/").await
}

async fn state(page: &Page, wanted: &str) -> lanai_test::Result {
    page.within(css("#state")).sees(wanted).await
}

/// Asks for rows, as the client does.
async fn show(page: &Page, request: Value) -> lanai_test::Result {
    let answer = page.channel("lanai-rows:long").request("show", request).await?;
    assert_eq!(answer, Ok(Value::Null));
    Ok(())
}

async fn rows(page: &Page, wanted: usize) -> lanai_test::Result {
    page.until(&format!("there are {wanted} rows"), |page| page.count(css("#rows > li")) == wanted).await
}

#[tokio::test(start_paused = true)]
async fn the_first_html_has_the_first_rows_which_are_loaded_already() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    state(&page, "0..30 at 0 of 1000000").await?;
    rows(&page, 30).await?;
    page.within(css("#rows")).sees("29/0").await
}

#[tokio::test(start_paused = true)]
async fn the_page_gets_the_rows_that_it_asks_for() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    show(&page, json!([500_000, 500_020, 500_007, null])).await?;
    state(&page, "500000..500020 at 500007 of 1000000").await?;
    rows(&page, 20).await?;
    page.within(css("#rows")).sees("500019/0").await
}

#[tokio::test(start_paused = true)]
async fn forged_ranges_render_no_more_rows_than_the_limit() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    show(&page, json!([0, u64::MAX, u64::MAX, 999_999])).await?;
    state(&page, "0..50 at 999999 of 1000000").await?;
    rows(&page, 51).await?;
    show(&page, json!([u64::MAX, 0, 0, u64::MAX])).await?;
    state(&page, "999999..1000000 at 0 of 1000000").await?;
    rows(&page, 1).await?;
    // What is no range is refused, and changes nothing.
    for forged in [json!([-1, 5, 0, null]), json!([0.5, 5, 0, null]), json!("all"), json!([0, 5]), json!(null)] {
        let answer = page.channel("lanai-rows:long").request("show", forged.clone()).await?;
        assert!(answer.is_err(), "{forged}");
    }
    state(&page, "999999..1000000 at 0 of 1000000").await
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_ranges_costs_as_many_renderings_as_events_are_allowed() -> lanai_test::Result {
    let limits = Limits { events_per_second: 20, ..Limits::default() };
    let program = App::new().limits(limits).route("/", live(|cx: Cx<Long>| async move { Long::mount(&cx, 1_000_000) }));
    let page = app(program).visit("/").await?;
    let channel = page.channel("lanai-rows:long");
    let start = tokio::time::Instant::now();
    for row in 0..200 {
        drop(channel.emit("show", json!([row, row + 10, row, null])));
        show(&page, json!([row * 1000, row * 1000 + 10, row, null])).await?;
    }
    assert!(start.elapsed() >= Duration::from_secs(8), "{:?}", start.elapsed());
    state(&page, "199000..199010 at 199 of 1000000").await
}

#[tokio::test(start_paused = true)]
async fn the_row_with_the_focus_stays_and_keeps_its_content() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    show(&page, json!([500_000, 500_020, 500_000, 7])).await?;
    rows(&page, 21).await?;
    page.within(css("#rows > li:first-child")).sees("7/0").await?;
    show(&page, json!([500_000, 500_020, 500_000, 900_000])).await?;
    page.within(css("#rows > li:last-child")).sees("900000/0").await?;
    show(&page, json!([500_000, 500_020, 500_000, null])).await?;
    rows(&page, 20).await
}

#[tokio::test(start_paused = true)]
async fn a_jump_shows_the_row_and_tells_the_page() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    page.click("Jump").await?;
    state(&page, "600000..600030 at 600000 of 1000000").await?;
    page.has(css("#rows[data-lanai-rows='600000 600030 1000000 40 0 600000 1 -1 long']")).await?;
    page.within(css("#rows")).sees("600000/0").await
}

#[tokio::test(start_paused = true)]
async fn the_window_follows_rows_that_come_and_go_above() -> lanai_test::Result {
    let page = visit(1000).await?;
    show(&page, json!([100, 120, 105, null])).await?;
    page.click("Insert").await?;
    state(&page, "103..123 at 108 of 1003").await?;
    page.click("Remove").await?;
    page.click("Remove").await?;
    state(&page, "97..117 at 102 of 997").await?;
    page.click("Shorten").await?;
    state(&page, "0..2 at 1 of 2").await?;
    rows(&page, 2).await
}

#[tokio::test(start_paused = true)]
async fn rows_that_load_slowly_are_placeholders_first() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    page.click("Slow").await?;
    show(&page, json!([700_000, 700_010, 700_000, null])).await?;
    page.within(css("#rows")).sees("…").await?;
    page.within(css("#rows")).sees("700009/0").await?;
    page.within(css("#rows")).sees_not("…").await
}

#[tokio::test(start_paused = true)]
async fn rows_of_an_old_order_are_not_shown_after_a_sort() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    page.click("Slow").await?;
    show(&page, json!([700_000, 700_010, 700_000, null])).await?;
    page.click("Sort").await?;
    page.within(css("#rows")).sees("700009/1").await?;
    page.within(css("#rows")).sees_not("/0").await
}

#[tokio::test(start_paused = true)]
async fn the_same_rows_again_load_nothing() -> lanai_test::Result {
    let page = visit(1_000_000).await?;
    for _ in 0..5 {
        show(&page, json!([500, 520, 500, null])).await?;
    }
    page.within(css("#asked")).sees("2").await
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_and_a_short_one_are_whole() -> lanai_test::Result {
    let page = visit(0).await?;
    state(&page, "0..0 at 0 of 0").await?;
    show(&page, json!([0, 10, 5, 3])).await?;
    rows(&page, 0).await?;
    page.click("Insert").await?;
    rows(&page, 3).await
}
