//! Flows inside a view.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lanai::flow::Flow;
use lanai::prelude::*;
use lanai_test::{Result as Tested, css};

use crate::serve;

/// A shopping list whose items are deleted after two questions.
struct Shopping {
    cx: Cx<Self>,
    items: Vec<&'static str>,
    deletes: Option<&'static str>,
    /// How often something was counted, besides.
    count: u32,
    /// Whether the function of the last flow was dropped.
    is_dropped: Arc<AtomicBool>,
}

struct NotesDrop(Arc<AtomicBool>);

impl Drop for NotesDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Shopping {
    fn new(cx: Cx<Self>, is_dropped: Arc<AtomicBool>) -> Self {
        Self { cx, items: vec!["bread", "milk"], deletes: None, count: 0, is_dropped }
    }

    fn deleted(&mut self, item: &str) {
        self.items.retain(|other| *other != item);
        self.deletes = None;
    }
}

async fn delete(mut page: Flow, item: &'static str, shopping: Cx<Shopping>, dropped: Arc<AtomicBool>) {
    let _dropped = NotesDrop(dropped);
    for question in ["Really", "Really and truly"] {
        let yes = page.ask(|at| {
            html! {
                p.question { (question) ", " (item) "?" }
                button onclick=(at.answer(true)) { "Yes" }
                button onclick=(at.answer(false)) { "No" }
            }
        });
        if !yes.await {
            return shopping.update(|shopping| shopping.deletes = None);
        }
    }
    shopping.update(|shopping| shopping.deleted(item));
}

impl View for Shopping {
    fn render(&self) -> Html<Self> {
        html! {
            @for item in &self.items {
                @let item = *item;
                li key=(item) { (item) button onclick=(move |this: &mut Self| this.deletes = Some(item)) { "Delete " (item) } }
            }
            button onclick=(|this: &mut Self| this.count += 1) { "Count" }
            output { (self.count) }
            @if let Some(item) = self.deletes {
                dialog open {
                    (self.cx.flow(item, |page| delete(page, item, self.cx.clone(), self.is_dropped.clone())))
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flow_inside_a_view_asks_while_the_rest_goes_on_and_tells_the_view() -> Tested {
    let page = serve(|cx| async { Shopping::new(cx, Arc::default()) }).visit("/").await?;
    page.click("Delete milk").await?;
    page.sees("Really, milk?").await?;
    page.click("Count").await?;
    page.click("Yes").await?;
    page.sees("Really and truly, milk?").await?;
    assert_eq!(page.text_of(css("output"))?, "1");
    page.click("Yes").await?;
    page.sees_not("milk").await?;
    assert_eq!(page.count(css("dialog")), 0);
    // The same flow begins anew after it was left out.
    for _ in 0..2 {
        page.click("Delete bread").await?;
        page.click("Yes").await?;
        page.click("No").await?;
        page.sees_not("Really").await?;
    }
    assert_eq!(page.texts(css("li")), ["bread Delete bread"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_flow_ends_where_it_waits_when_a_rendering_leaves_it_out() -> Tested {
    let is_dropped = Arc::<AtomicBool>::default();
    let shared = is_dropped.clone();
    let app = serve(move |cx| std::future::ready(Shopping::new(cx, shared.clone())));
    let page = app.visit("/").await?;
    page.click("Delete milk").await?;
    page.sees("Really, milk?").await?;
    assert!(!is_dropped.load(Ordering::Relaxed));
    page.click("Delete bread").await?;
    page.sees("Really, bread?").await?;
    app.until("the first function was dropped", |_| is_dropped.load(Ordering::Relaxed)).await?;
    assert_eq!(page.texts(css(".question")), ["Really, bread?"]);
    Ok(())
}

/// A view that everybody shows, with a flow that everybody can answer.
struct Vote {
    cx: Cx<Self>,
    result: Option<bool>,
}

impl View for Vote {
    fn render(&self) -> Html<Self> {
        html! {
            @match self.result {
                Some(result) => p { "Decided: " (result) },
                None => (self.cx.flow("vote", |page| vote(page, self.cx.clone()))),
            }
        }
    }
}

async fn vote(mut page: Flow, view: Cx<Vote>) {
    let yes =
        page.ask(|at| html! { button onclick=(at.answer(true)) { "Yes" } button onclick=(at.answer(false)) { "No" } });
    let yes = yes.await;
    view.update(move |view| view.result = Some(yes));
}

struct Voter(Shared<Vote>);

impl View for Voter {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flow_inside_a_shared_view_is_on_all_its_pages() -> Tested {
    let app = serve(|cx: Cx<Voter>| async move { Voter(cx.shared("vote", |cx: Cx<Vote>| Vote { cx, result: None })) });
    let (ada, bob) = (app.visit("/").await?, app.visit("/").await?);
    ada.sees("Yes").await?;
    bob.click("No").await?;
    ada.sees("Decided: false").await?;
    bob.sees("Decided: false").await?;
    Ok(())
}

struct Around {
    cx: Cx<Self>,
}

impl View for Around {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Around" } (self.cx.flow("steps", with_a_step)) }
    }
}

async fn with_a_step(mut page: Flow) -> Result<Html> {
    page.ask(|at| html! { button onclick=(at.answer(())) { "Go on" } }).await;
    page.step("address", async |_, _: Option<()>| Ok(())).await?;
    Ok(html! {})
}

#[tokio::test(start_paused = true)]
async fn a_step_in_a_flow_inside_a_view_is_a_mistake_that_the_log_explains() -> Tested {
    let app = serve(|cx| async { Around { cx } });
    let page = app.visit("/").await?;
    page.wait_for_answers(false);
    page.click("Go on").await?;
    app.until("it has panicked", |stats| stats.panics == 1).await?;
    page.sees("in a flow inside a view, which has no entries in the browser's history").await?;
    page.sees("Around").await
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_fails_shows_the_error_page_in_its_place_only() -> Tested {
    struct Failing {
        cx: Cx<Self>,
    }
    impl View for Failing {
        fn render(&self) -> Html<Self> {
            html! { h1 { "Around" } (self.cx.flow("fails", fails)) }
        }
    }
    async fn fails(mut page: Flow) -> Result<Html> {
        page.ask(|at| html! { button onclick=(at.answer(())) { "Go on" } }).await;
        Err(Error::not_found())
    }
    let page = serve(|cx| async { Failing { cx } }).visit("/").await?;
    page.click("Go on").await?;
    page.sees("404 Not Found").await?;
    page.sees("Around").await
}
