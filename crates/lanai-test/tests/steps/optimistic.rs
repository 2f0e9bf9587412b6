//! Optimistic updates: what a page shows between an event and its answer, and that the answer always wins.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lanai::js;
use lanai::prelude::*;
use lanai_test::{Page, Result, ViewPage, css, label, view};

/// A list whose handlers refuse everything as long as a flag says so.
#[derive(Clone)]
struct List {
    rows: Vec<Row>,
    next: u64,
    refuses: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Row {
    id: u64,
    text: String,
    is_done: bool,
}

#[derive(Deserialize)]
struct Draft {
    text: String,
}

impl List {
    fn new(texts: &[&str]) -> Self {
        let rows = texts.iter().zip(0..).map(|(text, id)| Row { id, text: (*text).into(), is_done: false });
        Self { rows: rows.collect(), next: texts.len() as u64, refuses: Arc::default() }
    }

    fn refuses(&self) -> bool {
        self.refuses.load(Ordering::Relaxed)
    }

    fn at(&self, id: u64) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    fn remove(&mut self, id: u64) {
        if !self.refuses() {
            self.rows.retain(|row| row.id != id);
        }
    }

    fn toggle(&mut self, id: u64) {
        if let Some(at) = self.at(id).filter(|_| !self.refuses()) {
            self.rows[at].is_done ^= true;
        }
    }

    fn rename(&mut self, id: u64) {
        if let Some(at) = self.at(id).filter(|_| !self.refuses()) {
            self.rows[at].text = "renamed".into();
        }
    }

    fn move_up(&mut self, id: u64) {
        if let Some(at) = self.at(id).filter(|at| !self.refuses() && *at > 0) {
            self.rows.swap(at, at - 1);
        }
    }

    fn move_last(&mut self, id: u64) {
        if let Some(at) = self.at(id).filter(|_| !self.refuses()) {
            let row = self.rows.remove(at);
            self.rows.push(row);
        }
    }

    fn add(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        if !self.refuses() && !draft.text.trim().is_empty() {
            self.rows.push(Row { id: self.next, text: draft.text, is_done: false });
            self.next += 1;
            cx.reset_form();
        }
    }
}

impl View for List {
    fn render(&self) -> Html<Self> {
        let row = || js::closest("li");
        html! {
            ul #rows {
                @for Row { id, text, is_done } in &self.rows {
                    @let id = *id;
                    li key=(id) class=[is_done.then_some("done")] {
                        span { (text) }
                        @if *is_done { " (done)" }
                        input type="checkbox" aria-label=(format!("Done {id}")) checked[*is_done]
                            onchange=(on(move |list: &mut Self| list.toggle(id)).optimistic(js::toggle_class("done", row())));
                        button onclick=(on(move |list: &mut Self| list.remove(id)).optimistic(js::remove(row()))) {
                            "Remove " (id)
                        }
                        button onclick=(
                            on(move |list: &mut Self| list.rename(id))
                                .optimistic(js::set_text(row().inside("span"), "renamed"))
                        ) { "Rename " (id) }
                        button onclick=(on(move |list: &mut Self| list.move_up(id)).optimistic(js::move_up(row()))) {
                            "Up " (id)
                        }
                        button onclick=(
                            on(move |list: &mut Self| list.move_last(id)).optimistic(js::move_into(row(), "#rows"))
                        ) { "Last " (id) }
                    }
                }
            }
            p { (self.rows.len()) " rows" }
            template #new-row { li { span data-lanai-value="text" {} " …" } }
            form onsubmit=(on(Self::add).optimistic(js::append("#new-row", "#rows"))) {
                input name="text" aria-label="Text";
                button { "Add" }
            }
        }
    }
}

/// What people see of the rows.
fn shown(page: &Page) -> Vec<String> {
    page.texts(css("li:not([hidden]) span"))
}

/// A page whose answers take a second.
async fn slow(texts: &[&str]) -> Result<(ViewPage<List>, Arc<AtomicBool>)> {
    let list = List::new(texts);
    let refuses = list.refuses.clone();
    let page = view(list).await?;
    page.slow(Duration::from_millis(500));
    page.wait_for_answers(false);
    Ok((page, refuses))
}

/// Waits until all is answered, and then compares the page with a rendering that was never patched.
async fn settles(page: &ViewPage<List>) -> Result {
    page.until("all events are answered", |page| page.count(css("[data-lanai-pending]")) == 0).await?;
    page.until("the network is quiet", |page| page.is_connected()).await?;
    assert_eq!(page.count(css("[data-lanai-optimistic]")), 0, "{}", page.html());
    let state = page.read(List::clone).await?;
    let fresh = view(state).await?;
    let live = |page: &Page| page.within(css("ul")).html();
    assert_eq!(live(page), live(&fresh));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_row_is_gone_at_once_and_for_good() -> Result {
    let (page, _) = slow(&["a", "b", "c"]).await?;
    page.click("Remove 1").await?;
    assert_eq!(shown(&page), ["a", "c"]);
    page.sees("3 rows").await?;
    page.sees("2 rows").await?;
    assert_eq!(shown(&page), ["a", "c"]);
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn a_refused_removal_comes_back_with_the_answer() -> Result {
    let (page, refuses) = slow(&["a", "b", "c"]).await?;
    refuses.store(true, Ordering::Relaxed);
    page.click("Remove 1").await?;
    assert_eq!(shown(&page), ["a", "c"]);
    page.click("Rename 2").await?;
    assert_eq!(page.texts(css("[data-lanai-optimistic]")), ["renamed"]);
    page.sees("Remove 1").await?;
    assert_eq!(shown(&page), ["a", "b", "c"]);
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn one_in_the_middle_is_refused() -> Result {
    let (page, refuses) = slow(&["a", "b", "c", "d"]).await?;
    page.click("Remove 0").await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    page.click("Remove 1").await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    page.click("Remove 2").await?;
    assert_eq!(shown(&page), ["d"]);
    // The first event arrives after 500 ms, the second at 600 ms, and the third at 700 ms.
    tokio::time::sleep(Duration::from_millis(350)).await;
    refuses.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(100)).await;
    refuses.store(false, Ordering::Relaxed);
    assert_eq!(shown(&page), ["d"], "no answer has arrived");
    page.sees("2 rows").await?;
    settles(&page).await?;
    assert_eq!(shown(&page), ["b", "d"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn another_persons_change_of_the_same_row_is_shown_below_it() -> Result {
    let (page, refuses) = slow(&["a", "b"]).await?;
    refuses.store(true, Ordering::Relaxed);
    page.click("Rename 1").await?;
    assert_eq!(shown(&page), ["a", "renamed"]);
    // This frame answers nothing, and arrives before the answer.
    page.cx().update(|list: &mut List| list.rows[1].text = "by another".into());
    page.cx().update(|list: &mut List| list.rows[0].text = "too".into());
    page.sees("too").await?;
    assert_eq!(shown(&page), ["too", "renamed"]);
    page.sees("by another").await?;
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn others_move_and_remove_rows_meanwhile() -> Result {
    let (page, _) = slow(&["a", "b", "c", "d"]).await?;
    page.click("Up 2").await?;
    page.click("Last 0").await?;
    page.click("Rename 3").await?;
    assert_eq!(shown(&page), ["c", "b", "renamed", "a"]);
    page.cx().update(|list: &mut List| {
        list.rows.retain(|row| row.id != 3);
        list.rows.reverse();
    });
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn a_row_is_inserted_with_what_was_typed() -> Result {
    let (page, _) = slow(&["a"]).await?;
    page.fill(label("Text"), "<b>new</b>").await?;
    page.click("Add").await?;
    assert_eq!(shown(&page), ["a", "<b>new</b>"]);
    assert_eq!(page.texts(css("li")).last().map(String::as_str), Some("<b>new</b> …"));
    page.sees("2 rows").await?;
    assert_eq!(shown(&page), ["a", "<b>new</b>"]);
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn a_cut_changes_nothing_about_it() -> Result {
    let (page, refuses) = slow(&["a", "b", "c"]).await?;
    page.click("Remove 0").await?;
    page.disconnect();
    page.click("Up 2").await?;
    assert_eq!(shown(&page), ["c", "b"]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(shown(&page), ["c", "b"], "still pending");
    refuses.store(true, Ordering::Relaxed);
    page.reconnect().await?;
    page.until("the answers are here", |page| shown(page) == ["a", "b", "c"]).await?;
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn a_cut_between_an_event_and_its_answer_changes_nothing_about_it() -> Result {
    let (page, _) = slow(&["a", "b", "c"]).await?;
    page.click("Remove 0").await?;
    // The event has arrived, and the answer is lost on its way.
    tokio::time::sleep(Duration::from_millis(700)).await;
    page.disconnect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.reconnect().await?;
    page.sees("2 rows").await?;
    assert_eq!(shown(&page), ["b", "c"]);
    settles(&page).await
}

#[tokio::test(start_paused = true)]
async fn a_new_view_shows_what_it_renders() -> Result {
    let program = || App::new().route("/", live(|_cx: Cx<List>| async { List::new(&["a", "b"]) }));
    let app = lanai_test::app(program());
    let page = app.visit("/").await?;
    page.disconnect();
    page.wait_for_answers(false);
    page.click("Remove 0").await?;
    assert_eq!(shown(&page), ["b"]);
    app.restart(program());
    page.reconnect().await?;
    page.sees("Your last actions could not be confirmed.").await?;
    assert_eq!(shown(&page), ["a", "b"]);
    assert_eq!(page.count(css("[data-lanai-optimistic]")), 0);
    page.click("Remove 1").await?;
    page.until("it is removed", |page| page.texts(css("li span")) == ["a"]).await
}

/// A generator of numbers that are the same in each run: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }
}

#[tokio::test(start_paused = true)]
async fn after_all_answers_the_page_is_what_the_view_renders_whatever_happened() -> Result {
    for seed in 1_u64..=40 {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (page, refuses) = slow(&["a", "b", "c", "d", "e"]).await?;
        let mut is_connected = true;
        for _ in 0..40 {
            let id = random.below(9) as u64;
            match random.below(14) {
                0..=5 => {
                    let name = ["Remove", "Rename", "Up", "Last", "Up", "Last"][random.below(6)];
                    // People do not click what they do not see.
                    let button = format!("{name} {id}");
                    let is_shown = page.texts(css("li:not([hidden]) button")).contains(&button);
                    if is_shown && (name != "Remove" || page.count(css("li")) > 2) {
                        page.click(button.as_str()).await?;
                    }
                }
                6 => {
                    if page.texts(css("li:not([hidden]) button")).contains(&format!("Up {id}")) {
                        page.click(label(format!("Done {id}"))).await?;
                    }
                }
                7 => {
                    page.fill(label("Text"), format!("typed {id}")).await?;
                    page.click("Add").await?;
                }
                8 => refuses.store(random.below(2) == 0, Ordering::Relaxed),
                9 => page.cx().update(move |list: &mut List| {
                    let at = id as usize % list.rows.len();
                    list.rows[at].text = format!("by another {id}");
                }),
                10 => page.cx().update(move |list: &mut List| {
                    let at = id as usize % list.rows.len();
                    list.rows.rotate_left(at);
                }),
                11 => page.cx().update(move |list: &mut List| {
                    if list.rows.len() > 2 {
                        list.rows.remove(id as usize % list.rows.len());
                    }
                }),
                12 => {
                    if is_connected {
                        page.disconnect();
                    } else {
                        page.reconnect().await?;
                    }
                    is_connected = !is_connected;
                }
                _ => tokio::time::sleep(Duration::from_millis(random.below(700) as u64)).await,
            }
        }
        if !is_connected {
            page.reconnect().await?;
        }
        settles(&page).await?;
    }
    Ok(())
}

/// A list that many pages share.
struct SharedList;

struct Around {
    list: lanai::Shared<List>,
}

impl SharedList {
    async fn mount(cx: Cx<Around>) -> Around {
        Around { list: cx.shared("list", |_| List::new(&["a", "b", "c"])) }
    }
}

impl View for Around {
    fn render(&self) -> Html<Self> {
        html! { (self.list) }
    }
}

#[tokio::test(start_paused = true)]
async fn rows_of_a_shared_view_go_at_once_and_the_answer_decides() -> Result {
    let app = lanai_test::app(App::new().route("/", live(SharedList::mount)));
    let (ann, bob) = (app.visit("/").await?, app.visit("/").await?);
    for page in [&ann, &bob] {
        page.slow(Duration::from_millis(500));
        page.wait_for_answers(false);
    }
    ann.click("Remove 0").await?;
    bob.click("Rename 0").await?;
    bob.click("Rename 1").await?;
    assert_eq!((shown(&ann), shown(&bob)), (texts(&["b", "c"]), texts(&["renamed", "renamed", "c"])));
    for page in [&ann, &bob] {
        page.until("all is answered", |page| shown(page) == texts(&["renamed", "c"])).await?;
        page.until("all is over", |page| page.count(css("[data-lanai-optimistic],[data-lanai-pending]")) == 0).await?;
        assert_eq!(shown(page), texts(&["renamed", "c"]));
    }
    Ok(())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
